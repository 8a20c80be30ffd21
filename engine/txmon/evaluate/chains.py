"""The latest chain of a sequence at every row that completes one, in near-linear time.

Step by step the latest start of a chain that ends in a row is found among the rows of the step
before; then the latest chains are read off backwards. No chain is ever listed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from txmon import kernels
from txmon.evaluate.linked import Leaves, linked_groups, linked_ranks
from txmon.evaluate.steps import Fit, Ground, fit, since
from txmon.language.links import asked

if TYPE_CHECKING:
    from txmon.language.checked import Sequence, Step

Array = np.ndarray[Any, Any]
MANY = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True)
class Chains:
    """The latest chain at every position that completes one, ascending.

    ``firsts`` and ``lasts`` have, step by step, the positions of the first and last row it took.
    The rows of chain i are slices: of each step ``counts`` places of ``at`` that end at ``ends``.
    """

    complete: Array
    firsts: tuple[Array, ...]
    lasts: tuple[Array, ...]
    slices: tuple[tuple[Array, Array, Array], ...]

    def paths(self, chosen: Array) -> tuple[Array, Array]:
        """Positions of the rows of some chains, chain after chain, and how many each has."""
        owners, rows = [], []
        for at, ends, counts in self.slices:
            mine = counts[chosen]
            owner = np.repeat(np.arange(chosen.size), mine)
            back = np.arange(owner.size) - np.repeat(np.cumsum(mine) - mine, mine)
            owners.append(owner)
            rows.append(at[np.repeat(ends[chosen], mine) - back])
        owner, row = np.concatenate(owners), np.concatenate(rows)
        order = np.lexsort((row, owner))
        return row[order], np.bincount(owner, minlength=chosen.size)


@dataclass(frozen=True, slots=True)
class _Ordered:
    """A step's rows in order of group and position; ``start`` is the latest a chain can have.

    The rest is about the step before: where its rows that fit stand among ``before``, with their
    positions, latest starts, ranks, and places in their own order.
    """

    step: Step
    at: Array
    first: Array
    start: Array
    low: Array
    high: Array
    rank: Array
    before: Array
    before_start: Array
    before_rank: Array
    before_place: Array
    asks: int = 0


def chains(ground: Ground) -> Chains:
    """The latest chains of a sequence whose steps look at the row right before them at most."""
    return _read_off(ground, _filled(ground))


def could_complete(ground: Ground) -> Array:
    """The positions where a chain might end, by what each step asks of its row alone; no limit."""
    sequence = ground.sequence
    known = [step for step in sequence.steps if not (step.absent and _unclear(sequence, step))]
    alone = tuple(replace(one, asked=replace(one.asked, links=(), rest=())) for one in ground.fits)
    floor = since(ground.frame, sequence.span)
    plain = replace(sequence, steps=tuple(known))
    last = _filled(replace(ground, sequence=plain, fits=alone, floor=floor))[-1]
    return np.sort(last.at[(last.start >= 0) & (last.start >= floor[last.at])])


def _unclear(sequence: Sequence, barrier: Step) -> bool:
    """Whether more than the rows of two steps decides if an absent step came between them."""
    after = sequence.steps[sequence.steps.index(barrier) + 1 :]
    return asked(barrier.when).linked or (bool(after) and after[0].repeated)


def _filled(ground: Ground) -> list[_Ordered]:
    """The rows of every step with their latest starts."""
    ordered = [_first(ground, ground.fits[0])]
    for position in range(1, len(ground.fits)):
        ordered.append(_next(ground, position, ordered[-1]))
    return ordered


def _places_of(groups: Array) -> Array:
    """The first place of each place's group, in an order by group."""
    change = np.ones(groups.size, np.bool_)
    change[1:] = groups[1:] != groups[:-1]
    begins = np.flatnonzero(change)
    first: Array = begins[np.cumsum(change) - 1].astype(np.int32)
    return first


def _counted_back(at: Array, first: Array, count: int) -> Array:
    """The position of the row ``count - 1`` rows back in the group; -1 if there is none."""
    place = np.arange(at.size) - (count - 1)
    return np.where(place >= first, at[np.maximum(place, 0)], -1).astype(np.int32)


def _first(ground: Ground, fit: Fit) -> _Ordered:
    rows = fit.rows
    first = _places_of(ground.timeline[rows])
    start = _counted_back(rows, first, fit.step.least)
    none = np.zeros(0, np.int32)
    return _Ordered(fit.step, rows, first, start, none, none, none, none, none, none, none)


