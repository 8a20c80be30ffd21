"""Which columns a rule cannot do without, for the oracle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.nodes import Aggregate, Point, required_names, step_fields

if TYPE_CHECKING:
    from txmon.language.checked import Rule
    from txmon.language.nodes import Expr


def columns_read(rule: Rule) -> set[str]:
    """Every column that a rule needs; where one that a parameter varies by lacks, it has a default.

    Messages are left out: they change no outcome.
    """
    nodes: list[Expr | None] = [rule.where, rule.needs, *(level.when for level in rule.levels)]
    seen_by = "kind" if rule.events else "amount"
    keys = [*rule.named_columns, *([] if rule.sources else [seen_by])]
    nodes += [] if rule.graph is None else [rule.graph.through]
    nodes += [] if rule.sequence is None else [step.when for step in rule.sequence.steps]
    fields = {field.name for node in nodes if node is not None for field in step_fields(node)}
    keys += sorted(fields - set(rule.features))
    for feature in rule.features.values():
        match feature:
            case Aggregate():
                nodes += [*feature.expressions, *feature.probes]
                keys += feature.keys
            case Point():
                nodes += [*feature.expressions, *feature.probes]
                keys += feature.keys
            case _:
                nodes.append(feature)
    return {name for node in nodes if node is not None for name in required_names(node)}.union(keys)
