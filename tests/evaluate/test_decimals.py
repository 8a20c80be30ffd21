"""Scaled integers leave as decimals of the same worth."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from txmon.evaluate.decimals import as_decimal

int64 = st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1))


@given(st.lists(int64, max_size=12), st.integers(0, 6), st.integers(0, 4))
def test_every_integer_keeps_its_worth(numbers: list[int | None], scale: int, start: int) -> None:
    values = pl.Series("x", numbers, dtype=pl.Int64)[start:]

    worth = [None if n is None else Decimal(n).scaleb(-scale) for n in numbers[start:]]

    assert as_decimal(values, scale).to_list() == worth
    assert as_decimal(values, scale).name == "x"
