"""What a feature means at one row: every window collected anew from all rows of the timeline."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from txmon.language import separate
from txmon.language.nodes import (
    Aggregate,
    Literal,
    Point,
    Span,
    This,
    feature_names,
    replace_parts,
    required_names,
    walk,
)
from txmon.schema import OUT, Schema, is_sided, side_columns
from txmon.testing.oracle_order import benford, legs, median, percentile
from txmon.testing.oracle_values import (
    GIVEN_UP,
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
    from collections.abc import Callable, Mapping, Sequence

    from txmon.language.checked import ListTable, Pack, Rule
    from txmon.language.nodes import Expr, FeatureNode, Window
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

    def at(self, stand: Stand, judged: Stand | None = None) -> RowPlace:
        """The stand as its expressions see it, counted for another that is being judged."""
        return RowPlace(self, stand, judged)

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

    def timeline(
        self, feature: Aggregate | Point, stand: Stand
    ) -> tuple[Stand, list[Stand]] | None:
        """The stand's own place on a feature's timeline and every stand up to it, in order.

        None if the key is null there. With ``by KEY = EXPR`` the payment need not stand there: then
        its place is behind all that stands there of it.
        """
        keys = feature.keys
        if feature.probes:
            return self._elsewhere(feature, stand)
        stands, here = self.sided, stand
        if not self.keyed_by_side(keys):
            stands, here = self.whole, Stand(stand.position, None, stand.row)
        key = self.key(keys, here)
        if key is None:
            return None
        earlier = [one for one in stands if one.order <= here.order]
        return here, [one for one in earlier if self.key(keys, one) == key]

    def _elsewhere(
        self, feature: Aggregate | Point, stand: Stand
    ) -> tuple[Stand, list[Stand]] | None:
        place = self.at(stand)
        wanted = [
            place.column(key) if probe is None else answer(probe, place)
            for key, probe in zip(feature.keys, feature.probes, strict=True)
        ]
        if any(isinstance(value, Unknown) for value in wanted):
            return None
        stands = self.sided if self.keyed_by_side(feature.keys) else self.whole
        earlier = [one for one in stands if one.position <= stand.position]
        return stand, [one for one in earlier if self.key(feature.keys, one) == tuple(wanted)]


@dataclass(frozen=True, slots=True)
class RowPlace:
    """A stand as an expression sees it."""

    world: World
    stand: Stand
    asking: Stand | None = None

    @property
    def judged(self) -> RowPlace:
        """The stand that is being judged."""
        if self.asking is None:
            raise ValueError(self.stand)
        return RowPlace(self.world, self.asking)

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


def in_window(
    world: World, window: Window, where: Expr | None, here: Stand, stands: Sequence[Stand]
) -> list[Stand]:
    """The stands inside the window, whether or not they pass ``where``.

    Of a window of matching rows: those that pass.
    """
    if window.excluding_this:
        stands = [one for one in stands if one.position != here.position]
    if window.matching:
        stands = [one for one in stands if is_true(where, world.at(one, here))]
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
    timeline = world.timeline(feature, stand)
    if timeline is None:
        return None
    inside = in_window(world, feature.window, feature.where, *timeline)
    return [one for one in inside if is_true(feature.where, world.at(one, timeline[0]))]


def aggregate(world: World, feature: Aggregate, stand: Stand) -> Answer:
    """The value of an aggregate at a stand."""
    stands, timeline = counted(world, feature, stand), world.timeline(feature, stand)
    if stands is None or timeline is None:
        return MISSING
    if _too_many(world, feature, *timeline):
        return GIVEN_UP
    return _of_rows(feature, world.at(timeline[0]), [world.at(x, timeline[0]) for x in stands])


def _of_rows(feature: Aggregate, here: RowPlace, places: Sequence[RowPlace]) -> Answer:
    """The value of an aggregate of these rows, asked for here."""
    if feature.function == "count":
        return len(places)
    if feature.function == "legs":
        asked = [answer(separate.own(x), here) for x in feature.arguments[1:]]
        return legs(_known(feature, places), feature, asked)
    if feature.function == "percentile":
        return percentile(_known(feature, places), feature.arguments[1])
    columns = [[answer(x, place) for x in feature.arguments] for place in places]
    if feature.function == "distinct":
        tuples = [tuple(row) for row in columns]
        return len({row for row in tuples if not any(isinstance(x, Unknown) for x in row)})
    values = [row[0] for row in columns]
    if feature.function in {"first", "last"}:
        return _end(feature.function, values)
    return _reduce(feature.function, _known(feature, places), feature.arguments[0].type)


def _known(feature: Aggregate, places: Sequence[RowPlace]) -> list[Value]:
    """The first argument at each row where it is known."""
    values = [answer(feature.arguments[0], place) for place in places]
    return [value for value in values if not isinstance(value, Unknown)]


def _too_many(world: World, feature: Aggregate, here: Stand, stands: Sequence[Stand]) -> bool:
    """Whether more rows would have to be looked at one by one than the language allows."""
    parts = separate.separated(feature)
    if not parts.scans or not is_true(parts.gate, world.at(here)):
        return False
    for name in parts.keys:
        if isinstance(world.at(here).column(name), Unknown):
            return False
        mine = world.at(here).column(name)
        stands = [one for one in stands if world.at(one).column(name) == mine]
    inside = in_window(world, feature.window, parts.plain, here, stands)
    looked_at = [one for one in inside if is_true(parts.plain, world.at(one))]
    return len(looked_at) > separate.SEARCH_ROWS


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
    return REDUCTIONS[function]([int(value) for value in values], type_)


def _sum(values: Sequence[int], _: Type) -> Answer:
    total = sum(values)
    return total if fits(total) else OVERFLOW


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


REDUCTIONS: Mapping[str, Callable[[Sequence[int], Type], Answer]] = {
    "sum": _sum,
    "mean": _mean,
    "std": _std,
    "median": median,
    "benford": lambda values, _: benford(values),
}


def point(world: World, feature: Point, stand: Stand) -> Answer:
    """The value of a point at a stand."""
    timeline = world.timeline(feature, stand)
    if timeline is None:
        return MISSING
    here, stands = timeline
    if feature.window is not None:
        stands = in_window(world, feature.window, feature.where, here, stands)
    passing = [one for one in stands if is_true(feature.where, world.at(one))]
    if feature.function == "time_since_first":
        return here.time - passing[0].time if passing else NOTHING
    earlier = [one for one in passing if one.order < here.order]
    if feature.probes:
        earlier = [one for one in passing if one.position < here.position]
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
            parts = [*node.arguments, node.where]
        case Point():
            parts = [node.argument, node.where]
        case _:
            refs = (reach(rule, rule.features[name]) for name in feature_names(node))
            return max(refs, default=0)
    past = [_without_this(part) for part in parts if part is not None]
    behind = max((reach(rule, part) for part in past), default=0)
    asked = [part for one in parts if one is not None for part in _this(one)]
    asked += [probe for probe in node.probes if probe is not None]
    return max([behind + _own_reach(node.window), *(reach(rule, part) for part in asked)])


def _this(node: Expr) -> list[Expr]:
    """What an expression asks of the payment being judged."""
    return [part.operand for part in walk(node) if isinstance(part, This)]


def _without_this(node: Expr) -> Expr:
    """The same expression with constants where it asks the payment being judged."""
    asked = {part: Literal(part.type, 0) for part in walk(node) if isinstance(part, This)}
    return replace_parts(node, asked)


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
                nodes += [*feature.arguments, feature.where, *feature.probes]
                keys += feature.keys
            case Point():
                nodes += [feature.argument, feature.where, *feature.probes]
                keys += feature.keys
            case _:
                nodes.append(feature)
    return {name for node in nodes if node is not None for name in required_names(node)}.union(keys)
