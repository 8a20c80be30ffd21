"""A changed rule typed anew from its leaves up, as the checker types what it reads.

A change can make a value exact or inexact, wider or narrower; whatever is made of it follows.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, cast

from txmon.language import algebra
from txmon.language.aggregate_kinds import FIXED, NEED_EXACT, TAKES
from txmon.language.algebra import plain
from txmon.language.calls import MAX_DECIMALS
from txmon.language.groups import MAX_BLOCKS
from txmon.language.links import why_limited
from txmon.language.nodes import (
    Aggregate,
    Arithmetic,
    Call,
    FeatureRef,
    GroupValue,
    If,
    Inner,
    Literal,
    Negate,
    Point,
    Span,
    StepField,
    This,
    Vary,
    step_fields,
)
from txmon.language.separate import separated
from txmon.types import DURATION, INT64_BITS, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from txmon.language.checked import Rule, Sequence

_GROUP = " value"
"""The name under which the type of a group's result is known; no feature is called so."""

_JOINING = frozenset({"least", "greatest", "coalesce"})
_HUNDRED = 100
Known = dict[str, Type]


class IllTypedError(Exception):
    """A changed rule that no one could have written; never leaves this package."""


def retyped(rule: Rule) -> Rule | None:
    """The rule with the type of every node as it follows from its leaves; None if ill typed."""
    known: Known = {}
    features = {}
    try:
        for name, node in rule.features.items():
            features[name] = _typed(node, known)
            known[name] = features[name].type
        changed = {
            name: _typed(getattr(rule, name), known)
            for name in ("where", "needs", "levels", "sequence", "graph")
        }
        if changed["sequence"] is not None:
            _check_sequence(changed["sequence"])
            _check_read(changed["sequence"], rule)
    except IllTypedError:
        return None
    return replace(rule, features=features, **changed)


def _typed(node: Any, known: Known) -> Any:
    if isinstance(node, tuple):
        return tuple(_typed(part, known) for part in node)
    if isinstance(node, Type | Enum | Literal) or not is_dataclass(node):
        return node
    if isinstance(node, Inner):
        return _inner(node, known)
    inside = _typed(node.inner, known) if isinstance(node, Aggregate) else None
    changed = {
        item.name: _typed(getattr(node, item.name), known)
        for item in fields(node)
        if item.name not in {"type", "inner", "clauses"}
    }
    if isinstance(node, Aggregate):
        changed["inner"] = inside
    whole: Any = replace(cast("Any", node), **changed)
    result = _RESULTS.get(type(node))
    return whole if result is None else replace(whole, type=_held(result(whole, known)))


def _inner(node: Inner, known: Known) -> Inner:
    arguments, where = _typed(node.arguments, known), _typed(node.where, known)
    type_ = _result(node.function, tuple(part.type for part in arguments))
    having = _typed(node.having, {**known, _GROUP: type_})
    return replace(node, type=type_, arguments=arguments, where=where, having=having)


def _held(type_: Type | None) -> Type:
    if type_ is None:
        raise IllTypedError
    return type_


def _arithmetic(node: Arithmetic, _: Known) -> Type | None:
    left, right = node.left.type, node.right.type
    if node.op in "+-":
        return _additive(node.op, left, right)
    table = algebra.PRODUCTS if node.op == "*" else algebra.QUOTIENTS
    kind = table.get((plain(left.kind), plain(right.kind)))
    if kind is None:
        return None
    if node.op == "/":
        zero = isinstance(node.right, Literal) and node.right.value == 0
        return None if zero else algebra.inexact(kind)
    whole = left.kind is right.kind is Kind.INT
    return algebra.product(left, right, Kind.INT if whole else kind)


def _additive(op: str, left: Type, right: Type) -> Type | None:
    if left.kind is Kind.TIME and right.kind is Kind.DURATION:
        return algebra.moment_shift(left, right)
    if left.kind is right.kind is Kind.TIME:
        return DURATION if op == "-" else None
    return algebra.additive(left, right) if plain(left.kind) is plain(right.kind) else None


def _call(node: Call, _: Known) -> Type | None:
    types = tuple(part.type for part in node.arguments)
    if node.function == "abs":
        return types[0]
    if node.function in _JOINING:
        return algebra.joined(types)
    if node.function == "round":
        return _rounded(types[0], node.arguments[1])
    if node.function == "is_multiple" and not all(type_.exact for type_ in types):
        return None
    return node.type


