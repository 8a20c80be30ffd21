"""Numba kernels of graph patterns that are paths: a backward search from each closing payment.

An *edge* is a payment, known by its number; edges stand in the contract's order, so an earlier one
has a smaller number and no later time. ``entries`` lists edges by the account they pay into, in
order: what the debtor of edge e received before e stands at ``entries[first[e]:before[e]]``. The
search takes the latest first. Every payment that it looks at counts; where more would have to be
looked at than the limit allows, the search of that closing payment is cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numba import boolean, int64, types

from txmon.kernels.compiled import BOOLS, FLAGS, I32, I64, ROWS, VALUES, compiled, several

if TYPE_CHECKING:
    from collections.abc import Iterator

Array = np.ndarray[Any, Any]


class Edges(NamedTuple):
    """Payments in order: accounts as numbers, times, and what may be passed on of each amount.

    ``least`` and ``most`` bound the amount by which a middle account passes the edge on. ``open``
    says whether the account that pays the edge may be gone through.
    """

    debtor: Array
    creditor: Array
    times: Array
    amount: Array
    least: Array
    most: Array
    open: Array


class Index(NamedTuple):
    """Edges by account: ``entries[first[e]:before[e]]`` are those to look at from edge e.

    ``times`` are those of the entries, in their order.
    """

    entries: Array
    first: Array
    before: Array
    times: Array


class Bounds(NamedTuple):
    """Fewest and most hops, window and hold in microseconds, payments that may be looked at."""

    fewest: int
    most: int
    within: int
    hold: int
    limit: int


class Marks(NamedTuple):
    """The latest payment of the first account to each other account, valid where ``by`` says so.

    ``twin`` is the payment before each one between the same two accounts, -1 if there is none.
    """

    twin: Array
    latest: Array
    by: Array


class Found(NamedTuple):
    """Room for paths: edge numbers laid end to end, and where each path ends (the first at 0)."""

    members: Array
    ends: Array
    closing: Array


def fixed(*arrays: Array) -> Iterator[Array]:
    """Arrays as the kernels take them within a tuple: in one piece, and not to be written."""
    for array in arrays:
        view = np.ascontiguousarray(array).view()
        view.flags.writeable = False
        yield view


def record(kind: type, *fields: types.Type) -> Any:
    """The type of a named tuple with fields of these types."""
    if len(set(fields)) == 1:
        return types.NamedUniTuple(fields[0], len(fields), kind)  # type: ignore[no-untyped-call]
    return types.NamedTuple(fields, kind)  # type: ignore[no-untyped-call]


EDGES = record(Edges, I32, I32, I64, I64, I64, I64, BOOLS)
INDEX = record(Index, I32, I32, I32, I64)
BOUNDS = record(Bounds, int64, int64, int64, int64, int64)
MARKS = record(Marks, I32, ROWS, ROWS)
FOUND = record(Found, ROWS, VALUES, ROWS)
FULL = -1


@compiled(several(ROWS, ROWS)(I32, I32, I32))
def ranges(mine: Array, theirs: Array, starts: Array) -> tuple[Array, Array]:
    """At each edge, where the earlier edges with ``theirs == mine[e]`` begin and end.

    ``starts`` says where each account's edges begin in a list that is grouped by ``theirs``.
    """
    first = np.empty(mine.size, np.int32)
    before = np.empty(mine.size, np.int32)
    seen = starts.copy()
    for e in range(mine.size):
        first[e] = starts[mine[e]]
        before[e] = seen[mine[e]]
        seen[theirs[e]] += 1
    return first, before


@compiled(ROWS(I32, I32, I32))
def twins(debtor: Array, creditor: Array, by_pair: Array) -> Array:
    """At each edge, the edge before it between the same two accounts; -1 if there is none.

    ``by_pair`` are the edges grouped by both accounts, in order within.
    """
    twin = np.full(debtor.size, -1, np.int32)
    for i in range(1, by_pair.size):
        e, f = by_pair[i], by_pair[i - 1]
        if debtor[e] == debtor[f] and creditor[e] == creditor[f]:
            twin[e] = f
    return twin


@compiled(int64(int64, EDGES, INDEX, BOUNDS, MARKS))
def _mark(closing: int, edges: Any, exits: Any, bounds: Any, marks: Any) -> int:
    """Mark what the account that is paid last paid before, within the window; how many payments."""
    looked = 0
    place = exits.before[closing] - 1
    since = edges.times[closing] - bounds.within
    while place >= exits.first[closing] and looked <= bounds.limit:
        if exits.times[place] < since:
            break
        f = exits.entries[place]
        looked += 1
        account = edges.creditor[f]
        if marks.by[account] != closing:
            marks.by[account] = closing
            marks.latest[account] = f
        place -= 1
    return looked


@compiled(boolean(int64, I32, ROWS, int64))
def _visited(account: int, debtor: Array, path: Array, depth: int) -> bool:
    """Whether an account pays a payment of the path so far."""
    for level in range(depth + 1):  # noqa: SIM110 - a loop compiles to less
        if debtor[path[level]] == account:
            return True
    return False


@compiled(int64(int64, EDGES, INDEX, MARKS, int64))
def _begin(e: int, edges: Any, index: Any, marks: Any, closing: int) -> int:
    """Where to begin to look from e: among entries, or (``closing`` >= 0) at a marked payment."""
    if closing < 0:
        return int(index.before[e])
    account = edges.debtor[e]
    if marks.by[account] != closing:
        return -1
    f = marks.latest[account]
    while f >= e:
        f = marks.twin[f]
    return int(f)


@compiled(int64(int64, int64, ROWS, int64, FOUND))
def _note(count: int, f: int, path: Array, depth: int, found: Any) -> int:
    """Write down the path that f begins; the new number of paths, or FULL."""
    place = found.ends[count]
    if place + depth + 2 > found.members.size or count + 2 > found.ends.size:
        return FULL
    found.members[place] = f
    for level in range(depth + 1):
        found.members[place + 1 + level] = path[depth - level]
    found.closing[count] = path[0]
    found.ends[count + 1] = place + depth + 2
    return count + 1


@compiled(several(int64, int64)(int64, int64, EDGES, INDEX, BOUNDS, MARKS, boolean, FOUND, int64))
def _search(  # noqa: C901 - one hot loop, in which a call costs more than what it does
    closing: int,
    count: int,
    edges: Any,
    index: Any,
    bounds: Any,
    marks: Any,
    around: bool,  # noqa: FBT001 - kernels take plain values
    found: Any,
    looked: int,
) -> tuple[int, int]:
    """The paths that end with an edge: their new number (or FULL), and what was looked at."""
    debtor, times, amount = edges.debtor, edges.times, edges.amount
    entries, first, entered = index.entries, index.first, index.times
    twin, marked = marks.twin, marks.by
    fewest, most, hold, limit = bounds.fewest, bounds.most, bounds.hold, bounds.limit
    path, cursor = np.empty(most, np.int32), np.empty(most, np.int64)
    last = most - 2 if around else most
    target, since = edges.creditor[closing], times[closing] - bounds.within
    path[0] = closing
    cursor[0] = _begin(closing, edges, index, marks, closing if last == 0 else -1)
    depth = 0
    while depth >= 0:
        e = path[depth]
        oldest = max(since, times[e] - hold)
        f = np.int64(-1)
        if depth == last:
            if cursor[depth] >= 0 and times[cursor[depth]] >= oldest:
                f = cursor[depth]
                cursor[depth] = twin[f]
        elif cursor[depth] > first[e] and entered[cursor[depth] - 1] >= oldest:
            cursor[depth] -= 1
            f = np.int64(entries[cursor[depth]])
        if f < 0:
            depth -= 1
            continue
        looked += 1
        if looked > limit:
            break
        payer = debtor[f]
        home = payer == target
        if around and not home and depth + 1 == last and marked[payer] != closing:
            continue
        if (home and not around) or not edges.least[f] <= amount[e] <= edges.most[f]:
            continue
        if _visited(payer, debtor, path, depth):
            continue
        if home == around and depth + 2 >= fewest:
            count = _note(count, f, path, depth, found)
            if count == FULL:
                break
        if not home and depth + 2 < most and edges.open[f]:
            depth += 1
            path[depth] = f
            cursor[depth] = _begin(f, edges, index, marks, closing if depth == last else -1)
    return count, looked


@compiled(
    several(int64, int64)(I32, int64, EDGES, INDEX, INDEX, BOUNDS, MARKS, boolean, FOUND, FLAGS)
)
def paths(
    closings: Array,
    begin: int,
    edges: Any,
    index: Any,
    exits: Any,
    bounds: Any,
    marks: Any,
    around: bool,  # noqa: FBT001 - kernels take plain values
    found: Any,
    cut: Array,
) -> tuple[int, int]:
    """The paths that end with each closing edge from number ``begin`` on, as far as there is room.

    Args:
        closings: edges to search from, ascending.
        begin: which of them comes first.
        edges: every payment.
        index: what each edge's debtor received.
        exits: what each edge's creditor sent.
        bounds: the pattern's bounds.
        marks: work space of cycles.
        around: whether paths return to their first account (cycles), or may not (chains).
        found: room for the paths; each path's edges in order, latest paths first.
        cut: set where a closing edge's search was cut.

    Returns:
        The number of closing edges that are done, and the number of paths found.
    """
    count = 0
    found.ends[0] = 0
    for k in range(begin, closings.size):
        closing = closings[k]
        if not edges.open[closing]:
            continue
        looked = 0
        if around:
            looked = _mark(closing, edges, exits, bounds, marks)
            if looked == 0:
                continue
        after = count
        if looked <= bounds.limit:
            after, looked = _search(
                closing, count, edges, index, bounds, marks, around, found, looked
            )
        if after == FULL:
            return k, count
        cut[k] = looked > bounds.limit
        count = after
    return closings.size, count
