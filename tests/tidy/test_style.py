"""House rules that no linter knows: sizes, docstrings, who prints, what is public."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

import pytest

import txmon
from tidy.source import MODULES, functions, name_of, tree

if TYPE_CHECKING:
    from pathlib import Path

IDS = [name_of(path) for path in MODULES]
LONGEST_FUNCTION = 60
LONGEST_FILE = 500


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_modules_say_what_they_are_for(path: Path) -> None:
    assert ast.get_docstring(tree(path))


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_functions_and_files_are_short(path: Path) -> None:
    sizes = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions(path)}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST_FILE


def test_only_the_command_line_prints_and_exits() -> None:
    words = {"stdout", "stderr", "exit", "_exit", "basicConfig"}
    found = {
        name_of(path)
        for path in MODULES
        for node in ast.walk(tree(path))
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"print", "input", "exit"}
        )
        or (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and node.value.id in {"sys", "os", "logging"}
            and node.attr in words
        )
    }
    ours = ("txmon.cli", "txmon.__main__")
    assert {name for name in found if not name.startswith(ours)} == set()


def test_nothing_that_computes_reads_the_clock_or_rolls_dice() -> None:
    clocks = re.compile(r"datetime\.now|utcnow|date\.today|time\.time\(|random\.(seed|random)\b")
    found = [name_of(path) for path in MODULES if clocks.search(path.read_text())]
    assert found == ["txmon.cli.occasion"], "it tells when a run was; nothing computes with it"


def test_the_public_names_are_those_that_are_declared() -> None:
    assert dir(txmon) == sorted(txmon.__all__) == txmon.__all__
    for name in txmon.__all__:
        assert getattr(txmon, name).__doc__, name
    with pytest.raises(AttributeError, match="no attribute 'scoer'"):
        _ = txmon.scoer  # type: ignore[attr-defined]


def test_the_doors_hand_out_what_they_declare() -> None:
    for path in MODULES:
        if path.name != "__init__.py":
            continue
        module = __import__(name_of(path), fromlist=["__all__"])
        for name in getattr(module, "__all__", ()):
            assert hasattr(module, name), (name_of(path), name)
