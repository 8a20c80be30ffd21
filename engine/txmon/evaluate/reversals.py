"""Which rows are reversals, and from where on each reversed row is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from txmon.language.reversals import PLACE, REVERSES, UNDONE, undone_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from txmon.plan import Base

NEVER = 2**62
_BEFORE = -1


def reversal_columns(rows: pl.DataFrame, bases: Iterable[Base]) -> list[pl.Series]:
    """The columns by which rules leave out reversed rows: none if no rule does."""
    kinds = sorted({base.events for base in bases if base.unreversed})
    if not kinds:
        return []
    place = pl.int_range(rows.height, dtype=pl.Int64, eager=True).alias(PLACE)
    return [place, *(_undone(rows, place, events) for events in kinds)]


def reversing(rows: pl.DataFrame) -> pl.Series:
    """Whether each row names another that it reverses."""
    if REVERSES not in rows.columns:
        return pl.repeat(value=False, n=rows.height, eager=True)
    return rows[REVERSES].is_not_null()


def _undone(rows: pl.DataFrame, place: pl.Series, events: tuple[str, ...]) -> pl.Series:
    """The place of the first later row that reverses each row; before all for one long undone."""
    name = undone_name(events)
    reverses = rows[REVERSES] if REVERSES in rows.columns else pl.Series([None] * rows.height)
    found = pl.DataFrame([rows["transaction_id"], place, reverses.cast(pl.String).alias(REVERSES)])
    seen = _visible(rows, events)
    undoing = found.filter(seen & found[REVERSES].is_not_null())
    undoing = undoing.select(pl.col(REVERSES).alias("transaction_id"), pl.col(PLACE).alias("at"))
    pairs = found.join(undoing, on="transaction_id").filter(pl.col("at") > pl.col(PLACE))
    first = pairs.group_by(PLACE).agg(pl.col("at").min())
    at = found.join(first, on=PLACE, how="left", maintain_order="left")["at"].fill_null(NEVER)
    if name in rows.columns:
        long = rows[name].fill_null(value=False)
        at = pl.select(pl.when(long).then(pl.lit(_BEFORE, pl.Int64)).otherwise(at)).to_series()
    return at.alias(name)


def _visible(rows: pl.DataFrame, events: tuple[str, ...]) -> pl.Series:
    seen = rows["amount"].is_not_null() if "amount" in rows.columns else None
    if events and "kind" in rows.columns:
        named = rows["kind"].is_in(list(events)).fill_null(value=False)
        seen = named if seen is None else seen | named
    return pl.repeat(value=False, n=rows.height, eager=True) if seen is None else seen


def undone_marks(rows: pl.DataFrame, bases: Iterable[Base]) -> dict[str, pl.Series]:
    """What a carry keeps of it: whether each row is reversed by now."""
    columns = reversal_columns(rows, bases)
    return {one.name: one < NEVER for one in columns if one.name.startswith(UNDONE)}
