"""Modules stand on floors and import only from those below; no circles, no imports in functions."""

from __future__ import annotations

import ast
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

import pytest

from tidy.source import MODULES, functions, imported, name_of, tree

if TYPE_CHECKING:
    from pathlib import Path

FLOORS = (
    "errors",
    "types",
    "model",
    "schema",
    "results",
    "language",
    "packs",
    "kernels",
    "plan",
    "evaluate",
    "sources",
    "sinks",
    "scoring",
    "rehearsal",
    "testing",
    "authoring",
    "report",
    "simulate",
    "cli",
    "__main__",
    "pytest_plugin",
)
"""From the ground up. The package itself, ``txmon``, shows what is public and stands on top;
only the command line may go through that door."""

ALLOWED_IN_FUNCTIONS = {
    ("txmon.cli.authoring", "txmon.authoring"): "start-up time",
    ("txmon.cli.cases", "txmon.authoring"): "start-up time",
    ("txmon.pytest_plugin", "txmon.packs"): "every run of pytest imports it",
    ("txmon.pytest_plugin", "txmon.packs.validate"): "likewise",
    ("txmon.pytest_plugin", "txmon.authoring.cases.run"): "likewise",
    ("txmon.cli.check", "txmon.authoring"): "start-up time",
    ("txmon.cli.schema", "txmon.authoring.schemas"): "start-up time",
    ("txmon.cli.new", "txmon.authoring.starters"): "start-up time",
    ("txmon.cli.new", "txmon.authoring.starters.write"): "start-up time",
    ("txmon.cli.mapping", "txmon.sources"): "start-up time",
    ("txmon.cli.mutate", "txmon.authoring"): "start-up time",
    ("txmon.cli.probe", "txmon.authoring"): "start-up time",
    ("txmon.cli.why", "txmon.authoring"): "start-up time",
    ("txmon.cli.diff", "txmon.authoring"): "start-up time",
    ("txmon.cli.why", "txmon.report.why_plot"): "Matplotlib: an extra that most runs go without",
    ("txmon.sinks.delta", "deltalake"): "an extra that most runs go without",
    ("txmon.cli.tools", "txmon.simulate"): "start-up time",
    ("txmon.cli.backtesting", "txmon.authoring"): "start-up time",
    ("txmon.cli.backtesting", "txmon.report.backtest"): "start-up time",
    ("txmon.cli.labels", "txmon.authoring.labels"): "start-up time",
    ("txmon.cli.tuning", "txmon.authoring"): "start-up time",
    ("txmon.cli.tuning", "txmon.report.tune"): "start-up time",
    ("txmon.cli.tuning", "txmon.report.tune_chart"): "an extra that most runs go without",
    (
        "txmon.cli.tools",
        "txmon.kernels",
    ): "start-up time: loads Numba",
    ("txmon.cli.tools", "txmon.sources"): "likewise",
    ("txmon.cli.tools", "txmon.evaluate"): "likewise",
}

IDS = [name_of(path) for path in MODULES]


def _floor(module: str) -> str:
    parts = module.split(".")
    return parts[1] if len(parts) > 1 else ""


def test_every_module_has_a_floor() -> None:
    assert {_floor(name) for name in IDS} - {""} == set(FLOORS)


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_modules_import_from_floors_below(path: Path) -> None:
    own = _floor(name_of(path))
    if own == "":
        return
    below = {own, *FLOORS[: FLOORS.index(own)]} | ({""} if own == "cli" else set())
    wrong = {name for name in imported(path) if _floor(name) not in below}
    assert not wrong


def test_modules_form_no_circle() -> None:
    graph = {name_of(path): imported(path, for_types=False) for path in MODULES}
    TopologicalSorter(graph).prepare()


def test_functions_import_nothing() -> None:
    found = {
        (name_of(path), node.module if isinstance(node, ast.ImportFrom) else node.names[0].name)
        for path in MODULES
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }
    assert found == set(ALLOWED_IN_FUNCTIONS)


def test_imports_are_absolute() -> None:
    relative = [
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative
