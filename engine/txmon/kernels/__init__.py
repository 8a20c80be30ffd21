"""Numba kernels: plain loops over one lane's sorted rows, and nothing else.

A lane's rows stand timeline after timeline, each in the contract's order; ``starts`` holds the
first position of every timeline and, last, the number of rows. A window is a pair of arrays
``low``, ``high``: at row i it holds the positions ``low[i] <= p < high[i]``, and neither bound
ever moves back within a timeline. Positions are int32, values int64, masks bool.

State from earlier rows enters as one value a timeline and is added to what the rows give, so the
same kernel serves a batch, which starts from nothing, and a stream, which resumes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import boolean, int64

from txmon.kernels.chains import best_between, best_linked, step_back
from txmon.kernels.compiled import BOOLS, FLAGS, HASHES, I32, I64, LIMB, ROWS, VALUES, compile_all
from txmon.kernels.compiled import compiled as _compile
from txmon.kernels.compiled import several as _several
from txmon.kernels.evidence import NEVER, window_rows, window_sizes
from txmon.kernels.groups import (
    best_tree,
    distinct_of,
    extreme_of,
    list_blocks,
    list_values,
    middle_of,
    nth_of,
    rank_bits,
)
from txmon.kernels.order import legs, nth, rank_of, sum_between

__all__ = [
    "NEVER",
    "best_between",
    "best_linked",
    "best_tree",
    "compile_all",
    "count",
    "distinct",
    "distinct_of",
    "edge_bounds",
    "extreme",
    "extreme_of",
    "first_in",
    "group",
    "last_in",
    "last_same",
    "legs",
    "list_blocks",
    "list_values",
    "middle_of",
    "nth",
    "nth_of",
    "number",
    "raise_alerts",
    "rank_bits",
    "rank_of",
    "row_bounds",
    "squares",
    "step_back",
    "sum_between",
    "time_bounds",
    "total",
    "window_rows",
    "window_sizes",
]

Array = np.ndarray[Any, Any]
HALF_LIMB = 0x7FFFFFFF
SQUARE_TOP = 1 << 30


@_compile(_several(ROWS, ROWS)(HASHES))
def number(hashes: Array) -> tuple[Array, Array]:
    """Number the different hashes in order of appearance, by a table with open addressing.

    Returns the number of every hash, and the first place of every number.
    """
    size = 1024
    while size < 2 * hashes.size:
        size *= 2
    slots = np.full(size, -1, np.int32)
    codes = np.empty(hashes.size, np.int32)
    first = np.empty(hashes.size, np.int32)
    count = 0
    for i in range(hashes.size):
        mixed = hashes[i] ^ (hashes[i] >> np.uint64(32))
        place = np.int64(mixed & np.uint64(size - 1))
        while slots[place] >= 0 and hashes[first[slots[place]]] != hashes[i]:
            place = (place + 1) % size
        if slots[place] < 0:
            slots[place] = count
            first[count] = i
            count += 1
        codes[i] = slots[place]
    return codes, first[:count].copy()


@_compile(ROWS(I32, I32, int64))
def group(codes: Array, order: Array, size: int) -> Array:
    """Stable counting sort of the row numbers ``order`` by ``codes[row]`` in ``[0, size)``."""
    place = np.zeros(size + 1, np.int32)
    for i in range(order.size):
        place[codes[order[i]] + 1] += 1
    for code in range(size):
        place[code + 1] += place[code]
    grouped = np.empty(order.size, np.int32)
    for i in range(order.size):
        row = order[i]
        code = codes[row]
        grouped[place[code]] = row
        place[code] += 1
    return grouped


@_compile(ROWS(I32, I64, int64))
def time_bounds(starts: Array, times: Array, length: int) -> Array:
    """At each row t, the first position of its timeline with a time > t - length (length > 0)."""
    bounds = np.empty(times.size, np.int32)
    for s in range(starts.size - 1):
        p = starts[s]
        for i in range(starts[s], starts[s + 1]):
            edge = times[i] - length
            while times[p] <= edge:
                p += 1
            bounds[i] = p
    return bounds


@_compile(ROWS(I32, I64, I64))
def edge_bounds(starts: Array, times: Array, edges: Array) -> Array:
    """At each row the first position of its timeline with a time >= its edge, or the end.

    Edges never move back within a timeline.
    """
    bounds = np.empty(edges.size, np.int32)
    for s in range(starts.size - 1):
        p = starts[s]
        for i in range(starts[s], starts[s + 1]):
            while p < starts[s + 1] and times[p] < edges[i]:
                p += 1
            bounds[i] = p
    return bounds


@_compile(ROWS(I32, I32, BOOLS, int64))
def row_bounds(starts: Array, high: Array, counted: Array, length: int) -> Array:
    """Lower bounds that leave the latest ``length`` counted rows before ``high``."""
    low = np.empty(counted.size, np.int32)
    for s in range(starts.size - 1):
        left = right = starts[s]
        inside = 0
        for i in range(starts[s], starts[s + 1]):
            while right < high[i]:
                inside += counted[right]
                right += 1
            while inside > length:
                inside -= counted[left]
                left += 1
            low[i] = left
    return low


@_compile(VALUES(I32, I32, I32, BOOLS))
def count(starts: Array, low: Array, high: Array, mask: Array) -> Array:
    """Rows of each window whose mask is true."""
    counts = np.empty(mask.size, np.int64)
    for s in range(starts.size - 1):
        left = right = starts[s]
        inside = 0
        for i in range(starts[s], starts[s + 1]):
            while right < high[i]:
                inside += mask[right]
                right += 1
            while left < low[i]:
                inside -= mask[left]
                left += 1
            counts[i] = inside
    return counts


@_compile(_several(VALUES, FLAGS)(I32, I32, I32, BOOLS, I64, I64, I64))
def total(
    starts: Array,
    low: Array,
    high: Array,
    mask: Array,
    x: Array,
    begin_upper: Array,
    begin_lower: Array,
) -> tuple[Array, Array]:
    """Exact sum of x over the masked rows of each window, and whether it fits 64 bits.

    The sum is kept as two limbs, ``upper * 2**32 + lower``, so it cannot overflow on the way.
    """
    sums = np.empty(mask.size, np.int64)
    fits = np.empty(mask.size, np.bool_)
    for s in range(starts.size - 1):
        left = right = starts[s]
        upper, lower = begin_upper[s], begin_lower[s]
        for i in range(starts[s], starts[s + 1]):
            while right < high[i]:
                if mask[right]:
                    upper += x[right] >> 32
                    lower += x[right] & LIMB
                right += 1
            while left < low[i]:
                if mask[left]:
                    upper -= x[left] >> 32
                    lower -= x[left] & LIMB
                left += 1
            top = upper + (lower >> 32)
            fits[i] = -(1 << 31) <= top < (1 << 31)
            sums[i] = (top << 32) + (lower & LIMB) if fits[i] else 0
    return sums, fits


@_compile(_several(VALUES, VALUES, VALUES)(I32, I32, I32, BOOLS, I64, I64, I64, I64))
def squares(
    starts: Array,
    low: Array,
    high: Array,
    mask: Array,
    x: Array,
    begin_a: Array,
    begin_b: Array,
    begin_c: Array,
) -> tuple[Array, Array, Array]:
    """Exact sum of x*x over the masked rows of each window, as three limbs.

    The sum is ``a * 2**64 + b * 2**32 + c`` with ``0 <= b, c < 2**32``; ``a`` stops at 2**62,
    where the sum is beyond what anything is computed from.
    """
    a_out = np.empty(mask.size, np.int64)
    b_out = np.empty(mask.size, np.int64)
    c_out = np.empty(mask.size, np.int64)
    for s in range(starts.size - 1):
        left = right = starts[s]
        a_upper, a_lower = begin_a[s] >> 32, begin_a[s] & LIMB
        b, c = begin_b[s], begin_c[s]
        for i in range(starts[s], starts[s + 1]):
            while right < high[i] or left < low[i]:
                entering = right < high[i]
                p = right if entering else left
                if mask[p]:
                    sign = 1 if entering else -1
                    size = abs(x[p])
                    over, under = size >> 32, size & LIMB
                    cross = over * under
                    small = np.uint64(under) * np.uint64(under)
                    a_upper += sign * (over * over >> 32)
                    a_lower += sign * ((over * over & LIMB) + (cross >> 31))
                    b += sign * (((cross & HALF_LIMB) << 1) + np.int64(small >> np.uint64(32)))
                    c += sign * np.int64(small & np.uint64(LIMB))
                if entering:
                    right += 1
                else:
                    left += 1
            b_all = b + (c >> 32)
            a_all = a_lower + (b_all >> 32)
            top = a_upper + (a_all >> 32)
            a_out[i] = (top << 32) + (a_all & LIMB) if top < SQUARE_TOP else SQUARE_TOP << 32
            b_out[i] = b_all & LIMB
            c_out[i] = c & LIMB
    return a_out, b_out, c_out


@_compile(ROWS(I32, I32, I32, BOOLS, I64, boolean))
def extreme(
    starts: Array,
    low: Array,
    high: Array,
    mask: Array,
    x: Array,
    largest: bool,  # noqa: FBT001 - kernels take no keywords
) -> Array:
    """Position of the largest (or smallest) masked x in each window, -1 where there is none.

    A monotonic queue: a row that a later one beats can never win again.
    """
    best = np.empty(mask.size, np.int32)
    queue = np.empty(mask.size, np.int32)
    for s in range(starts.size - 1):
        right = head = tail = starts[s]
        for i in range(starts[s], starts[s + 1]):
            while right < high[i]:
                if mask[right]:
                    while tail > head:
                        rival = x[queue[tail - 1]]
                        if rival >= x[right] if largest else rival <= x[right]:
                            break
                        tail -= 1
                    queue[tail] = right
                    tail += 1
                right += 1
            while head < tail and queue[head] < low[i]:
                head += 1
            best[i] = queue[head] if head < tail else -1
    return best


@_compile(VALUES(I32, I32, I32, BOOLS, I32, int64))
def distinct(starts: Array, low: Array, high: Array, mask: Array, codes: Array, size: int) -> Array:
    """Different codes in ``[0, size)`` among the masked rows of each window."""
    counts = np.empty(mask.size, np.int64)
    held = np.zeros(size, np.int32)
    for s in range(starts.size - 1):
        left = right = starts[s]
        different = 0
        for i in range(starts[s], starts[s + 1]):
            while right < high[i]:
                if mask[right]:
                    different += held[codes[right]] == 0
                    held[codes[right]] += 1
                right += 1
            while left < low[i]:
                if mask[left]:
                    held[codes[left]] -= 1
                    different -= held[codes[left]] == 0
                left += 1
            counts[i] = different
        for p in range(left, right):
            if mask[p]:
                held[codes[p]] = 0
    return counts


@_compile(ROWS(I32, I32, I32, BOOLS))
def first_in(starts: Array, low: Array, high: Array, mask: Array) -> Array:
    """Position of the first masked row of each window, -1 where there is none."""
    found = np.empty(mask.size, np.int32)
    for s in range(starts.size - 1):
        p = starts[s]
        for i in range(starts[s], starts[s + 1]):
            p = max(p, low[i])
            while p < high[i] and not mask[p]:
                p += 1
            found[i] = p if p < high[i] else -1
    return found


@_compile(ROWS(I32, I32, I32, BOOLS))
def last_in(starts: Array, low: Array, high: Array, mask: Array) -> Array:
    """Position of the last masked row of each window, -1 where there is none."""
    found = np.empty(mask.size, np.int32)
    for s in range(starts.size - 1):
        right = starts[s]
        latest = np.int32(-1)
        for i in range(starts[s], starts[s + 1]):
            while right < high[i]:
                if mask[right]:
                    latest = right
                right += 1
            found[i] = latest if latest >= low[i] else -1
    return found


@_compile(ROWS(I32, I32, I32, BOOLS, I32, int64))
def last_same(
    starts: Array, low: Array, high: Array, mask: Array, codes: Array, size: int
) -> Array:
    """Position of the latest masked row of each window with this row's code, or -1.

    A code below 0 is no value: it is never found and finds nothing.
    """
    found = np.empty(mask.size, np.int32)
    latest = np.full(size, -1, np.int32)
    for s in range(starts.size - 1):
        right = starts[s]
        for i in range(starts[s], starts[s + 1]):
            while right < high[i]:
                if mask[right] and codes[right] >= 0:
                    latest[codes[right]] = right
                right += 1
            code = codes[i]
            bound = max(low[i], starts[s])
            found[i] = latest[code] if code >= 0 and latest[code] >= bound else -1
    return found


@_compile(VALUES(I32, I64, I32, int64, I64, I32, BOOLS))
def raise_alerts(
    starts: Array,
    times: Array,
    levels: Array,
    span: int,
    open_time: Array,
    open_level: Array,
    has_open: Array,
) -> Array:
    """Which alert each hit of a group belongs to: its own position raises one.

    Hits stand group after group in order. A hit folds into the open alert when it comes at less
    than ``span`` after it and its level is not higher (a smaller number is higher). -1 - group is
    an alert that was open before these hits.
    """
    owner = np.empty(times.size, np.int64)
    for s in range(starts.size - 1):
        since, level, opened = open_time[s], open_level[s], has_open[s]
        current = np.int64(-1 - s)
        for i in range(starts[s], starts[s + 1]):
            if not opened or times[i] - since >= span or levels[i] < level:
                since, level, opened, current = times[i], levels[i], True, np.int64(i)
            owner[i] = current
    return owner
