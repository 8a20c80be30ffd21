"""The latest chain of any sequence with a search limit: all that could go on, step by step.

A *state* is what the rest of the sequence can tell of a chain so far: the step and count, its last
row, and the rows that can still be read. Of equal states only the latest start is kept. States are
extended a whole step at a time, as joins with the rows that fit; what joined is remembered, and the
latest chains are read off backwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.steps import Ground, fit, since
from txmon.evaluate.table import TIME, true
from txmon.language.compile import evaluated, step_column
from txmon.language.nodes import column_names, feature_names, step_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.steps import Fit
    from txmon.language.checked import Step
    from txmon.language.links import Asked, Target

Array = np.ndarray[Any, Any]
PAIRS = 2_000_000
"""Pairs of a chain and a row that are looked at together."""

PIECE = 1_000_000
"""Rows looked back to, over all rows that could complete a chain, in one piece of a search."""

MANY, WORD = np.iinfo(np.int32).max, 1 << 32

ID, FROM, STEP, COUNT, AT, START = "id", "from", "step", "count", "at", "start"
CAME, ANCHOR = "came", "anchor"
HIT, NOWHERE = "hit", -1


@dataclass(frozen=True, slots=True)
class Found:
    """The latest chain at every position that completes one, ascending.

    ``firsts`` and ``lasts`` as of ``Chains``; the rows of chain i stand at
    ``rows[offsets[i]:offsets[i+1]]``, ascending.
    """

    complete: Array
    firsts: tuple[Array, ...]
    lasts: tuple[Array, ...]
    rows: Array
    offsets: Array

    def paths(self, chosen: Array) -> tuple[Array, Array]:
        """Positions of the rows of some chains, chain after chain, and how many each has."""
        sizes = np.diff(self.offsets)[chosen]
        back = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.rows[np.repeat(self.offsets[chosen], sizes) + back], sizes


def slot(target: Target) -> str:
    """The column of a state that holds the row a step's field is read at."""
    return f"{target[0]}:{target[1]}"


def passing(
    frame: LaneFrame, parts: Asked, states: Mapping[str, Array], owners: Array, rows: Array
) -> Array:
    """Whether each row passes what a step asks of it and of the state it would extend."""
    linked = parts.linking
    if not linked or not rows.size:
        return np.ones(rows.size, np.bool_)
    names = set().union(*(column_names(node) | feature_names(node) for node in linked))
    columns = [frame.some(name, rows) for name in sorted({TIME} | names)]
    for field in frozenset().union(*map(step_fields, linked)):
        at = pl.Series(states[slot((field.step, field.edge))][owners])
        index = pl.select(pl.when(at >= 0).then(at)).to_series()
        columns.append(frame.column(field.name).gather(index).alias(step_column(field)))
    table = pl.DataFrame(columns)
    tests = (true(evaluated(table, frame.compiler.expression(node))) for node in linked)
    return reduce(np.logical_and, tests)


def ranges(low: Array, high: Array) -> Iterator[tuple[Array, Array]]:
    """Every number of ``[low[i], high[i])`` with its i, some millions at a time."""
    sizes = np.maximum(high - low, 0).astype(np.int64)
    shares = np.cumsum(sizes) // PAIRS
    edges = [0, *(np.flatnonzero(np.diff(shares)) + 1).tolist(), sizes.size]
    for begin, end in pairwise(edges):
        mine = sizes[begin:end]
        owners = np.repeat(np.arange(begin, end), mine)
        back = np.arange(owners.size) - np.repeat(np.cumsum(mine) - mine, mine)
        yield owners, low[owners] + back


def search(ground: Ground, ends: Array) -> Found:
    """The latest chains of any sequence that end at some positions, each from its floor on."""
    useful = _useful(ground, ends)
    found = [_searched(part, some) for part, some in _pieces(useful, ends)]
    if len(found) == 1:
        return found[0]
    sizes = np.concatenate([np.diff(one.offsets) for one in found])
    return Found(
        np.concatenate([one.complete for one in found]),
        tuple(map(np.concatenate, zip(*(one.firsts for one in found), strict=True))),
        tuple(map(np.concatenate, zip(*(one.lasts for one in found), strict=True))),
        np.concatenate([one.rows for one in found]),
        np.concatenate([[0], np.cumsum(sizes)]),
    )


