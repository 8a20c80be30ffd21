"""Numba kernels of aggregates of groups: which groups a window has, and what a group holds.

Counted rows stand one after the other, timeline after timeline (or, for groups of a column, group
after group within each). A group is a slice ``lo:hi`` of them; ``marks`` tells groups of one row
apart. Groups are listed row by row, so many at a time as fit ``room``.
"""

from __future__ import annotations

import numpy as np
from numba import boolean, int64

from txmon.kernels.compiled import BOOLS, I32, I64, ROWS, VALUES, Array, compiled, several


@compiled(int64(I64, int64, int64, int64))
def first_since(times: Array, low: int, high: int, edge: int) -> int:
    """The first place in ``low:high`` with a time >= edge, looked for from the end."""
    step = 1
    while high - step > low and times[high - step] >= edge:
        step *= 2
    left, right = max(low, high - step), high - step // 2
    while left < right:
        middle = (left + right) // 2
        if times[middle] >= edge:
            right = middle
        else:
            left = middle + 1
    return left


@compiled(several(int64, VALUES, ROWS, ROWS, ROWS)(int64, I32, I32, I64, I64, I64, I64, I64, I64))
def list_blocks(
    begin: int,
    low: Array,
    high: Array,
    last: Array,
    counts: Array,
    times: Array,
    periods: Array,
    edges: Array,
    shape: Array,
) -> tuple[int, Array, Array, Array, Array]:
    """List the blocks or periods of each window from row ``begin`` on, the newest first.

    Args:
        begin: the first row to list.
        low: where each row's window begins among the counted rows.
        high: where it ends.
        last: the last instant of each window, or the number of its last period.
        counts: how many blocks each window has, rows in them or not.
        times: times of the counted rows.
        periods: numbers of the periods of the counted rows; empty for blocks of a duration.
        edges: first instant of each period by its number; empty for blocks of a duration.
        shape: length of a block (0: periods), whether to list blocks without rows, room.

    Returns:
        The first row that is not listed, where the groups of each row begin (from ``begin`` on,
        one more than rows), and ``lo``, ``hi``, ``mark`` of the groups; a mark counts back.
    """
    size, all_blocks, room = shape[0], shape[1] == 1, shape[2]
    stop = min(low.size, begin + room)
    offsets = np.zeros(stop - begin + 1, np.int64)
    lo, hi, marks = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    n, r = 0, begin
    while r < stop:
        needed = counts[r] if all_blocks else min(counts[r], np.int64(high[r] - low[r]))
        if n + needed > room:
            break
        end, k = np.int64(high[r]), 0
        while k < counts[r] if all_blocks else end > low[r]:
            if not all_blocks:
                since = last[r] - (times[end - 1] if size > 0 else periods[end - 1])
                k = since // size if size > 0 else since
            edge = last[r] + 1 - (k + 1) * size if size > 0 else edges[last[r] - k]
            start = first_since(times, np.int64(low[r]), end, edge)
            lo[n], hi[n], marks[n] = start, end, k
            end, k, n = start, k + 1, n + 1
        r += 1
        offsets[r - begin] = n
    return r, offsets[: r - begin + 1].copy(), lo[:n].copy(), hi[:n].copy(), marks[:n].copy()


@compiled(several(int64, VALUES, ROWS, ROWS, ROWS)(int64, I32, I32, I32, I32, I64))
def list_values(
    begin: int, low: Array, high: Array, codes: Array, ranks: Array, shape: Array
) -> tuple[int, Array, Array, Array, Array]:
    """List the groups of one value each that every window has, from row ``begin`` on.

    Args:
        begin: the first row to list.
        low: where each row's window begins among the counted rows.
        high: where it ends.
        codes: the value of each counted row, a number from 0.
        ranks: its place in the order of values; a value's rows keep their order there.
        shape: how many values there are, room.

    Returns:
        As ``list_blocks``; ``lo:hi`` are places in the order of values and a mark is the value.
    """
    room = shape[1]
    stop = min(low.size, begin + room)
    offsets = np.zeros(stop - begin + 1, np.int64)
    lo, hi, marks = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    first, last = np.zeros(shape[0], np.int32), np.zeros(shape[0], np.int32)
    slot = np.full(shape[0], -1, np.int32)
    held = np.empty(shape[0], np.int32)
    n, r, several_held = 0, begin, 0
    left = right = 0
    while r < stop:
        if low[r] >= right:
            for h in range(several_held):
                slot[held[h]] = -1
            several_held = 0
            left = right = low[r]
        while right < high[r]:
            code = codes[right]
            if slot[code] < 0:
                slot[code], held[several_held] = several_held, code
                first[code] = ranks[right]
                several_held += 1
            last[code] = ranks[right]
            right += 1
        while left < low[r]:
            code = codes[left]
            if ranks[left] == last[code]:
                several_held -= 1
                moved = held[several_held]
                held[slot[code]], slot[moved] = moved, slot[code]
                slot[code] = -1
            else:
                first[code] = ranks[left] + 1
            left += 1
        if n + several_held > room:
            break
        for h in range(several_held):
            lo[n], hi[n], marks[n] = first[held[h]], last[held[h]] + 1, held[h]
            n += 1
        r += 1
        offsets[r - begin] = n
    return r, offsets[: r - begin + 1].copy(), lo[:n].copy(), hi[:n].copy(), marks[:n].copy()


