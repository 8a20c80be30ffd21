"""The typed tree of a checked rule: frozen nodes that evaluation, evidence and oracle all read.

Parameters are already replaced by their values and definitions by their expressions, so a tree
means the same wherever it is read. Every node carries its static type.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from txmon.types import BOOL, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant. An arithmetic value is the integer at ``type.scale``, a duration or time
    microseconds, a date days since 1970-01-01.
    """

    type: Type
    value: int | str | bool


@dataclass(frozen=True, slots=True)
class Column:
    """The value of a column of the row, sided names included."""

    type: Type
    name: str


@dataclass(frozen=True, slots=True)
class FeatureRef:
    """The value of a feature of the same rule at the row."""

    type: Type
    name: str


@dataclass(frozen=True, slots=True)
class Negate:
    """Minus a value."""

    type: Type
    operand: Expr


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """``left op right`` with op one of ``+ - * /``.

    Exact unless ``type.exact`` is false; a division is always inexact. Operands of + and - may
    have different scales: the result has the larger. A zero denominator gives unknown. A time
    minus a time is a duration.
    """

    type: Type
    op: str
    left: Expr
    right: Expr


@dataclass(frozen=True, slots=True)
class Compare:
    """``left op right`` with op one of ``== != < <= > >=``; in float64 if either is inexact."""

    op: str
    left: Expr
    right: Expr
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Range:
    """``low <(=) operand <(=) high`` or ``operand in low..high`` (both ends held)."""

    operand: Expr
    low: Expr
    high: Expr
    low_open: bool = False
    high_open: bool = False
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Member:
    """``operand in (a, b, ...)``: equal to one of the values; an unknown operand gives unknown."""

    operand: Expr
    values: tuple[Expr, ...]
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class ListMember:
    """``operand in lists.NAME``: the operand is a key of the pack's list.

    ``as_of`` is the day on which a dated list is asked, None for one that is not dated.
    """

    operand: Expr
    name: str
    type: Type = BOOL
    as_of: Expr | None = None


@dataclass(frozen=True, slots=True)
class TextTest:
    """``left op right`` with op one of ``contains starts_with ends_with matches``.

    For ``matches`` the right side is a Literal, an RE2 pattern, unanchored.
    """

    op: str
    left: Expr
    right: Expr
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Logic:
    """Kleene ``and`` or ``or`` of two or more operands."""

    op: str
    operands: tuple[Expr, ...]
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class Not:
    """Kleene ``not``."""

    operand: Expr
    type: Type = BOOL


@dataclass(frozen=True, slots=True)
class If:
    """``if condition then yes else no``; an unknown condition gives unknown."""

    type: Type
    condition: Expr
    yes: Expr
    no: Expr


@dataclass(frozen=True, slots=True)
class Vary:
    """A parameter with ``vary``: the first case whose text equals the column, else default.

    A null column takes the default.
    """

    type: Type
    column: str
    cases: tuple[tuple[str, Expr], ...]
    default: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """A row function: abs round least greatest is_multiple hour weekday date days_between
    years_between business_day business_days_between lower length coalesce is_null edit_distance
    similarity distance_km.
    """

    type: Type
    function: str
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class This:
    """``this.x`` inside an aggregate: the value at the payment being judged, not at the row."""

    type: Type
    operand: Expr


@dataclass(frozen=True, slots=True)
class GroupValue:
    """``value`` after ``having``: the group's result."""

    type: Type


@dataclass(frozen=True, slots=True)
class Lookup:
    """``lists.NAME[key].column``: an attribute of the pack's list; unknown for an absent key.

    ``as_of`` is the day on which a dated list is asked, None for one that is not dated.
    """

    type: Type
    name: str
    key: Expr
    column: str
    as_of: Expr | None = None


@dataclass(frozen=True, slots=True)
class StepField:
    """``step.x``, ``first(step.x)``, ``last(step.x)``: a field of a row an earlier step took.

    ``edge`` is ``first`` or ``last`` of a repeated step's rows, empty for a single one.
    """

    type: Type
    step: str
    name: str
    edge: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """A measure of a graph pattern's path, such as ``hops`` or ``amount_out``."""

    type: Type
    name: str


