"""The simulation itself: day after day, each starting from the balances the last one left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from txmon.simulate import frames
from txmon.simulate.balances import settle
from txmon.simulate.incidents import Incident, past_lives, plan, rented_accounts, split, staged
from txmon.simulate.population import Population, populate
from txmon.simulate.rhythm import share_out
from txmon.simulate.rows import Rows, concat, in_order
from txmon.simulate.scenario import DAY, DAYS, START, Day, Scenario
from txmon.simulate.scheduled import scheduled, scheduled_count
from txmon.simulate.spontaneous import spontaneous

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

_SCHEDULED, _SPONTANEOUS = 5, 6


@dataclass(frozen=True, slots=True)
class Simulation:
    """Simulated payments in canonical input form, and what in them is fraud.

    ``payments`` are in order of time, no two at the same instant (frames.PAYMENT_SCHEMA);
    ``labels`` hold the transactions of schemes (frames.LABEL_SCHEMA), ``accounts`` those who
    took part (frames.ACCOUNT_SCHEMA).
    """

    payments: pl.DataFrame
    labels: pl.DataFrame
    accounts: pl.DataFrame


def simulate(
    *, transactions: int, seed: int = 1, start: date = START, days: int = DAYS
) -> Simulation:
    """Simulate exactly that many transactions over that many days, all in memory.

    The same arguments give the same frames. Raises ValueError below 1,000 transactions,
    20 transactions a day or 7 days.
    """
    made = list(parts(Scenario(transactions, seed, start, days)))
    return Simulation(
        pl.concat([part.payments for part in made]),
        pl.concat([part.labels for part in made]),
        pl.concat([part.accounts for part in made]),
    )


def parts(scenario: Scenario) -> Iterator[Simulation]:
    """The same simulation one day at a time, in order, so that memory holds only a day."""
    people = populate(scenario, rented_accounts(scenario))
    course = _Course(scenario, people, plan(scenario, people), frames.names(people))
    calendar = scenario.calendar()
    due = sum(scheduled_count(people, day) for day in calendar)
    state = _State(people.opening.copy(), past_lives(scenario, people), 0, 0, 0)
    for day, size in zip(calendar, share_out(scenario.transactions - due, calendar), strict=True):
        state, part = _live(course, state, day, size)
        yield part


@dataclass(frozen=True, slots=True)
class _Course:
    """What stays the same all along."""

    scenario: Scenario
    people: Population
    incidents: tuple[Incident, ...]
    names: frames.Names


@dataclass(frozen=True, slots=True)
class _State:
    """What one day hands to the next.

    ``pending`` are rows of incidents that still lie ahead, ``emitted`` counts the rows so far,
    ``last`` is the latest instant taken. ``debt`` counts rows of incidents for which a day too
    small had no room: they take it from the days after, so that the total stays exact.
    """

    balances: NDArray[np.int64]
    pending: Rows
    emitted: int
    last: int
    debt: int


def _live(course: _Course, state: _State, day: Day, size: int) -> tuple[_State, Simulation]:
    starting = [incident for incident in course.incidents if incident.day == day.index]
    plays = [
        staged(course.scenario, course.people, incident, state.balances) for incident in starting
    ]
    planned = concat([state.pending, *(play.rows for play in plays)])
    today, pending = split(planned, day.start + DAY)
    room = size - len(today) - state.debt
    everything = concat([today, *_honest(course, state, day, max(0, room))])
    # Only where the last incident outgrows a tiny simulation is there anything to cut.
    ordered = in_order(everything, after=state.last).take(
        slice(course.scenario.transactions - state.emitted)
    )
    before = settle(ordered, state.balances)
    accounts = [
        frames.account_labels(course.names, incident, play.accounts)
        for incident, play in zip(starting, plays, strict=True)
    ]
    part = Simulation(
        frames.payments(ordered, before, course.names, state.emitted + 1),
        frames.labels(ordered, course.incidents, state.emitted + 1),
        pl.concat([pl.DataFrame(schema=frames.ACCOUNT_SCHEMA), *accounts]),
    )
    last = int(ordered.time[-1]) if len(ordered) else state.last
    emitted = state.emitted + len(ordered)
    return _State(state.balances, pending, emitted, last, max(0, -room)), part


def _honest(course: _Course, state: _State, day: Day, size: int) -> tuple[Rows, Rows]:
    people, scenario = course.people, course.scenario
    return (
        scheduled(people, scenario.stream(_SCHEDULED, day.index), day, state.balances),
        spontaneous(people, scenario.stream(_SPONTANEOUS, day.index), day, size, state.balances),
    )
