"""Everybody with an account, and their habits: the arrays that the simulation draws from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.population import wealth
from txmon.simulate.population.places import CITIES, HOME_CITIES, abroad_city
from txmon.simulate.population.ranges import Ranges, allot
from txmon.simulate.vocabulary import COUNTRIES, NONE, YUAN, Segment, Trade

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.scenario import Scenario

    Codes = NDArray[np.int32]
    Cents = NDArray[np.int64]
    Small = NDArray[np.int8]

CIRCLE = 8
"""How many shops and how many friends a person knows by heart."""

AGENTS = 9
"""Banks at home; the first is the one whose payments these are."""

PAYDAYS = (5, 10, 15, 25, 28)
_NEIGHBOURS = 32
_SLOTS_PER_PERSON = 16
_LAST_COMMON_DAY = 28
_NEVER = 1 << 30
_QUIET, _SHARES_DEVICE, _NEW_PHONE, _TRAVELS, _JOINS_LATER = 0.14, 0.13, 0.12, 0.24, 0.05
_LIVES_AWAY = 0.1
"""Share of those with a trip who are away all the time: students, migrants, expatriates."""

_TO_FAR = np.array([30, 5, 4, 8, 3, 4, 14, 18, 18, 7, 9, 8], float)
"""How many travel to each foreign country, in any unit, in the order of their codes."""

_RENTED_FROM_CUSTOMERS = 0.25


@dataclass(frozen=True, slots=True)
class Wheel:
    """Accounts for uniform draws that pick the busy ones more often: each stands on the wheel as
    often as it is active. ``first`` and ``size`` are those of each city's part of it.
    """

    accounts: Codes
    first: NDArray[np.int64]
    size: NDArray[np.int64]

    def spin(self, rng: np.random.Generator, count: int) -> Codes:
        """That many accounts, from anywhere."""
        return self.accounts[rng.integers(0, len(self.accounts), count)]

    def spin_in(self, rng: np.random.Generator, city: Small) -> Codes:
        """An account in each of these cities."""
        place = self.first[city] + (rng.random(len(city)) * self.size[city]).astype(np.int64)
        return self.accounts[place]


@dataclass(frozen=True, slots=True)
class Population:
    """Every account and the habits of its owner.

    Arrays over all accounts: codes of ``country``, ``segment``, ``agent``, ``customer``,
    ``device``, ``phone``, home ``ip`` and ``city``, ``opening`` balance in cents. Over shops:
    ``trade`` and usual ``price``. Over persons: the rest; ``..._day`` without ``pay``, ``rent`` or
    ``bill`` count from the first day of the period, those three are days of the month; NONE
    where a person has no employer, landlord, savings account or trip.
    """

    ranges: Ranges
    country: Small
    segment: Small
    agent: Small
    customer: Codes
    device: Codes
    phone: Codes
    ip: Codes
    city: Small
    opening: Cents
    person_wheel: Wheel
    shop_wheel: Wheel
    trade: Small
    price: Cents
    shops: Codes
    friends: Codes
    employer: Codes
    salary: Cents
    pay_day: Small
    landlord: Codes
    rent: Cents
    rent_day: Small
    bill_day: Small
    utility: Codes
    savings: Codes
    joined_day: NDArray[np.int64]
    new_phone_day: NDArray[np.int64]
    trip_city: Small
    trip_start: NDArray[np.int64]
    trip_end: NDArray[np.int64]

    @property
    def mobile_addresses(self) -> int:
        """How many network addresses phones share when they are not at home."""
        return max(24, len(self.ranges.persons) // 60)


def populate(scenario: Scenario) -> Population:
    """Invent the customers of a scenario."""
    rng = scenario.stream(0)
    ranges = allot(scenario)
    persons = len(ranges.persons)
    city = _cities(rng, ranges)
    device = _devices(rng, ranges)
    employer = _some(rng, _employers(rng, ranges), 0.72)
    landlord = _some(rng, _others(rng, persons), 0.24)
    joined = np.where(
        (rng.random(persons) < _JOINS_LATER) & (employer != NONE),
        rng.integers(0, scenario.days, persons),
        0,
    )
    shop_wheel = _wheel(ranges.shops, _popularity(len(ranges.shops)), city)
    trip_start = rng.integers(0, scenario.days, persons)
    trip_end = trip_start + 1 + rng.geometric(0.16, persons)
    away = rng.random(persons) < _LIVES_AWAY
    return Population(
        ranges=ranges,
        country=np.array([one.country for one in CITIES], np.int8)[city],
        segment=_segments(ranges),
        agent=_agents(rng, ranges),
        customer=_customers(rng, ranges),
        device=device,
        phone=_phones(rng, ranges, device),
        ip=np.where(device == NONE, np.arange(ranges.total), device).astype(np.int32),
        city=city,
        opening=wealth.openings(rng, ranges, joined),
        person_wheel=_wheel(ranges.persons, _activity(rng, persons), city),
        shop_wheel=shop_wheel,
        trade=_trades(rng, len(ranges.shops)),
        price=wealth.money(rng, 46, 1.0, len(ranges.shops)),
        shops=_favourites(rng, shop_wheel, city[:persons]),
        friends=_friends(rng, persons),
        employer=employer,
        salary=wealth.money(rng, 7_400, 0.55, persons),
        pay_day=_pay_days(rng, ranges, employer),
        landlord=landlord,
        rent=wealth.money(rng, 2_300, 0.5, persons) // (50 * YUAN) * (50 * YUAN) + 50 * YUAN,
        rent_day=np.where(landlord == NONE, NONE, rng.integers(1, 6, persons)).astype(np.int8),
        bill_day=rng.integers(1, _LAST_COMMON_DAY + 1, persons).astype(np.int8),
        utility=rng.choice(np.array(ranges.utilities, np.int32), persons),
        savings=_savings(ranges),
        joined_day=joined,
        new_phone_day=np.where(
            rng.random(persons) < _NEW_PHONE, rng.integers(0, scenario.days, persons), _NEVER
        ),
        trip_city=_trips(rng, city[:persons]),
        trip_start=np.where(away, 0, trip_start),
        trip_end=np.where(away, scenario.days, trip_end),
    )


def _popularity(size: int) -> NDArray[np.float64]:
    """A few are known to everyone, most to a handful (a Zipf law with a softened head)."""
    return np.asarray((np.arange(size) + 4.0) ** -0.9)


def _activity(rng: np.random.Generator, persons: int) -> NDArray[np.float64]:
    """Heavily skewed, and some hardly use their account at all."""
    return np.where(rng.random(persons) < _QUIET, 0.0, rng.lognormal(0.0, 1.0, persons))


def _wheel(accounts: range, weights: NDArray[np.float64], city: Small) -> Wheel:
    """Nobody is left off in a city of shops; persons without activity are."""
    slots = len(accounts) * _SLOTS_PER_PERSON
    wanted = np.round(weights / weights.sum() * slots).astype(np.int64)
    times = np.where(weights > 0, np.maximum(wanted, 1), 0)
    on_it = np.repeat(np.arange(accounts.start, accounts.stop, dtype=np.int32), times)
    on_it = on_it[np.argsort(city[on_it], kind="stable")]
    size = np.bincount(city[on_it], minlength=len(CITIES))
    return Wheel(on_it, np.cumsum(size) - size, size)


def _favourites(rng: np.random.Generator, shops: Wheel, city: Small) -> Codes:
    drawn = shops.spin_in(rng, np.repeat(city, CIRCLE))
    return drawn.reshape(len(city), CIRCLE)


def _some(rng: np.random.Generator, codes: Codes, share: float) -> Codes:
    """The codes for a share of the persons, NONE for the others."""
    return np.where(rng.random(len(codes)) < share, codes, NONE).astype(np.int32)


def _others(rng: np.random.Generator, persons: int) -> Codes:
    """For each person somebody else."""
    steps = rng.integers(1, persons, persons)
    return ((np.arange(persons) + steps) % persons).astype(np.int32)


def _employers(rng: np.random.Generator, ranges: Ranges) -> Codes:
    weights = _popularity(len(ranges.firms))
    firms = np.array(ranges.firms, np.int32)
    return rng.choice(firms, len(ranges.persons), p=weights / weights.sum())


def _pay_days(rng: np.random.Generator, ranges: Ranges, employer: Codes) -> Small:
    """A firm pays all its people on one day."""
    of_firm = rng.choice(np.array(PAYDAYS, np.int8), len(ranges.firms))
    own = of_firm[np.maximum(employer - ranges.firms.start, 0)]
    return np.where(employer == NONE, NONE, own).astype(np.int8)


def _friends(rng: np.random.Generator, persons: int) -> Codes:
    """Half of a circle lives near by, so that friends pay each other back."""
    blocks = np.arange(persons)[:, None] // _NEIGHBOURS * _NEIGHBOURS
    near = (blocks + rng.integers(0, _NEIGHBOURS, (persons, CIRCLE // 2))) % persons
    far = rng.integers(0, persons, (persons, CIRCLE - CIRCLE // 2))
    friends = np.concatenate((near, far), axis=1)
    itself = friends == np.arange(persons)[:, None]
    return np.where(itself, (friends + 1) % persons, friends).astype(np.int32)


def _cities(rng: np.random.Generator, ranges: Ranges) -> Small:
    weights = np.array([one.weight for one in CITIES[:HOME_CITIES]])
    city = rng.choice(HOME_CITIES, ranges.total, p=weights / weights.sum()).astype(np.int8)
    # Every city has shops, and every foreign country has accounts.
    city[ranges.shops.start : ranges.shops.start + HOME_CITIES] = np.arange(HOME_CITIES)
    countries = len(COUNTRIES) - 1
    turn = np.arange(len(ranges.abroad)) % countries
    city[ranges.abroad.start : ranges.abroad.stop] = abroad_city(1) + turn
    owners = np.array(ranges.savings) - ranges.savings.start
    city[ranges.savings.start : ranges.savings.stop] = city[owners]
    return city


def _segments(ranges: Ranges) -> Small:
    segment = np.full(ranges.total, Segment.RETAIL, np.int8)
    segment[ranges.shops.start : ranges.shops.stop] = Segment.BUSINESS
    segment[ranges.firms.start : ranges.abroad.start] = Segment.CORPORATE
    segment[ranges.abroad.start : ranges.outsiders.stop] = NONE
    return segment


def _agents(rng: np.random.Generator, ranges: Ranges) -> Small:
    """Most hold their account here; outsiders and accounts abroad elsewhere."""
    agent = np.zeros(ranges.total, np.int8)
    outside = ranges.outsiders
    agent[outside.start : outside.stop] = rng.integers(1, AGENTS, len(outside))
    agent[ranges.abroad.start : ranges.abroad.stop] = NONE
    return agent


def _customers(rng: np.random.Generator, ranges: Ranges) -> Codes:
    """Savings belong to persons, in order; some rented accounts are somebody's second one."""
    customer = np.arange(ranges.total, dtype=np.int32)
    customer[ranges.savings.start : ranges.savings.stop] = np.arange(len(ranges.savings))
    second = rng.integers(0, len(ranges.persons), len(ranges.rented))
    rented = np.array(ranges.rented)
    from_customers = rng.random(len(rented)) < _RENTED_FROM_CUSTOMERS
    customer[ranges.rented.start :] = np.where(from_customers, second, rented)
    customer[ranges.abroad.start : ranges.outsiders.stop] = NONE
    return customer


