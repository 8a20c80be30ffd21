"""What an honest occasion is: a name, how common it is, and the function that plays it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.simulate.vocabulary import YUAN

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from txmon.simulate.stage import Stage

_POOR = 500 * YUAN
_TRIES = 40


@dataclass(frozen=True, slots=True)
class Guests:
    """Those whom occasions may befall: customers whom no syndicate has in mind."""

    free: NDArray[np.int32]

    def one(self, stage: Stage, least: int = _POOR) -> int:
        """Somebody with at least so many cents, if a few tries find one."""
        best = stage.pick(self.free)
        for _ in range(_TRIES):
            if stage.balance(best) >= least:
                break
            other = stage.pick(self.free)
            best = max(best, other, key=stage.balance)
        return best

    def some(self, stage: Stage, count: int) -> list[int]:
        """Different people, fewer if there are not so many."""
        drawn = stage.rng.choice(self.free, min(count, len(self.free)), replace=False)
        return [int(person) for person in drawn]

    def wealthy(self, stage: Stage, among: int = 12) -> int:
        """Who has most, savings included, among some."""
        return max(self.some(stage, among), key=lambda person: means(stage, person))


def means(stage: Stage, person: int) -> int:
    """What a person has on both accounts, in cents."""
    savings = int(stage.morning.people.savings[person])
    saved = stage.balance(savings) if savings >= 0 else 0
    return stage.balance(person) + saved


def portion(stage: Stage, person: int, wished: int, most: float = 0.85) -> int:
    """As much of a wished amount as a person has, ten yuan at least."""
    return max(min(wished, int(stage.balance(person) * most)), 10 * YUAN) // YUAN * YUAN


@dataclass(frozen=True, slots=True)
class Occasion:
    """Something honest that resembles fraud; ``times`` it happens at the natural size."""

    name: str
    times: int
    play: Callable[[Stage, Guests], None]
