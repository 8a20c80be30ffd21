"""The summary of a run in words: every section, in a pipe, at the usual and at a narrow width."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from txmon.evaluate.alerts import CLAUSE
from txmon.report import plain, run_report
from txmon.results import CAUSES, OUTCOMES, Counts, RuleSummary, Summary, Versions
from txmon.sources import REJECTED_SCHEMA

ZONE = "Asia/Shanghai"
TIME = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)
FILES = {Path("out/manifest.json"): None, Path("out/run-1/alerts.parquet"): 1}


@dataclass(frozen=True)
class Found:
    """A result made by hand."""

    summary: Summary
    alerts: pl.DataFrame
    rejected: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=REJECTED_SCHEMA))
    hits: pl.DataFrame = field(default_factory=pl.DataFrame)
    shadow_alerts: pl.DataFrame = field(default_factory=pl.DataFrame)


def alert(**changed: Any) -> dict[str, Any]:
    holds = {"text": "paid >= limit", "result": True, "value": "12.00", "threshold": "10.00"}
    fails = {"text": "new", "result": False, "value": "false", "threshold": None}
    fields = {
        "rule_id": "drip",
        "severity": "high",
        "score": 70,
        "subject": "A1",
        "subject_kind": "account",
        "event_time": TIME,
        "transaction_id": "T1",
        "message": "12.00 paid",
        "evidence_count": 3,
        "history_complete": True,
        "clauses": [holds | {"margin": 2.0}, fails | {"margin": None}],
    }
    return fields | changed


def table(*alerts: dict[str, Any]) -> pl.DataFrame:
    schema = dict.fromkeys(alert())
    return pl.DataFrame(
        list(alerts),
        schema=schema,
        schema_overrides={
            "clauses": pl.List(CLAUSE),
            "event_time": pl.Datetime("us", "UTC"),
        },
        orient="row",
    )


def rule(name: str, severity: str = "high", **changed: Any) -> RuleSummary:
    fields = {
        "rule_id": name,
        "version": "1.0.0",
        "title": name,
        "typology": "scam",
        "severity": severity,
        "outcomes": dict.fromkeys(OUTCOMES, 0),
        "unknown_causes": {},
        "skipped": {},
        "alerts": 0,
        "folded": 0,
    }
    return RuleSummary.model_validate(fields | changed)


def summary(*rules: RuleSummary, **changed: Any) -> Summary:
    fields = {
        "versions": dict.fromkeys(Versions.model_fields, "0") | {"txmon": "1.2.3"},
        "pack": "small",
        "pack_version": "2.0.0",
        "pack_hash": "0" * 64,
        "counts": Counts(read=1_200, accepted=1_190, rejected=7, duplicate=3),
        "history": Counts(),
        "data_start": TIME,
        "first_event_time": TIME,
        "last_event_time": TIME + timedelta(days=1),
        "alerts": sum(one.alerts for one in rules),
        "hits": sum(one.alerts + one.folded for one in rules),
        "rules": rules,
        "seconds": {"load rules": 0.5, "read and validate": 1.0, "evaluate": 11.0},
        "inputs": (),
        "parameters": {},
    }
    return Summary.model_validate(fields | changed)


def told(found: Found, width: int = 100) -> str:
    return plain(run_report(found, ZONE, FILES, width=width), width)  # type: ignore[arg-type]


def rejected(*reasons: str, history: bool = False) -> pl.DataFrame:
    rows = [
        {"source": "a.csv", "row": place, "reason": reason, "others": [], "history": history}
        for place, reason in enumerate(reasons)
    ]
    return pl.DataFrame(rows, schema=REJECTED_SCHEMA)


def test_a_whole_summary() -> None:
    outcomes = dict(zip(OUTCOMES, (20, 5, 9, 4, 1_152), strict=True))
    causes = {CAUSES[0]: 3, CAUSES[1]: 6}
    rules = (
        rule("quiet", "low"),
        rule("drip", outcomes=outcomes, unknown_causes=causes, alerts=1, folded=3),
        rule("phone", unavailable="phone: the data lacks phone; map it, or leave the rule out"),
        rule("cash", "critical", skipped={"paid": 12, "none": 0}),
    )
    found = Found(
        summary(*rules),
        table(alert()),
        rejected("naive_time", *["missing_id"] * 6),
    )
    assert (
        told(found)
        == """\
small 2.0.0  4 rules, txmon 1.2.3
Sun 2026-03-01 09:00:00 to Mon 2026-03-02 09:00:00, Asia/Shanghai

