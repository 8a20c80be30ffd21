"""Text -> tokens, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import normalize

from txmon.language.builtins import RESERVED
from txmon.language.habits import (
    CUT_BY_COMMENT,
    DURATION_UNITS,
    FOREIGN_SYMBOLS,
    FOREIGN_UNITS,
    LOOKALIKES,
    NO_ESCAPES,
)
from txmon.language.problems import Code, ExpressionError, Problem

MAX_LENGTH = 4_000
MAX_TOKENS = 1_000
MAX_DIGITS = 18
MAX_DURATION = 36_525 * DURATION_UNITS["d"]
"""A hundred years."""

NUMBER, DURATION, TEXT, NAME, WORD, SYMBOL, END = (
    "number",
    "duration",
    "text",
    "name",
    "word",
    "symbol",
    "end",
)
_SPACE = re.compile(r"[ \n]+")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_NUMBER = re.compile(r"[0-9][0-9_]*(?:\.[0-9][0-9_]*)?")
_UNIT = re.compile(r"[A-Za-z_]+")
_SYMBOL = re.compile(r"==|!=|<=|>=|\.\.|[-+*/<>(),.]")
_ODD_SYMBOL = re.compile("|".join(re.escape(symbol) for symbol in FOREIGN_SYMBOLS))
_BRACKETS = re.compile(r"[\[\]{}=]")


@dataclass(frozen=True, slots=True)
class Token:
    """One word of an expression; ``value`` and ``scale`` are those of a number or duration."""

    kind: str
    text: str
    start: int
    end: int
    value: int = 0
    scale: int = 0

    def __str__(self) -> str:
        return "the end" if self.kind == END else f"'{self.text}'"


def scan(text: str) -> tuple[Token, ...]:
    """The tokens of an expression, the last one of kind END.

    Raises:
        ExpressionError: at the first thing that is no token.
    """
    if len(text) > MAX_LENGTH:
        message = f"the expression has {len(text)} characters; at most {MAX_LENGTH} are allowed"
        raise ExpressionError(Problem(Code.TOO_COMPLEX, message, 0, len(text)))
    tokens: list[Token] = []
    position = _skip(text, 0)
    while position < len(text):
        tokens.append(_token(text, position))
        if len(tokens) > MAX_TOKENS:
            message = f"the expression has more than {MAX_TOKENS} words and signs"
            raise ExpressionError(Problem(Code.TOO_COMPLEX, message, 0, len(text)))
        position = _skip(text, tokens[-1].end)
    return (*tokens, Token(END, "", len(text.rstrip()), len(text.rstrip()) + 1))


def _skip(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _token(text: str, position: int) -> Token:
    character = text[position]
    if character == '"':
        return _text(text, position)
    if match := _NUMBER.match(text, position):
        return _number(text, match)
    if match := _NAME.match(text, position):
        kind = WORD if match[0] in RESERVED else NAME
        return Token(kind, match[0], position, match.end())
    return _symbol(text, position)


def _symbol(text: str, position: int) -> Token:
    ours = _SYMBOL.match(text, position)
    odd = _ODD_SYMBOL.match(text, position)
    if ours and (odd is None or len(ours[0]) >= len(odd[0])):
        return Token(SYMBOL, ours[0], position, ours.end())
    if odd is None:
        raise ExpressionError(_strange(text, position))
    if _BRACKETS.fullmatch(odd[0]):
        # Brackets and the = of `by KEY = EXPR` have a place in features: the parser decides.
        return Token(SYMBOL, odd[0], position, odd.end())
    raise ExpressionError(foreign_symbol(odd[0], position))


def foreign_symbol(symbol: str, start: int) -> Problem:
    """The problem of a sign that other languages use."""
    message, advice = FOREIGN_SYMBOLS[symbol]
    return Problem(Code.FOREIGN_SYNTAX, message, start, start + len(symbol), advice)


def _strange(text: str, position: int) -> Problem:
    character = text[position]
    if character == "'":
        closing = text.find("'", position + 1)
        end = closing + 1 if closing > 0 else position + 1
        message = "texts stand in double quotes"
        advice = f'write "{text[position + 1 : end - 1]}"' if closing > 0 else ""
        return Problem(Code.FOREIGN_SYNTAX, message, position, end, advice)
    usual = LOOKALIKES.get(character) or _plain(character)
    advice = f"type {usual} instead" if usual else ""
    shown = character if character.isprintable() else f"U+{ord(character):04X}"
    message = f"the character '{shown}' is not used in expressions"
    return Problem(Code.BAD_CHARACTER, message, position, position + 1, advice)


def _plain(character: str) -> str:
    plain = normalize("NFKC", character)
    return plain if plain != character and plain.isascii() and plain.isprintable() else ""


def _text(text: str, position: int) -> Token:
    closing = text.find('"', position + 1)
    line_end = text.find("\n", position)
    if closing < 0 or 0 <= line_end < closing:
        end = line_end if line_end > 0 else len(text)
        message = "this text has no closing quote"
        advice = NO_ESCAPES if '\\"' in text else CUT_BY_COMMENT
        raise ExpressionError(Problem(Code.UNTERMINATED_TEXT, message, position, end, advice))
    return Token(TEXT, text[position + 1 : closing], position, closing + 1)


def _number(text: str, match: re.Match[str]) -> Token:
    start, end = match.span()
    unit = _UNIT.match(text, end)
    if unit:
        return _duration(match[0], unit[0], start, unit.end())
    percent = text.startswith("%", end)
    token = exact_number(match[0] + "%" * percent, start)
    if text.startswith(".", token.end) and not text.startswith("..", token.end):
        message = "a number has one decimal point, with digits after it"
        raise ExpressionError(Problem(Code.BAD_NUMBER, message, start, token.end + 1))
    return token


def exact_number(text: str, start: int) -> Token:
    """The token of a number's text such as ``5_000.00`` or ``80%``.

    Raises:
        ExpressionError: more digits than an exact number may have.
    """
    digits = text.rstrip("%").replace("_", "")
    whole, _, decimals = digits.partition(".")
    scale = len(decimals) + 2 * text.endswith("%")
    end = start + len(text)
    if len(whole.lstrip("0")) + scale > MAX_DIGITS:
        message = f"a number has at most {MAX_DIGITS} digits, decimals included"
        raise ExpressionError(Problem(Code.LITERAL_RANGE, message, start, end))
    return Token(NUMBER, text, start, end, int(whole + decimals), scale)


def _duration(number: str, unit: str, start: int, end: int) -> Token:
    shown = f"{number}{unit}"
    if unit not in DURATION_UNITS:
        raise ExpressionError(_odd_unit(number, unit, start, end))
    if not number.isdigit():
        message = f"'{shown}' is no duration: a duration is a whole number and a unit"
        advice = "take the smaller unit: 90min for one and a half hours"
        raise ExpressionError(Problem(Code.BAD_NUMBER, message, start, end, advice))
    value = int(number[:MAX_DIGITS]) * DURATION_UNITS[unit]
    if len(number) > MAX_DIGITS or value > MAX_DURATION:
        message = f"'{shown}' is longer than a hundred years"
        raise ExpressionError(Problem(Code.LITERAL_RANGE, message, start, end))
    return Token(DURATION, shown, start, end, value)


def _odd_unit(number: str, unit: str, start: int, end: int) -> Problem:
    message = f"'{number}{unit}' is no number and no duration"
    usual = FOREIGN_UNITS.get(unit, "units are ms, s, min, h, d and w, as in 24h")
    return Problem(Code.BAD_NUMBER, message, start, end, usual.replace("{n}", number))
