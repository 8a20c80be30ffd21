"""Payments that come round by the calendar: wages, rent, bills, savings, takings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.rhythm import MORNING, OFFICE, times_of_day
from txmon.simulate.rows import Rows, concat, rows
from txmon.simulate.vocabulary import NONE, YUAN, Channel, PaymentKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Places = NDArray[np.intp]

    from txmon.simulate.population import Population
    from txmon.simulate.scenario import Day

_SAVED = 0.25
_TAKINGS_PAID_ON = 0.8
_LOWEST_TAKINGS = 100 * YUAN
_LOWEST_BILL, _HIGHEST_BILL = 45 * YUAN, 380 * YUAN


def scheduled_count(people: Population, day: Day) -> int:
    """How many payments `scheduled` makes on a day."""
    due = (_paid(people, day), _renting(people, day), _billed(people, day), _saving(people, day))
    return sum(map(len, due)) + len(_settling(people, day))


def scheduled(
    people: Population, rng: np.random.Generator, day: Day, balances: NDArray[np.int64]
) -> Rows:
    """The payments of a day that are due by the calendar."""
    return concat(
        [
            _wages(people, rng, day),
            _rents(people, rng, day),
            _bills(people, rng, day),
            _sweeps(people, rng, day),
            _settlements(people, rng, day, balances),
        ]
    )


def _paid(people: Population, day: Day) -> Places:
    return np.flatnonzero(people.payday == day.day_of_month)


def _renting(people: Population, day: Day) -> Places:
    return np.flatnonzero(people.rent_day == day.day_of_month)


def _billed(people: Population, day: Day) -> Places:
    return np.flatnonzero(people.bill_day == day.day_of_month)


def _saving(people: Population, day: Day) -> Places:
    """The day after the wages have come."""
    return np.flatnonzero((people.payday == day.day_of_month - 1) & (people.savings != NONE))


def _settling(people: Population, day: Day) -> Places:
    """Each shop pays its takings on once a week."""
    shops = people.ranges.shops
    return shops.start + np.flatnonzero(np.arange(len(shops)) % 7 == day.weekday - 1)


def _wages(people: Population, rng: np.random.Generator, day: Day) -> Rows:
    who = _paid(people, day)
    overtime = rng.uniform(0.98, 1.03, len(who))
    return rows(
        day.start + times_of_day(rng, MORNING, len(who)),
        kind=PaymentKind.PAYROLL,
        channel=Channel.WEB,
        debtor=people.employer[who],
        creditor=who,
        cents=np.round(people.salary[who] * overtime),
    )


def _rents(people: Population, rng: np.random.Generator, day: Day) -> Rows:
    who = _renting(people, day)
    return rows(
        day.start + times_of_day(rng, MORNING, len(who)),
        kind=PaymentKind.STANDING_ORDER,
        channel=Channel.WEB,
        debtor=who,
        creditor=people.landlord[who],
        cents=people.rent[who],
    )


def _bills(people: Population, rng: np.random.Generator, day: Day) -> Rows:
    who = _billed(people, day)
    return rows(
        day.start + times_of_day(rng, MORNING, len(who)),
        kind=PaymentKind.STANDING_ORDER,
        channel=Channel.WEB,
        debtor=who,
        creditor=people.utility[who],
        cents=rng.integers(_LOWEST_BILL, _HIGHEST_BILL, len(who)),
    )


def _sweeps(people: Population, rng: np.random.Generator, day: Day) -> Rows:
    who = _saving(people, day)
    return rows(
        day.start + times_of_day(rng, OFFICE, len(who)),
        kind=PaymentKind.TRANSFER,
        channel=Channel.APP,
        debtor=who,
        creditor=people.savings[who],
        cents=people.salary[who] * _SAVED // (100 * YUAN) * (100 * YUAN) + 100 * YUAN,
        device=people.device[who],
    )


def _settlements(
    people: Population, rng: np.random.Generator, day: Day, balances: NDArray[np.int64]
) -> Rows:
    shops = _settling(people, day)
    firms = people.ranges.firms
    takings = (balances[shops] * _TAKINGS_PAID_ON).astype(np.int64)
    return rows(
        day.start + times_of_day(rng, OFFICE, len(shops)),
        kind=PaymentKind.TRANSFER,
        channel=Channel.WEB,
        debtor=shops,
        creditor=firms.start + shops % len(firms),
        cents=np.maximum(takings, _LOWEST_TAKINGS),
        device=people.device[shops],
    )
