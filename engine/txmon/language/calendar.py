"""Days, weeks, months, years and business days of a zone: which one a time is in, where it begins.

A day begins at the first instant whose local date is that day or a later one, and lasts until the
next begins: 23 or 25 hours where the clocks change, none where the zone left a day out. All here
works on whole arrays, each local day looked at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.language.nodes import Unit

if TYPE_CHECKING:
    from txmon.language.nodes import Window

Array = np.ndarray[Any, Any]
DAY = 86_400_000_000
FARTHEST_OFFSET = 36 * 3_600_000_000
"""Local midnight is less than this away from midnight in UTC, whatever the zone."""

FIRST_MONDAY = np.datetime64("0001-01-01", "D")
"""Where working days are counted from."""

_STEPS = {Unit.MONTH: "datetime64[M]", Unit.YEAR: "datetime64[Y]"}


@dataclass(frozen=True)
class Calendar:
    """The calendar of one zone; ``holidays`` are days off beside Saturday and Sunday.

    Times are microseconds and days are numbers of days, both since 1970-01-01, both int64.
    """

    zone: str = "UTC"
    holidays: frozenset[int] = frozenset()

    @cached_property
    def _working(self) -> np.busdaycalendar:
        days = np.array(sorted(self.holidays), np.int64).astype("datetime64[D]")
        return np.busdaycalendar(holidays=days)

    def days(self, times: Array) -> Array:
        """The day that each time is in."""
        if times.size == 0:
            return np.empty(0, np.int64)
        first, last = (int(day) for day in self._local(np.array([times.min(), times.max()])))
        starts = self.starts(np.arange(first - 1, last + 2))
        days: Array = np.searchsorted(starts, times, side="right") + (first - 2)
        return days

    def starts(self, days: Array) -> Array:
        """The instant at which each day begins."""
        midnights = pl.Series(days * DAY).cast(pl.Datetime("us"))
        local = midnights.dt.replace_time_zone(
            self.zone, ambiguous="earliest", non_existent="null"
        ).to_physical()
        skipped = local.is_null().to_numpy()
        starts: Array = local.fill_null(0).to_numpy().copy()
        starts[skipped] = self._after_gaps(days[skipped])
        return starts

    def _after_gaps(self, days: Array) -> Array:
        """The first instants of days whose midnight the clocks leapt over, by bisection."""
        before, after = days * DAY - FARTHEST_OFFSET, days * DAY + FARTHEST_OFFSET
        for _ in range(int(2 * FARTHEST_OFFSET).bit_length()):
            middle = (before + after) // 2
            begun = self._local(middle) >= days
            before, after = np.where(begun, before, middle), np.where(begun, middle, after)
        return after

    def _local(self, times: Array) -> Array:
        """The date that the clock shows at each time."""
        utc = pl.Series(times).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
        dates: Array = utc.dt.convert_time_zone(self.zone).dt.date().to_physical().to_numpy()
        return dates.astype(np.int64)

    def numbers(self, unit: Unit, days: Array) -> Array:
        """The number of the period that each day is in; the next period has the next number."""
        if unit is Unit.DAY:
            return days
        if unit is Unit.WEEK:
            numbers: Array = (days + 3) // 7  # 1970-01-01 was a Thursday
            return numbers
        if unit is Unit.BUSINESS_DAY:
            return self.working_days(days - 1)
        return days.astype("datetime64[D]").astype(_STEPS[unit]).astype(np.int64)

    def first_days(self, unit: Unit, numbers: Array) -> Array:
        """The day that each period begins with."""
        if unit is Unit.DAY:
            return numbers
        if unit is Unit.WEEK:
            return numbers * 7 - 3
        if unit is Unit.BUSINESS_DAY:
            before = np.busday_offset(
                FIRST_MONDAY, numbers - 1, roll="forward", busdaycal=self._working
            )
            return before.astype(np.int64) + 1
        return numbers.astype(_STEPS[unit]).astype("datetime64[D]").astype(np.int64)

    def begins(self, unit: Unit, numbers: Array) -> Array:
        """The instant at which each period begins."""
        return self.starts(self.first_days(unit, numbers))

    def working_days(self, days: Array) -> Array:
        """How many working days there are up to and including each day, since the year 1."""
        ends = (days + 1).astype("datetime64[D]")
        counts: Array = np.busday_count(FIRST_MONDAY, ends, busdaycal=self._working)
        return counts.astype(np.int64)

    def business_days(self, days: Array) -> Array:
        """The working day that each day belongs to: itself, or after a day off the next one."""
        dates = days.astype("datetime64[D]")
        return np.busday_offset(dates, 0, roll="forward", busdaycal=self._working).astype(np.int64)

    def periods(self, unit: Unit, times: Array) -> Array:
        """The number of the period that each time is in."""
        if times.size == 0:
            return np.empty(0, np.int64)
        days = self.days(times)
        first = int(days.min())
        numbers: Array = self.numbers(unit, np.arange(first, int(days.max()) + 1))[days - first]
        return numbers

    def bounds(self, window: Window, times: Array) -> tuple[Array, Array]:
        """Of a window of periods at each time: its first instant, and where this period begins.

        A window of ``previous`` periods ends before the second.
        """
        assert window.unit is not None  # noqa: S101 - a window of periods has one
        if times.size == 0:
            return np.empty(0, np.int64), np.empty(0, np.int64)
        numbers = self.periods(window.unit, times)
        first = int(numbers.min())
        every = np.arange(first, int(numbers.max()) + 1)
        back = window.length if window.previous else window.length - 1
        since, this = (self.begins(window.unit, every - count) for count in (back, 0))
        return since[numbers - first], this[numbers - first]
