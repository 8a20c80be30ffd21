"""Aggregates of groups: each window's blocks, periods or values, and what is taken of them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.lanes import codes_of
from txmon.evaluate.slices import Slices, Values, take
from txmon.evaluate.table import true
from txmon.evaluate.values import value_codes
from txmon.language.compile import GROUP_VALUE, evaluated
from txmon.language.nodes import Aggregate, Inner, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.evaluate.frame import LaneFrame
    from txmon.language.nodes import Unit, Window
    from txmon.plan import Windowed

Array = np.ndarray[Any, Any]
Listed = tuple[int, Array, Array, Array, Array]
"""The first row not listed, where each row's groups begin, and ``lo``, ``hi``, ``mark`` of them."""

ROOM = 2_000_000
"""How many groups are looked at at once."""


def grouped(frame: LaneFrame, feature: Windowed, node: Aggregate, inner: Inner) -> pl.Series:
    """An aggregate of groups at every row of the part; null is unknown."""
    window = node.window
    if frame.height == 0:
        return pl.Series([], dtype=_dtype(node))
    at, of_row = _different(frame, window)
    mask = frame.counted(feature)
    counted = np.flatnonzero(mask).astype(np.int32)
    before = np.zeros(frame.height + 1, np.int32)
    np.cumsum(mask, out=before[1:])
    low, high = (before[bound[at]] for bound in frame.bounds(window, feature))
    if inner.bucket.column is not None:
        codes = codes_of(frame.expression(inner.bucket.column))[counted]
        order, listed = _by_value(codes, low, high)
        counted = counted[order]
    else:
        listed = _by_time(frame, feature, inner, at, counted, (low, high))
    values = _values(frame, inner, counted)
    found, overflow = _outer(frame, node, inner, values, listed, at.size)
    if overflow.any():
        frame.because(feature.key, "overflow", overflow[of_row])
    return found.gather(pl.Series(of_row))


def _dtype(node: Aggregate) -> type[pl.DataType]:
    return pl.Int64 if node.type.exact else pl.Float64


def _different(frame: LaneFrame, window: Window) -> tuple[Array, Array]:
    """Positions at which the window is another one, and which of them each row stands for.

    Complete periods are the same for all rows of one period.
    """
    changes = np.ones(frame.height, np.bool_)
    if window.previous:
        _, this = frame.calendar.bounds(window, frame.times)
        changes[1:] = this[1:] != this[:-1]
        changes[frame.part.starts[:-1]] = True
    return np.flatnonzero(changes), np.cumsum(changes) - 1


def _values(frame: LaneFrame, inner: Inner, counted: Array) -> Values:
    """What the groups are aggregates of, at the rows that count."""
    at = pl.Series(counted)
    if not inner.arguments:
        return Values(at, inner.type)
    argument = inner.arguments[0]
    codes = None
    if inner.function == "distinct":
        codes = value_codes(frame, [frame.expression(argument)])[0][counted]
    return Values(frame.expression(argument).gather(at), argument.type, codes)


def _by_value(codes: Array, low: Array, high: Array) -> tuple[Array, Callable[[int], Listed]]:
    """Rows in the order of their values, and how to list each window's groups of a value."""
    places = np.arange(codes.size, dtype=np.int32)
    size = int(codes.max(initial=-1)) + 1
    order = kernels.group(codes, places, size)
    ranks = np.empty_like(order)
    ranks[order] = places
    shape = np.array([size, max(ROOM, int((high - low).max(initial=0)))], np.int64)

    def listed(begin: int) -> Listed:
        found: Listed = kernels.list_values(begin, low, high, codes, ranks, shape)
        return found

    return order, listed


