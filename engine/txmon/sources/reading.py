"""One piece of input read: its source columns, row numbers and fingerprint."""

from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import polars as pl

from txmon.errors import InputError
from txmon.results import Fingerprint
from txmon.sources.content import Shape, shape_of
from txmon.sources.delimited import open_csv, read_csv
from txmon.sources.fields import lay_out
from txmon.sources.files import Piece, sha256_of
from txmon.sources.json_lines import open_lines, read_lines
from txmon.sources.messages import open_messages, read_messages
from txmon.sources.stores import fetch_text, holds_text, scan_store

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from txmon.schema import Schema
    from txmon.sources.fields import Layout
    from txmon.sources.mapping import InputMapping
    from txmon.sources.tables import Mark, TextTable, Unread

    Opened: TypeAlias = tuple[tuple[str, ...], Callable[[tuple[str, ...]], TextTable]]

_Read = TypeVar("_Read")


@dataclass(frozen=True, slots=True)
class RawPiece:
    """The source columns of one piece that its layout asks for.

    Attributes:
        piece: what was read.
        layout: which source column makes which canonical one.
        frame: the source columns.
        numbers: 1-based row numbers of the frame's rows.
        fingerprint: name, rows, size and hash.
        quoted: whether a quote left open may have swallowed lines.
        unread: rows of a text that could not be taken apart; None elsewhere.
        broken: whether some bytes of a text were no valid text.
        marks: values of source columns that are wrong already.
    """

    piece: Piece
    layout: Layout
    frame: pl.DataFrame
    numbers: pl.Series
    fingerprint: Fingerprint
    quoted: bool = False
    unread: Unread | None = None
    broken: bool = False
    marks: tuple[Mark, ...] = ()


def read_piece(piece: Piece, mapping: InputMapping, schema: Schema) -> RawPiece:
    """Read what the mapping needs of a piece.

    Raises:
        InputError: it cannot be read, or lacks a column.
    """
    if piece.frame is not None:
        return guarded(piece, lambda: read_columns(piece, lazy(piece.frame), mapping, schema, None))
    if piece.url is not None:
        return _from_store(piece, piece.url, mapping, schema)
    shape = shape_of(piece)
    with ThreadPoolExecutor(max_workers=1) as hasher:  # hashing leaves the interpreter free
        digest = hasher.submit(_digest, piece)
        if shape is Shape.PARQUET:
            raw = guarded(
                piece,
                lambda: read_columns(piece, scan_file(piece), mapping, schema, size_of(piece)),
            )
        else:
            raw = read_text(piece, shape, mapping, schema)
        stamp = raw.fingerprint.model_copy(update={"sha256": digest.result()})
        return replace(raw, fingerprint=stamp)


def _digest(piece: Piece) -> str:
    if piece.path is not None:
        return sha256_of(piece.path)
    return hashlib.sha256(piece.data or b"").hexdigest()


def size_of(piece: Piece) -> int:
    """Bytes of a file, or of what came through a pipe."""
    return piece.path.stat().st_size if piece.path is not None else len(piece.data or b"")


def scan_file(piece: Piece) -> pl.LazyFrame:
    """A Parquet file, to be read column by column."""
    source = BytesIO(piece.data or b"") if piece.path is None else str(piece.path)
    return pl.scan_parquet(source, glob=False, hive_partitioning=False)


def lazy(frame: Any) -> pl.LazyFrame:
    """A frame of whatever kind as one of Polars."""
    return frame if isinstance(frame, pl.LazyFrame) else pl.DataFrame(frame).lazy()


def _from_store(piece: Piece, url: str, mapping: InputMapping, schema: Schema) -> RawPiece:
    options = mapping.storage
    if not holds_text(url):
        return guarded(
            piece, lambda: read_columns(piece, scan_store(url, options), mapping, schema, None)
        )
    fetched = replace(piece, data=guarded(piece, lambda: fetch_text(url, options)), url=None)
    raw = read_text(fetched, shape_of(fetched), mapping, schema)
    stamp = raw.fingerprint.model_copy(update={"bytes": None})
    return replace(raw, piece=piece, fingerprint=stamp)


def read_columns(
    piece: Piece, scan: pl.LazyFrame, mapping: InputMapping, schema: Schema, size: int | None
) -> RawPiece:
    """The columns that the mapping needs of a table."""
    found = scan.collect_schema().names()
    layout = lay_out(piece.name, _with_partitions(found, piece), mapping, schema)
    frame = scan.select(_asked(layout, found)).collect()
    numbers = pl.int_range(1, frame.height + 1, dtype=pl.UInt32, eager=True)
    stamp = Fingerprint(name=piece.name, rows=frame.height, bytes=size)
    return RawPiece(piece, layout, _partitioned(frame, piece, layout), numbers, stamp)


def read_text(piece: Piece, shape: Shape, mapping: InputMapping, schema: Schema) -> RawPiece:
    """The columns that the mapping needs of a text.

    Raises:
        InputError: it cannot be read, or lacks a column.
    """
    found, take = _opened(piece, shape, mapping)
    layout = lay_out(piece.name, _with_partitions(found, piece), mapping, schema)
    table = take(_asked(layout, found))
    rows = table.frame.height + len(table.unread.numbers)
    return RawPiece(
        piece,
        layout,
        _partitioned(table.frame, piece, layout),
        table.numbers,
        Fingerprint(name=piece.name, rows=rows, bytes=size_of(piece)),
        shape is Shape.CSV,
        table.unread,
        table.broken,
        table.marks,
    )


def _opened(piece: Piece, shape: Shape, mapping: InputMapping) -> Opened:
    """The names of a text's columns, and what reads some of them."""
    if shape is Shape.XML:
        messages = open_messages(piece)
        return messages.header, lambda columns: read_messages(messages, columns)
    if shape is Shape.NDJSON:
        lines = open_lines(piece)
        return lines.header, lambda columns: read_lines(lines, columns)
    delimited = open_csv(piece, mapping.csv)
    return delimited.header, lambda columns: read_csv(delimited, columns)


def _with_partitions(found: Sequence[str], piece: Piece) -> tuple[str, ...]:
    """The columns of a file and those its folders give; its own go before."""
    return tuple(dict.fromkeys((*found, *(name for name, _ in piece.partitions))))


def _asked(layout: Layout, found: Sequence[str]) -> tuple[str, ...]:
    """The columns to read of a file: at least one, which tells how many rows there are."""
    asked = tuple(name for name in layout.sources if name in found)
    return asked or tuple(found[:1])


def _partitioned(frame: pl.DataFrame, piece: Piece, layout: Layout) -> pl.DataFrame:
    given = {
        name: pl.lit(value, dtype=pl.String)
        for name, value in piece.partitions
        if name in layout.sources and name not in frame.columns
    }
    return frame.with_columns(**given)


def guarded(piece: Piece, read: Callable[[], _Read]) -> _Read:
    """Whatever goes wrong inside a reader, as an error that names the input."""
    try:
        return read()
    except pl.exceptions.PanicException as error:  # a reader's bug on a damaged file
        raise InputError(f"{piece.name} cannot be read: {error}") from error
    except (OSError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{piece.name} cannot be read: {error}") from error
