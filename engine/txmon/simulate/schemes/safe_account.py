"""The safe account: a caller posing as police has victims move their savings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.schemes.laundering import launder
from txmon.simulate.schemes.model import Receipt, Run, Scheme
from txmon.simulate.schemes.victims import drain
from txmon.simulate.stage import Session
from txmon.simulate.vocabulary import Role

if TYPE_CHECKING:
    from txmon.simulate.stage import Stage

_STRANGE_DEVICE = (0.5, 0.25, 0.07)
_BURNER = 0.6
_KEEPS_AT_LEAST = 0.97


def play(stage: Stage, run: Run) -> tuple[tuple[int, int], ...]:
    """Each victim is called, perhaps breaks the savings, and pays; the money moves on."""
    received: list[Receipt] = []
    for victim, loss in zip(run.victims, run.losses, strict=True):
        received += _victim(stage, run, victim, loss)
    return launder(stage, run, received)


def _victim(stage: Stage, run: Run, victim: int, loss: int) -> list[Receipt]:
    call = stage.at(stage.whole(0, 1), *run.syndicate.hours)
    session = _session(stage, run, victim)
    for _ in range(stage.whole(1, 2)):
        stage.login(call, victim, session=session, role=Role.LOGIN)
        call += stage.pause(6)
    has = stage.balance(victim)
    lacking = loss - int(has * _KEEPS_AT_LEAST)
    if lacking > 0 or stage.chance(0.25):
        wanted = int(max(lacking, loss // 2) * stage.spread(1.0, 1.3))
        has += stage.break_savings(call, victim, wanted, session=session, role=Role.SAVINGS)
        call += stage.pause(15)
    return drain(stage, run, victim, call, min(loss, int(has * _KEEPS_AT_LEAST)), session)


def _session(stage: Stage, run: Run, victim: int) -> Session:
    """Their own phone, one handed to them for the purpose, or the callers' own."""
    own = stage.session(victim)
    if not stage.chance(_STRANGE_DEVICE[run.difficulty]):
        return own
    gang = run.syndicate
    if stage.chance(_BURNER):
        total = stage.morning.people.ranges.total
        return Session(2 * total + stage.whole(0, total - 1), own.ip, own.place)
    return Session(stage.pick(gang.devices), stage.pick(gang.addresses), own.place)


SCHEME = Scheme("safe_account", play)
