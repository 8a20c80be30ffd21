"""The coached loan: victims borrow on the caller's word and pay the money away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.schemes.laundering import launder
from txmon.simulate.schemes.model import Receipt, Run, Scheme
from txmon.simulate.schemes.victims import drain
from txmon.simulate.stage import pieces
from txmon.simulate.vocabulary import YUAN, Role

if TYPE_CHECKING:
    from txmon.simulate.stage import Stage

_OWN_MONEY = 0.35
_LARGEST_LOAN = 300_000 * YUAN
_WAIT = (20, 90, 600)
"""Minutes from the loan to the payment, in the middle, by difficulty."""


def play(stage: Stage, run: Run) -> tuple[tuple[int, int], ...]:
    """Each victim takes one loan or several, and pays them away."""
    received: list[Receipt] = []
    for victim, loss in zip(run.victims, run.losses, strict=True):
        received += _victim(stage, run, victim, loss)
    return launder(stage, run, received)


def _victim(stage: Stage, run: Run, victim: int, loss: int) -> list[Receipt]:
    time = stage.at(stage.whole(0, 1), *run.syndicate.hours)
    session = stage.session(victim)
    stage.login(time, victim, session=session, role=Role.LOGIN)
    has = stage.balance(victim)
    own = min(int(has * stage.rng.uniform(0.0, 0.9)), int(loss * _OWN_MONEY))
    borrowed = 0
    for part in pieces(stage.rng, min(loss - own, _LARGEST_LOAN), stage.whole(1, 4), 4.0):
        time += stage.pause(25, 1.1)
        loan = max(part // (1_000 * YUAN), 1) * 1_000 * YUAN
        stage.lend(time, victim, loan, role=Role.LOAN)
        borrowed += loan
    if borrowed + own < loss:
        own += stage.break_savings(time, victim, loss - own, session=session, role=Role.SAVINGS)
    time += stage.pause(_WAIT[run.difficulty], 1.0)
    stage.login(time, victim, session=session, role=Role.LOGIN)
    return drain(stage, run, victim, time, min(loss, borrowed + own), session)


SCHEME = Scheme("coached_loan", play)
