"""Type check of comparisons, ranges, values in brackets and tests of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from txmon.language import nodes, syntax
from txmon.language.algebra import ORDERED, joined, plain, spoken
from txmon.language.checking import Checking, Typed, bare, met
from txmon.language.nodes import Column, Expr, Literal, Vary
from txmon.language.problems import Code, did_you_mean
from txmon.model import SEVERITIES
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_PATTERN = 500
KIND_ADVICE: dict[frozenset[Kind], str] = {
    frozenset({Kind.TIME, Kind.DATE}): "date(t) is the day of a time",
    frozenset(
        {Kind.TIME, Kind.DURATION}
    ): "the difference of two times is a duration: event_time - x <= 2h",
    frozenset(
        {Kind.DATE, Kind.TEXT}
    ): "there are no dates in expressions: declare a param with type: date",
    frozenset(
        {Kind.TIME, Kind.TEXT}
    ): "there are no times in expressions; hour(t), weekday(t) and date(t) take one apart",
    frozenset({Kind.SEVERITY, Kind.NUMBER}): 'a severity is named: severity >= "high"',
    frozenset({Kind.SEVERITY, Kind.TEXT}): f"a severity is one of {', '.join(SEVERITIES)}",
}
"""Kinds that were compared -> help."""


def comparison(check: Checking, node: syntax.Comparison) -> Expr | None:
    """``left op right``."""
    typed = check.all((node.left, node.right))
    if typed is None or (sides := _comparable(check, typed, node)) is None:
        return None
    if node.op not in {"==", "!="} and not _ordered(check, typed[0], node):
        return None
    declared(check, typed[0], typed[1:])
    declared(check, typed[1], typed[:1])
    return nodes.Compare(node.op, sides[0], sides[1])


def between(check: Checking, node: syntax.Between) -> Expr | None:
    """``low <= operand < high`` and ``operand in low..high``."""
    typed = check.all((node.operand, node.low, node.high))
    if typed is None or (sides := _comparable(check, typed, node)) is None:
        return None
    if not _ordered(check, typed[0], node):
        return None
    operand, low, high = sides
    return nodes.Range(operand, low, high, node.low_open, node.high_open)


def in_values(check: Checking, node: syntax.InValues) -> Expr | None:
    """``operand in (a, b)``."""
    typed = check.all((node.operand, *node.values))
    if typed is None:
        return None
    sides: tuple[Expr, ...] = (typed[0].node,)
    for item in typed[1:]:
        pair = _comparable(check, (typed[0], item), item.syntax)
        if pair is None:
            return None
        sides = (pair[0], *sides[1:], pair[1])
    declared(check, typed[0], typed[1:])
    return nodes.Member(sides[0], sides[1:])


def _comparable(
    check: Checking, typed: Sequence[Typed], at: syntax.Node
) -> tuple[Expr, ...] | None:
    sides = met(typed)
    if sides is None:
        check.report(Code.COMPARISON, *_apart(check, typed, at))
        return None
    if joined(tuple(side.type for side in sides)) is None:
        message = "these values are too wide to compare exactly"
        check.report(Code.TOO_WIDE, message, at, "round(x, n) makes a value narrower")
        return None
    return sides


def _ordered(check: Checking, item: Typed, at: syntax.Node) -> bool:
    if item.type.kind in ORDERED:
        return True
    message = f"{spoken(item.type)} has no order: only == and != compare it"
    check.report(Code.NO_ORDER, message, at, _order_advice(item.type.kind))
    return False


def _order_advice(kind: Kind) -> str:
    return "for one of several texts write: x in (...)" if kind is Kind.TEXT else ""


def _apart(
    check: Checking, typed: Sequence[Typed], at: syntax.Node
) -> tuple[str, syntax.Node, str]:
    first = typed[0]
    other = next(item for item in typed if plain(item.type.kind) is not plain(first.type.kind))
    kinds = {plain(first.type.kind), plain(other.type.kind)}
    if kinds == {Kind.MONEY, Kind.NUMBER}:
        return _money_apart(check, first if first.type.kind is not Kind.MONEY else other, at)
    message = f"cannot compare {spoken(first.type)} with {spoken(other.type)}"
    return message, at, _advice(kinds, first, other)


def _money_apart(check: Checking, item: Typed, at: syntax.Node) -> tuple[str, syntax.Node, str]:
    if bare(item.syntax):
        return "this number is more than money can be", at, ""
    if isinstance(item.syntax, syntax.Number):
        return "cannot compare money with a percentage", at, "say of what: 80% * debtor_balance"
    if isinstance(item.syntax, syntax.Name) and item.syntax.name in check.scope.params:
        name = item.syntax.name
        advice = f"declare '{name}' with type: money"
        return f"cannot compare money with the {item.type} param '{name}'", at, advice
    advice = "only a number as written is taken as money; make it a money param, or compare a ratio"
    return "cannot compare money with a computed number", at, advice


def _advice(kinds: set[Kind], first: Typed, other: Typed) -> str:
    literal = next((item for item in (first, other) if bare(item.syntax)), None)
    if kinds == {Kind.DURATION, Kind.NUMBER}:
        return _duration_advice(literal)
    if kinds == {Kind.TEXT, Kind.NUMBER} and literal is not None:
        return f'a text stands in double quotes: "{_digits(literal)}"'
    if Kind.BOOL in kinds:
        return "true and false compare with each other only"
    if kinds == {Kind.TEXT, Kind.MONEY}:
        return "an amount stands without quotes: amount == 500"
    return KIND_ADVICE.get(frozenset(kinds), "")


def _duration_advice(literal: Typed | None) -> str:
    if literal is None:
        return "divide the duration by a unit first: gap / 1h"
    digits = _digits(literal)
    return f"a duration has a unit: {digits}min, {digits}h or {digits}d"


def _digits(item: Typed) -> str:
    node = item.node
    if not isinstance(node, Literal) or node.type.scale:
        return "1"
    return str(node.value)


def declared(check: Checking, item: Typed, others: Sequence[Typed]) -> None:
    """Report texts that the pack does not declare for the column that ``item`` is."""
    if not isinstance(item.node, Column) or item.type.kind is not Kind.TEXT:
        return
    allowed = check.scope.pack.declared_values(item.node.name)
    for other in others if allowed else ():
        for value in _texts(other.node):
            if value not in allowed:
                message = f"'{value}' is not a declared value of {item.node.name}"
                check.report(
                    Code.UNKNOWN_VALUE, message, other.syntax, _declared_advice(value, allowed)
                )


def _declared_advice(value: str, allowed: tuple[str, ...]) -> str:
    return did_you_mean(value, allowed) or f"declared are: {', '.join(allowed)}"


def _texts(node: Expr) -> tuple[str, ...]:
    if isinstance(node, Literal):
        return (str(node.value),)
    if isinstance(node, Vary):
        return tuple(text for _, case in node.cases for text in _texts(case)) + _texts(node.default)
    return ()


def text_test(check: Checking, node: syntax.TextTest) -> Expr | None:
    """``contains starts_with ends_with matches``."""
    typed = check.all((node.left, node.right))
    if typed is None:
        return None
    for item in typed:
        if item.type.kind is not Kind.TEXT:
            message = f"'{node.op}' looks at texts, not at {spoken(item.type)}"
            check.report(Code.COMPARISON, message, item.syntax)
            return None
    if node.op == "matches" and not _pattern(check, typed[1]):
        return None
    return nodes.TextTest(node.op, typed[0].node, typed[1].node)


def _pattern(check: Checking, item: Typed) -> bool:
    if not isinstance(item.node, Literal):
        message = "the pattern after 'matches' must be a text as written, or a param"
        check.report(Code.PATTERN, message, item.syntax)
        return False
    fault = pattern_fault(str(item.node.value))
    if fault:
        check.report(Code.PATTERN, f"this pattern cannot be used: {fault}", item.syntax)
    return not fault


def pattern_fault(pattern: str) -> str:
    """What is wrong with an RE2 pattern, in a few words; empty if it can be used."""
    if len(pattern) > MAX_PATTERN:
        return f"it has more than {MAX_PATTERN} characters"
    try:
        pl.Series([""]).str.contains(pattern)
    except pl.exceptions.ComputeError as error:
        stated = [line for line in str(error).splitlines() if line.startswith("error: ")]
        return stated[0].removeprefix("error: ") if stated else "it is too large"
    return ""
