"""One simulated morning: who is where, with which phone, and what stands on each account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.population.places import CASH_MACHINES, CITIES
from txmon.simulate.vocabulary import NONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.population import Population
    from txmon.simulate.scenario import Day

_MOBILE = 0.55


@dataclass(frozen=True, slots=True)
class Today:
    """A day with its population, the balances in cents this morning, and the city and device of
    each person today.
    """

    day: Day
    people: Population
    balances: NDArray[np.int64]
    city: NDArray[np.int8]
    device: NDArray[np.int32]

    def addresses(self, rng: np.random.Generator, persons: NDArray[np.int32]) -> NDArray[np.int32]:
        """Network addresses of sessions: at home or, as often, on the road behind a shared one."""
        away = self.city[persons] != self.people.city[persons]
        mobile = away | (rng.random(len(persons)) < _MOBILE)
        shared = mobile_address(self.people, rng, len(persons))
        return np.where(mobile, shared, self.people.ip[persons]).astype(np.int32)

    def session_places(self, persons: NDArray[np.int32]) -> NDArray[np.int32]:
        """Places of sessions: a region without coordinates."""
        return session_place(self.people, self.city[persons])

    def machines(self, rng: np.random.Generator, persons: NDArray[np.int32]) -> NDArray[np.int32]:
        """Cash machines in the cities where these persons are."""
        return cash_machine(self.people, rng, self.city[persons])


def today(people: Population, day: Day, balances: NDArray[np.int64]) -> Today:
    """The morning of a day."""
    persons = len(people.ranges.persons)
    away = (
        (people.trip_city != NONE)
        & (people.trip_start <= day.index)
        & (day.index < people.trip_end)
    )
    own = np.arange(persons, dtype=np.int32)
    new = people.ranges.total + own
    device = np.where(people.new_phone_day <= day.index, new, people.device[:persons])
    city = np.where(away, people.trip_city, people.city[:persons]).astype(np.int8)
    return Today(day, people, balances, city, device.astype(np.int32))


def mobile_address(people: Population, rng: np.random.Generator, size: int) -> NDArray[np.int32]:
    """Addresses of mobile networks; many phones share each."""
    drawn = people.ranges.total + rng.integers(0, people.mobile_addresses, size)
    return drawn.astype(np.int32)


def session_place(people: Population, city: NDArray[np.int8]) -> NDArray[np.int32]:
    """The place of a session in a city."""
    return (people.ranges.total + city.astype(np.int32)).astype(np.int32)


def cash_machine(
    people: Population, rng: np.random.Generator, city: NDArray[np.int8]
) -> NDArray[np.int32]:
    """Cash machines (or branches) in these cities."""
    first = people.ranges.total + len(CITIES)
    which = rng.integers(0, CASH_MACHINES, len(city))
    return (first + city.astype(np.int32) * CASH_MACHINES + which).astype(np.int32)
