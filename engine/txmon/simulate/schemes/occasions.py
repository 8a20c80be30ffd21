"""Honest occasions that resemble fraud: a car paid in parts, a collection for a class trip."""

from __future__ import annotations

import numpy as np

from txmon.simulate.rows import concat
from txmon.simulate.scenario import DAY, HOUR
from txmon.simulate.schemes.model import Cast, Scheme, Staged
from txmon.simulate.schemes.moves import delays, transfers
from txmon.simulate.vocabulary import NONE, YUAN

_DEAREST_CAR = 60_000 * YUAN


def stage_car(rng: np.random.Generator, cast: Cast) -> Staged:
    """A used car is paid to a stranger in three to five parts on one day."""
    count = int(rng.integers(3, 6))
    part = min(int(cast.wealth[0] * 0.5), _DEAREST_CAR) // count // (100 * YUAN)
    start = cast.start + int(rng.uniform(9, 16) * HOUR)
    paid = transfers(
        start + np.cumsum(delays(rng, 40, count)),
        int(cast.people[0]),
        int(cast.people[1]),
        np.full(count, max(part, 1) * 100 * YUAN),
        device=int(cast.phones[0]),
        role=NONE,
    )
    return Staged(paid, ())


def stage_collection(rng: np.random.Generator, cast: Cast) -> Staged:
    """Parents pay one of them the same amount within two days, who then pays the agency."""
    collector, parents = int(cast.people[0]), cast.people[1:]
    fee = int(rng.integers(8, 60)) * 10 * YUAN
    paid = transfers(
        cast.start + (rng.uniform(9, 45, len(parents)) * HOUR).astype(np.int64),
        parents,
        collector,
        np.full(len(parents), fee),
        device=cast.phones[1:],
        role=NONE,
    )
    onward = transfers(
        np.array([cast.start + 2 * DAY + 12 * HOUR]),
        collector,
        int(cast.shops[0]),
        np.array([fee * len(parents)]),
        device=int(cast.phones[0]),
        role=NONE,
    )
    return Staged(concat([paid, onward]), ())


CAR = Scheme("car", rented=0, people=2, stage=stage_car)
COLLECTION = Scheme("collection", rented=0, people=26, stage=stage_collection)
