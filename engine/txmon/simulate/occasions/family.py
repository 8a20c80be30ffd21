"""Families and moves: other people's phones, new phones, students abroad, own money elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.occasions.model import means, portion
from txmon.simulate.scenario import DAY
from txmon.simulate.stage import Session, pieces
from txmon.simulate.vocabulary import COUNTRIES, YUAN, Note

if TYPE_CHECKING:
    from txmon.simulate.occasions.model import Guests
    from txmon.simulate.stage import Stage


def family_phone(stage: Stage, guests: Guests) -> None:
    """A daughter pays her parents' bills from her phone, to payees of her own."""
    parent, child = guests.some(stage, 2)
    session = stage.session(child)
    ranges = stage.morning.people.ranges
    for day in range(0, stage.whole(1, 30), 7):
        time = stage.at(day, 10, 22)
        stage.login(time, parent, session=session)
        wished = int(stage.spread(200, 9_000)) * YUAN
        payee = stage.pick(ranges.institutions if stage.chance(0.6) else ranges.outsiders)
        paid = portion(stage, parent, wished, 0.15)
        again = time + stage.pause(5)
        stage.pay(again, parent, payee, paid, session=session, note=Note.MEDICAL_EXPENSES)


def new_phone(stage: Stage, guests: Guests) -> None:
    """Somebody logs in with a phone just bought, and pays a large sum to a new payee."""
    owner = guests.one(stage, 5_000 * YUAN)
    own = stage.session(owner)
    total = stage.morning.people.ranges.total
    session = Session(2 * total + stage.whole(0, total - 1), own.ip, own.place)
    time = stage.at(0, 9, 23)
    stage.login(time, owner, session=session)
    payee = stage.pick(stage.morning.people.ranges.outsiders)
    wished = int(stage.spread(800, 40_000)) * YUAN
    for part in pieces(stage.rng, portion(stage, owner, wished), stage.whole(1, 3), 8.0):
        time += stage.pause(20)
        stage.pay(time, owner, payee, part, session=session)


def student_abroad(stage: Stage, guests: Guests) -> None:
    """Parents send the term's fees abroad; the student spends there week after week."""
    parent = guests.wealthy(stage)
    student = guests.one(stage)
    abroad = stage.morning.people.ranges.abroad
    first = stage.whole(0, min(6, len(abroad) - 1))
    merchants = range(abroad.start + first, abroad.stop, len(COUNTRIES) - 1)
    time = stage.at(0, 9, 22)
    fees = portion(stage, parent, int(stage.spread(20_000, 200_000)) * YUAN, 0.5)
    stage.remit(time, parent, stage.pick(merchants), fees, note=Note.TUITION_FEE)
    if student == parent:
        return
    living = portion(stage, parent, int(stage.spread(3_000, 20_000)) * YUAN, 0.3)
    stage.pay(time + stage.pause(20), parent, student, living, note=Note.LIVING_EXPENSES)
    for day in range(1, stage.whole(8, 40), 2):
        if stage.chance(0.8):
            price = int(stage.spread(20, 700)) * YUAN
            merchant = stage.pick(merchants)
            stage.swipe(stage.at(day, 0, 23.9), student, merchant, min(price, living // 25))


def own_account_elsewhere(stage: Stage, guests: Guests) -> None:
    """Savings move to the owner's account at another bank, in parts under its daily limit."""
    owner = guests.wealthy(stage)
    elsewhere = stage.pick(stage.morning.people.ranges.outsiders)
    time = stage.at(0, 8, 22)
    broken = stage.break_savings(time, owner, means(stage, owner))
    total = int((stage.balance(owner) + broken) * stage.rng.uniform(0.3, 0.95))
    for part in pieces(stage.rng, max(total, 10 * YUAN), stage.whole(1, 7), 20.0):
        time += stage.pause(8) if stage.chance(0.7) else DAY
        stage.pay(time, owner, elsewhere, part, note=Note.OWN_ACCOUNT)


def traveller(stage: Stage, guests: Guests) -> None:
    """A traveller pays with the card here in the morning and abroad in the afternoon, then cash."""
    traveller = guests.one(stage, 3_000 * YUAN)
    abroad = stage.morning.people.ranges.abroad
    first = stage.whole(0, len(COUNTRIES) - 2)
    merchants = range(abroad.start + first, abroad.stop, len(COUNTRIES) - 1)
    city = int(stage.morning.people.city[merchants[0]])
    shop = stage.pick(stage.morning.people.shop_wheel.accounts)
    price = portion(stage, traveller, 60 * YUAN, 0.1)
    stage.swipe(stage.at(0, 6, 9), traveller, shop, price)
    for day in range(stage.whole(1, 6)):
        time = stage.at(day, 14, 23)
        price = portion(stage, traveller, int(stage.spread(80, 4_000)) * YUAN, 0.1)
        stage.swipe(time, traveller, stage.pick(merchants), price)
        if stage.chance(0.3):
            cash = portion(stage, traveller, 2_000 * YUAN, 0.1)
            stage.withdraw(time + stage.pause(30), traveller, cash, city=city)
