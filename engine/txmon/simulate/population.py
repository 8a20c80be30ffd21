"""Who pays whom: private customers, shops, firms and the accounts that criminals rent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.vocabulary import COUNTRIES, NONE, YUAN, Segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.scenario import Scenario

    Codes = NDArray[np.int32]
    Cents = NDArray[np.int64]

CIRCLE = 8
"""How many shops and how many friends a person knows by heart."""

PAYDAYS = (10, 15, 25)
_NEIGHBOURS = 32
_SLOTS_PER_PERSON = 16
_LAST_COMMON_DAY = 28


@dataclass(frozen=True, slots=True)
class Ranges:
    """Which account codes belong to whom; a code is a place in every array over accounts."""

    persons: range
    shops: range
    firms: range
    utilities: range
    abroad: range
    savings: range
    rented: range

    @property
    def total(self) -> int:
        """How many accounts there are."""
        return self.rented.stop


@dataclass(frozen=True, slots=True)
class Population:
    """Every account and the habits of its owner.

    Arrays over all accounts: ``country`` and ``segment`` codes, ``device`` code, ``opening``
    balance in cents. Arrays over persons: the rest, days being days of the month, NONE where a
    person has no employer, landlord or savings account. A wheel holds each account as often as
    it is active, so that a uniform draw from it picks the busy ones more often.
    """

    ranges: Ranges
    country: NDArray[np.int8]
    segment: NDArray[np.int8]
    device: Codes
    opening: Cents
    person_wheel: Codes
    shop_wheel: Codes
    price: Cents
    shops: Codes
    friends: Codes
    employer: Codes
    salary: Cents
    payday: NDArray[np.int8]
    landlord: Codes
    rent: Cents
    rent_day: NDArray[np.int8]
    bill_day: NDArray[np.int8]
    utility: Codes
    savings: Codes


def populate(scenario: Scenario, rented: int) -> Population:
    """Invent the customers of a scenario, with ``rented`` accounts for criminals to use."""
    rng = scenario.stream(0)
    ranges = _ranges(scenario.persons, rented)
    persons = len(ranges.persons)
    shop_wheel = _wheel(ranges.shops, _popularity(len(ranges.shops)))
    firm_wheel = _wheel(ranges.firms, _popularity(len(ranges.firms)))
    employer = _some(rng, rng.choice(firm_wheel, persons), 0.84)
    landlord = _some(rng, _others(rng, persons), 0.35)
    return Population(
        ranges=ranges,
        country=_countries(rng, ranges),
        segment=_segments(ranges),
        device=_devices(rng, ranges),
        opening=_openings(rng, ranges),
        person_wheel=_wheel(ranges.persons, rng.lognormal(0.0, 0.7, persons)),
        shop_wheel=shop_wheel,
        price=_money(rng, 42, 0.9, len(ranges.shops)),
        shops=rng.choice(shop_wheel, (persons, CIRCLE)),
        friends=_friends(rng, persons),
        employer=employer,
        salary=_money(rng, 8_800, 0.45, persons),
        payday=_paydays(rng, ranges, employer),
        landlord=landlord,
        rent=_money(rng, 2_900, 0.35, persons) // (50 * YUAN) * (50 * YUAN) + 50 * YUAN,
        rent_day=np.where(landlord == NONE, NONE, rng.integers(1, 6, persons)).astype(np.int8),
        bill_day=rng.integers(1, _LAST_COMMON_DAY + 1, persons).astype(np.int8),
        utility=rng.choice(np.array(ranges.utilities, np.int32), persons),
        savings=_savings(rng, ranges, employer),
    )


def _ranges(persons: int, rented: int) -> Ranges:
    sizes = (
        persons,
        max(8, persons // 40),
        max(5, persons // 30),
        max(3, persons // 5_000),
        max(12, persons // 150),
        persons // 7,
        rented,
    )
    edges = np.concatenate(([0], np.cumsum(sizes))).tolist()
    return Ranges(*(range(low, low + size) for low, size in zip(edges, sizes, strict=False)))


def _popularity(size: int) -> NDArray[np.float64]:
    """A few are known to everyone, most to a handful (a Zipf law with a softened head)."""
    return np.asarray((np.arange(size) + 4.0) ** -0.9)


def _wheel(accounts: range, weights: NDArray[np.float64]) -> Codes:
    slots = len(accounts) * _SLOTS_PER_PERSON
    times = np.maximum(1, np.round(weights / weights.sum() * slots)).astype(np.int64)
    return np.repeat(np.arange(accounts.start, accounts.stop, dtype=np.int32), times)


def _some(rng: np.random.Generator, codes: Codes, share: float) -> Codes:
    """The codes for a share of the persons, NONE for the others."""
    return np.where(rng.random(len(codes)) < share, codes, NONE).astype(np.int32)


def _others(rng: np.random.Generator, persons: int) -> Codes:
    """For each person somebody else."""
    steps = rng.integers(1, persons, persons)
    return ((np.arange(persons) + steps) % persons).astype(np.int32)


def _money(rng: np.random.Generator, median: float, sigma: float, size: int) -> Cents:
    """Log-normal amounts in cents around a median in yuan."""
    return np.round(rng.lognormal(np.log(median * YUAN), sigma, size)).astype(np.int64)


def _paydays(rng: np.random.Generator, ranges: Ranges, employer: Codes) -> NDArray[np.int8]:
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


def _countries(rng: np.random.Generator, ranges: Ranges) -> NDArray[np.int8]:
    country = np.zeros(ranges.total, np.int8)
    abroad = rng.integers(1, len(COUNTRIES), len(ranges.abroad))
    # Every foreign country has an account, so that any scheme can pay into any of them.
    abroad[: len(COUNTRIES) - 1] = np.arange(1, len(COUNTRIES))
    country[ranges.abroad.start : ranges.abroad.stop] = abroad
    return country


def _segments(ranges: Ranges) -> NDArray[np.int8]:
    segment = np.full(ranges.total, Segment.RETAIL, np.int8)
    segment[ranges.shops.start : ranges.shops.stop] = Segment.BUSINESS
    segment[ranges.firms.start : ranges.abroad.start] = Segment.CORPORATE
    segment[ranges.abroad.start : ranges.abroad.stop] = NONE
    return segment


def _devices(rng: np.random.Generator, ranges: Ranges) -> Codes:
    """A device each; some share the one of their neighbour: couples, parents, bookkeepers."""
    own = np.arange(ranges.total)
    shared = rng.random(ranges.total) < np.where(own < ranges.persons.stop, 0.12, 0.2)
    shared[[part.start for part in (ranges.persons, ranges.shops)]] = False
    shared[ranges.utilities.start :] = False
    device = np.maximum.accumulate(np.where(shared, 0, own)).astype(np.int32)
    device[ranges.abroad.start : ranges.abroad.stop] = NONE
    return device


def _openings(rng: np.random.Generator, ranges: Ranges) -> Cents:
    opening = np.zeros(ranges.total, np.int64)
    for part, median, sigma in (
        (ranges.persons, 26_000, 1.1),
        (ranges.shops, 30_000, 0.9),
        (ranges.firms, 20_000_000, 0.8),
        (ranges.utilities, 50_000_000, 0.5),
        (ranges.savings, 60_000, 1.0),
        (ranges.rented, 600, 0.4),
    ):
        opening[part.start : part.stop] = _money(rng, median, sigma, len(part))
    return opening


def _savings(rng: np.random.Generator, ranges: Ranges, employer: Codes) -> Codes:
    """Savings accounts of their own for some of those with a salary."""
    paid = np.flatnonzero(employer != NONE)
    owners = rng.choice(paid, min(len(paid), len(ranges.savings)), replace=False)
    savings = np.full(len(employer), NONE, np.int32)
    savings[owners] = np.arange(ranges.savings.start, ranges.savings.start + len(owners))
    return savings
