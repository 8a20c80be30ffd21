"""Every wrong rule of the table gives exactly its findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from language.wrong_rules import FOLDER, Case, findings, read_cases
from txmon.language.problems import Code

if TYPE_CHECKING:
    from pathlib import Path

CASES = [
    pytest.param(case, id=f"{path.stem}: {case.title}")
    for path in sorted(FOLDER.glob("*.txt"))
    for case in read_cases(path)
]


def test_the_table_has_enough_cases() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize("case", CASES)
def test_wrong_rule_gives_exactly_these_findings(case: Case, tmp_path: Path) -> None:
    assert case.expected, "run wrong_rules.py to write the findings, then read them"
    assert findings(case, tmp_path) == case.expected


def test_every_code_has_a_wrong_rule() -> None:
    # Those are about a call, and these come from other commands.
    elsewhere = {Code.SETTING, Code.SELECTION}
    elsewhere |= {Code.LOCK, Code.LOCK_LOGIC, Code.ENDED_EXCEPTION}
    said = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt"))

    assert [code for code in Code if code not in elsewhere and f": {code} " not in said] == []