Expr = (
    Literal
    | Column
    | FeatureRef
    | Negate
    | Arithmetic
    | Compare
    | Range
    | Member
    | ListMember
    | TextTest
    | Logic
    | Not
    | If
    | Vary
    | Call
    | This
    | GroupValue
    | Lookup
    | StepField
    | Measure
)


class Span(StrEnum):
    """What the length of a window counts."""

    TIME = "time"
    ROWS = "rows"
    PERIODS = "periods"
    ALL = "all"


class Unit(StrEnum):
    """A period of the calendar in the pack's zone; weeks begin on Monday."""

    DAY = "calendar day"
    WEEK = "calendar week"
    MONTH = "calendar month"
    YEAR = "calendar year"
    BUSINESS_DAY = "business day"


@dataclass(frozen=True, slots=True)
class Window:
    """The rows an aggregate looks at, up to the current one.

    ``TIME``: event times in ``(t - ending - length, t - ending]``, microseconds.
    ``ROWS``: the latest ``length`` rows; ``matching`` counts only rows that pass the feature's
    ``where``. ``PERIODS``: the period of ``unit`` that holds this row, up to this row, and the
    ``length - 1`` before it; ``previous``: the ``length`` complete ones before it instead.
    ``ALL``: every row so far. ``excluding_this`` leaves out the current transaction,
    with both its sides; of ROWS it takes the ``length`` rows before it.
    """

    span: Span
    length: int = 0
    ending: int = 0
    matching: bool = False
    excluding_this: bool = False
    unit: Unit | None = None
    previous: bool = False

    @property
    def finite(self) -> bool:
        """Whether old rows leave the window."""
        return self.span is not Span.ALL


@dataclass(frozen=True, slots=True)
class Bucket:
    """How ``per`` groups a window's rows: one of three.

    ``length``: blocks of that many microseconds, counted back from the window's end. ``unit``:
    periods of the calendar, with ``active`` only those that have a row. ``column``: one group per
    value that is not null.
    """

    length: int = 0
    unit: Unit | None = None
    active: bool = False
    column: Column | None = None


@dataclass(frozen=True, slots=True)
class Inner:
    """The aggregate of each group in ``agg(inner per BUCKET having value ...)``."""

    type: Type
    function: str
    arguments: tuple[Expr, ...]
    where: Expr | None
    bucket: Bucket
    having: Expr | None

    @property
    def fills(self) -> bool:
        """Whether blocks and periods without a row count, as 0."""
        every = not self.bucket.active and not self.bucket.column
        return every and self.function in {"count", "sum", "distinct"}


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate over a window of a timeline.

    With ``inner`` it aggregates the groups' results and has no arguments of its own. ``probes``
    stand beside ``keys`` where the timeline is another one (``by KEY = EXPR``): the expression at
    the payment being judged, None where the payment's own key is meant; empty if all are.
    """

    type: Type
    function: str
    arguments: tuple[Expr, ...]
    where: Expr | None
    keys: tuple[str, ...]
    window: Window
    inner: Inner | None = None
    probes: tuple[Expr | None, ...] = ()

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Everything asked of the rows: arguments and ``where``, those of the groups included."""
        group = self.inner
        inner = () if group is None else (*group.arguments, group.where, group.bucket.column)
        return tuple(part for part in (*self.arguments, self.where, *inner) if part is not None)

    @property
    def passes(self) -> Expr | None:
        """What a row must pass to count: of groups both conditions, and a value to group by."""
        if self.inner is None:
            return self.where
        parts = [part for part in (self.where, self.inner.where) if part is not None]
        if self.inner.bucket.column is not None:
            parts.append(Not(Call(BOOL, "is_null", (self.inner.bucket.column,))))
        return Logic("and", tuple(parts)) if len(parts) > 1 else next(iter(parts), None)


