"""A rule made to alert at chosen rows and to tell there all that it sees, and how it is read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from txmon.authoring.reasons.asked import Both, Distance, distance, lacking, split, truth
from txmon.authoring.reasons.results import ClauseSeen, FeatureSeen
from txmon.authoring.reasons.words import Values, gap, nearest_limit, sides
from txmon.language.checked import Clause
from txmon.language.links import asked
from txmon.language.nodes import (
    Aggregate,
    Arithmetic,
    Column,
    FeatureRef,
    Literal,
    Logic,
    Span,
    This,
    Window,
    feature_names,
    walk,
)
from txmon.language.text import render
from txmon.plan.parts import operands
from txmon.types import BOOL, DURATION, TIME

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from txmon.authoring.reasons.asked import Tree
    from txmon.authoring.reasons.words import Speaker
    from txmon.language.checked import Rule
    from txmon.language.checked import Sequence as Steps
    from txmon.language.nodes import Expr, FeatureNode

TRUE = Literal(BOOL, value=True)
UNHEARD = "~"
"""The typology of what is made here, and a mark in its ids: no rule over alerts can name it."""

_EVER = 36_500 * 86_400_000_000
_VALUE, _LOW, _HIGH, _LAST, _SINCE = "#value", "#low", "#high", "#last", "#since"


@dataclass(frozen=True)
class Telling:
    """How the clauses of a rule are asked, and what they say.

    Attributes:
        rule: the rule.
        clauses: every clause of ``needs``, then of each level; of a sequence what each step asks
            of its row alone, of a graph pattern ``needs`` only.
        parts: the part of the rule that each clause is of, and its level from 1 or None.
        needs: how the clauses of ``needs`` hang together.
        levels: how those of each level do, the highest first.
    """

    rule: Rule
    clauses: tuple[Clause, ...]
    parts: tuple[tuple[str, int | None], ...]
    needs: Tree
    levels: tuple[Tree, ...]

    @cached_property
    def plain(self) -> bool:
        """Whether the outcome follows from the clauses: no pattern is looked for."""
        return self.rule.sequence is None and self.rule.graph is None

    def variant(self, name: str, only: Expr) -> Rule:
        """The rule that alerts at the rows for which ``only`` is true, of those the rule sees."""
        extra = {**dict(self._values()), **dict(_beyond(self.rule))}
        features = {**self.rule.features, **extra} if self.rule.graph is None else self._needed()
        return bare(self.rule, name, only, self.clauses, features)

    def _needed(self) -> dict[str, FeatureNode]:
        """The features behind the clauses; those of a pattern's accounts have no value here."""
        features = self.rule.features
        waiting = [name for one in self.clauses for name in feature_names(one.node)]
        needed: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += [n for part in operands(features[name]) for n in feature_names(part)]
        return {name: node for name, node in features.items() if name in needed}

    def _values(self) -> Iterator[tuple[str, FeatureNode]]:
        """The sides of each clause as features, so that they are told as numbers too."""
        for number, clause in enumerate(self.clauses):
            told = sides(clause.node)
            for mark, node in ((_VALUE, told.value), (_LOW, told.low), (_HIGH, told.high)):
                if node is not None:
                    yield f"{mark}{number}", node

    def clauses_at(self, told: Mapping[str, Any], speaker: Speaker) -> tuple[ClauseSeen, ...]:
        """The clauses at a row where the variant alerted; ``told`` is the alert."""
        known = {feature["name"]: feature for feature in told["features"]}
        missing = {name: feature["value"] is None for name, feature in known.items()}
        beyond = _outside(self.rule, known)
        found = []
        for number, (clause, said) in enumerate(zip(self.clauses, told["clauses"], strict=True)):
            values = _values_of(number, known)
            result, short = said["result"], ""
            if result is None:
                short = speaker.unknown(clause.node, missing)
            elif not result:
                short = speaker.short(clause.node, values, beyond)
            found.append(self._seen(number, said, values, short))
        return tuple(found)

    def _seen(self, number: int, said: Mapping[str, Any], values: Values, short: str) -> ClauseSeen:
        part, level = self.parts[number]
        shown = values.texts[0] if values.texts[0] is not None else said["value"]
        return ClauseSeen(
            text=self.clauses[number].text,
            part=part,
            level=level,
            result=said["result"],
            value=shown,
            threshold=said["threshold"],
            number=values.numbers[0],
            limit=nearest_limit(values),
            short=short,
            gap=gap(said["result"], values),
        )

    def features_at(self, told: Mapping[str, Any]) -> tuple[FeatureSeen, ...]:
        """The rule's own features at a row where the variant alerted."""
        known = {feature["name"]: feature for feature in told["features"]}
        beyond = _outside(self.rule, known)
        texts = self.rule.feature_texts
        return tuple(
            FeatureSeen(
                name=name,
                text=texts.get(name) or render(node),
                value=known[name]["value"],
                number=known[name]["number"],
                outside=beyond.get(name),
            )
            for name, node in self.rule.features.items()
            if name in known
        )

    def outcome(self, seen: Sequence[ClauseSeen]) -> str:
        """The outcome that the clauses make, of a plain rule."""
        results = [clause.result for clause in seen]
        if not truth(self.needs, results):
            return "insufficient_history"
        levels = [truth(tree, results) for tree in self.levels]
        if True in levels:
            return "hit"
        return "unknown" if None in levels else "no_hit"

    def distance(self, seen: Sequence[ClauseSeen]) -> Distance:
        """How far the rule was from firing: what ``needs`` lacks and its nearest level."""
        of = _distances(seen)
        levels = [distance(tree, of.__getitem__) for tree in self.levels]
        return distance(self.needs, of.__getitem__) + min(levels, default=Distance())

    def lacking(self, seen: Sequence[ClauseSeen]) -> tuple[int, ...]:
        """The clauses that would have to change for the rule to fire."""
        of = _distances(seen)
        nearest = min(self.levels, key=lambda tree: distance(tree, of.__getitem__), default=Both())
        return (*lacking(self.needs, of), *lacking(nearest, of))

    def left(self, number: int) -> str:
        """What a clause looks at, as text."""
        node = sides(self.clauses[number].node).value
        return self.clauses[number].text if node is None else render(node)


