"""The rules of other systems, said in this language: they load, and alert where they should."""

from __future__ import annotations

from pathlib import Path

import pytest

from txmon.authoring import run_cases
from txmon.packs import load_cases
from yardstick import table

HERE = Path(__file__).parent
TOLD_EACH_TIME = {"tz-044", "tz-045"}
"""Rules that put every payment into a band."""


@pytest.mark.parametrize("name", table.PACKS)
def test_every_case_comes_out_as_written(name: str) -> None:
    report = run_cases(HERE / name)

    assert [(one.rule, one.name, one.lines) for one in report.failed] == []
    assert {one.rule for one in report.results} == {rule.id for rule in table.pack(name).rules}


@pytest.mark.parametrize("name", table.PACKS)
def test_every_rule_fires_somewhere_and_is_silent_somewhere(name: str) -> None:
    for path in sorted((HERE / name / "rules").glob("*.cases.yaml")):
        document, _, findings = load_cases(path)
        assert document is not None, findings
        cases = document.cases
        assert any(case.expect for case in cases), path.name
        silent = any(len(case.expect) < len(case.events.splitlines()) - 1 for case in cases)
        assert silent or document.rule in TOLD_EACH_TIME, path.name


def test_every_row_of_the_catalogue_is_a_rule_or_says_why_not() -> None:
    written = {row for rule in table.pack("catalogue").rules for row in rule.references}

    assert written | set(table.NOTES) == set(table.rows())
    assert len(table.pack("tazama").rules) == 33


def test_the_page_tells_what_carries_each_rule() -> None:
    assert table.PAGE.read_text(encoding="utf-8") == table.page()
