"""Moves that several schemes share: passing money on, and getting it out of the bank."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.exchange import to_foreign
from txmon.simulate.rows import Rows, concat, rows
from txmon.simulate.scenario import MINUTE
from txmon.simulate.vocabulary import YUAN, Channel, PaymentKind, Role

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.schemes.model import Cast, Codes

_ATM_LIMIT = 5_000 * YUAN
_ATM_PAUSE = 90_000_000
_SHARE_IN_CASH = 0.75


def delays(
    rng: np.random.Generator, median_minutes: float, size: int, sigma: float = 0.7
) -> NDArray[np.int64]:
    """Log-normal waiting times in microseconds, at least a minute."""
    minutes = rng.lognormal(np.log(median_minutes), sigma, size)
    return (np.maximum(minutes, 1.0) * MINUTE).astype(np.int64)


def transfers(
    time: NDArray[np.int64],
    debtor: Codes | int,
    creditor: Codes | int,
    cents: NDArray[np.int64],
    *,
    device: Codes | int,
    role: int,
) -> Rows:
    """Transfers by app."""
    return rows(
        time,
        kind=PaymentKind.TRANSFER,
        channel=Channel.APP,
        debtor=debtor,
        creditor=creditor,
        cents=cents,
        device=device,
        role=role,
    )


def logins(time: NDArray[np.int64], account: Codes | int, device: Codes | int) -> Rows:
    """Sessions that come before the payments."""
    return rows(
        time,
        kind=PaymentKind.LOGIN,
        channel=Channel.APP,
        debtor=account,
        device=device,
        role=Role.LOGIN,
    )


def pass_on(
    rng: np.random.Generator, received: Rows, onward: Codes, *, minutes: float, device: Codes | int
) -> Rows:
    """Each amount received goes on to one of the next accounts, less a commission."""
    size = len(received)
    kept_on = rng.uniform(0.92, 0.995, size)
    return transfers(
        received.time + delays(rng, minutes, size),
        received.creditor,
        rng.choice(onward, size),
        np.maximum((received.cents * kept_on).astype(np.int64) // YUAN, 1) * YUAN,
        device=device,
        role=Role.PASS_ON,
    )


def cash_out(rng: np.random.Generator, received: Rows, cast: Cast, *, minutes: float) -> Rows:
    """Three quarters leave through cash machines, the rest over the border."""
    in_cash = rng.random(len(received)) < _SHARE_IN_CASH
    return concat(
        [
            _machines(rng, received.take(in_cash), minutes),
            _over_the_border(rng, received.take(~in_cash), cast, minutes),
        ]
    )


def _machines(rng: np.random.Generator, received: Rows, minutes: float) -> Rows:
    """Withdrawals up to the machine's limit, one right after the other."""
    times = -(-received.cents // _ATM_LIMIT)
    which = np.repeat(np.arange(len(received)), times)
    turn = np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times)
    start = received.time + delays(rng, minutes, len(received))
    hundreds = received.cents // times // (100 * YUAN)
    withdrawn = rows(
        start[which] + turn * _ATM_PAUSE,
        kind=PaymentKind.CASH_WITHDRAWAL,
        channel=Channel.ATM,
        debtor=received.creditor[which],
        cents=hundreds[which] * 100 * YUAN,
        role=Role.CASH_OUT,
    )
    return withdrawn.take(withdrawn.cents > 0)


def _over_the_border(rng: np.random.Generator, received: Rows, cast: Cast, minutes: float) -> Rows:
    size = len(received)
    place = rng.integers(0, len(cast.abroad), size)
    currency = cast.currencies[place]
    return rows(
        received.time + delays(rng, minutes, size),
        kind=PaymentKind.TRANSFER,
        channel=Channel.WEB,
        debtor=received.creditor,
        creditor=cast.abroad[place],
        cents=to_foreign(received.cents * 0.97, currency),
        currency=currency,
        device=cast.device,
        role=Role.CASH_OUT,
    )
