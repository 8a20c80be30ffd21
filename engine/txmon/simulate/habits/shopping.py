"""Shopping: at the counter, by QR code, online and abroad."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.exchange import to_foreign
from txmon.simulate.habits.draws import affordable, habit, payers
from txmon.simulate.population.places import HOME_CITIES
from txmon.simulate.rhythm import SHOPPING, SOCIAL, times_of_day
from txmon.simulate.rows import Rows, rows
from txmon.simulate.vocabulary import COUNTRIES, YUAN, Channel, Note, PaymentKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.today import Today

_NEW_SHOP = 0.2
_TRAVELLERS_WHO_SHOP = 0.75


def _shops(morning: Today, rng: np.random.Generator, who: NDArray[np.int32]) -> NDArray[np.int32]:
    """Mostly favourites; travellers at home pay in the shops of where they are."""
    people = morning.people
    shops = people.shops[who, habit(rng, len(who))]
    city = morning.city[who]
    near = np.where(city < HOME_CITIES, city, people.city[who])
    other = np.flatnonzero((rng.random(len(who)) < _NEW_SHOP) | (near != people.city[who]))
    shops[other] = people.shop_wheel.spin_in(rng, near[other])
    return shops


def _prices(
    morning: Today, rng: np.random.Generator, who: NDArray[np.int32], shops: NDArray[np.int32]
) -> NDArray[np.int64]:
    usual = morning.people.price[shops - morning.people.ranges.shops.start]
    prices = np.maximum(np.round(usual * rng.lognormal(0.0, 0.75, len(shops))), YUAN)
    return np.minimum(prices.astype(np.int64), affordable(morning, who))


def card(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """By card at the counter; who is abroad pays there, in its currency."""
    who = payers(morning, rng, size)
    away = morning.city[who] >= HOME_CITIES
    away &= rng.random(size) < _TRAVELLERS_WHO_SHOP
    shops = _shops(morning, rng, who)
    cents = _prices(morning, rng, who, shops)
    shops[away] = _merchants_abroad(morning, rng, morning.city[who[away]])
    currency = morning.people.country[shops]
    foreign = to_foreign(cents, currency)
    return rows(
        morning.day.start + times_of_day(rng, SHOPPING, size),
        kind=PaymentKind.CARD,
        channel=Channel.POS,
        debtor=who,
        creditor=shops,
        cents=np.where(currency == 0, cents, foreign),
        currency=currency,
        place=shops,
        note=np.where(currency == 0, Note.PURCHASE, Note.OVERSEAS_PURCHASE),
    )


def _merchants_abroad(
    morning: Today, rng: np.random.Generator, city: NDArray[np.int8]
) -> NDArray[np.int32]:
    """Accounts abroad stand in turns of one for each country."""
    abroad, countries = morning.people.ranges.abroad, len(COUNTRIES) - 1
    turns = rng.integers(0, len(abroad) // countries, len(city))
    return (abroad.start + turns * countries + city - HOME_CITIES).astype(np.int32)


def scan_to_pay(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """By phone at the counter."""
    who = payers(morning, rng, size)
    shops = _shops(morning, rng, who)
    return rows(
        morning.day.start + times_of_day(rng, SHOPPING, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.APP,
        debtor=who,
        creditor=shops,
        cents=_prices(morning, rng, who, shops),
        device=morning.device[who],
        ip=morning.addresses(rng, who),
        place=morning.session_places(who),
        note=Note.QR_PAYMENT,
    )


def online(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Orders at marketplaces, which take in for thousands of sellers."""
    who = payers(morning, rng, size)
    markets = morning.people.ranges.markets
    wished = np.round(rng.lognormal(np.log(95 * YUAN), 1.1, size)).astype(np.int64)
    return rows(
        morning.day.start + times_of_day(rng, SOCIAL, size),
        kind=PaymentKind.CARD,
        channel=Channel.WEB,
        debtor=who,
        creditor=rng.integers(markets.start, markets.stop, size),
        cents=np.minimum(np.maximum(wished, YUAN), affordable(morning, who)),
        device=morning.device[who],
        ip=morning.addresses(rng, who),
        place=morning.session_places(who),
        note=Note.ONLINE_ORDER,
    )


def abroad(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Web shops abroad; the amount is in the currency of the payee."""
    who = payers(morning, rng, size)
    accounts = morning.people.ranges.abroad
    payees = rng.integers(accounts.start, accounts.stop, size)
    currency = morning.people.country[payees]
    wished = rng.lognormal(np.log(310 * YUAN), 1.2, size)
    return rows(
        morning.day.start + times_of_day(rng, SHOPPING, size),
        kind=PaymentKind.CARD,
        channel=Channel.WEB,
        debtor=who,
        creditor=payees,
        cents=to_foreign(np.minimum(wished, affordable(morning, who)), currency),
        currency=currency,
        device=morning.device[who],
        ip=morning.addresses(rng, who),
        place=morning.session_places(who),
        note=Note.OVERSEAS_PURCHASE,
    )
