"""What a feature means at one row: every window collected anew from all rows of the timeline."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from txmon.language.nodes import (
    Aggregate,
    Point,
    Span,
    feature_names,
    required_names,
    step_fields,
)
from txmon.schema import OUT, Schema, is_sided, side_columns
from txmon.testing.oracle_values import (
    MISSING,
    NOTHING,
    OVERFLOW,
    Unknown,
    answer,
    finite,
    fits,
    is_true,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.language.checked import ListTable, Pack, Rule
    from txmon.language.nodes import Expr, FeatureNode, StepField, Window
    from txmon.testing.oracle_values import Answer, Value
    from txmon.types import Type

Row: TypeAlias = "Mapping[str, Value | None]"
Key: TypeAlias = "tuple[Value, ...]"
HIGHEST_SQUARES = 2**126


@dataclass(frozen=True, slots=True)
class Stand:
    """One row of a timeline: a transaction, or one side of it."""

    position: int
    side: str | None
    row: Row = field(compare=False)

    @property
    def order(self) -> tuple[int, int]:
        """Its place in the contract's order; ``out`` stands before ``in``."""
        return self.position, 0 if self.side in {None, OUT} else 1

    @property
    def time(self) -> int:
        """Event time in microseconds."""
        return int(self.row["event_time"] or 0)

    @property
    def transaction_id(self) -> str:
        """The id of the transaction."""
        return str(self.row["transaction_id"])


@dataclass(frozen=True)
class World:
    """Everything one rule can see: its stands, in order, whole and by side."""

    pack: Pack
    rule: Rule
    whole: Sequence[Stand]
    sided: Sequence[Stand]
    memo: dict[tuple[str, Stand], Answer] = field(default_factory=dict)

    def at(self, stand: Stand) -> RowPlace:
        """The stand as its expressions see it."""
        return RowPlace(self, stand)

    def feature(self, name: str, stand: Stand) -> Answer:
        """The value of a feature at a stand."""
        place = (name, stand)
        if place not in self.memo:
            self.memo[place] = self._compute(self.rule.features[name], stand)
        return self.memo[place]

    def _compute(self, feature: FeatureNode, stand: Stand) -> Answer:
        match feature:
            case Aggregate():
                return aggregate(self, feature, stand)
            case Point():
                return point(self, feature, stand)
            case _:
                return answer(feature, self.at(stand))

    def keyed_by_side(self, keys: Sequence[str]) -> bool:
        """Whether a list of keys is over sided rows."""
        schema = Schema(self.pack.columns)
        return any(is_sided(name, schema) for name in keys)

    def key(self, keys: Sequence[str], stand: Stand) -> Key | None:
        """The values of the key at a stand; None if one of them is null."""
        values = [self.at(stand).column(name) for name in keys]
        known = tuple(value for value in values if not isinstance(value, Unknown))
        return known if len(known) == len(values) else None

    def timeline(self, keys: Sequence[str], stand: Stand) -> tuple[Stand, list[Stand]] | None:
        """The stand's own place on the timeline of these keys and every stand up to it, in order.

        None if the key is null there.
        """
        stands, here = self.sided, stand
        if not self.keyed_by_side(keys):
            stands, here = self.whole, Stand(stand.position, None, stand.row)
        key = self.key(keys, here)
        if key is None:
            return None
        earlier = [one for one in stands if one.order <= here.order]
        return here, [one for one in earlier if self.key(keys, one) == key]


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A stand as an expression sees it."""

    world: World
    stand: Stand

    @property
    def zone(self) -> ZoneInfo:
        """The pack's zone."""
        return ZoneInfo(self.world.pack.timezone)

    @property
    def lists(self) -> Mapping[str, ListTable]:
        """The pack's lists."""
        return self.world.pack.lists

    def column(self, name: str) -> Answer:
        """The value of a column; a sided one by the side of the stand."""
        if name == "direction":
            return self.stand.side or MISSING
        source = name
        if is_sided(name, Schema(self.world.pack.columns)):
            source = side_columns(name)[0 if self.stand.side == OUT else 1]
        value = self.stand.row.get(source)
        return MISSING if value is None else value

    def feature(self, name: str) -> Answer:
        """The value of a feature."""
        return self.world.feature(name, self.stand)

    def step(self, node: StepField) -> Answer:
        """A row alone has no chain behind it."""
        raise LookupError(node)


def in_window(
    world: World, window: Window, where: Expr | None, here: Stand, stands: Sequence[Stand]
) -> list[Stand]:
    """The stands inside the window, whether or not they pass ``where``.

    Of a window of matching rows: those that pass.
    """
    if window.excluding_this:
        stands = [one for one in stands if one.position != here.position]
    if window.matching:
        stands = [one for one in stands if is_true(where, world.at(one))]
    match window.span:
        case Span.TIME:
            end = here.time - window.ending
            return [one for one in stands if end - window.length < one.time <= end]
        case Span.ROWS:
            return list(stands[-window.length :])
        case _:
            return list(stands)


def counted(world: World, feature: Aggregate, stand: Stand) -> list[Stand] | None:
    """The stands an aggregate counts: in its window and passing its ``where``."""
    timeline = world.timeline(feature.keys, stand)
    if timeline is None:
        return None
    inside = in_window(world, feature.window, feature.where, *timeline)
    return [one for one in inside if is_true(feature.where, world.at(one))]


