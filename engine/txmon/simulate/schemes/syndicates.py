"""The syndicates: how large they are, how they work, and which accounts and phones they have."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.population.places import HOME_CITIES
from txmon.simulate.schemes.model import Syndicate

if TYPE_CHECKING:
    from txmon.simulate.population import Population
    from txmon.simulate.scenario import Scenario

SHARES_MULES, SHARES_DEVICE = 0.4, 0.3
_LEAST_POOL, _REFUGES = 4, (1, 8, 9, 10, 11, 12, 2, 4)
_OPENS_IDENTITIES = 0.7
_TRADES = np.array([3.2, 3.0, 1.6, 1.7])
_CARE = np.array([3.0, 4.0, 3.0])
_EXITS = np.array([2.2, 2.6, 1.5, 0.9, 0.9, 0.9])


def found(rng: np.random.Generator, scenario: Scenario, people: Population) -> list[Syndicate]:
    """As many syndicates as the scenario has; neighbours may share mules, phones and hours."""
    count = scenario.syndicates
    weights = rng.lognormal(0.0, 0.6, count)
    pools = _pools(rng, people, weights)
    gangs: list[Syndicate] = []
    for number, own in enumerate(pools):
        before = gangs[-1] if gangs else None
        gangs.append(_gang(rng, people, number, float(weights[number]), own, before))
    return gangs


def _pools(
    rng: np.random.Generator,
    people: Population,
    weights: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> list[list[int]]:
    """Every rented account goes to one syndicate, larger ones having more."""
    rented = rng.permutation(np.array(people.ranges.rented)).tolist()
    spare = len(rented) - _LEAST_POOL * len(weights)
    edges = np.round(np.concatenate(([0.0], np.cumsum(weights / weights.sum()))) * spare)
    bounds = (edges + _LEAST_POOL * np.arange(len(edges))).astype(int).tolist()
    return [rented[low:high] for low, high in pairwise(bounds)]


def _gang(
    rng: np.random.Generator,
    people: Population,
    number: int,
    weight: float,
    own: list[int],
    before: Syndicate | None,
) -> Syndicate:
    first = float(rng.uniform(8.5, 14.0))
    hours = (first, min(23.5, first + float(rng.uniform(3.0, 9.0))))
    devices = tuple(int(people.device[one]) for one in own[: int(rng.integers(1, 5))])
    addresses = (
        *(int(people.ip[one]) for one in own[: int(rng.integers(1, 4))]),
        people.ranges.total + int(rng.integers(people.mobile_addresses)),
    )
    identities: tuple[int, ...] = ()
    if number == 0 or rng.random() < _OPENS_IDENTITIES:
        identities = tuple(own[: max(3, int(len(own) * rng.uniform(0.2, 0.5)))])
    pool = tuple(rng.permutation(own).tolist())
    if before is not None and rng.random() < SHARES_MULES:
        pool += before.pool[: int(rng.integers(1, 5))]
        hours = before.hours if rng.random() < 0.5 else hours  # noqa: PLR2004
    if before is not None and rng.random() < SHARES_DEVICE:
        devices += before.devices[:1]
    return Syndicate(
        number,
        weight,
        hours,
        tuple(rng.gamma(_TRADES).tolist()),
        _care(rng),
        float(np.exp(rng.uniform(np.log(3), np.log(90)))),
        pool,
        identities,
        devices,
        addresses,
        int(rng.integers(HOME_CITIES)),
        int(rng.choice(_REFUGES)),
        tuple(rng.gamma(_EXITS).tolist()),
    )


def _care(rng: np.random.Generator) -> tuple[float, float, float]:
    easy, ordinary, hard = rng.dirichlet(_CARE).tolist()
    return easy, ordinary, hard
