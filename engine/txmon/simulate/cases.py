"""Everything that happens case by case: the runs of syndicates, and honest occasions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.occasions import OCCASIONS, Guests, Occasion
from txmon.simulate.scenario import NATURAL_SIZE
from txmon.simulate.schemes import SCHEMES, Plan, Run
from txmon.simulate.stage import Stage
from txmon.simulate.vocabulary import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.simulate.population import Population
    from txmon.simulate.rows import Rows
    from txmon.simulate.scenario import Scenario
    from txmon.simulate.today import Today

_OCCASIONS, _PLAYS = 3, 4


@dataclass(frozen=True, slots=True)
class Case:
    """A run of a syndicate or an honest occasion, the first of its days, and what labels tell."""

    number: int
    day: int
    what: Run | Occasion

    @property
    def fraud(self) -> bool:
        """Whether it is a run."""
        return isinstance(self.what, Run)

    @property
    def name(self) -> str:
        """The name of the scheme or of the occasion."""
        return SCHEMES[self.what.scheme].name if isinstance(self.what, Run) else self.what.name

    @property
    def title(self) -> str:
        """A readable name, unique in the simulation."""
        return f"{self.name}-{self.number}"

    @property
    def syndicate(self) -> str | None:
        """The name of the syndicate."""
        if isinstance(self.what, Run):
            return f"syndicate-{self.what.syndicate.number + 1}"
        return None

    @property
    def difficulty(self) -> int:
        """The code of the difficulty."""
        return self.what.difficulty if isinstance(self.what, Run) else NONE


def cases(scenario: Scenario, plan: Plan) -> tuple[Case, ...]:
    """Every case of a scenario, frauds first."""
    frauds = [Case(number, run.day, run) for number, run in enumerate(plan.runs)]
    rng = scenario.stream(_OCCASIONS)
    honest: list[Case] = []
    for occasion in OCCASIONS:
        times = max(1, round(occasion.times * scenario.transactions / NATURAL_SIZE))
        for day in rng.integers(0, scenario.days, times).tolist():
            honest.append(Case(len(frauds) + len(honest), day, occasion))
    return (*frauds, *honest)


def guests(plan: Plan, people: Population) -> Guests:
    """Those whom honest occasions may befall: who has an account from the start, and no victim."""
    robbed = [victim for run in plan.runs for victim in run.victims]
    free = people.joined_day == 0
    free[[victim for victim in robbed if victim < len(free)]] = False
    return Guests(np.flatnonzero(free).astype(np.int32))


@dataclass(frozen=True, slots=True)
class Played:
    """The payments of the cases that start on a day, and (case, account, part) of who took part."""

    rows: Rows
    parts: tuple[tuple[int, int, int], ...]


def play(scenario: Scenario, morning: Today, starting: Sequence[Case], invited: Guests) -> Played:
    """Everything that starts this morning, from first payment to last."""
    stage = Stage(morning, scenario.stream(_PLAYS, morning.day.index))
    parts: list[tuple[int, int, int]] = []
    for case in starting:
        stage.case = case.number
        if isinstance(case.what, Run):
            took = SCHEMES[case.what.scheme].play(stage, case.what)
            parts += [(case.number, account, part) for account, part in took]
        else:
            case.what.play(stage, invited)
    return Played(stage.rows(), tuple(parts))
