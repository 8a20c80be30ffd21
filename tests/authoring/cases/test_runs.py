"""Lines of many rows: their times, and values that run."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txmon.authoring.cases.runs import Times, fill, read_times
from txmon.language.problems import Problem
from txmon.testing.offsets import show_offset

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+2h", Times(2 * HOUR)),
        ("+0h..+5h/20min", Times(timedelta(0), 20 * MINUTE, 16, run=True)),
        ("+1d/20min*6", Times(24 * HOUR, 20 * MINUTE, 6, run=True)),
        ("+0h/0min*3", Times(timedelta(0), timedelta(0), 3, run=True)),
        ("+2h..+2h/1h", Times(2 * HOUR, HOUR, 1, run=True)),
    ],
)
def test_times(text: str, expected: Times) -> None:
    assert read_times(text) == expected


@pytest.mark.parametrize(
    ("text", "marked", "message"),
    [
        ("0h..+5h/20min", "0h", "a time of a case is + and one duration, found '0h'"),
        ("+0h..5h/20min", "5h", "a time of a case is + and one duration, found '5h'"),
        ("+0h..+5h/20m", "20m", "'20m' is no number and no duration"),
        ("+0h..+5h", "+0h..+5h", "'+0h..+5h' has no step"),
        ("+0h/20min", "+0h/20min", "'+0h/20min' has no end and no number of rows"),
        ("+5h..+0h/20min", "+0h", "the end +0h is before the beginning +5h"),
        ("+0h..+1h/0min", "+0h..+1h/0min", "with a step of 0 the end is never reached"),
        ("+0h..+50min/20min", "+0h..+50min/20min", "in these steps no row is at +50min"),
        ("+0h/1h*0", "0", "after * stands how many rows, 1 to 100,000, found '0'"),
        ("+0h/1h*", "*", "after * stands how many rows, 1 to 100,000, found ''"),
        ("+0h/1h*x", "x", "after * stands how many rows, 1 to 100,000, found 'x'"),
        (
            "+0h..+9000h/1s",
            "+0h..+9000h/1s",
            "these are 32,400,001 rows; a case has at most 100,000",
        ),
    ],
)
def test_wrong_times_are_told_where_they_are(text: str, marked: str, message: str) -> None:
    found = read_times(text)
    assert isinstance(found, Problem)
    assert (text[found.start : found.end], found.message) == (marked, message)


def test_a_step_that_does_not_arrive_says_where_it_does() -> None:
    found = read_times("+0h..+50min/20min")
    assert isinstance(found, Problem)
    assert found.help == "end at +40min or +1h"


@given(st.integers(0, 10**6), st.integers(1, 10**5), st.integers(1, 50))
def test_both_spellings_of_a_run_are_one(first: int, step: int, count: int) -> None:
    begin, gap = timedelta(seconds=first), timedelta(seconds=step)
    end, written = show_offset(begin + (count - 1) * gap), show_offset(gap)[1:]
    counted = read_times(f"{show_offset(begin)}/{written}*{count}")
    assert counted == Times(begin, gap, count, run=True)
    assert read_times(f"{show_offset(begin)}..{end}/{written}") == counted


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P{n}", ["P1", "P2", "P3"]),
        ("{n+9}", ["10", "11", "12"]),
        ("{n-1}", ["0", "1", "2"]),
        ("{50n}", ["50", "100", "150"]),
        ("{900+50n}", ["950", "1000", "1050"]),
        ("{5000-0.01n}", ["4999.99", "4999.98", "4999.97"]),
        ("{A|B}", ["A", "B", "A"]),
        ("{A|-}", ["A", None, "A"]),
        ("{x|y}-{n}", ["x-1", "y-2", "x-3"]),
        ("plain", ["plain"] * 3),
    ],
)
def test_values_that_run(text: str, expected: list[str | None]) -> None:
    assert [fill(text, number) for number in (1, 2, 3)] == expected


@pytest.mark.parametrize("text", ["{}", "{m}", "{n*2}", "{1+n+2}", "{n n}", "{ n}"])
def test_values_that_cannot_run(text: str) -> None:
    found = fill(f"P{text}", 1)
    assert isinstance(found, Problem)
    assert found.message == f"'{text}' is no value that runs"
    assert (found.start, found.end) == (1, 1 + len(text))
