"""Window features are, bit for bit, what DuckDB's RANGE windows give on data without ties."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl
import pytest

from laws.engine import by_engine
from txmon.testing import trees as t
from txmon.testing.factories import START, UNITS, frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    from laws.engine import Rows
    from txmon.language.nodes import Aggregate

ROWS, ACCOUNTS = 2_000, 12
AMOUNT, BALANCE = t.column("amount"), t.column("debtor_balance")
SMALL = t.compare(AMOUNT, "<=", t.money("500"))
TRANSFER = t.compare(t.column("kind"), "==", t.text("transfer"))
OUT = t.compare(t.column("direction"), "==", t.text("out"))
HOUR = 3_600_000_000


def table() -> Rows:
    """Payments at different whole hours, so that no times tie but window edges are hit."""
    seeded = random.Random(7)  # noqa: S311 - the same data every time
    hours = seeded.sample(range(ROWS * 2), ROWS)
    accounts = [f"a{number}" for number in range(ACCOUNTS)]
    return [_row(seeded, f"t{number:04d}", hour, accounts) for number, hour in enumerate(hours)]


def _row(seeded: random.Random, id_: str, hour: int, accounts: list[str]) -> dict[str, Any]:
    debtor, creditor = seeded.sample(accounts, 2)
    amount = seeded.randrange(-50_000, 10_000_000)
    return {
        "transaction_id": id_,
        "event_time": START + hour * UNITS["h"],
        "kind": seeded.choice(["transfer", "card", None]),
        "debtor_account": debtor,
        "creditor_account": creditor,
        "amount": amount,
        "original_amount": amount,
        "currency": "CNY",
        "debtor_balance": seeded.choice([None, seeded.randrange(10**13)]),
        "device_id": seeded.choice(["d1", "d2", "d3", None]),
    }


def span(low: int, high: int = 0) -> str:
    """The rows from ``low`` to ``high`` microseconds before this one, as SQL."""
    return f"PARTITION BY k ORDER BY t RANGE BETWEEN {low} PRECEDING AND {high} PRECEDING"


DAY, WEEK = span(24 * HOUR - 1), span(7 * 24 * HOUR - 1)
OTHERS = span(7 * 24 * HOUR - 1, 1)
ENDED = span(8 * 24 * HOUR - 1, 24 * HOUR)
WINDOWS = {
    DAY: t.over("24h"),
    WEEK: t.over("7d"),
    OTHERS: t.over("7d", excluding_this=True),
    ENDED: t.over("7d", ending="24h"),
}
WHOLE: list[tuple[str, str, Mapping[str, Any]]] = [
    ("count(*) OVER w", "count", {}),
    ("count(*) FILTER (amount <= 5000000) OVER w", "count", {"where": SMALL}),
    ("coalesce(sum(amount) OVER w, 0)", "sum", {"x": AMOUNT}),
    ("coalesce(sum(debtor_balance) OVER w, 0)", "sum", {"x": BALANCE}),
    (
        "coalesce(sum(amount) FILTER (kind = 'transfer') OVER w, 0)",
        "sum",
        {"x": AMOUNT, "where": TRANSFER},
    ),
    ("min(amount) OVER w", "min", {"x": AMOUNT}),
    ("max(debtor_balance) OVER w", "max", {"x": BALANCE}),
    ("max(amount) FILTER (kind = 'transfer') OVER w", "max", {"x": AMOUNT, "where": TRANSFER}),
    (
        "(sum(debtor_balance) OVER w)::DOUBLE / (count(debtor_balance) OVER w)",
        "mean",
        {"x": BALANCE},
    ),
    ("count(DISTINCT creditor_account) OVER w", "distinct", {"x": t.column("creditor_account")}),
    (
        "count(DISTINCT device_id) FILTER (amount <= 5000000) OVER w",
        "distinct",
        {"x": t.column("device_id"), "where": SMALL},
    ),
    ("first_value(amount) OVER w", "first", {"x": AMOUNT}),
    ("last_value(device_id) OVER w", "last", {"x": t.column("device_id")}),
]
SIDED: list[tuple[str, str, Mapping[str, Any]]] = [
    ("count(*) FILTER (side = 'out') OVER w", "count", {"where": OUT}),
    ("coalesce(sum(amount) FILTER (side = 'out') OVER w, 0)", "sum", {"x": AMOUNT, "where": OUT}),
    ("count(DISTINCT other) OVER w", "distinct", {"x": t.column("counterparty")}),
    ("min(amount) OVER w", "min", {"x": AMOUNT}),
]
ONE_SIDE = "SELECT *, {own} AS k, {side} AS side, {other} AS other FROM rows"
OUT_ROWS = ONE_SIDE.format(own="debtor_account", side="'out'", other="creditor_account")
IN_ROWS = ONE_SIDE.format(own="creditor_account", side="'in'", other="debtor_account")
SOURCES = {
    "debtor_account": ONE_SIDE.format(own="debtor_account", side="NULL", other="NULL"),
    "account": f"{OUT_ROWS} UNION ALL {IN_ROWS}",
}


def from_duckdb(rows: pl.DataFrame, by: str, selected: list[str]) -> dict[Any, list[Any]]:
    """Each SQL expression at every row, by transaction and side."""
    lane = rows.with_columns(t=pl.col("event_time").to_physical()).drop("event_time")
    with duckdb.connect() as connection:
        connection.register("rows", lane.to_arrow())
        query = f"SELECT transaction_id, side, {', '.join(selected)} FROM ({SOURCES[by]})"  # noqa: S608
        found = connection.execute(query).fetchall()
    return {(row[0], row[1]): list(row[2:]) for row in found}


@pytest.mark.parametrize(
    ("by", "cases"), [("debtor_account", WHOLE), ("account", SIDED)], ids=["whole", "sided"]
)
def test_windows_are_what_duckdb_gives(
    by: str, cases: list[tuple[str, str, Mapping[str, Any]]]
) -> None:
    data = table()
    features: dict[str, Aggregate] = {}
    selected: list[str] = []
    for sql, function, parts in cases:
        for frame_sql, window in WINDOWS.items():
            arguments = [parts["x"]] if "x" in parts else []
            features[f"f{len(features)}"] = t.aggregate(
                function, *arguments, by=(by,), window=window, where=parts.get("where")
            )
            over = sql.replace("OVER w", f"OVER ({frame_sql})")
            selected.append(f"{over} AS f{len(selected)}")
    rule = t.rule(t.boolean(False), by=(by,), features=features)
    engine = by_engine(t.pack(rule), data)
    duck = from_duckdb(frame(data), by, selected)
    found = {place[1:]: list(values.values()) for place, values in engine.features.items()}
    assert found == duck
