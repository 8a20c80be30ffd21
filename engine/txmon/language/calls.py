"""Type check of row functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.algebra import ARTICLES, ORDERED, joined, plain, rounded, spoken
from txmon.language.builtins import ARITY
from txmon.language.checking import Checking, Typed, bare, met
from txmon.language.nodes import Call, Expr, Literal, is_arithmetic
from txmon.language.problems import Code
from txmon.types import BOOL, DATE, NUMBER, TEXT, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.language import syntax

MAX_DECIMALS = 9
SIMPLE: dict[str, tuple[tuple[Kind, ...], Type]] = {
    "hour": ((Kind.TIME,), Type(Kind.INT, bits=5)),
    "weekday": ((Kind.TIME,), Type(Kind.INT, bits=3)),
    "date": ((Kind.TIME,), DATE),
    "days_between": ((Kind.DATE, Kind.DATE), Type(Kind.INT, bits=32)),
    "years_between": ((Kind.DATE, Kind.DATE), Type(Kind.INT, bits=32)),
    "business_day": ((Kind.TIME,), DATE),
    "business_days_between": ((Kind.DATE, Kind.DATE), Type(Kind.INT, bits=32)),
    "lower": ((Kind.TEXT,), TEXT),
    "length": ((Kind.TEXT,), Type(Kind.INT, bits=32)),
    "edit_distance": ((Kind.TEXT, Kind.TEXT), Type(Kind.INT, bits=32)),
    "similarity": ((Kind.TEXT, Kind.TEXT), NUMBER),
    "distance_km": ((Kind.NUMBER,) * 4, NUMBER),
}
"""Functions of fixed types: what each argument is, and the result."""


def counted(name: str, lowest: int, highest: int | None) -> str:
    """How many arguments a function takes, in words."""
    if highest is None:
        return f"{name}() takes at least {lowest} argument{'s' * (lowest > 1)}"
    if highest == 0:
        return f"{name}() takes no argument"
    return f"{name}() takes {lowest} argument{'s' * (lowest > 1)}"


def arity_fits(check: Checking, node: syntax.Call) -> bool:
    """Report a wrong number of arguments."""
    lowest, highest = ARITY[node.function]
    found = len(node.arguments)
    if lowest <= found and (highest is None or found <= highest):
        return True
    message = f"{counted(node.function, lowest, highest)}, not {found}"
    check.report(Code.ARGUMENT_COUNT, message, node)
    return False


def call(check: Checking, node: syntax.Call) -> Expr | None:
    """A row function with its arguments."""
    if not arity_fits(check, node):
        return None
    typed = check.all(node.arguments)
    if typed is None:
        return None
    if node.function in SIMPLE:
        return _simple(check, node, typed, *SIMPLE[node.function])
    return _SPECIAL[node.function](check, node, typed)


def _simple(
    check: Checking,
    node: syntax.Call,
    typed: Sequence[Typed],
    kinds: Sequence[Kind],
    type_: Type,
) -> Expr | None:
    wrong = False
    for item, kind in zip(typed, kinds, strict=True):
        if plain(item.type.kind) is not kind:
            wrong = True
            message = f"{node.function}() needs {ARTICLES[kind]} here, not {spoken(item.type)}"
            advice = "date(t) is the day of a time" if kind is Kind.DATE else ""
            check.report(Code.ARGUMENT, message, item.syntax, advice)
    return None if wrong else _made(node, type_, typed)


def _made(node: syntax.Call, type_: Type, typed: Sequence[Typed]) -> Expr:
    return Call(type_, node.function, tuple(item.node for item in typed))


def _abs(check: Checking, node: syntax.Call, typed: Sequence[Typed]) -> Expr | None:
    if not is_arithmetic(typed[0].type):
        message = f"abs() needs a number, money or a duration, not {spoken(typed[0].type)}"
        check.report(Code.ARGUMENT, message, typed[0].syntax)
        return None
    return _made(node, typed[0].type, typed)


def _round(check: Checking, node: syntax.Call, typed: Sequence[Typed]) -> Expr | None:
    value, decimals = typed
    if not is_arithmetic(value.type):
        message = f"round() needs a number, money or a duration, not {spoken(value.type)}"
        check.report(Code.ARGUMENT, message, value.syntax)
        return None
    places = decimals.node.value if isinstance(decimals.node, Literal) else None
    highest = 0 if value.type.kind is Kind.DURATION else MAX_DECIMALS
    if decimals.type.kind is not Kind.INT or places is None or not 0 <= int(places) <= highest:
        wanted = "0" if highest == 0 else f"a whole number from 0 to {highest}"
        message = f"round() of {spoken(value.type)} needs {wanted} as its number of decimals"
        check.report(Code.ARGUMENT, message, decimals.syntax)
        return None
    return _made(node, rounded(value.type, int(places)), typed)


def _extreme(check: Checking, node: syntax.Call, typed: Sequence[Typed]) -> Expr | None:
    for item in typed:
        if item.type.kind not in ORDERED:
            message = f"{spoken(item.type)} has no order, so {node.function}() cannot choose"
            check.report(Code.NO_ORDER, message, item.syntax)
            return None
    return _same(check, node, typed)


def _same(check: Checking, node: syntax.Call, typed: Sequence[Typed]) -> Expr | None:
    sides = one_type(check, node, typed)
    return None if sides is None else Call(sides[0], node.function, sides[1])


def one_type(
    check: Checking, node: syntax.Node, typed: Sequence[Typed]
) -> tuple[Type, tuple[Expr, ...]] | None:
    """The branches as values of one type, and that type; reported and None if there is none."""
    sides = met(typed)
    if sides is None:
        first = typed[0]
        other = next(i for i in typed if plain(i.type.kind) is not plain(first.type.kind))
        message = f"branches of one type are needed, not {spoken(first.type)} and "
        money = {plain(first.type.kind), plain(other.type.kind)} == {Kind.MONEY, Kind.NUMBER}
        advice = "only a number as written is taken as money" if money else ""
        check.report(Code.BRANCHES, message + spoken(other.type), node, advice)
        return None
    type_ = joined(tuple(side.type for side in sides))
    if type_ is None:
        message = "these values are too wide to hold exactly in one"
        check.report(Code.TOO_WIDE, message, node, "round(x, n) makes a value narrower")
        return None
    return type_, sides


def _is_multiple(check: Checking, node: syntax.Call, typed: Sequence[Typed]) -> Expr | None:
    for item in typed:
        if not is_arithmetic(item.type) or not item.type.exact:
            message = "is_multiple() needs exact numbers, money or durations"
            advice = "round(x, n) makes it exact" if is_arithmetic(item.type) else ""
            check.report(Code.ARGUMENT, message, item.syntax, advice)
            return None
    sides = met(typed)
    if sides is None:
        first, second = typed
        message = (
            f"is_multiple() needs two of one kind, not {spoken(first.type)}"
            f" and {spoken(second.type)}"
        )
        unit = first.type.kind is Kind.DURATION and bare(second.syntax)
        check.report(Code.ARGUMENT, message, node, "a duration has a unit: 24h" if unit else "")
        return None
    if joined(tuple(side.type for side in sides)) is None:
        check.report(Code.TOO_WIDE, "these values are too wide for is_multiple()", node)
        return None
    return Call(BOOL, node.function, sides)


def _is_null(_: Checking, node: syntax.Call, typed: Sequence[Typed]) -> Expr:
    return _made(node, BOOL, typed)


_SPECIAL = {
    "abs": _abs,
    "round": _round,
    "least": _extreme,
    "greatest": _extreme,
    "coalesce": _same,
    "is_multiple": _is_multiple,
    "is_null": _is_null,
}
