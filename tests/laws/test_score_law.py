"""However the same payments come in, the same alerts go out."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from laws.engine import Rows, by_oracle
from txmon import score
from txmon.schema import MONEY_COLUMNS
from txmon.testing.random_trees import COLUMNS
from txmon.testing.strategies import packs, rows

if TYPE_CHECKING:
    from txmon.language.checked import Pack
    from txmon.scoring import Result

CENT = 100
TYPES: dict[str, Any] = {
    "event_time": pl.Datetime("us", "UTC"),
    "sequence": pl.Int64,
    "risk": pl.Decimal(38, 2),
    "flag": pl.Boolean,
    "opened": pl.Date,
    "seen_at": pl.Datetime("us", "UTC"),
    **dict.fromkeys(("tries", "debtor_tier", "creditor_tier"), pl.Int64),
    **dict.fromkeys(MONEY_COLUMNS, pl.Decimal(38, 2)),
}


def in_cents(table: Rows) -> Rows:
    """The rows with money in whole cents, which is all that yuan has, and none without currency."""
    return [
        {name: _cents(name, value, row["currency"]) for name, value in row.items()} for row in table
    ]


def _cents(name: str, value: Any, currency: str | None) -> Any:
    if name not in MONEY_COLUMNS or value is None:
        return value
    return None if currency is None else value // CENT * CENT


def offered(table: Rows) -> pl.DataFrame:
    """Rows in storage form as a bank would offer them: decimals, and amounts as booked."""
    names = [name for name in table[0] if name not in {"history", "original_amount"}]
    given_rows = [{name: _decimal(name, row[name]) for name in names} for row in table]
    return pl.DataFrame(given_rows, {name: TYPES.get(name, pl.String) for name in names})


def _decimal(name: str, value: Any) -> Any:
    if value is None or not (name in MONEY_COLUMNS or name == "risk"):
        return value
    return Decimal(value).scaleb(-COLUMNS[name].scale if name in COLUMNS else -4)


def assert_same(one: Result, other: Result) -> None:
    assert_frame_equal(one.alerts, other.alerts)
    assert_frame_equal(one.hits, other.hits)
    assert one.summary.rules == other.summary.rules


@given(rows(), packs(), st.randoms(use_true_random=False), st.lists(st.integers(0, 14), max_size=3))
def test_the_order_of_rows_and_their_files_is_irrelevant(
    table: Rows, pack: Pack, random: Any, cuts: list[int]
) -> None:
    whole = offered(in_cents(table))
    shuffled = whole[random.sample(range(whole.height), whole.height)]
    edges = [0, *sorted(cuts), whole.height]
    pieces = [shuffled[low:high] for low, high in pairwise(edges)]
    assert_same(score(pieces, pack), score(whole, pack))


def _transaction(name: str) -> str:
    """The id of the transaction in the name of an alert that a rule read, or the id itself."""
    (found,) = [part for part in name.split("|") if re.fullmatch(r"t\d+", part)]
    return found


@given(rows(), packs())
def test_scoring_raises_the_alerts_that_the_oracle_raises(table: Rows, pack: Pack) -> None:
    stored = in_cents(table)
    result = score(offered(stored), pack)
    graphs = {rule.id for rule in pack.rules if rule.graph is not None}
    found = {  # of a graph pattern the account stands where others have the side
        (rule, transaction, timeline[0] if rule in graphs else side)
        for alerts in (result.alerts, result.shadow_alerts)
        for rule, transaction, side, timeline in alerts.select(
            "rule_id", "transaction_id", "side", "timeline"
        ).iter_rows()
    }
    said = by_oracle(pack, stored).alerts
    assert found == {(rule, _transaction(name), side) for rule, name, side in said}