def _devices(rng: np.random.Generator, ranges: Ranges) -> Codes:
    """A device each; some share the one of their neighbour: couples, parents, bookkeepers."""
    own = np.arange(ranges.total)
    shared = rng.random(ranges.total) < _SHARES_DEVICE
    shared[[part.start for part in (ranges.persons, ranges.shops)]] = False
    shared[ranges.utilities.start :] = False
    device = np.maximum.accumulate(np.where(shared, 0, own)).astype(np.int32)
    owners = np.arange(len(ranges.savings))
    device[ranges.savings.start : ranges.savings.stop] = device[owners]
    device[ranges.abroad.start : ranges.outsiders.stop] = NONE
    return device


def _phones(rng: np.random.Generator, ranges: Ranges, device: Codes) -> Codes:
    """Own numbers; of those who share a device half have given the same number too."""
    own = np.arange(ranges.total)
    owners = np.arange(len(ranges.savings))
    shares = (device != own) & (device != NONE) & (rng.random(ranges.total) < 0.5)  # noqa: PLR2004
    phone = np.where(shares, device, own)
    phone[ranges.savings.start : ranges.savings.stop] = phone[owners]
    return phone.astype(np.int32)


def _trades(rng: np.random.Generator, size: int) -> Small:
    weights = np.array([22, 26, 6, 8, 6, 8, 4, 2, 3, 3, 6, 4, 2], float)
    trade = rng.choice(len(Trade), size, p=weights / weights.sum()).astype(np.int8)
    trade[: len(Trade)] = np.arange(len(Trade))
    return trade


def _savings(ranges: Ranges) -> Codes:
    """The first persons have savings accounts: their order means nothing else."""
    savings = np.full(len(ranges.persons), NONE, np.int32)
    savings[: len(ranges.savings)] = np.array(ranges.savings)
    return savings


def _trips(rng: np.random.Generator, home: Small) -> Small:
    """Where people travel once in the period: mostly to other cities, some abroad."""
    size = len(home)
    abroad = rng.random(size) < 0.5  # noqa: PLR2004
    far = HOME_CITIES + rng.choice(len(_TO_FAR), size, p=_TO_FAR / _TO_FAR.sum())
    near = rng.integers(0, HOME_CITIES, size)
    somewhere = np.where(abroad, far, near)
    return np.where(rng.random(size) < _TRAVELS, somewhere, NONE).astype(np.int8)
