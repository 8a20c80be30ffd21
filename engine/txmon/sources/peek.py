"""The first rows of a piece of input, and what can be known of it without reading it all.

Parquet and long CSV files are looked at by their beginning. NDJSON and ISO 20022 XML are read as a
whole: only then is it known which columns they have.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from txmon.errors import InputError
from txmon.sources.conform import parsed
from txmon.sources.content import Shape, shape_of, telling, unpacked
from txmon.sources.raw import RawField
from txmon.sources.reading import (
    RawPiece,
    guarded,
    lazy,
    read_columns,
    read_piece,
    read_text,
    scan_file,
    size_of,
)
from txmon.sources.stores import holds_text, scan_store

if TYPE_CHECKING:
    from datetime import datetime

    from txmon.schema import Schema
    from txmon.sources.fields import Layout
    from txmon.sources.files import Piece
    from txmon.sources.mapping import InputMapping

ROWS = 1_000
"""Rows looked at where a piece is not read as a whole."""

_HEAD = 1 << 20


@dataclass(frozen=True, slots=True)
class Peek:
    """What was seen of a piece.

    Attributes:
        raw: its first rows, or all.
        rows: how many it has; None if only reading it all would tell.
        whole: whether ``raw`` is all of it.
        first: the earliest time of a table, in UTC; None where that is not cheap to know.
        last: the latest.
    """

    raw: RawPiece
    rows: int | None
    whole: bool
    first: datetime | None = None
    last: datetime | None = None


def peek(piece: Piece, mapping: InputMapping, schema: Schema) -> Peek:
    """Look at a piece.

    Raises:
        InputError: it cannot be read, or lacks a column.
    """
    if piece.frame is not None:
        return guarded(piece, lambda: _table(piece, lazy(piece.frame), mapping, schema))
    if piece.url is not None:
        return _stored(piece, piece.url, mapping, schema)
    shape = shape_of(piece)
    if shape is Shape.PARQUET:
        return guarded(piece, lambda: _table(piece, scan_file(piece), mapping, schema))
    beginning = _beginning(piece) if shape is Shape.CSV else None
    if beginning is not None:
        try:
            raw = read_text(beginning, shape, mapping, schema)
            return Peek(_cut(replace(raw, piece=piece)), None, whole=False)
        except InputError:
            pass  # a quote may have been cut open: only the whole file can tell
    return _whole(read_text(piece, shape, mapping, schema))


def _stored(piece: Piece, url: str, mapping: InputMapping, schema: Schema) -> Peek:
    if holds_text(url):
        return _whole(read_piece(piece, mapping, schema))
    return guarded(piece, lambda: _table(piece, scan_store(url, mapping.storage), mapping, schema))


def _whole(raw: RawPiece) -> Peek:
    return Peek(raw, raw.fingerprint.rows, whole=True)


def _table(piece: Piece, scan: pl.LazyFrame, mapping: InputMapping, schema: Schema) -> Peek:
    size = None if piece.frame is not None or piece.url is not None else size_of(piece)
    raw = read_columns(piece, scan.head(ROWS), mapping, schema, size)
    rows = int(scan.select(pl.len()).collect().item())
    first, last = _ends(scan, raw.layout, schema)
    return Peek(raw, rows, rows <= ROWS, first, last)


def _ends(
    scan: pl.LazyFrame, layout: Layout, schema: Schema
) -> tuple[datetime | None, datetime | None]:
    """The earliest and the latest time, where they stand in a column of times."""
    spec = layout.fields["event_time"]
    name = spec.column
    types = scan.collect_schema()
    plain = name is not None and name not in layout.declared.columns and not spec.reads_text
    if name is None or not plain or not isinstance(types.get(name), pl.Datetime):
        return None, None
    ends = scan.select(pl.concat([pl.col(name).min(), pl.col(name).max()])).collect()[name]
    times = parsed("event_time", schema.columns["event_time"], RawField(ends, spec)).values
    return _instant(times.min()), _instant(times.max())


def _instant(value: object) -> datetime | None:
    return value  # type: ignore[return-value]  # a minimum of times


def _beginning(piece: Piece) -> Piece | None:
    """The first bytes of a long text, unpacked; None if it is short."""
    with telling(piece.name), unpacked(piece) as stream:
        head = stream.read(_HEAD)
    return replace(piece, path=None, data=head) if len(head) == _HEAD else None


def _cut(raw: RawPiece) -> RawPiece:
    """The first rows, without the last one that was read: it is likely to be torn."""
    height = min(ROWS, max(raw.frame.height - 1, 0))
    numbers = raw.numbers.head(height)
    unread = raw.unread
    if unread is not None:
        known = unread.numbers < (numbers[-1] if height else 0)
        unread = replace(
            unread,
            numbers=unread.numbers.filter(known),
            texts=unread.texts.filter(known),
            notes=unread.notes.filter(known),
        )
    rows = height + (0 if unread is None else len(unread.numbers))
    stamp = raw.fingerprint.model_copy(update={"rows": rows})
    return replace(
        raw, frame=raw.frame.head(height), numbers=numbers, unread=unread, fingerprint=stamp
    )
