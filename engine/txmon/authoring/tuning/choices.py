"""Choices of one rule's params as rules of one pack, so that they share all they have in common."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.nodes import Aggregate, Point, feature_names, step_fields
from txmon.language.strata import with_sources
from txmon.plan.parts import operands

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from txmon.language.checked import ExceptionEntry, Level, Pack, Rule
    from txmon.language.nodes import Expr


def choice_pack(pack: Pack, rule: Rule, choices: Sequence[Rule]) -> tuple[Pack, tuple[str, ...]]:
    """A pack of a rule, its choices and what it reads, and the ids of the choices in it.

    The choices hold no more than decides whether they fire: features that only a message shows
    are not computed for each of them. Drafts that nobody asked for raise nothing to read.
    """
    running = replace(pack, asked=pack.asked | {rule.id}).running()
    made = [replace(bare(one), id=f"{rule.id}#{number}") for number, one in enumerate(choices)]
    ids = tuple(one.id for one in made)
    rules = (*with_sources([rule], running.rules), *made)
    exceptions = tuple(_extended(entry, rule.id, ids) for entry in pack.exceptions)
    return replace(pack, rules=rules, exceptions=exceptions), ids


def _extended(entry: ExceptionEntry, rule: str, ids: tuple[str, ...]) -> ExceptionEntry:
    return replace(entry, rules=(*entry.rules, *ids)) if rule in entry.rules else entry


def bare(rule: Rule) -> Rule:
    """The rule without messages, clauses and the features that only these read."""
    needed = _closure(rule, _asked(rule))
    return replace(
        rule,
        features={name: node for name, node in rule.features.items() if name in needed},
        levels=tuple(map(_silent, rule.levels)),
    )


def _silent(level: Level) -> Level:
    return replace(level, clauses=(), message=None)


def _asked(rule: Rule) -> Iterable[Expr]:
    """Every expression that decides whether the rule fires, but for its features."""
    yield from filter(None, (rule.needs, rule.graph.through if rule.graph else None))
    yield from (level.when for level in rule.levels)
    yield from (step.when for step in (rule.sequence.steps if rule.sequence else ()))


def _closure(rule: Rule, asked: Iterable[Expr]) -> set[str]:
    """The features that expressions read, also through others."""
    found: set[str] = set()
    waiting = list(asked)
    while waiting:
        node = waiting.pop()
        fields = {field.name for field in step_fields(node)} & set(rule.features)
        for name in (feature_names(node) | fields) - found:
            found.add(name)
            feature = rule.features[name]
            waiting += operands(feature)
            if isinstance(feature, Aggregate | Point):
                waiting += feature.expressions
    return found
