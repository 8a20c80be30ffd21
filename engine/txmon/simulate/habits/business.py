"""Business: invoices, refunds, cash takings, and sellers who draw what marketplaces owe them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.exchange import to_foreign
from txmon.simulate.habits.draws import affordable, payers
from txmon.simulate.rhythm import OFFICE, SHOPPING, SOCIAL, times_of_day
from txmon.simulate.rows import Rows, rows
from txmon.simulate.today import session_place
from txmon.simulate.vocabulary import YUAN, Channel, Note, PaymentKind

if TYPE_CHECKING:
    from txmon.simulate.today import Today


def invoices(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Firms pay firms, and now and then a shop pays its wholesaler."""
    people = morning.people
    firms = people.ranges.firms
    by_shop = rng.random(size) < 0.3  # noqa: PLR2004
    who = np.where(
        by_shop, people.shop_wheel.spin(rng, size), rng.integers(firms.start, firms.stop, size)
    ).astype(np.int32)
    step = rng.integers(1, len(firms), size)
    payees = firms.start + (who - firms.start + step) % len(firms)
    wished = np.round(rng.lognormal(np.log(7_500 * YUAN), 1.4, size)).astype(np.int64)
    return rows(
        morning.day.start + times_of_day(rng, OFFICE, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.WEB,
        debtor=who,
        creditor=payees,
        cents=np.minimum(wished, np.maximum(morning.balances[who] // 2, 10 * YUAN)),
        device=people.device[who],
        ip=people.ip[who],
        place=session_place(people, people.city[who]),
        note=Note.INVOICE_PAYMENT,
    )


def refunds(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Shops and marketplaces give money back."""
    people = morning.people
    who = people.person_wheel.spin(rng, size)
    markets = people.ranges.markets
    sellers = np.where(
        rng.random(size) < 0.7,  # noqa: PLR2004
        rng.integers(markets.start, markets.stop, size),
        people.shop_wheel.spin(rng, size),
    )
    return rows(
        morning.day.start + times_of_day(rng, SHOPPING, size),
        kind=PaymentKind.REFUND,
        channel=Channel.WEB,
        debtor=sellers,
        creditor=who,
        cents=np.round(rng.lognormal(np.log(85 * YUAN), 1.0, size)).clip(YUAN),
        note=Note.REFUND_OF_ORDER,
    )


def takings(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Shops bring their cash to a branch."""
    shops = morning.people.shop_wheel.spin(rng, size)
    wished = rng.lognormal(np.log(3_600 * YUAN), 0.9, size)
    return rows(
        morning.day.start + times_of_day(rng, OFFICE, size),
        kind=PaymentKind.CASH_DEPOSIT,
        channel=Channel.BRANCH,
        creditor=shops,
        cents=np.maximum(np.round(wished / (100 * YUAN)), 1) * 100 * YUAN,
        place=shops,
        note=Note.DAILY_TAKINGS,
    )


def wallet_withdrawals(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """What people sold online, or hold in a wallet, comes to their account."""
    who = payers(morning, rng, size)
    markets = morning.people.ranges.markets
    return rows(
        morning.day.start + times_of_day(rng, SOCIAL, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.WEB,
        debtor=rng.integers(markets.start, markets.stop, size),
        creditor=who,
        cents=np.round(rng.lognormal(np.log(230), 1.3, size)).clip(1) * YUAN,
        note=Note.WALLET_WITHDRAWAL,
    )


def sent_abroad(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Firms pay suppliers abroad, and people their families; in the currency of the payee."""
    people = morning.people
    firms, accounts = people.ranges.firms, people.ranges.abroad
    by_firm = rng.random(size) < 0.6  # noqa: PLR2004
    who = np.where(by_firm, rng.integers(firms.start, firms.stop, size), payers(morning, rng, size))
    who = who.astype(np.int32)
    payees = rng.integers(accounts.start, accounts.stop, size)
    wished = rng.lognormal(np.log(np.where(by_firm, 22_000, 4_500) * YUAN), 1.2)
    currency = people.country[payees]
    return rows(
        morning.day.start + times_of_day(rng, OFFICE, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.WEB,
        debtor=who,
        creditor=payees,
        cents=to_foreign(np.minimum(wished, affordable(morning, who)), currency),
        currency=currency,
        device=people.device[who],
        ip=people.ip[who],
        place=session_place(people, people.city[who]),
        note=np.where(by_firm, Note.GOODS_PAYMENT, Note.LIVING_EXPENSES),
    )


def wallet_top_ups(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """Money goes into wallets, to be spent from there."""
    who = payers(morning, rng, size)
    markets = morning.people.ranges.markets
    wished = np.round(rng.lognormal(np.log(400), 1.4, size)).clip(1) * YUAN
    return rows(
        morning.day.start + times_of_day(rng, SOCIAL, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.APP,
        debtor=who,
        creditor=rng.integers(markets.start, markets.stop, size),
        cents=np.minimum(wished, affordable(morning, who)),
        device=morning.device[who],
        ip=morning.addresses(rng, who),
        place=morning.session_places(who),
        note=Note.WALLET_TOP_UP,
    )
