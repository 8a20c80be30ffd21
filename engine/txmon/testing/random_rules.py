"""Random features, rules and packs that the rule language would accept."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from txmon.language.builtins import RUNNING
from txmon.language.checked import Suppress
from txmon.language.nodes import Aggregate, Point, Window, column_names, feature_names
from txmon.language.separate import separated
from txmon.plan.parts import judged_operands
from txmon.schema import is_sided
from txmon.testing import trees
from txmon.testing.random_trees import (
    COMPARISONS,
    KINDS_OF_VALUE,
    LISTS,
    ORDERED,
    SCHEMA,
    SIDED_KEYS,
    SPANS,
    SUMMABLE,
    WHOLE_KEYS,
    Maker,
    sound,
)
from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import Expr, FeatureNode, Literal
    from txmon.testing.random_trees import Chooser

RULE_KEYS = (
    *(("account",), ("account", "counterparty"), ("account", "direction"), ("counterparty",)),
    *(("debtor_account",), ("debtor_account", "creditor_account"), ("device_id",), ()),
)
SUBJECTS = ("debtor_account", "creditor_account", "device_id")
SIDED_SUBJECTS = ("account", "counterparty", "device_id")
ZONES = ("UTC", "Asia/Shanghai", "America/New_York")
AGGREGATES = (
    *("count", "sum", "mean", "min", "max", "std", "distinct", "first", "last"),
    *("median", "percentile", "benford", "legs"),
)
SHARES = ("50", "0", "95", "33.3", "100")
POINTS = ("previous", "time_since_previous", "time_since_first", "is_first")
MOST_FEATURES = 4
THRESHOLD_OPS = (">=", "<=", *COMPARISONS)


def random_pack(chooser: Chooser, rules: int, *, spelling: bool = True, clock: bool = True) -> Pack:
    """A pack of so many random rules.

    ``spelling`` and ``clock`` as ``Maker`` has them.
    """
    maker = Maker(chooser, sided=False, spelling=spelling, clock=clock)
    made = [random_rule(maker, f"r{number}") for number in range(rules)]
    return trees.pack(*made, schema=SCHEMA, timezone=chooser.pick(ZONES), lists=LISTS)


def random_rule(plain: Maker, id_: str) -> Rule:
    """A random rule: its timeline, features, conditions and suppression."""
    by = plain.chooser.pick(RULE_KEYS)
    sided = _reads_side(by)
    maker = _with_features(replace(plain, sided=sided), by)
    return trees.rule(
        *_levels(maker),
        by=by,
        features=maker.features,
        where=plain.expr(Kind.BOOL) if plain.pick(False, False, True) else None,
        events=plain.pick((), ("login",)),
        needs=_condition(maker) if plain.pick(False, False, True) else None,
        suppress=_suppress(plain.chooser),
        subject=plain.chooser.pick(SIDED_SUBJECTS if sided else SUBJECTS),
        id_=id_,
        schema=SCHEMA,
    )


def _reads_side(names: tuple[str, ...]) -> bool:
    return any(is_sided(name, SCHEMA) for name in names)


def _with_features(maker: Maker, by: tuple[str, ...]) -> Maker:
    for number in range(maker.chooser.pick(range(1, MOST_FEATURES + 1))):
        feature = _feature(maker, by)
        name = f"f{number}"
        features = {**maker.features, name: feature}
        sided = {name} if _feature_reads_side(maker, feature) else set()
        maker = replace(maker, features=features, sided_features=maker.sided_features.union(sided))
    return maker


def _feature_reads_side(maker: Maker, feature: FeatureNode) -> bool:
    """Whether a feature's value depends on the side its row stands on."""
    if not isinstance(feature, Aggregate | Point):
        return _of_side(maker, feature)
    if not feature.probes:
        return _reads_side(feature.keys)
    own = tuple(key for key, probe in zip(feature.keys, feature.probes, strict=True) if not probe)
    return _reads_side(own) or any(_of_side(maker, node) for node in judged_operands(feature))


