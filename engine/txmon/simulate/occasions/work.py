"""Work: small firms that pay out what they take in, resellers, odd jobs, investors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.occasions.model import portion
from txmon.simulate.scenario import DAY
from txmon.simulate.stage import shaped
from txmon.simulate.vocabulary import YUAN, Note

if TYPE_CHECKING:
    from txmon.simulate.occasions.model import Guests
    from txmon.simulate.stage import Stage


def small_firm(stage: Stage, guests: Guests) -> None:
    """A one-man wholesaler: customers pay, the supplier is paid within minutes, for weeks."""
    owner = guests.one(stage)
    ranges = stage.morning.people.ranges
    suppliers = [stage.pick(ranges.firms), stage.pick(ranges.outsiders)]
    margin = float(stage.rng.uniform(0.02, 0.2))
    for day in range(stage.whole(5, 30)):
        for _ in range(int(stage.rng.poisson(1.3))):
            inside = stage.chance(0.4)
            customer = guests.one(stage) if inside else stage.pick(ranges.outsiders)
            price = shaped(stage.rng, int(stage.spread(300, 25_000)) * YUAN)
            price = portion(stage, customer, price) if inside else price
            time = stage.at(day, 8, 21)
            if customer == owner:
                continue
            stage.pay(time, customer, owner, price, note=Note.GOODS_PAYMENT)
            again, cost = time + stage.pause(40, 1.3), int(price * (1 - margin))
            stage.pay(again, owner, stage.pick(suppliers), cost, note=Note.GOODS_PAYMENT)


def reseller(stage: Stage, guests: Guests) -> None:
    """Sells to strangers all over: dozens of small payers, and the takings drawn in cash."""
    seller = guests.one(stage)
    people = stage.morning.people
    for day in range(stage.whole(4, 20)):
        taken = 0
        for _ in range(int(stage.rng.poisson(3.0))):
            price = int(stage.spread(20, 900)) * YUAN
            payer = stage.pick(people.ranges.outsiders)
            stage.pay(stage.at(day, 8, 20), payer, seller, price, note=Note.GOODS_PAYMENT)
            taken += price
        if taken > 200 * YUAN and stage.chance(0.4):
            cash = taken // (100 * YUAN) * 100 * YUAN
            stage.withdraw(stage.at(day, 20.5, 23), seller, cash, city=int(people.city[seller]))


def odd_jobs(stage: Stage, guests: Guests) -> None:
    """A platform or a private employer pays small sums for small jobs, week after week."""
    worker = guests.one(stage)
    ranges = stage.morning.people.ranges
    private = stage.chance(0.5)
    employer = stage.pick(ranges.outsiders if private else ranges.markets)
    for day in range(0, stage.whole(6, 30), stage.whole(1, 4)):
        wage = int(stage.spread(10, 260)) * YUAN
        stage.pay(stage.at(day, 9, 23), employer, worker, wage, note=Note.PART_TIME_PAY)
    if stage.chance(0.5):
        kit = portion(stage, worker, int(stage.spread(100, 4_000)) * YUAN)
        stage.pay(stage.at(3, 9, 23), worker, employer, kit, note=Note.GOODS_PAYMENT)


def investor(stage: Stage, guests: Guests) -> None:
    """Tries a fund with a little, gets a return, then pays in more and more."""
    saver = guests.wealthy(stage)
    fund = stage.pick(stage.morning.people.ranges.firms)
    amount, time = int(stage.spread(100, 2_000)) * YUAN, stage.at(0, 9, 21)
    budget = int(stage.balance(saver) * 0.7)
    for _ in range(stage.whole(3, 9)):
        if amount > budget:
            break
        stage.pay(time, saver, fund, shaped(stage.rng, amount), note=Note.INVESTMENT)
        budget -= amount
        if stage.chance(0.3):
            back = int(amount * stage.rng.uniform(0.02, 1.1))
            stage.pay(time + DAY, fund, saver, back, note=Note.INVESTMENT)
        amount = int(amount * stage.spread(1.0, 2.5))
        time += int(stage.spread(0.1, 6) * DAY)
