"""Scaled integers -> decimals, exactly, for what leaves the engine."""

from __future__ import annotations

import numpy as np
import polars as pl
import pyarrow as pa

DIGITS = 19
"""Digits of the widest 64-bit integer."""


def as_decimal(values: pl.Series, scale: int) -> pl.Series:
    """Int64 at ``scale`` as Decimal(19, scale) of the same worth."""
    whole = values.cast(pl.Int64).rechunk().to_arrow()
    validity, numbers = whole.buffers()
    lower = np.frombuffer(numbers, np.int64)
    both = pa.py_buffer(np.stack([lower, lower >> 63], axis=1))
    decimal = pa.decimal128(DIGITS, scale)
    worth = pa.Array.from_buffers(decimal, len(whole), [validity, both], offset=whole.offset)
    return pl.Series(values.name, worth)
