"""Random windows and arguments of aggregates, and aggregates of groups."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.builtins import RUNNING
from txmon.language.nodes import Bucket, GroupValue, Unit
from txmon.testing import trees
from txmon.testing.random_trees import (
    COMPARISONS,
    KINDS_OF_VALUE,
    SCHEMA,
    SPANS,
    SUMMABLE,
    sound,
)
from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.language.nodes import Aggregate, Expr, Inner, Window
    from txmon.testing.random_trees import Maker

SHARES = ("50", "0", "95", "33.3", "100")
PER_GROUP = ("count", "sum", "mean", "min", "max", "std", "distinct", "first", "last", "median")
GROUP_COLUMNS = ("creditor_account", "device_id", "kind", "tries", "flag", "opened")
SIDED_GROUP_COLUMNS = ("account", "counterparty", "direction", "own_segment")
BLOCKS = (("1h", "24h"), ("24h", "7d"), ("24h", "24h"), ("7d", "7d"))
"""Lengths of blocks, and of windows of them."""


def random_where(maker: Maker) -> Expr | None:
    """A condition of a feature's rows, or none."""
    return maker.expr(Kind.BOOL) if maker.pick(False, True) else None


def random_arguments(maker: Maker, function: str) -> tuple[Expr, ...]:
    """What an aggregate may be taken of."""
    if maker.pick(True, True, False):
        maker = replace(maker, asks=None)
    match function:
        case "count":
            return ()
        case "sum" | "mean" | "std" | "median" | "benford":
            return (maker.narrow(maker.chooser.pick(SUMMABLE), exact=True),)
        case "min" | "max":
            return (maker.narrow(maker.chooser.pick(maker.ordered), exact=False),)
        case "percentile":
            x = maker.narrow(maker.chooser.pick(maker.ordered), exact=False)
            return x, trees.number(maker.chooser.pick(SHARES))
        case "legs":
            amount = trees.column("amount", SCHEMA)
            target = maker.pick(trees.this(amount), maker.constant(Kind.MONEY))
            x = maker.pick(amount, maker.narrow(Kind.MONEY, exact=True))
            return x, target, trees.number(maker.pick("0", "0.05", "1", "-0.1"))
        case _:
            number = maker.pick(1, 2) if function == "distinct" else 1
            kinds = [maker.pick(Kind.TEXT, *KINDS_OF_VALUE) for _ in range(number)]
            return tuple(maker.narrow(kind, exact=False) for kind in kinds)


def random_window(maker: Maker, function: str) -> Window:
    """A window that an aggregate may have."""
    shape = maker.pick("time", "time", "rows", "all", *(("periods",) if maker.clock else ()))
    excluding = maker.pick(False, False, True)
    if shape == "all" and function in RUNNING:
        return replace(trees.ALL_TIME, excluding_this=excluding)
    if shape == "rows":
        length, matching = maker.pick(1, 2, 3), maker.pick(False, True)
        return trees.last(length, matching=matching, excluding_this=excluding)
    if shape == "periods":
        previous, length = maker.pick(False, True), maker.pick(1, 2, 3)
        unit = maker.chooser.pick(list(Unit))
        return trees.periods(length, unit, previous=previous, excluding_this=excluding)
    ending = maker.pick("0h", "0h", "1h", "24h")
    return trees.over(maker.chooser.pick(SPANS), ending, excluding_this=excluding)


def random_groups(maker: Maker, keys: tuple[str, ...]) -> Aggregate:
    """An aggregate of blocks, periods or values of a column."""
    shape = maker.pick("column", "blocks", *(("periods", "periods") if maker.clock else ()))
    bucket, window = _BUCKETS[shape](maker)
    inner = _inner(maker, bucket)
    return trees.groups(_outer(maker, inner), inner, by=keys, window=window)


def _column(maker: Maker) -> tuple[Bucket, Window]:
    sided = SIDED_GROUP_COLUMNS if maker.sided else ()
    name = maker.pick(*GROUP_COLUMNS, *sided, *sided)
    window = random_window(maker, "distinct")
    return Bucket(column=trees.column(name, SCHEMA)), replace(window, matching=False)


def _blocks(maker: Maker) -> tuple[Bucket, Window]:
    size, length = maker.chooser.pick(BLOCKS)
    ending = maker.pick("0h", "0h", "1h", "24h")
    window = trees.over(length, ending, excluding_this=maker.pick(False, False, True))
    return Bucket(length=trees.span(size)), window


def _periods(maker: Maker) -> tuple[Bucket, Window]:
    window = random_window(maker, "distinct")
    active = window.length > 0 and maker.pick(False, True)
    if window.span == "rows":
        active = True
    unit = maker.chooser.pick(list(Unit))
    return Bucket(unit=unit, active=active), replace(window, matching=False)


_BUCKETS = {"column": _column, "blocks": _blocks, "periods": _periods}


def _inner(maker: Maker, bucket: Bucket) -> Inner:
    function = maker.chooser.pick(PER_GROUP)
    arguments = random_arguments(maker, function)[:1]
    if function in {"first", "last"}:
        arguments = (maker.narrow(maker.chooser.pick(maker.ordered), exact=False),)
    made = trees.inner(function, *arguments, bucket=bucket, where=random_where(maker), having=None)
    return replace(made, having=_having(maker, made))


def _having(maker: Maker, inner: Inner) -> Expr | None:
    kind = inner.type.kind
    if maker.secret(kind) or maker.pick(True, False):
        return None
    value = GroupValue(inner.type)
    having = trees.compare(value, maker.chooser.pick(COMPARISONS), maker.constant(kind))
    return having if sound(having) else None


def _outer(maker: Maker, inner: Inner) -> str:
    """An aggregate that takes such groups."""
    allowed = ["count", "min", "max"]
    allowed += [] if inner.bucket.column else ["first", "last"]
    allowed += ["distinct"] if inner.type.exact else []
    if inner.type.kind in SUMMABLE:
        allowed += ["median", *(("sum", "mean", "std") if inner.type.exact else ())]
    return maker.chooser.pick(allowed)
