"""What a feature means at one row: every window collected anew from all rows of the timeline."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias
from zoneinfo import ZoneInfo

from txmon.language import separate
from txmon.language.nodes import (
    Aggregate,
    Call,
    Literal,
    Logic,
    Not,
    Point,
    Span,
    This,
    feature_names,
    replace_parts,
    walk,
)
from txmon.language.reversals import standing
from txmon.schema import OUT, Schema, is_sided, side_columns
from txmon.testing.oracle_calendar import back, periods
from txmon.testing.oracle_order import legs, percentile
from txmon.testing.oracle_reduce import end, reduce
from txmon.testing.oracle_reversals import undone
from txmon.testing.oracle_values import (
    GIVEN_UP,
    MISSING,
    NOTHING,
    Unknown,
    answer,
    is_true,
)
from txmon.types import BOOL

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.language.checked import ListTable, Pack, Rule
    from txmon.language.nodes import Expr, FeatureNode, Inner, StepField, Window
    from txmon.testing.oracle_calendar import Period
    from txmon.testing.oracle_values import Answer, Value

Row: TypeAlias = "Mapping[str, Value | None]"
Key: TypeAlias = "tuple[Value, ...]"
NAME = "#name"
"""Where a row that is an alert has its name."""


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
    def name(self) -> str:
        """The id of the transaction, or the name of the alert."""
        return str(self.row.get(NAME) or self.row["transaction_id"])


@dataclass(frozen=True)
class World:
    """Everything one rule can see: its stands, in order, whole and by side."""

    pack: Pack
    rule: Rule
    whole: Sequence[Stand]
    sided: Sequence[Stand]
    rows: Sequence[Row] = ()
    memo: dict[tuple[str, Stand], Answer] = field(default_factory=dict)

    def at(self, stand: Stand, judged: Stand | None = None) -> RowPlace:
        """The stand as its expressions see it, counted for another that is being judged."""
        return RowPlace(self, stand, asking=judged)

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
        stands_there = here in stands or stands is not self.sided
        if key is None or not stands_there:
            return None
        earlier = [one for one in stands if one.order <= here.order]
        return here, [one for one in earlier if self.key(keys, one) == key]

    def _elsewhere(
        self, feature: Aggregate | Point, stand: Stand
    ) -> tuple[Stand, list[Stand]] | None:
        place = self.at(stand)
        own = [key for key, probe in zip(feature.keys, feature.probes, strict=True) if not probe]
        if self.keyed_by_side(own) and stand.side is None:
            return None
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
    group: Answer = MISSING
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
    def holidays(self) -> frozenset[int]:
        """Days off of the pack."""
        return self.world.pack.holidays

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

    def measure(self, name: str) -> Answer:
        """There is no path to measure."""
        raise ValueError(name)


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
        case Span.PERIODS:
            since, until = bounds_of_periods(world, window, here.time)
            return [one for one in stands if since <= one.time < until]
        case Span.ROWS:
            return list(stands[-window.length :])
        case _:
            return list(stands)


def bounds_of_periods(world: World, window: Window, time: int) -> Period:
    """The first instant of a window of periods, and the first after it."""
    if window.unit is None:
        raise ValueError(window)
    zone, holidays = ZoneInfo(world.pack.timezone), world.pack.holidays
    length = window.length if window.previous else window.length - 1
    since = back(window.unit, time, length, zone, holidays)
    return since, back(window.unit, time, 0, zone, holidays) if window.previous else time + 1


def counted(world: World, feature: Aggregate, stand: Stand) -> list[Stand] | None:
    """The stands an aggregate counts: in its window and passing its ``where``."""
    timeline = world.timeline(feature, stand)
    if timeline is None:
        return None
    where = _where(feature)
    inside = in_window(world, feature.window, where, *timeline)
    counting = [one for one in inside if is_true(where, world.at(one, timeline[0]))]
    return [one for one in counting if not undone(world, one, timeline[0])]


def _where(feature: Aggregate) -> Expr | None:
    """What a row must pass to count: of groups, both conditions and a value to group by."""
    parts = [feature.where]
    if feature.inner is not None:
        column = feature.inner.bucket.column
        missing = None if column is None else Call(BOOL, "is_null", (column,))
        parts += [feature.inner.where, missing and Not(missing)]
    asked = tuple(part for part in parts if part is not None)
    return Logic("and", asked) if asked else None


def aggregate(world: World, feature: Aggregate, stand: Stand) -> Answer:
    """The value of an aggregate at a stand."""
    stands, timeline = counted(world, feature, stand), world.timeline(feature, stand)
    if stands is None or timeline is None:
        return MISSING
    if feature.inner is not None:
        return _of_groups(world, feature, feature.inner, stand, stands)
    if _too_many(world, feature, *timeline):
        return GIVEN_UP
    return _of_rows(feature, world.at(timeline[0]), [world.at(x, timeline[0]) for x in stands])


def _too_many(world: World, feature: Aggregate, here: Stand, stands: Sequence[Stand]) -> bool:
    """Whether more rows would have to be looked at one by one than the language allows."""
    rule = world.rule
    asked = standing(feature, rule.events) if rule.unreversed else feature
    parts = separate.separated(asked)
    if not parts.scans or not is_true(parts.gate, world.at(here)):
        return False
    for name in parts.keys:
        mine = world.at(here).column(name)
        if isinstance(mine, Unknown):
            return False
        stands = [one for one in stands if world.at(one).column(name) == mine]
    inside = in_window(world, feature.window, parts.plain, here, stands)
    looked_at = [one for one in inside if is_true(parts.plain, world.at(one))]
    return len(looked_at) > separate.SEARCH_ROWS


def _of_groups(
    world: World, feature: Aggregate, inner: Inner, stand: Stand, stands: Sequence[Stand]
) -> Answer:
    values: list[Value] = []
    for group in _groups(world, feature, inner, stand, stands):
        value = _of_rows(inner, world.at(stand), [world.at(one) for one in group])
        if not isinstance(value, Unknown):
            place = replace(world.at(stand), group=value)
            values += [value] if is_true(inner.having, place) else []
    return reduce(feature.function, values, inner.type)


def _groups(
    world: World, feature: Aggregate, inner: Inner, stand: Stand, stands: Sequence[Stand]
) -> list[list[Stand]]:
    """The rows of each group, oldest first; rows that count stand in one each."""
    bucket = inner.bucket
    if bucket.column is not None:
        by_value: dict[Answer, list[Stand]] = {}
        for one in stands:
            by_value.setdefault(answer(bucket.column, world.at(one)), []).append(one)
        return list(by_value.values())
    spans = _spans(world, feature, inner, stand, stands)
    groups = [[one for one in stands if since <= one.time < until] for since, until in spans]
    empty_too = inner.function in {"count", "sum", "distinct"} and not bucket.active
    return [group for group in groups if group or empty_too]


def _spans(
    world: World, feature: Aggregate, inner: Inner, stand: Stand, stands: Sequence[Stand]
) -> list[Period]:
    """The blocks or periods of a window that end after the timeline's first row, oldest first."""
    here, every = world.timeline(feature, stand) or (stand, [stand])
    window, unit = feature.window, inner.bucket.unit
    end = here.time - window.ending
    since = end - window.length + 1
    if window.span is Span.PERIODS:
        since, after = bounds_of_periods(world, window, here.time)
        end = after - 1
    elif window.span is Span.ROWS:
        since = stands[0].time if stands else end
    if unit is not None:
        start = max(since, every[0].time) if every else end + 1
        zone = ZoneInfo(world.pack.timezone)
        return periods(unit, start, end, zone, world.pack.holidays) if start <= end else []
    size = inner.bucket.length
    begins = range(since, end + 1, size)
    return [(begin, begin + size) for begin in begins if every and begin + size > every[0].time]


