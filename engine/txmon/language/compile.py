"""Typed nodes -> Polars expressions over a frame of stored columns and feature values.

The frame holds every column and feature by its name: times and durations as Int64 microseconds,
dates as Int64 days, exact values as Int64 (Int128 where wide), inexact ones as Float64, texts as
Categorical or String. A null is an unknown.
"""

from __future__ import annotations

from functools import partial, reduce
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.language import functions
from txmon.language.calendar import Calendar
from txmon.language.lookup import as_key, places
from txmon.language.nodes import (
    Arithmetic,
    Call,
    Column,
    Compare,
    Expr,
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
    Vary,
    is_arithmetic,
    walk,
)
from txmon.language.numbers import as_type, divide, finite, operands
from txmon.types import Kind, Type

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from txmon.language.checked import ListTable

    Measured = Callable[[Sequence[pl.Series]], pl.Series]

_COMPARISONS = {
    "==": pl.Expr.eq,
    "!=": pl.Expr.ne,
    "<": pl.Expr.lt,
    "<=": pl.Expr.le,
    ">": pl.Expr.gt,
    ">=": pl.Expr.ge,
}


READ = (Column, FeatureRef, Vary, GroupValue, Measure, StepField)
"""Nodes whose value depends on the row."""

GROUP_VALUE = "value"
"""The column that holds the groups' results for what stands after ``having``."""


class Compiler:
    """Turns typed nodes into Polars expressions for one pack's zone, lists and holidays.

    ``measured`` are the row functions that are kernels, by name: of columns as ``_call`` gives
    them (texts, or floats), to the column of results.
    """

    def __init__(
        self,
        zone: str,
        lists: Mapping[str, ListTable],
        holidays: frozenset[int] = frozenset(),
        *,
        measured: Mapping[str, Measured],
    ) -> None:
        self._calendar = Calendar(zone, holidays)
        self._lists = lists
        self._measured = measured

    def expression(self, node: Expr) -> pl.Expr:
        """The Polars expression of a node; its value has the node's static type."""
        compiled = self._compiled(node)
        if isinstance(node, Literal) or any(isinstance(part, READ) for part in walk(node)):
            return compiled
        value = pl.select(compiled).to_series()
        return pl.lit(value.item(), dtype=value.dtype)

    def _compiled(self, node: Expr) -> pl.Expr:
        handler: Any = getattr(self, f"_{type(node).__name__.lower()}")
        compiled: pl.Expr = handler(node)
        return compiled

    def as_type(self, node: Expr, type_: Type) -> pl.Expr:
        """The expression of a node, raised to another scale or made inexact."""
        return as_type(self.expression(node), node.type, type_)

    def _literal(self, node: Literal) -> pl.Expr:
        if node.type.kind in {Kind.TEXT, Kind.BOOL}:
            return pl.lit(node.value)
        return pl.lit(node.value, dtype=pl.Int128 if node.type.wide else pl.Int64)

    def _column(self, node: Column) -> pl.Expr:
        return pl.col(node.name)

    def _featureref(self, node: FeatureRef) -> pl.Expr:
        return pl.col(node.name)

    def _measure(self, node: Measure) -> pl.Expr:
        return pl.col(measure_column(node.name))

    def _stepfield(self, node: StepField) -> pl.Expr:
        return pl.col(step_column(node))

    def _groupvalue(self, _: GroupValue) -> pl.Expr:
        return pl.col(GROUP_VALUE)

    def _negate(self, node: Negate) -> pl.Expr:
        return 0 - self.as_type(node.operand, node.type)  # Int128 has no negation of its own

    def _arithmetic(self, node: Arithmetic) -> pl.Expr:
        if node.op == "/":
            return self._division(node)
        if not node.type.exact:
            floats = (self._as_float(side) for side in (node.left, node.right))
            return finite(_apply(node.op, *floats))
        if node.op == "*":
            wide = pl.Int128 if node.type.wide else pl.Int64
            left, right = (self.expression(side).cast(wide) for side in (node.left, node.right))
            return left * right
        common = Type(node.left.type.kind, node.type.scale, node.type.bits)
        return _apply(node.op, self.as_type(node.left, common), self.as_type(node.right, common))

    def _division(self, node: Arithmetic) -> pl.Expr:
        left, right = self._as_float(node.left), self._as_float(node.right)
        return finite(pl.when(right != 0).then(divide(left, right)))

    def _as_float(self, node: Expr) -> pl.Expr:
        return self.as_type(node, Type(node.type.kind, exact=False))

    def _compare(self, node: Compare) -> pl.Expr:
        left, right = self._comparable(node.left, node.right)
        return _COMPARISONS[node.op](left, right)

    def _comparable(self, left: Expr, right: Expr) -> tuple[pl.Expr, pl.Expr]:
        if is_arithmetic(left.type) or left.type.kind is Kind.TIME:
            return operands(self.expression(left), left.type, self.expression(right), right.type)
        if left.type.kind is Kind.TEXT and not _plain(left, right):
            return self._text(left), self._text(right)
        return self.expression(left), self.expression(right)

    def _text(self, node: Expr) -> pl.Expr:
        return self.expression(node).cast(pl.String)

    def _range(self, node: Range) -> pl.Expr:
        low = Compare("<" if node.low_open else "<=", node.low, node.operand)
        high = Compare("<" if node.high_open else "<=", node.operand, node.high)
        return _strict("and", [self._compare(low), self._compare(high)])

    def _member(self, node: Member) -> pl.Expr:
        tests = [self._compare(Compare("==", node.operand, value)) for value in node.values]
        return _strict("or", tests)

    def _listmember(self, node: ListMember) -> pl.Expr:
        found = self._place(self._lists[node.name], node.operand, node.as_of)
        return pl.when(self.expression(node.operand).is_not_null()).then(found.is_not_null())

    def _lookup(self, node: Lookup) -> pl.Expr:
        table = self._lists[node.name]
        values = table.attributes[node.column]
        place = self._place(table, node.key, node.as_of)
        return place.map_batches(values.gather, return_dtype=values.dtype)

    def _place(self, table: ListTable, operand: Expr, as_of: Expr | None) -> pl.Expr:
        """The row of a list that holds a value as its key on a day; null if there is none."""
        key = as_key(self.expression(operand), operand.type, table.key)
        day = [] if as_of is None else [self.expression(as_of)]
        return pl.map_batches([key, *day], partial(places, table), return_dtype=pl.Int64)

    def _texttest(self, node: TextTest) -> pl.Expr:
        left = self._text(node.left)
        if node.op == "matches":
            return left.str.contains(str(node.right.value), literal=False)  # type: ignore[union-attr]
        right = self._text(node.right)
        if node.op == "contains":
            return left.str.contains(right, literal=True)
        return (
            left.str.starts_with(right) if node.op == "starts_with" else left.str.ends_with(right)
        )

    def _logic(self, node: Logic) -> pl.Expr:
        return _kleene(node.op, [self.expression(operand) for operand in node.operands])

    def _not(self, node: Not) -> pl.Expr:
        return ~self.expression(node.operand)

    def _if(self, node: If) -> pl.Expr:
        condition = self.expression(node.condition)
        yes, no = self._branch(node.yes, node.type), self._branch(node.no, node.type)
        return pl.when(condition).then(yes).when(condition.is_not_null()).then(no)

    def _vary(self, node: Vary) -> pl.Expr:
        value = self._branch(node.default, node.type)
        for text, case in reversed(node.cases):
            chosen = self._branch(case, node.type)
            value = pl.when(pl.col(node.column) == text).then(chosen).otherwise(value)
        return value

    def _branch(self, node: Expr, type_: Type) -> pl.Expr:
        if is_arithmetic(type_):
            return self.as_type(node, type_)
        return self._text(node) if type_.kind is Kind.TEXT else self.expression(node)

    def _call(self, node: Call) -> pl.Expr:
        if node.function in self._measured:
            return self._by_kernel(node)
        arguments = [
            self._branch(argument, node.type)
            if node.function in functions.SAME_TYPED
            else self.expression(argument)
            for argument in node.arguments
        ]
        return functions.call(node, arguments, self._calendar)

    def _by_kernel(self, node: Call) -> pl.Expr:
        """A row function that a kernel computes: it takes texts, or floats."""
        arguments = [
            self._text(part) if part.type.kind is Kind.TEXT else self._as_float(part)
            for part in node.arguments
        ]
        dtype = pl.Int64 if node.type.exact else pl.Float64
        return pl.map_batches(arguments, self._measured[node.function], return_dtype=dtype)