def telling(rule: Rule) -> Telling:
    """How a rule's clauses are asked."""
    needs, found = split(rule.needs, rule.needs_clauses)
    parts: list[tuple[str, int | None]] = [("needs", None)] * len(found)
    levels: list[Tree] = []
    if rule.sequence is not None:
        steps = steps_alone(rule.sequence)
        found = (*found, *steps)
        parts += [("step", None)] * len(steps)
    elif rule.graph is None:
        for level in rule.levels:
            tree, leaves = split(level.when, level.clauses, len(found))
            found = (*found, *leaves)
            number = level.position + 1 if len(rule.levels) > 1 else None
            parts += [("when", number)] * len(leaves)
            levels.append(tree)
    return Telling(rule, found, tuple(parts), needs, tuple(levels))


def bare(
    rule: Rule,
    name: str,
    only: Expr,
    clauses: tuple[Clause, ...],
    features: Mapping[str, FeatureNode],
) -> Rule:
    """A rule that alerts at each row it sees for which ``only`` is true and tells clauses."""
    level = replace(rule.levels[-1], position=0, when=only, clauses=clauses, message=None)
    return replace(
        rule,
        id=f"{rule.id}{UNHEARD}{name}",
        typology=UNHEARD,
        needs=None,
        levels=(level,),
        suppress=None,
        sequence=None,
        graph=None,
        features=features,
        subject=_subject(rule),
    )


def steps_alone(sequence: Steps) -> tuple[Clause, ...]:
    """What each step that takes rows asks of its row alone."""
    parts = ((step, asked(step.when).own) for step in sequence.present)
    return tuple(Clause(step.text, Logic("and", (*own, TRUE, TRUE))) for step, own in parts)


def _subject(rule: Rule) -> str:
    """A column to be the subject, which nobody looks at: the roles of a pattern are none."""
    return rule.subject if rule.graph is None else "transaction_id"


def _beyond(rule: Rule) -> Iterator[tuple[str, FeatureNode]]:
    """For each feature over a window of time, how long ago the latest row was that fell out."""
    for name, node in rule.features.items():
        if isinstance(node, Aggregate) and _falls_out(node):
            window = node.window
            before = Window(Span.TIME, _EVER, window.ending + window.length)
            moment = Column(TIME, "event_time")
            last = replace(
                node, type=TIME, function="max", arguments=(moment,), window=before, inner=None
            )
            yield f"{_LAST}{name}", last
            ago = Arithmetic(DURATION, "-", moment, FeatureRef(TIME, f"{_LAST}{name}"))
            yield f"{_SINCE}{name}", ago


def _falls_out(node: Aggregate) -> bool:
    """Whether a row that leaves the window can be looked up as cheaply as the feature itself."""
    if node.window.span is not Span.TIME or node.inner is not None:
        return False
    return not any(isinstance(part, This) for one in node.expressions for part in walk(one))


def _outside(rule: Rule, known: Mapping[str, Mapping[str, Any]]) -> dict[str, float]:
    """By feature, seconds before the start of its window that the latest row before it lies."""
    found: dict[str, float] = {}
    for name, node in rule.features.items():
        told = known.get(f"{_SINCE}{name}")
        if told is not None and told["number"] is not None and isinstance(node, Aggregate):
            reach = (node.window.length + node.window.ending) / 1_000_000
            found[name] = told["number"] - reach
    return found


def _values_of(number: int, known: Mapping[str, Mapping[str, Any]]) -> Values:
    told = [known.get(f"{mark}{number}") for mark in (_VALUE, _LOW, _HIGH)]
    texts = [None if one is None else one["value"] or "unknown" for one in told]
    numbers = [None if one is None else one["number"] for one in told]
    return Values((texts[0], texts[1], texts[2]), (numbers[0], numbers[1], numbers[2]))


def _distances(seen: Sequence[ClauseSeen]) -> dict[int, Distance]:
    return {
        number: Distance() if clause.result else Distance(1, clause.gap)
        for number, clause in enumerate(seen)
    }
