"""Why an expected alert did not come: the clauses that were not true at that row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from txmon.authoring.cases.expectations import AT, compare
from txmon.authoring.cases.offsets import read_offset, show_offset
from txmon.evaluate import Carry, evaluate
from txmon.language.checked import Clause, Level
from txmon.language.links import asked
from txmon.language.nodes import Literal, Logic
from txmon.language.problems import Problem
from txmon.language.strata import with_sources
from txmon.language.text import render
from txmon.plan import compile_plan
from txmon.types import BOOL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime, timedelta

    import polars as pl

    from txmon.language.checked import Pack, Rule, Sequence

_WHERE_FIELDS = ("subject", "side")
_WAITED = "no chain was left alone up to this deadline, or no later row has passed it"


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains the silence of one rule over the rows of one case.

    ``rows`` are accepted rows, one case only; ``start`` is the time that ``at`` counts from.
    """

    pack: Pack
    rule: str
    rows: pl.DataFrame
    case_key: str
    start: datetime

    def why(self, wanted: Mapping[str, str]) -> tuple[str, ...]:
        """Lines about the row where an alert was expected; empty if ``at`` is not named."""
        offset = read_offset(wanted.get(AT, ""))
        if isinstance(offset, Problem):
            return ()
        place = show_offset(offset)
        if self._sequence is not None and self._sequence.ending is not None:
            return (f"  at {place}: {_WAITED}",)
        judged = self._judged_at(offset, wanted)
        if judged is None:
            return (f"  at {place}: the rule sees no such row",)
        if self._sequence is not None:
            return tuple(f"  at {place}: {line}" for line in self._steps(self._sequence, judged))
        lines = tuple(f"  at {place}: {line}" for line in _shortcomings(judged["clauses"]))
        return lines or (f"  at {place}: every clause is true, so it folded into an earlier alert",)

    @property
    def _rule(self) -> Rule:
        return next(rule for rule in self.pack.rules if rule.id == self.rule)

    @property
    def _sequence(self) -> Sequence | None:
        return self._rule.sequence

    def _steps(self, sequence: Sequence, judged: Mapping[str, Any]) -> Iterator[str]:
        """Which steps the row fits by itself, and how many rows before it fit the others."""
        *before, last = sequence.present
        if last.name not in _fitted(judged):
            yield f"does not fit the last step, {last.text}"
            return
        yield "fits the last step, but no chain ends here, or it folded into an earlier alert"
        place = judged["event_time"]
        rows = [row for row in self._all_judged(None) if row["timeline"] == judged["timeline"]]
        for step in before:
            count = sum(step.name in _fitted(row) and row["event_time"] <= place for row in rows)
            yield f"{count} rows up to here fit the step {step.text}"

    def _judged_at(self, offset: timedelta, wanted: Mapping[str, str]) -> dict[str, Any] | None:
        """What the rule's clauses say at the expected row, if it sees one."""
        fields = {name: wanted[name] for name in _WHERE_FIELDS if name in wanted}
        for judged in self._all_judged(wanted.get("severity")):
            there = judged["event_time"] - self.start == offset
            if there and not compare(fields, judged, self.start):
                return judged
        return None

    def _all_judged(self, severity: str | None) -> list[dict[str, Any]]:
        rule = self._rule
        below = [other for other in with_sources([rule], self.pack.rules) if other.id != rule.id]
        always = replace(self.pack, rules=(*below, _always(rule, severity)))
        plan = compile_plan(always, self.rows.columns, case_key=self.case_key)
        found = evaluate(plan, Carry(), self.rows)
        alerts = (*found.alerts.to_dicts(), *found.shadow_alerts.to_dicts())
        return [alert for alert in alerts if alert["rule_id"] == rule.id]


def _always(rule: Rule, severity: str | None) -> Rule:
    """The rule made to alert at every row it sees, its clauses told but not asked."""
    level = _level(rule, severity)
    clauses = level.clauses if rule.sequence is None else _of_steps(rule.sequence)
    needs = () if rule.needs is None else (Clause(f"needs: {render(rule.needs)}", rule.needs),)
    told = replace(
        level,
        position=0,
        when=Literal(BOOL, value=True),
        clauses=(*needs, *clauses),
        message=None,
    )
    return replace(rule, needs=None, levels=(told,), suppress=None, sequence=None)


def _of_steps(sequence: Sequence) -> tuple[Clause, ...]:
    """What each step asks of its row alone, under the step's name."""
    true = Literal(BOOL, value=True)
    parts = ((step.name, asked(step.when).own) for step in sequence.present)
    return tuple(Clause(name, Logic("and", (*own, true, true))) for name, own in parts)


def _fitted(judged: Mapping[str, Any]) -> set[str]:
    return {clause["text"] for clause in judged["clauses"] if clause["result"]}


def _level(rule: Rule, severity: str | None) -> Level:
    """The level that was expected: that of the severity, else the lowest."""
    fitting = (level for level in rule.levels if level.severity == severity)
    return next(fitting, rule.levels[-1])


def _shortcomings(clauses: list[dict[str, Any]]) -> list[str]:
    return [_told(clause) for clause in clauses if not clause["result"]]


def _told(clause: Mapping[str, Any]) -> str:
    verdict = "unknown" if clause["result"] is None else "false"
    values = f", with {clause['value']}" if clause["value"] is not None else ""
    against = f" against {clause['threshold']}" if clause["threshold"] is not None else ""
    return f"{clause['text']} is {verdict}{values}{against}"
