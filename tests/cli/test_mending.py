"""Rejected rows mended and scored on their own: exactly the alerts that were missing."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from txmon import read_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

Run = Callable[..., Any]
Row = dict[str, str]

RULE = """\
id: several-payments
version: 1.0.0
title: Several payments within a day
typology: scam.several
severity: high
status: stable
by: debtor_account
features:
  paid: sum(amount) over 24h
  payments: count() over 24h
when: payments >= 3 and paid >= 300
"""
START = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS = ("transaction_id", "event_time", "debtor_account", "creditor_account", "amount")


@pytest.fixture
def pack(pack: Path) -> Path:
    (pack / "several.yaml").write_text(RULE, encoding="utf-8")
    return pack


def good_rows() -> list[Row]:
    """Some days of payments of a few accounts."""
    drawn = random.Random(5)  # noqa: S311 - payments, no secrets
    rows = []
    for number in range(60):
        time = START + timedelta(hours=2 * number, minutes=drawn.randrange(60))
        amount = f"{drawn.randrange(20, 2000)}.00"
        ids = (f"T{number:02}", time.isoformat(), drawn.choice("ABC"), drawn.choice("XYZ"))
        rows.append(dict(zip(COLUMNS, (*ids, amount), strict=True)) | {"currency": "CNY"})
    return rows


def spoilt(row: Row, number: int) -> Row:
    """The row with one of several mistakes in it."""
    mistakes: Sequence[Mapping[str, str]] = (
        {"amount": "plenty"},
        {"event_time": row["event_time"].removesuffix("+00:00")},
        {"currency": "YUAN"},
    )
    return row | mistakes[number % len(mistakes)]


def write(path: Path, rows: Sequence[Row]) -> Path:
    path.parent.mkdir(exist_ok=True)
    if path.suffix == ".parquet":
        pl.DataFrame(rows).write_parquet(path)
        return path
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_mended_rows_give_the_alerts_that_were_missing(
    ending: str, txmon: Run, pack: Path, tmp_path: Path
) -> None:
    rows = good_rows()
    late = list(range(54, 60))  # the night's last rows are bad
    night = [spoilt(row, n) if n in late else row for n, row in enumerate(rows)]
    first = write(tmp_path / "night" / f"night.{ending}", night)
    assert txmon("score", first, "--rules", pack, "--out", tmp_path / "first").code == 0
    run = read_run(tmp_path / "first")
    assert run.summary.counts.rejected == len(late)

    # what rejected.parquet names is mended, the rest becomes the history
    numbers = run.rejected["row"].to_list()
    assert set(run.rejected["source"]) == {str(first)}
    mended = write(tmp_path / f"mended.{ending}", [rows[number - 1] for number in numbers])
    alone = ("score", mended, "--history", tmp_path / "night", "--rules", pack)
    assert txmon(*alone, "--out", tmp_path / "second").code == 0
    whole = write(tmp_path / f"whole.{ending}", rows)
    assert txmon("score", whole, "--rules", pack, "--out", tmp_path / "whole").code == 0

    everything = read_run(tmp_path / "whole").alerts
    missing = everything.filter(
        pl.col("transaction_id").is_in([rows[n]["transaction_id"] for n in late])
    )
    second = read_run(tmp_path / "second")
    assert missing.height > 0
    assert second.alerts["alert_id"].to_list() == missing["alert_id"].to_list()
    assert second.summary.counts.accepted == len(late)
    # no good row follows the last bad one within a window, so the two runs are all there is
    both = [*run.alerts["alert_id"], *second.alerts["alert_id"]]
    assert sorted(both) == sorted(everything["alert_id"])


def test_alerts_of_later_good_rows_come_when_all_is_scored_again(
    txmon: Run, pack: Path, tmp_path: Path
) -> None:
    """A mended row may complete the window of a good one after it, which is history by then."""
    rows = [row | {"debtor_account": "A", "amount": "150.00"} for row in good_rows()[:3]]
    first = write(tmp_path / "night" / "night.csv", [spoilt(rows[0], 0), *rows[1:]])
    mended = write(tmp_path / "mended.csv", rows[:1])
    whole = write(tmp_path / "whole.csv", rows)

    def alerts(name: str, *arguments: object) -> list[str]:
        out = tmp_path / name
        assert txmon("score", *arguments, "--rules", pack, "--out", out).code == 0
        return read_run(out).alerts["transaction_id"].to_list()

    assert alerts("first", first) == []
    assert alerts("second", mended, "--history", tmp_path / "night") == []
    assert alerts("whole", whole) == ["T02"]
