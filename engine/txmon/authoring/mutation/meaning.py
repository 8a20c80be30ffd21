"""What a rule means, as a hash: rules of one hash alert alike, though not the other way round."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from txmon.language.nodes import Compare, Expr, Literal, replaced
from txmon.plan.rule import RulePlanner
from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.language.checked import Rule
    from txmon.schema import Schema

_WHOLE_STEPS = {">": (">=", 1), "<": ("<=", -1)}


def meaning(rule: Rule, schema: Schema) -> str:
    """The logic hash of a rule in its normal form."""
    return RulePlanner(normal(rule), schema, frozenset(), None, {}).plan().logic_hash


def normal(rule: Rule) -> Rule:
    """The rule with ``n > 3`` of whole numbers written as ``n >= 4``, and ``<`` likewise."""
    levels = tuple(replace(level, when=_normal(level.when)) for level in rule.levels)
    sequence, graph = rule.sequence, rule.graph
    if sequence is not None:
        steps = tuple(replace(step, when=_normal(step.when)) for step in sequence.steps)
        sequence = replace(sequence, steps=steps)
    if graph is not None and graph.through is not None:
        graph = replace(graph, through=_normal(graph.through))
    return replace(
        rule,
        where=_normal(rule.where),
        features={name: _normal(node) for name, node in rule.features.items()},
        needs=_normal(rule.needs),
        levels=levels,
        sequence=sequence,
        graph=graph,
    )


def _normal(node: Any) -> Any:
    return None if node is None else replaced(node, _whole)


def _whole(part: Expr) -> Expr | None:
    if not isinstance(part, Compare) or part.op not in _WHOLE_STEPS:
        return None
    left, right = part.left, part.right
    if left.type.kind is not Kind.INT or not isinstance(right, Literal):
        return None
    op, step = _WHOLE_STEPS[part.op]
    return Compare(op, left, replace(right, value=int(right.value) + step))
