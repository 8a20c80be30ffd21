"""The task scam: a small pay-out, then many payers into one collector, who passes it on at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.rows import Rows, concat
from txmon.simulate.scenario import DAY, HOUR
from txmon.simulate.schemes.model import Cast, Scheme, Staged
from txmon.simulate.schemes.moves import cash_out, pass_on, transfers
from txmon.simulate.vocabulary import YUAN, Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LOWEST_BAIT, _HIGHEST_BAIT = 8, 30
_LOWEST_TASK = 200 * YUAN


def stage(rng: np.random.Generator, cast: Cast) -> Staged:
    """Eight to sixteen payers on the second day, up to three payments each, rising."""
    collector, layer = int(cast.rented[0]), cast.rented[1:]
    places = np.arange(rng.integers(8, len(cast.people) + 1))
    tasks = _tasks(rng, cast, places, collector)
    onward = pass_on(rng, tasks, layer, minutes=12, device=cast.device)
    out = cash_out(rng, onward, cast, minutes=60)
    accounts = (
        *((int(payer), "victim") for payer in cast.people[places]),
        (collector, "collector"),
        *((int(mule), "mule") for mule in layer),
    )
    return Staged(concat([_bait(rng, cast, places, collector), tasks, onward, out]), accounts)


def _bait(rng: np.random.Generator, cast: Cast, places: NDArray[np.int64], collector: int) -> Rows:
    """Half of them were paid a little for their first task the day before."""
    baited = places[rng.random(len(places)) < 0.5]  # noqa: PLR2004
    yuan = rng.integers(_LOWEST_BAIT, _HIGHEST_BAIT, len(baited))
    return transfers(
        cast.start + (rng.uniform(9, 21, len(baited)) * HOUR).astype(np.int64),
        collector,
        cast.people[baited],
        yuan * YUAN,
        device=cast.device,
        role=Role.BAIT,
    )


def _tasks(rng: np.random.Generator, cast: Cast, places: NDArray[np.int64], collector: int) -> Rows:
    which = np.repeat(places, rng.integers(1, 4, len(places)))
    turn = np.arange(len(which)) - np.searchsorted(which, which)
    first = rng.uniform(9, 18, len(places))[which]
    hours = first + turn * rng.uniform(0.4, 1.5, len(which))
    wished = rng.lognormal(np.log(700 * YUAN), 0.7, len(which)) * 1.8**turn
    bounded = np.minimum(wished, np.maximum(cast.wealth[which] * 0.5, _LOWEST_TASK))
    return transfers(
        cast.start + DAY + (hours * HOUR).astype(np.int64),
        cast.people[which],
        collector,
        np.maximum(bounded.astype(np.int64) // (10 * YUAN) * (10 * YUAN), _LOWEST_TASK),
        device=cast.phones[which],
        role=Role.PAYMENT,
    )


SCHEME = Scheme("fan_in", rented=5, people=16, stage=stage)
