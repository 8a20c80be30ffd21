"""Scaled integers -> decimals, exactly, for what leaves the engine."""

from __future__ import annotations

import polars as pl
import pyarrow as pa

DIGITS = 19
"""Digits of the widest 64-bit integer."""


def as_decimal(values: pl.Series, scale: int) -> pl.Series:
    """Int64 at ``scale`` as Decimal(19, scale) of the same worth."""
    whole = values.cast(pl.Int64).to_arrow().cast(pa.decimal128(DIGITS, 0))
    worth = pa.Array.from_buffers(pa.decimal128(DIGITS, scale), len(whole), whole.buffers())
    return pl.Series(values.name, worth)
