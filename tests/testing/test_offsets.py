from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from txmon.language.problems import Problem
from txmon.testing.offsets import read_instant, read_offset, show_offset


@pytest.mark.parametrize(
    ("text", "offset"),
    [
        ("+0h", timedelta(0)),
        ("+726h", timedelta(hours=726)),
        ("+90min", timedelta(minutes=90)),
        ("+1ms", timedelta(milliseconds=1)),
        ("+1500us", timedelta(microseconds=1500)),
        ("+2w", timedelta(weeks=2)),
    ],
)
def test_an_offset_is_plus_and_a_duration(text: str, offset: timedelta) -> None:
    assert read_offset(text) == offset


@pytest.mark.parametrize("text", ["1h", "-1h", "+", "+1", "+1h 2min", "+5m", "+1h+1h", "later"])
def test_anything_else_is_a_problem(text: str) -> None:
    problem = read_offset(text)

    assert isinstance(problem, Problem)
    assert 0 <= problem.start < problem.end


@pytest.mark.parametrize(
    ("offset", "text"),
    [
        (timedelta(0), "+0h"),
        (timedelta(days=2), "+48h"),
        (timedelta(minutes=90), "+90min"),
        (timedelta(seconds=61), "+61s"),
        (timedelta(milliseconds=1500), "+1500ms"),
        (timedelta(hours=-1), "-1h"),
        (timedelta(microseconds=1500), "+1500us"),
    ],
)
def test_an_offset_is_shown_in_the_largest_unit_that_fits(offset: timedelta, text: str) -> None:
    assert show_offset(offset) == text


def test_an_instant_names_its_zone() -> None:
    assert read_instant("2026-03-01T09:00:00+08:00") == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert isinstance(read_instant("2026-03-01T09:00:00"), Problem)
    assert isinstance(read_instant("soon"), Problem)
