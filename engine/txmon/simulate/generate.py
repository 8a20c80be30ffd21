"""The simulation itself: day after day, each starting from the balances the last one left."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from txmon.simulate import frames
from txmon.simulate.balances import settle
from txmon.simulate.cases import Case, cases, guests, play
from txmon.simulate.habits import scheduled, scheduled_count, spontaneous
from txmon.simulate.names import Names, names
from txmon.simulate.past import past_lives
from txmon.simulate.population import populate
from txmon.simulate.rhythm import share_out
from txmon.simulate.rows import Rows, concat, in_order
from txmon.simulate.scenario import DAY, DAYS, START, TELEFRAUD, Day, Scenario
from txmon.simulate.schemes import plan
from txmon.simulate.today import Today, today

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from txmon.simulate.occasions import Guests
    from txmon.simulate.population import Population

_SCHEDULED, _SPONTANEOUS = 5, 6


@dataclass(frozen=True, slots=True)
class Part:
    """Some days of a simulation; see `Simulation`, whose victims come from all of them."""

    payments: pl.DataFrame
    labels: pl.DataFrame
    accounts: pl.DataFrame
    honest: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Simulation:
    """Simulated payments in canonical input form, and what in them is fraud.

    ``payments`` are in order of time, no two at the same instant (frames.PAYMENT_SCHEMA);
    ``labels`` hold the transactions of schemes (frames.LABEL_SCHEMA), ``accounts`` those who
    took part (frames.ACCOUNT_SCHEMA), ``victims`` their losses (frames.VICTIM_SCHEMA), ``honest``
    the transactions that resemble fraud and are none (frames.HONEST_SCHEMA).
    """

    payments: pl.DataFrame
    labels: pl.DataFrame
    accounts: pl.DataFrame
    victims: pl.DataFrame
    honest: pl.DataFrame


def simulate(
    *,
    transactions: int,
    seed: int = 1,
    start: date = START,
    days: int = DAYS,
    scenario: str = TELEFRAUD,
) -> Simulation:
    """Simulate exactly that many transactions over that many days, all in memory.

    The same arguments give the same frames. Raises ValueError below 1,000 transactions,
    20 transactions a day or 7 days, or for an unknown scenario.
    """
    made = joined(list(parts(Scenario(transactions, seed, start, days, scenario))))
    return Simulation(
        made.payments, made.labels, made.accounts, frames.victims(made.labels), made.honest
    )


def joined(made: list[Part]) -> Part:
    """Parts put together, in their order."""
    return Part(
        pl.concat([part.payments for part in made]),
        pl.concat([part.labels for part in made]),
        pl.concat([part.accounts for part in made]),
        pl.concat([part.honest for part in made]),
    )


def parts(scenario: Scenario) -> Iterator[Part]:
    """The same simulation one day at a time, in order, so that memory holds only a day."""
    course = _course(scenario)
    calendar = scenario.calendar()
    due = sum(scheduled_count(course.people, day) for day in calendar)
    lives = past_lives(scenario, course.people)
    state = _State(course.people.opening.copy(), lives, 0, 0, 0)
    sizes = share_out(max(0, scenario.transactions - due), calendar)
    for day, size in zip(calendar, sizes, strict=True):
        state, part = _live(course, state, day, size)
        yield part


@dataclass(frozen=True, slots=True)
class _Course:
    """What stays the same all along."""

    scenario: Scenario
    people: Population
    cases: tuple[Case, ...]
    starting: Mapping[int, list[Case]]
    guests: Guests
    names: Names


@dataclass(frozen=True, slots=True)
class _State:
    """What one day hands to the next.

    ``pending`` are rows of cases that still lie ahead, ``emitted`` counts the rows so far,
    ``last`` is the latest instant taken. ``debt`` counts rows of cases for which a day too
    small had no room: they take it from the days after, so that the total stays exact.
    """

    balances: NDArray[np.int64]
    pending: Rows
    emitted: int
    last: int
    debt: int


def _course(scenario: Scenario) -> _Course:
    planned = plan(scenario, populate(scenario))
    every = cases(scenario, planned)
    starting: dict[int, list[Case]] = defaultdict(list)
    for case in every:
        starting[case.day].append(case)
    people = planned.people
    return _Course(
        scenario, people, every, starting, guests(planned, people), names(scenario, people)
    )


def _live(course: _Course, state: _State, day: Day, size: int) -> tuple[_State, Part]:
    morning = today(course.people, day, state.balances)
    played = play(course.scenario, morning, course.starting.get(day.index, []), course.guests)
    today_, pending = _split(concat([state.pending, played.rows]), day.start + DAY)
    room = size - len(today_) - state.debt
    everything = concat([today_, *_honest(course, morning, max(0, room))])
    # Only where the last cases outgrow a tiny simulation is there anything to cut.
    ordered = in_order(everything, after=state.last).take(
        slice(course.scenario.transactions - state.emitted)
    )
    before = settle(ordered, state.balances)
    first = state.emitted + 1
    part = Part(
        frames.payments(ordered, before, course.names, course.people, first),
        frames.labels(ordered, course.cases, course.names, first),
        frames.accounts(course.names, course.cases, played.parts),
        frames.honest(ordered, course.cases, first),
    )
    last = int(ordered.time[-1]) if len(ordered) else state.last
    emitted = state.emitted + len(ordered)
    return _State(state.balances, pending, emitted, last, max(0, -room)), part


def _honest(course: _Course, morning: Today, size: int) -> tuple[Rows, Rows]:
    day, scenario = morning.day.index, course.scenario
    return (
        scheduled(morning, scenario.stream(_SCHEDULED, day)),
        spontaneous(morning, scenario.stream(_SPONTANEOUS, day), size),
    )


def _split(planned: Rows, end: int) -> tuple[Rows, Rows]:
    """Rows before an instant, and the others."""
    early = planned.time < end
    return planned.take(early), planned.take(~early)
