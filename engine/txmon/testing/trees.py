"""Typed trees by hand: expressions, features, rules and packs with the types a checked text has."""

from __future__ import annotations

from decimal import Decimal
from itertools import cycle, islice
from typing import TYPE_CHECKING

from txmon.language import algebra, separate
from txmon.language.aggregate_kinds import FIXED
from txmon.language.calls import SIMPLE
from txmon.language.checked import Clause, Level, Pack, Rule, Severity
from txmon.language.nodes import (
    Aggregate,
    Arithmetic,
    Bucket,
    Call,
    Column,
    Compare,
    FeatureRef,
    GroupValue,
    If,
    Inner,
    Literal,
    Logic,
    Point,
    Span,
    Unit,
    Vary,
    Window,
    is_arithmetic,
)
from txmon.schema import Schema, is_sided
from txmon.testing.factories import moment
from txmon.types import (
    BOOL,
    DURATION,
    MONEY_SCALE,
    TEXT,
    Kind,
    Type,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.language.checked import ExceptionEntry, ListTable, Suppress
    from txmon.language.nodes import Expr, FeatureNode

STANDARD = Schema.with_columns({})


def money(text: str | int) -> Literal:
    """An amount of money, ``money("10.50")``."""
    return _decimal(Kind.MONEY, text, MONEY_SCALE)


def number(text: str) -> Literal:
    """A number, ``number("0.8")``."""
    return _decimal(Kind.NUMBER, text, 0)


def integer(value: int) -> Literal:
    """A whole number."""
    return _decimal(Kind.INT, value, 0)


def _decimal(kind: Kind, text: str | int, least_scale: int) -> Literal:
    exponent = Decimal(text).as_tuple().exponent
    scale = max(least_scale, -int(exponent))
    value = int(Decimal(text).scaleb(scale))
    return Literal(Type(kind, scale, value.bit_length()), value)


def duration(text: str) -> Literal:
    """A duration, ``duration("24h")``."""
    value = span(text)
    return Literal(Type(Kind.DURATION, bits=value.bit_length()), value)


def span(text: str) -> int:
    """A duration in microseconds."""
    since = moment(f"+{text}") - moment("+0h")
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def text(value: str) -> Literal:
    """A text."""
    return Literal(TEXT, value)


def boolean(value: bool) -> Literal:  # noqa: FBT001 - the value is the whole argument
    """True or false."""
    return Literal(BOOL, value)


def column(name: str, schema: Schema = STANDARD) -> Column:
    """A column of the row, sided names included."""
    return Column({**schema.sided(), **schema.columns}[name], name)


def ref(name: str, features: Mapping[str, FeatureNode]) -> FeatureRef:
    """The value of a feature."""
    return FeatureRef(features[name].type, name)


def compare(left: Expr, op: str, right: Expr) -> Compare:
    """A comparison."""
    return Compare(op, left, right)


def both(*operands: Expr) -> Logic:
    """All are true."""
    return Logic("and", operands)


def either(*operands: Expr) -> Logic:
    """One is true."""
    return Logic("or", operands)


def arithmetic(left: Expr, op: str, right: Expr) -> Arithmetic:
    """``left op right`` with the type of the result.

    Raises:
        ValueError: the language refuses this operator between these types.
    """
    type_ = _arithmetic_type(left.type, op, right.type)
    if type_ is None:
        raise ValueError(f"{left.type} {op} {right.type}")
    return Arithmetic(type_, op, left, right)


def _arithmetic_type(left: Type, op: str, right: Type) -> Type | None:
    if op in "+-":
        return _sum_type(left, op, right)
    kinds = (algebra.plain(left.kind), algebra.plain(right.kind))
    if op == "/":
        quotient = algebra.QUOTIENTS.get(kinds)
        return None if quotient is None else algebra.inexact(quotient)
    both_int = left.kind is right.kind is Kind.INT
    kind = Kind.INT if both_int else algebra.PRODUCTS.get(kinds)
    return None if kind is None else algebra.product(left, right, kind)


def _sum_type(left: Type, op: str, right: Type) -> Type | None:
    if left.kind is Kind.TIME:
        if right.kind is Kind.TIME:
            return DURATION if op == "-" else None
        return algebra.moment_shift(left, right) if right.kind is Kind.DURATION else None
    same = algebra.plain(left.kind) is algebra.plain(right.kind)
    return algebra.additive(left, right) if same and is_arithmetic(left) else None


def unified(*types: Type) -> Type:
    """The one type of several branches.

    Raises:
        ValueError: the branches have no type in common.
    """
    type_ = algebra.joined(types)
    if type_ is None or len({algebra.plain(one.kind) for one in types}) > 1:
        raise ValueError(types)
    return type_


def choose(condition: Expr, yes: Expr, no: Expr) -> If:
    """``if condition then yes else no``."""
    return If(unified(yes.type, no.type), condition, yes, no)


def vary(name: str, cases: Mapping[str, Expr], default: Expr) -> Vary:
    """A parameter that varies by a column."""
    type_ = unified(default.type, *(value.type for value in cases.values()))
    return Vary(type_, name, tuple(cases.items()), default)


def call(function: str, *arguments: Expr) -> Call:
    """A row function with the type of its result."""
    return Call(_call_type(function, arguments), function, arguments)


def _call_type(function: str, arguments: Sequence[Expr]) -> Type:
    if function in SIMPLE:
        return SIMPLE[function][1]
    if function in {"is_multiple", "is_null"}:
        return BOOL
    first = arguments[0].type
    if function == "round" and isinstance(arguments[1], Literal):
        return algebra.rounded(first, int(arguments[1].value))
    return first if function == "abs" else unified(*(one.type for one in arguments))


def over(length: str, ending: str = "0h", *, excluding_this: bool = False) -> Window:
    """A window of time, ``over("24h", ending="1d")``."""
    return Window(Span.TIME, span(length), span(ending), excluding_this=excluding_this)


def last(length: int, *, matching: bool = False, excluding_this: bool = False) -> Window:
    """The latest rows."""
    return Window(Span.ROWS, length, matching=matching, excluding_this=excluding_this)


def periods(
    length: int, unit: Unit, *, previous: bool = False, excluding_this: bool = False
) -> Window:
    """A window of periods of the calendar."""
    return Window(Span.PERIODS, length, excluding_this=excluding_this, unit=unit, previous=previous)


ALL_TIME = Window(Span.ALL)


def aggregate(
    function: str,
    *arguments: Expr,
    by: Sequence[str],
    window: Window,
    where: Expr | None = None,
    probes: Sequence[Expr | None] = (),
) -> Aggregate:
    """An aggregate with the type of its result."""
    type_ = _aggregate_type(function, arguments)
    return Aggregate(type_, function, arguments, where, tuple(by), window, probes=tuple(probes))


def this(node: Expr) -> Expr:
    """A value of the payment being judged, inside an aggregate."""
    return separate.judged(node)


def groups(function: str, inner: Inner, *, by: Sequence[str], window: Window) -> Aggregate:
    """An aggregate of groups with the type of its result."""
    type_ = _aggregate_type(function, (GroupValue(inner.type),))
    return Aggregate(type_, function, (), None, tuple(by), window, inner)


def inner(
    function: str, *arguments: Expr, bucket: Bucket, where: Expr | None, having: Expr | None
) -> Inner:
    """An aggregate of each group with the type of its result."""
    type_ = _aggregate_type(function, arguments)
    return Inner(type_, function, arguments, where, bucket, having)


def _aggregate_type(function: str, arguments: Sequence[Expr]) -> Type:
    if function in FIXED:
        return FIXED[function]
    type_ = arguments[0].type
    if function == "sum":
        return Type(type_.kind, type_.scale)
    if function in {"mean", "std", "median"}:
        return algebra.averaged(type_)
    return type_


def point(
    function: str,
    argument: Expr | None = None,
    *,
    by: Sequence[str],
    where: Expr | None = None,
    window: Window | None = None,
    probes: Sequence[Expr | None] = (),
) -> Point:
    """A point with the type of its result."""
    type_ = DURATION
    if function == "previous" and argument is not None:
        type_ = argument.type
    if function == "is_first":
        type_ = BOOL
    return Point(type_, function, argument, where, tuple(by), window, tuple(probes))


def clauses(node: Expr) -> tuple[Clause, ...]:
    """The leaves of a condition."""
    if isinstance(node, Logic):
        return tuple(clause for operand in node.operands for clause in clauses(operand))
    return (Clause("", node),)


def rule(
    *whens: Expr,
    by: Sequence[str] = (),
    features: Mapping[str, FeatureNode] | None = None,
    where: Expr | None = None,
    events: Sequence[str] = (),
    needs: Expr | None = None,
    suppress: Suppress | None = None,
    subject: str | None = None,
    id_: str = "r1",
    schema: Schema = STANDARD,
    typology: str = "test.rule",
    status: str = "stable",
    sources: Sequence[str] = (),
    graded: Sequence[tuple[Severity, int | None]] = ((Severity.HIGH, None),),
    exceptable: Sequence[str] = (),
    unreversed: bool = False,
) -> Rule:
    """A rule; several conditions are its levels, highest first, ``graded`` in turn by severity and
    score. With ``sources`` it is over the alerts of these rules.
    """
    grades = islice(cycle(graded), len(whens))
    levels = tuple(
        Level(position, when, clauses(when), severity, score, None)
        for position, (when, (severity, score)) in enumerate(zip(whens, grades, strict=True))
    )
    return Rule(
        id=id_,
        version="1.0.0",
        title="A rule",
        typology=typology,
        severity=Severity.HIGH,
        status=status,
        by=tuple(by),
        sided=any(is_sided(name, schema) for name in by),
        where=where,
        events=tuple(events),
        features=features or {},
        needs=needs,
        levels=levels,
        subject=subject or (by[0] if by else "debtor_account"),
        suppress=suppress,
        exceptable=tuple(exceptable),
        sources=tuple(sorted(sources)),
        unreversed=unreversed,
    )


def pack(
    *rules: Rule,
    schema: Schema = STANDARD,
    timezone: str = "UTC",
    lists: Mapping[str, ListTable] | None = None,
    exceptions: Sequence[ExceptionEntry] = (),
    holidays: frozenset[int] = frozenset(),
) -> Pack:
    """A pack of these rules, in order of their ids."""
    return Pack(
        name="test",
        version="1.0.0",
        currency="CNY",
        timezone=timezone,
        columns=schema.columns,
        values={},
        rules=tuple(sorted(rules, key=lambda one: one.id)),
        lists=lists or {},
        rates=(),
        content_hash="",
        exceptions=tuple(exceptions),
        holidays=holidays,
    )