def _by_time(
    frame: LaneFrame,
    feature: Windowed,
    inner: Inner,
    at: Array,
    counted: Array,
    bounds: tuple[Array, Array],
) -> Callable[[int], Listed]:
    """How to list each window's blocks or periods."""
    times = frame.times[counted]
    since, until = _edges(frame, feature, at)
    first = _first_times(frame, feature, at) if inner.fills else since
    unit = inner.bucket.unit
    if unit is None:
        last, periods, edges = until, np.empty(0, np.int64), np.empty(0, np.int64)
        length = inner.bucket.length
        start = np.maximum(since, np.minimum(first, until))
        counts = np.where(first <= until, (until - start) // length + 1, 0)
    else:
        last, counts, periods, edges = _periods(frame, unit, (since, until), first, times)
    low, high = bounds
    counts = counts if inner.fills else (high - low).astype(np.int64)
    room = max(ROOM, int(counts.max(initial=0)))
    shape = np.array([inner.bucket.length, inner.fills, room], np.int64)
    given = (low, high, last, counts, times, periods, edges, shape)
    return lambda begin: kernels.list_blocks(begin, *given)


def _periods(
    frame: LaneFrame, unit: Unit, window: tuple[Array, Array], first: Array, times: Array
) -> tuple[Array, Array, Array, Array]:
    """Last period and number of periods of each window, periods of rows, edges of periods."""
    since, until = window
    numbered = partial(frame.calendar.periods, unit)
    start = np.maximum(since, np.minimum(first, until))
    last, begin, periods = numbered(until), numbered(start), numbered(times)
    counts = np.where(first <= until, last - begin + 1, 0)
    # A row's period may hold the timeline's first row and yet begin before it.
    least = min(int(x.min()) for x in (last, begin, periods) if x.size)
    edges = frame.calendar.begins(unit, np.arange(least, int(last.max()) + 1))
    return last - least, counts, periods - least, edges


def _edges(frame: LaneFrame, feature: Windowed, at: Array) -> tuple[Array, Array]:
    """The first and last instant of the window at some positions; of rows, their own time."""
    window, times = feature.node.window, frame.times[at]
    assert window is not None  # noqa: S101 - aggregates always have one
    if window.span is Span.PERIODS:
        since, this = frame.calendar.bounds(window, times)
        return since, this - 1 if window.previous else times
    if window.span is Span.ROWS:
        return times, times
    until = times - window.ending
    return until - window.length + 1, until


def _timelines(frame: LaneFrame, at: Array) -> Array:
    found: Array = np.searchsorted(frame.part.starts, at, side="right") - 1
    return found


def _first_times(frame: LaneFrame, feature: Windowed, at: Array) -> Array:
    """The time of the first row of the timeline, up to each position, that the rule sees."""
    base, starts = frame.base(feature.base), frame.part.starts
    everything = np.zeros(frame.height, np.int32), frame.high(excluding=False)
    place = kernels.first_in(starts, *everything, base)[at]
    first: Array = np.where(place >= 0, frame.times[place], kernels.NEVER)
    before = frame.carry.value(feature.key, frame, pl.Int64())
    if before is None:
        return first
    earlier = before.fill_null(kernels.NEVER).to_numpy()[_timelines(frame, at)]
    least: Array = np.minimum(first, earlier)
    return least


def _outer(
    frame: LaneFrame,
    node: Aggregate,
    inner: Inner,
    values: Values,
    listed: Callable[[int], Listed],
    rows: int,
) -> tuple[pl.Series, Array]:
    """The aggregate of each row's groups, and where it is unknown by overflow."""
    dtype = _dtype(node)
    parts, overflows = [pl.Series([], dtype=dtype)], [np.empty(0, np.bool_)]
    begin = 0
    while begin < rows:
        begin, offsets, lo, hi, marks = listed(begin)
        results, _ = take(inner.function, values, Slices(lo, hi, marks))
        keep = _kept(frame, inner, results)
        places = np.concatenate([[0], np.cumsum(keep)]).astype(np.int32)[offsets]
        part, overflow = _taken(node, inner, results.filter(pl.Series(keep)), places)
        parts.append(part.cast(dtype))
        overflows.append(np.zeros(part.len(), np.bool_) if overflow is None else overflow)
    return pl.concat(parts), np.concatenate(overflows)


def _kept(frame: LaneFrame, inner: Inner, results: pl.Series) -> Array:
    """Which groups are aggregated: those with a value that passes ``having``."""
    known: Array = results.is_not_null().to_numpy()
    if inner.having is None:
        return known
    passes = frame.compiler.expression(inner.having)
    return known & true(evaluated(results.to_frame(GROUP_VALUE), passes))


def _taken(
    node: Aggregate, inner: Inner, results: pl.Series, places: Array
) -> tuple[pl.Series, Array | None]:
    """The aggregate of the groups' results; those of row i stand at ``places[i:i+2]``."""
    codes = codes_of(results) if node.function == "distinct" else None
    slices = Slices(places[:-1], places[1:], np.zeros(places.size - 1, np.int32))
    newest_first = {"first": "last", "last": "first"}
    function = newest_first.get(node.function, node.function)
    return take(function, Values(results, inner.type, codes), slices)
