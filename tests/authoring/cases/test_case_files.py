from __future__ import annotations

from datetime import UTC, datetime, timedelta
from textwrap import dedent, indent
from typing import TYPE_CHECKING

import pytest

from txmon.authoring.cases.files import Case, read_cases
from txmon.packs import load_pack

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.errors import Finding

PACK = """
name: test
version: 1.0.0
currency: CNY
timezone: UTC
values: {kind: [transfer, card]}
"""
RULE = """
id: big
version: 1.0.0
title: A big payment
typology: test.big
severity: low
status: draft
by: debtor_account
when: amount >= 100
"""
HEAD = """\
rule: big
start: 2026-03-01T08:00:00+08:00
row: {debtor_account: V1, kind: transfer, currency: CNY}
"""
START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "pack.yaml").write_text(PACK)
    (tmp_path / "big.yaml").write_text(RULE)
    return tmp_path


def case(events: str, expect: str = "[]", name: str = "a case", more: str = "") -> str:
    table = indent(dedent(events).strip(), " " * 6)
    return f"  - name: {name}\n    events: |\n{table}\n    expect: {expect}\n{more}"


def read(home: Path, *cases: str, head: str = HEAD) -> tuple[tuple[Case, ...], list[Finding]]:
    file = home / "big.cases.yaml"
    file.write_text(f"{head}cases:\n" + "".join(cases))
    found, findings = read_cases(file, load_pack(home))
    return found, list(findings)


def test_a_row_is_its_cells_over_the_defaults(home: Path) -> None:
    (one,), findings = read(
        home, case("at amount debtor_account\n+0h 50 -\n+2h 60 V2", "[{at: +2h}]")
    )

    assert not findings
    assert [row.event_time for row in one.rows] == [START, START + timedelta(hours=2)]
    assert dict(one.rows[0].texts) == {
        "debtor_account": None,
        "kind": "transfer",
        "currency": "CNY",
        "amount": "50",
    }
    assert one.rows[1].texts["debtor_account"] == "V2"
    assert one.expected == ({"at": "+2h"},)


def test_the_default_currency_goes_with_an_amount(home: Path) -> None:
    (one,), _ = read(home, case("at amount\n+0h -\n+1h 5"))

    assert [row.texts["currency"] for row in one.rows] == [None, "CNY"]


def test_data_start_is_a_time_of_the_case(home: Path) -> None:
    more = "    data_start: 2026-02-01T00:00:00Z\n"

    (one,), _ = read(home, case("at amount\n+0h 5", more=more))

    assert one.data_start == datetime(2026, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("events", "marked", "message"),
    [
        ("amount\n50", "amount", "the first column is at, found 'amount'"),
        ("at amuont\n+0h 50", "amuont", "there is no column 'amuont'"),
        ("at amount amount\n+0h 5 5", "amount", "the column 'amount' stands twice"),
        ("at amount\n+0h 50 7", "+0h 50 7", "this line has 3 cells where the header has 2"),
        (
            "at amount\n2h 50",
            "2h",
            "a time of a case is + and one duration, found '2h'",
        ),
        ("at kind\n+0h transfr", "transfr", "the pack declares no kind 'transfr'"),
        (
            "at transaction_id\n+0h 7",
            "transaction_id",
            "'transaction_id' is made from the other columns; a case does not give it",
        ),
    ],
)
def test_a_mistake_in_a_table_is_found_where_it_is(
    home: Path, events: str, marked: str, message: str
) -> None:
    cases, findings = read(home, case(events))

    assert not cases
    assert [finding.message for finding in findings] == [message]
    place = findings[0].location
    assert findings[0].source[place.column - 1 :][: place.length] == marked


@pytest.mark.parametrize(
    ("expect", "message"),
    [
        ("[{subjekt: V1}]", "an alert has no 'subjekt' to compare"),
        ("[{severity: grave}]", "expected one of info, low, medium, high, critical, found 'grave'"),
        ("[{at: soon}]", "a time of a case is + and one duration, found 'soon'"),
    ],
)
def test_a_mistake_in_an_expectation_is_found(home: Path, expect: str, message: str) -> None:
    _, findings = read(home, case("at amount\n+0h 5", expect))

    assert [finding.message for finding in findings] == [message]
    assert findings[0].location.line == 9


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("rule: big", "rule: bigg", "the pack has no rule 'bigg'"),
        ("+08:00", "", "'2026-03-01T08:00:00' names no zone"),
        ("kind: transfer", "kind: transfr", "the pack declares no kind 'transfr'"),
        ("kind: transfer", "knd: transfer", "there is no column 'knd'"),
        ("row:", "rows:", "unknown key 'rows'"),
    ],
)
def test_a_mistake_in_the_head_is_found(home: Path, old: str, new: str, message: str) -> None:
    _, findings = read(home, case("at amount\n+0h 5"), head=HEAD.replace(old, new))

    assert [finding.message for finding in findings] == [message]


def test_two_cases_of_one_name_are_refused(home: Path) -> None:
    _, findings = read(home, case("at amount\n+0h 5"), case("at amount\n+0h 5"))

    assert [finding.message for finding in findings] == [
        "another case of this file has the same name"
    ]


def test_a_wrong_case_leaves_its_neighbours_alone(home: Path) -> None:
    cases, findings = read(home, case("at amount\n0h 5"), case("at amount\n+0h 5", name="other"))

    assert [one.name for one in cases] == ["other"]
    assert len(findings) == 1
