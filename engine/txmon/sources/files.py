"""Where input stands: files, globs, folders and frames, each a piece with a name."""

from __future__ import annotations

import glob
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import polars as pl

from txmon.errors import InputError

ENDINGS = (".parquet", ".pq", ".csv", ".csv.gz", ".tsv", ".tsv.gz")
"""File endings taken from a folder."""

_BLOCK = 1 << 20
_PARQUET, _GZIP = b"PAR1", b"\x1f\x8b"
_REFUSED = {
    b"PK\x03\x04": "a zip archive or spreadsheet",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"Obj\x01": "an Avro file",
    b"ARROW1": "an Arrow IPC file",
    b"ORC": "an ORC file",
}


class ArrowStream(Protocol):
    """Anything that hands out its rows as an Arrow stream: pandas, PyArrow, DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """An Arrow stream in a PyCapsule."""


Source: TypeAlias = str | Path | pl.DataFrame | pl.LazyFrame | ArrowStream
Sources: TypeAlias = Source | Sequence[Source]


class Shape(StrEnum):
    """What a piece of input is, by its content."""

    PARQUET = "parquet"
    CSV = "csv"
    FRAME = "frame"


@dataclass(frozen=True, slots=True)
class Piece:
    """One file or frame of the input; a file has a path, a frame its object."""

    name: str
    shape: Shape
    path: Path | None = None
    frame: Any = None


def locate(source: Sources) -> tuple[Piece, ...]:
    """Every file and frame that a source names, files of a glob or folder by name.

    Raises:
        InputError: nothing is there, or it is of no kind that can be read.
    """
    if isinstance(source, (str, Path)):
        return tuple(_file(path) for path in _paths(str(source)))
    if isinstance(source, (pl.DataFrame, pl.LazyFrame)) or hasattr(source, "__arrow_c_stream__"):
        return (Piece("frame", Shape.FRAME, frame=source),)
    if isinstance(source, Sequence):
        pieces = [piece for part in source for piece in locate(part)]
        if not pieces:
            raise InputError("the list of inputs is empty")
        return tuple(_numbered(pieces))
    raise InputError(
        f"a {type(source).__name__} is no input: give a path, a glob, a folder, a frame or a list"
    )


def _numbered(pieces: list[Piece]) -> list[Piece]:
    """Frames of a list named by their place in it; a file named twice is taken once."""
    frames = [piece for piece in pieces if piece.shape is Shape.FRAME]
    if len(frames) > 1:
        names = {id(piece): f"frame {at}" for at, piece in enumerate(frames, 1)}
        pieces = [
            Piece(names.get(id(piece), piece.name), piece.shape, piece.path, piece.frame)
            for piece in pieces
        ]
    known: set[Path] = set()
    kept: list[Piece] = []
    for piece in pieces:
        real = piece.path.resolve() if piece.path is not None else None
        if real is None or real not in known:
            kept.append(piece)
        if real is not None:
            known.add(real)
    return kept


def _paths(text: str) -> list[Path]:
    path = Path(text)
    if path.is_dir():
        return _folder(path)
    if path.exists():
        return [path]
    if glob.has_magic(text):
        found = [Path(match) for match in sorted(glob.iglob(text, recursive=True))]  # noqa: PTH207  Path.glob takes no absolute pattern
        files = [match for match in found if match.is_file()]
        if not files:
            raise InputError(f"no file matches {text}")
        return files
    raise InputError(f"{text} does not exist")


def _folder(folder: Path) -> list[Path]:
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name.endswith(ENDINGS) and not _hidden(path, folder)
    ]
    if not files:
        raise InputError(f"the folder {folder} holds no file that ends in {', '.join(ENDINGS)}")
    return files


def _hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)


def _file(path: Path) -> Piece:
    """A file and what it is, told by its first bytes rather than its ending."""
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    if not head:
        raise InputError(f"{path} is empty")
    if head.startswith(_PARQUET):
        return Piece(str(path), Shape.PARQUET, path)
    if path.name.endswith((".parquet", ".pq")):
        raise InputError(f"{path} is no Parquet file, whatever its name says")
    for magic, what in _REFUSED.items():
        if head.startswith(magic):
            raise InputError(f"{path} is {what}; give Parquet or CSV, plain or gzipped")
    return Piece(str(path), Shape.CSV, path)


def is_gzip(head: bytes) -> bool:
    """Whether a file that begins like this is gzipped."""
    return head.startswith(_GZIP)


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, as hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
