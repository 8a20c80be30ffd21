"""A pack -> a plan: lanes, the features computed on each, and the conditions that read them.

Equal features of different rules are one feature, known by a key that is a hash of its meaning.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from txmon.language.nodes import (
    Aggregate,
    Clause,
    Expr,
    FeatureNode,
    Level,
    Message,
    Pack,
    Point,
    Rule,
    Window,
    column_names,
    feature_names,
    rename_features,
)
from txmon.language.text import canonical
from txmon.schema import Schema, is_sided, side_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from txmon.types import Type


@dataclass(frozen=True, slots=True)
class Lane:
    """All timelines of one key list; sided lanes hold each payment once per side."""

    keys: tuple[str, ...]
    sided: bool


@dataclass(frozen=True, slots=True)
class Base:
    """The rows a rule sees: those with money or of a named kind, that pass its ``where``."""

    where: Expr | None
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Windowed:
    """An aggregate or point on a lane, its operands naming other features by key."""

    key: str
    lane: Lane
    base: Base
    node: Aggregate | Point
    reach: int

    @property
    def type(self) -> Type:
        """Type of the feature's value."""
        return self.node.type

    @property
    def inputs(self) -> frozenset[str]:
        """Keys of the features read at past rows."""
        return frozenset().union(*map(feature_names, self.expressions))

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """The argument and ``where`` expressions."""
        node = self.node
        arguments = node.arguments if isinstance(node, Aggregate) else (node.argument,)
        return tuple(part for part in (*arguments, node.where) if part is not None)

    @property
    def window(self) -> Window | None:
        """The window; None for points without one."""
        return self.node.window


@dataclass(frozen=True, slots=True)
class Derived:
    """A feature that is an expression over the row and other features, named by key.

    It has no lane: it is computed wherever it is read.
    """

    key: str
    node: Expr
    reach: int

    @property
    def type(self) -> Type:
        """Type of the feature's value."""
        return self.node.type

    @property
    def inputs(self) -> frozenset[str]:
        """Keys of the features read at the same row."""
        return frozenset(feature_names(self.node))


Feature = Windowed | Derived


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule made ready: its lane, its conditions over feature keys, and what an alert shows."""

    rule: Rule
    lane: Lane
    base: Base
    needs: Expr | None
    levels: tuple[Level, ...]
    features: Mapping[str, str]
    logic_hash: str
    reach: int
    missing: tuple[str, ...]

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Every expression judged at the row, messages included."""
        messages = (part for level in self.levels for part in _expressions(level.message))
        needs = () if self.needs is None else (self.needs,)
        return (*needs, *(level.when for level in self.levels), *messages)


@dataclass(frozen=True, slots=True)
class Stage:
    """What one visit to a lane computes: features to hand to other lanes, rules to judge."""

    lane: Lane
    features: tuple[str, ...]
    rules: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled pack; the same plan serves any number of runs and threads.

    ``columns`` are the stored columns that evaluation reads. ``case_key`` names an extra Int64
    column that parts every timeline, or is None.
    """

    pack: Pack
    schema: Schema
    stages: tuple[Stage, ...]
    features: Mapping[str, Feature]
    conditions: tuple[Condition, ...]
    unavailable: tuple[Condition, ...]
    columns: tuple[str, ...]
    case_key: str | None

    @property
    def bases(self) -> frozenset[Base]:
        """Every base of the plan's rules."""
        return frozenset(condition.base for condition in self.conditions)

    def bases_on(self, lane: Lane) -> frozenset[Base]:
        """The bases of the rules and features that stand on a lane."""
        rules = {condition.base for condition in self.conditions if condition.lane == lane}
        features = [feature for feature in self.features.values() if isinstance(feature, Windowed)]
        return frozenset(rules | {feature.base for feature in features if feature.lane == lane})

    def behind(self, keys: Iterable[str]) -> frozenset[str]:
        """Keys of the aggregates and points that the given features come from at the same row."""
        found: set[str] = set()
        for key in keys:
            feature = self.features[key]
            found |= {key} if isinstance(feature, Windowed) else self.behind(feature.inputs)
        return frozenset(found)


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
    planned = [_Planner(rule, schema, columns, case_key, features).plan() for rule in pack.rules]
    ready = tuple(condition for condition in planned if not condition.missing)
    keys = frozenset(key for condition in ready for key in condition.features.values())
    used = {key: features[key] for key in _closure(features, keys)}
    return Plan(
        pack=pack,
        schema=schema,
        stages=tuple(_stages(used, ready)),
        features=used,
        conditions=ready,
        unavailable=tuple(condition for condition in planned if condition.missing),
        columns=_columns(used, ready, schema, case_key),
        case_key=case_key,
    )


