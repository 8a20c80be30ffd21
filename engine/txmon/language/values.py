"""Texts that stand for a constant of a known kind: params, settings, list cells, rates."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from txmon.language import algebra
from txmon.language.nodes import Literal
from txmon.language.problems import Code, ExpressionError, Problem
from txmon.language.scan import DURATION, END, NUMBER, Token, scan
from txmon.model import SEVERITIES
from txmon.types import DATE, SEVERITY, Kind

_UNITS = {
    **dict.fromkeys(("sec", "second"), "s"),
    **dict.fromkeys(("min", "minute"), "min"),
    **dict.fromkeys(("h", "hr", "hour"), "h"),
    **dict.fromkeys(("d", "day"), "d"),
    **dict.fromkeys(("w", "week"), "w"),
}
_IN_WORDS = re.compile(rf"(\d+) *({'|'.join((*_UNITS, 'month', 'year'))})s?")
EPOCH = date(1970, 1, 1).toordinal()
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
EXAMPLES: dict[Kind, str] = {
    Kind.MONEY: "an amount of money such as 5_000.00",
    Kind.NUMBER: "a number such as 0.8 or 80%",
    Kind.INT: "a whole number such as 4",
    Kind.DURATION: "a duration such as 24h",
    Kind.DATE: "a date such as 2026-03-31",
    Kind.BOOL: "true or false",
    Kind.SEVERITY: f"a severity ({', '.join(SEVERITIES)})",
}


def read_value(kind: Kind, text: str) -> Literal:
    """The literal that a text stands for.

    Raises:
        ExpressionError: the text is no value of the kind.
    """
    if kind is Kind.TEXT:
        return algebra.text(text)
    if kind is Kind.BOOL and text in {"true", "false"}:
        return algebra.boolean(text == "true")
    if kind is Kind.DATE:
        return read_date(text)
    if kind is Kind.SEVERITY and text in SEVERITIES:
        return Literal(SEVERITY, SEVERITIES.index(text))
    if kind in {Kind.MONEY, Kind.NUMBER, Kind.INT, Kind.DURATION}:
        return _scanned(kind, text)
    raise _not(kind, text)


def _not(kind: Kind, text: str) -> ExpressionError:
    message = f"expected {EXAMPLES.get(kind, kind.value)}, found '{text}'"
    advice = _duration_advice(text) if kind is Kind.DURATION else ""
    return ExpressionError(Problem(Code.PARAM, message, 0, len(text), advice))


def _duration_advice(text: str) -> str:
    """What to write for a duration in words, such as 60 days."""
    found = _IN_WORDS.fullmatch(text.lower())
    if found is None:
        return "a number and ms, s, min, h, d or w, without a space between"
    number, unit = found.groups()
    if unit in _UNITS:
        return f"write {number}{_UNITS[unit]}"
    return "months and years differ in length: write days, such as 30d, or a calendar window"


def _scanned(kind: Kind, text: str) -> Literal:
    minus = text.startswith("-")
    tokens = _tokens(kind, text)
    token = tokens[0]
    wanted = DURATION if kind is Kind.DURATION else NUMBER
    if token.kind != wanted or tokens[1].kind != END:
        raise _not(kind, text)
    if kind is Kind.DURATION:
        literal = algebra.duration(token.value)
    else:
        literal = algebra.number(token.value, token.scale, whole=token.scale == 0)
    literal = _as_kind(kind, literal, text)
    return replace(literal, value=-int(literal.value)) if minus else literal


def _tokens(kind: Kind, text: str) -> tuple[Token, ...]:
    try:
        return scan(text.removeprefix("-"))
    except ExpressionError as error:
        if error.problem.code in {Code.BAD_NUMBER, Code.LITERAL_RANGE}:
            raise
        raise _not(kind, text) from error


def _as_kind(kind: Kind, literal: Literal, text: str) -> Literal:
    if kind is Kind.INT and literal.type.kind is not Kind.INT:
        raise _not(kind, text)
    if kind is Kind.NUMBER:
        return replace(literal, type=replace(literal.type, kind=Kind.NUMBER))
    if kind is not Kind.MONEY:
        return literal
    if text.endswith("%"):
        raise _not(kind, text)
    money = algebra.as_money(literal)
    if money is None:
        message = f"'{text}' is more than money can be"
        raise ExpressionError(Problem(Code.LITERAL_RANGE, message, 0, len(text)))
    return money


def read_date(text: str) -> Literal:
    """The date literal of ``YYYY-MM-DD``.

    Raises:
        ExpressionError: the text is no such date.
    """
    try:
        day = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise _not(Kind.DATE, text)
    return Literal(DATE, day.toordinal() - EPOCH)
