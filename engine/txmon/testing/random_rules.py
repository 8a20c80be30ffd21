"""Random features, rules and packs that the rule language would accept."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from txmon.language.checked import Suppress
from txmon.language.nodes import Aggregate, Point, column_names, feature_names
from txmon.schema import is_sided
from txmon.testing import trees
from txmon.testing.random_groups import (
    random_arguments,
    random_groups,
    random_where,
    random_window,
)
from txmon.testing.random_sequences import random_sequence, random_when
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
    from collections.abc import Callable, Mapping

    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import Expr, FeatureNode, Literal
    from txmon.testing.random_trees import Chooser

RULE_KEYS = (
    *(("account",), ("account", "counterparty"), ("account", "direction"), ("counterparty",)),
    *(("debtor_account",), ("debtor_account", "creditor_account"), ("device_id",), ()),
)
SUBJECTS = ("debtor_account", "creditor_account", "device_id")
SIDED_SUBJECTS = ("account", "counterparty", "device_id")
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "America/Havana")
"""The last two change their clocks on 8 March 2026, Havana at midnight."""

HOLIDAYS = frozenset({20_513, 20_517, 20_520})
"""2026-03-01, a Sunday, and the Thursday and Sunday after it."""

AGGREGATES = ("count", "sum", "mean", "min", "max", "std", "distinct", "first", "last")
POINTS = ("previous", "time_since_previous", "time_since_first", "is_first")
MOST_FEATURES = 4
THRESHOLD_OPS = (">=", "<=", *COMPARISONS)


def random_pack(
    chooser: Chooser,
    rules: int,
    *,
    spelling: bool = True,
    clock: bool = True,
    late: bool = True,
) -> Pack:
    """A pack of so many random rules.

    ``spelling`` and ``clock`` as ``Maker`` has them. ``late``: an alert may come after its trigger,
    where a sequence ends with an absent step.
    """
    maker = Maker(chooser, sided=False, spelling=spelling, clock=clock)
    made = [random_rule(maker, f"r{number}", late=late) for number in range(rules)]
    zone = chooser.pick(ZONES)
    return trees.pack(*made, schema=SCHEMA, timezone=zone, lists=LISTS, holidays=HOLIDAYS)


def random_rule(plain: Maker, id_: str, *, late: bool = True) -> Rule:
    """A random rule: its timeline, features, conditions and suppression; often a sequence."""
    by = plain.chooser.pick(RULE_KEYS)
    sided = _reads_side(by)
    maker = _with_features(replace(plain, sided=sided), by)
    sequence = random_sequence(maker, late=late) if plain.pick(False, False, True) else None
    levels = _levels(maker) if sequence is None else [random_when(maker, sequence)]
    made = trees.rule(
        *levels,
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
    return replace(made, sequence=sequence)


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
    if isinstance(feature, Aggregate | Point):
        return _reads_side(feature.keys)
    return _reads_side(tuple(column_names(feature))) or not maker.sided_features.isdisjoint(
        feature_names(feature)
    )


def _feature(maker: Maker, by: tuple[str, ...]) -> FeatureNode:
    shape = maker.pick("aggregate", "aggregate", "aggregate", "groups", "point", "expression")
    if shape == "expression":
        return _expression(maker)
    keys = _keys(maker, by)
    inner = maker if _reads_side(keys) else maker.over_whole()
    return MAKERS[shape](inner, keys)


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


def _aggregate(maker: Maker, keys: tuple[str, ...]) -> Aggregate:
    function = maker.chooser.pick(AGGREGATES)
    window = random_window(maker, function)
    where = maker.expr(Kind.BOOL) if window.matching else random_where(maker)
    return trees.aggregate(
        function, *random_arguments(maker, function), by=keys, window=window, where=where
    )


def _point(maker: Maker, keys: tuple[str, ...]) -> Point:
    function = maker.chooser.pick(POINTS)
    argument = None
    if function in {"previous", "is_first"}:
        argument = maker.narrow(maker.pick(Kind.TEXT, *KINDS_OF_VALUE), exact=False)
    window = None
    if function == "is_first" and maker.pick(True, False):
        window = random_window(maker, function)
    return trees.point(function, argument, by=keys, where=random_where(maker), window=window)


MAKERS: Mapping[str, Callable[[Maker, tuple[str, ...]], FeatureNode]] = {
    "aggregate": _aggregate,
    "groups": random_groups,
    "point": _point,
}


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
