"""Many rows in one line of a table: times such as ``+0h..+5h/20min``, values such as ``P{n}``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from txmon.language.problems import Code, Problem
from txmon.testing.offsets import read_offset, show_offset

MAX_ROWS = 100_000
"""Rows of a case at most."""

_ADVICE = "write +0h..+5h/20min (from, to, step) or +0h/20min*6 (from, step, rows)"
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_NUMBER = r"(\d{1,15}(?:\.\d{1,9})?)"
_LINEAR = re.compile(rf"(?:{_NUMBER}([+-]))?{_NUMBER}?n(?:([+-]){_NUMBER})?")
_NONE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Times:
    """When the rows of a line are: ``count`` of them, the first at ``first``, ``step`` apart.

    ``run`` says that the line was written as a run, though it may have one row.
    """

    first: timedelta
    step: timedelta = _NONE
    count: int = 1
    run: bool = False


@lru_cache(maxsize=4_096)
def read_times(text: str) -> Times | Problem:
    """The times in the first cell of a line: an offset, or a run of them.

    ``+0h..+5h/20min`` has a row at both ends and every 20 minutes between them;
    ``+0h/20min*6`` six rows, 20 minutes apart.
    """
    if "/" not in text and ".." not in text:
        offset = read_offset(text)
        return offset if isinstance(offset, Problem) else Times(offset)
    head, _, tail = text.partition("/")
    if not tail:
        return Problem(Code.BAD_VALUE, f"'{text}' has no step", 0, len(text), _ADVICE)
    return _counted(text, head, tail) if "*" in tail else _ended(text, head, tail)


def _counted(text: str, head: str, tail: str) -> Times | Problem:
    written, _, number = tail.partition("*")
    first = read_offset(head)
    step = _step(written, len(head) + 1)
    if isinstance(first, Problem):
        return first
    if isinstance(step, Problem):
        return step
    if not (number.isascii() and number.isdigit() and 0 < int(number[:9]) <= MAX_ROWS):
        message = f"after * stands how many rows, 1 to {MAX_ROWS:,}, found '{number}'"
        start = min(len(text) - len(number), len(text) - 1)
        return Problem(Code.BAD_VALUE, message, start, len(text), _ADVICE)
    return Times(first, step, int(number), run=True)


def _ended(text: str, head: str, tail: str) -> Times | Problem:
    written, dots, end = head.partition("..")
    if not dots:
        message = f"'{text}' has no end and no number of rows"
        return Problem(Code.BAD_VALUE, message, 0, len(text), _ADVICE)
    place = len(written) + len(dots)
    first, last = read_offset(written), _moved(read_offset(end), place)
    step = _step(tail, len(head) + 1)
    for read in (first, last, step):
        if isinstance(read, Problem):
            return read
    assert isinstance(first, timedelta) and isinstance(last, timedelta)  # noqa: PT018, S101 - shown
    assert isinstance(step, timedelta)  # noqa: S101 - likewise
    if last < first:
        message = f"the end {end} is before the beginning {written}"
        return Problem(Code.BAD_VALUE, message, place, len(head), _ADVICE)
    return _stepped(first, last, step, Problem(Code.BAD_VALUE, "", 0, len(text), _ADVICE))


def _stepped(first: timedelta, last: timedelta, step: timedelta, wrong: Problem) -> Times | Problem:
    """The rows between two ends; a step must arrive at the second."""

    def told(message: str, advice: str = "") -> Problem:
        return Problem(wrong.code, message, wrong.start, wrong.end, advice or wrong.help)

    if step == _NONE:
        return told("with a step of 0 the end is never reached", "for rows at one time write *6")
    steps, left = divmod(last - first, step)
    if left:
        before, after = show_offset(last - left), show_offset(last - left + step)
        message = f"in these steps no row is at {show_offset(last)}"
        return told(message, f"end at {before} or {after}")
    if steps >= MAX_ROWS:
        return told(f"these are {steps + 1:,} rows; a case has at most {MAX_ROWS:,}")
    return Times(first, step, steps + 1, run=True)


def _step(text: str, place: int) -> timedelta | Problem:
    """A duration without its sign, which stands at a place of the cell."""
    return _moved(read_offset(f"+{text}"), place, added=1)


def _moved(read: timedelta | Problem, place: int, added: int = 0) -> timedelta | Problem:
    """What was read, a problem moved to its place in the cell; ``added`` was not in the cell."""
    if not isinstance(read, Problem):
        return read
    start = place + max(read.start - added, 0)
    end = max(place + read.end - added, start + 1)
    return Problem(read.code, read.message, start, end, read.help)


def fill(text: str, number: int) -> str | Problem | None:
    """A cell of a run's row with its placeholders filled; ``-`` is null.

    Args:
        text: the cell: ``{n}``, ``{n+3}``, ``{100+20n}`` count, ``{A|B|C}`` goes round.
        number: of the row within the run, from 1.
    """
    parts: list[str] = []
    at = 0
    for match in _PLACEHOLDER.finditer(text):
        value = _value(match[1], number)
        if value is None:
            message = f"'{match[0]}' is no value that runs"
            advice = "write {n}, {n+3}, {100+20n} or {A|B|C}"
            return Problem(Code.BAD_VALUE, message, match.start(), match.end(), advice)
        parts += (text[at : match.start()], value)
        at = match.end()
    filled = "".join((*parts, text[at:]))
    return None if filled == "-" and at else filled


def _value(written: str, number: int) -> str | None:
    """What stands in braces for one row, or None if that cannot be read."""
    if "|" in written:
        choices = written.split("|")
        return choices[(number - 1) % len(choices)]
    match = _LINEAR.fullmatch(written)
    if match is None or (match[1] and match[5]):
        return None
    base, sign, factor, other, more = match.groups()
    value = Decimal(factor or 1) * number * (-1 if sign == "-" else 1) + Decimal(base or 0)
    return f"{value + Decimal(more or 0) * (-1 if other == '-' else 1):f}"


def runs(text: str) -> re.Match[str] | None:
    """A placeholder in a cell that would count rows, if there is one."""
    return next((one for one in _PLACEHOLDER.finditer(text) if _value(one[1], 1)), None)
