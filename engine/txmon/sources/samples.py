"""The first rows of a file, and how it seems to be written, before anything is known of it."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from txmon.errors import InputError
from txmon.sources.content import Shape, shape_of, telling, unpacked
from txmon.sources.delimited import unique_names
from txmon.sources.files import locate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from txmon.sources.files import Piece

ROWS = 1_000
"""Rows looked at."""

_HEAD = 1 << 20
_SEPARATORS = (",", ";", "\t", "|")
_ENCODINGS = ("utf-8", "gb18030", "cp1252")


@dataclass(frozen=True, slots=True)
class Sample:
    """The first rows of a file.

    Attributes:
        name: the file.
        frame: its columns; those of CSV are texts, an empty field null.
        separator: of CSV; a comma elsewhere.
        encoding: of CSV; UTF-8 elsewhere.
        headed: whether the columns have names of their own.
        guessed: whether the encoding is a guess.
    """

    name: str
    frame: pl.DataFrame
    separator: str = ","
    encoding: str = "utf-8"
    headed: bool = True
    guessed: bool = False


def sample(path: str | Path) -> Sample:
    """The first rows of a file, or of the first file of a folder or glob.

    Raises:
        InputError: it cannot be read.
    """
    piece = locate(path)[0]
    if piece.path is None:
        raise InputError(f"{path} is no file")
    if shape_of(piece) is Shape.PARQUET:
        try:
            frame = pl.read_parquet(piece.path, n_rows=ROWS, glob=False, hive_partitioning=False)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputError(f"{path} cannot be read: {error}") from error
        return Sample(piece.name, frame)
    if shape_of(piece) is not Shape.CSV:
        raise InputError(f"{path} is {shape_of(piece)}: drafts are made of Parquet and CSV")
    return _delimited(piece.name, _head(piece))


def _head(piece: Piece) -> bytes:
    with telling(piece.name), unpacked(piece) as stream:
        return stream.read(_HEAD)


def _delimited(name: str, head: bytes) -> Sample:
    encoding, text = _decoded(head)
    lines = text.splitlines(keepends=True)
    if len(head) == _HEAD:  # the last line is cut
        lines = lines[:-1]
    tables = {mark: _records(lines, mark) for mark in _SEPARATORS}
    separator = max(tables, key=lambda mark: _evenness(tables[mark]))
    records = tables[separator]
    if not records:
        raise InputError(f"{name} is empty")
    headed = _is_header(records)
    width = len(records[0])
    names = unique_names(records[0]) if headed else tuple(f"c{at + 1}" for at in range(width))
    rows = [record for record in records[headed : ROWS + headed] if len(record) == width]
    columns = {
        column: pl.Series([row[at] or None for row in rows], dtype=pl.String)
        for at, column in enumerate(names)
    }
    guessed = encoding not in {"utf-8", "utf-16"}
    return Sample(name, pl.DataFrame(columns), separator, encoding, headed, guessed)


def _decoded(head: bytes) -> tuple[str, str]:
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return "utf-16", head.decode("utf-16", errors="replace")
    for encoding in _ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            text = decoder.decode(head)
        except UnicodeDecodeError:
            continue
        return encoding, text.removeprefix("\ufeff")
    return "latin-1", head.decode("latin-1")


def _records(lines: Sequence[str], separator: str) -> list[tuple[str, ...]]:
    try:
        read = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=separator)
        return [tuple(record) for record, _ in zip(read, range(ROWS + 1), strict=False) if record]
    except csv.Error:
        return []


def _evenness(records: Sequence[tuple[str, ...]]) -> tuple[float, int]:
    """How many rows are as wide as the first, and how wide that is; one column is none."""
    width = len(records[0]) if records else 0
    if width <= 1:
        return 0.0, width
    return sum(len(record) == width for record in records) / len(records), width


def _is_header(records: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first line names the columns: no field of it is empty or begins with a digit."""
    starts = [field.strip().lstrip("+-")[:1] for field in records[0]]
    return all(start and not start.isdigit() for start in starts)