def _next(ground: Ground, position: int, before: _Ordered) -> _Ordered:
    """The rows of a step, with the latest starts by way of the step before."""
    fit, height = ground.fits[position], ground.frame.height
    known = np.flatnonzero(before.start >= 0)
    known = known[np.argsort(before.at[known])]
    earlier = before.at[known]
    own, other = linked_groups(ground, fit, earlier, earlier)
    mine, theirs, asks = linked_ranks(ground, fit, earlier)
    order = _by_group(own, mine)
    at, groups, rank = fit.rows[order], own[order], mine[order].astype(np.int32)
    first = _places_of(groups)
    since_ = _since(ground, position)[at]
    until = _counted_back(at, first, fit.step.least)
    sorted_ = _by_group(other, theirs)
    keys = other[sorted_] * (height + 1) + earlier[sorted_]
    low = np.searchsorted(keys, groups * (height + 1) + since_).astype(np.int32)
    high = np.searchsorted(keys, groups * (height + 1) + np.maximum(until, 0)).astype(np.int32)
    starts = before.start[known]
    if asks:
        start = _linked((earlier, other, theirs, starts), (at, groups, rank, since_), asks)
    else:
        start = kernels.best_between(starts[sorted_], low, high)
    return _Ordered(
        fit.step,
        at,
        first,
        start,
        low,
        high,
        rank,
        earlier[sorted_],
        starts[sorted_],
        theirs[sorted_].astype(np.int32),
        known[sorted_].astype(np.int32),
        asks,
    )


def _by_group(groups: Array, ranks: Array) -> Array:
    """Rows with neither unknown, in order of group and position."""
    order = np.argsort(groups, kind="stable")
    return order[(groups[order] >= 0) & (ranks[order] >= 0)]


def _since(ground: Ground, position: int) -> Array:
    """At each position, the first one that the step before may end at."""
    step, barrier = ground.fits[position].step, ground.sequence.barrier(position)
    low = since(ground.frame, step.within)
    if barrier is None:
        return low
    rows = fit(ground.frame, barrier, ground.base).rows
    place = np.searchsorted(rows, np.arange(low.size)) - 1
    latest = np.append(rows, -1)[place]
    bounds: Array = np.maximum(low, latest).astype(np.int32)
    return bounds


def _linked(
    earlier: tuple[Array, Array, Array, Array], rows: tuple[Array, Array, Array, Array], asks: int
) -> Array:
    """Latest starts by way of earlier rows of the group whose rank compares as it is asked."""
    before, other, theirs, starts = earlier
    at, groups, rank, since_ = rows
    known = np.flatnonzero((other >= 0) & (theirs >= 0))
    tree = Leaves.of(other[known], theirs[known], rank)
    low, high = tree.compared(groups, rank, asks)
    ascending = np.argsort(at)
    start = np.empty(at.size, np.int32)
    start[ascending] = kernels.best_linked(
        before[known],
        tree.leaf,
        starts[known],
        at[ascending],
        since_[ascending],
        low[ascending],
        high[ascending],
    )
    return start


def _read_off(ground: Ground, ordered: list[_Ordered]) -> Chains:
    """The latest chains, from their last rows back to their first."""
    last = ordered[-1]
    ends = np.flatnonzero((last.start >= 0) & (last.start >= ground.floor[last.at]))
    ends = ends[np.argsort(last.at[ends])].astype(np.int32)
    complete = last.at[ends]
    floors = ground.floor[complete]
    slices = []
    for one in reversed(ordered[1:]):
        counts, left = _back(one, ends, floors)
        slices.append((one.at, ends, counts))
        ends = one.before_place[left]
    head = ordered[0]
    place = np.searchsorted(head.at, floors)
    most = MANY if head.step.most is None else head.step.most
    counts = np.minimum(ends - np.maximum(place, head.first[ends]) + 1, most)
    slices.append((head.at, ends, counts))
    slices.reverse()
    return Chains(
        complete,
        tuple(at[ends - counts + 1] for at, ends, counts in slices),
        tuple(at[ends] for at, ends, _ in slices),
        tuple(slices),
    )


def _back(one: _Ordered, ends: Array, floors: Array) -> tuple[Array, Array]:
    step = one.step
    taken, left = kernels.step_back(
        ends,
        floors,
        one.at,
        one.first,
        one.low,
        one.high,
        one.rank,
        one.before,
        one.before_start,
        one.before_rank,
        step.least,
        MANY if step.most is None else step.most,
        one.asks,
    )
    return taken, left
