"""CSV files of a pack -> columns of texts, and the place of any cell that turns out to be wrong.

A file may have a million rows: it is read in columns, and only where something is wrong is it
read again, cell by cell, up to the place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from txmon.language.problems import Code
from txmon.packs.documents import DocumentError, Source, read_source

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from enum import StrEnum
    from pathlib import Path

    from txmon.errors import Finding

MAX_TABLE_BYTES = 1_000_000_000
_QUOTED = re.compile(r' *"((?:[^"]|"")*)" *')
_BARE = re.compile(r'[^,"\n]*')
_WHOLE = r'^"(?:[^"]|"")*"$'
_COMMA, _BREAK = "\x1f", "\x1e"
"""What stands for a comma and a line break within quotes until cells are parted."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and its place in the file."""

    source: Source
    text: str
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line it begins on, from 1."""
        return self.source.location(self.start, self.end).line

    def finding(self, code: StrEnum, message: str, advice: str = "") -> Finding:
        """A finding about this cell."""
        end = max(self.end, self.start + 1)
        return self.source.finding(code, message, self.start, end, advice)


@dataclass(frozen=True, slots=True)
class Table:
    """A header, and columns of texts of as many rows each."""

    source: Source
    header: tuple[Cell, ...]
    columns: tuple[pl.Series, ...]

    @property
    def height(self) -> int:
        """Number of rows, the header left out."""
        return self.columns[0].len()

    def rows(self) -> Iterator[tuple[Cell, ...]]:
        """The cells of each row in turn, with their places."""
        rows = _rows(self.source)
        next(rows)
        return rows

    def cells(self, numbers: Collection[int]) -> Mapping[int, tuple[Cell, ...]]:
        """The cells of some rows by their numbers, which count from 0."""
        wanted, last = set(numbers), max(numbers, default=-1)
        found: dict[int, tuple[Cell, ...]] = {}
        for number, row in enumerate(self.rows() if wanted else ()):
            if number in wanted:
                found[number] = row
            if number == last:
                break
        return found


def read_table(path: Path) -> Table:
    """The cells of a CSV file, blank lines left out.

    Raises:
        DocumentError: not readable, badly quoted, or a row of another length than the header.
    """
    source = read_source(path, MAX_TABLE_BYTES)
    _no_control_characters(source)
    header = next(_rows(source), None)
    if header is None:
        message = "the table is empty: its first line names the columns"
        raise DocumentError(source.finding(Code.BAD_TABLE, message, 0, 1))
    lines = _lines(source)
    if not (lines.str.count_matches(",", literal=True) == len(header) - 1).all():
        raise _misshapen(source, len(header))
    columns = _parted(lines[1:], len(header))
    if '"' in source.text:
        columns = [_unquoted(column, source, len(header)) for column in columns]
    return Table(source, header, tuple(columns))


def _no_control_characters(source: Source) -> None:
    for sign in (_COMMA, _BREAK):
        place = source.text.find(sign)
        if place >= 0:
            message = f"the character U+{ord(sign):04X} is not allowed"
            raise DocumentError(source.finding(Code.BAD_TABLE, message, place, place + 1))


def _lines(source: Source) -> pl.Series:
    """The lines that are not blank; within quotes nothing parts cells or lines."""
    text = _QUOTED.sub(_masked, source.text) if '"' in source.text else source.text
    lines = pl.Series(text.split("\n"), dtype=pl.String)
    return lines.filter(lines.str.strip_chars() != "")


def _masked(cell: re.Match[str]) -> str:
    return cell[0].replace(",", _COMMA).replace("\n", _BREAK)


def _parted(lines: pl.Series, width: int) -> list[pl.Series]:
    cells = lines.str.split_exact(",", width - 1).struct.unnest()
    return [column.str.strip_chars() for column in cells.get_columns()]


def _unquoted(column: pl.Series, source: Source, width: int) -> pl.Series:
    """Cells without their quotes."""
    quoted = column.str.contains('"', literal=True)
    if not (column.str.contains(_WHOLE) | ~quoted).all():
        raise _misshapen(source, width)
    inside = column.str.replace(r'(?s)^"(.*)"$', "${1}")
    for sign, meant in (('""', '"'), (_COMMA, ","), (_BREAK, "\n")):
        inside = inside.str.replace_all(sign, meant, literal=True)
    return inside.zip_with(quoted, column)


def _misshapen(source: Source, width: int) -> DocumentError:
    """What is wrong with the first cell or row that is."""
    try:
        for row in _rows(source):
            if len(row) != width:
                message = f"the header has {width} cells, this row {len(row)}"
                return DocumentError(row[0].finding(Code.BAD_TABLE, message))
    except DocumentError as error:
        return error
    message = "the table cannot be read: check its quotes"
    return DocumentError(source.finding(Code.BAD_TABLE, message, 0, 1))


def _rows(source: Source) -> Iterator[tuple[Cell, ...]]:
    position = 0
    while position < len(source.text):
        cells: list[Cell] = []
        while True:
            cell = _cell(source, position)
            cells.append(cell)
            position = cell.end + 1
            if not source.text.startswith(",", cell.end):
                break
        if len(cells) > 1 or source.text[cells[0].start : cells[0].end].strip():
            yield tuple(cells)


def _cell(source: Source, position: int) -> Cell:
    text = source.text
    if match := _QUOTED.match(text, position):
        cell = Cell(source, match[1].replace('""', '"'), position, match.end())
    else:
        bare = _BARE.match(text, position)
        end = bare.end() if bare else position
        cell = Cell(source, text[position:end].strip(), position, end)
    if cell.end < len(text) and text[cell.end] not in ",\n":
        message = "a cell with a quote stands in double quotes, its own quotes doubled"
        raise DocumentError(source.finding(Code.BAD_TABLE, message, cell.end, cell.end + 1))
    return cell