def _rounded(type_: Type, decimals: Any) -> Type | None:
    highest = 0 if type_.kind is Kind.DURATION else MAX_DECIMALS
    fits = 0 <= int(decimals.value) <= highest
    return algebra.rounded(type_, int(decimals.value)) if fits else None


def _aggregate(node: Aggregate, _: Known) -> Type | None:
    types = tuple(part.type for part in node.arguments)
    if node.function == "percentile" and not _is_share(node.arguments[1]):
        return None
    if node.function == "legs" and not all(type_.exact for type_ in types):
        return None
    if node.inner is not None:
        block = node.inner.bucket.length
        if block and (node.window.length % block or node.window.length // block > MAX_BLOCKS):
            return None
        types = (node.inner.type,) if node.function != "count" else ()
    elif not _bounded(node):
        return None
    return _result(node.function, types)


def _is_share(node: Any) -> bool:
    highest = _HUNDRED * 10**node.type.scale
    return bool(0 <= int(node.value) <= highest)


def _bounded(node: Aggregate) -> bool:
    """Whether the rows that are compared with the judged payment can be told in time."""
    parts = separated(node)
    compared = parts.mixed is not None or parts.scans
    return not compared or (node.window.span is not Span.ALL and not node.window.matching)


def _result(function: str, types: tuple[Type, ...]) -> Type:
    """The type of an aggregate of values of these types.

    Raises:
        IllTypedError: it does not take such values.
    """
    if types:
        kinds = TAKES.get(function)
        wrong = kinds is not None and types[0].kind not in kinds
        inexact = function in NEED_EXACT and not types[0].exact
        wide = any(type_.exact and type_.bits > INT64_BITS for type_ in types)
        if wrong or inexact or wide:
            raise IllTypedError
    if function in FIXED:
        return FIXED[function]
    if function in {"mean", "std", "median"}:
        return algebra.averaged(types[0])
    return replace(types[0], bits=INT64_BITS) if function == "sum" else types[0]


def _point(node: Point, _: Known) -> Type | None:
    argument = node.argument
    if argument is not None and argument.type.exact and argument.type.bits > INT64_BITS:
        return None
    return argument.type if node.function == "previous" and argument is not None else node.type


def _vary(node: Vary, _: Known) -> Type | None:
    return algebra.joined((*(value.type for _, value in node.cases), node.default.type))


def _check_sequence(sequence: Sequence) -> None:
    """Raise unless the steps may stand in this order with these bounds."""
    steps = sequence.steps
    first, last = steps[0], steps[-1]
    absent = [step for step in steps if step.absent]
    searched = sequence.search_limit is None and why_limited(sequence) is not None
    if first.absent or first.within is not None or searched:
        raise IllTypedError
    side_by_side = any(one.absent and two.absent for one, two in pairwise(steps))
    early = any(step.within is not None for step in absent if step is not last)
    later = (*sequence.present[1:], *((last,) if last.absent else ()))
    unbounded = first.repeated or any(step.within is None for step in later)
    if side_by_side or early or (sequence.within is None and unbounded):
        raise IllTypedError


def _check_read(sequence: Sequence, rule: Rule) -> None:
    """Raise unless every step that is read is there and takes rows."""
    read = [step.when for step in sequence.steps]
    for level in rule.levels:
        parts = () if level.message is None else level.message.parts
        read += [level.when, *(part for part in parts if not isinstance(part, str))]
    there = {step.name for step in sequence.present}
    if any(field.step not in there for node in read for field in step_fields(node)):
        raise IllTypedError


_RESULTS: Mapping[type, Callable[[Any, Known], Type | None]] = {
    FeatureRef: lambda node, known: known[node.name],
    StepField: lambda node, known: known.get(node.name, node.type),
    GroupValue: lambda _, known: known[_GROUP],
    This: lambda node, _: node.operand.type,
    Negate: lambda node, _: node.operand.type,
    If: lambda node, _: algebra.joined((node.yes.type, node.no.type)),
    Vary: _vary,
    Arithmetic: _arithmetic,
    Call: _call,
    Aggregate: _aggregate,
    Point: _point,
}
