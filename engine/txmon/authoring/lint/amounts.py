"""Amounts and numbers: thresholds that vanish, shares without %, currencies taken together."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING

from txmon.authoring.lint.codes import Lint
from txmon.authoring.lint.facts import MIRRORED, facts
from txmon.authoring.lint.intervals import Interval
from txmon.authoring.lint.ranges import Ranges, holds_itself
from txmon.authoring.lint.reading import STEP, WHEN, beside, whole
from txmon.language import nodes
from txmon.language.nodes import (
    Aggregate,
    Column,
    Compare,
    FeatureRef,
    Literal,
    Range,
    column_names,
    feature_names,
    walk,
)
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from txmon.authoring.lint.reading import Leaf, RuleReading
    from txmon.language.nodes import Expr
    from txmon.language.problems import Fault

_TOGETHER = frozenset({"sum", "mean", "median", "min", "max", "std", "percentile", "first", "last"})
_BASELINE = frozenset({"mean", "median", "std", "percentile"})
_SHARE_NAME = re.compile(r"(^|_)(share|percent|percentage|pct|fraction|portion|ratio)(_|$)")
_LEAST_PERCENT, _MOST_PERCENT = Fraction(2), Fraction(100)
_SURELY_PERCENT = Fraction(50)


def lint_amounts(rule: RuleReading) -> Iterator[Fault]:
    """What is odd about the numbers and amounts of a rule."""
    usual = Ranges(rule.rule, usual=True)
    for asked in rule.conditions(WHEN, STEP):
        for leaf, others in beside(asked.condition):
            yield from _no_floor(rule, leaf, (*others, *rule.context), usual)
            yield from _own_baseline(rule, leaf)
            yield from _bare_share(rule, leaf)
    for asked in rule.asked:
        for leaf, others in beside(asked.condition):
            yield from _equal(leaf)
            yield from _mixed_threshold(rule, leaf, (*others, *rule.seen))
    yield from _mixed(rule)
    yield from _shares(rule)


def _at_least(expr: Expr) -> tuple[Expr, str, Expr] | None:
    """``more >= less`` or ``more > less``, however it is written."""
    if isinstance(expr, Range):
        return expr.operand, ">" if expr.low_open else ">=", expr.low
    if not isinstance(expr, Compare) or expr.op not in MIRRORED:
        return None
    if expr.op in {">", ">="}:
        return expr.left, expr.op, expr.right
    return (expr.right, MIRRORED[expr.op], expr.left) if expr.op in {"<", "<="} else None


def _no_floor(
    rule: RuleReading, leaf: Leaf, others: Sequence[Leaf], usual: Ranges
) -> Iterator[Fault]:
    sides = _at_least(leaf.expr)
    if sides is None or any(isinstance(side, Literal | nodes.Vary) for side in sides[::2]):
        return
    more, op, less = sides
    names, right = feature_names(less), usual.of(less)
    if not names or right.low < 0 or not right.holds_zero or _spread(rule, less):
        return
    left = usual.of(more)
    vanishes = left.low >= 0 and (op == ">=" or left.positive or isinstance(more, FeatureRef))
    floors = {more, *_refs(rule, less), *_refs(rule, more)}
    if not vanishes or any(_floor(one, floors, usual) for one in others):
        return
    baseline = ", ".join(f"'{name}'" for name in sorted(names))
    message = f"'{leaf.text}' is true as soon as {baseline} is zero"
    advice = "ask for a least amount or number beside it, or let the baseline be of active days"
    yield leaf.fault(Lint.NO_FLOOR, message, advice)


def _spread(rule: RuleReading, node: Expr) -> bool:
    """Whether a value is a spread: below a share of the mean, it is asked to be small."""
    feature = rule.rule.features.get(node.name) if isinstance(node, FeatureRef) else None
    return isinstance(feature, Aggregate) and feature.function == "std"


def _refs(rule: RuleReading, node: Expr) -> set[Expr]:
    found: set[Expr] = {part for part in walk(node) if isinstance(part, FeatureRef | Column)}
    for part in list(found):
        feature = rule.rule.features.get(part.name) if isinstance(part, FeatureRef) else None
        if feature is not None and not isinstance(feature, Aggregate | nodes.Point):
            found |= _refs(rule, feature)
    return found


def _floor(leaf: Leaf, of: set[Expr], ranges: Ranges) -> bool:
    """Whether a condition keeps one of some values above zero."""
    return any(
        isinstance(fact.most, Interval) and fact.most.positive and fact.subject in of
        for fact in facts(leaf.expr, ranges)
        if " / " not in fact.key
    )


def _own_baseline(rule: RuleReading, leaf: Leaf) -> Iterator[Fault]:
    sides = _at_least(leaf.expr)
    if sides is None:
        return
    more, _, less = sides
    for part in walk(less):
        feature = rule.rule.features.get(part.name) if isinstance(part, FeatureRef) else None
        if isinstance(feature, Aggregate) and _compared_with_itself(rule, more, feature):
            name = part.name if isinstance(part, FeatureRef) else ""
            message = f"'{name}' counts the very payment that it is compared with"
            advice = "write excluding this, ending 1d ago, or previous before the calendar period"
            yield leaf.fault(Lint.OWN_BASELINE, message, advice)


def _compared_with_itself(rule: RuleReading, more: Expr, baseline: Aggregate) -> bool:
    own = not baseline.window.excluding_this and not baseline.window.ending
    if baseline.function not in {*_BASELINE, "max"} or not own or baseline.window.previous:
        return False
    if baseline.inner is None:
        return holds_itself(baseline) and baseline.arguments[:1] == (more,)
    feature = rule.rule.features.get(more.name) if isinstance(more, FeatureRef) else None
    inner = baseline.inner
    return isinstance(feature, Aggregate) and (
        feature.function,
        feature.arguments,
        feature.keys,
    ) == (
        inner.function,
        inner.arguments,
        baseline.keys,
    )


def _equal(leaf: Leaf) -> Iterator[Fault]:
    if not isinstance(leaf.expr, Compare) or leaf.expr.op not in {"==", "!="}:
        return
    sides = (leaf.expr.left, leaf.expr.right)
    zero = any(isinstance(side, Literal) and side.value == 0 for side in sides)
    numeric = sides[0].type.kind in {Kind.MONEY, Kind.NUMBER, Kind.INT, Kind.DURATION}
    if zero or not numeric or all(side.type.exact and not _scaled(side) for side in sides):
        return
    message = f"'{leaf.text}' asks a computed number to be equal to the last digit"
    yield leaf.fault(Lint.EQUAL_FLOATS, message, "ask for a range: abs(a - b) <= 0.01")


def _scaled(node: Expr) -> bool:
    """Whether an exact amount is a share of another, which no payment equals to the cent."""
    return any(
        isinstance(part, nodes.Arithmetic)
        and part.op == "*"
        and part.type.kind is Kind.MONEY
        and any(isinstance(one, Literal) and one.type.scale for one in (part.left, part.right))
        for part in walk(node)
    )


def _bare_share(rule: RuleReading, leaf: Leaf) -> Iterator[Fault]:
    sides = _at_least(leaf.expr)
    if sides is None or leaf.tunable:
        return
    ratio, _, limit = sides
    if not isinstance(limit, Literal):
        return
    feature = rule.rule.features.get(ratio.name) if isinstance(ratio, FeatureRef) else ratio
    if not isinstance(feature, nodes.Arithmetic) or feature.op != "/" or "%" in leaf.text:
        return
    if feature.left.type.kind is not feature.right.type.kind:
        return
    value = Fraction(int(limit.value), 10**limit.type.scale)
    if limit.type.kind in {Kind.INT, Kind.NUMBER} and _SURELY_PERCENT <= value <= _MOST_PERCENT:
        message = f"'{leaf.text}' asks for {float(value):g} times as much"
        yield leaf.fault(Lint.PERCENT, message, f"for a share write {float(value):g}%")


def _shares(rule: RuleReading) -> Iterator[Fault]:
    for name, param in rule.document.params.items():
        text = param.default
        if param.type != "number" or not isinstance(text, str) or not _SHARE_NAME.search(name):
            continue
        plain = text.replace("_", "")
        if "%" not in text and _LEAST_PERCENT <= Fraction(plain) <= _MOST_PERCENT:
            message = f"'{name}' is {text} times as much, not {text}%"
            yield whole(("params", name, "default"), Lint.PERCENT, message, f"write {text}%")


def _mixed(rule: RuleReading) -> Iterator[Fault]:
    for name, feature in rule.rule.features.items():
        if not isinstance(feature, Aggregate):
            continue
        inner = feature.inner
        taken = feature if inner is None else inner
        reads = any("original_amount" in column_names(part) for part in taken.arguments)
        if not reads or taken.function not in _TOGETHER or _one_currency(rule, feature):
            continue
        message = f"'{name}' takes amounts of all currencies together, as they were booked"
        advice = 'use amount, or count one currency only: where currency == "USD"'
        yield whole(("features", name), Lint.MIXED_CURRENCIES, message, advice)


def _one_currency(rule: RuleReading, feature: Aggregate) -> bool:
    parts = [*feature.expressions[len(feature.arguments) :], *([rule.rule.where] * 1)]
    asked = any(part is not None and "currency" in column_names(part) for part in parts)
    return asked or "currency" in feature.keys


def _mixed_threshold(rule: RuleReading, leaf: Leaf, others: Sequence[Leaf]) -> Iterator[Fault]:
    expr = leaf.expr
    if not isinstance(expr, Compare | Range):
        return
    ends = (expr.left, expr.right) if isinstance(expr, Compare) else (expr.operand, expr.low)
    booked = any(isinstance(one, Column) and one.name == "original_amount" for one in ends)
    fixed = any(isinstance(one, Literal | nodes.Vary) for one in ends)
    asked = any("currency" in column_names(one.expr) for one in others)
    if booked and fixed and not asked and "currency" not in rule.rule.by:
        message = f"'{leaf.text}' compares yen, euros and dollars with one number"
        yield leaf.fault(
            Lint.MIXED_CURRENCIES, message, 'use amount, or ask currency == "USD" beside it'
        )
