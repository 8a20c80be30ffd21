"""Rented cards: victims of other banks pay in, of whom nothing is seen but the payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.simulate.schemes.laundering import launder
from txmon.simulate.schemes.model import Receipt, Run, Scheme
from txmon.simulate.schemes.victims import drain
from txmon.simulate.stage import NOWHERE

if TYPE_CHECKING:
    from txmon.simulate.stage import Stage


def play(stage: Stage, run: Run) -> tuple[tuple[int, int], ...]:
    """Payments from elsewhere come in within a day or two; the money moves on."""
    received: list[Receipt] = []
    for victim, loss in zip(run.victims, run.losses, strict=True):
        start = stage.at(stage.whole(0, 1), *run.syndicate.hours)
        received += drain(stage, run, victim, start, loss, NOWHERE)
    return launder(stage, run, received)


SCHEME = Scheme("rented_cards", play)
