"""The data file of a case -> its rows: a CSV or Parquet file in the pack's own columns."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.authoring.cases.case import CaseRow
from txmon.authoring.cases.columns import AT, NULL, Columns
from txmon.authoring.cases.runs import MAX_ROWS
from txmon.errors import Finding, Location
from txmon.language.problems import Code, Problem
from txmon.packs.documents import DocumentError
from txmon.packs.tables import Table, read_table
from txmon.testing.offsets import read_instant, read_offset

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from polars._typing import PolarsDataType

TIME = "event_time"
SUFFIXES = (".csv", ".parquet")
_BOOLS = {True: "true", False: "false"}


def read_data(
    file: Path, columns: Columns, start: datetime
) -> tuple[tuple[CaseRow, ...], Table | None, tuple[Finding, ...]]:
    """The rows of a data file, its table if it is a CSV, and what is wrong with it.

    An empty cell, ``-`` and a null in Parquet are all no value. Cells are texts as in a table of
    a case; a typed column of Parquet stands for the text that it would be written as.
    """
    try:
        if file.suffix == ".csv":
            table = read_table(file)
            return _of_table(table, columns, start)
        names, texts = _of_parquet(file)
    except DocumentError as error:
        return (), None, (error.finding,)
    except (pl.exceptions.PolarsError, OSError) as error:
        told = str(error).split("\n", maxsplit=1)[0]
        return (), None, (_finding(file, f"the file cannot be read: {told}"),)
    reader = _Reader(columns, start, names)
    rows = reader.rows(texts)
    wrong = tuple(
        _finding(file, f"{problem.message}{_at(row)}") for row, _, problem in reader.wrong
    )
    return rows, None, wrong


def _finding(file: Path, message: str) -> Finding:
    return Finding(Code.BAD_TABLE, message, Location(str(file), 1, 1))


def _at(row: int | None) -> str:
    return "" if row is None else f" (row {row + 1})"


def _of_table(
    table: Table, columns: Columns, start: datetime
) -> tuple[tuple[CaseRow, ...], Table, tuple[Finding, ...]]:
    reader = _Reader(columns, start, [cell.text for cell in table.header])
    rows = reader.rows([column.to_list() for column in table.columns])
    cells = table.cells([row for row, _, _ in reader.wrong if row is not None])
    wrong = tuple(
        (table.header if row is None else cells[row])[place].finding(
            problem.code, problem.message, problem.help
        )
        for row, place, problem in reader.wrong
    )
    return rows, table, wrong


def _of_parquet(file: Path) -> tuple[list[str], list[list[str | None]]]:
    frame = pl.read_parquet(file)
    for name, dtype in frame.schema.items():
        if dtype.is_float() or dtype.is_nested() or dtype == pl.Binary:
            message = f"the column '{name}' is {dtype}; write its values as text or as decimals"
            raise DocumentError(_finding(file, message))
    return frame.columns, [_texts(frame[name]) for name in frame.columns]


def _texts(column: pl.Series) -> list[str | None]:
    """The values of a typed column as a table of a case would hold them."""
    dtype: PolarsDataType = column.dtype
    if isinstance(dtype, pl.Datetime):
        return [None if one is None else one.isoformat() for one in column.to_list()]
    if dtype == pl.Boolean:
        return [None if one is None else _BOOLS[one] for one in column.to_list()]
    return column.cast(pl.String).to_list()


class _Reader:
    """Reads columns of texts; ``wrong`` has each problem with its row (None: the header) and the
    place of its column.
    """

    def __init__(self, columns: Columns, start: datetime, names: list[str]) -> None:
        self._columns = columns
        self._start = start
        self._names = names
        self.wrong: list[tuple[int | None, int, Problem]] = []

    def rows(self, texts: list[list[str | None]]) -> tuple[CaseRow, ...]:
        for place, name in enumerate(self._names):
            self._check_name(place, name)
        clocks = [name for name in self._names if name in {AT, TIME}]
        if len(clocks) != 1:
            message = f"a data file has a column {AT} (offsets) or {TIME} (times), one of them"
            self.wrong.append((None, 0, Problem(Code.BAD_TABLE, message, 0, 1)))
        height = len(texts[0]) if texts else 0
        if height > MAX_ROWS:
            message = f"these are {height:,} rows; a case has at most {MAX_ROWS:,}"
            self.wrong.append((None, 0, Problem(Code.TOO_LARGE, message, 0, 1)))
        if self.wrong:
            return ()
        found = [self._row(number, texts, clocks[0]) for number in range(height)]
        return tuple(row for row in found if row is not None)

    def _check_name(self, place: int, name: str) -> None:
        if name in self._names[:place]:
            message = f"the column '{name}' stands twice"
            self.wrong.append((None, place, Problem(Code.BAD_TABLE, message, 0, 1)))
        elif name not in {AT, TIME} and (problem := self._columns.unknown(name)) is not None:
            self.wrong.append((None, place, problem))

    def _row(self, number: int, texts: list[list[str | None]], clock: str) -> CaseRow | None:
        cells = [column[number] for column in texts]
        written: dict[str, str | None] = {
            name: None if cell in {"", NULL} else cell
            for name, cell in zip(self._names, cells, strict=True)
        }
        time = self._time(number, clock, written.pop(clock))
        self._declared(number, written)
        return None if time is None else CaseRow(time, self._columns.row(written), number, number)

    def _time(self, number: int, clock: str, text: str | None) -> datetime | None:
        read: Any = read_offset(text or NULL) if clock == AT else read_instant(text or NULL)
        if isinstance(read, Problem):
            self.wrong.append((number, self._names.index(clock), read))
            return None
        return read if isinstance(read, datetime) else self._start + read

    def _declared(self, number: int, written: Mapping[str, str | None]) -> None:
        for name in self._columns.values:
            problem = self._columns.undeclared(name, written.get(name))
            if problem is not None:
                self.wrong.append((number, self._names.index(name), problem))
