"""A checked rule -> its condition, and its features among those of the whole pack."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.checked import Clause, Level, Message, Rule, Sequence
from txmon.language.nodes import (
    Aggregate,
    Call,
    Column,
    Expr,
    FeatureNode,
    Inner,
    Logic,
    Not,
    Point,
    column_names,
    feature_names,
    rename_features,
    required_names,
    step_fields,
)
from txmon.language.reversals import standing
from txmon.language.separate import past_features, separated
from txmon.language.text import canonical, canonical_graph
from txmon.plan.parts import (
    Base,
    Condition,
    Derived,
    Feature,
    Lane,
    Windowed,
    closure,
    expressions,
    judged_operands,
    operands,
    own_columns,
    reads,
)
from txmon.plan.reach import Reach, reach_of
from txmon.plan.steps import sequence_text
from txmon.schema import Schema, is_sided
from txmon.types import BOOL, Type

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from txmon.language.patterns import Graph


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
        self._base = Base(
            rule.where, tuple(sorted(rule.events)), rule.sources, unreversed=rule.unreversed
        )
        self._keys: dict[str, str] = {}

    def plan(self) -> Condition:
        """The rule's condition; its features are planned on the way."""
        rule = self._rule
        for name in rule.features:
            self._feature_key(name)
        needs = None if rule.needs is None else rename_features(rule.needs, self._keys)
        levels = tuple(self._level(level) for level in rule.levels)
        judged = [*([] if needs is None else [needs]), *(level.when for level in levels)]
        graph = self._graph()
        condition = Condition(
            rule=rule,
            lane=self._lane(rule.by, sided=rule.sided),
            base=self._base,
            needs=needs,
            levels=levels,
            features=dict(self._keys),
            logic_hash=self._logic_hash(needs, levels, graph),
            reach=Reach(None, (*map(self._reach, judged), *self._path_reach(graph))),
            missing=self._missing(),
            gates=tuple(self._gates()),
            graph=graph,
        )
        return condition if rule.sequence is None else self._in_steps(condition, rule.sequence)

    def _in_steps(self, condition: Condition, sequence: Sequence) -> Condition:
        """The condition of a rule with a sequence."""
        steps = tuple(
            replace(step, when=rename_features(step.when, self._keys)) for step in sequence.steps
        )
        renamed = replace(sequence, steps=steps)
        text = sequence_text(renamed, condition.levels)
        stepwise = replace(
            condition,
            sequence=renamed,
            logic_hash=_hash("sequence", self._logic_hash(condition.needs, (), None), text),
        )
        read = (self._features[key].reach for key in sorted(stepwise.step_features))
        chain = Reach(sequence.span, tuple(read))
        return replace(stepwise, reach=Reach(None, (condition.reach, chain)))

    def _gates(self) -> Iterator[Expr]:
        for key in self._keys.values():
            feature = self._features[key]
            if isinstance(feature, Windowed) and feature.gate is not None:
                yield from (*feature.key_values, feature.gate)

    def _graph(self) -> Graph | None:
        graph = self._rule.graph
        if graph is None or graph.through is None:
            return graph
        return replace(graph, through=rename_features(graph.through, self._keys))

    def _path_reach(self, graph: Graph | None) -> Iterator[Reach]:
        """Where the first payment of a path may lie, and what is asked of its middle accounts."""
        if graph is not None:
            asked = () if graph.through is None else (self._reach(graph.through),)
            yield Reach(graph.within, asked)

    def _lane(self, keys: tuple[str, ...], *, sided: bool) -> Lane:
        return Lane((*self._prefix, *keys), sided)

    def _feature_key(self, name: str) -> str:
        if name not in self._keys:
            node = self._rule.features[name]
            inputs = (feature_names(part) for part in operands(node))
            names = {other: self._feature_key(other) for other in set().union(*inputs)}
            self._keys[name] = self._add(_renamed(node, names))
        return self._keys[name]

    def _add(self, node: FeatureNode) -> str:
        feature: Feature
        if isinstance(node, Aggregate) and self._base.unreversed:
            node = standing(node, self._base.events)
        if isinstance(node, Aggregate | Point):
            feature = self._windowed(node)
        else:
            key = _hash("derived", canonical(node))
            feature = Derived(key, node, self._reach(node))
        return self._features.setdefault(feature.key, feature).key

    def _windowed(self, node: Aggregate | Point) -> Windowed:
        keys = ",".join((*self._prefix, *node.keys))
        key = _hash("windowed", canonical(node), _base_text(self._base), keys)
        lane, reach = self._lane_of(node, ()), self._reach_of(node)
        if isinstance(node, Point):
            return Windowed(key, lane, self._base, node, reach, node.where)
        if node.inner is not None:
            return Windowed(key, lane, self._base, node, reach, node.passes)
        parts = separated(node)
        known = [_known(Column(self._column_type(name), name)) for name in parts.keys]
        gates = [*([] if parts.gate is None else [parts.gate]), *known]
        return Windowed(
            key=key,
            lane=self._lane_of(node, parts.keys),
            base=self._base,
            node=node,
            reach=reach,
            where=parts.plain,
            gate=_all(gates),
            mixed=parts.mixed,
            bounds=parts.bounds,
            scans=parts.scans,
        )

    def _column_type(self, name: str) -> Type:
        return {**self._schema.sided(), **self._schema.columns}[name]

    def _lane_of(self, node: Aggregate | Point, more: tuple[str, ...]) -> Lane:
        """The lane of an aggregate or point, with more keys than its own."""
        keys = (*self._prefix, *node.keys, *more)
        sided = any(is_sided(key, self._schema) for key in keys)
        if not node.probes:
            return Lane(keys, sided)
        probes = (*(None for _ in self._prefix), *node.probes, *(None for _ in more))
        named = zip(keys, probes, strict=True)
        own = any(is_sided(key, self._schema) for key, probe in named if probe is None)
        asks_sided = own or any(map(self._reads_side, judged_operands(node)))
        return Lane(keys, sided, probes, asks_sided)

    def _reads_side(self, node: Expr) -> bool:
        """Whether the value of an expression at a payment belongs to a side of it."""
        if any(is_sided(name, self._schema) for name in column_names(node)):
            return True
        return any(self._of_side(self._features[key]) for key in feature_names(node))

    def _of_side(self, feature: Feature) -> bool:
        if isinstance(feature, Windowed):
            return feature.lane.values_sided
        return self._reads_side(feature.node)

    def _reach_of(self, node: Aggregate | Point) -> Reach:
        """Past rows are looked at from the window's start on, the judged payment where it is."""
        past = set().union(*map(past_features, node.expressions))
        back = reach_of(node.window, *(self._features[key].reach for key in sorted(past)))
        return Reach(None, (back, *map(self._reach, judged_operands(node))))

    def _reach(self, node: Expr) -> Reach:
        return Reach(None, tuple(self._features[key].reach for key in feature_names(node)))

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

    def _logic_hash(
        self, needs: Expr | None, levels: tuple[Level, ...], graph: Graph | None
    ) -> str:
        rule = self._rule
        suppress = rule.suppress and (rule.suppress.span, rule.suppress.by_subject)
        whens = (canonical(level.when) for level in levels)
        head = [",".join(rule.by), _base_text(self._base), canonical(needs)]
        head += [] if graph is None else [canonical_graph(graph)]
        return _hash("rule", *head, *whens, f"{suppress} {rule.subject}")

    def _step_columns(self, node: Expr) -> set[str]:
        return {field.name for field in step_fields(node)} - set(self._rule.features)

    def _missing(self) -> tuple[str, ...]:
        names = set(self._rule.named_columns)
        features = [self._features[key] for key in closure(self._features, self._keys.values())]
        for feature in features:
            names |= reads(feature, required_names)
        graph = self._rule.graph
        through = None if graph is None else graph.through
        for node in (self._rule.where, self._rule.needs, through):
            names |= set() if node is None else required_names(node)
        for level in self._rule.levels:
            for node in (level.when, *expressions(level.message)):
                names |= required_names(node) | self._step_columns(node)
        for step in self._rule.sequence.steps if self._rule.sequence else ():
            names |= required_names(step.when) | self._step_columns(step.when)
        names |= _seen_by(self._base)
        behind = {source for name in names for source in self._schema.sources(name)}
        return tuple(sorted(own_columns(behind) - set(self._columns)))


