"""Many pay one: weddings, collections, class trips, school fees, help in need, rent agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.occasions.model import portion
from txmon.simulate.scenario import DAY, HOUR
from txmon.simulate.vocabulary import YUAN, Note

if TYPE_CHECKING:
    from txmon.simulate.occasions.model import Guests
    from txmon.simulate.stage import Stage


def wedding(stage: Stage, guests: Guests) -> None:
    """Guests give lucky sums to the couple on one day, who pay the restaurant in the evening."""
    couple, *invited = guests.some(stage, stage.whole(12, 60))
    total = 0
    for guest in invited:
        gift = portion(stage, guest, stage.pick((200, 300, 600, 600, 800, 1_000, 2_000)) * YUAN)
        stage.pay(stage.at(0, 8, 21), guest, couple, gift, note=Note.WEDDING_GIFT)
        total += gift
    shop = stage.pick(stage.morning.people.shop_wheel.accounts)
    stage.pay(stage.at(0, 21.2, 23), couple, shop, int(total * stage.spread(0.5, 0.95)))


def charity(stage: Stage, guests: Guests) -> None:
    """A call for help goes round: strangers give to one person or a charity within days."""
    people = stage.morning.people
    private = stage.chance(0.6)
    cause = guests.one(stage) if private else stage.pick(people.ranges.institutions)
    days, total = stage.whole(1, 6), 0
    for giver in guests.some(stage, stage.whole(15, 120)):
        outside = stage.chance(0.4)
        source = stage.pick(people.ranges.outsiders) if outside else giver
        wished = int(stage.spread(10, 1_500)) * YUAN
        gift = wished if outside else portion(stage, giver, wished)
        if source == cause:
            continue
        stage.pay(stage.at(stage.whole(0, days), 8, 23), source, cause, gift, note=Note.DONATION)
        total += gift
    if private:
        hospital = stage.pick(people.ranges.institutions)
        for _ in range(stage.whole(1, 3)):
            part = int(total * stage.rng.uniform(0.2, 0.33))
            when = stage.at(days + 1, 9, 17)
            stage.pay(when, cause, hospital, part, note=Note.MEDICAL_EXPENSES)


def class_trip(stage: Stage, guests: Guests) -> None:
    """Parents pay one of them the same amount within two days, who then pays the agency."""
    collector, *parents = guests.some(stage, stage.whole(8, 40))
    fee = stage.whole(5, 90) * 10 * YUAN
    for parent in parents:
        when = stage.at(stage.whole(0, 1), 7, 23)
        stage.pay(when, parent, collector, portion(stage, parent, fee), note=Note.CLASS_FEE)
    agency = stage.pick(stage.morning.people.shop_wheel.accounts)
    spent = int(fee * len(parents) * stage.spread(0.7, 1.0))
    stage.pay(stage.at(2, 8, 13), collector, agency, spent, note=Note.CLASS_FEE)


def school_fees(stage: Stage, guests: Guests) -> None:
    """A school's fees fall due, and its parents pay in one week."""
    school = stage.pick(stage.morning.people.ranges.institutions)
    fee = stage.whole(6, 120) * 100 * YUAN
    for parent in guests.some(stage, stage.whole(15, 60)):
        if stage.balance(parent) > 2 * fee:
            when = stage.at(stage.whole(0, 6), 7, 23)
            stage.pay(when, parent, school, fee, note=Note.TUITION_FEE)


def help_in_need(stage: Stage, guests: Guests) -> None:
    """Relatives lend in a hurry; the money goes on to the hospital, with own savings."""
    patient, *relatives = guests.some(stage, stage.whole(3, 9))
    time, total = stage.at(0, 6, 20), 0
    for relative in relatives:
        time += stage.pause(25)
        lent = portion(stage, relative, int(stage.spread(1_000, 30_000)) * YUAN, 0.6)
        stage.pay(time, relative, patient, lent, note=Note.LENT_MONEY)
        total += lent
    total += stage.break_savings(time, patient, total)
    hospital = stage.pick(stage.morning.people.ranges.institutions)
    for _ in range(stage.whole(1, 3)):
        time += stage.pause(45)
        stage.pay(time, patient, hospital, int(total * 0.32), note=Note.MEDICAL_EXPENSES)


def rent_agent(stage: Stage, guests: Guests) -> None:
    """Tenants pay an agent on the first days; the agent pays the owners the same evening."""
    agent, *others = guests.some(stage, stage.whole(8, 26))
    half = len(others) // 2
    for tenant, owner in zip(others[:half], others[half : 2 * half], strict=True):
        rent = portion(stage, tenant, stage.whole(12, 60) * 100 * YUAN)
        time = stage.at(0, 8, 20)
        stage.pay(time, tenant, agent, rent, note=Note.RENT)
        kept = int(rent * stage.spread(0.02, 0.1))
        again = time + stage.pause(180, 1.2)
        stage.pay(again, agent, owner, rent - kept, note=Note.RENT)


def group_buy(stage: Stage, guests: Guests) -> None:
    """Neighbours order together: many small sums to one, who pays the supplier, day after day."""
    leader, *neighbours = guests.some(stage, stage.whole(10, 45))
    outside = stage.pick(stage.morning.people.ranges.outsiders)
    for day in range(stage.whole(1, 4)):
        total = 0
        for neighbour in neighbours:
            if stage.chance(0.5):
                price = portion(stage, neighbour, stage.whole(15, 160) * YUAN)
                when = stage.at(day, 7, 19)
                stage.pay(when, neighbour, leader, price, note=Note.GOODS_PAYMENT)
                total += price
        when = stage.morning.day.start + day * DAY + 20 * HOUR
        stage.pay(when, leader, outside, int(total * 0.9), note=Note.GOODS_PAYMENT)
