"""The value of an aggregate or point at every row of a lane's part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from txmon import kernels
from txmon.evaluate.aggregates import (
    Look,
    aggregated,
    with_state,
)
from txmon.evaluate.groups import grouped
from txmon.evaluate.pairs import scanned
from txmon.evaluate.ranges import Ranged
from txmon.evaluate.values import nullable, value_codes
from txmon.language.nodes import Aggregate, Point, Span

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from txmon.evaluate.frame import LaneFrame
    from txmon.plan import Windowed

Array = np.ndarray[Any, Any]


def windowed(frame: LaneFrame, feature: Windowed) -> pl.Series:
    """The feature's value at every row of the part; null is unknown."""
    node = feature.node
    if isinstance(node, Aggregate) and node.inner is not None:
        return grouped(frame, feature, node, node.inner)
    if isinstance(node, Point):
        return _POINTS[node.function](frame, feature, node)
    if feature.scans:
        return scanned(frame, feature, node)
    assert feature.window is not None  # noqa: S101 - aggregates always have one
    kind = Ranged if feature.bounds else Look
    bounds = frame.bounds(feature.window, feature)
    look = kind(frame, feature, bounds, frame.counted(feature))
    values = aggregated(look, node)
    frame.because(feature.key, "overflow", look.overflow)
    frame.because(feature.key, "search_bound", look.cut)
    return values


def _before(frame: LaneFrame) -> tuple[Array, Array]:
    """The window of every earlier row; of a payment on another timeline, every earlier payment."""
    high = frame.positions if frame.part.asked is None else frame.high(excluding=True)
    return np.zeros(frame.height, np.int32), high


def _look(frame: LaneFrame, feature: Windowed, bounds: tuple[Array, Array]) -> Look:
    return Look(frame, feature, bounds, frame.counted(feature))


def _previous(frame: LaneFrame, feature: Windowed, node: Point) -> pl.Series:
    look = _look(frame, feature, _before(frame))
    at = kernels.last_in(look.starts, look.low, look.high, look.mask)
    values = (
        frame.column("event_time") if node.argument is None else frame.expression(node.argument)
    )
    found = with_state(look, values, at, earliest=False)
    return found if node.argument is not None else frame.column("event_time") - found


def _since_first(frame: LaneFrame, feature: Windowed, _node: Point) -> pl.Series:
    low, high = np.zeros(frame.height, np.int32), frame.high(excluding=False)
    look = _look(frame, feature, (low, high))
    at = kernels.first_in(look.starts, low, high, look.mask)
    times = frame.column("event_time")
    return times - with_state(look, times, at, earliest=True)


def _is_first(frame: LaneFrame, feature: Windowed, node: Point) -> pl.Series:
    argument = node.argument
    assert argument is not None  # noqa: S101 - is_first always has one
    values = frame.both(argument)
    codes, size = value_codes(frame, [values])
    low, high = _before(frame)
    if feature.window is not None and feature.window.span is not Span.ALL:
        low, end = frame.bounds(feature.window, feature)
        high = np.minimum(high, end)
    mask = frame.counted(feature)
    seen = kernels.last_same(frame.part.starts, low, high, mask, codes, size) >= 0
    if feature.window is None or not feature.window.finite:
        seen |= frame.carry.seen(feature.key, frame, values)
    return nullable(~seen, codes >= 0)


_POINTS: dict[str, Callable[[LaneFrame, Windowed, Point], pl.Series]] = {
    "previous": _previous,
    "time_since_previous": _previous,
    "time_since_first": _since_first,
    "is_first": _is_first,
}
