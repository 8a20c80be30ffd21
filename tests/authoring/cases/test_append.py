"""Cases are added behind those of a file, and nothing else in it changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from txmon.authoring.cases.append import append_cases
from txmon.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

NEW = "  - name: new\n    events: |\n      at amount\n      +0h 5\n    expect: []\n"
OLD = "  - name: old # of mine\n    events: |\n      at\n    expect: []\n"


def added(folder: Path, text: str) -> str:
    file = folder / "some.cases.yaml"
    file.write_text(text, encoding="utf-8")
    append_cases(file, [NEW])
    return file.read_text(encoding="utf-8")


def test_behind_the_last(tmp_path: Path) -> None:
    text = f"rule: some\ncases:\n{OLD}"

    assert added(tmp_path, text) == text + NEW


def test_where_the_last_line_has_no_break(tmp_path: Path) -> None:
    text = f"rule: some\ncases:\n{OLD}"

    assert added(tmp_path, text.rstrip("\n")) == text + NEW


def test_as_deep_as_the_others(tmp_path: Path) -> None:
    text = "rule: some\ncases:\n- name: old\n  expect: []\n"

    flat = "".join(line.removeprefix("  ") for line in NEW.splitlines(keepends=True))
    assert added(tmp_path, text) == text + flat


def test_before_the_keys_that_follow(tmp_path: Path) -> None:
    text = f"cases:\n{OLD}rule: some\n"

    assert added(tmp_path, text) == f"cases:\n{OLD}{NEW}rule: some\n"


@pytest.mark.parametrize(
    "text", ["rule: some\n", "rule: some\ncases: []\n", "cases: [{name: a}]\n"]
)
def test_a_file_without_cases_in_lines_is_left_alone(tmp_path: Path, text: str) -> None:
    with pytest.raises(OutputError, match="cases are added where there are some"):
        added(tmp_path, text)
    assert (tmp_path / "some.cases.yaml").read_text(encoding="utf-8") == text
