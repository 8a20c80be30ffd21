"""Accounts that share values on a part: rows as uses of values, and the search over them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from txmon import kernels
from txmon.evaluate.lanes import codes_of
from txmon.evaluate.paths import Paths
from txmon.evaluate.searches import ROOM, Batch, numbered, starts_of
from txmon.evaluate.table import TIME
from txmon.kernels import graph_groups
from txmon.kernels.graph_groups import Room, Sizes, Uses, Work
from txmon.kernels.graph_paths import fixed
from txmon.language.measures import LAST
from txmon.schema import CREDITOR, DEBTOR, is_sided, side_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.evaluate.frame import LaneFrame
    from txmon.language.patterns import Graph
    from txmon.schema import Schema

Array = np.ndarray[Any, Any]


def uses_of(via: str, schema: Schema) -> tuple[tuple[int, str], ...]:
    """The sides that use a value, 0 the debtor's and 1 the creditor's, and its column there.

    A sided name is used by both. An account that shares the accounts it deals with stands on the
    other side of them; any other whole column is the debtor's, unless it begins with creditor_.
    """
    if is_sided(via, schema):
        return tuple(enumerate(side_columns(via)))
    if via == f"{DEBTOR}account":
        return ((1, via),)
    own = via.startswith(CREDITOR) and via != f"{CREDITOR}account"
    return ((1 if own else 0, via),)


class Sharing:
    """The uses of a column's values by accounts."""

    def __init__(self, frame: LaneFrame, graph: Graph, base: Array, role: str) -> None:
        self._frame = frame
        self._graph = graph
        self._role = role
        sides = uses_of(graph.via, frame.plan.schema)
        accounts = [codes_of(frame.column(graph.accounts[side])) for side, _ in sides]
        values = [codes_of(frame.column(name)) for _, name in sides]
        joins_accounts = graph.via in {"counterparty", *graph.accounts}
        seen = base & (accounts[0] != values[0]) if joins_accounts else base
        use: Array = np.stack(
            [seen & (a >= 0) & (v >= 0) for a, v in zip(accounts, values, strict=True)]
        )
        self.edge: Array = np.logical_or.reduce(use)
        self._at, which = (each.astype(np.int32) for each in np.nonzero(use.T))
        self._side = np.array([side for side, _ in sides], np.int64)[which]
        numbers, self._accounts = numbered(frame, accounts)
        self._account = np.ascontiguousarray(np.stack(numbers)[which, self._at])
        numbers, self._values = numbered(frame, values)
        self._value = np.ascontiguousarray(np.stack(numbers)[which, self._at])
        self._times = np.ascontiguousarray(frame.column(TIME).to_numpy()[self._at])

    def batches(self, asked: Array) -> Iterator[Batch]:
        """The groups that each asked position closes, some closing rows at a time."""
        graph = self._graph
        order = np.arange(self._at.size, dtype=np.int32)
        by_value = kernels.group(self._value, order, self._values)
        counts, different = graph_groups.users(
            by_value, self._account, self._value, self._times, graph.within, self._accounts
        )
        place = np.empty(order.size, np.int32)
        place[by_value] = order
        enough = (different > graph.size.low) | (counts > graph.search_limit)
        closings = np.flatnonzero(asked[self._at] & enough).astype(np.int32)
        return self._found(closings, by_value, place, counts)

    def _found(
        self, closings: Array, by_value: Array, place: Array, counts: Array
    ) -> Iterator[Batch]:
        graph, order = self._graph, np.arange(self._at.size, dtype=np.int32)
        mine = kernels.group(self._account, order, self._accounts)
        starts = starts_of(self._account, self._accounts)
        uses = Uses(*fixed(self._account, self._value, self._times, mine, starts))
        sizes = Sizes(
            *(graph.size.low, graph.size.high, graph.common.low, graph.common.high),
            *(graph.within, graph.search_limit),
        )
        cut = np.zeros(closings.size, np.bool_)
        begin, size = 0, ROOM
        while begin < closings.size:
            room, done = _room(size), begin
            begin, count = graph_groups.shares(
                closings, begin, by_value, place, counts, uses, sizes, self._work(), room, cut
            )
            if begin == done:
                size *= 4
                continue
            chosen = slice(done, begin)
            yield Batch(self._as_paths(room, count), self._at[closings[chosen][cut[chosen]]])

    def _work(self) -> Work:
        by_value = [np.full(self._values, -1, np.int64) for _ in range(2)]
        by_account = [np.full(self._accounts, -1, np.int64) for _ in range(2)]
        return Work(by_value[0], by_account[0], by_value[1], by_account[1])

    def _as_paths(self, room: Room, count: int) -> Paths:
        closing, offsets = room.closing[:count].copy(), room.ends[: count + 1].copy()
        owner = np.repeat(np.arange(count), np.diff(offsets))
        packed = np.sort(owner << 32 | room.members[: offsets[-1]])
        uses = (packed & 0xFFFFFFFF).astype(np.int32)
        other = self._account[uses] != self._account[closing[owner]]
        if self._role == LAST:
            subjects = self._subjects(np.arange(count), closing)
        else:
            subjects = self._subjects(owner[other], uses[other])
        size = np.diff(room.link_ends[: count + 1])
        nothing = np.empty(0, np.bool_)
        return Paths(self._at[closing], offsets, self._at[uses], size, nothing, *subjects)

    def _subjects(self, owner: Array, uses: Array) -> tuple[Array, Array, Array]:
        rows = self._frame.part.rows[self._at[uses]].astype(np.int64)
        return owner, self._account[uses], 2 * rows + self._side[uses]


def _room(size: int) -> Room:
    whole = np.empty(size, np.int32), np.zeros(size // 2, np.int64)
    return Room(*whole, np.empty(size, np.int64), np.zeros(size // 2, np.int64), whole[0].copy())
