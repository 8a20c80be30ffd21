"""Which incidents happen when, and to whom: the plan that the day by day simulation follows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.rows import Rows, rows
from txmon.simulate.scenario import DAY
from txmon.simulate.schemes import OCCASIONS, SCHEMES, Cast, Scheme, Staged
from txmon.simulate.vocabulary import CURRENCIES, YUAN, Channel, PaymentKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.population import Population
    from txmon.simulate.scenario import Scenario

_PLAN, _FATES, _CASTING, _STAGING = 1, 2, 3, 4
_WARM_UP = 1 / 3
"""Share of the period that passes before the first incident, so that habits can be known."""

_LAST_START = 3
"""Days before the end on which the last incidents start, so that none is cut off."""

_RICH_ENOUGH = 9_000 * YUAN
_FRESH, _DORMANT = 0.45, 0.8


@dataclass(frozen=True, slots=True)
class Incident:
    """One planned incident: its scheme, its first day, its accounts; ``number`` is None for an
    honest occasion, which gets no label.
    """

    scheme: Scheme
    day: int
    number: int | None
    rented: range
    people: NDArray[np.int32]
    seed: int


def rented_accounts(scenario: Scenario) -> int:
    """How many accounts the criminals of a scenario rent."""
    return sum(scheme.rented for scheme in _schemes(scenario))


def plan(scenario: Scenario, people: Population) -> tuple[Incident, ...]:
    """Every incident and occasion of a scenario; nobody takes part in two."""
    rng = scenario.stream(_PLAN)
    schemes = _schemes(scenario)
    frauds = scenario.incidents
    first, last = int(scenario.days * _WARM_UP), scenario.days - _LAST_START
    days = rng.integers(first, last, len(schemes)).tolist()
    chosen = _choose(rng, people, sum(scheme.people for scheme in schemes))
    incidents, person, account = [], 0, people.ranges.rented.start
    for place, scheme in enumerate(schemes):
        number = place if place < frauds else None
        rented = range(account, account + scheme.rented)
        cast = chosen[person : person + scheme.people]
        incidents.append(Incident(scheme, days[place], number, rented, cast, place))
        person, account = person + scheme.people, rented.stop
    return tuple(incidents)


def _schemes(scenario: Scenario) -> tuple[Scheme, ...]:
    """One scheme for each incident, in turn, then one occasion for each, likewise."""
    count = range(scenario.incidents)
    frauds = (SCHEMES[place % len(SCHEMES)] for place in count)
    return (*frauds, *(OCCASIONS[place % len(OCCASIONS)] for place in count))


def _choose(rng: np.random.Generator, people: Population, count: int) -> NDArray[np.int32]:
    """Persons in random order, those worth defrauding first."""
    order = rng.permutation(len(people.ranges.persons)).astype(np.int32)
    poor = people.opening[order] < _RICH_ENOUGH
    return np.concatenate((order[~poor], order[poor]))[:count]


def past_lives(scenario: Scenario, people: Population) -> Rows:
    """What rented accounts did before: nothing, something long ago, or a student's shopping."""
    rng = scenario.stream(_FATES)
    rented = np.arange(people.ranges.rented.start, people.ranges.rented.stop)
    fate = rng.random(len(rented))
    lived, dormant = fate >= _DORMANT, (fate >= _FRESH) & (fate < _DORMANT)
    purchases = np.where(lived, scenario.days // 3, np.where(dormant, rng.integers(2, 5), 0))
    last_day = np.where(lived, scenario.days, max(2, scenario.days // 10))
    who = np.repeat(np.arange(len(rented)), purchases)
    shops = rng.choice(people.shop_wheel, len(who))
    day = rng.random(len(who)) * last_day[who]
    return rows(
        scenario.day(0).start + (day * DAY).astype(np.int64),
        kind=PaymentKind.CARD,
        channel=Channel.POS,
        debtor=rented[who],
        creditor=shops,
        cents=rng.integers(3 * YUAN, 30 * YUAN, len(who)),
    )


def staged(
    scenario: Scenario, people: Population, incident: Incident, balances: NDArray[np.int64]
) -> Staged:
    """The payments of an incident that starts today, with this morning's balances."""
    cast = _cast(scenario, people, incident, balances)
    result = incident.scheme.stage(scenario.stream(_STAGING, incident.seed), cast)
    if incident.number is None:
        return result
    return Staged(result.rows.of_incident(incident.number), result.accounts)


def _cast(
    scenario: Scenario, people: Population, incident: Incident, balances: NDArray[np.int64]
) -> Cast:
    rng = scenario.stream(_CASTING, incident.seed)
    ranges = people.ranges
    # The first accounts abroad are one of each foreign country.
    abroad = np.arange(ranges.abroad.start, ranges.abroad.start + len(CURRENCIES) - 1)
    return Cast(
        start=scenario.day(incident.day).start,
        rented=np.array(incident.rented, np.int32),
        people=incident.people,
        wealth=balances[incident.people],
        phones=people.device[incident.people],
        device=incident.rented.start,
        abroad=abroad.astype(np.int32),
        currencies=people.country[abroad],
        shops=rng.choice(people.shop_wheel, 4),
    )


def split(planned: Rows, end: int) -> tuple[Rows, Rows]:
    """Rows before an instant, and the others."""
    early = planned.time < end
    return planned.take(early), planned.take(~early)
