"""The transactions behind each alert: the rows counted in the windows of its true clauses."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.judge import LEVEL, PATH, PATH_START
from txmon.evaluate.measured import compiler_of
from txmon.evaluate.outcome_rows import REF
from txmon.evaluate.pairs import agreeing
from txmon.evaluate.suppression import ROW
from txmon.evaluate.table import TIME
from txmon.language.calendar import Calendar
from txmon.language.compile import evaluated
from txmon.language.nodes import Aggregate, Expr, Span, feature_names
from txmon.plan import Derived, Windowed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from txmon.evaluate.frame import LaneFrame
    from txmon.plan import Condition, Lane, Plan

Array = np.ndarray[Any, Any]
EVIDENCE_LIMIT = 100
"""Evidence rows that an alert lists; the true count stands beside them."""

BATCH_ROWS = 5_000_000
_NONE = kernels.NEVER


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence of a rule's alerts, in their order.

    ``rows`` (row numbers, ascending, trigger included) of alert i stand at
    ``offsets[i]:offsets[i+1]``; ``counts`` are the true numbers. ``starts`` and ``ends`` are the
    earliest start and latest end of the windows, null where a clause reads none.
    """

    rows: Array
    offsets: Array
    counts: Array
    starts: pl.Series
    ends: pl.Series


def true_features(plan: Plan, condition: Condition, clauses: pl.DataFrame) -> dict[str, Array]:
    """Per finite aggregate of the rule, at which alerts a true clause of their level reads it.

    ``clauses`` has a Boolean column ``LEVEL:CLAUSE`` for every clause of every level, and
    ``level``, the level that raised.
    """
    reads: dict[str, Array] = {}
    for level in condition.levels:
        for number, clause in enumerate(level.clauses):
            truth = clauses[f"{level.position}:{number}"].fill_null(value=False)
            mine = (truth & (clauses[LEVEL] == level.position)).to_numpy()
            for key in _finite(plan, clause.node):
                reads[key] = reads.get(key, np.zeros(clauses.height, np.bool_)) | mine
    return reads


def _finite(plan: Plan, node: Expr) -> set[str]:
    """Aggregates over finite windows that an expression reads at its own row."""
    found: set[str] = set()
    for key in feature_names(node):
        feature = plan.features[key]
        if isinstance(feature, Derived):
            found |= _finite(plan, feature.node)
        elif isinstance(feature.node, Aggregate) and feature.node.window.finite:
            found.add(key)
    return found


def gather(
    plan: Plan,
    condition: Condition,
    alerts: pl.DataFrame,
    reads: Mapping[str, Array],
    frames: Mapping[Lane, Sequence[LaneFrame]],
) -> Evidence:
    """Collect the evidence of a rule's alerts from the lanes of the features they read."""
    triggers = alerts[ROW].to_numpy().astype(np.int64)
    starts, ends = np.full(alerts.height, _NONE), np.full(alerts.height, -_NONE)
    pairs = [np.arange(alerts.height, dtype=np.int64) << 32 | triggers]
    features = {
        key: feature for key in reads if isinstance(feature := plan.features[key], Windowed)
    }
    shut = {key: _shut(plan, feature, alerts) for key, feature in features.items()}
    for key, feature in features.items():
        _widen_shut(plan, feature, alerts, reads[key] & shut[key], (starts, ends))
    for lane in dict.fromkeys(feature.lane for feature in features.values()):
        refs = _refs(alerts, condition, lane)
        for frame in frames[lane]:
            at, owners = _found(frame, refs)
            for key, feature in features.items():
                if feature.lane == lane:
                    mine = (reads[key] & ~shut[key])[owners]
                    batches = _counted(frame, feature, at[mine], owners[mine], (starts, ends))
                    pairs.extend(np.unique(batch) for batch in batches)
                    mine = (reads[key] & shut[key])[owners]
                    _first_of_rows(frame, feature, at[mine], owners[mine], (starts, ends))
    if PATH in alerts.columns:
        pairs.append(_on_paths(alerts[PATH]))
    if PATH_START in alerts.columns:
        starts = np.minimum(starts, alerts[PATH_START].to_numpy())
        ends = np.maximum(ends, alerts[TIME].to_numpy())
    return _laid_out(different(np.concatenate(pairs)), alerts.height, starts, ends)


