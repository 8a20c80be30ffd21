"""One piece of input read: its source columns, row numbers and fingerprint."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.errors import InputError
from txmon.results import Fingerprint
from txmon.sources.delimited import Ragged, open_csv, read_csv
from txmon.sources.fields import lay_out
from txmon.sources.files import Piece, Shape, sha256_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future
    from pathlib import Path

    from txmon.schema import Schema
    from txmon.sources.fields import Layout
    from txmon.sources.mapping import InputMapping


@dataclass(frozen=True, slots=True)
class RawPiece:
    """The source columns of one piece that its layout asks for.

    Attributes:
        piece: what was read.
        layout: which source column makes which canonical one.
        frame: the source columns.
        numbers: 1-based row numbers of the frame's rows.
        ragged: CSV rows with the wrong number of fields; None elsewhere.
        broken: whether some bytes of a CSV file were no valid text.
        fingerprint: name, rows, size and hash.
    """

    piece: Piece
    layout: Layout
    frame: pl.DataFrame
    numbers: pl.Series
    ragged: Ragged | None
    broken: bool
    fingerprint: Fingerprint


def read_piece(piece: Piece, mapping: InputMapping, schema: Schema) -> RawPiece:
    """Read what the mapping needs of a piece.

    Raises:
        InputError: it cannot be read, or lacks a column.
    """
    if piece.path is None:
        frame, layout = _guarded(piece.name, lambda: _read_frame(piece, mapping, schema))
        return _plain(piece, layout, frame, None)
    with ThreadPoolExecutor(max_workers=1) as hasher:  # hashing leaves the interpreter free
        digest = hasher.submit(sha256_of, piece.path)
        if piece.shape is Shape.PARQUET:
            frame, layout = _guarded(piece.name, lambda: _read_parquet(piece, mapping, schema))
            return _plain(piece, layout, frame, digest.result())
        return _read_csv(piece, piece.path, mapping, schema, digest)


def _plain(piece: Piece, layout: Layout, frame: pl.DataFrame, digest: str | None) -> RawPiece:
    numbers = pl.int_range(1, frame.height + 1, dtype=pl.UInt32, eager=True)
    stamp = _stamp(piece, frame.height, digest)
    return RawPiece(piece, layout, frame, numbers, None, broken=False, fingerprint=stamp)


def _stamp(piece: Piece, rows: int, digest: str | None) -> Fingerprint:
    size = piece.path.stat().st_size if piece.path is not None else None
    return Fingerprint(name=piece.name, rows=rows, bytes=size, sha256=digest)


def _read_csv(
    piece: Piece, path: Path, mapping: InputMapping, schema: Schema, digest: Future[str]
) -> RawPiece:
    file = open_csv(path, mapping.csv)
    layout = lay_out(piece.name, file.header, mapping, schema)
    table = read_csv(file, layout.sources)
    rows = table.frame.height + len(table.ragged.numbers)
    stamp = _stamp(piece, rows, digest.result())
    return RawPiece(piece, layout, table.frame, table.numbers, table.ragged, table.broken, stamp)


def _read_parquet(
    piece: Piece, mapping: InputMapping, schema: Schema
) -> tuple[pl.DataFrame, Layout]:
    scan = pl.scan_parquet(str(piece.path), glob=False, hive_partitioning=False)
    layout = lay_out(piece.name, scan.collect_schema().names(), mapping, schema)
    return scan.select(layout.sources).collect(), layout


def _read_frame(piece: Piece, mapping: InputMapping, schema: Schema) -> tuple[pl.DataFrame, Layout]:
    frame = piece.frame
    if not isinstance(frame, (pl.DataFrame, pl.LazyFrame)):
        frame = pl.DataFrame(frame)
    layout = lay_out(piece.name, frame.collect_schema().names(), mapping, schema)
    chosen = frame.lazy().select(layout.sources)
    return chosen.collect(), layout


def _guarded(name: str, read: Callable[[], Any]) -> Any:
    """Whatever goes wrong inside a reader, as an error that names the input."""
    try:
        return read()
    except pl.exceptions.PanicException as error:  # a reader's bug on a damaged file
        raise InputError(f"{name} cannot be read: {error}") from error
    except (OSError, TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise InputError(f"{name} cannot be read: {error}") from error
