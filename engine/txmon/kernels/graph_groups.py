"""Numba kernels of graph patterns that are groups: scatter-gather, and accounts that share.

Of scatter-gather a *pair* is two payments of one middle account, what it received and what it
passed on. Of shared values a *use* is a row where an account stands beside a value. Both stand in
the contract's order; an array grouped by something keeps that order within each group.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import boolean, int64

from txmon.kernels.compiled import BOOLS, FLAGS, I32, I64, ROWS, VALUES, compiled, several
from txmon.kernels.graph_paths import record

Array = np.ndarray[Any, Any]
FULL = -1


class Legs(NamedTuple):
    """Payments in order, as ``graph_paths`` has them, with what each debtor received before.

    ``since`` are the times of the entries, in their order.
    """

    debtor: Array
    creditor: Array
    times: Array
    amount: Array
    least: Array
    most: Array
    entries: Array
    first: Array
    before: Array
    since: Array


class Pairs(NamedTuple):
    """Pairs grouped by source and target, within in order of ``gone`` and ``come``.

    ``come`` is what the middle account received, ``gone`` what it passed on.
    """

    source: Array
    target: Array
    come: Array
    gone: Array


class Uses(NamedTuple):
    """Uses in order, and by account: an account's stand at ``mine[starts[a]:starts[a + 1]]``."""

    account: Array
    value: Array
    times: Array
    mine: Array
    starts: Array


class Sizes(NamedTuple):
    """Fewest and most accounts, fewest and most values in common, window, search limit."""

    fewest: int
    most: int
    least_common: int
    most_common: int
    within: int
    limit: int


class Work(NamedTuple):
    """Work space of the search for shared values: marks by value, and accounts met."""

    own: Array
    met: Array
    shared: Array
    known: Array


class Room(NamedTuple):
    """Room for groups: uses and linked accounts laid end to end, and where each group ends."""

    members: Array
    ends: Array
    linked: Array
    link_ends: Array
    closing: Array


LEGS = record(Legs, I32, I32, I64, I64, I64, I64, I32, I32, I32, I64)
PAIRS = record(Pairs, I32, I32, I32, I32)
BITS = boolean[::1]
USES = record(Uses, I32, I32, I64, I32, I32)
SIZES = record(Sizes, int64, int64, int64, int64, int64, int64)
WORK = record(Work, VALUES, VALUES, VALUES, VALUES)
ROOM = record(Room, ROWS, VALUES, VALUES, VALUES, ROWS)


@compiled(boolean(int64, int64, LEGS))
def _paired(f: int, e: int, legs: Any) -> bool:
    amount = legs.amount[e]
    fits = legs.least[f] <= amount <= legs.most[f]
    return bool(fits and legs.debtor[f] != legs.creditor[e])


@compiled(ROWS(I32, LEGS, int64, int64, FLAGS))
def pair_counts(targets: Array, legs: Any, hold: int, limit: int, cut: Array) -> Array:
    """Pairs that each of some payments passes on; none, and ``cut``, beyond the limit.

    ``hold`` is how long, in microseconds, the middle account may have kept the money. The limit
    is one of payments into the middle account that would have to be looked at.
    """
    counts = np.zeros(targets.size, np.int32)
    for k in range(targets.size):
        e = targets[k]
        looked = 0
        place = legs.before[e] - 1
        while place >= legs.first[e] and looked <= limit:
            if legs.since[place] < legs.times[e] - hold:
                break
            looked += 1
            counts[k] += _paired(legs.entries[place], e, legs)
            place -= 1
        if looked > limit:
            cut[e] = True
            counts[k] = 0
    return counts


@compiled(several(ROWS, ROWS)(I32, I64, LEGS))
def pairs(targets: Array, offsets: Array, legs: Any) -> tuple[Array, Array]:
    """The pairs counted by ``pair_counts``: what came and what went, in order of targets."""
    come = np.empty(offsets[-1], np.int32)
    gone = np.empty(offsets[-1], np.int32)
    for k in range(targets.size):
        e = targets[k]
        place = offsets[k + 1]
        entry = legs.before[e]
        while place > offsets[k]:
            entry -= 1
            f = legs.entries[entry]
            if _paired(f, e, legs):
                place -= 1
                come[place] = f
                gone[place] = e
    return come, gone


@compiled(BITS(PAIRS, int64, ROWS))
def frequent(given: Any, fewest: int, counts: Array) -> Array:
    """Which pairs, grouped by target, are of a source with enough pairs to that target.

    ``counts`` is work space by account, all 0, and left so.
    """
    often = np.empty(given.come.size, np.bool_)
    begin = 0
    while begin < given.come.size:
        end = begin
        while end < given.come.size and given.target[end] == given.target[begin]:
            counts[given.source[end]] += 1
            end += 1
        for i in range(begin, end):
            often[i] = counts[given.source[i]] >= fewest
        for i in range(begin, end):
            counts[given.source[i]] = 0
        begin = end
    return often