def different(values: Array) -> Array:
    """The different values, ascending; sorts, which is faster for many than numpy's hashing."""
    ordered = np.sort(values)
    first = np.ones(ordered.size, np.bool_)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _shut(plan: Plan, feature: Windowed, alerts: pl.DataFrame) -> Array:
    """At which alerts a feature has a timeline to ask, but no row can count there."""
    if feature.gate is None:
        return np.zeros(alerts.height, np.bool_)
    compiler = compiler_of(plan.pack)
    keys = [compiler.expression(node).is_not_null() for node in feature.key_values]
    passes = compiler.expression(feature.gate).fill_null(value=False)
    return evaluated(alerts, pl.all_horizontal(keys) & ~passes).to_numpy()


def _widen_shut(
    plan: Plan, feature: Windowed, alerts: pl.DataFrame, shut: Array, spans: tuple[Array, Array]
) -> None:
    """Stretch windows of time where no row can count: they are looked at all the same."""
    window = feature.window
    if window is not None and window.span is not Span.ROWS and shut.any():
        times = alerts[TIME].to_numpy()[shut]
        bounds = _times(Calendar(plan.pack.timezone, plan.pack.holidays), feature, times)
        _widen(feature, bounds, np.full(times.size, _NONE), np.flatnonzero(shut), spans)


def _first_of_rows(
    frame: LaneFrame, feature: Windowed, at: Array, owners: Array, spans: tuple[Array, Array]
) -> None:
    """Stretch windows of rows where no row can count."""
    window = feature.window
    if window is not None and window.span is Span.ROWS and not window.matching and at.size:
        bounds = _times(frame.calendar, feature, frame.times[at])
        arguments = _arguments(frame, feature)
        _, earliest = kernels.window_sizes(at, _first(frame, at), *bounds, *arguments)
        _widen(feature, bounds, earliest, owners, spans)


def _first(frame: LaneFrame, at: Array) -> Array:
    """The first position of the timeline of each position."""
    starts = frame.part.starts
    first: Array = starts[np.searchsorted(starts, at, side="right") - 1]
    return first


def _on_paths(paths: pl.Series) -> Array:
    """Alert number and row number, packed, of the rows that patterns took."""
    owners = np.repeat(np.arange(paths.len()), paths.list.len().to_numpy())
    rows: Array = paths.explode().to_numpy().astype(np.int64)
    return owners << 32 | rows


def _refs(alerts: pl.DataFrame, condition: Condition, lane: Lane) -> Array:
    refs: Array = alerts[REF].to_numpy().astype(np.int64)
    return refs if condition.lane.sided == lane.values_sided else refs >> 1


def _found(frame: LaneFrame, refs: Array) -> tuple[Array, Array]:
    """Which alerts' rows stand on a part: their positions, and the alerts' numbers."""
    positions, part = frame.part.answers
    wanted = np.zeros(frame.table.height * (2 if frame.part.lane.values_sided else 1), np.bool_)
    wanted[refs] = True
    here = np.flatnonzero(wanted[part]).astype(np.int32)
    if here.size == 0:
        return here, np.empty(0, np.int64)
    here = here[np.argsort(part[here])]
    place = np.minimum(np.searchsorted(part[here], refs), here.size - 1)
    owners = np.flatnonzero(part[here[place]] == refs)
    return positions[here[place[owners]]], owners


