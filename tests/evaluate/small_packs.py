"""Small packs and payments, and what the engine says of them, for tests of packs as a whole."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from textwrap import dedent
from typing import TYPE_CHECKING

import polars as pl

from txmon import load_pack, score

if TYPE_CHECKING:
    from pathlib import Path

    from txmon import Result
    from txmon.language.checked import Pack

HEADER = """\
version: 1.0.0
title: A rule
"""
BIG_IN = """\
id: big-in
typology: scam.big
severity: high
status: stable
by: account
when: direction == "in" and amount >= 1000
alert: {score: 40, subject: account, exceptable: [account, counterparty]}
"""
PASSED_ON = """\
id: passed-on
typology: mule.passed-on
severity: medium
status: stable
by: account
features:
  got: sum(amount) where direction == "in" over 24h
  sent: sum(amount) where direction == "out" over 24h
when: direction == "out" and got > 0 and sent >= 90% * got
alert: {score: 50, subject: account}
"""
CASE = """\
id: victim-then-mule
typology: case.mule
severity: critical
status: stable
input: alerts
from: [scam, passed-on]
by: account
features:
  scammed: count() where typology starts_with "scam." and direction == "in" over 7d
  total: sum(score) over 7d
  worst: max(severity) over 7d
when: rule_id == "passed-on" and direction == "out" and scammed >= 1 and total >= 90
alert:
  score: 90
  message: "{scammed} scams, worst {worst}, {total} in all, {subject_kind} {subject}"
"""


def pack_of(folder: Path, *rules: str, exceptions: str = "", zone: str = "Asia/Shanghai") -> Pack:
    """The pack of these rules, whose headers lack version and title."""
    head = f"name: small\nversion: 1.0.0\ncurrency: CNY\ntimezone: {zone}\n"
    (folder / "pack.yaml").write_text(head)
    for number, rule in enumerate(rules):
        (folder / f"r{number}.yaml").write_text(HEADER + dedent(rule))
    if exceptions:
        (folder / "exceptions.yaml").write_text(dedent(exceptions))
    return load_pack(folder)


def payments(*rows: str) -> pl.DataFrame:
    """Payments from lines of: hour debtor creditor amount. Ids count from 1, ``-`` is null."""
    cells = [row.split() for row in rows]
    columns = list(zip(*cells, strict=True))
    texts = [[None if cell == "-" else cell for cell in column] for column in columns]
    start = datetime(2026, 3, 1, tzinfo=UTC)
    return pl.DataFrame(
        {
            "transaction_id": [str(number) for number in range(1, len(rows) + 1)],
            "event_time": [start + timedelta(hours=int(hour)) for hour in columns[0]],
            "debtor_account": texts[1],
            "creditor_account": texts[2],
            "amount": texts[3],
            "currency": [None if amount is None else "CNY" for amount in texts[3]],
            "kind": ["event" if amount is None else "transfer" for amount in texts[3]],
        }
    )


def found(result: Result) -> list[tuple[str, str, str]]:
    """Rule, transaction and subject of every alert, in order."""
    return result.alerts.select("rule_id", "transaction_id", "subject").rows()


__all__ = ["BIG_IN", "CASE", "PASSED_ON", "found", "pack_of", "payments", "score"]
