"""Columns read by kernels where they are written plainly, and with care where they are not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from txmon.sources.faults import Parsed

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.kernels.compiled import Array

    Kernel = Callable[[Array, Array], tuple[Array, Array]]
    Careful = Callable[[pl.Series], Parsed]

_MOST_CAREFUL = 0.5


def read_plainly(raw: pl.Series, kernel: Kernel, careful: Careful) -> Parsed | None:
    """A column of texts read by a kernel, and what that leaves open by ``careful``.

    Args:
        raw: texts.
        kernel: takes ends and bytes of texts; gives integers, and at which rows they hold.
        careful: reads the rows at the positions given, and gives integers.

    Returns:
        Int64, or None where so much is left open that the whole had better be read carefully.
    """
    return _completed(raw, *kernel(*bytes_of(raw)), careful)


def shift_plainly(
    raw: pl.Series, kernel: Callable[[Array], tuple[Array, Array]], careful: Careful
) -> Parsed | None:
    """Likewise a column of decimals, of which the kernel takes lower and upper halves."""
    values, plain = kernel(_halves_of(raw))
    if raw.null_count():
        plain &= raw.is_not_null().to_numpy()
    return _completed(raw, values, plain, careful)


def _completed(raw: pl.Series, values: Array, plain: Array, careful: Careful) -> Parsed | None:
    """The values at plain rows, with those of the others."""
    if plain.all():
        return Parsed(pl.Series(raw.name, values))
    open_ = ~plain
    if raw.null_count():
        open_ &= raw.is_not_null().to_numpy()
    rows = np.flatnonzero(open_)
    if len(rows) > len(raw) * _MOST_CAREFUL:
        return None
    bits = pa.py_buffer(np.packbits(plain, bitorder="little"))
    filled = pa.Array.from_buffers(pa.int64(), len(raw), [bits, pa.py_buffer(values)])
    read = pl.Series(raw.name, filled)
    if not len(rows):
        return Parsed(read)
    places = pl.Series(rows)
    rest = careful(places)
    faults = tuple(replace(fault, rows=places.gather(fault.rows)) for fault in rest.faults)
    return Parsed(read.scatter(places, rest.values.to_physical()), faults)


def bytes_of(raw: pl.Series) -> tuple[Array, Array]:
    """Where the texts of a column begin, with where the last ends, and their bytes."""
    texts = raw.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, ends, data = texts.buffers()
    begin, height = texts.offset, len(texts)
    places = np.frombuffer(ends, np.int64)[begin : begin + height + 1]
    return places, np.frombuffer(data or b"", np.uint8)


def _halves_of(raw: pl.Series) -> Array:
    """The integers behind decimals, lower half first."""
    decimals = raw.to_arrow(compat_level=pl.CompatLevel.oldest())
    _, data = decimals.buffers()
    begin, height = decimals.offset, len(decimals)
    return np.frombuffer(data, np.int64).reshape(-1, 2)[begin : begin + height]
