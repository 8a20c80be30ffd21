"""Windows of calendar periods and business days where clocks change and days are left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from txmon.evaluate import Carry, evaluate
from txmon.language.calendar import DAY, Calendar
from txmon.language.nodes import Unit, Window
from txmon.plan import compile_plan
from txmon.testing import trees
from txmon.testing.factories import transactions
from txmon.testing.oracle_calendar import back, begin_of_day, microseconds

ZONES = (
    *("UTC", "America/New_York", "Africa/Cairo", "America/Sao_Paulo", "America/Havana"),
    *("America/St_Johns", "Pacific/Apia"),
)
HOLIDAY = (date(2026, 3, 9) - date(1970, 1, 1)).days
"""A Monday."""


def day_number(text: str) -> int:
    return (date.fromisoformat(text) - date(1970, 1, 1)).days


@pytest.mark.parametrize("zone", ZONES)
def test_days_begin_as_the_clock_of_the_zone_says(zone: str) -> None:
    days = np.concatenate(
        [np.arange(day_number(year + "-01-01"), day_number(year + "-12-31")) for year in YEARS]
    )

    starts = Calendar(zone).starts(days)

    clock = ZoneInfo(zone)
    expected = [
        microseconds(begin_of_day(date.fromordinal(int(day) + EPOCH), clock)) for day in days
    ]
    assert starts.tolist() == expected


YEARS = ("2006", "2011", "2026")
EPOCH = date(1970, 1, 1).toordinal()


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("unit", list(Unit))
def test_every_time_is_in_the_period_that_began_last(zone: str, unit: Unit) -> None:
    calendar = Calendar(zone, frozenset({HOLIDAY}))
    first, last = day_number("2011-09-01"), day_number("2012-04-01")
    times = np.random.default_rng(1).integers(first * DAY, last * DAY, 2_000)

    numbers = calendar.periods(unit, times)

    assert (calendar.begins(unit, numbers) <= times).all()
    assert (times < calendar.begins(unit, numbers + 1)).all()


@pytest.mark.parametrize("unit", list(Unit))
@pytest.mark.parametrize("previous", [False, True])
def test_windows_begin_where_the_oracle_says(unit: Unit, previous: bool) -> None:  # noqa: FBT001 - a case
    zone, holidays = ZoneInfo("America/New_York"), frozenset({HOLIDAY})
    window = trees.periods(3, unit, previous=previous)
    times = np.array([day_number("2026-03-06") * DAY + hour * DAY // 24 for hour in range(120)])

    since, this = Calendar("America/New_York", holidays).bounds(window, times)

    length = 3 if previous else 2
    assert since.tolist() == [back(unit, int(t), length, zone, holidays) for t in times]
    assert this.tolist() == [back(unit, int(t), 0, zone, holidays) for t in times]


def test_a_day_that_the_zone_left_out_has_no_length() -> None:
    days = np.arange(day_number("2011-12-29"), day_number("2012-01-02"))

    assert np.diff(Calendar("Pacific/Apia").starts(days)).tolist() == [DAY, 0, DAY]


def values(window: Window, times: list[str], zone: str, holidays: frozenset[int]) -> list[int]:
    feature = trees.aggregate("count", by=("debtor_account",), window=window)
    rule = trees.rule(trees.boolean(value=False), by=("debtor_account",), features={"n": feature})
    pack = replace(trees.pack(rule, timezone=zone), holidays=holidays)
    table = transactions([{"at": time} for time in times], debtor_account="A", amount="10")
    found = evaluate(compile_plan(pack, table.columns), Carry(), table, features=True).features
    assert found is not None
    return found["r1.n"].to_list()


def test_a_business_day_takes_in_the_days_off_before_it() -> None:
    window, holidays = trees.periods(1, Unit.BUSINESS_DAY), frozenset({HOLIDAY})
    friday, saturday, monday, tuesday, wednesday = (
        f"2026-03-{day:02d}T12:00:00+00:00" for day in (6, 7, 9, 10, 11)
    )

    found = values(window, [friday, saturday, monday, tuesday, wednesday], "UTC", holidays)

    assert found == [1, 1, 2, 3, 1]


def test_previous_periods_hold_no_row_of_this_one() -> None:
    window = trees.periods(1, Unit.MONTH, previous=True)
    times = [f"2026-{when}:00+00:00" for when in ("01-31T23:59", "02-01T00:00", "02-28T23:59")]

    assert values(window, [*times, "2026-03-01T00:00:00+00:00"], "UTC", frozenset()) == [0, 1, 1, 2]


def test_the_first_years_and_the_last_can_be_asked_for() -> None:
    moments = [datetime(1901, 1, 1, tzinfo=UTC), datetime(2190, 12, 31, tzinfo=UTC)]
    times = np.array([microseconds(moment) for moment in moments])

    since, _ = Calendar("America/New_York").bounds(trees.periods(100, Unit.YEAR), times)

    zone = ZoneInfo("America/New_York")
    assert since[1] == microseconds(begin_of_day(date(2091, 1, 1), zone))
    assert since[0] < microseconds(datetime(1801, 2, 1, tzinfo=UTC))