@compiled(several(int64, int64)(int64, int64, PAIRS, LEGS, int64, ROWS, int64))
def _middles(
    begin: int, end: int, given: Any, legs: Any, within: int, met: Array, mark: int
) -> tuple[int, int]:
    """Middle accounts of the pairs before ``end`` that lie in its window, and the first pair."""
    since = legs.times[given.gone[end - 1]] - within
    count, low, i = 0, end, end - 1
    while i >= begin and legs.times[given.gone[i]] >= since:
        if legs.times[given.come[i]] >= since:
            low = i
            middle = legs.debtor[given.gone[i]]
            if met[middle] != mark:
                met[middle] = mark
                count += 1
        i -= 1
    return count, low


@compiled(boolean(int64, PAIRS))
def _new(i: int, given: Any) -> bool:
    """Whether a pair begins a group."""
    source = given.source[i] != given.source[i - 1]
    return bool(source or given.target[i] != given.target[i - 1])


@compiled(VALUES(PAIRS, LEGS, BOOLS, SIZES, ROWS))
def gathered(given: Any, legs: Any, asked: Array, sizes: Any, met: Array) -> Array:
    """Groups of one source and target with enough middle accounts, four numbers each.

    Of each group: the payment that closes it, the first pair and the one after the last, and the
    middle accounts. ``asked`` says which payments may close one; ``met`` is work space by account,
    filled with -1.
    """
    size = given.come.size
    found = np.empty(4 * size, np.int64)
    count, begin, mark = 0, 0, 0
    for i in range(size):
        if i > 0 and _new(i, given):
            begin = i
        e = given.gone[i]
        if i + 1 < size and given.gone[i + 1] == e and not _new(i + 1, given):
            continue
        if not asked[e] or i + 1 - begin < sizes.fewest:
            continue
        middles, low = _middles(begin, i + 1, given, legs, sizes.within, met, mark)
        mark += 1
        if sizes.fewest <= middles <= sizes.most:
            found[count] = e
            found[count + 1] = low
            found[count + 2] = i + 1
            found[count + 3] = middles
            count += 4
    return found[:count].copy()


@compiled(VALUES(I64, I64, I64, I64, PAIRS, I64, ROWS))
def pair_members(
    closings: Array,
    lows: Array,
    highs: Array,
    since: Array,
    given: Any,
    times: Array,
    met: Array,
) -> Array:
    """Group number and payment, packed, of the different payments of each group.

    ``since`` is where each group's window begins; ``met`` work space by payment, filled with -1.
    """
    room = 0
    for k in range(closings.size):
        room += 2 * (highs[k] - lows[k])
    packed = np.empty(room, np.int64)
    count = 0
    for k in range(closings.size):
        for i in range(lows[k], highs[k]):
            come, gone = given.come[i], given.gone[i]
            if times[come] < since[k]:
                continue
            for e in (come, gone):
                if met[e] != k:
                    met[e] = k
                    packed[count] = (np.int64(k) << 32) | e
                    count += 1
    return packed[:count].copy()


@compiled(several(ROWS, ROWS)(I32, I32, I32, I64, int64, int64))
def users(
    by_value: Array, account: Array, value: Array, times: Array, within: int, accounts: int
) -> tuple[Array, Array]:
    """At each use, the uses of its value in the window that ends there, and their accounts.

    ``by_value`` are the uses grouped by value; both numbers hold the use itself.
    """
    uses = np.empty(by_value.size, np.int32)
    different = np.empty(by_value.size, np.int32)
    inside = np.zeros(accounts, np.int32)
    low, count = 0, 0
    for i in range(by_value.size):
        u = by_value[i]
        while value[by_value[low]] != value[u] or times[by_value[low]] < times[u] - within:
            left = account[by_value[low]]
            inside[left] -= 1
            count -= inside[left] == 0
            low += 1
        count += inside[account[u]] == 0
        inside[account[u]] += 1
        uses[u] = i + 1 - low
        different[u] = count
    return uses, different


@compiled(several(int64, int64)(int64, int64, USES, int64))
def _span(account: int, last: int, uses: Any, since: int) -> tuple[int, int]:
    """Where an account's uses up to ``last`` and from a time on begin and end among ``mine``."""
    low, end = int(uses.starts[account]), int(uses.starts[account + 1])
    while low < end:
        middle = (low + end) // 2
        if uses.mine[middle] <= last:
            low = middle + 1
        else:
            end = middle
    stop = low
    low, end = int(uses.starts[account]), stop
    while low < end:
        middle = (low + end) // 2
        if uses.times[uses.mine[middle]] < since:
            low = middle + 1
        else:
            end = middle
    return low, stop