def _of_side(maker: Maker, node: Expr) -> bool:
    return _reads_side(tuple(column_names(node))) or not maker.sided_features.isdisjoint(
        feature_names(node)
    )


def _feature(maker: Maker, by: tuple[str, ...]) -> FeatureNode:
    shape = maker.pick("aggregate", "aggregate", "aggregate", "point", "expression")
    if shape == "expression":
        return _expression(maker)
    keys = _keys(maker, by)
    probes: tuple[Expr | None, ...] = ()
    if maker.pick(False, False, True):
        keys, probes = _elsewhere(maker)
    inner = replace(maker, sided=True) if _reads_side(keys) else maker.over_whole()
    if shape == "point":
        return _point(inner, keys, probes)
    asks = maker if probes else inner
    return _aggregate(replace(inner, asks=asks if maker.pick(False, True) else None), keys, probes)


def _elsewhere(maker: Maker) -> tuple[tuple[str, ...], tuple[Expr | None, ...]]:
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


def _expression(maker: Maker) -> Expr:
    """An expression, often over a feature above."""
    above = maker.read(*SUMMABLE)
    if not above or maker.pick(False, True):
        return maker.expr(maker.chooser.pick(KINDS_OF_VALUE))
    read = maker.chooser.pick(above)
    try:
        return trees.arithmetic(read, "-", maker.leaf(read.type.kind))
    except ValueError:  # the difference is wider than the language takes
        return read


def _keys(maker: Maker, by: tuple[str, ...]) -> tuple[str, ...]:
    """The rule's keys or others; a rule over whole payments has no features by side."""
    others = (*WHOLE_KEYS, *SIDED_KEYS) if maker.sided else WHOLE_KEYS
    own = (by, by, by) if by else ()
    return maker.pick(*own, *others)


def _where(maker: Maker) -> Expr | None:
    return maker.expr(Kind.BOOL) if maker.pick(False, True) else None


def _aggregate(maker: Maker, keys: tuple[str, ...], probes: tuple[Expr | None, ...]) -> Aggregate:
    function = maker.chooser.pick((*AGGREGATES, "count", "sum"))
    window = _window(maker, function)
    where = maker.expr(Kind.BOOL) if window.matching else _where(maker)
    if maker.asks is not None:
        where = _compared(maker, maker.asks)
    arguments = _arguments(maker, function)
    made = trees.aggregate(function, *arguments, by=keys, window=window, where=where, probes=probes)
    parts = separated(made)
    if parts.scans or parts.mixed is not None:
        return replace(made, window=_bounded(maker, window))
    return made


def _bounded(maker: Maker, window: Window) -> Window:
    """A window that forgets rows whatever ``this`` says."""
    if window.matching or not window.finite:
        return trees.over(maker.chooser.pick(SPANS), excluding_this=window.excluding_this)
    return window


def _compared(maker: Maker, asks: Maker) -> Expr:
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
    name = plain.pick("amount", "amount", "debtor_balance", "score")
    column = trees.column(name, SCHEMA)
    apart = trees.call("abs", trees.arithmetic(column, "-", trees.this(column)))
    share = trees.number(asks.pick("0.1", "0.5", "0", "1"))
    return trees.compare(
        apart, plain.pick("<=", "<", ">="), trees.arithmetic(share, "*", trees.this(column))
    )


def _arguments(maker: Maker, function: str) -> tuple[Expr, ...]:
    if maker.pick(True, True, False):
        maker = replace(maker, asks=None)
    match function:
        case "count":
            return ()
        case "sum" | "mean" | "std" | "median" | "benford":
            return (maker.narrow(maker.chooser.pick(SUMMABLE), exact=True),)
        case "min" | "max":
            return (maker.narrow(maker.chooser.pick(ORDERED), exact=False),)
        case "percentile":
            x = maker.narrow(maker.chooser.pick(ORDERED), exact=False)
            return x, trees.number(maker.chooser.pick(SHARES))
        case "legs":
            target = maker.pick(
                trees.this(trees.column("amount", SCHEMA)), maker.constant(Kind.MONEY)
            )
            x = maker.pick(trees.column("amount", SCHEMA), maker.narrow(Kind.MONEY, exact=True))
            return x, target, trees.number(maker.pick("0", "0.05", "1", "-0.1"))
        case _:
            number = maker.pick(1, 2) if function == "distinct" else 1
            kinds = [maker.pick(Kind.TEXT, *KINDS_OF_VALUE) for _ in range(number)]
            return tuple(maker.narrow(kind, exact=False) for kind in kinds)


