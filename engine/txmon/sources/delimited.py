"""CSV read as text: nothing is inferred, so that every raw value and ragged line survives."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.csv

from txmon.errors import InputError
from txmon.sources.files import is_gzip

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from txmon.sources.mapping import CsvForm

REPLACEMENT = "\ufffd"
"""Stands where bytes were no valid text."""

_BLOCK = 1 << 22
_LARGEST_BLOCK = (1 << 31) - 1
_HEAD = 1 << 16
_ASCII = 128
_OTHER_SEPARATORS = ";\t|,"
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Ragged:
    """Lines with another number of fields than the header."""

    numbers: pl.Series
    texts: pl.Series
    notes: pl.Series


@dataclass(frozen=True, slots=True)
class CsvTable:
    """The chosen columns of a CSV file, all String, an empty field null.

    Attributes:
        frame: the rows with the right number of fields.
        numbers: their 1-based numbers among all rows, the header and blank lines not counted.
        ragged: the other rows.
        broken: whether some bytes were no valid text and ``REPLACEMENT`` stands for them.
    """

    frame: pl.DataFrame
    numbers: pl.Series
    ragged: Ragged
    broken: bool


@dataclass(frozen=True, slots=True)
class CsvFile:
    """The content of a CSV file as UTF-8, and the names of its columns."""

    name: str
    data: pa.Buffer
    header: tuple[str, ...]
    headed: bool
    separator: str
    broken: bool


def open_csv(path: Path, form: CsvForm) -> CsvFile:
    """Read a file's bytes and find its header.

    Raises:
        InputError: it cannot be read, decoded or parsed, or is binary.
    """
    try:
        data, broken = _utf8(str(path), _content(path), form.encoding)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(f"{path} cannot be read: {error}") from error
    separator = "\t" if ".tsv" in path.suffixes and form.separator == "," else form.separator
    first = _first_record(str(path), data, separator)
    _check_separator(str(path), first, separator)
    if not form.header:
        names = unique_names(first)
    elif len(form.header) == len(first):
        names = form.header
    else:
        raise InputError(
            f"{path} has {len(first)} fields; the mapping's header names {len(form.header)}"
        )
    return CsvFile(str(path), data, names, not form.header, separator, broken)


def read_csv(file: CsvFile, columns: tuple[str, ...]) -> CsvTable:
    """The given columns of an opened file.

    Raises:
        InputError: the file is no CSV.
    """
    ragged: list[Any] = []
    places = [file.header.index(column) for column in columns]

    def keep(row: Any) -> str:
        ragged.append(row)
        return "skip"

    table = _parsed(file, places, keep)
    frame = pl.from_arrow(table)
    if not isinstance(frame, pl.DataFrame):
        raise TypeError(type(frame))
    frame.columns = list(columns)
    frame = frame.slice(int(file.headed))
    return CsvTable(frame, *_numbered(frame.height, ragged, int(file.headed)), broken=file.broken)


def _numbered(height: int, ragged: list[Any], header: int) -> tuple[pl.Series, Ragged]:
    skipped = np.array([row.number - header for row in ragged], dtype=np.int64)
    everything = np.arange(1, height + len(ragged) + 1, dtype=np.uint32)
    numbers = np.delete(everything, skipped - 1) if len(ragged) else everything
    return pl.Series(numbers), Ragged(
        pl.Series(skipped, dtype=pl.Int64),
        pl.Series([row.text for row in ragged], dtype=pl.String),
        pl.Series([_fields(row) for row in ragged], dtype=pl.String),
    )


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
            delimiter=file.separator, newlines_in_values=True, invalid_row_handler=keep
        ),
        convert_options=pa.csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.large_string()),
            include_columns=names,
            null_values=[""],
            strings_can_be_null=True,
            check_utf8=False,
        ),
    )


def _content(path: Path) -> pa.Buffer:
    with path.open("rb") as stream:
        zipped = is_gzip(stream.read(2))
    if zipped:
        with gzip.open(path) as unzipped:
            return pa.py_buffer(unzipped.read())
    with pa.memory_map(str(path)) as mapped:
        return mapped.read_buffer()


def _utf8(name: str, data: pa.Buffer, encoding: str) -> tuple[pa.Buffer, bool]:
    """The content as UTF-8 and whether some of it had to be replaced."""
    content = np.frombuffer(data, dtype=np.uint8)
    plain = codecs.lookup(encoding).name == "utf-8"
    if plain and memoryview(data)[:2].tobytes() in _UTF16:
        raise InputError(f"{name} is UTF-16: give `csv: {{encoding: utf-16}}` in a mapping")
    if plain and (content[:_HEAD] == 0).any():
        raise InputError(f"{name} is binary; give Parquet or CSV, plain or gzipped")
    if plain and (not content.size or content.max() < _ASCII):
        return data, False
    raw = data.to_pybytes()
    try:
        text = raw.decode(encoding)
        broken = False
    except UnicodeDecodeError:
        text = raw.decode(encoding, errors="replace")
        broken = True
    if plain and not broken:
        return data, False
    return pa.py_buffer(text.encode()), broken


def _first_record(name: str, data: pa.Buffer, separator: str) -> tuple[str, ...]:
    head = data.slice(0, min(data.size, _HEAD)).to_pybytes().decode("utf-8-sig", errors="replace")
    try:
        for record in csv.reader(io.StringIO(head, newline=""), delimiter=separator):
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
