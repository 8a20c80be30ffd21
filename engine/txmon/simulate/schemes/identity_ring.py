"""Fake identities on one device, which also takes over accounts and drains them to a new payee."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.rows import Rows, concat
from txmon.simulate.scenario import DAY, HOUR, MINUTE
from txmon.simulate.schemes.model import Cast, Scheme, Staged
from txmon.simulate.schemes.moves import cash_out, delays, logins, pass_on, transfers
from txmon.simulate.vocabulary import YUAN, Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.schemes.model import Codes

_LOWEST_DRAIN = 1_000 * YUAN


def stage(rng: np.random.Generator, cast: Cast) -> Staged:
    """Five to nine identities come to life, then drain two to four customers at night."""
    identities = cast.rented[: rng.integers(5, len(cast.rented) + 1)]
    victims = cast.people[: rng.integers(2, len(cast.people) + 1)]
    drains = concat(
        [_drain(rng, cast, place, int(rng.choice(identities))) for place in range(len(victims))]
    )
    paid = drains.take(drains.cents > 0)
    onward = pass_on(rng, paid, identities, minutes=35, device=cast.device)
    onward = onward.take(onward.debtor != onward.creditor)
    out = cash_out(rng, onward, cast, minutes=120)
    accounts = (
        *((int(victim), "victim") for victim in victims),
        *((int(identity), "identity") for identity in identities),
    )
    return Staged(concat([_wake(rng, cast, identities), drains, onward, out]), accounts)


def _wake(rng: np.random.Generator, cast: Cast, identities: Codes) -> Rows:
    """Each identity logs in and moves a little to the next, so that it looks alive."""
    size = len(identities)
    sessions = cast.start + (rng.uniform(10, 22, size) * HOUR).astype(np.int64)
    small: NDArray[np.int64] = rng.integers(5, 120, size) * YUAN
    alive = transfers(
        sessions + delays(rng, 20, size),
        identities,
        np.roll(identities, 1),
        small,
        device=cast.device,
        role=Role.WARM_UP,
    )
    return concat([logins(sessions, identities, cast.device), alive])


def _drain(rng: np.random.Generator, cast: Cast, place: int, identity: int) -> Rows:
    """One to three large transfers that leave next to nothing."""
    victim = int(cast.people[place])
    start = cast.start + DAY + int(rng.uniform(0.5, 5.5) * HOUR)
    count = int(rng.integers(1, 4))
    parts = rng.dirichlet(np.full(count, 4.0)) * int(cast.wealth[place]) * rng.uniform(0.86, 0.97)
    cents = np.maximum(parts.astype(np.int64) // (10 * YUAN) * (10 * YUAN), _LOWEST_DRAIN)
    session = logins(np.array([start]), victim, cast.device)
    drained = transfers(
        start + 2 * MINUTE + np.cumsum(delays(rng, 6, count)),
        victim,
        identity,
        cents,
        device=cast.device,
        role=Role.PAYMENT,
    )
    return concat([session, drained])


SCHEME = Scheme("identity_ring", rented=9, people=4, stage=stage)