Rows
read       1,200
accepted   1,190
rejected       7  6 missing_id, 1 naive_time
duplicate      3

Rules
                                                    insufficient         not
rule       severity  alerts  hits  folded  unknown       history  applicable
cash       critical       0     0       0        0             0           0
drip       high           1     4       3        9             5          20
quiet      low            0     0       0        0             0           0
all rules                 1     4       3

Unknown, and why
drip: 6 missing_value, 3 nothing_in_window
cash: 12 rows not counted in paid: its where is unknown

Did not run: 1 rule
phone: the data lacks phone; map it, or leave the rule out

Time
load rules 0.50 s, read and validate 1.00 s, evaluate 11.0 s
12.5 s in all; 100 rows/s once rules and engine are loaded

The alert
high 70  drip  Sun 2026-03-01 09:00:00
    12.00 paid
    account A1; evidence: 3 transactions, the last T1
    paid >= limit   12.00 against 10.00

Files
out/manifest.json
out/run-1/alerts.parquet  1 row
"""
    )


def test_history_and_late_rows_are_told() -> None:
    past = Counts(read=10, accepted=8, rejected=2)
    rows = Counts(read=5, accepted=4, late=1)
    found = Found(
        summary(history=past, counts=rows),
        table(),
        rejected("naive_time", "naive_time", history=True),
    )
    text = told(found)
    assert "rejected    0\nduplicate   0\nlate        1\n" in text
    assert "history    10  8 accepted, 2 rejected: 2 naive_time\n" in text


def test_an_empty_run() -> None:
    nothing = summary(counts=Counts(), first_event_time=None, last_event_time=None, seconds={})
    text = told(Found(nothing, table()))
    assert text.startswith("small 2.0.0  0 rules, txmon 1.2.3\n\nRows\n")
    assert "\nNo alerts\n" in text
    assert "Rules\n" not in text
    assert "Time\n" not in text


def test_the_gravest_come_first_and_the_rest_are_counted() -> None:
    kinds = [("low", 99), ("high", 60), ("critical", 1), ("high", 70), ("high", 60), ("info", 999)]
    alerts = [
        alert(severity=severity, score=score, message=f"number {place}")
        for place, (severity, score) in enumerate(kinds)
    ]
    text = told(Found(summary(), table(*alerts)))
    shown = [line.strip() for line in text.splitlines() if "number " in line]
    assert shown == [f"number {place}" for place in (2, 3, 1, 4, 0)]
    assert "The gravest alerts\n" in text
    assert "\n... and 1 more\n" in text


def test_an_alert_without_message_subject_or_full_history() -> None:
    bare = alert(message=None, subject=None, history_complete=False, evidence_count=1)
    text = told(Found(summary(), table(bare)))
    about = "no subject; evidence: 1 transaction, the last T1; its windows reach before the data"
    assert f"09:00:00\n    {about}\n" in text


def test_strangers_cannot_steer_the_terminal() -> None:
    evil = "\x1b[2Jgone\x07 [bold]x[/] \u202etxt\r\t.:smile:"
    text = told(Found(summary(), table(alert(message=evil, subject=evil))))
    assert "\N{REPLACEMENT CHARACTER}[2Jgone\N{REPLACEMENT CHARACTER} [bold]x[/] " in text
    assert ".:smile:" in text
    assert all(letter.isprintable() or letter == "\n" for letter in text)


@pytest.mark.parametrize("width", [80, 100])
def test_pages_keep_to_their_width(width: int) -> None:
    numbers = dict(zip(OUTCOMES, (81_540, 15_900, 0, 224, 42_142), strict=True))
    rules = (rule("dormant-account-wakes", "critical", outcomes=numbers, alerts=129, folded=485),)
    long = alert(message="word " * 40, subject="A" * 30)
    lines = told(Found(summary(*rules), table(long)), width).splitlines()
    assert max(map(len, lines)) <= width
    row = next(line for line in lines if line.startswith("dormant"))
    assert row.split() == [
        "dormant-account-wakes",
        "critical",
        *("129", "614", "485", "0", "15,900", "81,540"),
    ]


def test_paths_are_never_broken() -> None:
    path = Path("/".join(["folder"] * 30)) / "alerts.parquet"
    lines = plain(run_report(Found(summary(), table()), ZONE, {path: 3}))  # type: ignore[arg-type]
    assert f"\n{path}  3 rows\n" in lines
