"""Columns of texts made of where each text stands in the bytes of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
from numba import boolean, int32, int64, types, uint8

from txmon.kernels.compiled import Array, compiled, several

if TYPE_CHECKING:
    from collections.abc import Callable

BYTES = types.Array(uint8, 1, "C", readonly=True)
TABLE = int32[:, ::1]

ESCAPED = 1 << 30
"""Added to the length of a text in which something is escaped."""
NEW_LINE = ord("\n")

_BLOCK = 1 << 23
_WINDOW = 1 << 16
_INLINE = 12
_PREFIX = 4


def blocks_of(data: Array, size: int = _BLOCK) -> list[Array]:
    """Bytes cut behind ends of lines, into blocks of ``size`` or a little more."""
    blocks = []
    begin = 0
    while begin < len(data):
        end = min(begin + size, len(data))
        while end < len(data):
            found = data[end - 1 : end + _WINDOW].tobytes().find(b"\n")
            end = min(end + (found if found >= 0 else _WINDOW), len(data))
            if found >= 0:
                break
        blocks.append(data[begin:end])
        begin = end
    return blocks


@compiled(several(uint8[:, ::1], uint8[::1], boolean[::1])(BYTES, TABLE, TABLE, int64))
def _views(data: Array, places: Array, sizes: Array, k: int) -> tuple[Array, Array, Array]:
    """The views of an Arrow array, its texts of more than 12 bytes, and what is there."""
    rows = sizes.shape[0]
    total = 0
    for row in range(rows):
        if sizes[row, k] >= 0:
            size = sizes[row, k] & (ESCAPED - 1)
            total += size if size > _INLINE else 0
    views = np.zeros((rows, 16), np.uint8)
    long = np.empty(total, np.uint8)
    there = np.empty(rows, np.bool_)
    filled = 0
    for row in range(rows):
        there[row] = sizes[row, k] >= 0
        if not there[row]:
            continue
        size = sizes[row, k] & (ESCAPED - 1)
        place = places[row, k]
        for byte in range(4):
            views[row, byte] = (size >> (8 * byte)) & 255
        for i in range(size if size <= _INLINE else _PREFIX):
            views[row, 4 + i] = data[place + i]
        if size > _INLINE:
            for byte in range(4):
                views[row, 12 + byte] = (filled >> (8 * byte)) & 255
            for i in range(size):
                long[filled + i] = data[place + i]
            filled += size
    return views, long, there


def texts_at(
    data: Array, places: Array, sizes: Array, k: int, unescaped: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """One column of texts.

    Args:
        data: bytes, UTF-8 wherever a text stands.
        places: where each text begins, by row and column.
        sizes: its length in bytes, -1 for null, with ``ESCAPED`` where it has to be unescaped.
        k: the column.
        unescaped: the texts that are meant by some that have something escaped in them.
    """
    views, long, there = _views(data, places, sizes, k)
    valid = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    buffers = [valid, pa.py_buffer(views), pa.py_buffer(long)]
    texts = pl.Series("", pa.Array.from_buffers(pa.string_view(), len(views), buffers))
    escaped = np.flatnonzero(sizes[:, k] >= ESCAPED)
    if not escaped.size:
        return texts
    return texts.scatter(escaped, unescaped(texts.gather(escaped)))
