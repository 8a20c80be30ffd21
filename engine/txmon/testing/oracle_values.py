"""What an expression means at one row, written down as plainly as Python allows."""

from __future__ import annotations

import math
import operator
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from txmon.language.nodes import (
    Arithmetic,
    Call,
    Column,
    Compare,
    FeatureRef,
    GroupValue,
    If,
    ListMember,
    Literal,
    Logic,
    Lookup,
    Measure,
    Member,
    Negate,
    Not,
    Range,
    StepField,
    TextTest,
    This,
    Vary,
    children,
    is_arithmetic,
)
from txmon.testing.oracle_calendar import business_day, business_days_between
from txmon.types import INT64_BITS, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from zoneinfo import ZoneInfo

    from txmon.language.checked import ListTable
    from txmon.language.nodes import Expr

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_DAY = date(1970, 1, 1)


@dataclass(frozen=True, slots=True)
class Unknown:
    """No value, and why."""

    cause: str


MISSING = Unknown("missing_value")
NOTHING = Unknown("nothing_in_window")
ZERO = Unknown("zero_denominator")
OVERFLOW = Unknown("overflow")
GIVEN_UP = Unknown("search_bound")
LONGEST_TEXT = 1_000
DISTANCES = ("edit_distance", "similarity", "distance_km")

Value: TypeAlias = int | float | str | bool
Answer: TypeAlias = Value | Unknown


class Place(Protocol):
    """A row as an expression sees it: columns, features, lists and the zone of the pack."""

    @property
    def zone(self) -> ZoneInfo:
        """The zone that hours, weekdays and dates are read in."""

    @property
    def group(self) -> Answer:
        """The result of the group that ``having`` asks about."""

    @property
    def holidays(self) -> frozenset[int]:
        """Days off of the pack."""

    @property
    def lists(self) -> Mapping[str, ListTable]:
        """The pack's lists by name."""

    def column(self, name: str) -> Answer:
        """The value of a column, sided ones included."""

    def feature(self, name: str) -> Answer:
        """The value of a feature of the rule."""

    @property
    def judged(self) -> Place:
        """The payment being judged, where the row is counted for one."""

    def step(self, node: StepField) -> Answer:
        """A field of a row that a step of the rule's sequence took."""

    def measure(self, name: str) -> Answer:
        """The value of a measure of the graph pattern's path that is looked at."""


def answer(node: Expr, at: Place) -> Answer:
    """The value of an expression at a row; unknown with the cause of its leftmost unknown part."""
    if isinstance(node, Call) and node.function in {"coalesce", "is_null"}:
        return _null_call(node, at)
    return LENIENT.get(type(node), _strict)(node, at)


def is_true(node: Expr | None, at: Place) -> bool:
    """Whether a condition is true, not merely unknown; an absent one is."""
    return node is None or answer(node, at) is True


def to_float(value: Value, type_: Type) -> float:
    """An arithmetic value as one float64 of its kind's base unit."""
    if not type_.exact:
        return float(value)
    shift = type_.scale - type_.base_scale
    return float(value) / float(10**shift) if shift else float(value)


def fits(value: int) -> bool:
    """Whether an exact value can be stored."""
    return -(1 << INT64_BITS) <= value < 1 << INT64_BITS


def finite(value: float) -> Answer:
    """The float, or overflow if it is not finite."""
    return value if math.isfinite(value) else OVERFLOW


def _raised(value: Value, scale: int, target: int) -> Value:
    return int(value) * int(10 ** (target - scale))


def _lifted(value: Value, from_: Type, to: Type) -> Value:
    """A branch's value in the form of the whole expression's type."""
    if not is_arithmetic(to):
        return value
    return _raised(value, from_.scale, to.scale) if to.exact else to_float(value, from_)


def _aligned(left: Value, left_type: Type, right: Value, right_type: Type) -> tuple[Value, Value]:
    """Two values in one form, so that Python compares them right."""
    if not is_arithmetic(left_type):
        return left, right
    if not (left_type.exact and right_type.exact):
        return to_float(left, left_type), to_float(right, right_type)
    scale = max(left_type.scale, right_type.scale)
    return _raised(left, left_type.scale, scale), _raised(right, right_type.scale, scale)


def _logic(node: Logic, at: Place) -> Answer:
    decisive: bool = node.op == "or"
    answers = [answer(operand, at) for operand in node.operands]
    if any(one is decisive for one in answers):
        return decisive
    return next((one for one in answers if isinstance(one, Unknown)), not decisive)


def _if(node: If, at: Place) -> Answer:
    condition = answer(node.condition, at)
    if isinstance(condition, Unknown):
        return condition
    return _branch(node.yes if condition else node.no, node.type, at)


def _vary(node: Vary, at: Place) -> Answer:
    text = at.column(node.column)
    chosen = next((value for case, value in node.cases if case == text), node.default)
    return _branch(chosen, node.type, at)


