"""Where the comparisons of a rule stand, and the rule with one of them exchanged."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from txmon.authoring.streams.reading import deciding_features
from txmon.language.nodes import Aggregate, Point, replaced
from txmon.language.text import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from txmon.language.checked import Clause, Rule
    from txmon.language.nodes import Expr, FeatureNode, Inner

    Put = Callable[[Expr], Rule]
    """A condition in the place of another -> the rule with it."""


@dataclass(frozen=True, slots=True)
class Site:
    """A condition of a rule: where it stands in words, and how another is put in its place."""

    place: str
    node: Expr
    put: Put
    texts: Mapping[Expr, str] = field(default_factory=dict)

    def text(self, part: Expr) -> str:
        """A part of the condition as the rule's file has it, if it is one of its clauses."""
        return self.texts.get(part) or render(part)

    def exchanged(self, part: Expr, other: Expr) -> Rule:
        """The rule with one part of the condition exchanged; that very part, not an equal one."""
        return self.put(replaced(self.node, lambda one: other if one is part else None))


def sites(rule: Rule) -> Iterator[Site]:
    """Every condition that decides over the rule's alerts, in the order of the file."""
    if rule.where is not None:
        yield Site(
            "where", rule.where, lambda node: replace(rule, where=node), _texts(rule.where_clauses)
        )
    for name, feature in deciding_features(rule).items():
        yield from _of_feature(rule, name, feature)
    if rule.needs is not None:
        yield Site(
            "needs", rule.needs, lambda node: replace(rule, needs=node), _texts(rule.needs_clauses)
        )
    yield from _steps(rule)
    for number, level in enumerate(rule.levels):
        place = "when" if len(rule.levels) == 1 else f"level {number + 1}"
        yield Site(place, level.when, _put_level(rule, number), _texts(level.clauses))
    if rule.graph is not None and rule.graph.through is not None:
        graph = rule.graph
        put: Put = lambda node: replace(rule, graph=replace(graph, through=node))  # noqa: E731
        yield Site("through", rule.graph.through, put)


def _texts(clauses: Iterable[Clause]) -> dict[Expr, str]:
    return {clause.node: clause.text for clause in clauses}


def _put_level(rule: Rule, number: int) -> Put:
    def put(node: Expr) -> Rule:
        levels = list(rule.levels)
        levels[number] = replace(levels[number], when=node)
        return replace(rule, levels=tuple(levels))

    return put


def with_feature(rule: Rule, name: str, feature: FeatureNode) -> Rule:
    """The rule with another feature of a name."""
    return replace(rule, features={**rule.features, name: feature})


def _of_feature(rule: Rule, name: str, feature: FeatureNode) -> Iterator[Site]:
    if not isinstance(feature, Aggregate | Point):
        yield Site(name, feature, lambda node: with_feature(rule, name, node))
        return
    if feature.where is not None:
        put: Put = lambda node: with_feature(rule, name, replace(feature, where=node))  # noqa: E731
        yield Site(name, feature.where, put)
    inner = feature.inner if isinstance(feature, Aggregate) else None
    if inner is not None and inner.where is not None:
        yield Site(name, inner.where, lambda node: _grouped(rule, name, replace(inner, where=node)))
    if inner is not None and inner.having is not None:
        yield Site(
            name, inner.having, lambda node: _grouped(rule, name, replace(inner, having=node))
        )


def _grouped(rule: Rule, name: str, inner: Inner) -> Rule:
    """The rule with a feature that has other groups."""
    feature = rule.features[name]
    assert isinstance(feature, Aggregate)  # noqa: S101 - it has groups
    return with_feature(rule, name, replace(feature, inner=inner))


def _steps(rule: Rule) -> Iterator[Site]:
    sequence = rule.sequence
    for number, step in enumerate(() if sequence is None else sequence.steps):
        yield Site(f"step {step.name}", step.when, _put_step(rule, number))


def _put_step(rule: Rule, number: int) -> Put:
    def put(node: Expr) -> Rule:
        assert rule.sequence is not None  # noqa: S101 - its steps are asked for
        steps = list(rule.sequence.steps)
        steps[number] = replace(steps[number], when=node)
        return replace(rule, sequence=replace(rule.sequence, steps=tuple(steps)))

    return put
