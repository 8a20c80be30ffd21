"""Kernels of sequences: the latest start that a step's row can have, and the way back to it.

Rows of a step are named by their places in an order by *group* (timeline and what must be equal)
and then by position. A chain is as good as its start is late, so one number a row suffices: the
latest position at which a chain that ends in this row can begin, -1 where there is none.
"""

from __future__ import annotations

import numpy as np
from numba import boolean, int32, int64, void

from txmon.kernels.compiled import I32, ROWS, Array, compiled, several

LESS, AT_MOST, MORE, AT_LEAST = 1, 2, 3, 4
"""How this row's rank must compare with the earlier row's; 0 asks nothing."""


@compiled(void(ROWS, int64, int64, int64))
def _set(tree: Array, size: int, leaf: int, value: int) -> None:
    """Put a value at a leaf of a tree of maxima, which has ``size`` leaves, a power of two."""
    node = size + leaf
    tree[node] = value
    node >>= 1
    while node > 0:
        tree[node] = max(tree[2 * node], tree[2 * node + 1])
        node >>= 1


@compiled(int64(ROWS, int64, int64, int64))
def _best(tree: Array, size: int, low: int, high: int) -> int:
    """The largest value at the leaves ``low`` up to ``high``; -1 if there is none."""
    best = -1
    left, right = size + low, size + high
    while left < right:
        if left & 1:
            best = max(best, tree[left])
            left += 1
        if right & 1:
            right -= 1
            best = max(best, tree[right])
        left >>= 1
        right >>= 1
    return best


@compiled(int64(int64))
def _leaves(count: int) -> int:
    size = 1
    while size < count:
        size *= 2
    return size


@compiled(ROWS(I32, I32, I32))
def best_between(values: Array, low: Array, high: Array) -> Array:
    """The largest of ``values[low:high]`` for each pair of bounds; -1 where that is empty."""
    size = _leaves(values.size)
    tree = np.full(2 * size, -1, np.int32)
    tree[size : size + values.size] = values
    for node in range(size - 1, 0, -1):
        tree[node] = max(tree[2 * node], tree[2 * node + 1])
    best = np.empty(low.size, np.int32)
    for i in range(low.size):
        best[i] = _best(tree, size, low[i], high[i]) if low[i] < high[i] else -1
    return best


@compiled(ROWS(I32, I32, I32, I32, I32, I32, I32))
def best_linked(
    earlier: Array, leaf: Array, value: Array, at: Array, since: Array, low: Array, high: Array
) -> Array:
    """For each row, the largest value of earlier rows between two leaves and two positions.

    ``earlier`` are positions, ascending, ``leaf`` their places in an order by group and rank, and
    ``value`` what they are worth. A row at ``at[i]`` (ascending) takes those with
    ``since[i] <= position < at[i]`` and ``low[i] <= leaf < high[i]``; ``since`` never falls.
    """
    size = _leaves(earlier.size)
    tree = np.full(2 * size, -1, np.int32)
    best = np.empty(at.size, np.int32)
    entered, left = 0, 0
    for i in range(at.size):
        while entered < earlier.size and earlier[entered] < at[i]:
            _set(tree, size, leaf[entered], value[entered])
            entered += 1
        while left < entered and earlier[left] < since[i]:
            _set(tree, size, leaf[left], -1)
            left += 1
        best[i] = _best(tree, size, low[i], high[i]) if low[i] < high[i] else -1
    return best


@compiled(int64(I32, int64, int64, int64))
def _first_at(places: Array, low: int, high: int, position: int) -> int:
    """The first of ``places[low:high]``, ascending, that is not before a position."""
    while low < high:
        middle = (low + high) // 2
        if places[middle] < position:
            low = middle + 1
        else:
            high = middle
    return low


@compiled(boolean(I32, I32, int64, int64, int64, int64))
def _fits(start: Array, rank: Array, place: int, floor: int, mine: int, asks: int) -> bool:
    """Whether an earlier row can stand before this one in a chain that begins at the floor."""
    if start[place] < floor:
        return False
    other = rank[place]
    fits: bool = asks == 0
    if asks == LESS:
        fits = mine < other
    elif asks == AT_MOST:
        fits = mine <= other
    elif asks == MORE:
        fits = mine > other
    elif asks == AT_LEAST:
        fits = mine >= other
    return fits


@compiled(
    several(ROWS, ROWS)(I32, I32, I32, I32, I32, I32, I32, I32, I32, I32, int32, int32, int32)
)
def step_back(
    ends: Array,
    floors: Array,
    at: Array,
    first: Array,
    low: Array,
    high: Array,
    rank: Array,
    before: Array,
    start: Array,
    other: Array,
    fewest: int,
    most: int,
    asks: int,
) -> tuple[Array, Array]:
    """One step of the latest chains: how many rows it takes, and the row it leaves to.

    Chains end at the places ``ends`` of the step and begin at their ``floors`` or later. The step's
    rows have positions ``at``, the ``first`` place of their group, bounds ``low`` and ``high`` of
    the earlier rows that may stand before them, and a ``rank``; the earlier rows have positions
    ``before``, latest starts and ranks (``other``). It takes ``fewest`` to ``most`` rows.

    Going back, the later row is taken; where one row could belong to this step and to the one
    before, it stays in this one as long as another row is left for the one before.
    """
    taken = np.empty(ends.size, np.int32)
    left_to = np.empty(ends.size, np.int32)
    for h in range(ends.size):
        end, floor = ends[h], floors[h]
        count = fewest
        here = end - count + 1
        leave = high[end] - 1
        while not _fits(start, other, leave, floor, rank[end], asks):
            leave -= 1
        least = leave
        if most > count:
            least = _first_at(before, low[end], leave, floor)
            while not _fits(start, other, least, floor, rank[end], asks):
                least += 1
        while count < most and here > first[end] and at[here - 1] > before[least]:
            edge = _first_at(at, first[end], here, before[leave] + 1)
            if edge < here:
                step = min(here - edge, most - count)
                here -= step
                count += step
            elif at[here - 1] == before[leave]:
                here -= 1
                count += 1
                leave -= 1
                while not _fits(start, other, leave, floor, rank[end], asks):
                    leave -= 1
            else:
                break
        taken[h] = count
        left_to[h] = leave
    return taken, left_to
