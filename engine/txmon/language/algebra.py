"""The arithmetic of types: which kinds meet, and how wide an exact result may get."""

from __future__ import annotations

from dataclasses import replace

from txmon.language.nodes import Expr, Literal, Negate
from txmon.types import (
    BOOL,
    DURATION,
    EXACT_BITS,
    INT64_BITS,
    MONEY_SCALE,
    NUMBER,
    TEXT,
    TIME,
    Kind,
    Type,
)

ORDERED = frozenset(
    {Kind.MONEY, Kind.NUMBER, Kind.INT, Kind.DURATION, Kind.TIME, Kind.DATE, Kind.SEVERITY},
)

PRODUCTS: dict[tuple[Kind, Kind], Kind] = {
    (Kind.MONEY, Kind.NUMBER): Kind.MONEY,
    (Kind.NUMBER, Kind.MONEY): Kind.MONEY,
    (Kind.DURATION, Kind.NUMBER): Kind.DURATION,
    (Kind.NUMBER, Kind.DURATION): Kind.DURATION,
    (Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
}
QUOTIENTS: dict[tuple[Kind, Kind], Kind] = {
    (Kind.MONEY, Kind.NUMBER): Kind.MONEY,
    (Kind.MONEY, Kind.MONEY): Kind.NUMBER,
    (Kind.NUMBER, Kind.NUMBER): Kind.NUMBER,
    (Kind.DURATION, Kind.NUMBER): Kind.DURATION,
    (Kind.DURATION, Kind.DURATION): Kind.NUMBER,
}
ARTICLES: dict[Kind, str] = {
    Kind.MONEY: "money",
    Kind.NUMBER: "a number",
    Kind.INT: "a whole number",
    Kind.DURATION: "a duration",
    Kind.TIME: "a time",
    Kind.DATE: "a date",
    Kind.TEXT: "a text",
    Kind.BOOL: "true or false",
    Kind.SEVERITY: "a severity",
    Kind.LIST: "a list",
}
"""Kind -> how messages speak of a value of it."""


def spoken(type_: Type) -> str:
    """How a message speaks of a value of this type."""
    return ARTICLES[type_.kind]


def plain(kind: Kind) -> Kind:
    """The kind with int taken as number."""
    return Kind.NUMBER if kind is Kind.INT else kind


def inexact(kind: Kind) -> Type:
    """The float type of a kind, in its base unit."""
    return Type(kind, MONEY_SCALE if kind is Kind.MONEY else 0, exact=False)


def raised_bits(type_: Type, scale: int) -> int:
    """Bits that an exact value needs once it stands at a larger scale."""
    steps = scale - type_.scale
    return type_.bits + ((10**steps).bit_length() if steps else 0)


def additive(left: Type, right: Type) -> Type | None:
    """The type of ``left + right`` and ``left - right`` of one kind; None if too wide."""
    kind = left.kind if left.kind is right.kind else Kind.NUMBER
    if not (left.exact and right.exact):
        return inexact(kind)
    scale = max(left.scale, right.scale)
    bits = max(raised_bits(left, scale), raised_bits(right, scale)) + 1
    return Type(kind, scale, bits) if bits <= EXACT_BITS else None


def product(left: Type, right: Type, kind: Kind) -> Type | None:
    """The type of ``left * right``; None if too wide."""
    if not (left.exact and right.exact):
        return inexact(kind)
    bits = left.bits + right.bits
    return Type(kind, left.scale + right.scale, bits) if bits <= EXACT_BITS else None


def joined(types: tuple[Type, ...]) -> Type | None:
    """The type that holds a value of each of the types, all of one plain kind; None if too wide."""
    kinds = {type_.kind for type_ in types}
    kind = kinds.pop() if len(kinds) == 1 else Kind.NUMBER
    if kind in {Kind.TEXT, Kind.BOOL, Kind.TIME, Kind.DATE, Kind.SEVERITY}:
        return types[0]
    if not all(type_.exact for type_ in types):
        return inexact(kind)
    scale = max(type_.scale for type_ in types)
    bits = max(raised_bits(type_, scale) for type_ in types)
    return Type(kind, scale, bits) if bits <= EXACT_BITS else None


def rounded(type_: Type, decimals: int) -> Type:
    """The type of ``round(x, decimals)``: exact, of 63 bits."""
    kind = Kind.NUMBER if type_.kind is Kind.INT else type_.kind
    return Type(kind, max(decimals, type_.base_scale), INT64_BITS)


def averaged(type_: Type) -> Type:
    """The type of the mean and spread of values of this type."""
    kept = {Kind.MONEY, Kind.DURATION}
    return inexact(type_.kind) if type_.kind in kept else NUMBER


def number(value: int, scale: int, *, whole: bool) -> Literal:
    """A number literal in its shortest scale; an int if ``whole``."""
    while scale and value % 10 == 0:
        value, scale = value // 10, scale - 1
    kind = Kind.INT if whole else Kind.NUMBER
    return Literal(Type(kind, scale, value.bit_length()), value)


def as_money(literal: Literal) -> Literal | None:
    """A number literal taken as money; None if it is more than money can be."""
    scale = max(MONEY_SCALE, literal.type.scale)
    value = int(literal.value) * 10 ** (scale - literal.type.scale)
    bits = value.bit_length()
    return Literal(Type(Kind.MONEY, scale, bits), value) if bits <= INT64_BITS else None


def duration(microseconds: int) -> Literal:
    """A duration literal."""
    return Literal(replace(DURATION, bits=microseconds.bit_length()), microseconds)


def text(value: str) -> Literal:
    """A text literal."""
    return Literal(TEXT, value)


def boolean(value: bool) -> Literal:  # noqa: FBT001 - the value of a literal
    """A true or false literal."""
    return Literal(BOOL, value)


def negated(operand: Expr) -> Expr:
    """Minus an operand; a literal is folded."""
    if isinstance(operand, Literal):
        return replace(operand, value=-int(operand.value))
    return Negate(operand.type, operand)


def folded(op: str, type_: Type, left: Literal, right: Literal) -> Literal:
    """The literal that ``left op right`` is, for exact ``+ - *``."""
    first, second = int(left.value), int(right.value)
    if op == "*":
        value, scale = first * second, left.type.scale + right.type.scale
    else:
        scale = max(left.type.scale, right.type.scale)
        first *= 10 ** (scale - left.type.scale)
        second *= 10 ** (scale - right.type.scale)
        value = first + second if op == "+" else first - second
    return _shortest(Literal(replace(type_, scale=scale, bits=value.bit_length()), value))


def _shortest(literal: Literal) -> Literal:
    value, scale = int(literal.value), literal.type.scale
    while scale > literal.type.base_scale and value % 10 == 0:
        value, scale = value // 10, scale - 1
    return Literal(replace(literal.type, scale=scale, bits=value.bit_length()), value)


def moment_shift(time: Type, shift: Type) -> Type | None:
    """The type of a time moved by a duration; None unless that is exact whole microseconds."""
    return TIME if time.kind is Kind.TIME and shift.exact and shift.scale == 0 else None
