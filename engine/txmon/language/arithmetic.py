"""Type check of arithmetic: kinds that meet, results that fit, constants folded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language import algebra, nodes, syntax
from txmon.language.algebra import plain, spoken
from txmon.language.checking import Checking, Typed, bare, met
from txmon.language.nodes import Expr, Literal
from txmon.language.problems import Code
from txmon.types import DURATION, Kind

if TYPE_CHECKING:
    from txmon.types import Type

_UNIT = "a duration has a unit: 24h"
_MONEY = "only a number as written is taken as money; make it a money param"
_DAYS = "days_between(a, b) counts the days between dates"
ARITHMETIC_ADVICE: dict[tuple[str, Kind, Kind], str] = {
    ("*", Kind.MONEY, Kind.MONEY): "money times money has no meaning; money / money is a number",
    ("+", Kind.DURATION, Kind.NUMBER): _UNIT,
    ("-", Kind.DURATION, Kind.NUMBER): _UNIT,
    ("+", Kind.NUMBER, Kind.DURATION): _UNIT,
    ("-", Kind.NUMBER, Kind.DURATION): _UNIT,
    ("+", Kind.MONEY, Kind.NUMBER): _MONEY,
    ("-", Kind.MONEY, Kind.NUMBER): _MONEY,
    ("+", Kind.NUMBER, Kind.MONEY): _MONEY,
    ("-", Kind.NUMBER, Kind.MONEY): _MONEY,
    ("+", Kind.TIME, Kind.NUMBER): _UNIT,
    ("-", Kind.TIME, Kind.NUMBER): _UNIT,
    ("+", Kind.DURATION, Kind.TIME): "the time comes first: event_time + 24h",
    ("-", Kind.DATE, Kind.DATE): _DAYS,
    ("+", Kind.DATE, Kind.DURATION): _DAYS,
    ("-", Kind.DATE, Kind.DURATION): _DAYS,
}
"""(operator, left kind, right kind) -> help."""


def minus(check: Checking, node: syntax.Minus) -> Expr | None:
    """Minus a value."""
    operand = check.expr(node.operand)
    if operand is None:
        return None
    if not nodes.is_arithmetic(operand.type):
        message = f"there is no minus of {spoken(operand.type)}"
        check.report(Code.ARITHMETIC, message, node)
        return None
    return algebra.negated(operand)


def binary(check: Checking, node: syntax.Binary) -> Expr | None:
    """``left op right``."""
    typed = check.all((node.left, node.right))
    if typed is None:
        return None
    left, right = typed
    if node.op in "+-":
        return _additive(check, node, left, right)
    table = algebra.PRODUCTS if node.op == "*" else algebra.QUOTIENTS
    kind = table.get((plain(left.type.kind), plain(right.type.kind)))
    if kind is None:
        _no_arithmetic(check, node, left, right)
        return None
    if node.op == "/":
        if isinstance(right.node, Literal) and right.node.value == 0:
            check.report(Code.ARITHMETIC, "nothing can be divided by zero", node)
            return None
        return nodes.Arithmetic(algebra.inexact(kind), "/", left.node, right.node)
    if left.type.kind is right.type.kind is Kind.INT:
        kind = Kind.INT
    return _made(check, node, algebra.product(left.type, right.type, kind), left.node, right.node)


def _made(
    check: Checking, node: syntax.Binary, type_: Type | None, left: Expr, right: Expr
) -> Expr | None:
    if type_ is None:
        message = "the exact result could need more than 126 bits"
        check.report(Code.TOO_WIDE, message, node, "round(x, n) makes a value narrower")
        return None
    if type_.exact and isinstance(left, Literal) and isinstance(right, Literal):
        return algebra.folded(node.op, type_, left, right)
    return nodes.Arithmetic(type_, node.op, left, right)


def _additive(check: Checking, node: syntax.Binary, left: Typed, right: Typed) -> Expr | None:
    kinds = (left.type.kind, right.type.kind)
    if kinds == (Kind.TIME, Kind.DURATION):
        return _shift(check, node, left, right)
    if kinds == (Kind.TIME, Kind.TIME) and node.op == "-":
        return nodes.Arithmetic(DURATION, "-", left.node, right.node)
    sides = met((left, right))
    if sides is None or not all(nodes.is_arithmetic(side.type) for side in sides):
        _no_arithmetic(check, node, left, right)
        return None
    return _made(check, node, algebra.additive(sides[0].type, sides[1].type), *sides)


def _shift(check: Checking, node: syntax.Binary, left: Typed, right: Typed) -> Expr | None:
    type_ = algebra.moment_shift(left.type, right.type)
    if type_ is None:
        message = "a time moves by an exact duration only"
        check.report(Code.ARITHMETIC, message, right.syntax, "round(x, 0) makes it exact")
        return None
    return nodes.Arithmetic(type_, node.op, left.node, right.node)


def _no_arithmetic(check: Checking, node: syntax.Binary, left: Typed, right: Typed) -> None:
    first, second = spoken(left.type), spoken(right.type)
    message = f"cannot calculate {first} {node.op} {second}"
    advice = _arithmetic_advice(node.op, left, right)
    check.report(Code.ARITHMETIC, message, node, advice)


def _arithmetic_advice(op: str, left: Typed, right: Typed) -> str:
    kinds = (plain(left.type.kind), plain(right.type.kind))
    if kinds == (Kind.NUMBER, Kind.MONEY) and op == "/" and bare(left.syntax):
        return "a number divided by money has no meaning; divide money by money"
    if Kind.TEXT in kinds and op == "+":
        return "texts cannot be joined; the alert's message puts values into a text"
    return ARITHMETIC_ADVICE.get((op, *kinds), "")
