"""Fake identities: accounts opened in bulk, shared phones, phone cards, warm-up payments, loans."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.scenario import DAY
from txmon.simulate.schemes.laundering import launder
from txmon.simulate.schemes.model import Receipt, Run, Scheme
from txmon.simulate.stage import Session
from txmon.simulate.vocabulary import YUAN, AccountRole, Note, Role, Trade

if TYPE_CHECKING:
    from txmon.simulate.stage import Stage

_DAYS = (2, 6, 14)
_DEVICES = (1, 2, 4)
_BORROWS = (0.6, 0.4, 0.25)


def play(stage: Stage, run: Run) -> tuple[tuple[int, int], ...]:
    """The identities are made to look alive, buy phone cards, and some of them borrow."""
    identities, gang = run.fresh, run.syndicate
    devices = gang.devices[: _DEVICES[run.difficulty]]
    received: list[Receipt] = []
    for place, identity in enumerate(identities):
        session = Session(
            stage.pick(devices),
            stage.pick(gang.addresses),
            stage.morning.people.ranges.total + gang.den,
        )
        time = stage.at(stage.whole(0, 1), *gang.hours)
        _seed(stage, identity, time)
        neighbour = identities[(place + 1) % len(identities)]
        _seem_alive(stage, run, identity, neighbour, time, session)
        if stage.chance(0.5):
            _buy_cards(stage, identity, time + stage.pause(300))
        if stage.chance(_BORROWS[run.difficulty]):
            received.append(_borrow(stage, run, identity, time, session))
    moved = launder(stage, run, received) if received else ()
    return (*((identity, AccountRole.IDENTITY) for identity in identities), *moved)


def _seed(stage: Stage, identity: int, time: int) -> None:
    """Some money to begin with, from elsewhere."""
    giver = stage.pick(stage.morning.people.ranges.outsiders)
    cents = int(stage.spread(300, 3_000)) * YUAN
    stage.pay(time, giver, identity, cents, note=Note.LIVING_EXPENSES, role=Role.WARM_UP)


def _seem_alive(
    stage: Stage, run: Run, identity: int, neighbour: int, time: int, session: Session
) -> None:
    for _ in range(stage.whole(1, 4)):
        time += stage.pause(60) + stage.whole(0, _DAYS[run.difficulty]) * DAY // 3
        stage.login(time, identity, session=session, role=Role.LOGIN)
        if neighbour != identity and stage.chance(0.7):
            cents = int(stage.spread(4, 60)) * YUAN
            again = time + stage.pause(4)
            stage.pay(again, identity, neighbour, cents, session=session, role=Role.WARM_UP)


def _buy_cards(stage: Stage, identity: int, time: int) -> None:
    """Phone cards in bulk: the same amount again and again at one counter."""
    people = stage.morning.people
    shops = [
        people.ranges.shops.start + place
        for place, trade in enumerate(people.trade[:400].tolist())
        if trade == Trade.TELECOM
    ]
    shop, price = stage.pick(shops), stage.pick((10, 19, 20, 29, 30))
    for _ in range(stage.whole(2, 7)):
        stage.swipe(time, identity, shop, price * YUAN, role=Role.PHONE_CARDS)
        time += stage.pause(3)


def _borrow(stage: Stage, run: Run, identity: int, time: int, session: Session) -> Receipt:
    """A loan under a false name, which nobody will pay back."""
    time += stage.whole(1, _DAYS[run.difficulty]) * DAY
    cents = int(stage.spread(2, 30)) * 1_000 * YUAN
    stage.login(time - stage.pause(20), identity, session=session, role=Role.LOGIN)
    stage.lend(time, identity, cents, role=Role.LOAN)
    return Receipt(time, identity, cents)


SCHEME = Scheme("fake_identities", play)
