"""The bytes of a piece of input: unpacked, told apart by how they begin, and made UTF-8."""

from __future__ import annotations

import codecs
import gzip
import re
import zlib
from contextlib import contextmanager
from enum import StrEnum
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np
import pyarrow as pa

from txmon.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.sources.files import Piece

_HEAD = 1 << 16
_ASCII = 128
_PARQUET, _GZIP, _ZSTD = b"PAR1", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_READABLE = "give Parquet, CSV, NDJSON or ISO 20022 XML, the texts plain, gzipped or as zstd"
_REFUSED = {
    b"PK\x03\x04": "a zip archive or spreadsheet",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"Obj\x01": "an Avro file",
    b"ARROW1": "an Arrow IPC file",
    b"ORC": "an ORC file",
}
_ORDER_MARKS = {  # the longer first, for one begins like another
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_XML = re.compile(r"\s*<([?!]|[A-Za-z_][\w.:-]*[\s/>])")
_OBJECT = re.compile(r'\s*\{\s*["}]')
_ARRAY = re.compile(r"\s*\[\s*(\{|\])")


class Shape(StrEnum):
    """What a file is, by its content."""

    PARQUET = "parquet"
    CSV = "csv"
    NDJSON = "ndjson"
    XML = "xml"


@contextmanager
def telling(name: str) -> Iterator[None]:
    """Whatever goes wrong while bytes are read, as an error that names the file."""
    try:
        yield
    except OSError as error:
        raise InputError(f"{name} cannot be read: {error.strerror or error}") from error
    except (EOFError, zlib.error) as error:
        raise InputError(f"{name} cannot be read: {error}") from error


def shape_of(piece: Piece) -> Shape:
    """What a file is: told by its first bytes, and only where they leave it open by its name.

    Raises:
        InputError: it cannot be read, is empty, or is of a kind that is not read.
    """
    with telling(piece.name):
        with _raw(piece) as raw:
            magic = raw.read(8)
        with unpacked(piece) as stream:
            head = stream.read(_HEAD)
    packed = magic.startswith((_GZIP, _ZSTD))
    if not head:
        raise InputError(f"{piece.name} is empty")
    if head.startswith(_PARQUET):
        if packed:
            raise InputError(f"{piece.name} is a compressed Parquet file; unpack it first")
        return Shape.PARQUET
    if piece.name.endswith((".parquet", ".pq")):
        raise InputError(f"{piece.name} is no Parquet file, whatever its name says")
    for refused, what in _REFUSED.items():
        if head.startswith(refused):
            raise InputError(f"{piece.name} is {what}; {_READABLE}")
    return _shape_of_text(piece.name, _beginning(head))


def _shape_of_text(name: str, text: str) -> Shape:
    if _XML.match(text):
        return Shape.XML
    if _OBJECT.match(text):
        return Shape.NDJSON
    if _ARRAY.match(text):
        raise InputError(f"{name} is a JSON array; give NDJSON, one object a line")
    plain = name.removesuffix(".gz").removesuffix(".zst")
    return Shape.NDJSON if plain.endswith((".ndjson", ".jsonl")) else Shape.CSV


def _beginning(head: bytes) -> str:
    return head.decode(_order_mark(head) or "utf-8-sig", errors="replace")


def _order_mark(head: bytes) -> str | None:
    return next((name for mark, name in _ORDER_MARKS.items() if head.startswith(mark)), None)


def _raw(piece: Piece) -> BinaryIO:
    if piece.path is not None:
        return piece.path.open("rb")
    return BytesIO(piece.data or b"")


@contextmanager
def unpacked(piece: Piece) -> Iterator[BinaryIO]:
    """The content of a file as a stream, gzip and zstd undone."""
    with _raw(piece) as raw:
        magic = raw.read(4)
        raw.seek(0)
        if magic.startswith(_GZIP):
            with gzip.open(raw) as unzipped:
                yield cast("BinaryIO", unzipped)
        elif magic.startswith(_ZSTD):
            with pa.CompressedInputStream(raw, "zstd") as expanded:
                yield cast("BinaryIO", expanded)
        else:
            yield raw


def content(piece: Piece) -> pa.Buffer:
    """The whole content of a file, gzip and zstd undone.

    Raises:
        InputError: it cannot be read or unpacked.
    """
    with telling(piece.name):
        with _raw(piece) as raw:
            packed = raw.read(4).startswith((_GZIP, _ZSTD))
        if piece.path is not None and not packed:
            with pa.memory_map(str(piece.path)) as mapped:
                return mapped.read_buffer()
        with unpacked(piece) as stream:
            return pa.py_buffer(stream.read())


def as_utf8(name: str, data: pa.Buffer, encoding: str = "utf-8") -> tuple[pa.Buffer, bool]:
    """The content as UTF-8, and whether some of it was no text and had to be replaced.

    A byte order mark of UTF-16 or UTF-32 is obeyed where no other encoding is asked for.

    Raises:
        InputError: it is binary.
    """
    plain = codecs.lookup(encoding).name == "utf-8"
    head = memoryview(data)[:_HEAD].tobytes()
    if plain and (marked := _order_mark(head)):
        encoding, plain = marked, False
    if plain and b"\x00" in head:
        raise InputError(f"{name} is binary; {_READABLE}")
    raw_bytes = np.frombuffer(data, dtype=np.uint8)
    if plain and (not raw_bytes.size or raw_bytes.max() < _ASCII):
        return data, False
    text, broken = _decoded(data.to_pybytes(), encoding)
    if plain and not broken:
        return data, False
    return pa.py_buffer(text.encode(errors="replace")), broken


def _decoded(raw: bytes, encoding: str) -> tuple[str, bool]:
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError:
        return raw.decode(encoding, errors="replace"), True
