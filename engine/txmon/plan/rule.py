"""A checked rule -> its condition, and its features among those of the whole pack."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.checked import Clause, Level, Message, Rule, Sequence
from txmon.language.nodes import (
    Aggregate,
    Expr,
    FeatureNode,
    Inner,
    Point,
    feature_names,
    rename_features,
    required_names,
    step_fields,
)
from txmon.language.text import canonical
from txmon.plan.parts import (
    Base,
    Condition,
    Derived,
    Feature,
    Lane,
    Windowed,
    closure,
    expressions,
    reads,
)
from txmon.plan.steps import sequence_text
from txmon.schema import Schema, is_sided

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class RulePlanner:
    """Plans one rule, adding its features to those of the whole pack."""

    def __init__(
        self,
        rule: Rule,
        schema: Schema,
        columns: Collection[str],
        case_key: str | None,
        features: dict[str, Feature],
    ) -> None:
        self._rule = rule
        self._schema = schema
        self._columns = columns
        self._prefix = () if case_key is None else (case_key,)
        self._features = features
        self._base = Base(rule.where, tuple(sorted(rule.events)))
        self._keys: dict[str, str] = {}

    def plan(self) -> Condition:
        """The rule's condition; its features are planned on the way."""
        rule = self._rule
        for name in rule.features:
            self._feature_key(name)
        needs = None if rule.needs is None else rename_features(rule.needs, self._keys)
        levels = tuple(self._level(level) for level in rule.levels)
        condition = Condition(
            rule=rule,
            lane=self._lane(rule.by, sided=rule.sided),
            base=self._base,
            needs=needs,
            levels=levels,
            features=dict(self._keys),
            logic_hash=self._logic_hash(needs, levels),
            missing=self._missing(),
        )
        return condition if rule.sequence is None else self._in_steps(condition, rule.sequence)

    def _in_steps(self, condition: Condition, sequence: Sequence) -> Condition:
        """The condition of a rule with a sequence."""
        steps = tuple(
            replace(step, when=rename_features(step.when, self._keys)) for step in sequence.steps
        )
        renamed = replace(sequence, steps=steps)
        text = sequence_text(renamed, condition.levels)
        return replace(
            condition,
            sequence=renamed,
            logic_hash=_hash("sequence", self._logic_hash(condition.needs, ()), text),
        )

    def _lane(self, keys: tuple[str, ...], *, sided: bool) -> Lane:
        return Lane((*self._prefix, *keys), sided)

    def _feature_key(self, name: str) -> str:
        if name not in self._keys:
            node = self._rule.features[name]
            inputs = _inputs(node)
            names = {other: self._feature_key(other) for other in inputs}
            self._keys[name] = self._add(_renamed(node, names))
        return self._keys[name]

    def _add(self, node: FeatureNode) -> str:
        feature: Feature
        if isinstance(node, Aggregate | Point):
            sided = any(is_sided(key, self._schema) for key in node.keys)
            lane = self._lane(node.keys, sided=sided)
            key = _hash("windowed", canonical(node), _base_text(self._base), ",".join(lane.keys))
            feature = Windowed(key, lane, self._base, node)
        else:
            key = _hash("derived", canonical(node))
            feature = Derived(key, node)
        return self._features.setdefault(key, feature).key

    def _level(self, level: Level) -> Level:
        clauses = tuple(
            Clause(clause.text, rename_features(clause.node, self._keys))
            for clause in level.clauses
        )
        when = rename_features(level.when, self._keys)
        return replace(level, when=when, clauses=clauses, message=self._message(level.message))

    def _message(self, message: Message | None) -> Message | None:
        if message is None:
            return None
        return Message(
            tuple(
                part if isinstance(part, str) else rename_features(part, self._keys)
                for part in message.parts
            )
        )

    def _logic_hash(self, needs: Expr | None, levels: tuple[Level, ...]) -> str:
        rule = self._rule
        suppress = rule.suppress and (rule.suppress.span, rule.suppress.by_subject)
        whens = (canonical(level.when) for level in levels)
        head = (",".join(rule.by), _base_text(self._base), canonical(needs))
        return _hash("rule", *head, *whens, f"{suppress} {rule.subject}")

    def _step_columns(self, node: Expr) -> set[str]:
        return {field.name for field in step_fields(node)} - set(self._rule.features)

    def _missing(self) -> tuple[str, ...]:
        names = set(self._rule.by) | {self._rule.subject}
        features = [self._features[key] for key in closure(self._features, self._keys.values())]
        for feature in features:
            names |= reads(feature, required_names)
        for node in (self._rule.where, self._rule.needs):
            names |= set() if node is None else required_names(node)
        for level in self._rule.levels:
            for node in (level.when, *expressions(level.message)):
                names |= required_names(node) | self._step_columns(node)
        for step in self._rule.sequence.steps if self._rule.sequence else ():
            names |= required_names(step.when) | self._step_columns(step.when)
        names |= {"kind"} if self._rule.events else {"amount"}
        behind = {source for name in names for source in self._schema.sources(name)}
        return tuple(sorted(behind - set(self._columns)))


def _inputs(node: FeatureNode) -> set[str]:
    parts = node.expressions if isinstance(node, Aggregate | Point) else (node,)
    return set().union(*map(feature_names, parts))


def _renamed(node: FeatureNode, names: Mapping[str, str]) -> FeatureNode:
    if isinstance(node, Aggregate):
        arguments = tuple(rename_features(part, names) for part in node.arguments)
        where = None if node.where is None else rename_features(node.where, names)
        inner = None if node.inner is None else _renamed_inner(node.inner, names)
        return replace(node, arguments=arguments, where=where, inner=inner)
    if isinstance(node, Point):
        argument = None if node.argument is None else rename_features(node.argument, names)
        where = None if node.where is None else rename_features(node.where, names)
        return replace(node, argument=argument, where=where)
    return rename_features(node, names)


def _renamed_inner(inner: Inner, names: Mapping[str, str]) -> Inner:
    arguments = tuple(rename_features(part, names) for part in inner.arguments)
    where = None if inner.where is None else rename_features(inner.where, names)
    return replace(inner, arguments=arguments, where=where)


def _base_text(base: Base) -> str:
    return f"{canonical(base.where)} events {','.join(base.events)}"


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()[:20]
