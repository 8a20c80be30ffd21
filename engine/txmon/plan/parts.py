"""What a plan is made of: lanes, bases, features, conditions and stages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.language.nodes import (
    Aggregate,
    Call,
    Expr,
    Logic,
    Not,
    Point,
    Window,
    column_names,
    feature_names,
    step_fields,
)
from txmon.types import BOOL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from txmon.language.checked import Level, Message, Pack, Rule, Sequence
    from txmon.schema import Schema
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
        """The argument and ``where`` expressions, those of groups included."""
        return self.node.expressions

    @property
    def where(self) -> Expr | None:
        """What a row must pass to count: of groups both conditions, and a value to group by."""
        inner = self.node.inner if isinstance(self.node, Aggregate) else None
        parts = [] if self.node.where is None else [self.node.where]
        if inner is not None and inner.where is not None:
            parts.append(inner.where)
        if inner is not None and inner.bucket.column is not None:
            parts.append(Not(Call(BOOL, "is_null", (inner.bucket.column,))))
        return Logic("and", tuple(parts)) if len(parts) > 1 else next(iter(parts), None)

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
    missing: tuple[str, ...]
    sequence: Sequence | None = None

    @property
    def step_features(self) -> frozenset[str]:
        """Keys of the features that are read at the rows of a sequence's chain."""
        steps = () if self.sequence is None else self.sequence.steps
        nodes = [*self.expressions, *(step.when for step in steps)]
        names = {field.name for node in nodes for field in step_fields(node)}
        read = frozenset().union(*(feature_names(step.when) for step in steps))
        return read | (names & set(self.features.values()))

    @property
    def delay(self) -> int:
        """Microseconds between a row that may trigger and its alert, at most."""
        return 0 if self.sequence is None else self.sequence.delay

    @property
    def kept_features(self) -> frozenset[str]:
        """Keys of the features that are read at rows which were judged before."""
        return frozenset(self.features.values()) if self.delay else self.step_features

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Every expression judged at the row, clauses and messages included."""
        found = [] if self.needs is None else [self.needs]
        for level in self.levels:
            clauses = (clause.node for clause in level.clauses)
            found += [level.when, *clauses, *expressions(level.message)]
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Stage:
    """What one visit to a lane computes: features to hand to other lanes, rules to judge."""

    lane: Lane
    features: tuple[str, ...]
    rules: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A compiled pack; the same plan serves any number of runs and threads.

    ``columns`` are the stored columns that evaluation reads; those that the data lacks are only
    read by ``vary``, which takes its default there. ``case_key`` names an extra Int64
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


def expressions(message: Message | None) -> tuple[Expr, ...]:
    """The expressions of a message."""
    parts = () if message is None else message.parts
    return tuple(part for part in parts if not isinstance(part, str))


def reads(feature: Feature, names: Callable[[Expr], set[str]] = column_names) -> set[str]:
    """Names of the columns a feature reads, its key included; ``names`` says which of a node."""
    if isinstance(feature, Derived):
        return names(feature.node)
    return set(feature.node.keys).union(*map(names, feature.expressions))


def closure(features: Mapping[str, Feature], keys: Iterable[str]) -> list[str]:
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
