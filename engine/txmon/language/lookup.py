"""Looking values up in lists: the row of a list for each key and day, all at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.language.checked import DAYS, FIRST_DAY
from txmon.language.nodes import is_arithmetic
from txmon.language.numbers import fits_int64, raise_scale
from txmon.types import Kind, Type

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.language.checked import ListTable

Array = np.ndarray[Any, Any]


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
    groups = (
        _by_code(table, keys) if isinstance(keys.dtype, pl.Categorical) else _found(table, keys)
    )
    if table.since is None:
        return _known(groups, groups >= 0)
    days = columns[1]
    return _on_day(table, np.broadcast_to(groups, len(days)), days)


def _found(table: ListTable, keys: pl.Series) -> Array:
    """The group of each key, -1 where the list has it not: by its hash, and then by itself."""
    if not table.unambiguous:
        return _joined(table, keys)
    hashes = table.hashes["hash"].to_numpy()
    place = np.searchsorted(hashes, keys.hash().to_numpy())
    groups = table.hashes["group"].to_numpy()[np.minimum(place, hashes.size - 1)]
    same = table.groups["key"].gather(pl.Series(groups)) == keys
    return np.where(same.fill_null(value=False).to_numpy(), groups, -1)


def _joined(table: ListTable, keys: pl.Series) -> Array:
    """As ``_found``, where two keys of the list have one hash."""
    numbered = table.groups.select("key").with_row_index("group")
    wanted = pl.DataFrame({"key": keys})
    found = wanted.join(numbered, on="key", how="left", maintain_order="left")["group"]
    groups: Array = found.cast(pl.Int64).fill_null(-1).to_numpy()
    return groups


def _by_code(table: ListTable, keys: pl.Series) -> Array:
    """As ``_found``, of texts as codes: each different one is looked up once."""
    different = keys.unique().drop_nulls()
    slots = different.to_physical().to_numpy()
    groups = np.full(int(slots.max(initial=0)) + 2, -1, np.int64)
    groups[slots] = _found(table, different.cast(pl.String))
    codes = keys.to_physical().cast(pl.Int64).fill_null(groups.size - 1)
    looked_up: Array = groups[codes.to_numpy()]
    return looked_up


def _on_day(table: ListTable, groups: Array, days: pl.Series) -> pl.Series:
    """Of the rows of each group, the one that is valid on the day."""
    assert table.until is not None  # noqa: S101 - comes with since
    day = days.fill_null(FIRST_DAY).to_numpy()
    wanted = groups * DAYS + (day - FIRST_DAY)
    place = np.searchsorted(table.begins.to_numpy(), wanted, side="right") - 1
    first = table.groups["first"].to_numpy()[groups]
    known = (groups >= 0) & (place >= first) & days.is_not_null().to_numpy()
    return _known(place, known & (day <= table.until.to_numpy()[place]))


def _known(values: Array, known: Array) -> pl.Series:
    return pl.select(pl.when(pl.Series(known)).then(pl.Series(values))).to_series()