def _branch(chosen: Expr, type_: Type, at: Place) -> Answer:
    value = answer(chosen, at)
    return value if isinstance(value, Unknown) else _lifted(value, chosen.type, type_)


def _null_call(node: Call, at: Place) -> Answer:
    if node.function == "is_null":
        return isinstance(answer(node.arguments[0], at), Unknown)
    answers = [_branch(argument, node.type, at) for argument in node.arguments]
    return next((one for one in answers if not isinstance(one, Unknown)), answers[0])


def _strict(node: Expr, at: Place) -> Answer:
    """Operators that are unknown as soon as one operand is."""
    answers = [answer(operand, at) for operand in children(node)]
    values = [one for one in answers if not isinstance(one, Unknown)]
    if len(values) < len(answers):
        return next(one for one in answers if isinstance(one, Unknown))
    return STRICT[type(node)](node, values, at)


def _compare(node: Compare, values: Sequence[Value]) -> bool:
    left, right = _aligned(values[0], node.left.type, values[1], node.right.type)
    return COMPARISONS[node.op](left, right)


def _number(value: Value) -> int | float:
    if isinstance(value, str):
        raise TypeError(value)
    return value


COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

TEXT_TESTS: Mapping[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text,
    "starts_with": str.startswith,
    "ends_with": str.endswith,
    "matches": lambda text, pattern: re.search(pattern, text) is not None,
}

FLOAT_STEPS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}


def _arithmetic(node: Arithmetic, left: Value, right: Value) -> Answer:
    if not node.type.exact:
        first, second = to_float(left, node.left.type), to_float(right, node.right.type)
        if node.op == "/" and second == 0:
            return ZERO
        return finite(FLOAT_STEPS[node.op](first, second))
    if node.op == "*":
        return int(left) * int(right)
    first = int(_raised(left, node.left.type.scale, node.type.scale))
    second = int(_raised(right, node.right.type.scale, node.type.scale))
    return first + second if node.op == "+" else first - second


def _in_range(node: Range, operand: Value, low: Value, high: Value) -> bool:
    above = "<" if node.low_open else "<="
    below = "<" if node.high_open else "<="
    return COMPARISONS[above](
        *_aligned(low, node.low.type, operand, node.operand.type)
    ) and COMPARISONS[below](*_aligned(operand, node.operand.type, high, node.high.type))


def _is_member(node: Member, values: Sequence[Value]) -> bool:
    operand, *members = values
    types = [member.type for member in node.values]
    pairs = (
        _aligned(operand, node.operand.type, member, type_)
        for member, type_ in zip(members, types, strict=True)
    )
    return any(left == right for left, right in pairs)


def _in_list(node: ListMember, values: Sequence[Value], table: ListTable) -> bool:
    return _row_of(table, node.operand.type, values) is not None


def _attribute(node: Lookup, values: Sequence[Value], table: ListTable) -> Answer:
    row = _row_of(table, node.key.type, values)
    value = None if row is None else table.attributes[node.column].to_list()[row]
    return MISSING if value is None else value


def _row_of(table: ListTable, type_: Type, values: Sequence[Value]) -> int | None:
    """The row of a list whose key equals the first value, and that is valid on the second."""
    keys = table.keys.to_list()
    for row, key in enumerate(keys):
        wanted, found = _aligned(values[0], type_, key, table.key)
        if wanted == found and _is_valid(table, row, values[1:]):
            return row
    return None


def _is_valid(table: ListTable, row: int, day: Sequence[Value]) -> bool:
    if table.since is None or table.until is None:
        return True
    return bool(table.since.to_list()[row] <= day[0] <= table.until.to_list()[row])


def _call(node: Call, values: Sequence[Value], at: Place) -> Answer:
    if node.function in DISTANCES:
        return _distance(node, values)
    if node.function in TEXT_CALLS:
        return TEXT_CALLS[node.function](str(values[0]))
    if node.function in CALENDAR_CALLS:
        return CALENDAR_CALLS[node.function]([int(value) for value in values], at.zone)
    if node.function == "business_day":
        day = _local(int(values[0]), at.zone).date()
        return (business_day(day, at.holidays) - FIRST_DAY).days
    if node.function == "business_days_between":
        first, last = (_day(int(day)) for day in values)
        return business_days_between(first, last, at.holidays)
    return _number_call(node, values)


def _number_call(node: Call, values: Sequence[Value]) -> Answer:
    types = [argument.type for argument in node.arguments]
    match node.function:
        case "abs":
            return abs(_number(values[0]))
        case "round":
            return _round(types[0], _number(values[0]), int(values[1]))
        case "is_multiple":
            left, right = _aligned(values[0], types[0], values[1], types[1])
            return ZERO if right == 0 else int(left) % int(right) == 0
        case "least" | "greatest":
            lifted = [_lifted(x, type_, node.type) for x, type_ in zip(values, types, strict=True)]
            return min(lifted) if node.function == "least" else max(lifted)
        case _:
            raise ValueError(node.function)


