"""Lists: a pack's CSV files -> tables of keys with their attributes, valid for some days."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from txmon.language.checked import FIRST_DAY, LAST_DAY, ListTable
from txmon.language.names import NAME
from txmon.language.problems import Code, did_you_mean
from txmon.packs.cells import MOST_FAULTS, Cells, read_cells
from txmon.packs.documents import DocumentError
from txmon.packs.tables import Cell, Table, read_table
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from txmon.errors import Finding

LIST_KINDS = ("text", "int", "money", "number", "date", "bool", "duration")
SINCE, UNTIL = "valid_from", "valid_to"
DATING = (SINCE, UNTIL)
_SAME = pl.col("key") == pl.col("key").shift(1)
_OVERLAP = pl.col("since") <= pl.col("until").shift(1)
"""Whether a row has the key of the one before it, and begins before that ends."""


def read_list(path: Path) -> tuple[ListTable | None, list[Finding]]:
    """The table of a list file, or None, and what is wrong with it."""
    try:
        reader = _Reader(read_table(path))
        return reader.table(), reader.findings
    except DocumentError as error:
        return None, [error.finding]


@dataclass(slots=True)
class _Reader:
    """Reads one file; ``findings`` are what is wrong with it so far."""

    file: Table
    findings: list[Finding] = field(default_factory=list)

    def table(self) -> ListTable | None:
        columns = self._columns(self._header())
        if self.findings:
            return None
        key = next(iter(columns.values()))
        days = {name: columns[name].values for name in DATING if name in columns}
        rows = _dated(key, days) if days else _undated(key)
        if days:
            self._disjoint(rows)
        else:
            self._different(rows)
        return None if self.findings else self._table(columns, rows)

    def _header(self) -> dict[str, Kind]:
        """The columns by name, the key first."""
        kinds: dict[str, Kind] = {}
        for cell in self.file.header:
            name, _, kind = cell.text.partition(":")
            dating = name in DATING
            if dating and not kinds:
                message = "the first column is the key, and this dates the rows"
                self._wrong(cell, message)
            elif not NAME.fullmatch(name) or name in kinds:
                message = "a column needs a name of its own: name or name:type"
                self._wrong(cell, message, "a name is a letter, then letters, digits and _")
            elif kind and kind not in LIST_KINDS:
                message = f"a list's column is one of {', '.join(LIST_KINDS)}, not '{kind}'"
                self._wrong(cell, message, did_you_mean(kind, LIST_KINDS))
            elif dating and kind not in {"", "date"}:
                self._wrong(cell, f"{name} is a date, not {kind}")
            kinds[name] = Kind.DATE if dating else _kind(kind)
        return kinds

    def _wrong(self, cell: Cell, message: str, advice: str = "") -> None:
        self.findings.append(cell.finding(Code.LIST, message, advice))

    def _columns(self, kinds: Mapping[str, Kind]) -> dict[str, Cells]:
        if self.findings:
            return {}
        columns: dict[str, Cells] = {}
        for position, (name, kind) in enumerate(kinds.items()):
            columns[name] = read_cells(kind, self.file.columns[position])
            faults = dict(columns[name].faults)
            if position == 0:
                empty = (self.file.columns[0] == "").arg_true().head(MOST_FAULTS)
                faults |= dict.fromkeys(empty, "a key cannot be empty")
            self._faulty(position, faults)
            if columns[name].wide:
                message = "the values are too large, with the decimals of the longest, to be held"
                self._wrong(self.file.header[position], message)
        return columns

    def _faulty(self, position: int, faults: Mapping[int, str]) -> None:
        cells = self.file.cells(faults)
        for row, message in faults.items():
            self._wrong(cells[row][position], message)

    def _different(self, rows: pl.DataFrame) -> None:
        if not rows["key"].is_duplicated().any():
            return
        for first, second in _pairs(rows.sort("key", "row"), _SAME):
            cells = self.file.cells({first, second})
            message = f"the key '{cells[second][0].text}' stands twice"
            self._wrong(cells[second][0], f"{message}; the first is on line {cells[first][0].line}")

    def _disjoint(self, rows: pl.DataFrame) -> None:
        """A key has one row for each day at most, and a row ends after it begins."""
        names = [cell.text.partition(":")[0] for cell in self.file.header]
        ending = rows.filter(pl.col("until") < pl.col("since"))["row"].sort().head(MOST_FAULTS)
        if ending.len():
            faults = dict.fromkeys(ending, f"{UNTIL} is before {SINCE}")
            self._faulty(names.index(UNTIL), faults)
            return
        for first, second in _pairs(rows, _SAME & _OVERLAP):
            cells = self.file.cells({first, second})
            message = f"the key '{cells[second][0].text}' has two rows for some days"
            advice = "a row is valid through its valid_to: the next begins a day later"
            other = f"; the other is on line {cells[first][0].line}"
            self._wrong(cells[second][0], message + other, advice)

    def _table(self, columns: Mapping[str, Cells], rows: pl.DataFrame) -> ListTable:
        key, *others = columns
        attributes = [columns[name].values.gather(rows["row"]).alias(name) for name in others]
        return ListTable(
            columns[key].type,
            rows["key"],
            {name: columns[name].type for name in others},
            pl.DataFrame(attributes),
            *(rows[name] for name in ("since", "until") if name in rows.columns),
        )


def _undated(key: Cells) -> pl.DataFrame:
    return pl.DataFrame({"key": key.values}).with_row_index("row")


def _dated(key: Cells, days: Mapping[str, pl.Series]) -> pl.DataFrame:
    """``row``, ``key``, ``since`` and ``until``, the rows of a key together in order of day."""
    rows = _undated(key)
    numbers = rows.unique("key", keep="first", maintain_order=True).with_row_index("group")
    ends = ((SINCE, "since", FIRST_DAY), (UNTIL, "until", LAST_DAY))
    dated = [
        (days[name].fill_null(end) if name in days else pl.lit(end, pl.Int64)).alias(shown)
        for name, shown, end in ends
    ]
    grouped = rows.join(numbers.select("key", "group"), on="key", maintain_order="left")
    return grouped.with_columns(dated).sort("group", "since", "row").drop("group")


def _kind(text: str) -> Kind:
    return Kind(text) if text in LIST_KINDS else Kind.TEXT


def _pairs(rows: pl.DataFrame, clash: pl.Expr) -> list[tuple[int, int]]:
    """Rows that clash with the one before them in order, the one that stands first first."""
    pairs = rows.select(pl.col("row"), before=pl.col("row").shift(1), clash=clash)
    found = pairs.filter("clash").select("before", "row").head(MOST_FAULTS).rows()
    return sorted(((min(pair), max(pair)) for pair in found), key=lambda pair: pair[1])
