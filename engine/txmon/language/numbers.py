"""Exact and inexact arithmetic as Polars expressions: scales, widths and the one float step."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from txmon.types import ARITHMETIC, INT64_BITS, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND = 1_000_000
"""Microseconds."""


def raised_bits(type_: Type, scale: int) -> int:
    """Bits that bound a value of ``type_`` after it is raised to ``scale``."""
    factor: int = 10 ** (scale - type_.scale)
    return type_.bits + (factor - 1).bit_length()


def raise_scale(value: pl.Expr, type_: Type, scale: int, *, wide: bool) -> pl.Expr:
    """An exact value at a larger or equal scale, in 128 bits if ``wide``."""
    value = value.cast(pl.Int128) if wide else value
    factor = 10 ** (scale - type_.scale)
    return value if factor == 1 else value * pl.lit(factor, dtype=pl.Int128 if wide else pl.Int64)


def to_float(value: pl.Expr, type_: Type) -> pl.Expr:
    """The value in base units as one float64; one division where the scale is not the base."""
    if not type_.exact:
        return value
    factor = 10 ** (type_.scale - type_.base_scale)
    value = value.cast(pl.Float64)
    return value if factor == 1 else divide(value, pl.lit(float(factor)))


def divide(left: pl.Expr, right: pl.Expr) -> pl.Expr:
    """``left / right`` in float64, rounded once; null or zero on either side gives no number.

    Polars divides by a constant as a product with its inverse, which rounds twice.
    """
    return pl.map_batches([left, right], _quotient, return_dtype=pl.Float64)


def _quotient(sides: Sequence[pl.Series]) -> pl.Series:
    left, right = (side.cast(pl.Float64).to_numpy() for side in sides)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return pl.Series(left / right).fill_nan(None)


def as_type(value: pl.Expr, source: Type, target: Type) -> pl.Expr:
    """The value of one type as a value of another of the same kind: raised, or made inexact."""
    if not target.exact:
        return to_float(value, source)
    wide = target.wide or raised_bits(source, target.scale) > INT64_BITS
    return raise_scale(value, source, target.scale, wide=wide)


def middle(lower: pl.Expr, upper: pl.Expr, type_: Type) -> pl.Expr:
    """The mean of two exact values of at most 64 bits, as one float64 in base units.

    It is what a median of an even count is; with the middle value twice, of an odd one.
    """
    total = lower.cast(pl.Int128) + upper.cast(pl.Int128)
    unit = 10 ** (type_.scale - type_.base_scale)
    return divide(total.cast(pl.Float64), pl.lit(float(2 * unit)))


def align(left: Type, right: Type) -> Type:
    """The type at which two values meet for a comparison."""
    if not (left.exact and right.exact):
        return replace(left, exact=False)
    scale = max(left.scale, right.scale)
    bits = max(raised_bits(left, scale), raised_bits(right, scale))
    return Type(left.kind, scale, bits)


def operands(
    left: pl.Expr, left_type: Type, right: pl.Expr, right_type: Type
) -> tuple[pl.Expr, pl.Expr]:
    """Both sides of a comparison, ready to compare: exactly where both are exact."""
    common = align(left_type, right_type)
    return as_type(left, left_type, common), as_type(right, right_type, common)


def finite(value: pl.Expr) -> pl.Expr:
    """The float, or unknown where it is infinite or not a number."""
    return pl.when(value.is_finite()).then(value)


def fits_int64(value: pl.Expr) -> pl.Expr:
    """The integer in 64 bits, or unknown where it does not fit."""
    return value.cast(pl.Int64, strict=False)


def plain_numbers(values: pl.Series, type_: Type) -> pl.Series:
    """Values as Float64: units of money, plain numbers, seconds; null for texts and times."""
    if type_.kind is Kind.BOOL:
        return values.cast(pl.Float64)
    if type_.kind not in ARITHMETIC:
        return pl.Series([None], dtype=pl.Float64).new_from_index(0, len(values))
    scale = type_.scale if type_.exact else type_.base_scale
    divisor = 10.0**scale * (SECOND if type_.kind is Kind.DURATION else 1)
    return pl.Series(values.cast(pl.Float64).to_numpy() / divisor).fill_nan(None)
