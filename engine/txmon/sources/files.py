"""Where input stands: files, globs, folders, stores and frames, each a piece with a name."""

from __future__ import annotations

import glob
import hashlib
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, TypeAlias
from urllib.parse import unquote

import polars as pl

from txmon.errors import InputError

ENDINGS = (
    ".parquet",
    ".pq",
    *(
        f".{text}{packing}"
        for text in ("csv", "tsv", "ndjson", "jsonl", "xml")
        for packing in ("", ".gz", ".zst")
    ),
)
"""File endings taken from a folder."""

STANDARD_INPUT = "-"

_BLOCK = 1 << 20
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
_PARTITION = re.compile(r"([^=]+)=(.*)")
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


class ArrowStream(Protocol):
    """Anything that hands out its rows as an Arrow stream: pandas, PyArrow, DuckDB."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """An Arrow stream in a PyCapsule."""


Source: TypeAlias = str | Path | pl.DataFrame | pl.LazyFrame | ArrowStream
Sources: TypeAlias = Source | Sequence[Source]


@dataclass(frozen=True, slots=True)
class Piece:
    """One file or frame of the input; exactly one of path, data, url and frame is there.

    Attributes:
        name: what errors and rejected rows call it.
        path: a file.
        data: the content of standard input or of a pipe.
        url: a file or folder in an object store.
        frame: a frame.
        partitions: columns that the folders above a file give it, ``key=value``.
    """

    name: str
    path: Path | None = None
    data: bytes | None = None
    url: str | None = None
    frame: Any = None
    partitions: tuple[tuple[str, str | None], ...] = ()


def locate(source: Sources) -> tuple[Piece, ...]:
    """Every file and frame that a source names, files of a glob or folder by name.

    Raises:
        InputError: nothing is there, or it is of no kind that can be read.
    """
    if isinstance(source, (str, Path)):
        return _named(str(source))
    if isinstance(source, (pl.DataFrame, pl.LazyFrame)) or hasattr(source, "__arrow_c_stream__"):
        return (Piece("frame", frame=source),)
    if isinstance(source, Sequence):
        pieces = [piece for part in source for piece in locate(part)]
        if not pieces:
            raise InputError("the list of inputs is empty")
        return tuple(_numbered(pieces))
    raise InputError(
        f"a {type(source).__name__} is no input: give a path, a glob, a folder, a frame or a list"
    )


def _named(text: str) -> tuple[Piece, ...]:
    if text == STANDARD_INPUT:
        return (Piece("standard input", data=sys.stdin.buffer.read()),)
    if text.startswith("file://"):
        text = unquote(text.removeprefix("file://"))
    if _URL.match(text):
        return (Piece(text, url=text),)
    return tuple(_file(path) for path in _paths(text))


def _numbered(pieces: list[Piece]) -> list[Piece]:
    """Frames of a list named by their place in it; a file named twice is taken once."""
    frames = [piece for piece in pieces if piece.frame is not None]
    if len(frames) > 1:
        names = {id(piece): f"frame {at}" for at, piece in enumerate(frames, 1)}
        pieces = [replace(piece, name=names.get(id(piece), piece.name)) for piece in pieces]
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
    """A file, or the content of a pipe, which can be read but once."""
    if path.is_file():
        return Piece(str(path), path, partitions=_partitions(path))
    try:
        return Piece(str(path), data=path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def _partitions(path: Path) -> tuple[tuple[str, str | None], ...]:
    """What the folders of a path that are called ``key=value`` say."""
    found: dict[str, str | None] = {}
    for part in path.parts[:-1]:
        if match := _PARTITION.fullmatch(part):
            value = unquote(match[2])
            found[unquote(match[1])] = None if value == _NO_VALUE else value
    return tuple(found.items())


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's content, as hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