def _useful(ground: Ground, ends: Array) -> Ground:
    """The ground without the rows that no row which could complete a chain looks back to."""
    reach = np.append(ground.floor[ends], MANY)
    kept = [one.rows[reach[np.searchsorted(ends, one.rows)] <= one.rows] for one in ground.fits]
    return _with_rows(ground, kept)


def _with_rows(ground: Ground, rows: list[Array]) -> Ground:
    fits = zip(ground.fits, rows, strict=True)
    return replace(ground, fits=tuple(replace(one, rows=mine) for one, mine in fits))


def _pieces(ground: Ground, ends: Array) -> Iterator[tuple[Ground, Array]]:
    """Some of the ends at a time, with the rows that they look back to.

    So memory is bounded by what a search looks at, however long a timeline is.
    """
    rows = np.unique(np.concatenate([one.rows for one in ground.fits]))
    floors = ground.floor[ends]
    work = np.searchsorted(rows, ends) - np.searchsorted(rows, floors) + 1
    cuts = np.flatnonzero(np.diff(np.cumsum(work) // PIECE)) + 1
    for begin, end in pairwise([0, *cuts.tolist(), ends.size]):
        low, high = (floors[begin], ends[end - 1]) if begin < end else (0, -1)
        kept = [one.rows[(one.rows >= low) & (one.rows <= high)] for one in ground.fits]
        yield _with_rows(ground, kept), ends[begin:end]


def _searched(ground: Ground, ends: Array) -> Found:
    finder = _Finder(ground)
    for position in range(len(ground.fits)):
        finder.fill(position)
    return _read_off(finder, ends)


class _Finder:
    """The states of one sequence on one part, and which came from which."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.frame = ground.frame
        self.steps = [fit.step for fit in ground.fits]
        self.floors = [ground.floor[fit.rows] for fit in ground.fits]
        self.targets = sorted(_targets(ground))
        self.slots = [slot(target) for target in self.targets] + [ANCHOR]
        self.states: list[pl.DataFrame] = []
        self.edges: list[pl.DataFrame] = []
        self._registered: dict[tuple[int, int], pl.DataFrame] = {}
        self._count = 0

    def fill(self, position: int) -> None:
        """Every state in which a step has taken rows."""
        step = self.steps[position]
        waiting = {1: self._register(position, 1, self._entries(position))}
        while waiting:
            count = min(waiting)
            frontier = waiting.pop(count)
            after = _after(step, count)
            if after is None or frontier.height == 0:
                continue
            pairs = self._extended(position, frontier, entering=False)
            found = self._register(position, after, pairs)
            waiting[after] = pl.concat([waiting[after], found]) if after in waiting else found

    def final(self) -> pl.DataFrame:
        """The states that complete the sequence."""
        return self._leaving(len(self.steps) - 1)

    def _leaving(self, position: int) -> pl.DataFrame:
        step = self.steps[position]
        ready = [
            states
            for (at, count), states in self._registered.items()
            if at == position and count >= step.least
        ]
        return pl.concat(ready) if ready else self._empty()

    def _empty(self) -> pl.DataFrame:
        names = [ID, AT, START, *self.slots]
        return pl.DataFrame({name: pl.Series([], dtype=pl.Int64) for name in names})

    def _entries(self, position: int) -> pl.DataFrame:
        """Chains that a step's first row begins or goes on with."""
        if position:
            return self._extended(position, self._leaving(position - 1), entering=True)
        fit = self.ground.fits[0]
        nothing = {name: np.full(1, NOWHERE) for name in self.slots}
        owners = np.zeros(fit.rows.size, np.int64)
        alone = passing(self.frame, fit.asked, nothing, owners, fit.rows)
        rows = fit.rows[alone].astype(np.int64)
        empty = np.full(rows.size, NOWHERE)
        table = {FROM: empty, AT: rows, START: rows, CAME: empty}
        table |= dict.fromkeys(self.slots, empty)
        return self._bound(position, pl.DataFrame(table), entering=True)

    def _extended(self, position: int, states: pl.DataFrame, *, entering: bool) -> pl.DataFrame:
        """States with one more row: every row that fits and comes soon enough."""
        fit, arrays = self.ground.fits[position], _arrays(states)
        if entering:
            arrays[ANCHOR] = arrays[AT]
        low = np.searchsorted(fit.rows, arrays[AT], side="right")
        high = self._ends(position, arrays, entering=entering)
        came = arrays[AT] * len(self.steps) + position - entering
        found = [self._empty().rename({ID: FROM}).with_columns(pl.col(AT).alias(CAME))]
        for owners, places in ranges(low, high):
            rows = fit.rows[places]
            kept = passing(self.frame, fit.asked, arrays, owners, rows)
            mine = owners[kept]
            columns = {name: arrays[name][mine] for name in self.slots}
            columns |= {FROM: arrays[ID][mine], START: arrays[START][mine], CAME: came[mine]}
            pairs = pl.DataFrame({**columns, AT: rows[kept].astype(np.int64)})
            found.append(self._latest(self._bound(position, pairs, entering=entering)))
        return self._latest(pl.concat(found, how="diagonal"))

    def _latest(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """The pairs without those that a later row beats, which lets a chain begin as late."""
        both = pl.col(START) * WORD + pl.col(CAME)
        best = pairs.group_by(AT, *self.slots).agg(both.max().alias("best"))
        kept = pairs.join(best, on=[AT, *self.slots])
        return kept.filter(pl.col(CAME) >= pl.col("best") % WORD).drop("best")

    def _ends(self, position: int, states: Mapping[str, Array], *, entering: bool) -> Array:
        """After which of the step's rows no more can extend each state."""
        fit, step = self.ground.fits[position], self.steps[position]
        ends = np.searchsorted(self.floors[position], states[START], side="right")
        if step.within is not None:
            low = since(self.frame, step.within)[fit.rows]
            ends = np.minimum(ends, np.searchsorted(low, states[ANCHOR], side="right"))
        barrier = self.ground.sequence.barrier(position)
        if barrier is not None and entering:
            until = self._barred(barrier, fit, states, ends)
            ends = np.minimum(ends, np.searchsorted(fit.rows, until, side="right"))
        return ends

    def _barred(self, barrier: Step, after: Fit, states: Mapping[str, Array], ends: Array) -> Array:
        """The position of the row that an absent step forbids, for each state; else the last."""
        absent = fit(self.frame, barrier, self.ground.base)
        last = np.append(after.rows, NOWHERE)[np.maximum(ends, 1) - 1]
        low = np.searchsorted(absent.rows, states[AT], side="right")
        high = np.searchsorted(absent.rows, last)
        return first_passing(self.frame, absent, states, (low, high))

    def _bound(self, position: int, states: pl.DataFrame, *, entering: bool) -> pl.DataFrame:
        """The states with the rows that can be read from now on, and no others."""
        step, columns = self.steps[position], []
        for target in self.targets:
            name = slot(target)
            if not self._read_later(target, position):
                columns.append(pl.lit(NOWHERE, pl.Int64).alias(name))
            elif target[0] == step.name and (entering or target[1] != "first"):
                columns.append(pl.col(AT).alias(name))
        if step.within is None or not step.repeated:
            columns.append(pl.lit(NOWHERE, pl.Int64).alias(ANCHOR))
        return states.with_columns(columns)

    def _read_later(self, target: Target, position: int) -> bool:
        """Whether a target can be read by what comes after a row of a step."""
        steps = self.steps[position + 1 :]
        steps = [self.steps[position], *steps] if self.steps[position].repeated else steps
        barriers = [self.ground.sequence.barrier(at) for at in range(position + 1, len(self.steps))]
        return any(target in _read(step) for step in (*steps, *barriers) if step is not None)

    def _register(self, position: int, count: int, pairs: pl.DataFrame) -> pl.DataFrame:
        """Give states their ids; those that are new, or that can begin later than was known."""
        key = [AT, *self.slots]
        best = pairs.group_by(key).agg(pl.col(START).max())
        known = self._registered.get((position, count), self._empty())
        joined = best.join(known, on=key, how="left", suffix="_before")
        fresh = joined.filter(pl.col(ID).is_null()).height
        numbers = pl.int_range(pl.len(), dtype=pl.Int64) + self._count
        new = joined.filter(pl.col(ID).is_null()).with_columns(numbers.alias(ID))
        better = joined.filter(pl.col(ID).is_not_null() & (pl.col(START) > pl.col("start_before")))
        self._count += fresh
        changed = pl.concat([new, better]).select(ID, AT, START, *self.slots)
        every = pl.concat([known.join(changed, on=ID, how="anti"), changed])
        self._registered[position, count] = every
        ids = pairs.join(every.select(ID, *key), on=key).select(FROM, pl.col(ID).alias("to"))
        self.edges.append(ids.filter(pl.col(FROM) >= 0))
        return changed

    def every(self) -> pl.DataFrame:
        """All states with their steps."""
        tables = [
            states.select(ID, AT, START, pl.lit(position).alias(STEP))
            for (position, _), states in self._registered.items()
        ]
        return pl.concat(tables)


def _read_off(finder: _Finder, ends: Array) -> Found:
    """The latest chains, from their last rows back to their first."""
    states = finder.every()
    edges = pl.concat(finder.edges).unique()
    final = finder.final().select(ID, AT).filter(pl.col(AT).is_in(ends.tolist()))
    complete = np.unique(final[AT].to_numpy())
    floor = pl.Series(finder.ground.floor[complete])
    hits = pl.Series(np.searchsorted(complete, final[AT].to_numpy()))
    frontier = final.select(hits.alias(HIT), ID)
    taken = [pl.DataFrame(schema={HIT: pl.Int64, AT: pl.Int64, STEP: pl.Int32})]
    while frontier.height:
        here = frontier.join(states, on=ID)
        taken.append(here.select(HIT, AT, STEP).unique())
        before = frontier.join(edges, left_on=ID, right_on="to").select(HIT, pl.col(FROM).alias(ID))
        before = before.unique().join(states, on=ID)
        before = before.filter(pl.col(START) >= floor.gather(before[HIT]))
        rank = pl.col(AT) * len(finder.steps) + pl.col(STEP)
        frontier = before.filter(rank == rank.max().over(HIT)).select(HIT, ID)
    return _found(complete, pl.concat(taken), len(finder.steps))


def _found(complete: Array, taken: pl.DataFrame, steps: int) -> Found:
    ordered = taken.sort(HIT, AT)
    sizes = np.bincount(ordered[HIT].to_numpy(), minlength=complete.size)
    edges = ordered.group_by(HIT, STEP).agg(
        pl.col(AT).min().alias("first"), pl.col(AT).max().alias("last")
    )
    by_step = [edges.filter(pl.col(STEP) == step).sort(HIT) for step in range(steps)]
    return Found(
        complete,
        tuple(one["first"].to_numpy() for one in by_step),
        tuple(one["last"].to_numpy() for one in by_step),
        ordered[AT].to_numpy(),
        np.concatenate([[0], np.cumsum(sizes)]),
    )


def _after(step: Step, count: int) -> int | None:
    """The count after one more row; counts beyond what is asked for are one."""
    if step.most is None:
        return min(count + 1, step.least)
    return count + 1 if count < step.most else None


def _arrays(states: pl.DataFrame) -> dict[str, Array]:
    return {name: states[name].to_numpy() for name in states.columns}


def _read(step: Step) -> set[Target]:
    return {(field.step, field.edge) for field in step_fields(step.when)}


def _targets(ground: Ground) -> set[Target]:
    sequence = ground.sequence
    barriers = (sequence.barrier(position) for position in range(len(ground.fits)))
    steps = [*sequence.present, *(step for step in barriers if step is not None)]
    return set().union(*map(_read, steps))


def first_passing(
    frame: LaneFrame, absent: Fit, states: Mapping[str, Array], bounds: tuple[Array, Array]
) -> Array:
    """For each state the first of an absent step's rows, between two places, that it forbids."""
    first = np.full(bounds[0].size, frame.height, np.int64)
    for owners, places in ranges(*bounds):
        rows = absent.rows[places]
        kept = passing(frame, absent.asked, states, owners, rows)
        np.minimum.at(first, owners[kept], rows[kept])
    return first
