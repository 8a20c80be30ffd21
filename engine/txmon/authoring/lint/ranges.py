"""Between which ends the value of an expression lies, whatever the payments are."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING

from txmon.authoring.lint.intervals import (
    ANY,
    NOT_NEGATIVE,
    POSITIVE,
    SHARE,
    ZERO,
    Interval,
    point,
)
from txmon.language import nodes
from txmon.language.nodes import Aggregate, Point, Span
from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.language.checked import Rule
    from txmon.language.nodes import Expr, FeatureNode
    from txmon.language.patterns import Graph

AMOUNTS = frozenset(
    {"amount", "original_amount", "first_amount", "last_amount", "min_amount"}
    | {"amount_in", "amount_out"}
)
_NUMERIC = frozenset({Kind.MONEY, Kind.NUMBER, Kind.INT, Kind.DURATION, Kind.DATE, Kind.SEVERITY})
_HALF_ROUND = Fraction(20_016)
_CALLS = {
    "hour": Interval(Fraction(0), Fraction(23)),
    "weekday": Interval(Fraction(1), Fraction(7)),
    "length": NOT_NEGATIVE,
    "edit_distance": NOT_NEGATIVE,
    "similarity": SHARE,
    "distance_km": Interval(Fraction(0), _HALF_ROUND),
}
_ALERT = {
    "score": Interval(Fraction(0), Fraction(1_000)),
    "level": Interval(Fraction(1)),
    "severity": Interval(Fraction(0), Fraction(4)),
}
_KEEP = frozenset({"mean", "min", "max", "median", "percentile", "first", "last", "previous"})


@dataclass(slots=True)
class Ranges:
    """Ranges of one rule's expressions.

    With ``usual`` amounts are above zero, as they are in most data; without it they may be
    negative, which the engine allows.
    """

    rule: Rule
    usual: bool = False
    _features: dict[str, Interval] = field(default_factory=dict)

    def of(self, node: Expr) -> Interval:
        """The range of an expression's value where it is known."""
        match node:
            case nodes.Literal():
                found = _literal(node)
            case nodes.Column(name=name) | nodes.StepField(name=name):
                found = self._named(name)
            case nodes.Measure():
                found = self._measure(node.name)
            case nodes.FeatureRef():
                found = self.feature(node.name)
            case nodes.This() | nodes.Negate():
                inside = self.of(node.operand)
                found = -inside if isinstance(node, nodes.Negate) else inside
            case nodes.Vary():
                found = self._hull([*(case for _, case in node.cases), node.default])
            case nodes.If():
                found = self._hull([node.yes, node.no])
            case nodes.Arithmetic():
                found = self._arithmetic(node)
            case nodes.Call():
                found = self._call(node)
            case _:
                found = ANY
        return found

    def feature(self, name: str) -> Interval:
        """The range of a feature."""
        if name not in self.rule.features:
            return self._named(name)
        if name not in self._features:
            self._features[name] = ANY
            self._features[name] = self._feature(self.rule.features[name])
        return self._features[name]

    def _hull(self, parts: list[Expr]) -> Interval:
        return reduce(Interval.hull, map(self.of, parts))

    def _named(self, name: str) -> Interval:
        if name in self.rule.features:
            return self.feature(name)
        if self.usual and name in AMOUNTS:
            return POSITIVE
        return _ALERT.get(name, ANY) if self.rule.sources else ANY

    def _measure(self, name: str) -> Interval:
        graph = self.rule.graph
        if graph is not None and name in {"hops", "middles", "others"}:
            return _sized(name, graph)
        if name in {"duration", "amount_cv"}:
            return NOT_NEGATIVE
        return self._named(name)

    def _arithmetic(self, node: nodes.Arithmetic) -> Interval:
        if node.left.type.kind is Kind.TIME:
            return NOT_NEGATIVE if self._since(node) else ANY
        left, right = self.of(node.left), self.of(node.right)
        match node.op:
            case "+":
                return left + right
            case "-":
                return left + -right
            case "*":
                return left * right
        return _quotient(left, right)

    def _since(self, node: nodes.Arithmetic) -> bool:
        """Whether a difference of times is one between this row and an earlier one."""
        past = node.right
        if node.op != "-" or node.left != nodes.Column(node.left.type, "event_time"):
            return False
        feature = self.rule.features.get(past.name) if isinstance(past, nodes.FeatureRef) else None
        match feature:
            case Aggregate(
                function="first" | "last" | "min" | "max", arguments=(time,), inner=None
            ):
                return time == node.left
            case Point(function="previous", argument=time):
                return time == node.left
        return False

    def _call(self, node: nodes.Call) -> Interval:
        if node.function in _CALLS:
            return _CALLS[node.function]
        if node.type.kind not in _NUMERIC or node.function in {"days_between", "date"}:
            return ANY
        inside = [self.of(part) for part in node.arguments]
        match node.function:
            case "abs":
                return NOT_NEGATIVE if not inside[0].positive else inside[0]
            case "coalesce":
                return reduce(Interval.hull, inside)
            case "least" | "greatest":
                return _extreme(node.function, inside)
        return ANY

    def _feature(self, node: FeatureNode) -> Interval:
        match node:
            case Aggregate():
                return self._aggregate(node)
            case Point(function="time_since_previous" | "time_since_first"):
                return NOT_NEGATIVE
            case Point(function="previous", argument=argument) if argument is not None:
                return self.of(argument)
            case Point():
                return ANY
        return self.of(node)

    def _aggregate(self, node: Aggregate) -> Interval:
        if node.inner is not None:
            filled = not node.inner.fills  # a group that exists only with a row has one
            group = self._of_values(node.inner.function, node.inner.arguments, here=filled)
            group = group.hull(ZERO) if node.inner.fills else group
            return _reduced(node.function, group, here=False)
        found = self._of_values(node.function, node.arguments, here=holds_itself(node))
        rows = node.window.length if node.window.span is Span.ROWS else None
        if rows is not None and node.function in {"count", "distinct"}:
            return Interval(found.low, Fraction(rows))
        return found

    def _of_values(self, function: str, arguments: tuple[Expr, ...], *, here: bool) -> Interval:
        of = self.of(arguments[0]) if arguments and _measurable(arguments[0]) else ANY
        return _reduced(function, of, here=here)


