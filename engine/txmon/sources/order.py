"""The contract's order: event time, then sequence with null first, then transaction_id by bytes."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import polars as pl

_KEY = ("event_time", "sequence", "transaction_id")


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in the contract's order; the frame itself if it is so already.

    Sorts the integers of time, and texts only where times tie.
    """
    times = frame["event_time"].to_physical().rechunk()
    if _is_ordered(frame, times):
        return frame
    order = _ties_resolved(frame, times, times.arg_sort())
    # a column a thread, to hold few copies at a time; texts gather far faster out of one chunk
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        return pl.DataFrame(list(pool.map(lambda column: column.rechunk().gather(order), frame)))


def _is_ordered(frame: pl.DataFrame, times: pl.Series) -> bool:
    """Whether no row stands before its predecessor; looks at texts only where times tie."""
    if not times.is_sorted():
        return False
    rows = _tied(times).arg_true()
    if rows.is_empty():
        return True
    return bool((_places(_keys(frame, rows)).diff(null_behavior="drop") > 0).all())


def _keys(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """What the rows are ordered by."""
    return pl.DataFrame([frame[name].gather(rows) for name in _KEY if name in frame.columns])


def _tied(times: pl.Series) -> pl.Series:
    """Which rows of sorted times have a neighbour of the same time."""
    same = times.diff() == 0
    same = same.fill_null(value=False)
    return same | same.shift(-1, fill_value=False)


def _ties_resolved(frame: pl.DataFrame, times: pl.Series, order: pl.Series) -> pl.Series:
    """The order with the rows of one time put in order of sequence and id."""
    places = _tied(times.gather(order)).arg_true()
    if places.is_empty():
        return order
    rows = order.gather(places)
    inner = _sorted_positions(_keys(frame, rows))
    return order.scatter(places, rows.gather(inner))


def _sorted_positions(key: pl.DataFrame) -> pl.Series:
    return key.select(
        pl.arg_sort_by(key.columns, descending=False, nulls_last=False, maintain_order=True)
    ).to_series()


def _places(key: pl.DataFrame) -> pl.Series:
    """The place of each row in the order, as a signed integer."""
    positions = _sorted_positions(key)
    places = pl.Series([0], dtype=pl.Int64).extend_constant(0, len(positions) - 1)
    return places.scatter(positions, pl.int_range(len(positions), dtype=pl.Int64, eager=True))
