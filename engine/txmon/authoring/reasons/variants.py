"""The other variants of a rule that why asks: without its where, each step, each looser pattern."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.authoring.reasons.asked import split
from txmon.authoring.reasons.telling import TRUE, UNHEARD, bare
from txmon.language.checked import Clause, Level
from txmon.language.nodes import (
    Aggregate,
    Call,
    Column,
    Compare,
    FeatureRef,
    Literal,
    Logic,
    Measure,
    Not,
)
from txmon.language.patterns import Shape
from txmon.types import BOOL, DURATION, TEXT

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from txmon.language.checked import Rule, Sequence
    from txmon.language.nodes import Expr
    from txmon.language.patterns import Graph

PREFIX, LOOSE = "step-", "loose-"
KEY, VISIBLE = "#key:", "#visible"
"""How the clauses of ``every`` begin that ask whether a key and an amount are there."""

_FACTOR = 10
"""How much wider the bounds of a looser pattern are."""


def every(rule: Rule, name: str, only: Expr, kinds: tuple[str, ...]) -> Rule:
    """The rule made to see everything, money or not, and to tell what hides a row from it."""
    keys = tuple(Clause(f"{KEY}{key}", _known(key)) for key in rule.by)
    money = () if rule.sources else (Clause(VISIBLE, _visible(rule)),)
    _, asked = split(rule.where, rule.where_clauses)
    told = bare(rule, name, only, (*keys, *money, *asked), {})
    events = () if rule.sources else kinds
    return replace(told, where=None, by=(), events=events, unreversed=False)


def _known(name: str) -> Expr:
    return _there(Column(TEXT, name))


def _visible(rule: Rule) -> Expr:
    """Whether a row has an amount, or is of a kind that the rule sees without one."""
    money = _known("amount")
    kinds = [Compare("==", Column(TEXT, "kind"), Literal(TEXT, kind)) for kind in rule.events]
    return Logic("or", (money, *kinds)) if kinds else money


def of_windows(rule: Rule, only: Expr) -> Mapping[str, Rule]:
    """For each feature over a finite window the rule made to have its rows for evidence."""
    found: dict[str, Rule] = {}
    if rule.graph is not None:
        return found
    for number, (name, node) in enumerate(rule.features.items()):
        if isinstance(node, Aggregate) and node.window.finite:
            there = Logic("or", (_there(FeatureRef(node.type, name)), TRUE))
            clause = Clause(name, there)
            found[name] = bare(rule, f"window-{number}", only, (clause,), rule.features)
    return found


def _there(node: Expr) -> Expr:
    return Not(Call(BOOL, "is_null", (node,)))


def patterns(rule: Rule, mine: Expr) -> Iterator[Rule]:
    """The steps of a sequence as sequences of their own, or looser forms of a graph pattern."""
    if rule.sequence is not None:
        yield from _prefixes(rule, rule.sequence, mine)
    elif rule.graph is not None:
        for name, graph in looser(rule.graph):
            yield _pattern(rule, f"{LOOSE}{name}", mine, graph)


def _prefixes(rule: Rule, sequence: Sequence, mine: Expr) -> Iterator[Rule]:
    """What would fire if the sequence ended after each step that takes a row."""
    for number, last in enumerate(sequence.present, 1):
        steps = sequence.steps[: sequence.steps.index(last) + 1]
        whole = len(steps) == len(sequence.steps)
        asked = rule.levels[0].clauses[len(sequence.steps) :] if whole else ()
        level = _always(rule.levels[0], asked)
        part = replace(sequence, steps=steps)
        yield _unheard(
            replace(rule, sequence=part, needs=mine, levels=(level,)), f"{PREFIX}{number}"
        )


def looser(graph: Graph) -> Iterator[tuple[str, Graph]]:
    """The pattern as it is, then with each of its bounds taken away, by the bound's name."""
    yield "", graph
    wide = _FACTOR * graph.within
    yield "within", replace(graph, within=wide)
    if graph.hold < graph.within:
        yield "hold", replace(graph, hold=graph.within)
    if graph.keep is not None:
        yield "keep", replace(graph, keep=None)
    if graph.through is not None:
        yield "through", replace(graph, through=None)
    if graph.shape in {Shape.SCATTER_GATHER, Shape.SHARED} and graph.size.low > 1:
        size = "middles" if graph.shape is Shape.SCATTER_GATHER else "others"
        yield size, replace(graph, size=replace(graph.size, low=1))
    if graph.shape is Shape.SHARED and graph.common.low > 1:
        yield "common", replace(graph, common=replace(graph.common, low=1))


def _pattern(rule: Rule, name: str, mine: Expr, graph: Graph) -> Rule:
    """A looser pattern, asked of payments of the entity; it tells what ``when`` says of a path."""
    assert rule.graph is not None  # noqa: S101 - the caller has looked
    clauses = rule.levels[0].clauses
    if name == f"{LOOSE}within":
        limit = Literal(DURATION, rule.graph.within)
        within = Clause("within", Compare("<=", Measure(DURATION, "duration"), limit))
        clauses = (within, *clauses)
    level = _always(rule.levels[0], clauses)
    return _unheard(replace(rule, graph=graph, needs=mine, levels=(level,)), name)


def _always(level: Level, clauses: tuple[Clause, ...]) -> Level:
    return replace(level, position=0, when=TRUE, clauses=clauses, message=None)


def _unheard(rule: Rule, name: str) -> Rule:
    return replace(rule, id=f"{rule.id}{UNHEARD}{name}", typology=UNHEARD, suppress=None)
