"""Rented accounts are woken before they are used: a login, a test payment, a small purchase."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.schemes.laundering import handler
from txmon.simulate.schemes.model import Run, Scheme
from txmon.simulate.vocabulary import YUAN, AccountRole, Role

if TYPE_CHECKING:
    from txmon.simulate.stage import Stage

_LOGIN, _TEST, _PURCHASE = 0.75, (0.7, 0.55, 0.4), (0.1, 0.2, 0.4)


def play(stage: Stage, run: Run) -> tuple[tuple[int, int], ...]:
    """Each account in its turn, within the day before its first use."""
    for account in run.fresh:
        time = stage.at(0, *run.syndicate.hours)
        session = handler(stage, run, account)
        if stage.chance(_LOGIN):
            stage.login(time, account, session=session, role=Role.LOGIN)
        if stage.chance(_TEST[run.difficulty]):
            _try(stage, run, account, time + stage.pause(15))
        if stage.chance(_PURCHASE[run.difficulty]):
            shop = stage.pick(stage.morning.people.shop_wheel.accounts)
            cents = int(stage.spread(3, 40) * YUAN)
            if stage.balance(account) > cents:
                stage.swipe(time + stage.pause(90), account, shop, cents, role=Role.WARM_UP)
    return tuple((account, AccountRole.MULE) for account in run.fresh)


def _try(stage: Stage, run: Run, account: int, time: int) -> None:
    """A little comes in from another account of the gang or from elsewhere, and goes out again."""
    outside = stage.pick(stage.morning.people.ranges.outsiders)
    other = stage.pick(run.syndicate.pool)
    known = other != account and stage.balance(other) > 100 * YUAN
    giver = other if known and stage.chance(0.5) else outside
    cents = stage.pick((1, 1, 2, 5, 10, 10, 20, 50, 88, 100)) * YUAN
    # The handler moves the gang's accounts from one place; what comes from elsewhere is not seen.
    given = handler(stage, run, giver) if giver == other else stage.session(giver)
    stage.pay(time, giver, account, cents, session=given, role=Role.WARM_UP)
    if stage.chance(0.6):
        again = time + stage.pause(8)
        session = handler(stage, run, account)
        stage.pay(again, account, outside, cents, session=session, role=Role.WARM_UP)


SCHEME = Scheme("rented_cards", play)
