"""Hits that an exception of the pack takes out, before any of them raises an alert."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import polars as pl

from txmon.evaluate.table import TIME

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.language.checked import ExceptionEntry
    from txmon.plan import Condition

_HIT, _ENTRY, _SINCE, _UNTIL, _DAY = "#hit", "#entry", "#since", "#until", "#day"
_EVER = -(2**31)


def excepted(condition: Condition, hits: pl.DataFrame, zone: str) -> pl.Series:
    """Per hit of a rule the id of the first exception that takes it out, or null.

    An exception holds at an event whose day in the pack's zone lies from its first to its last
    day, if every column that it names has one of its values.
    """
    found = pl.DataFrame(schema={_HIT: pl.UInt32, _ENTRY: pl.UInt32})
    for names in dict.fromkeys(tuple(sorted(one.values)) for one in condition.exceptions):
        found = pl.concat([found, _matches(condition, hits, names, zone)])
    first = found.group_by(_HIT).agg(pl.col(_ENTRY).min())
    ids = pl.Series([one.id for one in condition.exceptions], dtype=pl.String)
    named = first.select(_HIT, ids.gather(first[_ENTRY]).alias("id"))
    every = pl.DataFrame({_HIT: pl.int_range(hits.height, dtype=pl.UInt32, eager=True)})
    return every.join(named, on=_HIT, how="left", maintain_order="left")["id"]


def _matches(
    condition: Condition, hits: pl.DataFrame, names: tuple[str, ...], zone: str
) -> pl.DataFrame:
    """Which hits meet which of the exceptions that name exactly these columns."""
    entries = _entries(condition.exceptions, names)
    local = pl.col(TIME).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    day = local.dt.convert_time_zone(zone).dt.date().to_physical().cast(pl.Int64)
    columns = [_plain(hits[name]).alias(f"{place}") for place, name in enumerate(names)]
    own = pl.DataFrame([*columns, hits.select(day.alias(_DAY)).to_series()]).with_row_index(_HIT)
    keys = [str(place) for place in range(len(names))]
    met = own.join(entries, on=keys, how="inner")
    return met.filter(pl.col(_DAY).is_between(_SINCE, _UNTIL)).select(_HIT, _ENTRY)


def _plain(values: pl.Series) -> pl.Series:
    """A column of hits as exceptions spell its values."""
    return values.cast(pl.String) if isinstance(values.dtype, pl.Categorical) else values


def _entries(entries: Sequence[ExceptionEntry], names: tuple[str, ...]) -> pl.DataFrame:
    """A row for every combination of values of the exceptions that name exactly these columns."""
    rows = [
        (*values, number, _EVER if one.since is None else one.since, one.until)
        for number, one in enumerate(entries)
        if tuple(sorted(one.values)) == names
        for values in product(*(one.values[name] for name in names))
    ]
    columns = [*(str(place) for place in range(len(names))), _ENTRY, _SINCE, _UNTIL]
    return pl.DataFrame(rows, columns, orient="row").cast({_ENTRY: pl.UInt32})
