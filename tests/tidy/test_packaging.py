"""What is pinned, and what the wheel carries."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tidy.source import ROOT

if TYPE_CHECKING:
    from pathlib import Path

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINES = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PINS = {canonicalize_name(line.split("==")[0]): line.split("==")[1] for line in LINES}
EDITABLE = "editables"
"""What hatchling asks for when an editable wheel is built."""


def declared() -> list[Requirement]:
    project = PROJECT["project"]
    groups = (*project["optional-dependencies"].values(), project["dependencies"])
    wanted = (*PROJECT["build-system"]["requires"], EDITABLE)
    return [Requirement(text) for group in (*groups, wanted) for text in group_of(group)]


def group_of(group: list[str] | str) -> list[str]:
    return [group] if isinstance(group, str) else group


def test_constraints_are_plain_pins_in_order() -> None:
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", line) for line in LINES)
    assert sorted(LINES, key=str.lower) == LINES
    assert len(PINS) == len(LINES)


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_every_declared_dependency_is_pinned_within_its_range(requirement: Requirement) -> None:
    pin = PINS[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(pin)


def test_what_they_need_in_turn_is_pinned_too() -> None:
    seen: set[str] = set()
    waiting = [(item.name, frozenset(item.extras)) for item in declared()]
    while waiting:
        name, extras = waiting.pop()
        key = canonicalize_name(name)
        if key in seen:
            continue
        seen.add(key)
        try:
            needs = requires(name) or []
        except PackageNotFoundError:  # the builder's, not installed here
            continue
        for need in map(Requirement, needs):
            asked = [{"extra": extra} for extra in ("", *extras)]
            if need.marker is None or any(need.marker.evaluate(one) for one in asked):
                waiting.append((need.name, frozenset(need.extras)))
    assert seen <= set(PINS)


def test_the_tests_run_with_what_is_pinned() -> None:
    names = {
        canonicalize_name(item.name)
        for item in map(Requirement, PROJECT["project"]["dependencies"])
    }
    assert {name: version(name) for name in names} == {name: PINS[name] for name in names}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    pytest.importorskip("hatchling")
    folder: Path = tmp_path_factory.mktemp("wheel")
    command = ["wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run(  # noqa: S603 - a command of our own
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *command, str(ROOT)],
        check=True,
    )
    (file,) = folder.glob("*.whl")
    return zipfile.ZipFile(file)


def test_the_wheel_carries_the_rules_and_its_types(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    rules = {
        f"txmon/rules/{path.relative_to(ROOT / 'rules').as_posix()}"
        for path in (ROOT / "rules").rglob("*")
        if path.is_file()
    }
    assert rules | {"txmon/py.typed", "txmon/cli/main.py"} <= names
    assert {name.split("/")[0] for name in names} == {
        "txmon",
        f"txmon-{version('txmon')}.dist-info",
    }
    assert not [name for name in names if "__pycache__" in name or name.endswith((".nbi", ".nbc"))]


def test_a_bare_wheel_loads_the_shipped_pack(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    script = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import txmon; "
        "print(txmon.__file__, txmon.load_pack().path)"
    )
    ran = subprocess.run(  # noqa: S603 - a script of our own
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    package = tmp_path / "txmon"
    assert ran.stdout.split() == [str(package / "__init__.py"), str(package / "rules")]
