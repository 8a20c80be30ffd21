"""Which clauses and steps of rules their cases saw true, false and unknown.

Each clause becomes a feature of a rule that never fires; one evaluation tells them all at every
row. What is asked of paths and chains is told by a rule that always fires.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.authoring.cases.because import own_clauses
from txmon.authoring.cases.bench import CASE, VARIANT, judge
from txmon.authoring.cases.blame import variants
from txmon.language.checked import Clause
from txmon.language.links import asked
from txmon.language.nodes import Call, Column, Literal, Logic
from txmon.schema import ACCOUNTS, STANDARD
from txmon.types import BOOL

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from txmon.authoring.cases.bench import Bench, Judged
    from txmon.language.checked import Pack, Rule
    from txmon.language.checked import Sequence as Steps

_TRUE, _FALSE = Literal(BOOL, value=True), Literal(BOOL, value=False)
_SEEN, _READY = "#seen", "#ready"
_IS_SEEN = Call(BOOL, "is_null", (Column(STANDARD["event_time"], "event_time"),))
"""Never null at a row that a rule sees, and null at every other, as all features are."""

_WHERE, _PATHS = " where", " paths"
OUTCOMES = (True, False, None)


@dataclass(frozen=True, slots=True)
class PartCoverage:
    """How often a part of a rule was seen true, false and unknown, in rows.

    ``part`` is ``where``, ``needs``, ``when``, ``level 1`` and so on, or ``step``; ``text`` the
    clause or the step as the rule writes it.
    """

    part: str
    text: str
    true: int
    false: int
    unknown: int

    @property
    def missing(self) -> tuple[str, ...]:
        """What no case showed, of true and false."""
        seen = {"true": self.true, "false": self.false}
        return tuple(name for name, count in seen.items() if not count)


@dataclass(frozen=True, slots=True)
class RuleCoverage:
    """The parts of one rule in the order they are asked, and how many cases it has."""

    rule: str
    cases: int
    parts: tuple[PartCoverage, ...]

    @property
    def seen(self) -> int:
        """How many outcomes were seen: each part has two, true and false."""
        return self.possible - sum(len(part.missing) for part in self.parts)

    @property
    def possible(self) -> int:
        """How many outcomes there are."""
        return 2 * len(self.parts)


def share(coverage: Sequence[RuleCoverage]) -> float:
    """Outcomes that were seen, of 100; 100 if there are none."""
    possible = sum(rule.possible for rule in coverage)
    return 100 * sum(rule.seen for rule in coverage) / possible if possible else 100.0


def coverage_of(bench: Bench, pack: Pack, *, whole: bool = True) -> tuple[RuleCoverage, ...]:
    """What the cases of a bench saw of their rules, in order of id.

    Args:
        bench: the cases.
        pack: the pack of their rules.
        whole: whether rules without a case are told too.
    """
    rules = variants(bench, pack)
    places: dict[str, list[int]] = {}
    for place in bench.sound:
        places.setdefault(bench.cases[place].variant, []).append(place)
    told = judge(bench, _asking(rules), pack, features=True) if rules else None
    counts: dict[str, Counter[_Seen]] = {}
    for name, rule in rules.items():
        assert told is not None  # noqa: S101 - there is a rule
        counts.setdefault(rule.id, Counter()).update(_counts(told, name, rule, places[name]))
    cases = Counter(bench.cases[place].rule for place in bench.sound)
    return tuple(
        _covered(rule, cases[rule.id], counts.get(rule.id, Counter()))
        for rule in pack.rules
        if whole or rule.id in cases
    )


_Seen = tuple[str, bool | None]
"""The key of a part and what it was."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A part of a rule with the key it is told by."""

    key: str
    part: str
    clause: Clause


def _covered(rule: Rule, cases: int, counts: Mapping[_Seen, int]) -> RuleCoverage:
    parts = (
        PartCoverage(
            one.part, one.clause.text, *(counts.get((one.key, seen), 0) for seen in OUTCOMES)
        )
        for one in _parts(rule)
    )
    return RuleCoverage(rule.id, cases, tuple(parts))