def _seen_by(base: Base) -> set[str]:
    """The columns by which a rule's rows are told from others."""
    if base.sources:
        return {"rule_id", "typology"}
    return {"kind"} if base.events else {"amount"}


def _known(node: Expr) -> Expr:
    return Not(Call(BOOL, "is_null", (node,)))


def _all(parts: list[Expr]) -> Expr | None:
    return Logic("and", tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


def _renamed(node: FeatureNode, names: Mapping[str, str]) -> FeatureNode:
    def change(part: Expr | None) -> Expr | None:
        return None if part is None else rename_features(part, names)

    if isinstance(node, Aggregate):
        arguments = tuple(rename_features(part, names) for part in node.arguments)
        inner = None if node.inner is None else _renamed_inner(node.inner, names)
        probes, where = tuple(map(change, node.probes)), change(node.where)
        return replace(node, arguments=arguments, where=where, inner=inner, probes=probes)
    if isinstance(node, Point):
        probes = tuple(map(change, node.probes))
        argument, where = change(node.argument), change(node.where)
        return replace(node, argument=argument, where=where, probes=probes)
    return rename_features(node, names)


def _renamed_inner(inner: Inner, names: Mapping[str, str]) -> Inner:
    arguments = tuple(rename_features(part, names) for part in inner.arguments)
    where = None if inner.where is None else rename_features(inner.where, names)
    return replace(inner, arguments=arguments, where=where)


def _base_text(base: Base) -> str:
    text = f"{canonical(base.where)} events {','.join(base.events)}"
    text += f" alerts {','.join(base.sources)}" if base.sources else ""
    return f"{text} unreversed" if base.unreversed else text


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()[:20]
