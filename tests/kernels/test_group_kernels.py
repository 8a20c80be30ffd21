"""Kernels of groups against the plainest loop that says what they mean."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txmon import kernels

if TYPE_CHECKING:
    from collections.abc import Callable

Array = np.ndarray[Any, Any]
SIZE, BLOCKS = 3, 4
"""Length of a block, and how many a window has."""

Groups = list[list[tuple[int, int, int]]]


class Windows(NamedTuple):
    """Counted rows of one timeline in order, and a window that ends at each of them."""

    times: Array
    low: Array
    high: Array


@st.composite
def windows(draw: st.DrawFn) -> Windows:
    times = sorted(draw(st.lists(st.integers(0, 25), min_size=1, max_size=12)))
    low = [sum(time <= end - SIZE * BLOCKS for time in times) for end in times]
    high = np.arange(1, len(times) + 1, dtype=np.int32)
    return Windows(np.array(times, np.int64), np.array(low, np.int32), high)


def listed(take: Callable[[int], Any], rows: int) -> Groups:
    """The groups of every row, however few are listed at once."""
    found: Groups = []
    while len(found) < rows:
        begin, offsets, lo, hi, marks = take(len(found))
        every = list(zip(lo.tolist(), hi.tolist(), marks.tolist(), strict=True))
        found += [every[a:b] for a, b in itertools.pairwise(offsets)]
        assert begin == len(found), "each call gets on"
    return found


def plain_blocks(given_: Windows, row: int, *, every: bool) -> list[tuple[int, int, int]]:
    end, groups = int(given_.times[row]), []
    for block in range(BLOCKS):
        inside = [
            place
            for place in range(given_.low[row], given_.high[row])
            if end - (block + 1) * SIZE < given_.times[place] <= end - block * SIZE
        ]
        if inside:
            groups.append((inside[0], inside[-1] + 1, block))
        elif every:
            groups.append((-1, -1, block))
    return groups


@pytest.mark.parametrize("every", [False, True])
@given(given_=windows(), room=st.integers(0, 40))
def test_blocks_are_counted_back_from_the_end(given_: Windows, room: int, every: bool) -> None:  # noqa: FBT001 - a case
    nothing, rows = np.empty(0, np.int64), given_.times.size
    shape = np.array([SIZE, every, max(room, BLOCKS, rows)], np.int64)
    counts = np.full(rows, BLOCKS, np.int64)
    given_arrays = (given_.low, given_.high, given_.times, counts, given_.times, nothing, nothing)

    found = listed(lambda begin: kernels.list_blocks(begin, *given_arrays, shape), rows)

    plain = [plain_blocks(given_, row, every=every) for row in range(rows)]
    assert [[one if one[0] < one[1] else (-1, -1, one[2]) for one in row] for row in found] == plain


@pytest.mark.parametrize("every", [False, True])
@given(given_=windows())
def test_periods_begin_at_their_edges(given_: Windows, every: bool) -> None:  # noqa: FBT001 - a case
    edges = np.array([0, 5, 5, 11, 18], np.int64)
    periods = np.searchsorted(edges, given_.times, side="right") - 1
    begins = np.searchsorted(edges, np.maximum(given_.times - SIZE * BLOCKS + 1, 0), side="right")
    counts = periods - begins + 2
    rows = given_.times.size
    shape = np.array([0, every, 100], np.int64)
    arrays = (given_.low, given_.high, periods, counts, given_.times, periods, edges, shape)

    found = listed(lambda begin: kernels.list_blocks(begin, *arrays), rows)

    for row, groups in enumerate(found):
        held = {periods[row] - mark: list(range(lo, hi)) for lo, hi, mark in groups if lo < hi}
        inside = range(given_.low[row], given_.high[row])
        assert held == {
            period: [p for p in inside if periods[p] == period]
            for period in {periods[p] for p in inside}
        }
        assert not every or len(groups) == counts[row]


@given(windows(), st.data(), st.integers(0, 20))
def test_values_are_listed_once_each(given_: Windows, data: st.DataObject, room: int) -> None:
    rows = given_.times.size
    numbers = data.draw(st.lists(st.integers(0, 2), min_size=rows, max_size=rows))
    codes = np.array(numbers, np.int32)
    order = np.argsort(codes, kind="stable").astype(np.int32)
    ranks = np.empty_like(order)
    ranks[order] = np.arange(rows, dtype=np.int32)
    shape = np.array([3, max(room, 3)], np.int64)
    arrays = (given_.low, given_.high, codes, ranks, shape)

    found = listed(lambda begin: kernels.list_values(begin, *arrays), rows)

    for row, groups in enumerate(found):
        inside = range(given_.low[row], given_.high[row])
        held = {mark: sorted(order[lo:hi].tolist()) for lo, hi, mark in groups}
        assert len(held) == len(groups)
        assert held == {
            code: [p for p in inside if codes[p] == code] for code in {codes[p] for p in inside}
        }


@st.composite
def slices(draw: st.DrawFn) -> tuple[Array, Array, Array, Array]:
    """Values, which are known, and slices of them."""
    size = draw(st.integers(1, 9))
    values = draw(st.lists(st.integers(-3, 3), min_size=size, max_size=size))
    known = draw(st.lists(st.booleans(), min_size=size, max_size=size))
    pairs = draw(st.lists(st.tuples(st.integers(0, size), st.integers(0, size)), max_size=9))
    lo, hi = ([pick(pair) for pair in pairs] for pick in (min, max))
    return (
        np.array(values, np.int64),
        np.array(known, np.bool_),
        np.array(lo, np.int32),
        np.array(hi, np.int32),
    )


@pytest.mark.parametrize("largest", [False, True])
@given(given_=slices())
def test_the_extreme_of_a_slice(given_: tuple[Array, ...], largest: bool) -> None:  # noqa: FBT001 - a case
    values, known, lo, hi = given_
    tree = kernels.best_tree(known, values, largest)

    found = kernels.extreme_of(lo, hi, tree, values, largest)

    best = max if largest else min
    for place, low, high in zip(found, lo, hi, strict=True):
        inside = [int(values[p]) for p in range(low, high) if known[p]]
        assert (None if place < 0 else values[place]) == best(inside, default=None)


@given(slices(), st.data())
def test_different_values_of_a_slice(given_: tuple[Array, ...], data: st.DataObject) -> None:
    values, known, lo, hi = given_
    codes = np.where(known, values + 3, -1).astype(np.int32)
    drawn = data.draw(st.lists(st.integers(0, 1), min_size=lo.size, max_size=lo.size))
    marks = np.array(drawn, np.int32)
    order = np.argsort(marks, kind="stable").astype(np.int32)

    found = kernels.distinct_of(order, marks, lo, hi, known, codes, 7)

    plain = [len(set(codes[a:b][known[a:b]].tolist())) for a, b in zip(lo, hi, strict=True)]
    assert found.tolist() == plain


@given(st.lists(st.lists(st.integers(-5, 5), max_size=5), min_size=1, max_size=5))
def test_the_middle_of_a_slice(groups: list[list[int]]) -> None:
    values = np.array([value for group in groups for value in group], np.int64)
    offsets = np.concatenate([[0], np.cumsum([len(group) for group in groups])]).astype(np.int64)

    lower, upper = kernels.middle_of(values, offsets)

    for group, low, high in zip(groups, lower, upper, strict=True):
        ranked = sorted(group) or [0]
        assert (low, high) == (ranked[(len(ranked) - 1) // 2], ranked[len(ranked) // 2])


@given(windows())
def test_edges_bound_windows(given_: Windows) -> None:
    starts, edges = np.array([0, given_.times.size], np.int32), given_.times - 2

    found = kernels.edge_bounds(starts, given_.times, edges)

    assert found.tolist() == [int((given_.times < edge).sum()) for edge in edges]


@given(slices(), st.integers(0, 9))
def test_the_nth_of_a_slice(given_: tuple[Array, ...], nth: int) -> None:
    values, _, lo, hi = given_
    different, ranks = np.unique(values, return_inverse=True)
    bits = max(1, int(different.size - 1).bit_length())
    matrix = kernels.rank_bits(ranks.astype(np.int32), bits)

    found = kernels.nth_of(matrix, bits, values.size, lo, hi, np.full(lo.size, nth, np.int32))

    for rank, low, high in zip(found, lo, hi, strict=True):
        ranked = sorted(values[low:high].tolist())
        assert rank == 0 if nth >= len(ranked) else different[rank] == ranked[nth]
