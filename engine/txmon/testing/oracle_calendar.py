"""Periods of the calendar as the oracle sees them: day after day, by the clock of a zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING

from txmon.language.nodes import Unit

if TYPE_CHECKING:
    from collections.abc import Collection
    from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1)
ONE_DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
SATURDAY, SUNDAY = 6, 7

Period = tuple[int, int]
"""First instant of a period and of the next, microseconds."""


def microseconds(moment: datetime) -> int:
    """An instant as microseconds since 1970."""
    return (moment - EPOCH) // MICROSECOND


def is_off(day: date, holidays: Collection[int]) -> bool:
    """Whether nobody works on a day."""
    return day.isoweekday() in {SATURDAY, SUNDAY} or (day - FIRST_DAY).days in holidays


def business_day(day: date, holidays: Collection[int]) -> date:
    """The working day that a day belongs to."""
    while is_off(day, holidays):
        day += ONE_DAY
    return day


def business_days_between(first: date, last: date, holidays: Collection[int]) -> int:
    """Working days after the first day up to the last."""
    if last < first:
        return -business_days_between(last, first, holidays)
    days = (first + timedelta(number) for number in range(1, (last - first).days + 1))
    return sum(not is_off(day, holidays) for day in days)


@cache
def begin_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant at which the clock shows a day, or a later one where it leaps over it."""
    midnight = datetime.combine(day, time(), zone)
    begin = midnight.astimezone(UTC)
    if begin.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return begin
    before, after = begin - 2 * ONE_DAY, begin + 2 * ONE_DAY
    while after - before > MICROSECOND:
        middle = before + (after - before) // 2
        begun = middle.astimezone(zone).date() >= day
        before, after = (before, middle) if begun else (middle, after)
    return after


def day_of(instant: int, zone: ZoneInfo) -> date:
    """The day that began last."""
    moment = EPOCH + timedelta(microseconds=instant)
    day = moment.astimezone(zone).date() + ONE_DAY
    while begin_of_day(day, zone) > moment:
        day -= ONE_DAY
    return day


def _first(unit: Unit, day: date, holidays: Collection[int]) -> date:
    """The first day of the period that a day is in."""
    match unit:
        case Unit.DAY:
            return day
        case Unit.WEEK:
            return day - timedelta(day.weekday())
        case Unit.MONTH:
            return day.replace(day=1)
        case Unit.YEAR:
            return day.replace(month=1, day=1)
        case Unit.BUSINESS_DAY:
            while is_off(day - ONE_DAY, holidays):
                day -= ONE_DAY
            return day


def _next(unit: Unit, first: date, holidays: Collection[int]) -> date:
    """The first day of the next period."""
    match unit:
        case Unit.DAY:
            return first + ONE_DAY
        case Unit.WEEK:
            return first + timedelta(7)
        case Unit.MONTH:
            return (first + timedelta(31)).replace(day=1)
        case Unit.YEAR:
            return first.replace(year=first.year + 1)
        case Unit.BUSINESS_DAY:
            return business_day(first, holidays) + ONE_DAY


def periods(
    unit: Unit, since: int, until: int, zone: ZoneInfo, holidays: Collection[int]
) -> list[Period]:
    """The periods from the one that holds an instant to the one that holds another, in order."""
    day, found = _first(unit, day_of(since, zone), holidays), list[Period]()
    while microseconds(begin_of_day(day, zone)) <= until:
        after = _next(unit, day, holidays)
        begin, end = begin_of_day(day, zone), begin_of_day(after, zone)
        found.append((microseconds(begin), microseconds(end)))
        day = after
    return found


def back(unit: Unit, instant: int, number: int, zone: ZoneInfo, holidays: Collection[int]) -> int:
    """The instant at which the period begins that is so many before the one of an instant."""
    day = _first(unit, day_of(instant, zone), holidays)
    for _ in range(number):
        day = _first(unit, day - ONE_DAY, holidays)
    return microseconds(begin_of_day(day, zone))
