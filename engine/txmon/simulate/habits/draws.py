"""What several flows draw alike: who pays, and how much."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.population import CIRCLE
from txmon.simulate.vocabulary import YUAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.today import Today

_PENNILESS = 200 * YUAN
_TRIES = 3
_ROUND_AMOUNTS = np.array([1, 1, 10, 50, 100, 100]) * YUAN
_GENEROUS, _TIMES = 0.012, 40.0
_MOST_OF_BALANCE = 0.7


def payers(morning: Today, rng: np.random.Generator, size: int) -> NDArray[np.int32]:
    """Persons by activity; who has no money gives way to somebody else."""
    who = morning.people.person_wheel.spin(rng, size)
    for _ in range(_TRIES):
        poor = np.flatnonzero(morning.balances[who] < _PENNILESS)
        who[poor] = morning.people.person_wheel.spin(rng, len(poor))
    return who


def habit(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Places in a circle; the first are the favourites."""
    return (rng.random(size) ** 2 * CIRCLE).astype(np.int64)


def affordable(morning: Today, who: NDArray[np.int32]) -> NDArray[np.int64]:
    """The most that people spend at once, in cents."""
    return np.maximum((morning.balances[who] * _MOST_OF_BALANCE).astype(np.int64), YUAN)


def gifts(morning: Today, rng: np.random.Generator, who: NDArray[np.int32]) -> NDArray[np.int64]:
    """Amounts between people: mostly small and round, now and then a large one."""
    size = len(who)
    generous = np.where(rng.random(size) < _GENEROUS, _TIMES, 1.0)
    wished = rng.lognormal(np.log(170 * YUAN), 1.25, size) * generous
    wished = np.minimum(wished, affordable(morning, who))
    step = _ROUND_AMOUNTS[rng.integers(0, len(_ROUND_AMOUNTS), size)]
    amounts: NDArray[np.int64] = np.maximum(np.round(wished / step), 1).astype(np.int64) * step
    return amounts
