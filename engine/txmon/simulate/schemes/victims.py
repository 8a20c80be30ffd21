"""How victims pay: in one sum or in pieces, at once or over days, as the caller wants it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.scenario import DAY, HOUR
from txmon.simulate.schemes.model import Receipt, Run
from txmon.simulate.stage import NOWHERE, Session, pieces
from txmon.simulate.vocabulary import YUAN, Channel, Note, PaymentKind, Role

if TYPE_CHECKING:
    from txmon.simulate.stage import Stage

_STYLES = ((0.50, 0.38, 0.12, 0.0), (0.2, 0.38, 0.3, 0.12), (0.14, 0.2, 0.26, 0.4))
"""By difficulty: at once, in a few pieces, in many, over days."""

_CAPS = (0.15, 0.4, 0.6)
_SECOND_PAYEE = (0.05, 0.3, 0.5)
_USUAL_CAPS = (5_000, 10_000, 20_000, 50_000)
_TEST, _AT_BRANCH = 0.2, 0.07
_MOST_PIECES = 18
_LEAST_LOSS = 300 * YUAN

PRETEXTS = (
    *(Note.TRANSFER, Note.TRANSFER, Note.LIVING_EXPENSES, Note.REPAYMENT, Note.GOODS_PAYMENT),
    *(Note.DECORATION, Note.MEDICAL_EXPENSES, Note.INVESTMENT, Note.LENT_MONEY),
)
"""What callers tell their victims to write."""


def drain(
    stage: Stage, run: Run, victim: int, start: int, loss: int, session: Session
) -> list[Receipt]:
    """A victim pays away a sum from an instant on; returns what the collectors got."""
    style = stage.weighted(_STYLES[run.difficulty])
    parts = _parts(stage, run, max(loss, _LEAST_LOSS), style)
    at_branch = session != NOWHERE and stage.chance(_AT_BRANCH)
    pace = stage.spread(2, 150)
    payee, time, note = stage.pick(run.collectors), start, stage.pick(PRETEXTS)
    received = []
    if stage.chance(_TEST):
        time += stage.pause(3)
        received.append(_test(stage, victim, payee, time, session))
    for number, part in enumerate(parts):
        time += (
            stage.pause(pace) if style < len(_USUAL_CAPS) - 1 or number == 0 else _next_day(stage)
        )
        if stage.chance(_SECOND_PAYEE[run.difficulty]):
            payee = stage.pick(run.collectors)
        _payment(stage, time, victim, payee, part, note, session, at_branch=at_branch)
        received.append(Receipt(time, payee, part))
    return received


def _parts(stage: Stage, run: Run, loss: int, style: int) -> list[int]:
    counts = (1, stage.whole(2, 4), 2 + int(stage.rng.geometric(0.22)), stage.whole(2, 8))
    count = counts[style]
    if stage.chance(_CAPS[run.difficulty]):
        cap = stage.pick(_USUAL_CAPS) * YUAN
        count = max(count, -(-loss // cap))
    return pieces(stage.rng, loss, min(count, _MOST_PIECES), stage.spread(1.5, 60))


def _next_day(stage: Stage) -> int:
    """Once more a day or two later, at about the same hour."""
    return stage.whole(1, 2) * DAY + int(stage.rng.uniform(-2, 2) * HOUR)


def _test(stage: Stage, victim: int, payee: int, time: int, session: Session) -> Receipt:
    cents = stage.pick((1, 1, 10, 50, 100, 200, 500)) * YUAN
    stage.pay(time, victim, payee, cents, session=session, role=Role.TEST, victim=victim)
    return Receipt(time, payee, cents)


def _payment(
    stage: Stage,
    time: int,
    victim: int,
    payee: int,
    cents: int,
    note: int,
    session: Session,
    *,
    at_branch: bool,
) -> None:
    if at_branch:
        place = Session(-1, -1, session.place)
        kind, channel = PaymentKind.TRANSFER, Channel.BRANCH
        stage.line(
            time, kind, channel, victim, payee, cents,
            session=place, note=note, role=Role.PAYMENT, victim=victim,
        )  # fmt: skip
        return
    stage.pay(
        time, victim, payee, cents, note=note, session=session, role=Role.PAYMENT, victim=victim
    )
