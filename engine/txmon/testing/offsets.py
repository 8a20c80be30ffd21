"""Times of a case: offsets from its start such as ``+726h``, and instants with a zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from txmon.language.habits import DURATION_UNITS
from txmon.language.problems import Code, ExpressionError, Problem
from txmon.language.scan import DURATION, scan

_MICROSECOND = timedelta(microseconds=1)
_MICROSECONDS = re.compile(r"\+(\d{1,17})us")
"""A unit that rules do not have: the time between two transactions can be as short as that."""


@lru_cache(maxsize=4_096)
def read_offset(text: str) -> timedelta | Problem:
    """``+`` and one duration, as in ``+90min``; a problem says what is wrong."""
    if not text.startswith("+"):
        message = f"a time of a case is + and one duration, found '{text}'"
        return Problem(Code.BAD_VALUE, message, 0, len(text), "write it like +90min")
    if match := _MICROSECONDS.fullmatch(text):
        return timedelta(microseconds=int(match[1]))
    try:
        tokens = scan(text[1:])
    except ExpressionError as error:
        found = error.problem
        return Problem(found.code, found.message, found.start + 1, found.end + 1, found.help)
    if len(tokens) != 2 or tokens[0].kind != DURATION:  # noqa: PLR2004  the duration and the end
        message = f"after + one duration is needed, found '{text[1:]}'"
        return Problem(Code.BAD_VALUE, message, 0, len(text), "write it like +90min")
    return timedelta(microseconds=tokens[0].value)


def show_offset(offset: timedelta) -> str:
    """The shortest way to write an offset, in the largest unit up to hours that fits."""
    microseconds = offset // _MICROSECOND
    sign = "-" if microseconds < 0 else "+"
    for unit in ("h", "min", "s", "ms"):
        if microseconds % DURATION_UNITS[unit] == 0:
            return f"{sign}{abs(microseconds) // DURATION_UNITS[unit]}{unit}"
    return f"{sign}{abs(microseconds)}us"


def read_instant(text: str) -> datetime | Problem:
    """A time with its zone, in UTC; a problem says what is wrong."""
    advice = "write it like 2026-03-01T09:00:00+08:00"
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        return Problem(Code.BAD_VALUE, f"'{text}' is no time", 0, len(text), advice)
    if instant.tzinfo is None:
        return Problem(Code.BAD_VALUE, f"'{text}' names no zone", 0, len(text), advice)
    return instant.astimezone(UTC)