@compiled(several(int64, int64)(int64, I32, int64, int64, USES, int64, WORK))
def _meet(
    u: int, by_value: Array, low: int, high: int, uses: Any, since: int, work: Any
) -> tuple[int, int]:
    """The other accounts on a use's value, into ``work.known``, and the uses they all have."""
    count, total = 0, 0
    for i in range(high - 1, low - 1, -1):
        other = uses.account[by_value[i]]
        if other != uses.account[u] and work.met[other] != u:
            work.met[other] = u
            work.known[count] = other
            count += 1
            begin, end = _span(other, u, uses, since)
            total += end - begin
    return count, total


@compiled(int64(int64, int64, int64, USES, int64, WORK))
def _common(u: int, mark: int, other: int, uses: Any, since: int, work: Any) -> int:
    """How many values another account has in common with the account of a use."""
    begin, end = _span(other, u, uses, since)
    count = 0
    for i in range(begin, end):
        value = uses.value[uses.mine[i]]
        if work.own[value] == u and work.shared[value] != mark:
            work.shared[value] = mark
            count += 1
    return count


@compiled(int64(int64, int64, int64, USES, int64, WORK, ROOM, int64))
def _gather(
    u: int, mark: int, linked: int, uses: Any, since: int, work: Any, room: Any, place: int
) -> int:
    """Write down the uses of values that link; the place after them, or FULL."""
    for k in range(linked + 1):
        account = work.known[k] if k < linked else uses.account[u]
        begin, end = _span(account, u, uses, since)
        for i in range(begin, end):
            use = uses.mine[i]
            value = uses.value[use]
            if k < linked and work.own[value] == u:
                work.shared[value] = mark
            if work.shared[value] == mark and (k == linked or work.own[value] == u):
                if place == room.members.size:
                    return FULL
                room.members[place] = use
                place += 1
    return place


@compiled(int64(int64, int64, USES, SIZES, int64, WORK))
def _linked(u: int, others: int, uses: Any, sizes: Any, mark: int, work: Any) -> int:
    """Keep of the accounts met those with enough values in common; how many they are."""
    since = uses.times[u] - sizes.within
    count = 0
    for k in range(others):
        common = _common(u, mark + k, work.known[k], uses, since, work)
        if sizes.least_common <= common <= sizes.most_common:
            work.known[count] = work.known[k]
            count += 1
    return count


@compiled(several(int64, int64)(I32, int64, I32, I32, I32, USES, SIZES, WORK, ROOM, FLAGS))
def shares(
    closings: Array,
    begin: int,
    by_value: Array,
    place: Array,
    counts: Array,
    uses: Any,
    sizes: Any,
    work: Any,
    room: Any,
    cut: Array,
) -> tuple[int, int]:
    """The accounts that share values with the account of each closing use, as far as there is room.

    Args:
        closings: uses to search from.
        begin: which of them comes first.
        by_value: uses grouped by value.
        place: where each use stands there.
        counts: uses of the same value in the window that ends at each use.
        uses: every use.
        sizes: the pattern's bounds.
        work: work space, filled with -1.
        room: room for the groups.
        cut: set where more uses than the limit would have to be looked at.

    Returns:
        The number of closing uses that are done, and the number of groups found.
    """
    count, mark = 0, 0
    room.ends[0] = room.link_ends[0] = 0
    for k in range(begin, closings.size):
        u = closings[k]
        since = uses.times[u] - sizes.within
        high = place[u] + 1
        others, looked = 0, int(counts[u])
        low, end = _span(uses.account[u], u, uses, since)
        if looked <= sizes.limit:
            others, theirs = _meet(u, by_value, high - looked, high, uses, since, work)
            looked += theirs + end - low
        cut[k] = looked > sizes.limit
        if cut[k]:
            continue
        for i in range(low, end):
            work.own[uses.value[uses.mine[i]]] = u
        linked = _linked(u, others, uses, sizes, mark, work)
        mark += others + 1
        if linked < sizes.fewest or linked > sizes.most:
            continue
        after = _gather(u, mark - 1, linked, uses, since, work, room, room.ends[count])
        links = room.link_ends[count] + linked
        if after == FULL or links > room.linked.size or count + 2 > room.ends.size:
            return k, count
        room.linked[room.link_ends[count] : links] = work.known[:linked]
        room.closing[count] = u
        count += 1
        room.ends[count], room.link_ends[count] = after, links
    return closings.size, count
