"""Every kernel against the plainest loop that says what it means."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from kernels.lanes import CODES, Lane, bounds, lanes, lengths
from txmon import kernels


@given(lanes(), lengths)
def test_count_total_and_squares_are_exact_or_say_that_they_do_not_fit(
    lane: Lane, length: int
) -> None:
    low, high = bounds(lane, length)
    none = lane.none
    counts = kernels.count(lane.starts, low, high, lane.mask)
    sums, fits = kernels.total(lane.starts, low, high, lane.mask, lane.x, none, none)
    limbs = kernels.squares(lane.starts, low, high, lane.mask, lane.x, none, none, none)
    for start, row in lane.rows():
        inside = [int(lane.x[p]) for p in lane.window(start, row, length)]
        assert counts[row] == len(inside)
        assert fits[row] == (-(2**63) <= sum(inside) < 2**63)
        assert not fits[row] or sums[row] == sum(inside)
        square = sum(value * value for value in inside)
        a, b, c = (int(limb[row]) for limb in limbs)
        assert (a << 64) + (b << 32) + c == square if square < 2**126 else a >= 2**62


@given(lanes(), lengths, st.integers(-(2**40), 2**40))
def test_a_sum_goes_on_from_what_was_before(lane: Lane, length: int, before: int) -> None:
    low = np.zeros(lane.times.size, np.int32)
    _, high = bounds(lane, length)
    upper = np.full_like(lane.none, before >> 32)
    lower = np.full_like(lane.none, before & kernels.LIMB)
    sums, fits = kernels.total(lane.starts, low, high, lane.mask, lane.x, upper, lower)
    for start, row in lane.rows():
        expected = before + sum(int(lane.x[p]) for p in range(start, row + 1) if lane.mask[p])
        assert fits[row] == (-(2**63) <= expected < 2**63)
        assert not fits[row] or sums[row] == expected


@given(lanes(), lengths)
def test_extremes_first_and_last_point_at_the_right_row(lane: Lane, length: int) -> None:
    low, high = bounds(lane, length)
    largest = kernels.extreme(lane.starts, low, high, lane.mask, lane.x, True)
    smallest = kernels.extreme(lane.starts, low, high, lane.mask, lane.x, False)
    first = kernels.first_in(lane.starts, low, high, lane.mask)
    last = kernels.last_in(lane.starts, low, high, lane.mask)
    for start, row in lane.rows():
        inside = lane.window(start, row, length)
        if not inside:
            assert {largest[row], smallest[row], first[row], last[row]} == {-1}
            continue
        assert lane.x[largest[row]] == max(lane.x[p] for p in inside)
        assert lane.x[smallest[row]] == min(lane.x[p] for p in inside)
        assert (first[row], last[row]) == (inside[0], inside[-1])


@given(lanes(), lengths)
def test_distinct_and_last_same_know_their_timeline_only(lane: Lane, length: int) -> None:
    low, high = bounds(lane, length)
    known = lane.mask & (lane.codes >= 0)
    different = kernels.distinct(lane.starts, low, high, known, lane.codes, CODES)
    same = kernels.last_same(lane.starts, low, high - 1, lane.mask, lane.codes, CODES)
    for start, row in lane.rows():
        inside = [p for p in lane.window(start, row, length) if lane.codes[p] >= 0]
        assert different[row] == len({int(lane.codes[p]) for p in inside})
        earlier = [p for p in inside if p < row and lane.codes[p] == lane.codes[row]]
        assert same[row] == (earlier[-1] if earlier else -1)


@given(lanes(), st.integers(1, 4))
def test_row_bounds_leave_the_latest_counted_rows(lane: Lane, length: int) -> None:
    _, high = bounds(lane, 1)
    low = kernels.row_bounds(lane.starts, high, lane.mask, length)
    for start, row in lane.rows():
        counted = [p for p in range(start, row + 1) if lane.mask[p]]
        held = [p for p in range(low[row], row + 1) if lane.mask[p]]
        assert held == counted[-length:]


@given(st.lists(st.integers(0, 4), max_size=20))
def test_group_is_a_stable_sort(codes: list[int]) -> None:
    order = np.arange(len(codes), dtype=np.int32)[::-1].copy()
    grouped = kernels.group(np.array(codes, np.int32), order, 5)
    assert grouped.tolist() == sorted(order.tolist(), key=lambda row: codes[row])


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=12), st.integers(0, 6))
def test_alerts_are_raised_after_the_span_or_at_a_higher_level(
    gaps: list[tuple[int, int]], span: int
) -> None:
    times = np.cumsum([gap for gap, _ in gaps]).astype(np.int64)
    levels = np.array([level for _, level in gaps], np.int32)
    starts = np.array([0, len(gaps)], np.int32)
    none = np.zeros(1, np.int64)
    owner = kernels.raise_alerts(
        starts, times, levels, span, none, np.zeros(1, np.int32), np.zeros(1, np.bool_)
    )
    raised: list[int] = []
    for hit in range(len(gaps)):
        opened = raised[-1] if raised else None
        if opened is None or times[hit] - times[opened] >= span or levels[hit] < levels[opened]:
            raised.append(hit)
        assert owner[hit] == raised[-1]


def test_a_hit_folds_into_an_alert_that_was_open_before() -> None:
    owner = kernels.raise_alerts(
        np.array([0, 2], np.int32),
        np.array([10, 20], np.int64),
        np.zeros(2, np.int32),
        15,
        np.array([5], np.int64),
        np.zeros(1, np.int32),
        np.ones(1, np.bool_),
    )
    assert owner.tolist() == [-1, 1]
