"""Runs of rows, params set for a case, data files and cases that may fail."""

from __future__ import annotations

from datetime import UTC, datetime
from textwrap import indent
from typing import TYPE_CHECKING

import polars as pl
import pytest

from txmon.authoring import CaseReport, run_cases

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.errors import Finding

PACK = """\
name: test
version: 1.0.0
currency: CNY
timezone: UTC
values: {kind: [transfer, card]}
"""
RULE = """\
id: burst
version: 1.0.0
title: Several payers
typology: test.burst
severity: low
status: stable
by: creditor_account
params:
  least: {type: int, default: 3}
  kinds: {type: list, default: [transfer]}
features:
  payers: distinct(debtor_account) over 24h
  total: sum(amount) over 24h
when: payers >= least and kind in kinds
alert: {suppress: 24h, message: "{payers} payers, {total}"}
"""
HEAD = """\
rule: burst
start: 2026-03-01T00:00:00Z
row: {debtor_account: V1, creditor_account: S1, kind: transfer, currency: CNY}
cases:
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "pack.yaml").write_text(PACK)
    (tmp_path / "burst.yaml").write_text(RULE)
    return tmp_path


def run(home: Path, *cases: str) -> CaseReport:
    texts = [f"  - name: case {number}\n{text}" for number, text in enumerate(cases)]
    (home / "burst.cases.yaml").write_text(HEAD + "".join(texts))
    return run_cases(home)


def rows(events: str, expect: str, more: str = "") -> str:
    table = indent(events, "      ")
    return f"    events: |\n{table}\n    expect: {expect}\n{indent(more, '    ')}"


def data(name: str, expect: str) -> str:
    return f"    data: {name}\n    expect: {expect}\n"


def marked(finding: Finding) -> str:
    place = finding.location
    return finding.source[place.column - 1 :][: place.length]


def test_a_line_of_many_rows_is_that_many_rows(home: Path) -> None:
    spelled = "at debtor_account amount\n+0h P1 110\n+1h P2 120\n+2h P3 130"
    counted = "at debtor_account amount\n+0h/1h*3 P{n} {100+10n}"
    ended = "at debtor_account amount\n+0h..+2h/1h {P1|P2|P3} {100+10n}"
    expect = '[{at: +2h, transaction_id: "0003", message: "3 payers, 360.00"}]'

    report = run(home, *(rows(events, expect) for events in (spelled, counted, ended)))

    assert not report.findings
    assert [result.lines for result in report.results] == [()] * 3


@pytest.mark.parametrize(
    ("events", "mark", "message"),
    [
        (
            "at amount\n+0h/1h*2 {x}",
            "{x}",
            "'{x}' is no value that runs",
        ),
        (
            'at amount debtor_account\n+0h/1h*2 5 "a {x}"',
            "{x}",
            "'{x}' is no value that runs",
        ),
        (
            "at debtor_account amount\n+0h P{n} 5",
            "{n}",
            "{n} counts the rows of a run, and this line is one row",
        ),
        (
            "at kind\n+0h/1h*2 {transfer|crad}",
            "{transfer|crad}",
            "the pack declares no kind 'crad'",
        ),
        ("at amount\n+0h/1h*0 5", "0", "after * stands how many rows, 1 to 100,000, found '0'"),
        (
            "at amount\n+0h/1min*60000 5\n+1h/1min*60000 5",
            "+1h/1min*60000 5",
            "these are 120,000 rows; a case has at most 100,000",
        ),
    ],
)
def test_a_mistake_in_a_run_is_found_where_it_is(
    home: Path, events: str, mark: str, message: str
) -> None:
    report = run(home, rows(events, "[]"))
    assert [(marked(one), one.message) for one in report.findings] == [(mark, message)]


def test_braces_that_count_nothing_are_text(home: Path) -> None:
    assert run(home, rows("at debtor_account amount\n+0h {x} 5", "[]")).passed


def test_a_case_may_set_params(home: Path) -> None:
    two = "at debtor_account amount kind\n+0h/1h*2 P{n} 10 card"
    report = run(
        home,
        rows(two, "[]"),
        rows(two, "[]", "set: {least: 2}\n"),
        rows(two, "[{at: +1h, rule_id: burst}]", "set: {least: 2, kinds: [card, transfer]}\n"),
        rows(two, "[]", "set: {kinds: card}\nbecause: payers >= least\n"),
    )
    assert not report.findings
    assert [result.lines for result in report.results] == [()] * 4


@pytest.mark.parametrize(
    ("settings", "mark", "message"),
    [
        ("{lest: 2}", "lest", "rule 'burst' has no param 'lest'"),
        ("{least: two}", "two", "'two' is not a whole number"),
    ],
)
def test_a_param_that_cannot_be_set(home: Path, settings: str, mark: str, message: str) -> None:
    report = run(home, rows("at amount\n+0h 5", "[]", f"set: {settings}\n"))
    (finding,) = report.findings
    assert (marked(finding), finding.code) == (mark, "E503")
    assert message.split("'")[1] in finding.message


def test_a_csv_file_holds_rows_at_offsets_or_times(home: Path) -> None:
    (home / "burst.csv").write_text(
        'at,debtor_account,amount\n+0h,P1,100\n+1h,P2,100\n+2h,P3,"100"\n'
    )
    (home / "times.csv").write_text(
        "event_time,debtor_account,amount,kind\n"
        "2026-03-01T00:00:00Z,P1,100,transfer\n"
        "2026-03-01T09:00:00+08:00,P2,100,-\n"
        "2026-03-01T02:00:00Z,P3,100,transfer\n"
    )
    report = run(home, data("burst.csv", "[{at: +2h}]"), data("times.csv", "[{at: +2h}]"))
    assert not report.findings
    assert [result.lines for result in report.results] == [()] * 2


def test_a_parquet_file_holds_typed_rows(home: Path) -> None:
    hours = [datetime(2026, 3, 1, hour, tzinfo=UTC) for hour in range(3)]
    frame = pl.DataFrame(
        {"event_time": hours, "debtor_account": ["P1", "P2", "P3"], "amount": [100, 100, 100]}
    )
    frame.cast({"amount": pl.Decimal(18, 2)}).write_parquet(home / "burst.parquet")
    frame.cast({"amount": pl.Float64}).write_parquet(home / "floats.parquet")

    assert run(home, data("burst.parquet", "[{at: +2h, evidence: 3}]")).passed
    (finding,) = run(home, data("floats.parquet", "[]")).findings
    assert finding.message == (
        "the column 'amount' is Float64; write its values as text or as decimals"
    )


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("at,amuont\n+0h,5\n", (1, 4), "there is no column 'amuont'"),
        ("at,amount\n0h,5\n", (2, 1), "a time of a case is + and one duration, found '0h'"),
        ("event_time,amount\n2026-03-01,5\n", (2, 1), "'2026-03-01' names no zone"),
        ("at,kind\n+0h,transfer\n+1h,crad\n", (3, 5), "the pack declares no kind 'crad'"),
        ("at,amount\n+0h\n", (2, 1), "the header has 2 cells, this row 1"),
        ("amount\n5\n", (1, 1), "a data file has a column at (offsets) or event_time (times), "),
        ("at,amount,amount\n+0h,5,5\n", (1, 11), "the column 'amount' stands twice"),
        ("at,amount,currency\n+0h,5.001,CNY\n", (2, 1), "no bank could book this row: "),
    ],
)
def test_a_mistake_in_a_data_file_is_found_where_it_is(
    home: Path, content: str, place: tuple[int, int], message: str
) -> None:
    (home / "burst.csv").write_text(content)
    (finding,) = run(home, data("burst.csv", "[]")).findings
    assert finding.message.startswith(message)
    assert finding.location.path == str(home / "burst.csv")
    assert (finding.location.line, finding.location.column) == place


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("lost.csv", "there is no file 'lost.csv'"),
        ("../other.csv", "'../other.csv' lies outside the pack's folder"),
        ("/etc/passwd.csv", "'/etc/passwd.csv' lies outside the pack's folder"),
        ("burst.json", "'burst.json' is neither .csv nor .parquet"),
        ("away/other.csv", "'away/other.csv' lies outside the pack's folder"),
    ],
)
def test_a_data_file_lies_in_the_pack(home: Path, name: str, message: str) -> None:
    (home / "away").symlink_to(home.parent)
    (finding,) = run(home, data(name, "[]")).findings
    assert (finding.message, marked(finding)) == (message, name)


@pytest.mark.parametrize("both", [True, False])
def test_a_case_has_events_or_data(home: Path, *, both: bool) -> None:
    text = "    expect: []\n" + ("    events: at\n    data: x.csv\n" if both else "")
    (finding,) = run(home, text).findings
    assert finding.message == (
        "a case has events, a table of rows, or data, a file of them: one of the two"
    )


def test_a_case_to_do_may_fail_and_is_told_when_it_does_not(home: Path) -> None:
    one = "at amount\n+0h 5"
    report = run(
        home,
        rows(one, "[{at: +0h}]", "todo: one payer is not seen yet\n"),
        rows(one, "[]", "todo: long done\n"),
    )
    assert report.passed
    assert not report.failed
    assert [(result.passed, result.todo) for result in report.todo] == [
        (False, "one payer is not seen yet"),
        (True, "long done"),
    ]
    assert report.results[0].lines[0] == "expected {at: +0h}"
    assert [result.line for result in report.results] == [5, 11]
