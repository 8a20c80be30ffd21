"""Looking values up in lists: the row of a list for each key and day, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from txmon.language.checked import FIRST_DAY
from txmon.language.nodes import is_arithmetic
from txmon.language.numbers import fits_int64, raise_scale
from txmon.types import Kind, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.language.checked import ListTable

DAY_BITS = 32
"""Bits that hold a day since 1970, offset to be positive, below a key's number."""


def as_key(value: pl.Expr, type_: Type, key: Type) -> pl.Expr:
    """A value in the form that a list holds its keys in; null where no key can be equal to it."""
    if not is_arithmetic(type_):
        return value if key.kind is Kind.TEXT else value.cast(pl.Int64)
    steps = type_.scale - key.scale
    if steps <= 0:
        return fits_int64(raise_scale(value, type_, key.scale, wide=True))
    step = pl.lit(10**steps, dtype=pl.Int128)
    wide = value.cast(pl.Int128)
    return fits_int64(pl.when(wide % step == 0).then(wide // step))


def places(table: ListTable, columns: Sequence[pl.Series]) -> pl.Series:
    """The row of a list for each key, of a dated list on each day; null where there is none.

    ``columns`` are keys as ``as_key`` gives them and, for a dated list, Int64 days.
    """
    keys = columns[0]
    if table.keys.is_empty():
        return pl.Series([None], dtype=pl.Int64).new_from_index(0, max(map(len, columns)))
    if table.since is None:
        return _first(table, keys)["first"]
    days = columns[1]
    if keys.len() == 1:
        keys = keys.new_from_index(0, days.len())
    return _on_day(table, _first(table, keys), days)


def _first(table: ListTable, keys: pl.Series) -> pl.DataFrame:
    """The ``group`` of each key and the ``first`` row of it, null where the list has it not."""
    if isinstance(keys.dtype, pl.Categorical):
        return _by_code(table.groups, keys)
    wanted = pl.DataFrame({"key": keys})
    return wanted.join(table.groups, on="key", how="left", maintain_order="left")


def _by_code(groups: pl.DataFrame, keys: pl.Series) -> pl.DataFrame:
    """As ``_first`` for texts as codes: each different one is looked up once."""
    codes = keys.to_physical().cast(pl.Int64)
    different = keys.unique().drop_nulls()
    wanted = pl.DataFrame({"key": different.cast(pl.String)})
    found = wanted.join(groups, on="key", how="left", maintain_order="left")
    slots = different.to_physical().to_numpy()
    number = np.full(int(slots.max(initial=0)) + 1, -1, np.int64)
    number[slots] = np.arange(slots.size)
    at = pl.Series(number).gather(codes)
    return pl.DataFrame([found["group"].gather(at), found["first"].gather(at)])


def _on_day(table: ListTable, found: pl.DataFrame, days: pl.Series) -> pl.Series:
    """Of the rows of each key, the one that is valid on the day."""
    assert table.since is not None  # noqa: S101 - asked before
    assert table.until is not None  # noqa: S101 - comes with since
    group, first = (found[name].fill_null(-1).to_numpy() for name in ("group", "first"))
    day = days.fill_null(FIRST_DAY).to_numpy()
    starts = np.repeat(np.arange(table.groups.height), _sizes(table))
    since = (starts << DAY_BITS) + (table.since.to_numpy() - FIRST_DAY)
    wanted = (group << DAY_BITS) + (day - FIRST_DAY)
    place = np.searchsorted(since, wanted, side="right") - 1
    known = (group >= 0) & (place >= first)
    known &= days.is_not_null().to_numpy() & (day <= table.until.to_numpy()[place])
    return pl.select(pl.when(pl.Series(known)).then(pl.Series(place))).to_series()


def _sizes(table: ListTable) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    edges = np.append(table.groups["first"].to_numpy(), table.keys.len())
    return np.diff(edges)
