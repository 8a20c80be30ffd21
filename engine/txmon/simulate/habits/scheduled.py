"""Payments that come round by the calendar: wages, pensions, rent, bills, savings, takings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.rhythm import MORNING, OFFICE, times_of_day
from txmon.simulate.rows import Rows, concat, rows
from txmon.simulate.today import session_place
from txmon.simulate.vocabulary import NONE, YUAN, Channel, Note, PaymentKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.population import Population
    from txmon.simulate.scenario import Day
    from txmon.simulate.today import Today

    Places = NDArray[np.intp]

_TAKINGS_PAID_ON = 0.8
_LOWEST_TAKINGS = 100 * YUAN
_LOWEST_BILL, _HIGHEST_BILL = 35 * YUAN, 420 * YUAN
_PENSION_DAY, _INSTALMENT_DAY = 15, 20
_PENSIONER, _DEBTOR, _ORDERS = 3, 9, 2
"""One in so many of those without an employer draws a pension, of all persons pays off a loan,
and of those with savings has a standing order for them."""


def scheduled_count(people: Population, day: Day) -> int:
    """How many payments `scheduled` makes on a day."""
    due = (_paid, _renting, _billed, _saving, _settling, _retired, _indebted)
    return sum(len(who(people, day)) for who in due)


def scheduled(morning: Today, rng: np.random.Generator) -> Rows:
    """The payments of a day that are due by the calendar."""
    flows = (_wages, _rents, _bills, _sweeps, _settlements, _pensions, _instalments)
    return concat([flow(morning, rng) for flow in flows])


def _paid(people: Population, day: Day) -> Places:
    here = people.joined_day <= day.index
    return np.flatnonzero((people.pay_day == day.day_of_month) & here)


def _renting(people: Population, day: Day) -> Places:
    here = people.joined_day <= day.index
    return np.flatnonzero((people.rent_day == day.day_of_month) & here)


def _billed(people: Population, day: Day) -> Places:
    here = people.joined_day <= day.index
    return np.flatnonzero((people.bill_day == day.day_of_month) & here)


def _saving(people: Population, day: Day) -> Places:
    """The day after the wages have come."""
    due = (people.pay_day == day.day_of_month - 1) & (people.joined_day <= day.index)
    chosen = np.arange(len(due)) % _ORDERS == 0
    return np.flatnonzero(due & chosen & (people.savings != NONE))


def _settling(people: Population, day: Day) -> Places:
    """Each shop pays its takings on once a week."""
    shops = people.ranges.shops
    return shops.start + np.flatnonzero(np.arange(len(shops)) % 7 == day.weekday - 1)


def _retired(people: Population, day: Day) -> Places:
    if day.day_of_month != _PENSION_DAY:
        return np.empty(0, np.intp)
    return np.flatnonzero(people.employer == NONE)[::_PENSIONER]


def _indebted(people: Population, day: Day) -> Places:
    if day.day_of_month != _INSTALMENT_DAY:
        return np.empty(0, np.intp)
    here = people.joined_day <= day.index
    return np.flatnonzero(here & (people.employer != NONE))[::_DEBTOR]


def _wages(morning: Today, rng: np.random.Generator) -> Rows:
    people, who = morning.people, _paid(morning.people, morning.day)
    overtime = rng.uniform(0.96, 1.05, len(who))
    return rows(
        morning.day.start + times_of_day(rng, MORNING, len(who)),
        kind=PaymentKind.PAYROLL,
        channel=Channel.WEB,
        debtor=people.employer[who],
        creditor=who,
        cents=np.round(people.salary[who] * overtime),
        note=Note.SALARY,
    )


def _rents(morning: Today, rng: np.random.Generator) -> Rows:
    people, who = morning.people, _renting(morning.people, morning.day)
    return rows(
        morning.day.start + times_of_day(rng, MORNING, len(who)),
        kind=PaymentKind.STANDING_ORDER,
        channel=Channel.WEB,
        debtor=who,
        creditor=people.landlord[who],
        cents=_as_far(morning, who, people.rent[who]),
        note=Note.RENT,
    )


def _bills(morning: Today, rng: np.random.Generator) -> Rows:
    people, who = morning.people, _billed(morning.people, morning.day)
    return rows(
        morning.day.start + times_of_day(rng, MORNING, len(who)),
        kind=PaymentKind.STANDING_ORDER,
        channel=Channel.WEB,
        debtor=who,
        creditor=people.utility[who],
        cents=_as_far(morning, who, rng.integers(_LOWEST_BILL, _HIGHEST_BILL, len(who))),
        note=Note.UTILITY_BILL,
    )


def _sweeps(morning: Today, rng: np.random.Generator) -> Rows:
    people, who = morning.people, _saving(morning.people, morning.day)
    persons = who.astype(np.int32)
    share = rng.uniform(0.08, 0.4, len(who))
    hundreds = (people.salary[who] * share).astype(np.int64) // (100 * YUAN)
    return rows(
        morning.day.start + times_of_day(rng, OFFICE, len(who)),
        kind=PaymentKind.TRANSFER,
        channel=Channel.APP,
        debtor=who,
        creditor=people.savings[who],
        cents=_as_far(morning, who, hundreds * (100 * YUAN) + 100 * YUAN),
        device=morning.device[who],
        ip=morning.addresses(rng, persons),
        place=morning.session_places(persons),
        note=Note.OWN_ACCOUNT,
    )


def _settlements(morning: Today, rng: np.random.Generator) -> Rows:
    people, shops = morning.people, _settling(morning.people, morning.day)
    firms = people.ranges.firms
    takings = (morning.balances[shops] * _TAKINGS_PAID_ON).astype(np.int64)
    return rows(
        morning.day.start + times_of_day(rng, OFFICE, len(shops)),
        kind=PaymentKind.TRANSFER,
        channel=Channel.WEB,
        debtor=shops,
        creditor=firms.start + shops % len(firms),
        cents=np.maximum(takings, _LOWEST_TAKINGS),
        device=people.device[shops],
        ip=people.ip[shops],
        place=session_place(people, people.city[shops]),
        note=Note.GOODS_PAYMENT,
    )


def _as_far(morning: Today, who: Places, due: NDArray[np.int64]) -> NDArray[np.int64]:
    """What is due, or less where the money does not reach."""
    return np.clip(due, YUAN, np.maximum(morning.balances[who] // 2, YUAN))


def _pensions(morning: Today, rng: np.random.Generator) -> Rows:
    people, who = morning.people, _retired(morning.people, morning.day)
    return rows(
        morning.day.start + times_of_day(rng, MORNING, len(who)),
        kind=PaymentKind.PAYROLL,
        channel=Channel.WEB,
        debtor=people.ranges.institutions.start,
        creditor=who,
        cents=people.salary[who] // 2,
        note=Note.PENSION,
    )


def _instalments(morning: Today, rng: np.random.Generator) -> Rows:
    people, who = morning.people, _indebted(morning.people, morning.day)
    lenders = people.ranges.lenders
    return rows(
        morning.day.start + times_of_day(rng, MORNING, len(who)),
        kind=PaymentKind.STANDING_ORDER,
        channel=Channel.WEB,
        debtor=who,
        creditor=lenders.start + who % len(lenders),
        cents=_as_far(morning, who, people.salary[who] // 4),
        note=Note.LOAN_INSTALMENT,
    )