class _Planner:
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
        judged = [*([] if needs is None else [needs]), *(level.when for level in levels)]
        return Condition(
            rule=rule,
            lane=self._lane(rule.by, sided=rule.sided),
            base=self._base,
            needs=needs,
            levels=levels,
            features=dict(self._keys),
            logic_hash=self._logic_hash(needs, levels),
            reach=max((self._reach(node) for node in judged), default=0),
            missing=self._missing(),
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
            feature = Windowed(key, lane, self._base, node, 0)
            behind = max(map(self._reach, feature.expressions), default=0)
            feature = replace(feature, reach=behind + _length(node.window))
        else:
            key = _hash("derived", canonical(node))
            feature = Derived(key, node, self._reach(node))
        return self._features.setdefault(key, feature).key

    def _reach(self, node: Expr) -> int:
        return max((self._features[key].reach for key in feature_names(node)), default=0)

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

    def _missing(self) -> tuple[str, ...]:
        names = set(self._rule.by) | {self._rule.subject}
        features = [self._features[key] for key in _closure(self._features, self._keys.values())]
        for feature in features:
            names |= _reads(feature)
        for node in (self._rule.where, self._rule.needs):
            names |= set() if node is None else column_names(node)
        for level in self._rule.levels:
            for node in (level.when, *_expressions(level.message)):
                names |= column_names(node)
        names |= {"kind"} if self._rule.events else {"amount"}
        behind = {source for name in names for source in self._schema.sources(name)}
        return tuple(sorted(behind - set(self._columns)))


def _expressions(message: Message | None) -> tuple[Expr, ...]:
    parts = () if message is None else message.parts
    return tuple(part for part in parts if not isinstance(part, str))


def _inputs(node: FeatureNode) -> set[str]:
    if isinstance(node, Aggregate):
        parts: tuple[Expr | None, ...] = (*node.arguments, node.where)
    elif isinstance(node, Point):
        parts = (node.argument, node.where)
    else:
        parts = (node,)
    return set().union(*(feature_names(part) for part in parts if part is not None))


def _renamed(node: FeatureNode, names: Mapping[str, str]) -> FeatureNode:
    if isinstance(node, Aggregate):
        arguments = tuple(rename_features(part, names) for part in node.arguments)
        where = None if node.where is None else rename_features(node.where, names)
        return replace(node, arguments=arguments, where=where)
    if isinstance(node, Point):
        argument = None if node.argument is None else rename_features(node.argument, names)
        where = None if node.where is None else rename_features(node.where, names)
        return replace(node, argument=argument, where=where)
    return rename_features(node, names)


def _length(window: Window | None) -> int:
    return 0 if window is None or window.span != "time" else window.length + window.ending


def _base_text(base: Base) -> str:
    return f"{canonical(base.where)} events {','.join(base.events)}"


def _hash(*parts: str) -> str:
    return hashlib.sha256("\x1e".join(parts).encode()).hexdigest()[:20]


def _reads(feature: Feature) -> set[str]:
    """Names of the columns a feature reads, its key included."""
    if isinstance(feature, Derived):
        return column_names(feature.node)
    names = set(feature.node.keys)
    return names.union(*map(column_names, feature.expressions))


def _closure(features: Mapping[str, Feature], keys: Iterable[str]) -> list[str]:
    """The keys and everything they read, inputs first."""
    found: dict[str, None] = {}

    def visit(key: str) -> None:
        if key not in found:
            for other in sorted(features[key].inputs):
                visit(other)
            found[key] = None

    for key in keys:
        visit(key)
    return list(found)


def foreign(features: Mapping[str, Feature], lane: Lane, keys: Iterable[str]) -> frozenset[str]:
    """Keys of other lanes' features that must be there before ``keys`` are computed on a lane."""
    found: set[str] = set()
    seen: set[str] = set()
    pending = list(keys)
    while pending:
        key = pending.pop()
        if key in seen:
            continue
        seen.add(key)
        feature = features[key]
        if isinstance(feature, Windowed) and feature.lane != lane:
            found.add(key)
        else:
            pending.extend(feature.inputs)
    return frozenset(found)


def _stages(features: Mapping[str, Feature], conditions: tuple[Condition, ...]) -> list[Stage]:
    """Visits to lanes in an order in which every visit finds what it reads."""
    needed = {condition.rule.id: _judged(features, condition) for condition in conditions}
    exported = _exported(features, needed.values())
    waiting, pending, done = list(conditions), list(exported), set[str]()
    stages = []
    while waiting or pending:
        lanes = dict.fromkeys(_lanes(features, waiting, pending))
        stage = max(
            (_ready(features, lane, waiting, pending, needed, done) for lane in lanes),
            key=lambda stage: _preference(features, stage, waiting, pending),
        )
        done.update(stage.features)
        pending = [key for key in pending if key not in stage.features]
        waiting = [condition for condition in waiting if condition not in stage.rules]
        stages.append(stage)
    return stages


def _preference(
    features: Mapping[str, Feature], stage: Stage, waiting: list[Condition], pending: list[str]
) -> tuple[bool, int]:
    """A lane that needs no second visit first, then the one that does most."""
    mine = [lane for lane in _lanes(features, waiting, pending) if lane == stage.lane]
    done = len(stage.features) + len(stage.rules)
    return done == len(mine), done


def _lanes(
    features: Mapping[str, Feature], waiting: list[Condition], pending: list[str]
) -> list[Lane]:
    homes = [feature.lane for key in pending if isinstance(feature := features[key], Windowed)]
    return homes + [condition.lane for condition in waiting]


def _judged(features: Mapping[str, Feature], condition: Condition) -> frozenset[str]:
    return foreign(features, condition.lane, condition.features.values())


def _exported(features: Mapping[str, Feature], judged: Iterable[frozenset[str]]) -> list[str]:
    """Features that another lane reads, inputs first."""
    wanted = set().union(*judged)
    for feature in features.values():
        if isinstance(feature, Windowed):
            wanted |= foreign(features, feature.lane, feature.inputs)
    return [key for key in _closure(features, features) if key in wanted]


def _ready(
    features: Mapping[str, Feature],
    lane: Lane,
    waiting: list[Condition],
    pending: list[str],
    needed: Mapping[str, frozenset[str]],
    done: set[str],
) -> Stage:
    """The stage that a visit to the lane could be now."""
    mine = [key for key in pending if getattr(features[key], "lane", None) == lane]
    keys = tuple(key for key in mine if foreign(features, lane, (key,)) <= done)
    rules = tuple(
        condition
        for condition in waiting
        if condition.lane == lane and needed[condition.rule.id] <= done
    )
    return Stage(lane, keys, rules)


def _columns(
    features: Mapping[str, Feature],
    conditions: tuple[Condition, ...],
    schema: Schema,
    case_key: str | None,
) -> tuple[str, ...]:
    """Stored columns that evaluation reads, in order of name."""
    names = set() if case_key is None else {case_key}
    for feature in features.values():
        names |= _reads(feature) | _base_columns(
            feature.base if isinstance(feature, Windowed) else None
        )
    for condition in conditions:
        names |= {*condition.rule.by, condition.rule.subject} | _base_columns(condition.base)
        names = names.union(*map(column_names, condition.expressions))
    sources = (
        side_columns(name) if is_sided(name, schema) and name != "direction" else (name,)
        for name in names
    )
    return tuple(sorted({name for group in sources for name in group} - {"direction"}))


def _base_columns(base: Base | None) -> set[str]:
    if base is None:
        return set()
    where = set() if base.where is None else column_names(base.where)
    return where | ({"kind", "amount"} if base.events else {"amount"})
