"""The engine says what the oracle says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from laws.engine import Rows, by_engine, by_oracle
from txmon.testing import trees
from txmon.testing.factories import START
from txmon.testing.random_trees import SCHEMA
from txmon.testing.strategies import packs, rows

if TYPE_CHECKING:
    from datetime import datetime

    from txmon.language.checked import Pack


STARTS = st.sampled_from([None, START, START - timedelta(days=7), START + timedelta(days=1)])
OPTIONAL = [
    *((name,) for name in ("sequence", "kind", "debtor_account", "device_id", "flag", "opened")),
    *((name,) for name in ("debtor_segment", "creditor_segment", "debtor_balance", "tries")),
    ("amount", "original_amount", "currency"),
]
"""Columns that the data may lack; those of money come together."""


def overflowing() -> Pack:
    """Exact totals of columns whose values nearly fill 64 bits."""
    columns = [trees.column(name, SCHEMA) for name in ("tries", "risk", "amount")]
    features = {
        f"{function}_{column.name}_{number}": trees.aggregate(
            function, column, by=("account",), window=window
        )
        for function in ("sum", "mean", "std")
        for column in columns
        for number, window in enumerate((trees.over("7d"), trees.ALL_TIME, trees.last(2)))
    }
    total = trees.ref("sum_tries_0", features)
    when = trees.compare(total, ">", trees.integer(0))
    return trees.pack(trees.rule(when, by=("account",), features=features), schema=SCHEMA)


@given(rows(history=True), packs(), STARTS)
def test_the_engine_says_what_the_oracle_says(
    table: Rows, pack: Pack, data_start: datetime | None
) -> None:
    assert_agreed(table, pack, data_start)


@given(rows(), packs(), st.sets(st.sampled_from(OPTIONAL), max_size=3))
def test_the_engine_says_what_the_oracle_says_where_columns_lack(
    table: Rows, pack: Pack, lacking: set[tuple[str, ...]]
) -> None:
    gone = {name for names in lacking for name in names}
    assert_agreed([{k: v for k, v in row.items() if k not in gone} for row in table], pack)


@given(rows(vast=True))
def test_totals_that_do_not_fit_are_unknown(table: Rows) -> None:
    assert_agreed(table, overflowing())


def assert_agreed(table: Rows, pack: Pack, data_start: datetime | None = None) -> None:
    engine = by_engine(pack, table, data_start=data_start)
    oracle = by_oracle(pack, table, data_start=data_start)
    applicable = {place: engine.features.get(place) for place in oracle.features}
    assert applicable == oracle.features
    assert engine.outcomes == oracle.outcomes
    assert engine.causes == oracle.causes
    assert engine.hits == oracle.hits
    assert engine.alerts == oracle.alerts
