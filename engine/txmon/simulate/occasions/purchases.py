"""Large and new: cars, houses, landlords, renovations on credit, gold, dear things abroad."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.occasions.model import portion
from txmon.simulate.scenario import DAY
from txmon.simulate.stage import pieces
from txmon.simulate.vocabulary import YUAN, Note, Trade

if TYPE_CHECKING:
    from txmon.simulate.occasions.model import Guests
    from txmon.simulate.stage import Stage


def car(stage: Stage, guests: Guests) -> None:
    """A used car is paid to a stranger in parts: a deposit, then the rest within a day."""
    buyer = guests.wealthy(stage)
    inside = stage.chance(0.5)
    seller = guests.one(stage) if inside else stage.pick(stage.morning.people.ranges.outsiders)
    price = int(stage.spread(15_000, 160_000)) * YUAN
    time = stage.at(0, 9, 17)
    broken = stage.break_savings(time, buyer, max(0, price - stage.balance(buyer) // 2))
    paid = portion(stage, buyer, price) + min(broken, price)
    for part in pieces(stage.rng, min(paid, price), stage.whole(2, 6), 8.0):
        time += stage.pause(stage.spread(3, 200))
        if seller != buyer:
            stage.pay(time, buyer, seller, part, note=Note.CAR_PAYMENT)


def house(stage: Stage, guests: Guests) -> None:
    """A wealthy saver breaks all savings and pays a developer or an owner nearly everything."""
    buyer = guests.wealthy(stage, 40)
    time = stage.at(0, 9, 15)
    stage.login(time, buyer)
    broken = stage.break_savings(time + stage.pause(10), buyer, 10**12)
    total = int((stage.balance(buyer) + broken) * stage.rng.uniform(0.6, 0.97))
    private = stage.chance(0.4)
    ranges = stage.morning.people.ranges
    payee = stage.pick(ranges.outsiders if private else ranges.firms)
    time += stage.pause(60)
    for part in pieces(stage.rng, max(total, YUAN), stage.whole(1, 6), 12.0):
        stage.pay(time, buyer, payee, part, note=Note.DOWN_PAYMENT)
        time += stage.pause(20) if stage.chance(0.6) else DAY


def new_landlord(stage: Stage, guests: Guests) -> None:
    """A deposit and three months' rent to somebody never paid before, after a look at the flat."""
    tenant = guests.one(stage, 6_000 * YUAN)
    outside = stage.chance(0.5)
    owner = stage.pick(stage.morning.people.ranges.outsiders) if outside else guests.one(stage)
    rent = stage.whole(9, 60) * 100 * YUAN
    time = stage.at(0, 10, 21)
    if owner == tenant:
        return
    if stage.chance(0.5):
        stage.pay(
            time, tenant, owner, portion(stage, tenant, 500 * YUAN), note=Note.DEPOSIT_AND_RENT
        )
        time += stage.pause(200, 1.2)
    stage.pay(
        time, tenant, owner, portion(stage, tenant, 4 * rent, 0.9), note=Note.DEPOSIT_AND_RENT
    )


def renovation(stage: Stage, guests: Guests) -> None:
    """A loan comes in and goes out to craftsmen, part at once and part over days."""
    owner = guests.one(stage)
    loan = stage.whole(10, 200) * 1_000 * YUAN
    time = stage.at(0, 9, 20)
    stage.login(time, owner)
    time += stage.pause(15)
    stage.lend(time, owner, loan)
    craftsman = stage.pick(stage.morning.people.ranges.outsiders)
    share = stage.rng.uniform(0.6, 0.98)
    for part in pieces(stage.rng, int(loan * share), stage.whole(1, 5), 4.0):
        time += stage.pause(stage.spread(10, 2_500))
        stage.pay(time, owner, craftsman, part, note=Note.DECORATION)


def gold(stage: Stage, guests: Guests) -> None:
    """Gold for a dowry, by card, in two or three shops."""
    buyer = guests.wealthy(stage)
    people = stage.morning.people
    shops = [
        people.ranges.shops.start + place
        for place, trade in enumerate(people.trade[:400].tolist())
        if trade == Trade.JEWELLERY
    ]
    time = stage.at(0, 10, 19)
    for _ in range(stage.whole(1, 4)):
        price = portion(stage, buyer, int(stage.spread(3_000, 50_000)) * YUAN, 0.22)
        stage.swipe(time, buyer, stage.pick(shops), price)
        time += stage.pause(30)


def debts_paid_off(stage: Stage, guests: Guests) -> None:
    """A loan to pay back friends: money in, and out to several within the hour."""
    debtor, *friends = guests.some(stage, stage.whole(3, 7))
    loan = stage.whole(5, 80) * 1_000 * YUAN
    time = stage.at(0, 9, 22)
    stage.lend(time, debtor, loan)
    for friend in friends:
        time += stage.pause(12)
        stage.pay(time, debtor, friend, int(loan * 0.95) // len(friends), note=Note.REPAYMENT)
