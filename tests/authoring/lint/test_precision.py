"""Lint has no false alarms on the rules that are here: each finding is mended, or silenced."""

from __future__ import annotations

from pathlib import Path

import pytest

from txmon.authoring import Lint, check_files
from txmon.authoring.lint.run import lint_pack
from txmon.packs import read_pack

ROOT = Path(__file__).parents[3]
PACKS = ("tests/yardstick/catalogue", "tests/yardstick/tazama", "rules")


@pytest.mark.parametrize("pack", PACKS)
def test_nothing_is_told_of_these_rules(pack: str) -> None:
    read, findings = check_files(ROOT / pack)
    assert read is not None
    assert len(read.rules) >= 9
    assert [str(finding) for finding in findings] == []


@pytest.mark.parametrize("pack", PACKS[:2])
def test_few_lints_of_logic_are_silenced(pack: str) -> None:
    """Of conditions and rows: the count that the page speaks of."""
    entries = [entry for file in read_pack(ROOT / pack).rules for entry in file.document.lint]
    assert {entry.code for entry in entries} <= {Lint.NO_FLOOR, Lint.NO_HISTORY}
    assert len(entries) <= 6


@pytest.mark.parametrize("file", sorted((ROOT / PACKS[0] / "rules").glob("a*[0-9a-z].yaml"))[:8])
def test_a_rule_checked_alone_is_as_quiet(file: Path) -> None:
    if not file.name.endswith(".cases.yaml"):
        assert lint_pack(read_pack(file)) == ()
