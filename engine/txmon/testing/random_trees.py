"""Random typed expressions and features out of small alphabets, so that values really collide."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

from txmon.language.algebra import raised_bits
from txmon.language.lists import EVENT_DAY
from txmon.language.nodes import (
    Compare,
    ListMember,
    Literal,
    Lookup,
    Member,
    Negate,
    Not,
    Range,
    TextTest,
    is_arithmetic,
)
from txmon.schema import ALERT_COLUMNS, Schema
from txmon.testing import trees
from txmon.testing.random_lists import ATTRIBUTES, LIST_KEYS, LISTS, MARCH
from txmon.types import (
    BOOL,
    DATE,
    EXACT_BITS,
    INT,
    SEVERITY,
    TIME,
    Kind,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from txmon.language.nodes import Expr, FeatureNode

    Operator: TypeAlias = "Callable[[Maker, int], Expr]"

T = TypeVar("T")

COLUMNS: Mapping[str, Type] = {
    "risk": Type(Kind.NUMBER, 2),
    "tries": INT,
    "flag": BOOL,
    "opened": DATE,
    "seen_at": TIME,
    "debtor_tier": INT,
    "creditor_tier": INT,
}
"""Columns that the random packs declare beside the standard ones."""

SCHEMA = Schema.with_columns(COLUMNS)
ALERT_SCHEMA = Schema.with_columns({**COLUMNS, **ALERT_COLUMNS})
ACCOUNTS = ("A", "B", "C")
DEVICES = ("d1", "d2")
KINDS = ("transfer", "card", "login")
SEGMENTS = ("gold", "Straße")
TEXTS = (*ACCOUNTS, *DEVICES, *KINDS, *SEGMENTS, "out", "r0", "test.a")
WHOLE_COLUMNS = (
    *("amount", "amount", "debtor_balance", "kind", "debtor_account", "creditor_account"),
    *("device_id", "debtor_segment", "event_time", *COLUMNS),
)
SIDED_COLUMNS = (
    *("direction", "direction", "account", "counterparty", "own_segment", "counterparty_segment"),
    *("own_balance", "counterparty_tier", "own_tier"),
)
OF_ALERTS = (
    "severity",
    "score",
    "score",
    "level",
    "rule_id",
    "typology",
    "subject",
    "subject_kind",
)
WHOLE_KEYS = (
    ("debtor_account",),
    ("creditor_account",),
    ("debtor_account", "creditor_account"),
    ("device_id",),
    ("tries",),
)
SIDED_KEYS = (
    ("account",),
    ("account", "counterparty"),
    ("counterparty",),
    ("account", "direction"),
    ("own_segment",),
)
MONEYS = ("0", "-100", "100", "500", "1000", "999.995")
NUMBERS = ("0", "0.5", "1", "0.8", "-2", "100", "3.333")
COORDINATES = ("52.516275", "-33.9", "0", "90", "-90.000001", "151.2")
INTEGERS = (0, 1, 2, 3, -1)
SPANS = ("1h", "24h", "7d")
COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")
ORDERED = (Kind.MONEY, Kind.NUMBER, Kind.INT, Kind.DURATION, Kind.TIME, Kind.DATE)
SUMMABLE = (Kind.MONEY, Kind.NUMBER, Kind.INT, Kind.DURATION)
KINDS_OF_VALUE = (*ORDERED, Kind.TEXT, Kind.BOOL)
DAY = trees.span("24h")


class Chooser(Protocol):
    """Where the choices come from: Hypothesis, or a seeded generator."""

    def pick(self, options: Sequence[T]) -> T:
        """One of the options; the first is the plainest."""


@dataclass(frozen=True)
class Maker:
    """Makes expressions over whole payments or sided rows, out of columns and earlier features.

    Without ``spelling`` no expression depends on how a text is spelt, without ``clock`` none on
    what a clock or calendar shows: so names can be changed, and times shifted. With ``alerts`` they
    are over alerts. ``asks`` makes what ``this`` may read, inside an aggregate.
    """

    chooser: Chooser
    sided: bool
    spelling: bool = True
    clock: bool = True
    alerts: bool = False
    features: Mapping[str, FeatureNode] = field(default_factory=dict)
    sided_features: frozenset[str] = frozenset()
    asks: Maker | None = None

    @property
    def ordered(self) -> tuple[Kind, ...]:
        """The kinds that have an order."""
        return (*ORDERED, Kind.SEVERITY) if self.alerts else ORDERED

    def over_whole(self) -> Maker:
        """The same names where a side may not be read."""
        features = {k: v for k, v in self.features.items() if k not in self.sided_features}
        return replace(self, sided=False, features=features)

    def pick(self, *options: T) -> T:
        """One of the options."""
        return self.chooser.pick(options)

    def expr(self, kind: Kind, depth: int = 2) -> Expr:
        """An expression of a kind, at most ``depth`` operators deep."""
        if depth == 0 or self.pick(False, False, True):
            return self.leaf(kind)
        try:
            node = self.chooser.pick(self.operators(kind))(self, depth - 1)
        except ValueError:  # the language refuses this combination: too wide, or types apart
            return self.leaf(kind)
        return node if sound(node) else self.leaf(kind)

    def operators(self, kind: Kind) -> Sequence[Operator]:
        """What may make an expression of a kind."""
        banned = (() if self.spelling else SPELLING) + (() if self.clock else CLOCK)
        return [operator for operator in OPERATORS[kind] if operator not in banned]

    def leaf(self, kind: Kind) -> Expr:
        """A column, a feature or a constant of a kind."""
        if self.asks is not None and self.pick(False, True):
            return trees.this(self.asks.leaf(kind))
        names = (*WHOLE_COLUMNS, *(SIDED_COLUMNS if self.sided else ()))
        names += OF_ALERTS if self.alerts else ()
        columns = [trees.column(name, ALERT_SCHEMA) for name in names]
        named = [column for column in columns if column.type.kind is kind]
        constant = [] if self.secret(kind) else [self.constant(kind)]
        return self.chooser.pick([*self.read(kind), *named, *named, *constant, *self.read(kind)])

    def read(self, *kinds: Kind) -> list[Expr]:
        """The features of some kinds."""
        return [
            trees.ref(name, self.features)
            for name, feature in self.features.items()
            if feature.type.kind in kinds
        ]

    def secret(self, kind: Kind) -> bool:
        """Whether no constant of a kind may be named."""
        spelt, timed = kind is Kind.TEXT, kind is Kind.TIME
        return (spelt and not self.spelling) or (timed and not self.clock)

    def constant(self, kind: Kind) -> Literal:
        """A constant of a kind."""
        match kind:
            case Kind.MONEY:
                return trees.money(self.chooser.pick(MONEYS))
            case Kind.NUMBER:
                return trees.number(self.chooser.pick(NUMBERS))
            case Kind.INT:
                return trees.integer(self.chooser.pick(INTEGERS))
            case Kind.DURATION:
                return trees.duration(self.chooser.pick(SPANS))
            case Kind.TEXT:
                return trees.text(self.chooser.pick(TEXTS))
            case _:
                return _plain_constant(self, kind)

    def narrow(self, kind: Kind, *, exact: bool) -> Expr:
        """An expression that an aggregate may take: of at most 63 bits, exact if so asked."""
        node = self.leaf(kind) if self.pick(True, False) else self.expr(kind)
        if not is_arithmetic(node.type) or not (node.type.wide or (exact and not node.type.exact)):
            return node
        if kind is Kind.INT:
            return self.constant(kind)
        decimals = 0 if kind is Kind.DURATION else self.pick(0, 2)
        return trees.call("round", node, trees.integer(decimals))


def _plain_constant(maker: Maker, kind: Kind) -> Literal:
    if kind is Kind.BOOL:
        return trees.boolean(maker.pick(True, False))
    if kind is Kind.SEVERITY:
        return Literal(SEVERITY, maker.pick(3, 1, 4))
    value = maker.pick(0, 1, 365) + MARCH
    return Literal(DATE, value) if kind is Kind.DATE else Literal(TIME, value * DAY)


def sound(node: Expr) -> bool:
    """Whether the language would take a node built of sound ones: nothing is too wide."""
    if node.type.exact and node.type.bits > EXACT_BITS:
        return False
    match node:
        case Compare(left=left, right=right):
            return _comparable(left, right)
        case Range(operand=operand, low=low, high=high):
            return _comparable(operand, low, high)
        case _:
            return True


def _comparable(*nodes: Expr) -> bool:
    types = [node.type for node in nodes]
    if not all(is_arithmetic(type_) and type_.exact for type_ in types):
        return True
    scale = max(type_.scale for type_ in types)
    return all(raised_bits(type_, scale) <= EXACT_BITS for type_ in types)


def _compare(maker: Maker, depth: int) -> Expr:
    kind = maker.pick(*maker.ordered, Kind.TEXT, Kind.BOOL)
    op = maker.chooser.pick(COMPARISONS if kind in maker.ordered else ("==", "!="))
    return trees.compare(maker.expr(kind, depth), op, maker.expr(_beside(maker, kind), depth))


def _beside(maker: Maker, kind: Kind) -> Kind:
    """A kind that meets another: int meets number."""
    return maker.pick(Kind.NUMBER, Kind.INT) if kind in {Kind.NUMBER, Kind.INT} else kind


def _range(maker: Maker, depth: int) -> Expr:
    kind = maker.chooser.pick(maker.ordered)
    low, high = (maker.expr(_beside(maker, kind), depth) for _ in range(2))
    low_open, high_open = (maker.pick(False, True) for _ in range(2))
    return Range(maker.expr(kind, depth), low, high, low_open, high_open)


def _member(maker: Maker, depth: int) -> Expr:
    kind = maker.chooser.pick(SUMMABLE)
    values = tuple(maker.constant(kind) for _ in range(maker.pick(1, 2)))
    operand = maker.expr(kind, depth)
    return Member(operand if _comparable(operand, *values) else maker.leaf(kind), values)


def _text_member(maker: Maker, depth: int) -> Expr:
    values = tuple(maker.constant(Kind.TEXT) for _ in range(maker.pick(1, 2)))
    return Member(maker.expr(Kind.TEXT, depth), values)


def _list_member(maker: Maker, depth: int) -> Expr:
    name, key, as_of = _asked(maker, depth)
    return ListMember(key, name, as_of=as_of)


def _asked(maker: Maker, depth: int) -> tuple[str, Expr, Expr | None]:
    """A list, what is looked for in it, and the day on which a dated one is asked."""
    name = maker.chooser.pick([name for name in LISTS if maker.clock or LISTS[name].since is None])
    kind = LIST_KEYS[name]
    key = maker.expr(kind, depth)
    return (
        name,
        key if key.type.exact else maker.constant(kind),
        None if LISTS[name].since is None else EVENT_DAY,
    )


def _lookup(kind: Kind) -> Operator:
    """A maker of an attribute of a list."""

    def look_up(maker: Maker, depth: int) -> Expr:
        name, key, as_of = _asked(maker, depth)
        column = ATTRIBUTES[kind]
        return Lookup(LISTS[name].columns[column], name, key, column, as_of)

    return look_up


def _text_test(maker: Maker, depth: int) -> Expr:
    op = maker.pick("contains", "starts_with", "ends_with", "matches")
    left = maker.expr(Kind.TEXT, depth)
    if op == "matches":
        return TextTest(op, left, trees.text(maker.pick("^A", "[sß]", "[dg]", "a.*d", "1|B")))
    return TextTest(op, left, maker.expr(Kind.TEXT, depth))


def _logic(maker: Maker, depth: int) -> Expr:
    combine = maker.pick(trees.both, trees.either)
    return combine(*(maker.expr(Kind.BOOL, depth) for _ in range(maker.pick(2, 3))))


def _is_null(maker: Maker, depth: int) -> Expr:
    return trees.call("is_null", maker.expr(maker.chooser.pick(KINDS_OF_VALUE), depth))


def _is_multiple(maker: Maker, depth: int) -> Expr:
    kind = maker.pick(Kind.MONEY, Kind.NUMBER, Kind.INT)
    left, right = maker.expr(kind, depth), maker.constant(kind)
    if not (left.type.exact and _comparable(left, right)):
        left = maker.constant(kind)
    return trees.call("is_multiple", left, right)


def _weekend(maker: Maker, depth: int) -> Expr:
    days = trees.integer(6), trees.integer(7)
    return Member(trees.call("weekday", maker.expr(Kind.TIME, depth)), days)


def _shift(maker: Maker, depth: int) -> Expr:
    """A time moved by a duration."""
    op = maker.pick("+", "-")
    return trees.arithmetic(maker.expr(Kind.TIME, depth), op, maker.constant(Kind.DURATION))


def _binary(left: Kind, ops: str, right: Kind) -> Operator:
    """A maker of ``left op right``."""

    def make(maker: Maker, depth: int) -> Expr:
        op = maker.chooser.pick(ops)
        return trees.arithmetic(maker.expr(left, depth), op, maker.expr(right, depth))

    return make


def _call(function: str, *kinds: Kind) -> Operator:
    """A maker of a row function of arguments of these kinds."""

    def make(maker: Maker, depth: int) -> Expr:
        return trees.call(function, *(maker.expr(kind, depth) for kind in kinds))

    return make


def _distance(maker: Maker, depth: int) -> Expr:
    """The distance of two places, some of them nowhere on earth."""
    coordinates = [trees.number(maker.chooser.pick(COORDINATES)) for _ in range(3)]
    return trees.call("distance_km", maker.expr(Kind.NUMBER, depth), *coordinates)


def _round(kind: Kind) -> Operator:
    def make(maker: Maker, depth: int) -> Expr:
        decimals = 0 if kind is Kind.DURATION else maker.pick(2, 0, 1, 3)
        return trees.call("round", maker.expr(kind, depth), trees.integer(decimals))

    return make


def _choices(kind: Kind) -> tuple[Operator, ...]:
    """Makers of what every kind has."""

    def choose(maker: Maker, depth: int) -> Expr:
        condition = maker.expr(Kind.BOOL, depth)
        return trees.choose(condition, maker.expr(kind, depth), maker.expr(kind, depth))

    return choose, _call("coalesce", kind, kind)


def _measures(kind: Kind) -> tuple[Operator, ...]:
    """Makers of what every arithmetic kind has."""

    def negate(maker: Maker, depth: int) -> Expr:
        operand = maker.expr(kind, depth)
        return Negate(operand.type, operand)

    calls = (_call("abs", kind), _call("least", kind, kind), _call("greatest", kind, kind))
    return (_binary(kind, "+-", kind), negate, *calls, _vary(kind), *_choices(kind))


def _vary(kind: Kind) -> Operator:
    def vary(maker: Maker, _: int) -> Expr:
        name = maker.pick("debtor_segment", *(("own_segment",) if maker.sided else ()))
        cases = {"gold": maker.constant(kind), "none": maker.constant(kind)}
        return trees.vary(name, cases, maker.constant(kind))

    return vary


HOUR, WEEKDAY = _call("hour", Kind.TIME), _call("weekday", Kind.TIME)
DATE_OF, BUSINESS_DAY = _call("date", Kind.TIME), _call("business_day", Kind.TIME)
LENGTH, LOWER = _call("length", Kind.TEXT), _call("lower", Kind.TEXT)
EDITS = _call("edit_distance", Kind.TEXT, Kind.TEXT)
SIMILARITY = _call("similarity", Kind.TEXT, Kind.TEXT)
VARY_TEXT = _vary(Kind.TEXT)
LOOKUPS: Mapping[Kind, Operator] = {kind: _lookup(kind) for kind in ATTRIBUTES}

OPERATORS: Mapping[Kind, tuple[Operator, ...]] = {
    Kind.MONEY: (
        LOOKUPS[Kind.MONEY],
        *_measures(Kind.MONEY),
        _round(Kind.MONEY),
        _binary(Kind.MONEY, "*/", Kind.NUMBER),
        _binary(Kind.NUMBER, "*", Kind.MONEY),
        _binary(Kind.MONEY, "/", Kind.INT),
    ),
    Kind.NUMBER: (
        LOOKUPS[Kind.NUMBER],
        *_measures(Kind.NUMBER),
        _round(Kind.NUMBER),
        _binary(Kind.NUMBER, "*/", Kind.NUMBER),
        _binary(Kind.INT, "+-/", Kind.NUMBER),
        _binary(Kind.INT, "/", Kind.INT),
        _binary(Kind.MONEY, "/", Kind.MONEY),
        _binary(Kind.DURATION, "/", Kind.DURATION),
        *(SIMILARITY, _distance),
    ),
    Kind.INT: (
        *_measures(Kind.INT),
        _binary(Kind.INT, "*", Kind.INT),
        *(HOUR, WEEKDAY, LENGTH, LOOKUPS[Kind.INT]),
        _call("days_between", Kind.DATE, Kind.DATE),
        _call("years_between", Kind.DATE, Kind.DATE),
        EDITS,
        _call("business_days_between", Kind.DATE, Kind.DATE),
    ),
    Kind.DURATION: (
        LOOKUPS[Kind.DURATION],
        *_measures(Kind.DURATION),
        _round(Kind.DURATION),
        _binary(Kind.TIME, "-", Kind.TIME),
        _binary(Kind.DURATION, "*/", Kind.NUMBER),
        _binary(Kind.NUMBER, "*", Kind.DURATION),
    ),
    Kind.TIME: (_shift, *_choices(Kind.TIME)),
    Kind.DATE: (DATE_OF, BUSINESS_DAY, LOOKUPS[Kind.DATE], _vary(Kind.DATE), *_choices(Kind.DATE)),
    Kind.SEVERITY: _choices(Kind.SEVERITY),
    Kind.TEXT: (LOWER, LOOKUPS[Kind.TEXT], VARY_TEXT, *_choices(Kind.TEXT)),
    Kind.BOOL: (
        LOOKUPS[Kind.BOOL],
        *(_compare, _compare, _compare, _logic, _range, _member, _text_member, _list_member),
        *(_text_test, _weekend, _is_null, _is_multiple, _vary(Kind.BOOL), *_choices(Kind.BOOL)),
        lambda maker, depth: Not(maker.expr(Kind.BOOL, depth)),
    ),
}
"""Kind -> makers of an operator whose result is of that kind."""

SPELLING = (
    LENGTH,
    LOWER,
    VARY_TEXT,
    _text_member,
    _list_member,
    _text_test,
    EDITS,
    SIMILARITY,
    *LOOKUPS.values(),
)
"""Makers of what depends on how a text is spelt."""

CLOCK = (HOUR, WEEKDAY, DATE_OF, BUSINESS_DAY, _weekend)
"""Makers of what depends on what a clock or calendar shows."""