def _parts(rule: Rule) -> Iterator[_Asked]:
    """The parts of a rule in the order they are asked."""
    yield from (_Asked(f"#w{n}", "where", one) for n, one in enumerate(rule.where_clauses))
    yield from (_Asked(f"#n{n}", "needs", one) for n, one in enumerate(rule.needs_clauses))
    yield from (_Asked(f"#s{n}", "step", one) for n, one in enumerate(_steps(rule.sequence)))
    for level in rule.levels:
        part = "when" if len(rule.levels) == 1 else f"level {level.position + 1}"
        clauses = enumerate(own_clauses(rule, level))
        yield from (_Asked(f"#l{level.position}.{n}", part, one) for n, one in clauses)


def _steps(sequence: Steps | None) -> Iterator[Clause]:
    """What the steps ask of a row alone; a step that only compares with others asks nothing."""
    for step in () if sequence is None else sequence.steps:
        own = asked(step.when).own
        if own:
            yield Clause(step.text, Logic("and", (*own, _TRUE)))


def _on_paths(rule: Rule) -> bool:
    """Whether the levels are asked of paths or chains rather than of rows."""
    return rule.graph is not None or rule.sequence is not None


def _asking(rules: Mapping[str, Rule]) -> dict[str, Rule]:
    """For each rule those that tell its parts."""
    found: dict[str, Rule] = {}
    for name, rule in rules.items():
        found[name] = _of_rows(rule)
        if rule.where_clauses:
            found[name + _WHERE] = _of_where(rule)
        if _on_paths(rule):
            found[name + _PATHS] = _of_paths(rule)
    return found


def _of_rows(rule: Rule) -> Rule:
    """The rule with its parts as features, and never a hit."""
    skipped = ("where", *(("when",) if _on_paths(rule) else ()))
    features = {one.key: one.clause.node for one in _parts(rule) if one.part not in skipped}
    ready = {_SEEN: _IS_SEEN} | ({} if rule.needs is None else {_READY: rule.needs})
    level = replace(rule.levels[-1], position=0, when=_FALSE, clauses=(), message=None)
    made = {**rule.features, **features, **ready}
    return replace(rule, features=made, needs=None, levels=(level,), suppress=None, sequence=None)


def _of_where(rule: Rule) -> Rule:
    """A rule over single payments with the clauses of ``where`` as features."""
    features = {one.key: one.clause.node for one in _parts(rule) if one.part == "where"}
    features = {**features, _SEEN: _IS_SEEN}
    level = replace(rule.levels[-1], position=0, when=_FALSE, clauses=(), message=None)
    plain = replace(rule, where=None, by=(), sided=False, features=features, needs=None)
    return replace(
        plain, levels=(level,), suppress=None, sequence=None, graph=None, subject=ACCOUNTS[0]
    )


def _of_paths(rule: Rule) -> Rule:
    """The rule made to alert at each path or chain, whatever ``when`` says of it."""
    (level,) = rule.levels
    told = replace(level, when=_TRUE, clauses=own_clauses(rule, level), message=None)
    return replace(rule, levels=(told,), suppress=None)


def _counts(told: Judged, name: str, rule: Rule, places: Sequence[int]) -> Counter[_Seen]:
    assert told.features is not None  # noqa: S101 - they were asked for
    rows = told.features.filter(pl.col(CASE).is_in(places))
    found: Counter[_Seen] = Counter()
    for one in _parts(rule):
        if one.part == "where":
            found += _counted(one.key, rows, name + _WHERE, _SEEN)
        elif one.part in {"needs", "step"} or not _on_paths(rule):
            gate = _SEEN if one.part == "needs" or rule.needs is None else _READY
            found += _counted(one.key, rows, name, gate)
    if _on_paths(rule):
        mine = told.alerts.filter((pl.col(VARIANT) == name + _PATHS) & pl.col(CASE).is_in(places))
        found += _on_alerts(mine["clauses"].to_list())
    return found


def _counted(key: str, rows: pl.DataFrame, name: str, gate: str) -> Counter[_Seen]:
    """How often a part was what, at the rows where it is asked."""
    there = pl.col(f"{name}.{gate}")
    asked_there = there if gate == _READY else there.is_not_null()
    values = rows.filter(asked_there)[f"{name}.{key}"].to_list()
    return Counter((key, value) for value in values)


def _on_alerts(clauses: Sequence[Sequence[Mapping[str, Any]]]) -> Counter[_Seen]:
    return Counter(
        (f"#l0.{number}", clause["result"])
        for told in clauses
        for number, clause in enumerate(told)
    )