@dataclass(frozen=True, slots=True)
class Point:
    """previous time_since_previous time_since_first is_first: a look at one earlier row.

    ``probes`` as of an aggregate.
    """

    type: Type
    function: str
    argument: Expr | None
    where: Expr | None
    keys: tuple[str, ...]
    window: Window | None
    probes: tuple[Expr | None, ...] = ()

    @property
    def expressions(self) -> tuple[Expr, ...]:
        """Everything asked of the rows: argument and ``where``."""
        return tuple(part for part in (self.argument, self.where) if part is not None)

    @property
    def passes(self) -> Expr | None:
        """What a row must pass to count."""
        return self.where


FeatureNode = Aggregate | Point | Expr


def children(node: Expr) -> tuple[Expr, ...]:
    """The direct operands of an expression, left to right."""
    match node:
        case Negate() | Not() | This():
            found: tuple[Expr, ...] = (node.operand,)
        case ListMember(operand=key, as_of=day) | Lookup(key=key, as_of=day):
            found = (key, *_present(day))
        case Arithmetic() | Compare() | TextTest():
            found = (node.left, node.right)
        case Range():
            found = (node.operand, node.low, node.high)
        case Member():
            found = (node.operand, *node.values)
        case Logic():
            found = node.operands
        case If():
            found = (node.condition, node.yes, node.no)
        case Vary():
            found = (*(value for _, value in node.cases), node.default)
        case Call():
            found = node.arguments
        case _:
            found = ()
    return found


def _present(node: Expr | None) -> tuple[Expr, ...]:
    return () if node is None else (node,)


def walk(node: Expr) -> Iterator[Expr]:
    """The node and everything below it, parents first."""
    yield node
    for child in children(node):
        yield from walk(child)


def column_names(node: Expr) -> set[str]:
    """Every column an expression reads at its own row."""
    return required_names(node) | {part.column for part in walk(node) if isinstance(part, Vary)}


def required_names(node: Expr) -> set[str]:
    """The columns an expression cannot do without: a ``vary`` has a default for a missing one."""
    return {part.name for part in walk(node) if isinstance(part, Column)}


def feature_names(node: Expr) -> set[str]:
    """Every feature an expression reads at its own row."""
    return {part.name for part in walk(node) if isinstance(part, FeatureRef)}


def measure_names(node: Expr) -> set[str]:
    """Every measure of a graph pattern's path that an expression reads."""
    return {part.name for part in walk(node) if isinstance(part, Measure)}


def step_fields(node: Expr) -> frozenset[StepField]:
    """Every field of an earlier step that an expression reads."""
    return frozenset(part for part in walk(node) if isinstance(part, StepField))


def is_arithmetic(type_: Type) -> bool:
    """Whether values of the type are stored as scaled integers or floats."""
    return type_.kind in {Kind.MONEY, Kind.NUMBER, Kind.INT, Kind.DURATION}


def rename_features(node: Expr, names: Mapping[str, str]) -> Expr:
    """The same expression with every feature it reads under another name."""

    def renamed(part: Expr) -> Expr | None:
        if isinstance(part, FeatureRef):
            return replace(part, name=names[part.name])
        if isinstance(part, StepField):
            return replace(part, name=names.get(part.name, part.name))
        return None

    return replaced(node, renamed)


def replaced(node: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """The same expression with the parts for which ``change`` gives another put in."""
    other = change(node)
    if other is not None:
        return other
    changed: dict[str, Any] = {
        item.name: _replaced(getattr(node, item.name), change)
        for item in fields(node)
        if item.name not in {"type", "op", "name", "function", "column"}
    }
    return replace(node, **changed)


def _replaced(value: Any, change: Callable[[Expr], Expr | None]) -> Any:
    if isinstance(value, tuple):
        return tuple(_replaced(part, change) for part in value)
    kept = value is None or isinstance(value, str | bool | int)
    return value if kept else replaced(value, change)


def replace_parts(node: Expr, parts: Mapping[Any, Expr]) -> Expr:
    """The same expression with other nodes in the places of some of its parts."""
    return replaced(node, parts.get)
