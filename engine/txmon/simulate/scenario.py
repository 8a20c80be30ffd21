"""What to simulate: size, seed and period, and the random streams that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np

MINIMUM_TRANSACTIONS = 1_000
MINIMUM_A_DAY = 20
MINIMUM_DAYS = 7
START = date(2026, 3, 1)
DAYS = 90
DAY = 86_400_000_000
HOUR = 3_600_000_000
MINUTE = 60_000_000
HOME_ZONE = timezone(timedelta(hours=8))
"""Where the simulated customers live: China, which has had no summer time since 1991."""

TELEFRAUD = "telefraud"
SCENARIOS = (TELEFRAUD,)
NATURAL_SIZE = 250_000
"""Transactions at which a simulation has the numbers of the police report, below; other sizes
have as many times more or fewer of each."""

SYNDICATES, VICTIMS, RENTED = 11, 800, 190
STOLEN_FROM_EACH = 75_000
"""Yuan lost by a victim on average: 60 million by 800."""

_ROWS_PER_PERSON_AND_DAY = 0.25


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
    name: str = TELEFRAUD

    def __post_init__(self) -> None:
        minimum = max(MINIMUM_TRANSACTIONS, MINIMUM_A_DAY * self.days)
        if self.transactions < minimum:
            raise ValueError(f"{self.days} days need at least {minimum} transactions")
        if self.days < MINIMUM_DAYS:
            raise ValueError(f"a simulation needs at least {MINIMUM_DAYS} days")
        if self.name not in SCENARIOS:
            raise ValueError(f"there is no scenario {self.name!r}, only {', '.join(SCENARIOS)}")

    @property
    def persons(self) -> int:
        """How many private customers make that many transactions in that many days."""
        return max(60, round(self.transactions / (_ROWS_PER_PERSON_AND_DAY * self.days)))

    @property
    def syndicates(self) -> int:
        """How many syndicates there are, one at least."""
        return self._share_of(SYNDICATES, 1)

    @property
    def victims(self) -> int:
        """How many people lose money, three at least."""
        return self._share_of(VICTIMS, 3)

    @property
    def rented(self) -> int:
        """How many accounts criminals rent or open, nine at least."""
        return self._share_of(RENTED, 9)

    def _share_of(self, number: int, least: int) -> int:
        return max(least, round(number * self.transactions / NATURAL_SIZE))

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
