"""What to simulate: size, seed and period, and the random streams that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np

MINIMUM_TRANSACTIONS = 1_000
MINIMUM_A_DAY = 20
MINIMUM_DAYS = 7
START = date(2026, 3, 1)
DAYS = 60
DAY = 86_400_000_000
HOUR = 3_600_000_000
MINUTE = 60_000_000
HOME_ZONE = timezone(timedelta(hours=8))
"""Where the simulated customers live: China, which has had no summer time since 1991."""

_ROWS_PER_PERSON_AND_DAY = 0.67
_ROWS_PER_INCIDENT = 20_000 / 3
"""Rows of the whole for each fraud incident, so that the share of fraud does not depend on size."""

_PERSONS_PER_INCIDENT = 30
"""Enough for the people of one incident and one honest occasion, each of whom appears once."""


@dataclass(frozen=True, slots=True)
class Day:
    """One simulated day: its place in the period, its start (UTC, microseconds), its calendar."""

    index: int
    start: int
    day_of_month: int
    weekday: int


@dataclass(frozen=True, slots=True)
class Scenario:
    """Size, seed and period of a simulation; equal scenarios give equal data.

    ``start`` is the first day, at midnight in China. Raises ValueError below 1,000 transactions,
    20 transactions a day or 7 days.
    """

    transactions: int
    seed: int = 1
    start: date = START
    days: int = DAYS

    def __post_init__(self) -> None:
        minimum = max(MINIMUM_TRANSACTIONS, MINIMUM_A_DAY * self.days)
        if self.transactions < minimum:
            raise ValueError(f"{self.days} days need at least {minimum} transactions")
        if self.days < MINIMUM_DAYS:
            raise ValueError(f"a simulation needs at least {MINIMUM_DAYS} days")

    @property
    def persons(self) -> int:
        """How many private customers make that many transactions in that many days."""
        return max(60, round(self.transactions / (_ROWS_PER_PERSON_AND_DAY * self.days)))

    @property
    def incidents(self) -> int:
        """How many fraud incidents are hidden in the data, over all schemes."""
        wanted = max(1, round(self.transactions / _ROWS_PER_INCIDENT))
        return min(wanted, self.persons // _PERSONS_PER_INCIDENT)

    def stream(self, *path: int) -> np.random.Generator:
        """An independent random stream for one purpose, named by a path of integers."""
        return np.random.Generator(np.random.PCG64(np.random.SeedSequence((self.seed, *path))))

    def day(self, index: int) -> Day:
        """The day at a place of the period, counted from 0."""
        when = self.start + timedelta(days=index)
        midnight = datetime(when.year, when.month, when.day, tzinfo=HOME_ZONE)
        seconds = int(midnight.astimezone(UTC).timestamp())
        return Day(index, seconds * 1_000_000, when.day, when.isoweekday())

    def calendar(self) -> tuple[Day, ...]:
        """Every day of the period."""
        return tuple(self.day(index) for index in range(self.days))
