"""Cycles, chains and scatter-gather on a part: payments as edges, and searches over them."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.lanes import codes_of
from txmon.evaluate.paths import Paths
from txmon.evaluate.table import TIME, true
from txmon.kernels import graph_groups, graph_paths
from txmon.kernels.graph_groups import Legs, Pairs, Sizes
from txmon.kernels.graph_paths import Bounds, Edges, Found, Index, Marks, fixed
from txmon.language.measures import FIRST, LAST
from txmon.language.patterns import Shape

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.evaluate.frame import LaneFrame
    from txmon.language.patterns import Graph, Share

Array = np.ndarray[Any, Any]
ROOM = 1 << 21
"""Payments of paths that are found before they are looked into."""

PART = 1 << 15
"""Closing payments that one thread searches from at a time."""

PAIRS = 1 << 23
"""Pairs of payments of scatter-gather that are held at a time."""

_NO_LIMIT = 2**62


@dataclass(frozen=True, slots=True)
class Batch:
    """The paths of some closing rows, and the positions of closing rows whose search was cut."""

    paths: Paths
    cut: Array


def numbered(frame: LaneFrame, codes: list[Array]) -> tuple[list[Array], int]:
    """Codes as numbers from 0 that are equal where code and timeline are; and how many there are.

    Each array of codes stands at every position of the part, -1 for null.
    """
    timelines = np.repeat(np.arange(frame.part.starts.size - 1), np.diff(frame.part.starts))
    keys = [timelines.astype(np.uint64) << 32 | code.astype(np.uint32) for code in codes]
    numbers, first = kernels.number(np.concatenate(keys) if keys else np.empty(0, np.uint64))
    return np.split(numbers, len(keys)), int(first.size)


def starts_of(groups: Array, size: int) -> Array:
    """Where each group's members begin in a list that is grouped by number."""
    counts = np.bincount(groups, minlength=size)
    return np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)


