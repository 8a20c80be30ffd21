"""Aggregates of groups: what no small example shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws.engine import by_engine, by_oracle
from txmon.evaluate import Carry, evaluate, groups
from txmon.language.nodes import Bucket, GroupValue, Unit
from txmon.plan import compile_plan
from txmon.testing import trees
from txmon.testing.factories import transactions
from txmon.testing.strategies import packs, rows
from txmon.types import INT

if TYPE_CHECKING:
    import polars as pl

    from laws.engine import Rows
    from txmon.language.checked import Pack
    from txmon.language.nodes import Aggregate, Expr, Inner, Window

AMOUNT = trees.column("amount")
BLOCKS = Bucket(length=trees.span("24h"))
DAYS = Bucket(unit=Unit.DAY)
ACTIVE = Bucket(unit=Unit.DAY, active=True)
PAYEES = Bucket(column=trees.column("creditor_account"))


def inner(function: str, *arguments: Expr, bucket: Bucket, having: Expr | None = None) -> Inner:
    return trees.inner(function, *arguments, bucket=bucket, where=None, having=having)


def feature(function: str, inside: Inner, window: Window) -> Aggregate:
    return trees.groups(function, inside, by=("debtor_account",), window=window)


def pack_of(*features: Aggregate) -> Pack:
    named = {f"f{number}": one for number, one in enumerate(features)}
    rule = trees.rule(trees.boolean(value=False), by=("debtor_account",), features=named)
    return trees.pack(rule, timezone="America/New_York")


def values(table: pl.DataFrame, *features: Aggregate) -> list[list[float | None]]:
    plan = compile_plan(pack_of(*features), table.columns)
    found = evaluate(plan, Carry(), table, features=True).features
    assert found is not None
    return [found[f"r1.f{number}"].to_list() for number in range(len(features))]


@given(rows(), packs())
def test_groups_looked_at_a_few_at_once_say_what_all_at_once_say(table: Rows, pack: Pack) -> None:
    room, groups.ROOM = groups.ROOM, 1
    try:
        few = by_engine(pack, table)
    finally:
        groups.ROOM = room
    assert few == by_engine(pack, table)


def random_table(count: int) -> pl.DataFrame:
    dice = np.random.default_rng(7)
    minutes = np.sort(dice.integers(0, 40 * 24 * 60, count))
    return transactions(
        [
            {
                "at": f"+{minute}min",
                "amount": f"{cents / 100:.2f}",
                "creditor_account": f"C{payee}",
                "debtor_account": f"D{payer}",
            }
            for minute, cents, payee, payer in zip(
                minutes,
                dice.integers(-500, 500, count),
                dice.integers(0, 5, count),
                dice.integers(0, 2, count),
                strict=True,
            )
        ]
    )


FUNCTIONS = ("count", "sum", "mean", "std", "min", "max", "distinct", "first", "last")


@pytest.mark.parametrize("function", FUNCTIONS)
def test_long_timelines_say_what_the_oracle_says(function: str) -> None:
    arguments = () if function == "count" else (AMOUNT,)
    windows = {
        BLOCKS: trees.over("7d", "24h"),
        DAYS: trees.periods(2, Unit.WEEK),
        ACTIVE: trees.periods(1, Unit.MONTH, previous=True),
        PAYEES: trees.over("7d", excluding_this=True),
    }
    given_packs = [
        feature(outer, inner(function, *arguments, bucket=bucket), window)
        for bucket, window in windows.items()
        for outer in ("count", "max", "median")
    ]
    table = random_table(36)
    stored = table.drop("history").to_dicts()
    said = [by_engine(pack_of(*given_packs), stored), by_oracle(pack_of(*given_packs), stored)]

    assert said[0].features == said[1].features
    assert said[0].features


def test_an_overflow_of_a_group_leaves_it_out_and_one_of_all_is_unknown() -> None:
    most = 10**13
    table = transactions(
        [{"at": f"+{hour}h", "amount": most} for hour in range(93)] + [{"at": "+30d", "amount": 1}],
        debtor_account="A",
    )
    block, whole = Bucket(length=trees.span("7d")), Bucket(length=trees.span("1h"))
    window = trees.over("42d")

    left_out, unknown = values(
        table,
        feature("count", inner("sum", AMOUNT, bucket=block), window),
        feature("sum", inner("sum", AMOUNT, bucket=whole), window),
    )

    assert left_out[-3:] == [1, 0, 5]
    assert unknown[-3] is not None
    assert unknown[-2:] == [None, None]


@given(st.integers(1, 12), st.integers(0, 30))
def test_empty_blocks_exist_from_the_first_row_on(count: int, days: int) -> None:
    table = transactions(
        [{"at": "+0h", "amount": 1}, {"at": f"+{days}d", "amount": 1}], debtor_account="A"
    )
    window = trees.over(f"{count}d")
    having = trees.compare(GroupValue(INT), "==", trees.integer(0))

    blocks, empty = values(
        table,
        feature("count", inner("count", bucket=BLOCKS), window),
        feature("count", inner("count", bucket=BLOCKS, having=having), window),
    )

    assert blocks[-1] == min(count, days + 1)
    assert empty[-1] == min(count, days + 1) - (2 if 0 < days < count else 1)
