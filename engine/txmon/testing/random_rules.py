"""Random features, rules and packs that the rule language would accept."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from txmon.language.checked import ExceptionEntry, Severity, Suppress
from txmon.language.nodes import Aggregate, Point, column_names, feature_names
from txmon.plan.parts import judged_operands
from txmon.schema import is_sided
from txmon.testing import trees
from txmon.testing.random_graphs import random_graph, random_question, random_role
from txmon.testing.random_groups import (
    random_arguments,
    random_groups,
    random_where,
    random_window,
)
from txmon.testing.random_judged import bounded, compared, elsewhere
from txmon.testing.random_lists import LISTS
from txmon.testing.random_sequences import random_sequence, random_when
from txmon.testing.random_trees import (
    COMPARISONS,
    DEVICES,
    KINDS_OF_VALUE,
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
    from collections.abc import Callable, Mapping, Sequence

    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import Expr, FeatureNode, Literal
    from txmon.testing.random_trees import Chooser

RULE_KEYS = (
    *(("account",), ("account", "counterparty"), ("account", "direction"), ("counterparty",)),
    *(("debtor_account",), ("debtor_account", "creditor_account"), ("device_id",), ()),
)
SUBJECT_KEY = ("subject_kind", "subject")
SUBJECTS = ("debtor_account", "creditor_account", "device_id")
SIDED_SUBJECTS = ("account", "counterparty", "device_id")
ZONES = ("UTC", "Asia/Shanghai", "America/New_York", "America/Havana")
"""The last two change their clocks on 8 March 2026, Havana at midnight."""

HOLIDAYS = frozenset({20_513, 20_517, 20_520})
"""2026-03-01, a Sunday, and the Thursday and Sunday after it."""

AGGREGATES = (
    *("count", "sum", "mean", "min", "max", "std", "distinct", "first", "last"),
    *("median", "percentile", "benford", "legs"),
)
POINTS = ("previous", "time_since_previous", "time_since_first", "is_first")
MOST_FEATURES = 4
_FIRST_DAY = 20_513
_EXCEPTED: Mapping[str, tuple[str | int, ...]] = {
    **dict.fromkeys(("debtor_account", "account"), ("A", "B")),
    "device_id": DEVICES,
    "tries": (0, 1),
}
"""Columns that rules allow exceptions by -> values of theirs."""
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
    made = [random_rule(maker, "r0", late=late)]
    for number in range(1, rules):
        over_alerts = chooser.pick((False, True, False))
        sources = _sources(chooser, made) if over_alerts else ()
        read = replace(maker, alerts=over_alerts)
        made.append(random_rule(read, f"r{number}", sources, late=late))
    return trees.pack(
        *made,
        schema=SCHEMA,
        timezone=chooser.pick(ZONES),
        lists=LISTS,
        exceptions=_exceptions(chooser, made) if spelling and clock else (),
        holidays=HOLIDAYS,
    )


def _exceptions(chooser: Chooser, rules: Sequence[Rule]) -> list[ExceptionEntry]:
    """Some exceptions by columns that the rules allow: at times open, over, or yet to come."""
    entries = []
    for number in range(chooser.pick((0, 0, 1, 2))):
        rule = chooser.pick([rule for rule in rules if rule.exceptable])
        names = {chooser.pick(rule.exceptable) for _ in range(chooser.pick((1, 2)))}
        values = {name: tuple({chooser.pick(_EXCEPTED[name])}) for name in sorted(names)}
        same = [one.id for one in rules if names <= set(one.exceptable)]
        since = chooser.pick((None, None, _FIRST_DAY, _FIRST_DAY + 1))
        until = chooser.pick((_FIRST_DAY + 400, _FIRST_DAY + 7, _FIRST_DAY))
        ids = chooser.pick(((rule.id,), tuple(same)))
        entries.append(ExceptionEntry(f"x{number}", ids, values, "owner", "why", since, until))
    return entries


def _sources(chooser: Chooser, rules: Sequence[Rule]) -> tuple[str, ...]:
    """Whose alerts a rule reads: some rules before it, or all of a typology."""
    words = ("test", "test.a", *(rule.id for rule in rules))
    return tuple({chooser.pick(words) for _ in range(chooser.pick((1, 2)))})


def random_rule(plain: Maker, id_: str, sources: Sequence[str] = (), *, late: bool = True) -> Rule:
    """A random rule: its timeline, features, conditions and suppression; often with a sequence, or
    a graph rule.

    With ``sources`` it is over their alerts, as ``plain`` must be.
    """
    if not sources and plain.pick(False, False, False, True):
        return _graph_rule(plain, id_)
    by = plain.chooser.pick((*RULE_KEYS, *((SUBJECT_KEY,) * 2 if sources else ())))
    sided = _reads_side(by)
    maker = _with_features(replace(plain, sided=sided), by)
    sequence = random_sequence(maker, late=late) if plain.pick(False, False, True) else None
    levels = _levels(maker) if sequence is None else [random_when(maker, sequence)]
    made = trees.rule(
        *levels,
        by=by,
        features=maker.features,
        where=plain.expr(Kind.BOOL) if plain.pick(False, False, True) else None,
        events=() if sources else plain.pick((), ("login",)),
        needs=_condition(maker) if plain.pick(False, False, True) else None,
        suppress=_suppress(plain.chooser),
        subject=plain.chooser.pick(
            (*(SIDED_SUBJECTS if sided else SUBJECTS), *(("subject",) * 2 if sources else ()))
        ),
        id_=id_,
        schema=SCHEMA,
        typology=f"case.{id_}" if sources else plain.pick("test.a", "test.b"),
        status=plain.pick("stable", "stable", "shadow"),
        sources=sources,
        unreversed=not sources and _may_leave_out(maker) and plain.pick(False, True, True),
        exceptable=("debtor_account", *(("account",) if sided else ()), "device_id", "tries"),
        graded=[(plain.pick(*Severity), plain.pick(None, 0, 40, 80)) for _ in range(2)],
    )
    return replace(made, sequence=sequence)


def _may_leave_out(maker: Maker) -> bool:
    """Whether reversed payments can be left out of all features."""
    aggregates = [one for one in maker.features.values() if isinstance(one, Aggregate)]
    return all(
        one.inner is None and one.window.finite and not one.window.matching for one in aggregates
    )


def random_graph_pack(chooser: Chooser, *, clock: bool = True) -> Pack:
    """A pack of two graph rules that see every payment; ``clock`` as ``Maker`` has it."""
    plain = Maker(chooser, sided=False, clock=clock)
    made = [replace(_graph_rule(plain, f"r{number}"), where=None) for number in range(2)]
    return trees.pack(*made, schema=SCHEMA, timezone=chooser.pick(ZONES), lists=LISTS)


def random_sequence_pack(chooser: Chooser) -> Pack:
    """A pack of one rule with a sequence, that sees every payment and mostly asks no more."""
    plain = Maker(chooser, sided=False)
    by = chooser.pick((("account",), ("debtor_account",), ("account", "counterparty")))
    sided = _reads_side(by)
    maker = _with_features(replace(plain, sided=sided), by)
    sequence = random_sequence(maker, late=True)
    made = trees.rule(
        random_when(maker, sequence),
        by=by,
        features=maker.features,
        suppress=_suppress(chooser),
        schema=SCHEMA,
    )
    rule = replace(made, sequence=sequence)
    return trees.pack(rule, schema=SCHEMA, timezone=chooser.pick(ZONES), lists=LISTS)


def _graph_rule(plain: Maker, id_: str) -> Rule:
    """A random graph rule: its pattern, and what is asked of paths and of their middle accounts."""
    maker = _with_features(replace(plain, sided=True), ())
    graph = random_graph(plain, _condition(maker))
    whole = maker.over_whole()
    asked = random_question(whole, graph)
    also = whole.expr(Kind.BOOL) if not whole.features else _condition(whole)
    whens = (trees.boolean(True), asked, trees.both(asked, also), trees.either(asked, also))
    made = trees.rule(
        plain.pick(*whens),
        features=maker.features,
        where=plain.expr(Kind.BOOL) if plain.pick(False, False, True) else None,
        events=plain.pick((), ("login",)),
        needs=also if plain.pick(False, False, True) else None,
        suppress=_suppress(plain.chooser),
        subject=random_role(plain, graph),
        id_=id_,
        schema=SCHEMA,
        typology=plain.pick("test.a", "test.b"),
        status=plain.pick("stable", "stable", "shadow"),
        exceptable=("debtor_account", "device_id", "tries"),
    )
    return replace(made, graph=graph)


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
    shape = maker.pick("aggregate", "aggregate", "aggregate", "groups", "point", "expression")
    if shape == "expression":
        return _expression(maker)
    keys = _keys(maker, by)
    probes: tuple[Expr | None, ...] = ()
    judged = maker if by else maker.over_whole()  # a graph pattern judges whole payments
    if maker.pick(False, False, True):
        keys, probes = elsewhere(judged)
    inner = replace(maker, sided=True) if _reads_side(keys) else maker.over_whole()
    asks = judged if probes else inner
    if shape == "aggregate" and maker.pick(False, True):
        inner = replace(inner, asks=asks)
    made = MAKERS[shape](inner, keys)
    return bounded(maker, replace(made, probes=probes))


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
    sided = SIDED_KEYS if maker.sided else ()
    others = (*WHOLE_KEYS, *sided, *((SUBJECT_KEY,) if maker.alerts else ()))
    own = (by, by, by) if by else ()
    return maker.pick(*own, *others)


def _aggregate(maker: Maker, keys: tuple[str, ...]) -> Aggregate:
    function = maker.chooser.pick((*AGGREGATES, "count", "sum"))
    window = random_window(maker, function)
    where = maker.expr(Kind.BOOL) if window.matching else random_where(maker)
    if maker.asks is not None:
        where = compared(maker, maker.asks)
    arguments = random_arguments(maker, function)
    return trees.aggregate(function, *arguments, by=keys, window=window, where=where)


def _point(maker: Maker, keys: tuple[str, ...]) -> Point:
    function = maker.chooser.pick(POINTS)
    argument = None
    if function in {"previous", "is_first"}:
        argument = maker.narrow(maker.pick(Kind.TEXT, *KINDS_OF_VALUE), exact=False)
    window = None
    if function == "is_first" and maker.pick(True, False):
        window = random_window(maker, function)
    if argument is not None and function == "is_first":
        argument = maker.over_whole().narrow(Kind.TEXT, exact=False)
    return trees.point(function, argument, by=keys, where=random_where(maker), window=window)


MAKERS: Mapping[str, Callable[[Maker, tuple[str, ...]], Aggregate | Point]] = {
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
    op = maker.chooser.pick(THRESHOLD_OPS if kind in maker.ordered else ("==", "!="))
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