def _round(type_: Type, value: float, decimals: int) -> Answer:
    """Half-even to ``decimals``, exact at the larger of that and the base scale.

    An inexact value is brought to the last decimal by one float step.
    """
    here = type_.scale if type_.exact else type_.base_scale
    shift, scale = decimals - here, max(decimals, type_.base_scale)
    if type_.exact:
        whole = round(Fraction(value) * Fraction(10) ** shift)
    else:
        step = value * float(10**shift) if shift >= 0 else value / float(10**-shift)
        if not math.isfinite(step):
            return OVERFLOW
        whole = round(step)
    result = whole * 10 ** (scale - decimals)
    return result if fits(result) else OVERFLOW


def _distance(node: Call, values: Sequence[Value]) -> Answer:
    if node.function == "distance_km":
        types = [argument.type for argument in node.arguments]
        return _kilometres(*(to_float(x, type_) for x, type_ in zip(values, types, strict=True)))
    first, second = str(values[0]), str(values[1])
    longer = max(len(first), len(second))
    if longer > LONGEST_TEXT:
        return GIVEN_UP
    distance = _edits(first, second)
    if node.function == "edit_distance":
        return distance
    return (longer - distance) / longer if longer else 1.0


def _edits(first: str, second: str) -> int:
    """Insertions, deletions and replacements of signs that turn one text into the other."""
    row = list(range(len(second) + 1))
    for i, sign in enumerate(first, 1):
        above, row = row, [i]
        for j, other in enumerate(second, 1):
            row.append(min(above[j - 1] + (sign != other), above[j] + 1, row[j - 1] + 1))
    return row[-1]


def _kilometres(latitude: float, longitude: float, other: float, beyond: float) -> Answer:
    """The great circle by the haversine formula."""
    if max(abs(latitude), abs(other)) > 90 or max(abs(longitude), abs(beyond)) > 180:  # noqa: PLR2004
        return MISSING
    north, south = math.radians(latitude), math.radians(other)
    rise = math.sin((south - north) / 2)
    turn = math.sin((math.radians(beyond) - math.radians(longitude)) / 2)
    half = rise * rise + math.cos(north) * math.cos(south) * (turn * turn)
    return 2 * 6371.0088 * math.asin(math.sqrt(min(1.0, half)))


def _local(microseconds: int, zone: ZoneInfo) -> datetime:
    return (EPOCH + timedelta(microseconds=microseconds)).astimezone(zone)


def _day(days: int) -> date:
    return FIRST_DAY + timedelta(days=days)


def _years(first: date, last: date) -> int:
    if last < first:
        return -_years(last, first)
    unfinished = (last.month, last.day) < (first.month, first.day)
    return last.year - first.year - unfinished


TEXT_CALLS: Mapping[str, Callable[[str], Value]] = {"lower": str.casefold, "length": len}

CALENDAR_CALLS: Mapping[str, Callable[[Sequence[int], ZoneInfo], int]] = {
    "hour": lambda values, zone: _local(values[0], zone).hour,
    "weekday": lambda values, zone: _local(values[0], zone).isoweekday(),
    "date": lambda values, zone: (_local(values[0], zone).date() - FIRST_DAY).days,
    "days_between": lambda values, _: values[1] - values[0],
    "years_between": lambda values, _: _years(_day(values[0]), _day(values[1])),
}

LENIENT: Mapping[type, Callable[[Any, Place], Answer]] = {
    Literal: lambda node, _: node.value,
    Column: lambda node, at: at.column(node.name),
    FeatureRef: lambda node, at: at.feature(node.name),
    Measure: lambda node, at: at.measure(node.name),
    StepField: lambda node, at: at.step(node),
    GroupValue: lambda _, at: at.group,
    Logic: _logic,
    If: _if,
    Vary: _vary,
    This: lambda node, at: answer(node.operand, at.judged),
}

STRICT: Mapping[type, Callable[[Any, Sequence[Value], Place], Answer]] = {
    Not: lambda _, values, __: not values[0],
    Negate: lambda _, values, __: -_number(values[0]),
    Arithmetic: lambda node, values, _: _arithmetic(node, *values),
    Compare: lambda node, values, _: _compare(node, values),
    Range: lambda node, values, _: _in_range(node, *values),
    Member: lambda node, values, _: _is_member(node, values),
    ListMember: lambda node, values, at: _in_list(node, values, at.lists[node.name]),
    Lookup: lambda node, values, at: _attribute(node, values, at.lists[node.name]),
    TextTest: lambda node, values, _: TEXT_TESTS[node.op](str(values[0]), str(values[1])),
    Call: _call,
}
"""What each operator says once all its operands are known."""
