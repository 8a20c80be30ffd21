"""Lanes that payments ask without standing on them: who asks, and where each would stand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from os import cpu_count
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.lanes import Part, codes_of, grouped, key_values, shares, split, standing
from txmon.schema import side_columns

if TYPE_CHECKING:
    from collections.abc import Iterable

    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.table import Table
    from txmon.language.nodes import Expr
    from txmon.plan import Lane, Plan

Array = np.ndarray[Any, Any]


class Asking:
    """What the payments that ask a lane say: values of expressions at every row, or side of it.

    Values are prepared by one thread and read by many.
    """

    def __init__(self, frame: LaneFrame) -> None:
        self.frame = frame
        self._values: dict[Expr, pl.Series] = {}

    def prepare(self, nodes: Iterable[Expr]) -> None:
        """Work out expressions, from what other lanes have handed out so far."""
        for node in nodes:
            if node not in self._values:
                self._values[node] = self.frame.expression(node)

    def value(self, node: Expr) -> pl.Series:
        """An expression that was prepared, by the number of the row, or ``2 * row + side``."""
        return self._values[node]


def everyone(table: Table, *, sided: bool) -> Array:
    """References of all rows, or sides."""
    return np.arange(table.height * (2 if sided else 1), dtype=np.int32)


def cut_asked(
    plan: Plan, table: Table, lane: Lane, asking: Asking, partitions: int | None
) -> list[Part]:
    """Cut a lane into parts by a hash of its key, those who ask beside the rows that they ask.

    Who asks stands after all rows of its own payment, and before later ones.
    """
    refs = np.flatnonzero(standing(plan, table, lane)).astype(np.int32)
    asks = np.flatnonzero(_asks(plan, table, lane)).astype(np.int32)
    rows = refs >> 1 if lane.sided else refs
    place = np.searchsorted(rows, asks >> 1 if lane.asks_sided else asks, side="right")
    merged = np.empty(refs.size + asks.size, np.int32)
    after = place + np.arange(asks.size)
    merged[after] = np.arange(asks.size, dtype=np.int32) + refs.size
    is_row = np.ones(merged.size, np.bool_)
    is_row[after] = False
    merged[is_row] = np.arange(refs.size, dtype=np.int32)
    keys = _keys(plan, table, lane, asking, refs, asks)
    values = [key.gather(pl.Series(merged)) for key in keys]
    codes = [codes_of(column) for column in values]
    known = np.logical_and.reduce([code >= 0 for code in codes])
    every = np.concatenate([refs, _as_refs(lane, asks)])[merged]
    asked = np.concatenate([np.full(refs.size, -1, np.int32), asks])[merged]
    make = partial(_part, lane, codes, values, every, asked)
    with ThreadPoolExecutor(cpu_count()) as pool:
        return list(pool.map(make, shares(codes, known, split(known, partitions))))


def _asks(plan: Plan, table: Table, lane: Lane) -> Array:
    """Which rows, or sides, ask: new ones that some feature on the lane sees."""
    asks: Array = np.logical_or.reduce([table.bases[base] for base in plan.bases_on(lane)])
    asks = asks & table.judged
    if lane.asks_sided:
        asks = np.repeat(asks, 2)
        for side, name in enumerate(side_columns("account")):
            asks[side::2] &= table.frame[name].is_not_null().to_numpy()
    return asks


def _keys(
    plan: Plan, table: Table, lane: Lane, asking: Asking, refs: Array, asks: Array
) -> Iterable[pl.Series]:
    """The values of each key: at the lane's rows, then what those who ask look for."""
    for key, probe in zip(lane.keys, lane.probes, strict=True):
        stands = key_values(plan, table, key, refs, sided=lane.sided)
        if probe is None:
            looked_for = key_values(plan, table, key, asks, sided=lane.asks_sided)
        else:
            looked_for = asking.value(probe).gather(pl.Series(asks))
        if isinstance(stands.dtype, pl.Categorical):
            looked_for = looked_for.cast(stands.dtype)
        yield pl.concat([stands.alias(key), looked_for.cast(stands.dtype).alias(key)], rechunk=True)


def _as_refs(lane: Lane, asks: Array) -> Array:
    """References on the lane of the payments that ask; the side is none of the lane's."""
    rows = asks >> 1 if lane.asks_sided else asks
    return rows << 1 if lane.sided else rows


def _part(
    lane: Lane,
    codes: list[Array],
    values: list[pl.Series],
    refs: Array,
    asked: Array,
    share: Array,
) -> Part:
    places, starts = grouped(codes, share)
    mine = refs[places]
    first = pl.Series(places[starts[:-1]])
    keys = tuple(column.gather(first) for column in values)
    return Part(lane, mine, mine >> 1 if lane.sided else mine, starts, asked[places], keys)
