"""Who is robbed when, by whom and over which accounts: the runs of every syndicate."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.schemes.losses import losses
from txmon.simulate.schemes.model import Run, Syndicate
from txmon.simulate.schemes.syndicates import found
from txmon.simulate.vocabulary import NONE, YUAN, Difficulty

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.population.people import Population
    from txmon.simulate.scenario import Scenario

SAFE, CLICKS, LOAN, CARDS = "safe_account", "click_farm", "coached_loan", "rented_cards"
WAKING, IDENTITIES = "waking", "fake_identities"
_TRADES = (SAFE, CLICKS, LOAN, CARDS)
_PLAN, _FATES = 1, 2
_WARM_UP = 1 / 5
"""Share of the period that passes before the first victim, so that habits can be known."""

_LAST_START = 4
_LARGE = 60_000 * YUAN
_LARGE_TRADES = np.array([3.0, 0.5, 0.5, 1.0])
"""Who loses much is seldom a clicker or a borrower."""

_AT_ONCE = {SAFE: 0.45, CLICKS: 0.22, LOAN: 0.5, CARDS: 0.25}
"""Victims of one run are geometric with this share."""

_MOST_AT_ONCE = 30
_SAVERS = 2.5
_WINDOW = 8
"""How many accounts of its pool a syndicate uses at a time before it burns them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Every run, the syndicates, and the population with what the criminals change in it."""

    runs: tuple[Run, ...]
    syndicates: tuple[Syndicate, ...]
    people: Population


def plan(scenario: Scenario, people: Population) -> Plan:
    """The whole plan of a scenario; nobody is robbed twice."""
    rng = scenario.stream(_PLAN)
    gangs = found(rng, scenario, people)
    taken = losses(rng, scenario.victims)
    weights = np.array([gang.weight for gang in gangs])
    whose = rng.choice(len(gangs), len(taken), p=weights / weights.sum())
    # At the natural size and above every syndicate robs somebody.
    whose[: min(len(gangs), len(taken))] = np.arange(min(len(gangs), len(taken)))
    trades = _trades(rng, gangs, whose, taken)
    victims = _victims(rng, people, taken, trades)
    runs = [
        run
        for gang in gangs
        for run in _runs(
            rng, scenario, gang, trades, victims, taken, np.flatnonzero(whose == gang.number)
        )
    ]
    means = _means(rng, people, victims, taken, trades)
    changed = replace(people, opening=means, phone=_phones(rng, people, gangs))
    return Plan(tuple(runs), tuple(gangs), changed)


def _trades(
    rng: np.random.Generator,
    gangs: list[Syndicate],
    whose: NDArray[np.int64],
    taken: NDArray[np.int64],
) -> NDArray[np.int64]:
    weights = np.array([gang.trades for gang in gangs])[whose]
    weights = weights * np.where(taken[:, None] > _LARGE, _LARGE_TRADES, 1.0)
    marks = np.cumsum(weights, axis=1) / weights.sum(axis=1)[:, None]
    return np.asarray((rng.random(len(whose))[:, None] > marks).sum(axis=1))


def _victims(
    rng: np.random.Generator,
    people: Population,
    taken: NDArray[np.int64],
    trades: NDArray[np.int64],
) -> NDArray[np.int32]:
    """Customers whose wealth goes roughly with their loss; those of cards bank elsewhere."""
    outside = trades == _TRADES.index(CARDS)
    ours = np.flatnonzero(~outside)
    chosen = np.empty(len(taken), np.int32)
    chosen[outside] = rng.choice(
        np.array(people.ranges.outsiders), int(outside.sum()), replace=False
    )
    here = np.flatnonzero(people.joined_day == 0)
    # Callers look for savings.
    weights = np.sqrt(people.opening[here].astype(float))
    weights *= np.where(people.savings[here] == NONE, 1.0, _SAVERS)
    persons = rng.choice(here, len(ours), replace=False, p=weights / weights.sum())
    wealth = _wealth(people, persons) * rng.lognormal(0.0, 0.5, len(persons))
    wanted = taken[ours] * rng.lognormal(0.0, 0.5, len(ours))
    chosen[ours[np.argsort(wanted)]] = persons[np.argsort(wealth)]
    return chosen


def _wealth(people: Population, persons: NDArray[np.integer]) -> NDArray[np.int64]:
    savings = people.savings[persons]
    saved = np.where(savings == NONE, 0, people.opening[savings])
    return np.asarray(people.opening[persons] + saved)


def _means(
    rng: np.random.Generator,
    people: Population,
    victims: NDArray[np.int32],
    taken: NDArray[np.int64],
    trades: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Opening balances in which each victim has what will be lost, or more."""
    opening = people.opening.copy()
    own = victims < len(people.ranges.persons)
    persons, lost = victims[own], taken[own]
    own_share = np.where(trades[own] == _TRADES.index(LOAN), 0.3, 1.0)
    needed = (lost * own_share * np.exp(rng.uniform(0.1, 1.6, len(lost)))).astype(np.int64)
    lacking = np.maximum(needed - _wealth(people, persons), 0)
    savings = people.savings[persons]
    opening[np.where(savings == NONE, persons, savings)] += lacking
    return opening


