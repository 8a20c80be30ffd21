"""The next carry: which rows a later payment may still reach, and totals of those it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.aggregates import first_digits
from txmon.evaluate.carry import TIMELINE, Carry
from txmon.evaluate.exports import places_of
from txmon.evaluate.lanes import lane_name
from txmon.evaluate.reversals import undone_marks
from txmon.evaluate.table import TIME
from txmon.language.nodes import Aggregate, Expr, Span
from txmon.plan import Windowed
from txmon.plan.parts import closure
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.evaluate.frame import LaneFrame
    from txmon.plan import Lane, Plan

Array = np.ndarray[Any, Any]
_KEPT_VALUE = {"first", "last", "previous", "time_since_previous", "time_since_first"}
DIGITS = tuple(f"d{digit}" for digit in range(1, 10))
_EARLIEST = {"first", "time_since_first"}


def retain(
    plan: Plan,
    carry: Carry,
    rows: pl.DataFrame,
    frames: Mapping[Lane, Sequence[LaneFrame]],
    nested: Sequence[str],
) -> Carry:
    """The carry after ``rows``, which hold those retained before and the new ones.

    Args:
        plan: the plan that was evaluated.
        carry: the carry that the evaluation started from.
        rows: the table's rows in storage form.
        frames: every part of every lane.
        nested: keys of the features that are read at past rows.
    """
    last = int(rows[TIME].to_physical()[-1])
    kept: dict[str, Array] = {}
    running = dict(carry.running)
    for lane, parts in frames.items():
        flags = np.zeros(rows.height * (2 if lane.sided else 1), np.bool_)
        for frame in parts:
            edges = _edges(frame, last)
            stays = frame.positions >= np.repeat(edges, np.diff(frame.part.starts))
            flags[frame.part.refs[stays & frame.stands]] = True
            for feature in _running(plan, lane):
                running[feature.key] = _folded(frame, feature, running.get(feature.key), ~stays)
        kept[lane_name(lane)] = flags
    late = any(condition.delay for condition in plan.every_condition)
    stay = _retained(rows, kept, frames, nested, plan, late=late)
    return Carry(stay, running, carry.open, carry.data_start)


def _features(plan: Plan, lane: Lane) -> list[Windowed]:
    every = plan.features.values()
    return [feature for feature in every if isinstance(feature, Windowed) and feature.lane == lane]


def _running(plan: Plan, lane: Lane) -> list[Windowed]:
    return [
        feature
        for feature in _features(plan, lane)
        if feature.window is None or not feature.window.finite or _fills(feature)
    ]


def _fills(feature: Windowed) -> bool:
    """Whether blocks without rows count, from the timeline's first row on."""
    inner = feature.node.inner if isinstance(feature.node, Aggregate) else None
    return inner is not None and inner.fills


def _edges(frame: LaneFrame, last: int) -> Array:
    """Per timeline, the first position that a later row's window may hold."""
    edges = frame.part.starts[1:].copy()
    delays = _delays(frame.plan)
    for feature in _features(frame.plan, frame.part.lane):
        window = feature.window
        if window is not None and window.finite:
            since = last - delays.get(feature.key, 0)
            edges = np.minimum(edges, _edge(frame, feature, since))
    for condition in frame.plan.conditions:
        if condition.graph is not None and condition.lane == frame.part.lane:
            edges = np.minimum(edges, _from_time(frame, last - condition.graph.within))
        if condition.sequence is not None and condition.lane == frame.part.lane:
            since = last - condition.delay - condition.sequence.span
            edges = np.minimum(edges, _from_time(frame, since))
    return edges


def _delays(plan: Plan) -> dict[str, int]:
    """How long after a row its window may still be asked for, by feature."""
    delays: dict[str, int] = {}
    for condition in plan.conditions:
        if condition.delay:
            for key in closure(plan.features, condition.features.values()):
                delays[key] = max(delays.get(key, 0), condition.delay)
    return delays


def _from_time(frame: LaneFrame, since: int) -> Array:
    """Per timeline, the first position with a time of at least ``since``."""
    starts = frame.part.starts
    inside = (frame.times >= since).astype(np.int32)
    first: Array = starts[1:] - np.add.reduceat(inside, starts[:-1])
    return first


def _edge(frame: LaneFrame, feature: Windowed, last: int) -> Array:
    window, starts = feature.window, frame.part.starts
    assert window is not None  # noqa: S101 - only finite windows come here
    if window.span is Span.PERIODS:
        return _from_time(frame, int(frame.calendar.bounds(window, np.array([last]))[0][0]))
    if window.span is not Span.ROWS:
        return _from_time(frame, last - window.length - window.ending + 1)
    filling = frame.counted(feature) if window.matching else frame.base(feature.base)
    low: Array = kernels.row_bounds(starts, frame.high(excluding=False), filling, window.length)
    edge: Array = low[np.minimum(starts[1:] - 1, _from_time(frame, last))]
    return edge


