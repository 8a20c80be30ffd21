"""Features that count a part of what another counts, and so are never more than it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language import nodes
from txmon.language.nodes import Aggregate, Compare, FeatureRef, Literal, Range
from txmon.language.separate import conjuncts
from txmon.language.text import canonical

if TYPE_CHECKING:
    from fractions import Fraction

    from txmon.authoring.lint.ranges import Ranges
    from txmon.language.checked import Rule
    from txmon.language.nodes import Expr


def never_more(expr: Expr, rule: Rule, ranges: Ranges) -> bool:
    """Whether a comparison asks for more of a part than there is of the whole.

    ``ranges`` take amounts as positive: sums of parts are compared as counts are.
    """
    match expr:
        case Compare(op=">" | ">="):
            return _beyond(expr.left, expr.op, expr.right, rule, ranges)
        case Compare(op="<" | "<="):
            return _beyond(expr.right, {"<": ">", "<=": ">="}[expr.op], expr.left, rule, ranges)
        case Range():
            op = ">" if expr.low_open else ">="
            return _beyond(expr.operand, op, expr.low, rule, ranges)
    return False


def _beyond(more: Expr, op: str, less: Expr, rule: Rule, ranges: Ranges) -> bool:
    ratio = _opened(more, rule)
    if isinstance(ratio, nodes.Arithmetic) and ratio.op == "/" and isinstance(less, Literal):
        limit = ranges.of(less).low
        return _exceeds(limit, op) and _part(ratio.left, ratio.right, rule, ranges)
    if isinstance(less, nodes.Arithmetic) and less.op == "*":
        for share, whole in ((less.left, less.right), (less.right, less.left)):
            if isinstance(share, Literal) and ranges.of(share).low > 1:
                # A part of nothing is nothing: 0 >= 110% of 0.
                return op == ">" and _part(more, whole, rule, ranges)
        return False
    return op == ">" and _part(more, less, rule, ranges)


def _exceeds(share: Fraction | float, op: str) -> bool:
    return share > 1 or (share == 1 and op == ">")


def _opened(node: Expr, rule: Rule) -> Expr:
    """What a feature that is an expression says."""
    feature = rule.features.get(node.name) if isinstance(node, FeatureRef) else None
    plain = feature is not None and not isinstance(feature, Aggregate | nodes.Point)
    return feature if plain and feature is not None else node  # type: ignore[return-value]


def _part(part: Expr, whole: Expr, rule: Rule, ranges: Ranges) -> bool:
    one, other = (_aggregate(node, rule) for node in (part, whole))
    if one is None or other is None or one.probes or other.probes or one.inner or other.inner:
        return False
    same = (one.function, one.arguments, one.keys) == (other.function, other.arguments, other.keys)
    # A distinct value of few rows is one of more rows, too.
    fewer = one.function == "distinct" and other.function == "count"
    if not (same or (fewer and one.keys == other.keys)) or one.function not in _ADDING:
        return False
    if one.function == "sum" and ranges.of(one.arguments[0]).low < 0:
        return False
    asked = {canonical(condition) for condition in conjuncts(one.where)}
    return asked >= {canonical(condition) for condition in conjuncts(other.where)} and (
        one.window == other.window
    )


_ADDING = frozenset({"count", "sum", "distinct"})


def _aggregate(node: Expr, rule: Rule) -> Aggregate | None:
    feature = rule.features.get(node.name) if isinstance(node, FeatureRef) else None
    return feature if isinstance(feature, Aggregate) else None
