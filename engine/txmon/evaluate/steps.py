"""The rows that could fill each step of a sequence, and how they compare with earlier rows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.table import TIME, true
from txmon.language.compile import evaluated
from txmon.language.links import Asked, asked
from txmon.language.nodes import column_names, feature_names, is_arithmetic
from txmon.language.numbers import align, as_type
from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.evaluate.frame import LaneFrame
    from txmon.language.checked import Sequence, Step
    from txmon.language.links import Link
    from txmon.language.nodes import Expr
    from txmon.types import Type

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Fit:
    """A step and the positions of the rows that pass what it asks of them alone, ascending."""

    step: Step
    asked: Asked
    rows: Array


@dataclass(frozen=True, slots=True)
class Ground:
    """What a sequence stands on: a part, the rows its rule sees, and how far back chains reach.

    ``timeline`` numbers the timeline of every position. A chain that ends at a position begins at
    ``floor`` or later; ``cut`` says where that is later than ``within`` asks, because of the limit.
    """

    frame: LaneFrame
    sequence: Sequence
    base: Array
    fits: tuple[Fit, ...]
    timeline: Array
    floor: Array
    cut: Array


def ground(frame: LaneFrame, sequence: Sequence, base: Array) -> Ground:
    """The rows that could fill each present step, and the floor of every chain."""
    fits = tuple(fit(frame, step, base) for step in sequence.present)
    floor = since(frame, sequence.span)
    cut = np.zeros(frame.height, np.bool_)
    if sequence.search_limit is not None:
        floor, cut = _limited(fits, floor, sequence.search_limit)
    counts = np.diff(frame.part.starts)
    timeline = np.repeat(np.arange(counts.size, dtype=np.int64), counts)
    return Ground(frame, sequence, base, fits, timeline, floor, cut)


def fit(frame: LaneFrame, step: Step, base: Array) -> Fit:
    """The rows of the rule that pass what a step asks of them alone."""
    parts = asked(step.when)
    mask = reduce(lambda so_far, part: so_far & true(frame.expression(part)), parts.own, base)
    return Fit(step, parts, np.flatnonzero(mask).astype(np.int32))


def since(frame: LaneFrame, length: int | None) -> Array:
    """At each position, the first one of its timeline at most ``length`` microseconds before."""
    starts = frame.part.starts
    if length is None:
        return np.repeat(starts[:-1], np.diff(starts))
    bounds: Array = kernels.time_bounds(starts, frame.times, length + 1)
    return bounds


def _limited(fits: tuple[Fit, ...], floor: Array, limit: int) -> tuple[Array, Array]:
    """The floor raised to the latest ``limit`` rows that could fill a step, and where it was."""
    rows = np.unique(np.concatenate([one.rows for one in fits]))
    before = np.searchsorted(rows, np.arange(floor.size))
    cut = before - np.searchsorted(rows, floor) > limit
    raised = np.append(rows, 0)[np.maximum(before - limit, 0)]
    return np.where(cut, raised, floor).astype(np.int32), cut


def values(frame: LaneFrame, node: Expr, type_: Type, rows: Array) -> pl.Series:
    """The value of an expression at some positions, as one of another type of its kind."""
    compiled = frame.compiler.expression(node)
    if is_arithmetic(type_) or type_.kind is Kind.TIME:
        compiled = as_type(compiled, node.type, type_)
    names = sorted({TIME} | column_names(node) | feature_names(node))
    return evaluated(pl.DataFrame([frame.some(name, rows) for name in names]), compiled)


def common_type(link: Link) -> Type:
    """The type at which the two sides of a link meet."""
    kind = link.own.type
    exact = is_arithmetic(kind) or kind.kind is Kind.TIME
    return align(link.own.type, link.other.type) if exact else kind


def ranks(mine: pl.Series, others: pl.Series) -> tuple[Array, Array]:
    """Both as numbers that compare as the values do; -1 for null."""
    if mine.dtype != others.dtype:
        mine, others = mine.cast(pl.String), others.cast(pl.String)
    both = pl.concat([mine.alias("value"), others.alias("value")], rechunk=True)
    if isinstance(both.dtype, pl.Categorical):
        both = both.to_physical()
    numbers = (both.rank("dense").cast(pl.Int64) - 1).fill_null(-1).to_numpy()
    return numbers[: mine.len()], numbers[mine.len() :]


def grouped(mine: list[Array], others: list[Array]) -> tuple[Array, Array]:
    """Several codes a row as one, equal where all are; -1 where one is."""
    own, other = mine[0], others[0]
    for left, right in zip(mine[1:], others[1:], strict=True):
        size = max(int(left.max(initial=0)), int(right.max(initial=0))) + 1
        joined = np.concatenate([_joined(own, left, size), _joined(other, right, size)])
        _, dense = np.unique(joined, return_inverse=True)
        dense = np.where(joined < 0, -1, dense)
        own, other = dense[: own.size], dense[own.size :]
    return own, other


def _joined(codes: Array, more: Array, size: int) -> Array:
    return np.where((codes < 0) | (more < 0), -1, codes * size + more)
