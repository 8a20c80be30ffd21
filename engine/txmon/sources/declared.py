"""Names that a mapping declares for its source, and expressions of the rule language over them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import polars as pl

from txmon.evaluate.measured import MEASURED
from txmon.language.check import Checker, check_size
from txmon.language.compile import Compiler, evaluated
from txmon.language.names import check_name
from txmon.language.nodes import Expr, column_names
from txmon.language.parse import parse_expression
from txmon.language.problems import Code, ExpressionError, Problem
from txmon.language.scope import PackScope, Place, Scope
from txmon.schema import TIME_DTYPE, Schema
from txmon.types import Kind, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.problems import Faults, Path
    from txmon.sources.column_map import ColumnMap, SourceColumn
    from txmon.sources.mapping import InputMapping

_WIDEST_SCALE = 36
_EXACT = frozenset({Kind.MONEY, Kind.NUMBER})


class _SourceScope(PackScope):
    """What an expression of a mapping may name: the declared columns and nothing of a pack."""

    def column(self, name: str) -> Type | None:
        return self.schema.columns.get(name)

    def is_sided(self, name: str) -> bool:  # noqa: ARG002
        return False

    def declared_values(self, name: str) -> tuple[str, ...]:  # noqa: ARG002
        return ()


@dataclass(frozen=True, slots=True)
class Declared:
    """The names under ``source:`` and the typed expressions over them, by their text."""

    columns: Mapping[str, SourceColumn] = field(default_factory=dict)
    expressions: Mapping[str, Expr] = field(default_factory=dict)

    @classmethod
    def of(cls, mapping: InputMapping) -> Declared:
        """Those of a mapping that was checked."""
        texts = (spec.expression for spec in mapping.columns.values() if spec.expression)
        typed = {text: read_expression(text, mapping.source)[0] for text in texts}
        known = {text: expr for text, expr in typed.items() if expr is not None}
        return cls(mapping.source, known)

    def names(self, spec: ColumnMap) -> tuple[str, ...]:
        """The declared names and columns that a column is made of."""
        if spec.expression is None:
            return spec.names
        return tuple(sorted(self.reads(spec.expression)))

    def reads(self, expression: str) -> frozenset[str]:
        """The declared names that an expression reads."""
        return frozenset(column_names(self.expressions[expression]))

    def file_columns(self, spec: ColumnMap) -> tuple[str, ...]:
        """The columns of the source that a column is made of in the end."""
        return tuple(
            column
            for name in self.names(spec)
            for column in (self.columns[name].names if name in self.columns else (name,))
        )


def read_expression(
    text: str, declared: Mapping[str, SourceColumn]
) -> tuple[Expr | None, list[Problem]]:
    """The typed node of an expression over declared names, or None and what is wrong."""
    schema = Schema({name: spec.value_type for name, spec in declared.items()})
    try:
        node = parse_expression(text)
    except ExpressionError as error:
        return None, [error.problem]
    checker = Checker(Scope(_SourceScope(schema), sided=False, place=Place.DEFINITION))
    expr = checker.expr(node)
    oversized = None if expr is None else check_size(expr, len(text))
    problems = [*checker.problems, *([oversized] if oversized else [])]
    return (None if problems else expr), [_advised(problem) for problem in problems]


def _advised(problem: Problem) -> Problem:
    """The advice on an unknown name, in terms of a mapping."""
    if problem.code is not Code.UNKNOWN_NAME or problem.help.startswith("did you mean"):
        return problem
    advice = "expressions read the names declared under source:, such as  source: {debit: money}"
    return replace(problem, help=advice)


def check_declared(mapping: InputMapping, faults: Faults) -> None:
    """Report names under ``source:`` that cannot be names, and options that do not fit a type."""
    for name, spec in mapping.source.items():
        check_name(("source", name), faults)
        for other in spec.names:
            if other != name and other in mapping.source:
                message = f"'{other}' is declared here itself; a name reads columns of the file"
                faults.key(("source", name), Code.BAD_VALUE, message)


def check_expression(
    spec: ColumnMap, type_: Type, declared: Mapping[str, SourceColumn], path: Path, faults: Faults
) -> None:
    """Report what is wrong with an expression that makes a column of a type."""
    if spec.expression is None:
        return
    path = (*path, "expression")
    expr, problems = read_expression(spec.expression, declared)
    faults.extend(path, problems)
    if expr is None:
        return
    number = {expr.type.kind, type_.kind} == {Kind.NUMBER, Kind.INT} and expr.type.scale == 0
    if expr.type.kind is not type_.kind and not number:
        message = f"{path[1]} is a {type_}, and this is a {expr.type}"
        faults.whole(path, Code.BAD_VALUE, message, _typing_advice(type_))
    elif not expr.type.exact:
        advice = "round(x, 2) makes it exact"
        faults.whole(path, Code.BAD_VALUE, "a division gives no exact amount or number", advice)
    elif expr.type.scale > _WIDEST_SCALE:
        faults.whole(path, Code.TOO_WIDE, "the result has too many decimals", "round it")


def _typing_advice(type_: Type) -> str:
    return f"declare the columns it reads as {type_} under source:" if type_.kind in _EXACT else ""


def evaluate(expr: Expr, frame: pl.DataFrame, zone: str) -> pl.Series:
    """The values of an expression, of a Polars type that reads back as what they are.

    Args:
        expr: a typed expression.
        frame: its names as stored columns (``stored_dtype`` of their types).
        zone: the zone that ``hour``, ``weekday`` and ``date`` read.
    """
    physical = frame.with_columns(
        pl.col(name).cast(pl.Int64) for name, dtype in frame.schema.items() if dtype.is_temporal()
    )
    values = evaluated(physical, Compiler(zone, {}, measured=MEASURED).expression(expr))
    return readable(values, expr.type)


def readable(values: pl.Series, type_: Type) -> pl.Series:
    """Stored values as a column that says what they are: times, days, decimals."""
    if type_.kind is Kind.TIME:
        return values.cast(pl.Int64).cast(TIME_DTYPE)
    if type_.kind is Kind.DATE:
        return values.cast(pl.Int32).cast(pl.Date)
    if type_.kind in _EXACT:
        return values.cast(pl.Int128).reinterpret(dtype=pl.Decimal(38, type_.scale))
    return values
