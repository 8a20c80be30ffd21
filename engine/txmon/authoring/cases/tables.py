"""The aligned table of a case: cells split at spaces, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from txmon.language.problems import Code, Problem

_CELL = re.compile(r'"(?:[^"]|"")*"|\S+')
_QUOTE = '"'
_NULL = "-"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: its value, None for ``-``, and the offsets of it in the text."""

    value: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Line:
    """The values of one line and where the line stands; ``raw`` is the line as written.

    A case has many lines of which nobody ever asks where a cell is: cells are made when asked for.
    """

    values: tuple[str | None, ...]
    start: int
    end: int
    raw: str

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The values with their places."""
        offset = self.start - (len(self.raw) - len(self.raw.lstrip()))
        return _cells(self.raw, offset)


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: the cells of its header and its rows, each as long as the header."""

    header: tuple[Cell, ...]
    rows: tuple[Line, ...]


def read_grid(text: str) -> tuple[Grid | None, tuple[Problem, ...]]:
    """The table in a text, or what is wrong with it. Blank lines mean nothing."""
    lines: list[Line] = []
    problems: list[Problem] = []
    start = 0
    for raw in text.split("\n"):
        if raw.strip():
            line, wrong = _line(raw, start)
            lines.append(line)
            problems += wrong
        start += len(raw) + 1
    if not lines:
        return None, (Problem(Code.BAD_TABLE, "the table has no header", 0, 1),)
    header, *rows = lines
    width = len(header.values)
    problems += [_ragged(row, width) for row in rows if len(row.values) != width]
    return (None, tuple(problems)) if problems else (Grid(header.cells, tuple(rows)), ())


def _line(raw: str, offset: int) -> tuple[Line, list[Problem]]:
    start = offset + len(raw) - len(raw.lstrip())
    end = offset + len(raw.rstrip())
    if _QUOTE not in raw:
        values = tuple(None if text == _NULL else text for text in raw.split())
        return Line(values, start, end, raw), []
    cells = _cells(raw, offset)
    problems = [
        _half_quoted(raw[cell.start - offset : cell.end - offset], cell)
        for cell in cells
        if _is_half_quoted(raw[cell.start - offset : cell.end - offset])
    ]
    return Line(tuple(cell.value for cell in cells), start, end, raw), problems


def _cells(raw: str, offset: int) -> tuple[Cell, ...]:
    return tuple(
        Cell(_value(match[0]), offset + match.start(), offset + match.end())
        for match in _CELL.finditer(raw)
    )


def _value(written: str) -> str | None:
    if written.startswith(_QUOTE):
        return written[1:-1].replace('""', _QUOTE)
    return None if written == _NULL else written


def _is_half_quoted(written: str) -> bool:
    """A quote that is not closed, or that stands within a bare cell or next to one."""
    whole = written.startswith(_QUOTE) and len(written) > 1 and written.endswith(_QUOTE)
    return _QUOTE in written and not whole


def _half_quoted(written: str, cell: Cell) -> Problem:
    message = f"a quote in {written} has no partner"
    advice = 'put the whole cell into quotes, a quote inside it twice: "say ""x"""'
    return Problem(Code.BAD_TABLE, message, cell.start, cell.end, advice)


def _ragged(row: Line, width: int) -> Problem:
    message = f"this line has {_counted(len(row.values))} where the header has {width}"
    advice = "write - where there is no value, and quotes around a value with spaces"
    return Problem(Code.BAD_TABLE, message, row.start, row.end, advice)


def _counted(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