def _of_rows(feature: Aggregate | Inner, here: RowPlace, places: Sequence[RowPlace]) -> Answer:
    """The value of an aggregate of these rows, asked for here."""
    if feature.function == "count":
        return len(places)
    if feature.function in {"legs", "percentile"}:
        asked = [separate.own(x) for x in feature.arguments[1:]]
        return _of_latest(feature, _known(feature, places), [answer(x, here) for x in asked])
    columns = [[answer(x, place) for x in feature.arguments] for place in places]
    if feature.function == "distinct":
        tuples = [tuple(row) for row in columns]
        return len({row for row in tuples if not any(isinstance(x, Unknown) for x in row)})
    values = [row[0] for row in columns]
    if feature.function in {"first", "last"}:
        return end(feature.function, values)
    return reduce(feature.function, _known(feature, places), feature.arguments[0].type)


def _known(feature: Aggregate | Inner, places: Sequence[RowPlace]) -> list[Value]:
    """The first argument at each row where it is known."""
    values = [answer(feature.arguments[0], place) for place in places]
    return [value for value in values if not isinstance(value, Unknown)]


def _of_latest(
    feature: Aggregate | Inner, values: Sequence[Value], asked: Sequence[Answer]
) -> Answer:
    if feature.function == "legs":
        return legs(values, feature.arguments, asked)
    return percentile(values, feature.arguments[1])


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
    return end("last", [_argument(world, feature, earlier[-1])])


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


def window_starts(world: World, node: FeatureNode | None, time: int) -> list[int]:
    """Where the windows of time and of periods begin that a feature read at a time comes from.

    A feature of a feature is read from the start of the other's window on.
    """
    if not isinstance(node, Aggregate | Point):
        names = set() if node is None else feature_names(node)
        behind = (window_starts(world, world.rule.features[name], time) for name in names)
        return [start for starts in behind for start in starts]
    start = _window_start(world, node.window, time)
    since = time if start is None else start
    past = (_without_this(part) for part in node.expressions)
    inside = [one for part in past for one in window_starts(world, part, since)]
    asked = [part for one in node.expressions for part in _this(one)]
    asked += [probe for probe in node.probes if probe is not None]
    inside += [one for part in asked for one in window_starts(world, part, time)]
    return inside if start is None else [start, *inside]


def _this(node: Expr) -> list[Expr]:
    """What an expression asks of the payment being judged."""
    return [part.operand for part in walk(node) if isinstance(part, This)]


def _without_this(node: Expr) -> Expr:
    """The same expression with constants where it asks the payment being judged."""
    asked = {part: Literal(part.type, 0) for part in walk(node) if isinstance(part, This)}
    return replace_parts(node, asked)


def _window_start(world: World, window: Window | None, time: int) -> int | None:
    if window is None or window.span not in {Span.TIME, Span.PERIODS}:
        return None
    if window.span is Span.PERIODS:
        return bounds_of_periods(world, window, time)[0]
    return time - window.ending - window.length
