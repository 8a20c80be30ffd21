"""One rule with many choices of its params, over the same rows: what each of them would raise.

The choices are conditions of one plan, which shares every feature that means the same. They are
judged together: each different comparison is made once, and a choice is a few operations on bits.
Alerts are not built: which rows raise them is all that is worked out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.carry import Carry
from txmon.evaluate.folding import Candidates, found_elsewhere
from txmon.evaluate.judge import LEVEL, Verdict, second_rows
from txmon.evaluate.outcome_rows import REF
from txmon.evaluate.run import LayerRun, each_judged, evaluate_layer
from txmon.evaluate.strata import alerts_below
from txmon.evaluate.truths import Truths

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.evaluate.folding import Swept
    from txmon.evaluate.frame import LaneFrame
    from txmon.language.nodes import Expr
    from txmon.plan import Condition, Plan

Array = np.ndarray[Any, Any]


def sweep(plan: Plan, rows: pl.DataFrame, choices: Sequence[str], present: str) -> Swept:
    """What each of several choices of one rule would raise.

    Args:
        plan: compiled from the choices, the rule as it is, and the rules that these read.
        rows: accepted rows in the contract's order, storage form.
        choices: rule ids of the choices. They differ from the rule in what params can change.
        present: the id of the rule as it is, whose features and columns the result shows.
    """
    top, run = _top(plan, rows)
    run.visit_stages(keep=True, judged=judged_together)
    conditions = {condition.rule.id: condition for condition in top.conditions}
    wanted = [conditions[id_] for id_ in choices]
    if wanted and not _plain(wanted[0]):
        return found_elsewhere(run, wanted)
    return Candidates(run, wanted, conditions[present]).swept()


def _top(plan: Plan, rows: pl.DataFrame) -> tuple[Plan, LayerRun]:
    """The plan that the choices stand in, and its evaluation about to begin.

    Of a rule over alerts, that is the last stratum, over the alerts of those below.
    """
    if not plan.strata:
        return plan, LayerRun(plan, Carry(), rows, None, None)
    layers = [evaluate_layer(plan, Carry(), rows)]
    base = layers[0]
    rules = {condition.rule.id: condition.rule for condition in plan.every_condition}
    *below, last = plan.strata
    for stratum in below:
        found = alerts_below(stratum, layers, rules, rows)
        arguments = (stratum.plan, Carry(), found)
        layers.append(evaluate_layer(*arguments, data_start=base.data_start, clock=base.clock))
    found = alerts_below(last, layers, rules, rows)
    return last.plan, LayerRun(last.plan, Carry(), found, None, base.clock)


def judged_together(frame: LaneFrame, conditions: Sequence[Condition]) -> dict[str, Verdict]:
    """The verdicts of choices on a part; of hits without a pattern only reference and level."""
    apart = [condition for condition in conditions if not _plain(condition)]
    together = _Together(frame)
    found = {one.rule.id: together.verdict(one) for one in conditions if _plain(one)}
    return found | each_judged(frame, apart)


def _plain(condition: Condition) -> bool:
    return condition.sequence is None and condition.graph is None


@dataclass(slots=True)
class _Together:
    """Judges conditions of one rule on one part; equal ones are judged once."""

    frame: LaneFrame
    truths: Truths = field(init=False)
    again: Array = field(init=False)
    told: dict[tuple[Expr | None, ...], Verdict] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.truths = Truths(self.frame)
        self.again = second_rows(self.frame)

    def verdict(self, condition: Condition) -> Verdict:
        """The rows that a condition hits, with their levels."""
        asked = (condition.needs, *(level.when for level in condition.levels))
        if asked not in self.told:
            self.told[asked] = self._judged(condition)
        return self.told[asked]

    def _judged(self, condition: Condition) -> Verdict:
        truths = self.truths
        ready = truths.packed(self.frame.base(condition.base)) & truths.true(condition.needs)
        hits = [ready & truths.true(level.when) for level in condition.levels]
        at = self._first_rows(truths.positions(np.bitwise_or.reduce(hits)))
        levels = np.zeros(at.size, np.int32)
        for place in reversed(range(len(hits))):
            levels[truths.mask(hits[place])[at]] = place
        found = [pl.Series(REF, self.frame.part.refs[at]), pl.Series(LEVEL, levels)]
        return Verdict(Counter(), Counter(), pl.DataFrame(found))

    def _first_rows(self, at: Array) -> Array:
        """The positions without the second row of a self-transfer whose first is among them."""
        drop = np.zeros(at.size, np.bool_)
        drop[1:] = self.again[at[1:]] & (at[1:] - 1 == at[:-1])
        return at[~drop]
