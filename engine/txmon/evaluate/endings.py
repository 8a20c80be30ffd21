"""Absent steps at the end: which chains were not followed by what they forbid, and from when on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txmon import kernels
from txmon.evaluate.linked import Leaves, linked_groups, linked_ranks
from txmon.evaluate.partials import first_passing, slot
from txmon.evaluate.steps import fit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.steps import Fit, Ground
    from txmon.language.checked import Step

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Ending:
    """For each chain: its deadline, whether nothing forbidden came by then, and what passed it.

    ``passed`` is the first transaction of the run later than the deadline, their number if none is.
    """

    deadline: Array
    quiet: Array
    passed: Array


def ended(ground: Ground, step: Step, at: Array, first: Array, rows: Mapping[str, Array]) -> Ending:
    """What became of chains whose last row is ``at`` and first row ``first``.

    Args:
        ground: what the sequence stands on.
        step: the absent step at its end.
        at: positions of the chains' last rows, ascending.
        first: positions of their first rows.
        rows: by slot, the positions of the rows that the absent step may read.
    """
    frame, absent = ground.frame, fit(ground.frame, step, ground.base)
    since, length = (at, step.within) if step.within is not None else (first, ground.sequence.span)
    deadline = frame.times[since] + length
    forbidden = _next_forbidden(ground, absent, at, rows, deadline)
    there = np.minimum(forbidden, frame.height - 1)
    same = (forbidden < frame.height) & (ground.timeline[there] == ground.timeline[at])
    quiet = ~(same & (frame.times[there] <= deadline))
    return Ending(deadline, quiet, _passed(frame, at, deadline))


def _next_forbidden(
    ground: Ground, absent: Fit, at: Array, rows: Mapping[str, Array], deadline: Array
) -> Array:
    """The first position after each chain that its absent step forbids; the height if none."""
    frame = ground.frame
    if not absent.asked.linked:
        return np.append(absent.rows, frame.height)[np.searchsorted(absent.rows, at, side="right")]
    if absent.asked.one_reference:
        return _next_linked(ground, absent, at, rows)
    low = np.searchsorted(absent.rows, at, side="right")
    high = np.searchsorted(absent.rows, _until(ground, at, deadline))
    return first_passing(frame, absent, rows, (low, high))


def _until(ground: Ground, at: Array, deadline: Array) -> Array:
    """The position after the last row of each chain's timeline up to its deadline."""
    moments, ranked = np.unique(ground.frame.times, return_inverse=True)
    keys = ground.timeline * (moments.size + 1) + ranked
    edge = np.searchsorted(moments, deadline, side="right")
    return np.searchsorted(keys, ground.timeline[at] * (moments.size + 1) + edge)


def _next_linked(ground: Ground, absent: Fit, at: Array, rows: Mapping[str, Array]) -> Array:
    """As the latest start of a step, with the order turned round."""
    height = ground.frame.height
    read = rows[slot(absent.asked.links[0].target)]
    mine, theirs = linked_groups(ground, absent, at, read)
    rank, asked_rank, asks = linked_ranks(ground, absent, read, mirrored=True)
    known = np.flatnonzero((mine >= 0) & (rank >= 0))[::-1]
    tree = Leaves.of(mine[known], rank[known], asked_rank)
    low, high = tree.compared(theirs, asked_rank, asks)
    high = np.where((theirs < 0) | (asked_rank < 0), low, high).astype(np.int32)
    turned = (height - 1 - absent.rows[known]).astype(np.int32)
    found = kernels.best_linked(
        turned,
        tree.leaf,
        turned,
        (height - 1 - at[::-1]).astype(np.int32),
        np.zeros(at.size, np.int32),
        low[::-1].copy(),
        high[::-1].copy(),
    )[::-1]
    return np.where(found < 0, height, height - 1 - found)


def _passed(frame: LaneFrame, at: Array, deadline: Array) -> Array:
    """The first transaction of the run, of the same case, that is later than each deadline."""
    clock, key = frame.table.clock, frame.plan.case_key
    moments, ranked = np.unique(clock.times, return_inverse=True)
    keys = clock.cases * (moments.size + 1) + ranked
    order = np.argsort(keys, kind="stable")
    mine = np.zeros(at.size, np.int64) if key is None else frame.some(key, at).to_numpy()
    edge = np.searchsorted(moments, deadline, side="right")
    place = np.searchsorted(keys[order], mine * (moments.size + 1) + edge)
    row = np.append(order, order.size)[place]
    same = np.append(clock.cases, -1)[row] == mine
    return np.where(same, row, order.size)