def aggregate(world: World, feature: Aggregate, stand: Stand) -> Answer:
    """The value of an aggregate at a stand."""
    stands = counted(world, feature, stand)
    if stands is None:
        return MISSING
    if feature.function == "count":
        return len(stands)
    columns = [[answer(x, world.at(one)) for x in feature.arguments] for one in stands]
    if feature.function == "distinct":
        tuples = [tuple(row) for row in columns]
        return len({row for row in tuples if not any(isinstance(x, Unknown) for x in row)})
    values = [row[0] for row in columns]
    if feature.function in {"first", "last"}:
        return _end(feature.function, values)
    known = [value for value in values if not isinstance(value, Unknown)]
    return _reduce(feature.function, known, feature.arguments[0].type)


def _end(function: str, values: Sequence[Answer]) -> Answer:
    if not values:
        return NOTHING
    value = values[0] if function == "first" else values[-1]
    return NOTHING if isinstance(value, Unknown) else value


def _reduce(function: str, values: Sequence[Value], type_: Type) -> Answer:
    if function in {"min", "max"}:
        if not values:
            return NOTHING
        return min(values) if function == "min" else max(values)
    integers = [int(value) for value in values]
    match function:
        case "sum":
            total = sum(integers)
            return total if fits(total) else OVERFLOW
        case "mean":
            return _mean(integers, type_)
        case "std":
            return _std(integers, type_)
        case _:
            raise ValueError(function)


def _unit(type_: Type) -> int:
    return int(10 ** (type_.scale - type_.base_scale))


def _mean(values: Sequence[int], type_: Type) -> Answer:
    if not values:
        return NOTHING
    total = sum(values)
    return float(total) / float(len(values) * _unit(type_)) if fits(total) else OVERFLOW


def _std(values: Sequence[int], type_: Type) -> Answer:
    n = len(values)
    if n < 2:  # noqa: PLR2004 - the sample deviation needs two values
        return NOTHING
    squares = n * sum(value * value for value in values)
    if squares >= HIGHEST_SQUARES:
        return OVERFLOW
    spread = squares - sum(values) ** 2
    return finite(math.sqrt(float(spread) / float(n * (n - 1))) / float(_unit(type_)))


def point(world: World, feature: Point, stand: Stand) -> Answer:
    """The value of a point at a stand."""
    timeline = world.timeline(feature.keys, stand)
    if timeline is None:
        return MISSING
    here, stands = timeline
    if feature.window is not None:
        stands = in_window(world, feature.window, feature.where, here, stands)
    passing = [one for one in stands if is_true(feature.where, world.at(one))]
    if feature.function == "time_since_first":
        return here.time - passing[0].time if passing else NOTHING
    earlier = [one for one in passing if one.order < here.order]
    if feature.function == "is_first":
        return _is_first(world, feature, stand, earlier)
    if not earlier:
        return NOTHING
    if feature.function == "time_since_previous":
        return here.time - earlier[-1].time
    return _end("last", [_argument(world, feature, earlier[-1])])


def _argument(world: World, feature: Point, stand: Stand) -> Answer:
    if feature.argument is None:
        raise ValueError(feature.function)
    return answer(feature.argument, world.at(stand))


def _is_first(world: World, feature: Point, stand: Stand, earlier: Sequence[Stand]) -> Answer:
    value = _argument(world, feature, stand)
    if isinstance(value, Unknown):
        return MISSING
    return all(_argument(world, feature, one) != value for one in earlier)


def aggregates_behind(rule: Rule, node: Expr) -> dict[str, Aggregate]:
    """The aggregates an expression reads, through expression features too, by name."""
    found: dict[str, Aggregate] = {}
    for name in sorted(feature_names(node)):
        feature = rule.features[name]
        if isinstance(feature, Aggregate):
            found[name] = feature
        elif not isinstance(feature, Point):
            found |= aggregates_behind(rule, feature)
    return found


def reach(rule: Rule, node: FeatureNode | None) -> int:
    """How far back from a row its finite time windows look, in microseconds.

    Summed along features of features; a window over all time adds nothing of its own.
    """
    match node:
        case None:
            return 0
        case Aggregate():
            inside = max((reach(rule, part) for part in (*node.arguments, node.where)), default=0)
            return _own_reach(node.window) + inside
        case Point():
            inside = max(reach(rule, node.argument), reach(rule, node.where))
            return _own_reach(node.window) + inside
        case _:
            refs = (reach(rule, rule.features[name]) for name in feature_names(node))
            return max(refs, default=0)


def _own_reach(window: Window | None) -> int:
    if window is None or window.span is not Span.TIME:
        return 0
    return window.ending + window.length


def columns_read(rule: Rule) -> set[str]:
    """Every column that a rule needs; where one that a parameter varies by lacks, it has a default.

    Messages are left out: they change no outcome.
    """
    nodes: list[Expr | None] = [rule.where, rule.needs, *(level.when for level in rule.levels)]
    keys = [*rule.by, rule.subject, "kind" if rule.events else "amount"]
    for feature in rule.features.values():
        match feature:
            case Aggregate():
                nodes += [*feature.arguments, feature.where]
                keys += feature.keys
            case Point():
                nodes += [feature.argument, feature.where]
                keys += feature.keys
            case _:
                nodes.append(feature)
    steps = () if rule.sequence is None else rule.sequence.steps
    nodes += [step.when for step in steps]
    fields = {field.name for node in nodes if node is not None for field in step_fields(node)}
    keys += sorted(fields - set(rule.features))
    return {name for node in nodes if node is not None for name in required_names(node)}.union(keys)
