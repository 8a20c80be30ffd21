"""What a scheme is told: its syndicate, its victims and what they are to lose, its accounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.simulate.stage import Stage


class Receipt(NamedTuple):
    """Money that came to an account: when (microseconds), where, how much (cents)."""

    time: int
    account: int
    cents: int


@dataclass(frozen=True, slots=True)
class Syndicate:
    """A gang and its ways.

    ``hours`` are its working day; ``trades`` weighs its schemes and ``care`` the difficulties;
    ``pace`` is the median in minutes until money moves on; ``pool`` are its rented accounts,
    ``identities`` those it opened under false names; ``devices`` and ``addresses`` are
    codes it works with; ``den`` is its city, ``refuge`` its country abroad; ``exits`` weighs the
    ways to get money out (`laundering.EXITS`).
    """

    number: int
    weight: float
    hours: tuple[float, float]
    trades: tuple[float, ...]
    care: tuple[float, float, float]
    pace: float
    pool: tuple[int, ...]
    identities: tuple[int, ...]
    devices: tuple[int, ...]
    addresses: tuple[int, ...]
    den: int
    refuge: int
    exits: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One day's work of a syndicate: a scheme on some victims, and the accounts it uses.

    ``day`` is its first, counted from that of the period; ``losses`` are what the victims
    (``victims``, in the same order) are to lose in cents; ``collectors`` take it, ``mules`` pass it
    on; ``fresh`` are those of them in use for the first time; ``room`` is how many days are left.
    """

    scheme: str
    syndicate: Syndicate
    difficulty: int
    day: int
    room: int
    victims: tuple[int, ...] = ()
    losses: tuple[int, ...] = ()
    collectors: tuple[int, ...] = ()
    mules: tuple[int, ...] = ()
    fresh: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to defraud people: its name and the function that plays one run of it, which returns
    the accounts that took part with their parts.
    """

    name: str
    play: Callable[[Stage, Run], tuple[tuple[int, int], ...]]
