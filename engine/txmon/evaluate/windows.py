"""The value of an aggregate or point at every row of a lane's part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.lanes import codes_of
from txmon.language.nodes import Aggregate, Expr, Point, Span
from txmon.language.numbers import divide

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.evaluate.frame import LaneFrame
    from txmon.plan import Windowed
    from txmon.types import Type

Array = np.ndarray[Any, Any]
SQUARE_LIMIT = 2**126


def windowed(frame: LaneFrame, feature: Windowed) -> pl.Series:
    """The feature's value at every row of the part; null is unknown."""
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


def _nullable(values: Array, known: Array) -> pl.Series:
    if known.all():
        return pl.Series(values)
    return pl.select(pl.when(pl.Series(known)).then(pl.Series(values))).to_series()


def _overflowing(frame: LaneFrame, feature: Windowed, overflow: Array) -> None:
    """Remember which unknown values are so by overflow, for the count of causes."""
    if overflow.any():
        frame.overflows[feature.key] = pl.Series(overflow)


def _sum(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    x, mask = _argument(frame, feature, node.arguments[0])
    sums, fits = _total(frame, feature, x, mask)
    _overflowing(frame, feature, ~fits)
    return _nullable(sums, fits)


def _shift(type_: Type) -> int:
    return int(10 ** (type_.scale - type_.base_scale))


def _mean(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    x, mask = _argument(frame, feature, node.arguments[0])
    sums, fits = _total(frame, feature, x, mask)
    n = _counted(frame, feature, mask)
    _overflowing(frame, feature, ~fits)
    with np.errstate(divide="ignore", invalid="ignore"):
        means = sums.astype(np.float64) / (n * _shift(node.arguments[0].type)).astype(np.float64)
    return _nullable(means, (n > 0) & fits)


def _std(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    x, mask = _argument(frame, feature, node.arguments[0])
    sums, fits = _total(frame, feature, x, mask)
    n = _counted(frame, feature, mask)
    low, high = _bounds(frame, feature)
    begin = (_begin(frame, feature, name) for name in ("a", "b", "c"))
    a, b, c = kernels.squares(frame.part.starts, low, high, mask, x, *begin)
    parts = pl.DataFrame({"n": n, "sum": sums, "a": a, "b": b, "c": c, "fits": fits})
    square = _wide("a") * 2**64 + _wide("b") * 2**32 + _wide("c")
    small = pl.col("fits") & (square < pl.lit(SQUARE_LIMIT - 1, pl.Int128) // _wide("n") + 1)
    spread = _wide("n") * square - _wide("sum") * _wide("sum")
    degrees = (pl.col("n") * (pl.col("n") - 1)).cast(pl.Float64)
    value = divide(spread.cast(pl.Float64), degrees).sqrt()
    factor = _shift(node.arguments[0].type)
    value = value if factor == 1 else divide(value, pl.lit(float(factor)))
    some = parts.with_columns(enough=pl.col("n") > 1)
    known = some.select(
        pl.when("enough").then(small).alias("small"),
        pl.when(pl.col("enough") & small).then(value).alias("std"),
    )
    _overflowing(frame, feature, ~known["small"].fill_null(value=True).to_numpy())
    return known["std"]


def _wide(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int128)


def _extreme(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    values = frame.expression(node.arguments[0])
    mask = frame.counted(feature) & values.is_not_null().to_numpy()
    low, high = _bounds(frame, feature)
    largest = node.function == "max"
    best = kernels.extreme(frame.part.starts, low, high, mask, _sortable(values), largest)
    found = _gather(values, best)
    before = frame.carry.value(feature.key, frame, found.dtype)
    if before is None:
        return found
    pick = pl.max_horizontal if largest else pl.min_horizontal
    both = pl.DataFrame({"found": found, "before": before.gather(_timeline_of(frame))})
    return both.select(pick("found", "before")).to_series()


def _sortable(values: pl.Series) -> Array:
    """Integers in the order of the values: floats by their bits, turned for negatives."""
    if values.dtype != pl.Float64:
        return np.ascontiguousarray(values.cast(pl.Int64, strict=False).fill_null(0).to_numpy())
    bits = (values.fill_null(0.0) + 0.0).to_numpy().view(np.int64)
    return np.where(bits < 0, np.int64(-1) ^ (bits & np.int64(2**63 - 1)), bits)


def _gather(values: pl.Series, positions: Array) -> pl.Series:
    """The value at each position, null where the position is -1."""
    index = pl.Series(positions)
    return values.gather(pl.select(pl.when(index >= 0).then(index)).to_series())


def _timeline_of(frame: LaneFrame) -> pl.Series:
    timelines = np.arange(frame.part.starts.size - 1, dtype=np.int32)
    return pl.Series(_per_row(frame, timelines))


def _distinct(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    codes, size = value_codes(frame, node.arguments)
    low, high = _bounds(frame, feature)
    mask = frame.counted(feature) & (codes >= 0)
    return pl.Series(kernels.distinct(frame.part.starts, low, high, mask, codes, size))


def value_codes(frame: LaneFrame, arguments: tuple[Expr, ...]) -> tuple[Array, int]:
    """Values or tuples as int32 codes from 0 (-1 where any is null), and how many there may be."""
    codes = [_codes(frame, frame.expression(argument)) for argument in arguments]
    if len(codes) == 1:
        return codes[0], int(codes[0].max(initial=0)) + 1
    packed = codes[0].astype(np.int64)
    for other in codes[1:]:
        packed = np.unique(packed, return_inverse=True)[1] << 32 | other
    _, dense = np.unique(packed, return_inverse=True)
    known = np.logical_and.reduce([code >= 0 for code in codes])
    return np.where(known, dense, -1).astype(np.int32), int(dense.max(initial=0)) + 1


def _codes(frame: LaneFrame, values: pl.Series) -> Array:
    if values.dtype == pl.String:
        values = values.cast(pl.Categorical(frame.table.texts))
    return codes_of(values)


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
    found = _gather(values, at)
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
    return _nullable(~seen, codes >= 0)


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
