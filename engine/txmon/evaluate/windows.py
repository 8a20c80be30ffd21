"""The value of an aggregate or point at every row of a lane's part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.groups import grouped
from txmon.evaluate.values import (
    at_places,
    average,
    deviation,
    nullable,
    sortable,
    value_codes,
)
from txmon.language.nodes import Aggregate, Expr, Point, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.evaluate.frame import LaneFrame
    from txmon.plan import Windowed

Array = np.ndarray[Any, Any]


def windowed(frame: LaneFrame, feature: Windowed) -> pl.Series:
    """The feature's value at every row of the part; null is unknown."""
    if isinstance(feature.node, Aggregate) and feature.node.inner is not None:
        return grouped(frame, feature, feature.node, feature.node.inner)
    if isinstance(feature.node, Point):
        return _POINTS[feature.node.function](frame, feature, feature.node)
    return _AGGREGATES[feature.node.function](frame, feature, feature.node)


def _count(frame: LaneFrame, feature: Windowed, _node: Aggregate) -> pl.Series:
    return pl.Series(_counted(frame, feature, frame.counted(feature)))


def _counted(frame: LaneFrame, feature: Windowed, mask: Array) -> Array:
    low, high = _bounds(frame, feature)
    counts: Array = kernels.count(frame.part.starts, low, high, mask)
    before = frame.carry.number(feature.key, "n", frame)
    return counts if before is None else counts + _per_row(frame, before)


def _bounds(frame: LaneFrame, feature: Windowed) -> tuple[Array, Array]:
    assert feature.window is not None  # noqa: S101 - aggregates always have one
    return frame.bounds(feature.window, feature)


def _per_row(frame: LaneFrame, per_timeline: Array) -> Array:
    return np.repeat(per_timeline, np.diff(frame.part.starts))


def _argument(frame: LaneFrame, feature: Windowed, node: Expr) -> tuple[Array, Array]:
    """An exact argument as int64, and which counted rows have one."""
    values = frame.expression(node).cast(pl.Int64, strict=False)
    mask = frame.counted(feature)
    if values.null_count():
        mask = mask & values.is_not_null().to_numpy()
        values = values.fill_null(0)
    return np.ascontiguousarray(values.to_numpy()), mask


def _begin(frame: LaneFrame, feature: Windowed, name: str) -> Array:
    before = frame.carry.number(feature.key, name, frame)
    return np.zeros(frame.part.starts.size - 1, np.int64) if before is None else before


def _total(frame: LaneFrame, feature: Windowed, x: Array, mask: Array) -> tuple[Array, Array]:
    low, high = _bounds(frame, feature)
    begin = (_begin(frame, feature, "upper"), _begin(frame, feature, "lower"))
    sums, fits = kernels.total(frame.part.starts, low, high, mask, x, *begin)
    return sums, fits


def _overflowing(frame: LaneFrame, feature: Windowed, overflow: Array) -> None:
    """Remember which unknown values are so by overflow, for the count of causes."""
    if overflow.any():
        frame.overflows[feature.key] = pl.Series(overflow)