class Search:
    """The payments of a part as a graph, searched by one pattern."""

    def __init__(self, frame: LaneFrame, graph: Graph, base: Array, role: str) -> None:
        self._frame = frame
        self._graph = graph
        self._role = role
        codes = [codes_of(frame.column(name)) for name in graph.accounts]
        amounts = frame.column("amount").fill_null(0).to_numpy()
        differ = (codes[0] >= 0) & (codes[1] >= 0) & (codes[0] != codes[1])
        self.edge = base & differ & (amounts > 0)
        self._at = np.flatnonzero(self.edge).astype(np.int32)
        accounts, self._accounts = numbered(frame, codes)
        self._debtor, self._creditor = (self._taken(each) for each in accounts)
        self._times = self._taken(frame.column(TIME).to_numpy())
        self._amount = self._taken(amounts)

    def _taken(self, values: Array) -> Array:
        return np.ascontiguousarray(values[self._at])

    def batches(self, asked: Array) -> Iterator[Batch]:
        """The paths that end with each of the asked positions, some closing rows at a time."""
        closings = np.flatnonzero(self._taken(asked)).astype(np.int32)
        if self._graph.shape is Shape.SCATTER_GATHER:
            return self._groups(closings)
        return self._paths(closings)

    @cached_property
    def _order(self) -> Array:
        return np.arange(self._at.size, dtype=np.int32)

    @cached_property
    def _by_creditor(self) -> Array:
        by_creditor: Array = kernels.group(self._creditor, self._order, self._accounts)
        return by_creditor

    @cached_property
    def _arrivals(self) -> Index:
        """What each edge's debtor received before it."""
        starts = starts_of(self._creditor, self._accounts)
        ranges = graph_paths.ranges(self._debtor, self._creditor, starts)
        return Index(*fixed(self._by_creditor, *ranges, self._times[self._by_creditor]))

    @cached_property
    def _exits(self) -> Index:
        """What each edge's creditor paid before it."""
        starts = starts_of(self._debtor, self._accounts)
        by_debtor = kernels.group(self._debtor, self._order, self._accounts)
        ranges = graph_paths.ranges(self._creditor, self._debtor, starts)
        return Index(*fixed(by_debtor, *ranges, self._times[by_debtor]))

    @cached_property
    def _kept(self) -> tuple[Array, Array]:
        """The least and the most that may be passed on of each edge's amount."""
        keep = self._graph.keep
        if keep is None:
            return np.zeros(self._at.size, np.int64), np.full(self._at.size, _NO_LIMIT)
        return passed_on(self._amount, keep)

    def _edges(self) -> Edges:
        through = self._graph.through
        opened = np.ones(self._at.size, np.bool_)
        if through is not None:
            opened = self._taken(true(self._frame.expression(through)))
        both = (self._debtor, self._creditor)
        return Edges(*fixed(*both, self._times, self._amount, *self._kept, opened))

    def _paths(self, closings: Array) -> Iterator[Batch]:
        graph, around = self._graph, self._graph.shape is Shape.CYCLE
        bounds = Bounds(
            graph.size.low, graph.size.high, graph.within, graph.hold, graph.search_limit
        )
        by_pair = kernels.group(self._debtor, self._by_creditor, self._accounts)
        twins = graph_paths.twins(self._debtor, self._creditor, by_pair)
        (twin,) = fixed(twins)
        given = (self._edges(), self._arrivals, self._exits, bounds, twin)
        search = partial(_searched, given, self._accounts, around)
        parts = [closings[i : i + PART] for i in range(0, closings.size, PART)]
        threads = os.cpu_count() or 1
        with ThreadPoolExecutor(threads) as pool:
            for i in range(0, len(parts), threads):
                for found in pool.map(search, parts[i : i + threads]):
                    yield from (self._as_batch(each) for each in found)

    def _as_batch(self, found: _Raw) -> Batch:
        offsets, edges, closing = found.ends, found.members, found.closing
        count, size = closing.size, np.diff(offsets)
        if self._role == LAST:
            owner, at, sides = np.arange(count), closing, 1
        elif self._role == FIRST:
            owner, at, sides = np.arange(count), edges[offsets[:-1]], 0
        else:
            middle = np.ones(edges.size, np.bool_)
            middle[offsets[:-1]] = False
            owner, at, sides = np.repeat(np.arange(count), size)[middle], edges[middle], 0
        subjects = self._subjects(owner, at, sides)
        nothing = np.empty(0, np.bool_)
        paths = Paths(self._at[closing], offsets, self._at[edges], size, nothing, *subjects)
        return Batch(paths, self._at[found.cut])

    def _subjects(self, owner: Array, edges: Array, side: int) -> tuple[Array, Array, Array]:
        account = (self._creditor if side else self._debtor)[edges]
        rows = self._frame.part.rows[self._at[edges]].astype(np.int64)
        return owner, account, 2 * rows + side

    def _groups(self, closings: Array) -> Iterator[Batch]:
        graph = self._graph
        payments = (self._debtor, self._creditor, self._times, self._amount, *self._kept)
        legs = Legs(*fixed(*payments, *self._arrivals))
        cut = np.zeros(self._at.size, np.bool_)
        counts = graph_groups.pair_counts(self._order, legs, graph.hold, graph.search_limit, cut)
        asked = np.zeros(self._at.size, np.bool_)
        asked[closings] = True
        asked &= ~self._near_cut(cut)
        for chosen in self._shares(counts):
            yield self._gathered(legs, chosen, counts[chosen], asked)
        yield Batch(Paths.none(), self._at[closings[~asked[closings]]])

    def _near_cut(self, cut: Array) -> Array:
        """Edges to an account that a cut edge paid, within the window."""
        number = np.where(cut, self._order, -1)[self._by_creditor]
        groups = self._creditor[self._by_creditor]
        latest = pl.DataFrame({"g": groups, "n": number}).select(pl.col("n").cum_max().over("g"))
        before = np.empty(self._at.size, np.int32)
        before[self._by_creditor] = latest.to_series().to_numpy()
        since = self._times - self._graph.within
        near: Array = (before >= 0) & (self._times[np.maximum(before, 0)] >= since)
        return near

    def _shares(self, counts: Array) -> Iterator[Array]:
        """Edges that pass pairs on, all those to one account together, so many pairs at a time."""
        total = np.bincount(self._creditor, weights=counts, minlength=self._accounts)
        share = (np.cumsum(total) // PAIRS).astype(np.int32)[self._creditor]
        share[counts == 0] = -1
        for number in np.unique(share[share >= 0]):
            yield np.flatnonzero(share == number).astype(np.int32)

    def _gathered(self, legs: Legs, chosen: Array, counts: Array, asked: Array) -> Batch:
        graph = self._graph
        offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        come, gone = graph_groups.pairs(chosen, offsets, legs)
        given = self._in_groups(come, gone)
        sizes = Sizes(graph.size.low, graph.size.high, 0, 0, graph.within, graph.search_limit)
        met = np.full(self._accounts, -1, np.int32)
        found = graph_groups.gathered(given, legs, asked, sizes, met).reshape(-1, 4)
        # A closing row's sources: the one that paid its middle account last comes first.
        last = given.come[found[:, 2] - 1].astype(np.int64)
        found = np.ascontiguousarray(found[np.lexsort((-last, found[:, 0]))].T)
        return Batch(self._as_groups(given, found), np.empty(0, np.int32))

    def _in_groups(self, come: Array, gone: Array) -> Pairs:
        """Pairs grouped by target and source; without those of both that are too few."""
        target = self._creditor[gone]
        order = kernels.group(target, np.arange(come.size, dtype=np.int32), self._accounts)
        by_target = (self._debtor[come[order]], target[order], come[order], gone[order])
        given = Pairs(*fixed(*by_target))
        counts = np.zeros(self._accounts, np.int32)
        often = graph_groups.frequent(given, self._graph.size.low, counts)
        kept = Pairs(*(each[often] for each in given))
        order = np.arange(kept.come.size, dtype=np.int32)
        for keys in (kept.source, kept.target):
            order = kernels.group(keys, order, self._accounts)
        return Pairs(*fixed(*(each[order] for each in kept)))

    def _as_groups(self, given: Pairs, found: Array) -> Paths:
        closing, low, high, size = found
        met = np.full(self._at.size, -1, np.int32)
        since = self._times[closing] - self._graph.within
        packed = graph_groups.pair_members(closing, low, high, since, given, self._times, met)
        packed.sort()
        owners, edges = packed >> 32, (packed & 0xFFFFFFFF).astype(np.int32)
        offsets = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=closing.size))])
        inward = self._creditor[edges] != self._creditor[closing[owners]]
        if self._role == LAST:
            subjects = self._subjects(np.arange(closing.size), closing, 1)
        elif self._role == FIRST:
            subjects = self._subjects(np.arange(closing.size), edges[offsets[:-1]], 0)
        else:
            subjects = self._subjects(owners[~inward], edges[~inward], 0)
        members = self._at[edges]
        return Paths(self._at[closing], offsets, members, size, inward, *subjects)


