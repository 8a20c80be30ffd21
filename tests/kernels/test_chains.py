"""Kernels of sequences: the best of a range, and of earlier rows between two ranks."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from txmon import kernels

Array = np.ndarray[Any, Any]
NUMBERS = st.lists(st.integers(-1, 9), max_size=9)


def as_rows(values: list[int]) -> Array:
    return np.array(values, np.int32)


@given(NUMBERS, st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=5))
def test_the_best_between_two_places(values: list[int], bounds: list[tuple[int, int]]) -> None:
    cut = [(min(low, len(values)), min(high, len(values))) for low, high in bounds]
    low, high = (as_rows([pair[side] for pair in cut]) for side in (0, 1))

    found = kernels.best_between(as_rows(values), low, high)

    assert found.tolist() == [max(values[low:high], default=-1) for low, high in cut]


@st.composite
def earlier_rows(draw: st.DrawFn) -> tuple[list[int], list[int], list[int]]:
    """Positions, ascending, with their leaves, all different, and their values."""
    positions = sorted(draw(st.sets(st.integers(0, 12), max_size=8)))
    leaves = draw(st.permutations(range(len(positions))))
    values = draw(st.lists(st.integers(0, 9), min_size=len(positions), max_size=len(positions)))
    return positions, list(leaves), values


@st.composite
def asking_rows(draw: st.DrawFn) -> list[tuple[int, int, int, int]]:
    """Position and earliest position, both ascending, and the leaves between which to look."""
    at = sorted(draw(st.sets(st.integers(0, 13), max_size=6)))
    since = sorted(draw(st.lists(st.integers(0, 13), min_size=len(at), max_size=len(at))))
    bounds = st.tuples(st.integers(0, 8), st.integers(0, 8))
    return [(one, start, *draw(bounds)) for one, start in zip(at, since, strict=True)]


@given(earlier_rows(), asking_rows())
def test_the_best_of_earlier_rows_between_two_ranks(
    rows: tuple[list[int], list[int], list[int]], asking: list[tuple[int, int, int, int]]
) -> None:
    positions, leaves, values = rows
    asked = [
        (at, since, min(low, len(leaves)), min(high, len(leaves)))
        for at, since, low, high in asking
    ]
    columns = [as_rows([one[place] for one in asked]) for place in range(4)]

    found = kernels.best_linked(*map(as_rows, rows), *columns)

    every = list(zip(positions, leaves, values, strict=True))
    assert found.tolist() == [
        max((v for p, leaf, v in every if since <= p < at and low <= leaf < high), default=-1)
        for at, since, low, high in asked
    ]


def test_a_step_goes_back_to_the_latest_row_that_leaves_room() -> None:
    # One group: rows of the step at 2, 4, 6, 8; rows of the step before at 1, 4 and 5.
    at, before = as_rows([2, 4, 6, 8]), as_rows([1, 4, 5])
    first, none = np.zeros(4, np.int32), np.zeros(4, np.int32)
    high = as_rows([1, 1, 3, 3])

    def back(start: list[int], most: int) -> tuple[list[int], list[int]]:
        taken, left = kernels.step_back(
            *(as_rows([3]), as_rows([1]), at, first, none, high, none),
            *(before, as_rows(start), np.zeros(3, np.int32), 1, most, 0),
        )
        return taken.tolist(), left.tolist()

    assert back([1, 4, 5], 1) == ([1], [2])  # 8, then 5
    assert back([1, 4, 5], 9) == ([2], [2])  # 8 and 6, then 5
    assert back([1, 4, 0], 9) == ([4], [0])  # 8, 6, 4, which stays, and 2, then 1
    assert back([0, 4, 0], 9) == ([2], [1])  # 8 and 6, then 4, which is the last that is left