def _phones(
    rng: np.random.Generator, people: Population, gangs: list[Syndicate]
) -> NDArray[np.int32]:
    """Fake identities gave one of a few numbers when they opened their accounts."""
    phone = people.phone.copy()
    for gang in gangs:
        few = np.array(gang.identities[: int(rng.integers(1, 4))], np.int64)
        for identity in gang.identities:
            phone[identity] = people.phone[int(rng.choice(few))]
    return phone


def _runs(
    rng: np.random.Generator,
    scenario: Scenario,
    gang: Syndicate,
    trades: NDArray[np.int64],
    victims: NDArray[np.int32],
    taken: NDArray[np.int64],
    mine: NDArray[np.int64],
) -> list[Run]:
    """Victims are put together by scheme; a careful run has fewer at a time."""
    groups: list[tuple[str, NDArray[np.int64], int]] = []
    for trade, name in enumerate(_TRADES):
        left = mine[trades[mine] == trade]
        while len(left):
            care = int(rng.choice(len(Difficulty), p=gang.care))
            size = min(int(rng.geometric(_AT_ONCE[name])), _MOST_AT_ONCE)
            groups.append((name, left[:size], care))
            left = left[size:]
    days = _days(rng, scenario, len(groups))
    order = rng.permutation(len(groups)).tolist()
    runs: list[Run] = []
    used: set[int] = set()
    for day, which in zip(days, order, strict=True):
        name, group, care = groups[which]
        collectors, mules = _crew(rng, gang, (day - days[0]) / scenario.days, len(group), care)
        fresh = tuple(one for one in (*collectors, *mules) if one not in used)
        used.update(fresh)
        crew = Run(name, gang, care, day, scenario.days - day, tuple(victims[group].tolist()),
                   tuple(taken[group].tolist()), collectors, mules, fresh)  # fmt: skip
        runs += [*_woken(rng, crew), crew]
    return [*_opened(rng, scenario, gang, days), *_all_used(rng, gang, runs, used)]


def _all_used(
    rng: np.random.Generator, gang: Syndicate, runs: list[Run], used: set[int]
) -> list[Run]:
    """The same runs, with the accounts of the pool that none uses yet woken for one of them."""
    made = list(runs)
    working = [place for place, run in enumerate(runs) if run.scheme != WAKING]
    for account in gang.pool:
        if account in used or not working:
            continue
        place = int(rng.choice(working))
        run = made[place]
        used.add(account)
        made[place] = replace(run, mules=(*run.mules, account), fresh=(*run.fresh, account))
        made += _woken(rng, replace(run, fresh=(account,)))
    return made


def _days(rng: np.random.Generator, scenario: Scenario, count: int) -> list[int]:
    """A syndicate works for part of the period, on more days than not in bursts."""
    first = int(scenario.days * _WARM_UP)
    last = max(first + 1, scenario.days - _LAST_START)
    begin = first + (last - first) * float(rng.uniform(0.0, 0.4))
    end = begin + (last - begin) * float(rng.uniform(0.5, 1.0))
    drawn = begin + (end - begin) * rng.beta(0.9, 0.9, count)
    return sorted(int(day) for day in drawn)


def _crew(
    rng: np.random.Generator, gang: Syndicate, progress: float, size: int, care: int
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Some collectors and some mules from the part of the pool that is in use."""
    pool = gang.pool
    start = int(min(progress, 1.0) * max(0, len(pool) - _WINDOW)) + int(rng.integers(0, 3))
    window = [pool[(start + step) % len(pool)] for step in range(min(_WINDOW, len(pool)))]
    drawn = rng.permutation(window).tolist()
    take = 1 + min(len(drawn) - 3, int(rng.binomial(2, (0.15, 0.35, 0.5)[care])) + size // 12)
    left = drawn[take:]
    mules = left[: max(2, int(rng.integers(2, len(left) + 1)))]
    return tuple(drawn[:take]), tuple(mules)


def _woken(rng: np.random.Generator, crew: Run) -> list[Run]:
    """Accounts used for the first time are tried out some days before, if there is time."""
    known = set(crew.syndicate.identities)
    fresh = tuple(one for one in crew.fresh if one not in known)
    if not fresh:
        return []
    day = max(0, crew.day - int(rng.integers(1, 2 + 3 * (crew.difficulty + 1))))
    return [replace(crew, scheme=WAKING, day=day, victims=(), losses=(), fresh=fresh)]


def _opened(
    rng: np.random.Generator, scenario: Scenario, gang: Syndicate, days: list[int]
) -> list[Run]:
    """Fake identities are made before the syndicate begins, in one go or two."""
    if not gang.identities or not days:
        return []
    care = int(rng.choice(len(Difficulty), p=gang.care))
    day = max(0, days[0] - int(rng.integers(2, 15)))
    rest = tuple(one for one in gang.pool if one not in gang.identities)[:_WINDOW] or gang.pool
    return [
        Run(
            IDENTITIES,
            gang,
            care,
            day,
            scenario.days - day,
            collectors=rest[:1],
            mules=rest,
            fresh=gang.identities,
        )
    ]
