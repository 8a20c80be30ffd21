"""The click-farming job: a little pay, rising "tasks", then the hook and silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.scenario import DAY, HOUR
from txmon.simulate.schemes.laundering import launder
from txmon.simulate.schemes.model import Receipt, Run, Scheme
from txmon.simulate.stage import pieces, shaped
from txmon.simulate.vocabulary import YUAN, AccountRole, Note, Role

if TYPE_CHECKING:
    from txmon.simulate.stage import Stage

_DAYS = (3, 6, 14)
_LAST_DAYS = 3
"""Days before the end on which the last hook is due."""

_BAITS = (0.9, 0.8, 0.6)
_SHARE_OF_BALANCE = 0.93
_NOTES = (Note.TRANSFER, Note.GOODS_PAYMENT, Note.REPAYMENT, Note.INVESTMENT)
_PAYS = (Note.PART_TIME_PAY, Note.TRANSFER, Note.RED_PACKET)


def play(stage: Stage, run: Run) -> tuple[tuple[int, int], ...]:
    """Each victim is baited, does tasks over some days, and is hooked."""
    baiter = stage.pick(run.mules)
    received: list[Receipt] = []
    begun = len(stage.lines)
    for victim, loss in zip(run.victims, run.losses, strict=True):
        received += _victim(stage, run, victim, loss, baiter)
    _fund(stage, run, baiter, begun)
    return ((baiter, AccountRole.BAITER), *launder(stage, run, received))


def _fund(stage: Stage, run: Run, baiter: int, begun: int) -> None:
    """What the baiter pays out came from elsewhere that morning."""
    given = stage.paid_by(baiter, begun)
    source = stage.pick(stage.morning.people.ranges.outsiders)
    time = stage.at(0, *run.syndicate.hours) - 10 * HOUR
    cents = max(shaped(stage.rng, int(given * stage.spread(1.1, 2.5))), given)
    stage.pay(max(time, stage.morning.day.start), source, baiter, cents, role=Role.WARM_UP)


def _victim(stage: Stage, run: Run, victim: int, loss: int, baiter: int) -> list[Receipt]:
    days = min(stage.whole(0, _DAYS[run.difficulty]), max(0, run.room - _LAST_DAYS))
    start = stage.at(0, *run.syndicate.hours)
    has = stage.balance(victim)
    if has < loss:
        has += stage.break_savings(start + days * DAY, victim, loss - has, role=Role.SAVINGS)
    loss = min(loss, int(has * _SHARE_OF_BALANCE))
    if stage.chance(_BAITS[run.difficulty]):
        _bait(stage, victim, baiter, start)
    received, paid = _tasks(stage, run, victim, start, days, loss, baiter)
    return received + _hook(stage, run, victim, start + days * DAY, loss - paid)


def _bait(stage: Stage, victim: int, baiter: int, time: int) -> None:
    """Small pay for the first clicks."""
    note = stage.pick(_PAYS)
    for _ in range(stage.whole(1, 5)):
        time += stage.pause(90, 1.2)
        cents = int(stage.spread(3, 160)) * YUAN
        stage.pay(
            time, baiter, victim, cents,
            note=note, session=stage.session(baiter), role=Role.BAIT, victim=victim,
        )  # fmt: skip


def _tasks(
    stage: Stage, run: Run, victim: int, start: int, days: int, loss: int, baiter: int
) -> tuple[list[Receipt], int]:
    """Rising payments, the first of them paid back with a commission; returns what was lost."""
    received, paid = [], 0
    task = int(stage.spread(80, 900)) * YUAN
    step, time = stage.spread(1.2, 3.0), start + stage.pause(120)
    for _ in range(stage.whole(0, 5)):
        if task > loss // 4:
            break
        cents, payee = shaped(stage.rng, task), stage.pick(run.collectors)
        stage.pay(
            time, victim, payee, cents,
            note=stage.pick(_NOTES), role=Role.TASK, victim=victim,
        )  # fmt: skip
        received.append(Receipt(time, payee, cents))
        paid += cents
        if stage.chance(0.4):
            back = int(cents * stage.rng.uniform(1.03, 1.3)) // YUAN * YUAN
            stage.pay(
                time + stage.pause(25), baiter, victim, back,
                note=stage.pick(_PAYS), role=Role.PAY_BACK, victim=victim,
            )  # fmt: skip
            paid -= back
        task = int(task * step)
        time += stage.pause(60) if days == 0 else int(stage.rng.uniform(0.05, 0.2) * days * DAY)
    return received, paid


def _hook(stage: Stage, run: Run, victim: int, time: int, loss: int) -> list[Receipt]:
    """The combined order that must be paid to get everything back; each part larger."""
    received = []
    pace = stage.spread(4, 200)
    payee = stage.pick(run.collectors)
    time = max(time, stage.morning.day.start) + stage.pause(300, 0.5)
    parts = sorted(pieces(stage.rng, max(loss, 500 * YUAN), stage.whole(1, 6), 2.5))
    stage.login(time - stage.pause(2, 0.3), victim, role=Role.LOGIN)
    for part in parts:
        if stage.chance(0.2):
            payee = stage.pick(run.collectors)
        stage.pay(
            time, victim, payee, part,
            note=stage.pick(_NOTES), role=Role.PAYMENT, victim=victim,
        )  # fmt: skip
        received.append(Receipt(time, payee, part))
        time += stage.pause(pace)
    return received


SCHEME = Scheme("click_farm", play)
