"""What a plan is made of: lanes, bases, features, conditions and stages."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from txmon.language.nodes import (
    Aggregate,
    Column,
    Expr,
    Point,
    Window,
    column_names,
    feature_names,
    measure_names,
    step_fields,
)
from txmon.language.over_alerts import SUBJECT, SUBJECT_KIND
from txmon.language.separate import asked_once, judged_parts, past_features
from txmon.language.strata import hears
from txmon.types import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from txmon.language.checked import ExceptionEntry, Level, Message, Pack, Rule, Sequence
    from txmon.language.nodes import FeatureNode
    from txmon.language.patterns import Graph
    from txmon.language.separate import Bound
    from txmon.plan.reach import Reach
    from txmon.schema import Schema
    from txmon.types import Type


@dataclass(frozen=True, slots=True)
class Lane:
    """All timelines of one key list; sided lanes hold each payment once per side.

    With ``probes`` payments ask it that need not stand on it: each, or each side of it if
    ``asks_sided``, looks at the timeline whose keys equal the probes there (a None probe is the
    payment's own key).
    """

    keys: tuple[str, ...]
    sided: bool
    probes: tuple[Expr | None, ...] = ()
    asks_sided: bool = False

    @property
    def values_sided(self) -> bool:
        """Whether what is computed on the lane has a value a side."""
        return self.asks_sided if self.probes else self.sided


@dataclass(frozen=True, slots=True)
class Base:
    """The rows a rule sees: those with money or of a named kind, that pass its ``where``.

    A rule over alerts sees those of the rules that ``sources`` name, money or not. Who is
    ``unreversed`` sees no reversals.
    """

    where: Expr | None
    events: tuple[str, ...]
    sources: tuple[str, ...] = ()
    unreversed: bool = False


@dataclass(frozen=True, slots=True)
class Windowed:
    """An aggregate or point on a lane, its operands naming other features by key.

    The lane may have more keys than the node: columns that must equal those of the payment being
    judged. ``where`` is what its ``where`` asks of the counted row alone, ``gate`` of the judged
    payment alone: where that is not true, no row counts. ``mixed``, ``bounds`` and ``scans`` as
    in ``language.separate``.
    """

    key: str
    lane: Lane
    base: Base
    node: Aggregate | Point
    reach: Reach
    where: Expr | None = None
    gate: Expr | None = None
    mixed: Expr | None = None
    bounds: tuple[Bound, ...] = ()
    scans: bool = False

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
        """The argument, ``where`` and key expressions."""
        return operands(self.node)

    @property
    def past(self) -> frozenset[str]:
        """Keys of the features read at past rows; the other inputs are read at the row itself."""
        return frozenset().union(*map(past_features, self.node.expressions))

    @property
    def questions(self) -> tuple[Expr, ...]:
        """What is asked of the payment being judged."""
        terms = (node for bound in self.bounds for _, node in bound.judged)
        return (*judged_operands(self.node), *terms)

    @property
    def key_values(self) -> tuple[Expr, ...]:
        """What the keys of the timeline that is asked are, at the payment that asks."""
        pairs = zip_longest(self.node.keys, self.node.probes)
        return tuple(Column(TEXT, key) if probe is None else probe for key, probe in pairs)

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
    reach: Reach

    @property
    def type(self) -> Type:
        """Type of the feature's value."""
        return self.node.type

    @property
    def inputs(self) -> frozenset[str]:
        """Keys of the features read at the same row."""
        return frozenset(feature_names(self.node))


Feature = Windowed | Derived


def operands(node: FeatureNode) -> tuple[Expr, ...]:
    """Every expression of a feature's node, but for what is asked of groups."""
    if not isinstance(node, Aggregate | Point):
        return (node,)
    return (*node.expressions, *(probe for probe in node.probes if probe is not None))


def judged_operands(node: Aggregate | Point) -> tuple[Expr, ...]:
    """What an aggregate or point asks of the payment being judged."""
    found = [part for node_part in operands(node) for part in judged_parts(node_part)]
    found += [probe for probe in node.probes if probe is not None]
    if isinstance(node, Aggregate):
        found += asked_once(node)
    elif node.function == "is_first" and node.argument is not None:
        found.append(node.argument)
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Condition:
    """A rule made ready: its lane, its conditions over feature keys, and what an alert shows.

    ``gates`` are what decides at a row whether its features with a gate count anything there.
    ``told``: the outcome at each row is handed out.
    """

    rule: Rule
    lane: Lane
    base: Base
    needs: Expr | None
    levels: tuple[Level, ...]
    features: Mapping[str, str]
    logic_hash: str
    reach: Reach
    missing: tuple[str, ...]
    exceptions: tuple[ExceptionEntry, ...] = ()
    gates: tuple[Expr, ...] = ()
    graph: Graph | None = None
    sequence: Sequence | None = None
    told: bool = False

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
    def excepted(self) -> frozenset[str]:
        """The columns that the rule's exceptions look at."""
        return frozenset(name for one in self.exceptions for name in one.values)

    @property
    def subject(self) -> tuple[str, ...]:
        """The columns that say whom its alerts are about; an alert's own subject has its kind."""
        rule = self.rule
        own = rule.sources and rule.subject == SUBJECT
        return (SUBJECT_KIND, SUBJECT) if own else (rule.subject,)

    @property
    def timeline(self) -> tuple[str, ...]:
        """Columns of a hit that tell its timeline: the lane's keys, or a graph's subject."""
        keys = self.lane.keys
        return keys if self.graph is None else (*keys, self.rule.subject)

    @property
    def measures(self) -> frozenset[str]:
        """The measures of a graph pattern's path that condition and message read."""
        return frozenset().union(*map(measure_names, self.expressions))

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
    column that parts every timeline, or is None. ``strata`` hold the rules over alerts, each after
    those whose alerts it reads; the rest of the plan is of the rules over transactions. ``below``
    has, per rule over alerts, the conditions of the rules that it reads, with their plans.
    """

    pack: Pack
    schema: Schema
    stages: tuple[Stage, ...]
    features: Mapping[str, Feature]
    conditions: tuple[Condition, ...]
    unavailable: tuple[Condition, ...]
    columns: tuple[str, ...]
    case_key: str | None
    strata: tuple[Stratum, ...] = ()
    below: Mapping[str, tuple[tuple[Plan, Condition], ...]] = field(default_factory=dict)

    @property
    def every_condition(self) -> tuple[Condition, ...]:
        """The conditions of all rules, those over alerts last."""
        above = (stratum.plan.conditions for stratum in self.strata)
        return (*self.conditions, *(condition for some in above for condition in some))

    @property
    def every_unavailable(self) -> tuple[Condition, ...]:
        """The rules that the data lacks a column for, those over alerts last."""
        above = (stratum.plan.unavailable for stratum in self.strata)
        return (*self.unavailable, *(condition for some in above for condition in some))

    @property
    def through(self) -> tuple[Expr, ...]:
        """What graph patterns ask where a middle account pays on."""
        graphs = (condition.graph for condition in self.conditions)
        return tuple(graph.through for graph in graphs if graph and graph.through)

    @property
    def bases(self) -> frozenset[Base]:
        """Every base of the plan's rules."""
        return frozenset(condition.base for condition in self.conditions)

    def bases_on(self, lane: Lane) -> frozenset[Base]:
        """The bases of the rules and features that stand on a lane."""
        rules = {condition.base for condition in self.conditions if condition.lane == lane}
        features = [feature for feature in self.features.values() if isinstance(feature, Windowed)]
        return frozenset(rules | {feature.base for feature in features if feature.lane == lane})

    def windowed(self, key: str) -> Windowed:
        """An aggregate or point by its key."""
        feature = self.features[key]
        assert isinstance(feature, Windowed)  # noqa: S101 - the caller knows that it is one
        return feature

    def behind(self, keys: Iterable[str]) -> frozenset[str]:
        """Keys of the aggregates and points that the given features come from at the same row."""
        found: set[str] = set()
        for key in keys:
            feature = self.features[key]
            found |= {key} if isinstance(feature, Windowed) else self.behind(feature.inputs)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rules over alerts that are evaluated together, over the alerts of the strata below.

    Shadow rules stand in strata of their own: they read the alerts of shadow rules too.
    """

    plan: Plan

    def reads(self, rule: Rule) -> bool:
        """Whether some rule of the stratum reads a rule's alerts."""
        return any(hears(condition.rule, rule) for condition in self.plan.conditions)


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


def own_columns(names: Iterable[str]) -> set[str]:
    """The columns of the data among some names; the engine makes those with # itself."""
    return {name for name in names if not name.startswith("#")}