def measure_column(name: str) -> str:
    """The column that holds a measure of a path; no column of the payments has such a name."""
    return f"measure:{name}"


def step_column(field: StepField) -> str:
    """The column that holds a field of a step; no column of the payments has such a name."""
    return f"{field.step}.{field.name}.{field.edge}"


def _plain(left: Expr, right: Expr) -> bool:
    """Whether both texts are stored columns or constants, which compare by code."""
    plain = Column | Literal | FeatureRef | StepField
    return all(isinstance(side, plain) for side in (left, right)) and not (
        isinstance(left, Literal) and isinstance(right, Literal)
    )


def _apply(op: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    if op == "*":
        return left * right
    return left + right if op == "+" else left - right


def _kleene(op: str, tests: list[pl.Expr]) -> pl.Expr:
    return reduce(lambda a, b: a & b if op == "and" else a | b, tests)


def _strict(op: str, tests: list[pl.Expr]) -> pl.Expr:
    """One comparison of several parts: unknown if any part is."""
    unknown = _kleene("or", [test.is_null() for test in tests])
    return pl.when(~unknown).then(_kleene(op, tests))


def evaluated(frame: pl.DataFrame, expression: pl.Expr) -> pl.Series:
    """The value of an expression at every row of a frame, also where it is one constant."""
    values = frame.select(expression.alias("value")).to_series()
    return values if len(values) == frame.height else values.new_from_index(0, frame.height)
