"""A pack -> a plan: lanes, the features computed on each, and the conditions that read them.

Equal features of different rules are one feature, known by a key that is a hash of its meaning.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.nodes import column_names, step_fields
from txmon.plan.parts import (
    Base,
    Condition,
    Derived,
    Feature,
    Lane,
    Plan,
    Stage,
    Windowed,
    closure,
    reads,
)
from txmon.plan.rule import RulePlanner
from txmon.plan.stages import stages
from txmon.schema import Schema, is_sided, side_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from txmon.language.checked import Pack

__all__ = [
    "Base",
    "Condition",
    "Derived",
    "Lane",
    "Plan",
    "Stage",
    "Windowed",
    "closure",
    "compile_plan",
]


def compile_plan(pack: Pack, columns: Collection[str], *, case_key: str | None = None) -> Plan:
    """Compile a pack against the columns that the data has.

    Args:
        pack: the checked pack.
        columns: names of the accepted frame's columns. A rule that needs another is set aside
            in ``Plan.unavailable``.
        case_key: an Int64 column that is added to every timeline's key.
    """
    schema = Schema.with_columns(pack.columns)
    features: dict[str, Feature] = {}
    planned = [RulePlanner(rule, schema, columns, case_key, features).plan() for rule in pack.rules]
    ready = tuple(condition for condition in planned if not condition.missing)
    keys = frozenset(key for condition in ready for key in condition.features.values())
    used = {key: features[key] for key in closure(features, keys)}
    return Plan(
        pack=pack,
        schema=schema,
        stages=tuple(stages(used, ready)),
        features=used,
        conditions=ready,
        unavailable=tuple(condition for condition in planned if condition.missing),
        columns=_columns(used, ready, schema, case_key),
        case_key=case_key,
    )


def _columns(
    features: Mapping[str, Feature],
    conditions: tuple[Condition, ...],
    schema: Schema,
    case_key: str | None,
) -> tuple[str, ...]:
    """Stored columns that evaluation reads, in order of name."""
    names = set() if case_key is None else {case_key}
    for feature in features.values():
        names |= reads(feature) | _base_columns(
            feature.base if isinstance(feature, Windowed) else None
        )
    for condition in conditions:
        names |= {*condition.rule.by, condition.rule.subject} | _base_columns(condition.base)
        names = names.union(*map(column_names, condition.expressions)) | _step_columns(condition)
    sources = (
        side_columns(name) if is_sided(name, schema) and name != "direction" else (name,)
        for name in names
    )
    return tuple(sorted({name for group in sources for name in group} - {"direction"}))


def _step_columns(condition: Condition) -> set[str]:
    """Columns that the steps of a rule's sequence read, and those read of their rows."""
    steps = () if condition.sequence is None else condition.sequence.steps
    nodes = [*condition.expressions, *(step.when for step in steps)]
    fields = {field.name for node in nodes for field in step_fields(node)}
    own = set().union(*(column_names(step.when) for step in steps))
    return own | (fields - condition.step_features)


def _base_columns(base: Base | None) -> set[str]:
    if base is None:
        return set()
    where = set() if base.where is None else column_names(base.where)
    return where | ({"kind", "amount"} if base.events else {"amount"})
