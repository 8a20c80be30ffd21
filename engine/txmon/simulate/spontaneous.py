"""Payments that people make when they feel like it: shopping, friends, cash, trips, invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.exchange import to_foreign
from txmon.simulate.population import CIRCLE
from txmon.simulate.rhythm import OFFICE, SHOPPING, SOCIAL, times_of_day
from txmon.simulate.rows import Rows, concat, rows
from txmon.simulate.vocabulary import YUAN, Channel, PaymentKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from txmon.simulate.population import Population
    from txmon.simulate.scenario import Day

    Balances = NDArray[np.int64]
    Flow = Callable[[Population, np.random.Generator, Day, int, Balances], Rows]

_PENNILESS = 500 * YUAN
_NEW_SHOP, _NEW_PAYEE, _GENEROUS = 0.15, 0.07, 0.006
_ROUND_AMOUNTS = np.array([1, 1, 10, 50, 100]) * YUAN
_MOST_OF_BALANCE = 0.6


def spontaneous(
    people: Population, rng: np.random.Generator, day: Day, size: int, balances: Balances
) -> Rows:
    """That many payments of a day, of all flows in proportion."""
    shares = np.array([share for share, _ in FLOWS])
    sizes = rng.multinomial(size, shares / shares.sum()).tolist()
    flows = zip(FLOWS, sizes, strict=True)
    return concat([flow(people, rng, day, part, balances) for (_, flow), part in flows])


def _payers(
    people: Population, rng: np.random.Generator, size: int, balances: Balances
) -> NDArray[np.int32]:
    """Persons by activity; who has no money gives way to somebody else."""
    payers = _spin(people.person_wheel, rng, size)
    poor = np.flatnonzero(balances[payers] < _PENNILESS)
    payers[poor] = _spin(people.person_wheel, rng, len(poor))
    return payers


def _spin(wheel: NDArray[np.int32], rng: np.random.Generator, size: int) -> NDArray[np.int32]:
    return wheel[rng.integers(0, len(wheel), size)]


def _habit(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Places in a circle; the first are the favourites."""
    return (rng.random(size) ** 2 * CIRCLE).astype(np.int64)


def _shops(
    people: Population, rng: np.random.Generator, payers: NDArray[np.int32]
) -> NDArray[np.int32]:
    shops = people.shops[payers, _habit(rng, len(payers))]
    curious = np.flatnonzero(rng.random(len(payers)) < _NEW_SHOP)
    shops[curious] = _spin(people.shop_wheel, rng, len(curious))
    return shops


def _prices(
    people: Population, rng: np.random.Generator, shops: NDArray[np.int32]
) -> NDArray[np.int64]:
    usual = people.price[shops - people.ranges.shops.start]
    prices = usual * rng.lognormal(0.0, 0.6, len(shops))
    return np.maximum(np.round(prices), YUAN).astype(np.int64)


def _card(
    people: Population, rng: np.random.Generator, day: Day, size: int, balances: Balances
) -> Rows:
    payers = _payers(people, rng, size, balances)
    shops = _shops(people, rng, payers)
    return rows(
        day.start + times_of_day(rng, SHOPPING, size),
        kind=PaymentKind.CARD,
        channel=Channel.POS,
        debtor=payers,
        creditor=shops,
        cents=_prices(people, rng, shops),
    )