@compiled(ROWS(BOOLS, I64, boolean))
def best_tree(known: Array, x: Array, largest: bool) -> Array:  # noqa: FBT001 - no keywords
    """A tree over the rows for ``extreme_of``: each node has the best place of the two below it.

    A place is -1 where no row below is known.
    """
    best = np.full(2 * x.size, -1, np.int32)
    for p in range(x.size):
        if known[p]:
            best[x.size + p] = p
    for node in range(x.size - 1, 0, -1):
        a, b = best[2 * node], best[2 * node + 1]
        wins = a < 0 or (b >= 0 and (x[b] > x[a] if largest else x[b] < x[a]))
        best[node] = b if wins else a
    return best


@compiled(ROWS(I32, I32, I32, I64, boolean))
def extreme_of(
    lo: Array,
    hi: Array,
    best: Array,
    x: Array,
    largest: bool,  # noqa: FBT001 - kernels take no keywords
) -> Array:
    """Place of the largest (or smallest) known x of each group, -1 where there is none."""
    found = np.full(lo.size, -1, np.int32)
    for g in range(lo.size):
        left, right = np.int64(lo[g]) + x.size, np.int64(hi[g]) + x.size
        while left < right:
            for side in range(2):
                node = left if side == 0 else right - 1
                if node % 2 == 1 - side:
                    b, a = best[node], found[g]
                    if b >= 0 and (a < 0 or (x[b] > x[a] if largest else x[b] < x[a])):
                        found[g] = b
            left, right = (left + 1) // 2, right // 2
    return found


@compiled(VALUES(I32, I32, I32, I32, BOOLS, I32, int64))
def distinct_of(
    order: Array, marks: Array, lo: Array, hi: Array, known: Array, codes: Array, size: int
) -> Array:
    """Different known codes in ``[0, size)`` of each group.

    Groups are visited in ``order``, those of one mark side by side: there a group seldom begins or
    ends before the one visited last, and only what enters and leaves is looked at.
    """
    counts = np.zeros(lo.size, np.int64)
    held = np.zeros(size, np.int32)
    left = right = different = 0
    mark = -1
    for g in order:
        if marks[g] != mark or lo[g] >= right or lo[g] < left or hi[g] < right:
            for p in range(left, right):
                if known[p]:
                    held[codes[p]] = 0
            left = right = lo[g]
            different, mark = 0, marks[g]
        while right < hi[g]:
            if known[right]:
                different += held[codes[right]] == 0
                held[codes[right]] += 1
            right += 1
        while left < lo[g]:
            if known[left]:
                held[codes[left]] -= 1
                different -= held[codes[left]] == 0
            left += 1
        counts[g] = different
    return counts


@compiled(several(VALUES, VALUES)(VALUES, I64))
def middle_of(values: Array, offsets: Array) -> tuple[Array, Array]:
    """The two middle ones of each slice of values, one value twice of an odd number; 0 of none.

    The slices of ``values`` are sorted in place.
    """
    lower = np.zeros(offsets.size - 1, np.int64)
    upper = np.zeros(offsets.size - 1, np.int64)
    for r in range(offsets.size - 1):
        begin, end = offsets[r], offsets[r + 1]
        if begin < end:
            values[begin:end].sort()
            lower[r] = values[(begin + end - 1) // 2]
            upper[r] = values[(begin + end) // 2]
    return lower, upper


@compiled(ROWS(I32, int64))
def rank_bits(ranks: Array, bits: int) -> Array:
    """For ``nth_of``: a wavelet matrix, level after level how many zero bits stand before a place.

    Each level parts the ranks by one bit, the highest first, those with a zero before the others
    and each half in its old order. A level has one place more than there are ranks.
    """
    size = ranks.size + 1
    zeros = np.zeros(bits * size, np.int32)
    now, after = ranks.copy(), np.empty_like(ranks)
    for level in range(bits):
        bit = bits - 1 - level
        base = level * size
        for p in range(ranks.size):
            zeros[base + p + 1] = zeros[base + p] + (1 - (now[p] >> bit & 1))
        ones = zeros[base + ranks.size]
        for p in range(ranks.size):
            if now[p] >> bit & 1:
                after[ones + p - zeros[base + p]] = now[p]
            else:
                after[zeros[base + p]] = now[p]
        now, after = after, now
    return zeros


@compiled(ROWS(I32, int64, int64, I32, I32, I32))
def nth_of(zeros: Array, bits: int, size: int, lo: Array, hi: Array, nth: Array) -> Array:
    """The nth smallest rank (from 0) of each group; 0 of a group that has not so many."""
    found = np.zeros(lo.size, np.int32)
    for g in range(lo.size):
        left, right, k, rank = np.int64(lo[g]), np.int64(hi[g]), np.int64(nth[g]), 0
        if k >= right - left:
            continue
        for level in range(bits):
            base = level * (size + 1)
            from_left, from_right = np.int64(zeros[base + left]), np.int64(zeros[base + right])
            held = from_right - from_left
            if k < held:
                left, right, rank = from_left, from_right, 2 * rank
            else:
                ones = np.int64(zeros[base + size])
                left, right = ones + left - from_left, ones + right - from_right
                k, rank = k - held, 2 * rank + 1
        found[g] = rank
    return found
