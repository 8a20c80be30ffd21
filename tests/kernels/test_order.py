"""The kernels of order against the plainest loop that says what they mean."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kernels.lanes import Lane, bounds, lanes, lengths
from txmon import kernels
from txmon.evaluate.aggregates import first_digits, ranked

Array = np.ndarray[Any, Any]


@given(lanes(), lengths, st.integers(1, 4), st.integers(1, 4))
def test_the_nth_of_a_window_by_size(lane: Lane, length: int, first: int, second: int) -> None:
    low, high = bounds(lane, length)
    order, rank = ranked(lane.starts, lane.x)
    counts = kernels.count(lane.starts, low, high, lane.mask)
    wanted = [np.where(counts >= k, k, 0).astype(np.int32) for k in (first, second)]

    found = kernels.nth(lane.starts, low, high, lane.mask, order, rank, *wanted)

    for start, row in lane.rows():
        inside = sorted(int(lane.x[p]) for p in lane.window(start, row, length))
        for k, at in zip((first, second), found, strict=True):
            assert (at[row] >= 0) == (len(inside) >= k)
            assert at[row] < 0 or lane.x[at[row]] == inside[k - 1]


@given(lanes(), lengths, st.integers(-6, 6), st.integers(0, 6))
def test_a_sum_between_ranks_is_exact(lane: Lane, length: int, least: int, size: int) -> None:
    low, high = bounds(lane, length)
    order, rank = ranked(lane.starts, lane.x)
    ends = [np.full(lane.x.size, bound, np.int64) for bound in (least, least + size)]
    begin = kernels.rank_of(lane.starts, order, lane.x, ends[0], False)
    end = kernels.rank_of(lane.starts, order, lane.x, ends[1], True)
    none = np.zeros_like(begin)

    windows = (lane.starts, low, high, lane.mask, rank, lane.x)
    limbs = kernels.sum_between(*windows, begin, end, none, none)
    second = kernels.sum_between(*windows, none, begin, end, np.full_like(end, 99))

    for start, row in lane.rows():
        inside = [int(lane.x[p]) for p in lane.window(start, row, length)]
        between = [x for x in inside if least <= x <= least + size]
        assert (int(limbs[0][row]) << 32) + int(limbs[1][row]) == sum(between)
        assert 0 <= second[1][row] < 2**32


@given(lanes(), lengths, st.integers(-3, 8), st.integers(0, 2), st.integers(1, 4))
def test_the_latest_that_add_up(lane: Lane, length: int, goal: int, off: int, limit: int) -> None:
    low, high = bounds(lane, length)
    place = np.concatenate([[0], np.cumsum(lane.mask)]).astype(np.int32)
    ends = [np.full(lane.x.size, bound, np.int64) for bound in (goal - off, goal + off)]
    limbs = [part for end in ends for part in (end >> 32, end & 0xFFFFFFFF)]

    found, cut = kernels.legs(place[low], place[high], lane.x[lane.mask], *limbs, limit)

    for start, row in lane.rows():
        latest = [int(lane.x[p]) for p in reversed(lane.window(start, row, length))]
        sums = [sum(latest[:k]) for k in range(1, len(latest) + 1)]
        fits = [k for k, total in enumerate(sums, 1) if abs(total - goal) <= off]
        answer = fits[0] if fits and fits[0] <= limit else 0
        assert (found[row], cut[row]) == (answer, answer == 0 and len(latest) > limit)


@given(st.lists(st.integers(-(2**63) + 1, 2**63 - 1), min_size=1))
def test_first_digits_are_those_that_are_written(values: list[int]) -> None:
    digits = first_digits(np.array(values, np.int64))
    assert digits.tolist() == [int(str(abs(value))[0]) for value in values]
