"""The safe account: a caller posing as police has victims move their savings in pieces."""

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

_LARGEST_PIECE = 5_000 * YUAN
_SMALLEST_PIECE = 600 * YUAN


def stage(rng: np.random.Generator, cast: Cast) -> Staged:
    """Three to five victims on two days; the money is gone within hours."""
    safe, helpers = int(cast.rented[0]), cast.rented[1:]
    victims = cast.people[: rng.integers(3, len(cast.people) + 1)]
    drips = concat([_drip(rng, cast, place, safe) for place in range(len(victims))])
    paid = drips.take(drips.cents > 0)
    onward = pass_on(rng, paid, helpers, minutes=25, device=cast.device)
    out = cash_out(rng, onward, cast, minutes=90)
    accounts = (
        *((int(victim), "victim") for victim in victims),
        (safe, "safe_account"),
        *((int(helper), "mule") for helper in helpers),
    )
    return Staged(concat([drips, onward, out]), accounts)


def _drip(rng: np.random.Generator, cast: Cast, place: int, safe: int) -> Rows:
    """One victim: a login, then four to nine pieces with the caller's pauses."""
    call = cast.start + int(rng.integers(0, 2)) * DAY + int(rng.uniform(9, 15) * HOUR)
    victim, phone = int(cast.people[place]), int(cast.phones[place])
    pieces = _pieces(rng, int(cast.wealth[place]))
    pauses = 6 * MINUTE + delays(rng, 45, len(pieces), sigma=0.8)
    session = logins(np.array([call]), victim, phone)
    moved = transfers(
        call + np.cumsum(pauses), victim, safe, pieces, device=phone, role=Role.PAYMENT
    )
    return concat([session, moved])


def _pieces(rng: np.random.Generator, wealth: int) -> NDArray[np.int64]:
    """A good part of the savings in pieces below the bank's limit."""
    count = int(rng.integers(4, 10))
    piece = wealth * rng.uniform(0.35, 0.9) / count
    drawn = (piece * rng.uniform(0.75, 1.25, count)).astype(np.int64)
    rounded = drawn // (100 * YUAN) * (100 * YUAN)
    return np.clip(rounded, _SMALLEST_PIECE, _LARGEST_PIECE)


SCHEME = Scheme("safe_account", rented=4, people=5, stage=stage)
