"""Kernels of order: the nth smallest of a window, sums between two ranks, the latest that add up.

Arguments as in the package's docstring. A *rank* numbers the values of one timeline from 0, by
value and then by place; windows are held in a binary indexed tree over ranks, so that entering,
leaving and asking take time in proportion to the logarithm of the timeline.
"""

from __future__ import annotations

import numpy as np
from numba import boolean, int32, int64, void

from txmon.kernels.compiled import (
    BOOLS,
    FLAGS,
    I32,
    I64,
    LIMB,
    ROWS,
    VALUES,
    Array,
    compiled,
    several,
)


@compiled(int64(I32))
def _longest(starts: Array) -> int:
    """Rows of the longest timeline."""
    longest = 0
    for s in range(starts.size - 1):
        longest = max(longest, starts[s + 1] - starts[s])
    return longest


@compiled(void(VALUES, int64, int64, int64))
def _add(tree: Array, size: int, rank: int, amount: int) -> None:
    """Add an amount at a rank of a binary indexed tree over ``size`` ranks."""
    node = rank + 1
    while node <= size:
        tree[node] += amount
        node += node & -node


@compiled(int64(VALUES, int64))
def _below(tree: Array, rank: int) -> int:
    """The total of all ranks below one."""
    total = 0
    node = rank
    while node > 0:
        total += tree[node]
        node -= node & -node
    return total


@compiled(int64(VALUES, int64, int64))
def _rank_at(tree: Array, size: int, k: int) -> int:
    """The rank at which the running total first reaches k (from 1), of a tree of counts."""
    step = 1
    while 2 * step <= size:
        step *= 2
    node = 0
    while step > 0:
        if node + step <= size and tree[node + step] < k:
            node += step
            k -= tree[node]
        step //= 2
    return node


@compiled(several(ROWS, ROWS)(I32, I32, I32, BOOLS, I32, I32, I32, I32))
def nth(
    starts: Array,
    low: Array,
    high: Array,
    mask: Array,
    order: Array,
    rank: Array,
    first: Array,
    second: Array,
) -> tuple[Array, Array]:
    """Positions of the ``first``-th and the ``second``-th smallest masked row of each window.

    Args:
        starts: see the package.
        low: likewise.
        high: likewise.
        mask: likewise.
        order: the positions of each timeline by rank.
        rank: the rank of each position in its timeline.
        first: which to find in each window, counted from 1; 0 for none, which gives -1.
        second: likewise.
    """
    at_first = np.full(mask.size, -1, np.int32)
    at_second = np.full(mask.size, -1, np.int32)
    tree = np.zeros(_longest(starts) + 1, np.int64)
    for s in range(starts.size - 1):
        begin = starts[s]
        size = starts[s + 1] - begin
        tree[: size + 1] = 0
        left = right = begin
        for i in range(begin, starts[s + 1]):
            while right < high[i]:
                if mask[right]:
                    _add(tree, size, rank[right], 1)
                right += 1
            while left < low[i]:
                if mask[left]:
                    _add(tree, size, rank[left], -1)
                left += 1
            if first[i] > 0:
                at_first[i] = order[begin + _rank_at(tree, size, first[i])]
            if second[i] > 0:
                at_second[i] = order[begin + _rank_at(tree, size, second[i])]
    return at_first, at_second


@compiled(ROWS(I32, I32, I64, I64, boolean))
def rank_of(
    starts: Array,
    order: Array,
    x: Array,
    bounds: Array,
    after: bool,  # noqa: FBT001 - kernels take no keywords
) -> Array:
    """At each row, how many x of its timeline are below its bound; with ``after``, or equal it."""
    ranks = np.empty(bounds.size, np.int32)
    for s in range(starts.size - 1):
        for i in range(starts[s], starts[s + 1]):
            least, most = starts[s], starts[s + 1]
            while least < most:
                middle = (least + most) // 2
                value = x[order[middle]]
                if value < bounds[i] or (after and value == bounds[i]):
                    least = middle + 1
                else:
                    most = middle
            ranks[i] = least - starts[s]
    return ranks


@compiled(several(VALUES, VALUES)(I32, I32, I32, BOOLS, I32, I64, I32, I32, I32, I32))
def sum_between(
    starts: Array,
    low: Array,
    high: Array,
    mask: Array,
    rank: Array,
    x: Array,
    from_first: Array,
    to_first: Array,
    from_second: Array,
    to_second: Array,
) -> tuple[Array, Array]:
    """Exact sum of x over the masked rows of each window whose rank is in one of two ranges.

    At row i these are ``from_first[i] <= rank < to_first[i]`` and likewise ``_second``; a range
    that ends before it begins is empty. The sum is ``upper * 2**32 + lower`` with
    ``0 <= lower < 2**32``.
    """
    upper = np.empty(mask.size, np.int64)
    lower = np.empty(mask.size, np.int64)
    longest = _longest(starts)
    uppers = np.zeros(longest + 1, np.int64)
    lowers = np.zeros(longest + 1, np.int64)
    for s in range(starts.size - 1):
        size = starts[s + 1] - starts[s]
        uppers[: size + 1] = 0
        lowers[: size + 1] = 0
        left = right = starts[s]
        for i in range(starts[s], starts[s + 1]):
            while right < high[i]:
                if mask[right]:
                    _add(uppers, size, rank[right], x[right] >> 32)
                    _add(lowers, size, rank[right], x[right] & LIMB)
                right += 1
            while left < low[i]:
                if mask[left]:
                    _add(uppers, size, rank[left], -(x[left] >> 32))
                    _add(lowers, size, rank[left], -(x[left] & LIMB))
                left += 1
            top = np.int64(0)
            rest = np.int64(0)
            if from_first[i] < to_first[i]:
                top += _below(uppers, to_first[i]) - _below(uppers, from_first[i])
                rest += _below(lowers, to_first[i]) - _below(lowers, from_first[i])
            if from_second[i] < to_second[i]:
                top += _below(uppers, to_second[i]) - _below(uppers, from_second[i])
                rest += _below(lowers, to_second[i]) - _below(lowers, from_second[i])
            upper[i] = top + (rest >> 32)
            lower[i] = rest & LIMB
    return upper, lower


@compiled(several(VALUES, FLAGS)(I32, I32, I64, I64, I64, I64, I64, int32))
def legs(
    first: Array,
    last: Array,
    x: Array,
    least_upper: Array,
    least_lower: Array,
    most_upper: Array,
    most_lower: Array,
    limit: int,
) -> tuple[Array, Array]:
    """How many of the latest x of each question add up to between its two bounds.

    Question i is asked of ``x[first[i]:last[i]]``, latest last, and bounds are two limbs like the
    sums of ``sum_between``. The answer is the least such number, 0 for none; and whether the
    search ended at ``limit`` values without an answer.
    """
    found = np.zeros(first.size, np.int64)
    cut = np.zeros(first.size, np.bool_)
    for i in range(first.size):
        upper = np.int64(0)
        lower = np.int64(0)
        for back in range(last[i] - first[i]):
            if back == limit:
                cut[i] = True
                break
            value = x[last[i] - 1 - back]
            upper += value >> 32
            lower += value & LIMB
            top = upper + (lower >> 32)
            rest = lower & LIMB
            enough = top > least_upper[i] or (top == least_upper[i] and rest >= least_lower[i])
            within = top < most_upper[i] or (top == most_upper[i] and rest <= most_lower[i])
            if enough and within:
                found[i] = back + 1
                break
    return found, cut
