"""Why an expected alert did not come: the clauses that were not true at that row."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.authoring.cases.because import tidy
from txmon.authoring.cases.bench import CASE, VARIANT, Bench, judge
from txmon.language.checked import Clause, Level
from txmon.language.links import asked
from txmon.language.nodes import Literal, Logic
from txmon.language.problems import Problem
from txmon.language.text import render_duration
from txmon.schema import ACCOUNTS
from txmon.testing.expectations import AT, compare
from txmon.testing.offsets import read_offset, show_offset
from txmon.types import BOOL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import timedelta

    from txmon.language.checked import Pack, Rule
    from txmon.language.checked import Sequence as Steps

    Told = Mapping[str, Any]
    """What a rule's clauses say at one row: an alert of the rule that always fires."""

_WHERE_FIELDS = ("subject", "side")
_WAITED = "no chain was left alone up to this deadline, or no later row has passed it"
_FOLDED = "every clause is true, so it folded into an earlier alert"
_SEEN = "seen"
_NEEDS = "needs: "
TRUE = Literal(BOOL, value=True)


@dataclass(frozen=True, slots=True)
class Part:
    """What one clause of a rule says at a row; ``shown`` is the clause with its values."""

    text: str
    result: bool | None
    shown: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What there is to say of a row: its clauses, or remarks where there are none to tell."""

    parts: tuple[Part, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explainer:
    """Explains the silence of rules over the cases of a bench.

    Each rule is looked at once, when it is first asked about, over all its cases that ``asked``
    names: ``rules`` are by name, and ``asked`` has the places of cases by the same name.
    """

    pack: Pack
    bench: Bench
    rules: Mapping[str, Rule]
    asked: Mapping[str, Collection[int]]
    _told: dict[tuple[str, str | None], dict[int, list[Told]]] = field(default_factory=dict)

    def why(self, name: str, place: int, wanted: Mapping[str, str]) -> tuple[str, ...]:
        """Lines about the row where an alert of a case was expected; none if no ``at`` is named.

        Args:
            name: the rule, as in ``rules``.
            place: the case.
            wanted: the expectation.
        """
        known = dict.fromkeys(str(level.severity) for level in self.rules[name].levels)
        if wanted.get("severity", next(iter(known))) not in known:
            return (f"  the rule's alerts are {' or '.join(known)}",)
        offset = read_offset(wanted.get(AT, ""))
        if isinstance(offset, Problem):
            return ()
        lines = self._lines(name, place, offset, wanted)
        return tuple(f"  at {show_offset(offset)}: {line}" for line in lines)

    def seen(self, name: str, place: int, offset: timedelta) -> Seen:
        """What a rule says of the row of a case at a time, without asking whether it alerts."""
        found = self._judged_at(name, place, offset, {})
        if found is None:
            return Seen(remarks=tuple(self.unseen(name, place, offset)))
        sequence = self.rules[name].sequence
        if sequence is not None:
            return Seen(remarks=tuple(self._steps(sequence, found, self.told(name, place))))
        whole = self._whole(name, place, offset)
        clauses = [clause for told in (found, *whole[:1]) for clause in told["clauses"]]
        return Seen(
            tuple(
                Part(
                    tidy(clause["text"].removeprefix(_NEEDS)),
                    clause["result"],
                    f"{clause['text']}{_values(clause)}",
                )
                for clause in clauses
            )
        )

    def told(self, name: str, place: int, severity: str | None = None) -> Sequence[Told]:
        """What every clause of a rule says at each row that it sees of a case."""
        key = (name, severity)
        if key not in self._told:
            self._told[key] = self._ask(name, always(self.rules[name], severity))
        return self._told[key].get(place, [])

    def unseen(self, name: str, place: int, offset: timedelta) -> Iterator[str]:
        """Why a rule sees no row of a case at a time."""
        rule, start = self.rules[name], self.bench.cases[place].start
        rows = self.bench.some([place]).rows.filter(pl.col("event_time") == start + offset)
        if rows.is_empty():
            yield "the case has no row here"
            return
        nothing = _nothing_to_see(rule)
        if nothing:
            yield nothing
            return
        amounts, kinds = rows["amount"], rows["kind"]
        if amounts.is_null().all() and not set(kinds) & set(rule.events):
            kind = kinds[0] or "no kind"
            yield f"the rule does not see this row: it has no amount, and events lacks {kind}"
            return
        lines = [line for told in self._whole(name, place, offset) for line in shortcomings(told)]
        hidden = [f"the rule does not see this row: {line}" for line in lines]
        yield from hidden or ["the row is on no timeline of the rule: a value of by is missing"]

    def _whole(self, name: str, place: int, offset: timedelta) -> list[Told]:
        """What ``where`` says of the rows at a time."""
        key = (name, _SEEN)
        if key not in self._told:
            self._told[key] = self._ask(name, _without_where(self.rules[name]))
        start = self.bench.cases[place].start
        found = self._told[key].get(place, [])
        return [told for told in found if told["event_time"] - start == offset]

    def _ask(self, name: str, rule: Rule) -> dict[int, list[Told]]:
        """The alerts of a rule that always fires, by case."""
        bench = self.bench.some(self.asked[name])
        found = judge(bench, {name: rule}, self.pack).alerts
        columns = ["subject", "side", "event_time", "timeline", "clauses", CASE, VARIANT]
        told: dict[int, list[Told]] = {}
        for row in found.select(columns).to_dicts():
            told.setdefault(row[CASE], []).append(row)
        return told

    def _lines(
        self, name: str, place: int, offset: timedelta, wanted: Mapping[str, str]
    ) -> Iterator[str]:
        sequence = self.rules[name].sequence
        if sequence is not None and sequence.ending is not None:
            yield _WAITED
            return
        judged = self._judged_at(name, place, offset, wanted)
        if judged is None:
            yield from self.unseen(name, place, offset)
        elif sequence is not None:
            yield from self._steps(sequence, judged, self.told(name, place))
        else:
            yield from shortcomings(judged) or [_FOLDED]

    def _judged_at(
        self, name: str, place: int, offset: timedelta, wanted: Mapping[str, str]
    ) -> Told | None:
        """What the rule's clauses say at the expected row, if it sees one."""
        fields = {field: wanted[field] for field in _WHERE_FIELDS if field in wanted}
        start = self.bench.cases[place].start
        for judged in self.told(name, place, wanted.get("severity")):
            if judged["event_time"] - start == offset and not compare(fields, judged, start):
                return judged
        return None

    def _steps(self, sequence: Steps, judged: Told, rows: Sequence[Told]) -> Iterator[str]:
        """Which steps the row fits by itself, and how many rows before it fit the others."""
        *before, last = sequence.present
        if last.name not in _fitted(judged):
            yield f"does not fit the last step, {last.text}"
            return
        limit = f" within {render_duration(sequence.within)}" if sequence.within else ""
        folded = "or it folded into an earlier alert"
        yield f"fits the last step, but no chain{limit} ends here, {folded}"
        time = judged["event_time"]
        same = [row for row in rows if row["timeline"] == judged["timeline"]]
        for step in before:
            count = sum(step.name in _fitted(row) and row["event_time"] <= time for row in same)
            rows_fit = "1 row up to here fits" if count == 1 else f"{count} rows up to here fit"
            yield f"{rows_fit} the step {step.text}"


