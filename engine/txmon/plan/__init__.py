"""A pack -> a plan: lanes, the features computed on each, and the conditions that read them.

Equal features of different rules are one feature, known by a key that is a hash of its meaning.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.nodes import column_names, step_fields
from txmon.language.strata import hears, levels
from txmon.plan.parts import (
    Base,
    Condition,
    Derived,
    Feature,
    Lane,
    Plan,
    Stage,
    Stratum,
    Windowed,
    closure,
    own_columns,
    reads,
)
from txmon.plan.reach import Reach
from txmon.plan.rule import RulePlanner
from txmon.plan.stages import stages
from txmon.schema import ACCOUNTS, ALERT_COLUMNS, Schema, is_sided, side_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from txmon.language.checked import ExceptionEntry, Pack, Rule
    from txmon.types import Type

__all__ = [
    "Base",
    "Condition",
    "Derived",
    "Lane",
    "Plan",
    "Reach",
    "Stage",
    "Stratum",
    "Windowed",
    "compile_plan",
]


def compile_plan(
    pack: Pack,
    columns: Collection[str],
    *,
    case_key: str | None = None,
    told: Collection[str] = (),
) -> Plan:
    """Compile a pack against the columns that the data has.

    Args:
        pack: the checked pack.
        columns: names of the accepted frame's columns. A rule that needs another is set aside
            in ``Plan.unavailable``.
        case_key: an Int64 column that is added to every timeline's key.
        told: ids of rules whose outcome at each row is handed out.
    """
    rules = [rule for rule in pack.rules if not rule.sources]
    base = _compiled(pack, rules, pack.columns, columns, case_key, told)
    return replace(base, strata=tuple(_strata(base, columns, told)))


def _strata(base: Plan, columns: Collection[str], told: Collection[str]) -> Iterator[Stratum]:
    """The plans of the rules over alerts, each after those of the rules that it reads."""
    pack, done = base.pack, [base]
    depths = levels(pack.rules)
    over_alerts = [rule for rule in pack.rules if rule.sources]
    for depth, shadow in sorted({(depths[rule.id], rule.shadow) for rule in over_alerts}):
        chosen = [r for r in over_alerts if (depths[r.id], r.shadow) == (depth, shadow)]
        types = {**pack.columns, **ALERT_COLUMNS}
        plan = _compiled(pack, chosen, types, {*columns, *ALERT_COLUMNS}, base.case_key, told)
        below = {rule.id: tuple(_heard(rule, done)) for rule in chosen}
        done.append(replace(plan, below=below))
        yield Stratum(done[-1])


def _heard(reader: Rule, plans: Sequence[Plan]) -> Iterator[tuple[Plan, Condition]]:
    """The conditions of the rules that a rule reads, with their plans."""
    for plan in plans:
        yield from ((plan, one) for one in plan.conditions if hears(reader, one.rule))


def _compiled(
    pack: Pack,
    rules: Sequence[Rule],
    types: Mapping[str, Type],
    columns: Collection[str],
    case_key: str | None,
    told: Collection[str],
) -> Plan:
    """The plan of rules that are evaluated together, over rows with columns of these types."""
    schema = Schema.with_columns(types)
    features: dict[str, Feature] = {}
    planned = [RulePlanner(rule, schema, columns, case_key, features).plan() for rule in rules]
    ready = tuple(
        replace(
            condition,
            exceptions=_exceptions(pack, condition),
            told=condition.rule.id in told,
        )
        for condition in planned
        if not condition.missing
    )
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


def _exceptions(pack: Pack, condition: Condition) -> tuple[ExceptionEntry, ...]:
    return tuple(one for one in pack.exceptions if condition.rule.id in one.rules)


def _columns(
    features: Mapping[str, Feature],
    conditions: tuple[Condition, ...],
    schema: Schema,
    case_key: str | None,
) -> tuple[str, ...]:
    """Stored columns that evaluation reads, in order of name."""
    names = set() if case_key is None else {case_key}
    if any(lane.sided or lane.asks_sided for lane in _lanes(features, conditions)):
        names |= set(ACCOUNTS)  # a side is there only if it has an account
    for feature in features.values():
        names |= reads(feature) | _base_columns(
            feature.base if isinstance(feature, Windowed) else None
        )
    for condition in conditions:
        names |= condition.rule.named_columns | condition.excepted | _base_columns(condition.base)
        if condition.graph is None:
            names |= {*condition.subject}
        elif condition.graph.through is not None:
            names |= column_names(condition.graph.through)
        names = names.union(*map(column_names, condition.expressions)) | _step_columns(condition)
    sources = (
        side_columns(name) if is_sided(name, schema) and name != "direction" else (name,)
        for name in names
    )
    every = own_columns(name for group in sources for name in group)
    return tuple(sorted(every - {"direction"}))


def _lanes(features: Mapping[str, Feature], conditions: tuple[Condition, ...]) -> Iterator[Lane]:
    yield from (feature.lane for feature in features.values() if isinstance(feature, Windowed))
    yield from (condition.lane for condition in conditions)


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
    if base.sources:
        return where | {"rule_id", "typology"}
    return where | ({"kind", "amount"} if base.events else {"amount"})