def holds_itself(node: Aggregate) -> bool:
    """Whether the judged row always is among the rows that an aggregate counts."""
    window = node.window
    own = not window.excluding_this and not window.ending and not window.previous
    return own and node.passes is None and not node.probes


def _measurable(node: Expr) -> bool:
    return node.type.kind in _NUMERIC


def _reduced(function: str, of: Interval, *, here: bool) -> Interval:
    """The range of an aggregate of values in a range; ``here``: one of them always is there."""
    match function:
        case "count":
            return Interval(Fraction(1 if here else 0))
        case "sum":
            if of.low < 0:
                return ANY
            return Interval(of.low, low_open=of.low_open) if here else NOT_NEGATIVE
        case "legs":
            return Interval(Fraction(1))
        case "distinct" | "std" | "benford":
            return NOT_NEGATIVE
    return of if function in _KEEP else ANY


def _literal(node: nodes.Literal) -> Interval:
    if node.type.kind not in _NUMERIC:
        return ANY
    return point(Fraction(int(node.value), 10**node.type.scale))


def _sized(name: str, graph: Graph) -> Interval:
    size = Interval(Fraction(graph.size.low), Fraction(graph.size.high))
    if name == "middles" and graph.shape.value in {"cycle", "chain"}:
        return size + point(Fraction(-1))
    return size


def _quotient(left: Interval, right: Interval) -> Interval:
    if right.positive and math.isfinite(right.high) and right.low > 0:
        return left * Interval(1 / right.high, 1 / right.low)
    return NOT_NEGATIVE if left.low >= 0 and right.low >= 0 else ANY


def _extreme(function: str, inside: list[Interval]) -> Interval:
    pick = min if function == "least" else max
    return Interval(pick(one.low for one in inside), pick(one.high for one in inside))
