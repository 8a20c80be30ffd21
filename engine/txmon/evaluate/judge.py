"""A rule's outcome at every row of its lane's part, and the hits with all an alert shows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.outcome_rows import REF, outcomes_at
from txmon.evaluate.table import TIME, true
from txmon.language.causes import Causes
from txmon.language.compile import evaluated
from txmon.language.nodes import Aggregate, column_names, feature_names
from txmon.plan import Derived

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.evaluate.frame import LaneFrame
    from txmon.language.nodes import Expr
    from txmon.plan import Condition

Array = np.ndarray[Any, Any]
LEVEL = "#level"
PATH = "#path"
"""Rows that a sequence or graph pattern took, as a list of row numbers beside each hit."""

HANDED_OUT = "#handed_out"
"""Whether a hit that came of an absence is handed out: not if history passed its deadline."""

PATH_START, PATH_CUT = "path_start", "path_cut"
"""When the first of those rows was, in microseconds, and whether there may be more of them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A rule's outcomes over one part.

    ``outcomes`` leaves out rows that no timeline holds: they are not applicable. ``hits`` has a
    row a hit: ``REF`` (the row reference), ``LEVEL`` (position from 0), and the columns and
    features that the rule's conditions, message and alert name. Names of the engine's own begin
    with #, which no column's can. ``told`` has the outcome at each row, if it is asked for.
    """

    outcomes: Counter[str]
    causes: Counter[str]
    hits: pl.DataFrame
    told: pl.DataFrame | None = None


def judge(frame: LaneFrame, condition: Condition) -> Verdict:
    """Judge every row of the part by one rule."""
    base, ready = ready_rows(frame, condition)
    whens = [frame.expression(level.when) for level in condition.levels]
    levels = np.full(frame.height, -1, np.int32)
    for position in reversed(range(len(whens))):
        levels[true(whens[position])] = position
    hit = once_a_timeline(frame, ready & (levels >= 0))
    undecided = np.logical_or.reduce([when.is_null().to_numpy() for when in whens])
    unknown = ready & (levels < 0) & undecided & frame.emitted
    outcomes = counted(frame.emitted, base, ready, unknown, hit)
    chosen = np.flatnonzero(hit & frame.table.judged[frame.part.rows])
    at, causes = np.flatnonzero(unknown), _causes(frame, condition, unknown)
    told = outcomes_at(frame, base, ready, hit, (at, causes)) if condition.told else None
    return Verdict(outcomes, tally(causes), _hits(frame, condition, chosen, levels), told)


def ready_rows(frame: LaneFrame, condition: Condition) -> tuple[Array, Array]:
    """The rows that a rule sees, and those of them where ``needs`` is true."""
    base = frame.base(condition.base)
    if condition.needs is None:
        return base, base
    return base, base & true(frame.expression(condition.needs))


def once_a_timeline(frame: LaneFrame, hit: Array) -> Array:
    """A self-transfer triggers at most once on its timeline: by its first row."""
    again = second_rows(frame)
    again[1:] &= hit[:-1]
    return hit & ~again


def second_rows(frame: LaneFrame) -> Array:
    """Which positions hold the second row of a transaction that stands twice on its timeline."""
    rows, starts = frame.part.rows, frame.part.starts
    second = np.zeros(frame.height, np.bool_)
    second[1:] = rows[1:] == rows[:-1]
    second[starts[:-1]] = False
    return second


def counted(emitted: Array, base: Array, ready: Array, unknown: Array, hit: Array) -> Counter[str]:
    """How many of the emitted rows have which outcome."""
    applicable = int(np.count_nonzero(base & emitted))
    prepared = int(np.count_nonzero(ready & emitted))
    hits, unknowns = int(np.count_nonzero(hit & emitted)), int(np.count_nonzero(unknown))
    return Counter(
        applicable=applicable,
        insufficient_history=applicable - prepared,
        unknown=unknowns,
        hit=hits,
        no_hit=prepared - unknowns - hits,
    )


def _hits(frame: LaneFrame, condition: Condition, chosen: Array, levels: Array) -> pl.DataFrame:
    columns = [frame.some(name, chosen) for name in shown(condition)]
    head = [pl.Series(REF, frame.part.refs[chosen]), pl.Series(LEVEL, levels[chosen])]
    return pl.DataFrame([*head, *columns])


def shown(condition: Condition) -> list[str]:
    """Names of the columns and features that an alert of the rule is made from."""
    names = {TIME, *condition.lane.keys, *condition.features.values(), *condition.excepted}
    if condition.graph is None:
        names |= {*condition.subject}
    for node in (*condition.expressions, *condition.gates):
        names |= column_names(node) | feature_names(node)
    return sorted(names)


def tally(causes: pl.Series) -> Counter[str]:
    """How many rows have which cause."""
    return Counter(dict(causes.value_counts().iter_rows()))


def _causes(frame: LaneFrame, condition: Condition, unknown: Array) -> pl.Series:
    """The cause at each unknown row."""
    if not unknown.any():
        return pl.Series([], dtype=pl.String)
    whens = tuple(level.when for level in condition.levels)
    return causes_at(frame, whens, np.flatnonzero(unknown))


def causes_at(
    frame: LaneFrame, whens: tuple[Expr, ...], index: Array, measures: Sequence[pl.Series] = ()
) -> pl.Series:
    """The cause of the first unknown condition at some positions, with measures of paths there."""
    names = _behind(frame, whens)
    columns = [frame.some(name, index) for name in sorted({TIME, *names})]
    flags = [_flag(frame, name, index) for name in sorted(names) if _windowed(frame, name)]
    causes = Causes(frame.compiler, lambda key: _feature_cause(frame, causes, key))
    return evaluated(pl.DataFrame([*columns, *flags, *measures]), causes.first(whens))


def _windowed(frame: LaneFrame, name: str) -> bool:
    return name in frame.plan.features and not isinstance(frame.plan.features[name], Derived)


def _behind(frame: LaneFrame, nodes: Sequence[Expr]) -> set[str]:
    """Every column and feature that the value of the nodes at a row comes from."""
    names: set[str] = set()
    for node in nodes:
        keys = feature_names(node)
        names |= column_names(node) | keys
        for key in keys:
            feature = frame.plan.features[key]
            if isinstance(feature, Derived):
                names |= _behind(frame, [feature.node])
            else:
                asked = () if feature.gate is None else (feature.gate,)
                names |= _behind(frame, (*feature.key_values, *asked))
    return names


def _flag(frame: LaneFrame, key: str, index: Array) -> pl.Series:
    """Why, at some positions, a feature is unknown; null for the usual reason."""
    reason = frame.reasons.get(key)
    if reason is None:
        reason = frame.exports.reason(key, frame.part)
    if reason is None:
        return pl.repeat(None, index.size, dtype=pl.String, eager=True).alias(f"reason:{key}")
    return reason.gather(pl.Series(index)).cast(pl.String).alias(f"reason:{key}")


def _feature_cause(frame: LaneFrame, causes: Causes, key: str) -> pl.Expr:
    feature = frame.plan.features[key]
    if isinstance(feature, Derived):
        return causes.cause(feature.node)
    keys = map(frame.compiler.expression, feature.key_values)
    keyless = pl.any_horizontal([key.is_null() for key in keys] or [pl.lit(value=False)])
    cause = pl.col(f"reason:{key}").fill_null("nothing_in_window")
    if feature.gate is not None:
        passes = frame.compiler.expression(feature.gate)
        cause = pl.when(passes).then(cause).otherwise(pl.lit("nothing_in_window"))
    if isinstance(feature.node, Aggregate) or feature.node.function != "is_first":
        return pl.when(keyless).then(pl.lit("missing_value")).otherwise(cause)
    return pl.lit("missing_value")
