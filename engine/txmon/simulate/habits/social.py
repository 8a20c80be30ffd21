"""Among people: friends who pay each other, people at other banks, cash, a look at the balance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.exchange import to_foreign
from txmon.simulate.habits.draws import affordable, gifts, habit, payers
from txmon.simulate.population.places import CITIES
from txmon.simulate.rhythm import OFFICE, SHOPPING, SOCIAL, times_of_day
from txmon.simulate.rows import Rows, concat, rows
from txmon.simulate.scenario import MINUTE
from txmon.simulate.vocabulary import YUAN, Channel, Note, PaymentKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.today import Today

_NEW_PAYEE = 0.08
_LOGIN_BEFORE = 3
"""One in this many transfers has its login among the rows."""

_REASONS = np.array(
    [
        *(Note.TRANSFER, Note.TRANSFER, Note.TRANSFER, Note.LIVING_EXPENSES, Note.REPAYMENT),
        *(Note.TRANSFER, Note.RED_PACKET, Note.GOODS_PAYMENT, Note.LENT_MONEY, Note.DECORATION),
        *(Note.MEDICAL_EXPENSES, Note.INVESTMENT),
    ]
)


def friends(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Transfers among customers; a third comes with the login before it."""
    openings = size // _LOGIN_BEFORE // 2
    who = payers(morning, rng, size - openings)
    people = morning.people
    payees = people.friends[who, habit(rng, len(who))]
    new = np.flatnonzero(rng.random(len(who)) < _NEW_PAYEE)
    payees[new] = people.person_wheel.spin(rng, len(new))
    payees = np.where(payees == who, people.friends[who, 0], payees)
    return _sessions(morning, rng, _transfers(morning, rng, who, payees), openings)


def to_outside(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Transfers to people at other banks; everyone has a few whom they pay again."""
    openings = size // _LOGIN_BEFORE // 2
    who = payers(morning, rng, size - openings)
    outside = morning.people.ranges.outsiders
    known = who.astype(np.int64) * 7 + habit(rng, len(who)) // 3
    strangers = rng.integers(0, len(outside), len(who))
    chosen = np.where(rng.random(len(who)) < 0.25, strangers, known)  # noqa: PLR2004
    payees = (outside.start + chosen % len(outside)).astype(np.int32)
    return _sessions(morning, rng, _transfers(morning, rng, who, payees), openings)


def _transfers(
    morning: Today,
    rng: np.random.Generator,
    who: NDArray[np.int32],
    payees: NDArray[np.int32],
) -> Rows:
    return rows(
        morning.day.start + times_of_day(rng, SOCIAL, len(who)),
        kind=PaymentKind.TRANSFER,
        channel=Channel.APP,
        debtor=who,
        creditor=payees,
        cents=gifts(morning, rng, who),
        device=morning.device[who],
        ip=morning.addresses(rng, who),
        place=morning.session_places(who),
        note=rng.choice(_REASONS, len(who)),
    )


def _sessions(morning: Today, rng: np.random.Generator, paid: Rows, count: int) -> Rows:
    """The transfers, and the login just before each of the first ones."""
    first = paid.take(slice(count))
    before = (rng.uniform(0.2, 4.0, len(first)) * MINUTE).astype(np.int64)
    opened = rows(
        np.maximum(first.time - before, morning.day.start),
        kind=PaymentKind.LOGIN,
        channel=Channel.APP,
        debtor=first.debtor,
        device=first.device,
        ip=first.ip,
        place=first.place,
    )
    return concat([opened, paid])


def from_outside(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Transfers that come in from other banks, of which little is known."""
    people = morning.people
    payees = people.person_wheel.spin(rng, size)
    outside = people.ranges.outsiders
    known = payees.astype(np.int64) * 7 + habit(rng, size) // 3
    return rows(
        morning.day.start + times_of_day(rng, SOCIAL, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.APP,
        debtor=outside.start + known % len(outside),
        creditor=payees,
        cents=np.round(rng.lognormal(np.log(420), 1.3, size)).clip(1) * YUAN,
        note=rng.choice(_REASONS, size),
    )


def withdrawals(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Cash from machines where people are."""
    who = payers(morning, rng, size)
    hundreds = np.minimum(rng.geometric(0.11, size), 100)
    reach = np.maximum(morning.balances[who] // (100 * YUAN), 1)
    cents = np.minimum(hundreds, reach) * 100 * YUAN
    currency = np.array([city.country for city in CITIES], np.int8)[morning.city[who]]
    return rows(
        morning.day.start + times_of_day(rng, SHOPPING, size),
        kind=PaymentKind.CASH_WITHDRAWAL,
        channel=Channel.ATM,
        debtor=who,
        cents=np.where(currency == 0, cents, to_foreign(cents, currency)),
        currency=currency,
        place=morning.machines(rng, who),
        note=Note.CASH_WITHDRAWAL,
    )


def deposits(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Savings that people bring to a branch."""
    who = morning.people.person_wheel.spin(rng, size)
    wished = rng.lognormal(np.log(1_800 * YUAN), 1.2, size)
    return rows(
        morning.day.start + times_of_day(rng, OFFICE, size),
        kind=PaymentKind.CASH_DEPOSIT,
        channel=Channel.BRANCH,
        creditor=who,
        cents=np.maximum(np.round(wished / (100 * YUAN)), 1) * 100 * YUAN,
        place=morning.machines(rng, who),
        note=Note.CASH_DEPOSIT,
    )


def logins(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """A look at the balance."""
    who = payers(morning, rng, size)
    return rows(
        morning.day.start + times_of_day(rng, SOCIAL, size),
        kind=PaymentKind.LOGIN,
        channel=Channel.APP,
        debtor=who,
        device=morning.device[who],
        ip=morning.addresses(rng, who),
        place=morning.session_places(who),
    )


def at_branch(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Transfers over the counter: larger ones, and those of people who trust no telephone."""
    who = payers(morning, rng, size)
    people = morning.people
    outside, helpers = people.ranges.outsiders, people.ranges.institutions
    draw = rng.random(size)
    strangers = rng.integers(outside.start, outside.stop, size)
    payees = np.where(draw < 0.5, people.friends[who, 0], strangers)  # noqa: PLR2004
    payees = np.where(draw < 0.2, rng.integers(helpers.start, helpers.stop, size), payees)  # noqa: PLR2004
    wished = rng.lognormal(np.log(4_000 * YUAN), 1.4, size)
    return rows(
        morning.day.start + times_of_day(rng, OFFICE, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.BRANCH,
        debtor=who,
        creditor=payees,
        cents=np.minimum(wished, affordable(morning, who)) // (10 * YUAN) * (10 * YUAN) + YUAN,
        place=morning.machines(rng, who),
        note=rng.choice(_REASONS, size),
    )


def borrowing(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Consumer loans, by telephone and within minutes; the money is spent as money is."""
    who = morning.people.person_wheel.spin(rng, size)
    lenders = morning.people.ranges.lenders
    thousands = np.round(rng.lognormal(np.log(5), 1.0, size)).clip(1, 200)
    return rows(
        morning.day.start + times_of_day(rng, SOCIAL, size),
        kind=PaymentKind.LOAN,
        channel=Channel.APP,
        debtor=rng.integers(lenders.start, lenders.stop, size),
        creditor=who,
        cents=thousands * 1_000 * YUAN,
        note=Note.LOAN_DISBURSEMENT,
    )