def _sum(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    x, mask = _argument(frame, feature, node.arguments[0])
    sums, fits = _total(frame, feature, x, mask)
    _overflowing(frame, feature, ~fits)
    return nullable(sums, fits)


def _mean(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    x, mask = _argument(frame, feature, node.arguments[0])
    sums, fits = _total(frame, feature, x, mask)
    n = _counted(frame, feature, mask)
    _overflowing(frame, feature, ~fits)
    return average(sums, n, fits, node.arguments[0].type)


def _std(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    x, mask = _argument(frame, feature, node.arguments[0])
    sums, fits = _total(frame, feature, x, mask)
    n = _counted(frame, feature, mask)
    low, high = _bounds(frame, feature)
    begin = (_begin(frame, feature, name) for name in ("a", "b", "c"))
    a, b, c = kernels.squares(frame.part.starts, low, high, mask, x, *begin)
    parts = pl.DataFrame({"n": n, "sum": sums, "a": a, "b": b, "c": c, "fits": fits})
    values, small = deviation(parts, node.arguments[0].type)
    _overflowing(frame, feature, ~small)
    return values


def _extreme(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    values = frame.expression(node.arguments[0])
    mask = frame.counted(feature) & values.is_not_null().to_numpy()
    low, high = _bounds(frame, feature)
    largest = node.function == "max"
    best = kernels.extreme(frame.part.starts, low, high, mask, sortable(values), largest)
    found = at_places(values, best)
    before = frame.carry.value(feature.key, frame, found.dtype)
    if before is None:
        return found
    pick = pl.max_horizontal if largest else pl.min_horizontal
    both = pl.DataFrame({"found": found, "before": before.gather(_timeline_of(frame))})
    return both.select(pick("found", "before")).to_series()


def _timeline_of(frame: LaneFrame) -> pl.Series:
    timelines = np.arange(frame.part.starts.size - 1, dtype=np.int32)
    return pl.Series(_per_row(frame, timelines))


def _distinct(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    codes, size = value_codes(frame, node.arguments)
    low, high = _bounds(frame, feature)
    mask = frame.counted(feature) & (codes >= 0)
    return pl.Series(kernels.distinct(frame.part.starts, low, high, mask, codes, size))


def _edge_value(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    low, high = _bounds(frame, feature)
    search = kernels.first_in if node.function == "first" else kernels.last_in
    at = search(frame.part.starts, low, high, frame.counted(feature))
    values = frame.expression(node.arguments[0])
    return _with_state(frame, feature, values, at, earliest=node.function == "first")


def _with_state(
    frame: LaneFrame, feature: Windowed, values: pl.Series, at: Array, *, earliest: bool
) -> pl.Series:
    """Values at positions; the value before these rows where it is earlier, or none is found."""
    found = at_places(values, at)
    before = frame.carry.value(feature.key, frame, found.dtype)
    known = frame.carry.number(feature.key, "n", frame)
    if before is None or known is None:
        return found
    has = _per_row(frame, known) > 0
    use = pl.Series(has if earliest else has & (at < 0))
    old = before.gather(_timeline_of(frame))
    return pl.select(pl.when(use).then(old).otherwise(found)).to_series()


def _before(frame: LaneFrame) -> tuple[Array, Array]:
    """The window of every earlier row."""
    return np.zeros(frame.height, np.int32), frame.positions


def _previous(frame: LaneFrame, feature: Windowed, node: Point) -> pl.Series:
    at = kernels.last_in(frame.part.starts, *_before(frame), frame.counted(feature))
    values = (
        frame.column("event_time") if node.argument is None else frame.expression(node.argument)
    )
    found = _with_state(frame, feature, values, at, earliest=False)
    return found if node.argument is not None else frame.column("event_time") - found


def _since_first(frame: LaneFrame, feature: Windowed, _node: Point) -> pl.Series:
    low, high = np.zeros(frame.height, np.int32), frame.high(excluding=False)
    at = kernels.first_in(frame.part.starts, low, high, frame.counted(feature))
    times = frame.column("event_time")
    return times - _with_state(frame, feature, times, at, earliest=True)


def _is_first(frame: LaneFrame, feature: Windowed, node: Point) -> pl.Series:
    argument = node.argument
    assert argument is not None  # noqa: S101 - is_first always has one
    codes, size = value_codes(frame, (argument,))
    low, high = _before(frame)
    if feature.window is not None and feature.window.span is not Span.ALL:
        low, end = _bounds(frame, feature)
        high = np.minimum(high, end)
    mask = frame.counted(feature)
    seen = kernels.last_same(frame.part.starts, low, high, mask, codes, size) >= 0
    if feature.window is None or not feature.window.finite:
        seen |= frame.carry.seen(feature.key, frame, frame.expression(argument))
    return nullable(~seen, codes >= 0)


_AGGREGATES: dict[str, Callable[[LaneFrame, Windowed, Aggregate], pl.Series]] = {
    "count": _count,
    "sum": _sum,
    "mean": _mean,
    "std": _std,
    "min": _extreme,
    "max": _extreme,
    "distinct": _distinct,
    "first": _edge_value,
    "last": _edge_value,
}
_POINTS: dict[str, Callable[[LaneFrame, Windowed, Point], pl.Series]] = {
    "previous": _previous,
    "time_since_previous": _previous,
    "time_since_first": _since_first,
    "is_first": _is_first,
}
