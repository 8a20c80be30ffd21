"""The kernels of distances against what the words mean."""

from __future__ import annotations

import math
from functools import cache

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txmon.evaluate.measured import distance_km, edit_distance, similarity

words = st.text("abß😀é", max_size=7) | st.none()


@cache
def _edits(first: str, second: str) -> int:
    """Levenshtein by its recursive definition."""
    if not first or not second:
        return len(first) + len(second)
    if first[0] == second[0]:
        return _edits(first[1:], second[1:])
    return 1 + min(
        _edits(first[1:], second), _edits(first, second[1:]), _edits(first[1:], second[1:])
    )


def _columns(pairs: list[tuple[str | None, str | None]]) -> list[pl.Series]:
    return [pl.Series([pair[at] for pair in pairs], dtype=pl.String) for at in range(2)]


@given(st.lists(st.tuples(words, words), min_size=1, max_size=8))
def test_edit_distance_counts_code_points(pairs: list[tuple[str | None, str | None]]) -> None:
    wanted = [None if None in pair else _edits(*pair) for pair in pairs]  # type: ignore[arg-type]

    assert edit_distance(_columns(pairs)).to_list() == wanted


@given(st.lists(st.tuples(words, words), min_size=1, max_size=8))
def test_similarity_is_what_is_left_of_the_longer_text(
    pairs: list[tuple[str | None, str | None]],
) -> None:
    wanted = []
    for first, second in pairs:
        if first is None or second is None:
            wanted.append(None)
            continue
        longer = max(len(first), len(second))
        wanted.append((longer - _edits(first, second)) / longer if longer else 1.0)

    assert similarity(_columns(pairs)).to_list() == wanted


def test_letters_that_look_alike_are_not_alike() -> None:
    assert edit_distance(_columns([("é", "e\u0301"), ("A", "a"), ("", "")])).to_list() == [2, 1, 0]


def test_a_constant_meets_every_row() -> None:
    texts = pl.Series(["abc", None, "abd"])

    assert edit_distance([texts, pl.Series(["abc"])]).to_list() == [0, None, 1]
    assert similarity([pl.Series(["ab"]), texts]).to_list() == [2 / 3, None, 2 / 3]
    assert edit_distance([texts.head(0), pl.Series(["abc"])]).to_list() == []


@pytest.mark.parametrize(("length", "distance"), [(1_000, 1_000), (1_001, None)])
def test_the_longest_text(length: int, distance: int | None) -> None:
    pairs = [("x" * length, "y"), ("y", "x" * length)]

    assert edit_distance(_columns(pairs)).to_list() == [distance, distance]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("place", "other", "kilometres"),
    [
        ((52.516275, 13.377704), (48.858222, 2.2945), 879.1),  # Berlin and Paris
        ((0.0, 0.0), (0.0, 180.0), math.pi * 6371.0088),
        ((90.0, 0.0), (-90.0, 77.0), math.pi * 6371.0088),
        ((10.0, 20.0), (10.0, 20.0), 0.0),
        ((0.0, 179.5), (0.0, -179.5), math.pi * 6371.0088 / 180),
    ],
)
def test_great_circles(
    place: tuple[float, float], other: tuple[float, float], kilometres: float
) -> None:
    (found,) = distance_km([pl.Series([value]) for value in (*place, *other)])

    assert found == pytest.approx(kilometres, rel=1e-3, abs=1e-9)


@pytest.mark.parametrize("at", range(4))
@pytest.mark.parametrize("beyond", [1.0, -1.0])
def test_coordinates_out_of_range_are_unknown(at: int, beyond: float) -> None:
    edge = [90.0, 180.0, 90.0, 180.0]
    over = list(edge)
    over[at] = math.nextafter(edge[at], math.inf) * beyond

    columns = [pl.Series(pair) for pair in zip(edge, over, strict=True)]

    assert [value is None for value in distance_km(columns)] == [False, True]