def _scan_to_pay(
    people: Population, rng: np.random.Generator, day: Day, size: int, balances: Balances
) -> Rows:
    payers = _payers(people, rng, size, balances)
    shops = _shops(people, rng, payers)
    return rows(
        day.start + times_of_day(rng, SHOPPING, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.APP,
        debtor=payers,
        creditor=shops,
        cents=_prices(people, rng, shops),
        device=people.device[payers],
    )


def _friends(
    people: Population, rng: np.random.Generator, day: Day, size: int, balances: Balances
) -> Rows:
    payers = _payers(people, rng, size, balances)
    payees = people.friends[payers, _habit(rng, size)]
    new = np.flatnonzero(rng.random(size) < _NEW_PAYEE)
    payees[new] = _spin(people.person_wheel, rng, len(new))
    payees = np.where(payees == payers, people.friends[payers, 0], payees)
    return rows(
        day.start + times_of_day(rng, SOCIAL, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.APP,
        debtor=payers,
        creditor=payees,
        cents=_gifts(rng, balances[payers]),
        device=people.device[payers],
    )


def _gifts(rng: np.random.Generator, balances: Balances) -> NDArray[np.int64]:
    """Amounts between friends: mostly small and round, now and then a large one."""
    size = len(balances)
    generous = np.where(rng.random(size) < _GENEROUS, 40.0, 1.0)
    wished = rng.lognormal(np.log(160 * YUAN), 1.1, size) * generous
    wished = np.minimum(wished, np.maximum(balances * _MOST_OF_BALANCE, 10 * YUAN))
    step = _ROUND_AMOUNTS[rng.integers(0, len(_ROUND_AMOUNTS), size)]
    amounts: NDArray[np.int64] = np.maximum(np.round(wished / step), 1).astype(np.int64) * step
    return amounts


def _withdrawals(
    people: Population, rng: np.random.Generator, day: Day, size: int, balances: Balances
) -> Rows:
    payers = _payers(people, rng, size, balances)
    hundreds = np.minimum(rng.geometric(0.13, size), 50)
    affordable = np.maximum(balances[payers] // (100 * YUAN), 1)
    return rows(
        day.start + times_of_day(rng, SHOPPING, size),
        kind=PaymentKind.CASH_WITHDRAWAL,
        channel=Channel.ATM,
        debtor=payers,
        cents=np.minimum(hundreds, affordable) * 100 * YUAN,
    )


def _deposits(
    people: Population, rng: np.random.Generator, day: Day, size: int, balances: Balances
) -> Rows:
    """Half are savings of persons, half the takings of shops."""
    persons = _payers(people, rng, size, balances)
    shops = _spin(people.shop_wheel, rng, size)
    from_shop = rng.random(size) < 0.5  # noqa: PLR2004
    wished = rng.lognormal(np.log(np.where(from_shop, 4_000, 900) * YUAN), 0.8)
    return rows(
        day.start + times_of_day(rng, OFFICE, size),
        kind=PaymentKind.CASH_DEPOSIT,
        channel=Channel.BRANCH,
        creditor=np.where(from_shop, shops, persons),
        cents=np.maximum(np.round(wished / (100 * YUAN)), 1) * 100 * YUAN,
    )


def _logins(
    people: Population, rng: np.random.Generator, day: Day, size: int, balances: Balances
) -> Rows:
    persons = _payers(people, rng, size, balances)
    return rows(
        day.start + times_of_day(rng, SOCIAL, size),
        kind=PaymentKind.LOGIN,
        channel=Channel.APP,
        debtor=persons,
        device=people.device[persons],
    )


def _abroad(
    people: Population, rng: np.random.Generator, day: Day, size: int, balances: Balances
) -> Rows:
    """Trips, school fees and web shops; the amount is in the currency of the payee."""
    payers = _payers(people, rng, size, balances)
    abroad = people.ranges.abroad
    payees = rng.integers(abroad.start, abroad.stop, size)
    currency = people.country[payees]
    return rows(
        day.start + times_of_day(rng, SHOPPING, size),
        kind=PaymentKind.CARD,
        channel=Channel.WEB,
        debtor=payers,
        creditor=payees,
        cents=to_foreign(rng.lognormal(np.log(310 * YUAN), 1.0, size), currency),
        currency=currency,
        device=people.device[payers],
    )


def _invoices(
    people: Population, rng: np.random.Generator, day: Day, size: int, balances: Balances
) -> Rows:
    firms = people.ranges.firms
    payers = rng.integers(firms.start, firms.stop, size)
    payees = firms.start + (payers - firms.start + rng.integers(1, len(firms), size)) % len(firms)
    wished = np.round(rng.lognormal(np.log(7_500 * YUAN), 1.2, size))
    return rows(
        day.start + times_of_day(rng, OFFICE, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.WEB,
        debtor=payers,
        creditor=payees,
        cents=np.minimum(wished, np.maximum(balances[payers] // 2, 100 * YUAN)),
        device=people.device[payers],
    )


FLOWS: tuple[tuple[float, Flow], ...] = (
    (0.48, _card),
    (0.14, _scan_to_pay),
    (0.15, _friends),
    (0.05, _withdrawals),
    (0.02, _deposits),
    (0.10, _logins),
    (0.025, _abroad),
    (0.035, _invoices),
)
"""Each flow with its share of the spontaneous payments."""
