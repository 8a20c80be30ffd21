"""Reversals: payments like any other, or left out with what they reverse."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from evaluate.small_packs import pack_of, payments, score
from txmon.authoring import run_cases

if TYPE_CHECKING:
    from pathlib import Path

RULE = """\
id: many
typology: many
severity: low
status: stable
by: debtor_account
reversals: leave_out
features:
  paid: count() over 24h
  total: sum(amount) over 24h
when: paid >= 2
alert: {message: "{paid} payments, {total}"}
"""
ROWS = payments("0 A B 10", "1 A B 20", "2 B A 10", "3 A B 40", "4 A B 80")
TAKEN_BACK = ROWS.with_columns(reverses=pl.Series([None, None, "1", None, None]))


def messages(table: pl.DataFrame, folder: Path, rule: str = RULE) -> list[tuple[str, str]]:
    return score(table, pack_of(folder, rule)).alerts.select("transaction_id", "message").rows()


def test_a_reversed_payment_counts_until_it_is_reversed(tmp_path: Path) -> None:
    assert messages(TAKEN_BACK, tmp_path) == [
        ("2", "2 payments, 30.00"),
        ("4", "2 payments, 60.00"),
        ("5", "3 payments, 140.00"),
    ]


def test_its_evidence_leaves_with_it(tmp_path: Path) -> None:
    alerts = score(TAKEN_BACK, pack_of(tmp_path, RULE)).alerts

    listed = [[one["transaction_id"] for one in row] for row in alerts["evidence"]]
    assert listed == [["1", "2"], ["2", "4"], ["2", "4", "5"]]


def test_by_default_a_reversal_is_a_payment_like_any_other(tmp_path: Path) -> None:
    plain = RULE.replace("reversals: leave_out\n", "")

    assert messages(TAKEN_BACK, tmp_path, plain) == messages(ROWS, tmp_path, plain)
    assert messages(ROWS, tmp_path)[-1] == ("5", "4 payments, 150.00")


def test_data_without_the_column_has_no_reversals(tmp_path: Path) -> None:
    assert len(messages(ROWS, tmp_path)) == 3


def test_a_reversal_is_not_judged(tmp_path: Path) -> None:
    summary = score(TAKEN_BACK, pack_of(tmp_path, RULE)).summary

    assert summary.rules[0].outcomes["not_applicable"] == 1


def test_a_row_that_the_rule_cannot_see_takes_nothing_back(tmp_path: Path) -> None:
    rows = payments("0 A B 10", "1 A - -", "2 A B 10")
    rows = rows.with_columns(reverses=pl.Series([None, "1", None]))

    assert len(messages(rows, tmp_path)) == 1
    assert messages(rows, tmp_path, RULE.replace("by:", "events: [event]\nby:", 1)) == []


@pytest.mark.parametrize("named", ["3", "4", "9"])
def test_only_what_stands_before_it_is_taken_back(named: str, tmp_path: Path) -> None:
    """Not itself, not what comes after, not what is not there."""
    table = ROWS.with_columns(reverses=pl.Series([None, None, named, None, None]))

    assert messages(table, tmp_path)[-1] == ("5", "4 payments, 150.00")


def test_points_look_at_payments_as_they_were_made(tmp_path: Path) -> None:
    rule = RULE.replace("paid >= 2", "known_for >= 4h").replace(
        "features:\n", "features:\n  known_for: time_since_first()\n"
    )

    assert [row[0] for row in messages(TAKEN_BACK, tmp_path, rule)] == ["5"]


def test_cases_name_reversed_rows_by_their_number(tmp_path: Path) -> None:
    pack_of(tmp_path, RULE)
    (tmp_path / "r0.cases.yaml").write_text(
        "rule: many\nstart: 2026-03-01T09:00:00+08:00\n"
        "row: {currency: CNY, debtor_account: A, creditor_account: B}\n"
        "cases:\n  - name: the first is taken back\n    events: |\n"
        "      at  amount reverses\n      +0h 10     -\n      +1h 10     1\n      +2h 10     -\n"
        "    expect: []\n"
    )

    assert run_cases(tmp_path).passed