@dataclass(frozen=True, slots=True)
class _Raw:
    """Paths by the numbers of their edges, and the closing edges whose search was cut."""

    members: Array
    ends: Array
    closing: Array
    cut: Array


def _searched(
    given: tuple[Edges, Index, Index, Bounds, Array],
    accounts: int,
    around: bool,  # noqa: FBT001 - as the kernel takes it
    closings: Array,
) -> list[_Raw]:
    """All paths that end with some closing edges, in as many pieces as there is room for."""
    *searched, twin = given
    latest, by = (np.full(accounts, -1, np.int32) for _ in range(2))
    marks, cut = Marks(twin, latest, by), np.zeros(closings.size, np.bool_)
    pieces, begin, room = [], 0, ROOM
    while begin < closings.size:
        found, before = Found(*_room(room)), begin
        begin, count = graph_paths.paths(closings, begin, *searched, marks, around, found, cut)
        room = room if begin > before else 4 * room
        done, end = slice(before, begin), found.ends[count]
        arrays = (found.members[:end], found.ends[: count + 1], found.closing[:count])
        members, ends, closing = (each.copy() for each in arrays)
        pieces.append(_Raw(members, ends, closing, closings[done][cut[done]]))
    return pieces


def passed_on(amount: Array, keep: Share) -> tuple[Array, Array]:
    """The least and the most that may be passed on of amounts: exact, in the amounts' units."""
    x = pl.lit(pl.Series(amount)).cast(pl.Int128)
    low, unit = int(keep.low.value), 10**keep.low.type.scale
    least = (x * pl.lit(low, pl.Int128) + (unit - 1)) // pl.lit(unit, pl.Int128)
    most = pl.lit(pl.Series(np.full(amount.size, _NO_LIMIT))).cast(pl.Int128)
    if keep.high is not None:
        high, unit = int(keep.high.value), 10**keep.high.type.scale
        most = x * pl.lit(high, pl.Int128) // pl.lit(unit, pl.Int128)
    bounds = pl.select(least.alias("least"), most.alias("most")).select(
        pl.all().clip(upper_bound=_NO_LIMIT).cast(pl.Int64)
    )
    return bounds["least"].to_numpy(), bounds["most"].to_numpy()


def _room(size: int) -> tuple[Array, Array, Array]:
    return np.empty(size, np.int32), np.zeros(size // 2, np.int64), np.empty(size // 2, np.int32)
