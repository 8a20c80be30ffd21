"""CSV files of a pack -> rows of cells, each with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.language.problems import Code
from txmon.packs.documents import DocumentError, Source, read_source

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.errors import Finding

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_BARE = re.compile(r'[^,"\n]*')


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell's text and its place in the file."""

    source: Source
    text: str
    start: int
    end: int

    def finding(self, code: Code, message: str, advice: str = "") -> Finding:
        """A finding about this cell."""
        end = max(self.end, self.start + 1)
        return self.source.finding(code, message, self.start, end, advice)


@dataclass(frozen=True, slots=True)
class Table:
    """A header and rows of as many cells."""

    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


def read_table(path: Path) -> Table:
    """The cells of a CSV file, blank lines left out.

    Raises:
        DocumentError: not readable, badly quoted, or a row of another length than the header.
    """
    source = read_source(path)
    rows = _rows(source)
    if not rows:
        message = "the table is empty: its first line names the columns"
        raise DocumentError(source.finding(Code.BAD_TABLE, message, 0, 1))
    for row in rows[1:]:
        if len(row) != len(rows[0]):
            message = f"the header has {len(rows[0])} cells, this row {len(row)}"
            raise DocumentError(row[0].finding(Code.BAD_TABLE, message))
    return Table(rows[0], tuple(rows[1:]))


def _rows(source: Source) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    position = 0
    while position < len(source.text):
        cells: list[Cell] = []
        while True:
            cell = _cell(source, position)
            cells.append(cell)
            position = cell.end + 1
            if not source.text.startswith(",", cell.end):
                break
        if len(cells) > 1 or cells[0].text:
            rows.append(tuple(cells))
    return rows


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
