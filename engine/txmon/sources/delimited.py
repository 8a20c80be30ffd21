"""CSV read as text: nothing is inferred, so that every raw value and ragged line survives."""

from __future__ import annotations

import csv
import io
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv

from txmon.errors import InputError
from txmon.sources.content import as_utf8, content
from txmon.sources.csv_scan import read_plain
from txmon.sources.faults import Reason
from txmon.sources.tables import TextTable, Unread, numbers_without

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.sources.files import Piece
    from txmon.sources.mapping import CsvForm

_BLOCK = 1 << 22
_LARGEST_BLOCK = (1 << 31) - 1
_HEAD = 1 << 16
_OTHER_SEPARATORS = ";\t|,"


@dataclass(frozen=True, slots=True)
class CsvFile:
    """The content of a CSV file as UTF-8, and the names of its columns."""

    name: str
    data: pa.Buffer
    header: tuple[str, ...]
    form: CsvForm
    broken: bool


def open_csv(piece: Piece, form: CsvForm) -> CsvFile:
    """Read a file's bytes and find its header.

    Raises:
        InputError: it cannot be read, decoded or parsed, or is binary.
    """
    name = piece.name
    data, broken = as_utf8(name, content(piece), form.encoding)
    if data.size < _HEAD:  # a single line without an end is no line to the parser
        data = pa.py_buffer(data.to_pybytes() + b"\n")
    tabbed = form.separator == "," and _is_tsv(name)
    written = form.model_copy(update={"separator": "\t"}) if tabbed else form
    first = _first_record(name, data, written)
    _check_separator(name, first, written.separator)
    if not form.header:
        names = unique_names(first)
    elif len(form.header) == len(first):
        names = form.header
    else:
        raise InputError(
            f"{name} has {len(first)} fields; the mapping's header names {len(form.header)}"
        )
    return CsvFile(name, data, names, written, broken)


def _is_tsv(name: str) -> bool:
    return name.endswith((".tsv", ".tsv.gz", ".tsv.zst"))


def read_csv(file: CsvFile, columns: tuple[str, ...]) -> TextTable:
    """The given columns of an opened file; an empty field is null.

    Raises:
        InputError: the file is no CSV.
    """
    plain = _plain(file, columns)
    return read_carefully(file, columns) if plain is None else plain


def _plain(file: CsvFile, columns: tuple[str, ...]) -> TextTable | None:
    """The columns of a file in which every row is beyond doubt; None of any other."""
    raw = np.frombuffer(file.data, np.uint8)
    if raw[: len(BOM_UTF8)].tobytes() == BOM_UTF8:
        raw = raw[len(BOM_UTF8) :]
    slots = [columns.index(name) if name in columns else -1 for name in file.header]
    frame = read_plain(raw, slots, file.form.separator, file.form.quote)
    if frame is None:
        return None
    frame.columns = list(columns)
    frame = frame.slice(int(not file.form.header))
    unread = Unread.of(Reason.RAGGED_ROW, [])
    return TextTable(frame, numbers_without(frame.height, unread.numbers), unread, file.broken)


def read_carefully(file: CsvFile, columns: tuple[str, ...]) -> TextTable:
    """The given columns of any file that is CSV.

    Raises:
        InputError: the file is no CSV.
    """
    skipped: list[Any] = []
    places = [file.header.index(column) for column in columns]

    def keep(row: Any) -> str:
        skipped.append(row)
        return "skip"

    frame = pl.from_arrow(_parsed(file, places, keep))
    if not isinstance(frame, pl.DataFrame):
        raise TypeError(type(frame))
    frame.columns = list(columns)
    header = int(not file.form.header)
    frame = frame.slice(header)
    unread = Unread.of(
        Reason.RAGGED_ROW, [(row.number - header, row.text, _fields(row)) for row in skipped]
    )
    numbers = numbers_without(frame.height, unread.numbers)
    return TextTable(frame, numbers, unread, broken=file.broken)


def _fields(row: Any) -> str:
    fields = "1 field" if row.actual_columns == 1 else f"{row.actual_columns} fields"
    return f"{fields} and the header {row.expected_columns}"


def _parsed(file: CsvFile, places: list[int], keep: Callable[[Any], str]) -> pa.Table:
    try:
        return _attempt(file, places, keep, _BLOCK)
    except pa.ArrowInvalid as error:
        if "straddl" not in str(error) or file.data.size <= _BLOCK:
            raise InputError(f"{file.name} is no readable CSV: {error}") from error
    try:  # a row longer than a block: most likely a quote left open
        return _attempt(file, places, keep, min(file.data.size, _LARGEST_BLOCK))
    except pa.ArrowInvalid as error:
        raise InputError(f"{file.name} is no readable CSV: {error}") from error


def _attempt(file: CsvFile, places: list[int], keep: Callable[[Any], str], block: int) -> pa.Table:
    names = [f"f{place}" for place in places]
    return pa.csv.read_csv(
        pa.BufferReader(file.data),
        # one thread, for only then are ragged rows numbered
        read_options=pa.csv.ReadOptions(
            use_threads=False, block_size=block, autogenerate_column_names=True
        ),
        parse_options=pa.csv.ParseOptions(
            delimiter=file.form.separator,
            quote_char=file.form.quote or False,
            double_quote=bool(file.form.quote),
            newlines_in_values=bool(file.form.quote),
            invalid_row_handler=keep,
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            include_columns=names,
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def _first_record(name: str, data: pa.Buffer, form: CsvForm) -> tuple[str, ...]:
    head = data.slice(0, min(data.size, _HEAD)).to_pybytes().decode("utf-8-sig", errors="replace")
    lines = io.StringIO(head, newline="")
    if form.quote:
        records = csv.reader(lines, delimiter=form.separator, quotechar=form.quote)
    else:
        records = csv.reader(lines, delimiter=form.separator, quoting=csv.QUOTE_NONE)
    try:
        for record in records:
            if record:
                return tuple(record)
    except csv.Error as error:
        raise InputError(f"{name} is no readable CSV: {error}") from error
    raise InputError(f"{name} is empty")


def _check_separator(name: str, header: tuple[str, ...], separator: str) -> None:
    others = [mark for mark in _OTHER_SEPARATORS if mark != separator and mark in header[0]]
    if len(header) == 1 and others:
        written = "tab" if others[0] == "\t" else others[0]
        raise InputError(
            f"{name} has one column, {header[0]!r}; is it separated otherwise?"
            f' Give `csv: {{separator: "{written}"}}` in a mapping'
        )


def unique_names(header: tuple[str, ...]) -> tuple[str, ...]:
    """The names, a repeated one with its count behind it: Account, Account_2."""
    seen: dict[str, int] = {}
    names = []
    for name in header:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(names)
