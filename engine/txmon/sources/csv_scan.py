"""CSV of plain form scanned in blocks, by a kernel; any other is left to the parser.

Plain is a file whose rows all have as many fields as the header, whose quotes stand around whole
fields, and whose lines end in a line feed. A block begins behind the end of some line. That this
is the end of a row, and no line break in quotes, is proven by the block before: its last row ends
there, too.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from numba import int64

from txmon.kernels.compiled import I32, Array, compiled
from txmon.sources.spans import BYTES, ESCAPED, NEW_LINE, TABLE, blocks_of, texts_at

if TYPE_CHECKING:
    from collections.abc import Sequence

_RETURN = ord("\r")
_NOT_PLAIN = -1
_LARGEST = 1 << 29
"""Of a block, so that places and flagged sizes fit 32 bits."""
NO_QUOTE = -1


@compiled(int64(BYTES, int64, int64, int64, int64))
def _quoted(data: Array, at: int, quote: int, separator: int, flag: int) -> int:
    """Past the quote that closes a field, negated if it holds doubled ones; 0 if none closes it."""
    while at < data.size:
        if data[at] == quote:
            at += 1
            if at == data.size or data[at] != quote:
                ends = at == data.size or data[at] == separator
                ends = ends or data[at] == NEW_LINE or data[at] == _RETURN
                return (-at if flag else at) if ends else 0
            flag = 1
        at += 1
    return 0


@compiled(int64(BYTES, I32, int64, int64, TABLE, TABLE))
def _scan(  # noqa: C901, PLR0912 - one loop over bytes; calls would hide its state
    data: Array, slots: Array, separator: int, quote: int, places: Array, sizes: Array
) -> int:
    """Fill in where the wanted fields of each row stand; the number of rows, or -1 if not plain.

    Args:
        data: whole rows.
        slots: for each field of a row the column it goes to, or -1.
        separator: between fields.
        quote: around fields, or -1.
        places: out, where each field begins, by row and column.
        sizes: out, its length; -1 if it is empty, ``ESCAPED`` added where quotes are doubled.
    """
    at, row, field = 0, 0, 0
    while at < data.size:
        if field == 0:  # empty lines are no rows
            if data[at] == NEW_LINE:
                at += 1
                continue
            if data[at] == _RETURN and at + 1 < data.size and data[at + 1] == NEW_LINE:
                at += 2
                continue
        if field == slots.size:
            return _NOT_PLAIN
        begin, flag = at, 0
        if data[at] == quote:
            at = _quoted(data, at + 1, quote, separator, 0)
            if at == 0:
                return _NOT_PLAIN
            flag = ESCAPED if at < 0 else 0
            at = abs(at)
            begin, size = begin + 1, at - begin - 2
        else:
            while at < data.size and data[at] != separator and data[at] != NEW_LINE:
                if data[at] == _RETURN:
                    break
                at += 1
            size = at - begin
        if slots[field] >= 0:
            places[row, slots[field]] = begin
            sizes[row, slots[field]] = size + flag if size > 0 else -1
        field += 1
        if at < data.size and data[at] == separator:
            at += 1
            if at < data.size:
                continue
            return _NOT_PLAIN
        if field < slots.size:
            return _NOT_PLAIN
        if at < data.size and data[at] == _RETURN:
            at += 1
            if at == data.size or data[at] != NEW_LINE:
                return _NOT_PLAIN
        at += 1
        row, field = row + 1, 0
    return row


def read_plain(
    data: Array, slots: Sequence[int], separator: str, quote: str | None, size: int | None = None
) -> pl.DataFrame | None:
    """The wanted fields of every row, header and all, as texts; None if the file is not plain.

    Args:
        data: the file, UTF-8.
        slots: for each field of a row the column it goes to, or -1.
        separator: between fields, one byte.
        quote: around fields, one byte, if there may be one.
        size: of a block.
    """
    if not f"{separator}{quote or ''}".isascii():
        return None
    blocks = blocks_of(data) if size is None else blocks_of(data, size)
    if not blocks or max(map(len, blocks)) > _LARGEST:
        return None
    read = partial(
        _read_block,
        slots=np.array(slots, np.int32),
        separator=ord(separator),
        quote=ord(quote) if quote else NO_QUOTE,
    )
    frames: list[pl.DataFrame] = []
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        for frame in pool.map(read, blocks):
            if frame is None:
                pool.shutdown(cancel_futures=True)
                return None
            frames.append(frame)
    return pl.concat(frames, rechunk=False)


def _read_block(data: Array, slots: Array, separator: int, quote: int) -> pl.DataFrame | None:
    most = int(np.count_nonzero(data == NEW_LINE)) + 1
    width = int(slots.max()) + 1
    places, sizes = np.empty((most, width), np.int32), np.empty((most, width), np.int32)
    rows = _scan(data, slots, separator, quote, places, sizes)
    if rows < 0:
        return None
    places, sizes = places[:rows], sizes[:rows]
    single = partial(_single_quotes, quote=chr(max(quote, 0)))
    return pl.DataFrame({str(k): texts_at(data, places, sizes, k, single) for k in range(width)})


def _single_quotes(texts: pl.Series, quote: str) -> pl.Series:
    return texts.str.replace_all(2 * quote, quote, literal=True)