def _counted(
    frame: LaneFrame, feature: Windowed, at: Array, owners: Array, spans: tuple[Array, Array]
) -> Iterator[Array]:
    """Alert number and row number, packed, of the rows a feature counted; widens the spans."""
    first, (after, until) = _first(frame, at), _times(frame.calendar, feature, frame.times[at])
    arguments = _arguments(frame, feature)
    sizes, earliest = kernels.window_sizes(at, first, after, until, *arguments)
    _widen(feature, (after, until), earliest, owners, spans)
    for low, high in _batches(sizes):
        offsets = np.concatenate([[0], np.cumsum(sizes[low:high])]).astype(np.int64)
        some = (part[low:high] for part in (at, first, after, until))
        found = kernels.window_rows(*some, *arguments, offsets)
        asks = np.repeat(np.arange(low, high), sizes[low:high])
        if feature.mixed is not None:
            kept = agreeing(frame, feature.mixed, at[asks], found)
            asks, found = asks[kept], found[kept]
        yield owners[asks] << 32 | frame.part.rows[found].astype(np.int64)


def _arguments(frame: LaneFrame, feature: Windowed) -> tuple[Array, ...]:
    """A part and a feature's window as the evidence kernels take them."""
    window = feature.window
    assert window is not None  # noqa: S101 - aggregates always have one
    rows = window.span is Span.ROWS
    mask = frame.counted(feature)
    filling = frame.base(feature.base) if rows and not window.matching else mask
    limits = np.array([window.length if rows else 0], np.int32)
    skip = np.array([window.excluding_this], np.int32)
    return frame.part.rows, limits, frame.times, filling, mask, skip


def _times(calendar: Calendar, feature: Windowed, times: Array) -> tuple[Array, Array]:
    """The time after which a feature's window begins at some times, and until when it lasts."""
    window = feature.window
    assert window is not None  # noqa: S101 - aggregates always have one
    if window.span is Span.PERIODS:
        since, this = calendar.bounds(window, times)
        return since - 1, this - 1 if window.previous else times
    if window.span is Span.ROWS:
        return np.full(times.size, -_NONE), times
    return times - window.ending - window.length, times - window.ending


def _widen(
    feature: Windowed,
    window: tuple[Array, Array],
    earliest: Array,
    alerts: Array,
    spans: tuple[Array, Array],
) -> None:
    """Stretch each alert's window to hold the feature's."""
    assert feature.window is not None  # noqa: S101 - aggregates always have one
    since, until = window
    if feature.window.span is Span.ROWS:
        since, until = earliest, np.where(earliest == _NONE, -_NONE, until)
    elif feature.window.span is Span.PERIODS:
        since, until = since + 1, until + feature.window.previous
    starts, ends = spans
    starts[alerts] = np.minimum(starts[alerts], since)
    ends[alerts] = np.maximum(ends[alerts], until)


def _batches(sizes: Array) -> Iterator[tuple[int, int]]:
    """Runs of alerts whose rows together stay within a bound, or single alerts beyond it."""
    shares = np.cumsum(sizes) // BATCH_ROWS
    cuts = np.flatnonzero(np.diff(shares)) + 1
    edges = [0, *cuts.tolist(), sizes.size]
    yield from pairwise(edges)


def _laid_out(pairs: Array, height: int, starts: Array, ends: Array) -> Evidence:
    owners = pairs >> 32
    counts = np.bincount(owners, minlength=height)
    after = np.cumsum(counts)
    place_from_end = after[owners] - np.arange(pairs.size)
    latest = pairs[place_from_end <= EVIDENCE_LIMIT]
    kept = np.minimum(counts, EVIDENCE_LIMIT)
    offsets = np.concatenate([[0], np.cumsum(kept)])
    return Evidence(
        latest & 0xFFFFFFFF,
        offsets,
        counts,
        _known(starts, starts != _NONE),
        _known(ends, ends != -_NONE),
    )


def _known(values: Array, known: Array) -> pl.Series:
    return pl.select(pl.when(pl.Series(known)).then(pl.Series(values))).to_series()
