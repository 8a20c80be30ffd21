"""Rows' values as kernels take them, and exact totals as the values they end in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.lanes import codes_of
from txmon.language.numbers import divide

if TYPE_CHECKING:
    from txmon.evaluate.frame import LaneFrame
    from txmon.types import Type

Array = np.ndarray[Any, Any]
SQUARE_LIMIT = 2**126
SIGN_OFF = np.int64(2**63 - 1)


def nullable(values: Array, known: Array) -> pl.Series:
    """Values, null where they are not known."""
    if known.all():
        return pl.Series(values)
    return pl.select(pl.when(pl.Series(known)).then(pl.Series(values))).to_series()


def unit(type_: Type) -> int:
    """How many steps of an exact type make one of its base unit."""
    return int(10 ** (type_.scale - type_.base_scale))


def average(sums: Array, n: Array, fits: Array, type_: Type) -> pl.Series:
    """Exact sums by numbers of values, in one float step; unknown of none or of an overflow."""
    with np.errstate(divide="ignore", invalid="ignore"):
        means = sums.astype(np.float64) / (n * unit(type_)).astype(np.float64)
    return nullable(means, (n > 0) & fits)


def deviation(parts: pl.DataFrame, type_: Type) -> tuple[pl.Series, Array]:
    """The sample standard deviation, and where it is small enough to be known.

    ``parts`` has ``n``, ``sum`` (which ``fits``) and the limbs ``a``, ``b``, ``c`` of the sum of
    squares of values of the type.
    """
    square = _wide("a") * 2**64 + _wide("b") * 2**32 + _wide("c")
    small = pl.col("fits") & (square < pl.lit(SQUARE_LIMIT - 1, pl.Int128) // _wide("n") + 1)
    spread = _wide("n") * square - _wide("sum") * _wide("sum")
    degrees = (pl.col("n") * (pl.col("n") - 1)).cast(pl.Float64)
    value = divide(spread.cast(pl.Float64), degrees).sqrt()
    factor = unit(type_)
    value = value if factor == 1 else divide(value, pl.lit(float(factor)))
    some = parts.with_columns(enough=pl.col("n") > 1)
    known = some.select(
        pl.when("enough").then(small).alias("small"),
        pl.when(pl.col("enough") & small).then(value).alias("std"),
    )
    return known["std"], known["small"].fill_null(value=True).to_numpy()


def _wide(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int128)


def sortable(values: pl.Series) -> Array:
    """Integers in the order of the values: floats by their bits, turned for negatives."""
    if values.dtype != pl.Float64:
        return np.ascontiguousarray(values.cast(pl.Int64, strict=False).fill_null(0).to_numpy())
    bits = (values.fill_null(0.0) + 0.0).to_numpy().view(np.int64)
    return np.where(bits < 0, np.int64(-1) ^ (bits & SIGN_OFF), bits)


def from_sortable(values: Array, dtype: pl.DataType) -> Array:
    """The values that were made sortable, as int64 or float64."""
    if dtype != pl.Float64:
        return values
    bits = np.where(values < 0, np.int64(-1) ^ (values & SIGN_OFF), values)
    floats: Array = bits.view(np.float64)
    return floats


def at_places(values: pl.Series, positions: Array) -> pl.Series:
    """The value at each position, null where the position is -1."""
    index = pl.Series(positions)
    return values.gather(pl.select(pl.when(index >= 0).then(index)).to_series())


def value_codes(frame: LaneFrame, columns: list[pl.Series]) -> tuple[Array, int]:
    """Values or tuples as int32 codes from 0 (-1 where any is null), and how many there may be."""
    codes = [text_codes(frame, column) for column in columns]
    if len(codes) == 1:
        return codes[0], int(codes[0].max(initial=0)) + 1
    packed = codes[0].astype(np.int64)
    for other in codes[1:]:
        packed = np.unique(packed, return_inverse=True)[1] << 32 | other
    _, dense = np.unique(packed, return_inverse=True)
    known = np.logical_and.reduce([code >= 0 for code in codes])
    return np.where(known, dense, -1).astype(np.int32), int(dense.max(initial=0)) + 1


def text_codes(frame: LaneFrame, values: pl.Series) -> Array:
    """Codes that are equal where the values are, -1 for null; of texts the same everywhere."""
    if values.dtype == pl.String:
        values = values.cast(pl.Categorical(frame.table.texts))
    return codes_of(values)
