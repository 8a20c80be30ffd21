"""Random timelines that payments ask from elsewhere, and comparisons with the payment judged."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.nodes import Point
from txmon.language.separate import separated
from txmon.schema import is_sided
from txmon.testing import trees
from txmon.testing.random_trees import (
    COMPARISONS,
    ORDERED,
    SCHEMA,
    SIDED_KEYS,
    SPANS,
    SUMMABLE,
    WHOLE_KEYS,
    sound,
)
from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.language.nodes import Aggregate, Expr
    from txmon.testing.random_trees import Maker

Probes = tuple["Expr | None", ...]


def elsewhere(maker: Maker) -> tuple[tuple[str, ...], Probes]:
    """Keys of another timeline, and what each is there."""
    keys = maker.pick(*WHOLE_KEYS, *SIDED_KEYS)
    types = {**SCHEMA.sided(), **SCHEMA.columns}
    own = {key: maker.sided or not is_sided(key, SCHEMA) for key in keys}
    probes = tuple(
        None if own[key] and maker.pick(False, True) else _probe(maker, types[key].kind)
        for key in keys
    )
    return (
        (keys, probes) if any(probes) else (keys, (_probe(maker, types[keys[0]].kind), *probes[1:]))
    )


def _probe(maker: Maker, kind: Kind) -> Expr:
    if kind is Kind.TEXT and maker.pick(True, True, False):
        names = ("debtor_account", "creditor_account", "device_id")
        return trees.column(maker.chooser.pick(names), SCHEMA)
    return maker.narrow(kind, exact=True)


def bounded(maker: Maker, made: Aggregate | Point) -> Aggregate | Point:
    """The same, with a window that forgets rows whatever ``this`` says, if it must have one."""
    if isinstance(made, Point) or made.inner is not None:
        return made
    parts, window = separated(made), made.window
    if parts.mixed is None and not parts.scans:
        return made
    if not window.matching and window.finite:
        return made
    length = maker.chooser.pick(SPANS)
    return replace(made, window=trees.over(length, excluding_this=window.excluding_this))


def compared(maker: Maker, asks: Maker) -> Expr:
    """A condition that compares rows with the payment being judged."""
    plain = replace(maker, asks=None)
    test = maker.pick(_same, _same, _ordered, _ordered, _near, _any_test)(plain, asks)
    return trees.both(test, plain.expr(Kind.BOOL)) if maker.pick(False, False, True) else test


def _any_test(plain: Maker, asks: Maker) -> Expr:
    return replace(plain, asks=asks).expr(Kind.BOOL)


def _same(plain: Maker, asks: Maker) -> Expr:
    """``x == this.x``, or an equality near it."""
    names = ("creditor_account", "debtor_account", "kind", "device_id", "tries", "flag")
    name, other = plain.chooser.pick(names), plain.chooser.pick(names)
    one = trees.column(name, SCHEMA)
    two = trees.column(other, SCHEMA)
    if one.type != two.type or plain.pick(True, True, False):
        two = one
    sides = (one, trees.this(two)) if plain.pick(True, False) else (trees.this(two), one)
    same = trees.compare(sides[0], plain.pick("==", "==", "!="), sides[1])
    return trees.both(same, _ordered(plain, asks)) if plain.pick(False, False, True) else same


def _ordered(plain: Maker, asks: Maker) -> Expr:
    """A comparison that separates into what the row says and what ``this`` says."""
    kind = plain.pick(Kind.MONEY, *ORDERED)
    row, judged = plain.leaf(kind), asks.leaf(kind)
    op = plain.chooser.pick(COMPARISONS)
    try:
        if kind in SUMMABLE and plain.pick(False, True):
            judged = trees.arithmetic(judged, plain.pick("+", "-"), asks.leaf(kind))
        if kind in SUMMABLE and plain.pick(False, True):
            apart = trees.arithmetic(row, "-", trees.this(judged))
            return trees.compare(apart, op, plain.constant(kind))
    except ValueError:
        return trees.compare(row, op, trees.this(asks.leaf(kind)))
    node = trees.compare(row, op, trees.this(judged))
    return node if sound(node) else trees.compare(row, op, trees.this(asks.leaf(kind)))


def _near(plain: Maker, asks: Maker) -> Expr:
    """``abs(x - this.x) <= 10% * this.x``."""
    name = plain.pick("amount", "amount", "debtor_balance", "risk")
    column = trees.column(name, SCHEMA)
    apart = trees.call("abs", trees.arithmetic(column, "-", trees.this(column)))
    share = trees.number(asks.pick("0.1", "0.5", "0", "1"))
    return trees.compare(
        apart, plain.pick("<=", "<", ">="), trees.arithmetic(share, "*", trees.this(column))
    )