def _window(maker: Maker, function: str) -> Window:
    shape = maker.pick("time", "time", "rows", "all")
    excluding = maker.pick(False, False, True)
    if shape == "all" and function in RUNNING:
        return replace(trees.ALL_TIME, excluding_this=excluding)
    if shape == "rows":
        length, matching = maker.pick(1, 2, 3), maker.pick(False, True)
        return trees.last(length, matching=matching, excluding_this=excluding)
    ending = maker.pick("0h", "0h", "1h", "24h")
    return trees.over(maker.chooser.pick(SPANS), ending, excluding_this=excluding)


def _point(maker: Maker, keys: tuple[str, ...], probes: tuple[Expr | None, ...]) -> Point:
    function = maker.chooser.pick(POINTS)
    argument = None
    if function in {"previous", "is_first"}:
        argument = maker.narrow(maker.pick(Kind.TEXT, *KINDS_OF_VALUE), exact=False)
    window = None
    if function == "is_first" and maker.pick(True, False):
        window = _window(maker, function)
    where = _where(maker)
    if probes and argument is not None and function == "is_first":
        argument = replace(maker.over_whole(), asks=None).narrow(Kind.TEXT, exact=False)
    return trees.point(function, argument, by=keys, where=where, window=window, probes=probes)


def _levels(maker: Maker) -> list[Expr]:
    """The condition of a rule, or of its levels: often bands of one value."""
    measures = maker.read(*SUMMABLE)
    if not measures or maker.pick(True, True, False):
        return [_condition(maker) for _ in range(maker.pick(1, 1, 2, 3))]
    read = maker.chooser.pick(measures)
    values = sorted((maker.constant(read.type.kind) for _ in range(2)), key=_size, reverse=True)
    bands: list[Expr] = [trees.compare(read, ">", value) for value in values]
    return bands if all(map(sound, bands)) else [_condition(maker)]


def _size(literal: Literal) -> Fraction:
    return Fraction(int(literal.value), 10**literal.type.scale)


def _condition(maker: Maker) -> Expr:
    """A condition that mostly looks at the features."""
    leaf = maker.pick(_threshold, _threshold, _ratio, _anything)(maker)
    combine = maker.pick(None, None, trees.both, trees.either)
    return leaf if combine is None else combine(leaf, _threshold(maker))


def _anything(maker: Maker) -> Expr:
    return maker.expr(Kind.BOOL)


def _threshold(maker: Maker) -> Expr:
    """A feature against a value near what it takes."""
    name, feature = maker.chooser.pick(list(maker.features.items()))
    kind, read = feature.type.kind, trees.ref(name, maker.features)
    if kind is Kind.BOOL:
        return read
    op = maker.chooser.pick(THRESHOLD_OPS if kind in ORDERED else ("==", "!="))
    value = maker.leaf(kind) if maker.secret(kind) else maker.constant(kind)
    node = trees.compare(read, op, value)
    return node if sound(node) else trees.call("is_null", read)


def _ratio(maker: Maker) -> Expr:
    """One feature as a share of something of its kind."""
    measures = maker.read(*SUMMABLE)
    if not measures:
        return _threshold(maker)
    read = maker.chooser.pick(measures)
    share = trees.arithmetic(read, "/", maker.expr(read.type.kind, 1))
    return trees.compare(share, maker.chooser.pick(THRESHOLD_OPS), maker.constant(Kind.NUMBER))


def _suppress(chooser: Chooser) -> Suppress | None:
    span = chooser.pick((None, *SPANS))
    if span is None:
        return None
    return Suppress(trees.span(span), by_subject=chooser.pick((False, True)))