def _nothing_to_see(rule: Rule) -> str:
    """Why a rule that does not look at rows themselves sees nothing at one."""
    if rule.sources:
        return f"no alert of {', '.join(rule.sources)} came here that the rule could read"
    return "" if rule.graph is None else "no path of the pattern ends here"


def always(rule: Rule, severity: str | None = None) -> Rule:
    """The rule made to alert at every row it sees, its clauses told but not asked.

    Of several levels, the one of a severity is told; by default the lowest.
    """
    level = _level(rule, severity)
    clauses = level.clauses if rule.sequence is None else steps_alone(rule.sequence)
    needs = tuple(replace(one, text=f"{_NEEDS}{one.text}") for one in rule.needs_clauses)
    told = replace(level, position=0, when=TRUE, clauses=(*needs, *clauses), message=None)
    return replace(rule, needs=None, levels=(told,), suppress=None, sequence=None)


def _without_where(rule: Rule) -> Rule:
    """A rule over single payments that alerts at each, and tells what ``where`` says of it."""
    clauses = tuple(replace(one, text=one.text) for one in rule.where_clauses)
    level = replace(rule.levels[-1], position=0, when=TRUE, clauses=clauses, message=None)
    plain = replace(rule, where=None, by=(), sided=False, features={}, needs=None, graph=None)
    return replace(plain, levels=(level,), suppress=None, sequence=None, subject=ACCOUNTS[0])


def steps_alone(sequence: Steps) -> tuple[Clause, ...]:
    """What each step asks of its row alone, under the step's name."""
    parts = ((step.name, asked(step.when).own) for step in sequence.present)
    return tuple(Clause(name, Logic("and", (*own, TRUE, TRUE))) for name, own in parts)


def _fitted(judged: Told) -> set[str]:
    return {clause["text"] for clause in judged["clauses"] if clause["result"]}


def _level(rule: Rule, severity: str | None) -> Level:
    """The level that was expected: that of the severity, else the lowest."""
    fitting = (level for level in rule.levels if level.severity == severity)
    return next(fitting, rule.levels[-1])


def shortcomings(judged: Told) -> list[str]:
    """The clauses that are not true, each with its values."""
    return [_shown(clause) for clause in judged["clauses"] if not clause["result"]]


def _shown(clause: Mapping[str, Any]) -> str:
    return f"{clause['text']} is {VERDICTS[clause['result']]}{_values(clause)}"


def _values(clause: Mapping[str, Any]) -> str:
    """What a clause compares; of one that compares nothing the text says it all."""
    if clause["threshold"] is None:
        return ""
    return f", with {clause['value']} against {clause['threshold']}"


VERDICTS = {True: "true", False: "false", None: "unknown"}
"""A result of a clause as a word."""