def _folded(
    frame: LaneFrame, feature: Windowed, before: pl.DataFrame | None, leaving: Array
) -> pl.DataFrame:
    """A feature's running state with the rows that leave added to it."""
    function, values, counted = _state(frame, feature)
    mask = counted & leaving
    if function not in _KEPT_VALUE and values is not None:
        mask = mask & values.is_not_null().to_numpy()
    index = pl.Series(np.flatnonzero(mask))
    timelines = np.repeat(
        np.arange(frame.timelines.len(), dtype=np.int32), np.diff(frame.part.starts)
    )
    rows = pl.DataFrame({TIMELINE: frame.timelines.gather(pl.Series(timelines[mask]))})
    if values is not None:
        rows = rows.with_columns(value=_stored(values.gather(index), feature))
    if function == "benford" and values is not None:
        rows = rows.with_columns(_digits(values.gather(index)))
    lifted = rows.select(TIMELINE, *_lift(function))
    states = lifted if before is None else pl.concat([before, lifted], how="vertical_relaxed")
    if function == "is_first":
        return states.unique(maintain_order=True)
    return states.group_by(TIMELINE, maintain_order=True).agg(*_combine(function))


def _state(frame: LaneFrame, feature: Windowed) -> tuple[str, pl.Series | None, Array]:
    """Which function is to be resumed, of which values, of which rows."""
    if _fills(feature):
        return "time_since_first", frame.column(TIME), frame.base(feature.base)
    return feature.node.function, _values(frame, feature), frame.counted(feature)


def _values(frame: LaneFrame, feature: Windowed) -> pl.Series | None:
    node = feature.node
    arguments: tuple[Expr | None, ...] = (
        node.arguments[:1] if isinstance(node, Aggregate) else (node.argument,)
    )
    if arguments and arguments[0] is not None:
        return frame.expression(arguments[0])
    return None if node.function == "count" else frame.column(TIME)


def _stored(values: pl.Series, feature: Windowed) -> pl.Series:
    if isinstance(values.dtype, pl.Categorical) or feature.node.function == "is_first":
        return values.cast(pl.String)
    return values


def _digits(values: pl.Series) -> list[pl.Series]:
    """Which first digit each value has, as one count a digit."""
    digits = first_digits(values.cast(pl.Int64).to_numpy())
    return [
        pl.Series(name, (digits == digit).astype(np.int64)) for digit, name in enumerate(DIGITS, 1)
    ]


def _lift(function: str) -> list[pl.Expr]:
    """A single row as a state of its own."""
    if function == "is_first":
        return [pl.col("value")]
    n = pl.lit(1, pl.Int64).alias("n")
    if function == "count":
        return [n]
    if function in _KEPT_VALUE | {"min", "max"}:
        return [n, pl.col("value")]
    if function == "benford":
        return [n, *map(pl.col, DIGITS)]
    x = pl.col("value").cast(pl.Int64, strict=False).cast(pl.Int128)
    return [n, x.alias("total"), (x * x).alias("square")]


def _combine(function: str) -> list[pl.Expr]:
    """States of one timeline, oldest first, as one."""
    n = pl.col("n").sum()
    if function == "count":
        return [n]
    if function == "benford":
        return [n, *(pl.col(name).sum() for name in DIGITS)]
    value = pl.col("value")
    if function in {"min", "max"}:
        return [n, value.min() if function == "min" else value.max()]
    if function in _KEPT_VALUE:
        return [n, value.first() if function in _EARLIEST else value.last()]
    return [n, pl.col("total").sum(), pl.col("square").sum()]


def _retained(
    rows: pl.DataFrame,
    kept: Mapping[str, Array],
    frames: Mapping[Lane, Sequence[LaneFrame]],
    nested: Sequence[str],
    plan: Plan,
    *,
    late: bool,
) -> pl.DataFrame:
    """The rows that some lane keeps, with which lanes do and the values read at past rows.

    Where alerts may come late the last row stays too: it tells how far time had come.
    """
    plain = [name for name in rows.columns if not name.startswith(("keep:", "value:", "#"))]
    columns = {name: rows[name] for name in plain}
    some = np.zeros(rows.height, np.bool_)
    some[-1] = late
    for lane, flags in kept.items():
        for side, mine in enumerate(_by_side(flags, rows.height)):
            columns[f"keep:{lane}:{side}"] = pl.Series(mine)
            some |= mine
    for key in nested:
        feature = plan.features[key]
        if isinstance(feature, Windowed):
            columns |= _value_columns(key, feature, frames[feature.lane], rows)
    columns |= undone_marks(rows, plan.bases)
    return pl.DataFrame(columns).filter(pl.Series(some))


def _by_side(flags: Array, height: int) -> list[Array]:
    return [flags[0::2], flags[1::2]] if flags.size > height else [flags]


def _value_columns(
    key: str, feature: Windowed, frames: Sequence[LaneFrame], rows: pl.DataFrame
) -> dict[str, pl.Series]:
    """A feature's values by row; rows that have left its lane keep the values they had."""
    sided = feature.lane.values_sided
    sides = 2 if sided else 1
    places = places_of([frame.part for frame in frames], rows.height * sides)
    values = pl.concat([frame.answered(key) for frame in frames])
    values = values.cast(pl.String) if feature.type.kind is Kind.TEXT else values
    columns = {}
    for side in range(sides):
        name = f"value:{key}:{side}" if sided else f"value:{key}"
        at = pl.Series(places[side::sides])
        now = values.gather(pl.select(pl.when(at >= 0).then(at)).to_series())
        before = rows[name] if name in rows.columns else now
        columns[name] = pl.select(pl.when(at >= 0).then(now).otherwise(before)).to_series()
    return columns
