"""Type check of aggregates of groups: what stands after ``per`` and ``having``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language import syntax
from txmon.language.aggregate_kinds import NEED_EXACT, RANKED, TAKES
from txmon.language.algebra import spoken
from txmon.language.nodes import (
    Bucket,
    Column,
    Span,
    column_names,
    feature_names,
)
from txmon.language.problems import Code
from txmon.language.scope import Place
from txmon.language.windows import UNITS

if TYPE_CHECKING:
    from txmon.language.checking import Checking
    from txmon.language.nodes import Expr, Window
    from txmon.types import Type

MAX_BLOCKS = 10_000
OUTER = frozenset({"count", "sum", "mean", "std", "min", "max", "median", "distinct"})
"""Aggregates that take groups; those of the first and last group need groups in an order."""

ORDERED_OUTER = frozenset({"first", "last"})
PER_GROUP = frozenset({"count", "sum", "mean", "std", "min", "max", "median", "distinct"}) | (
    ORDERED_OUTER
)
"""Aggregates that can be taken of a group."""


def fits(check: Checking, node: syntax.Aggregate, inner: syntax.Inner, result: Type) -> bool:
    """Whether an aggregate takes the results of its groups; reported if not."""
    kinds = TAKES.get(node.function, RANKED) & RANKED
    if node.function not in OUTER | ORDERED_OUTER:
        message, advice = f"{node.function}() does not take groups", ""
    elif node.function in ORDERED_OUTER and isinstance(inner.bucket.of, syntax.Name):
        message, advice = "groups of a column have no order", "take min() or max() of them"
    elif result.kind not in kinds:
        message, advice = f"{node.function}() cannot take groups of {spoken(result)}", ""
    elif node.function in NEED_EXACT - {"median"} and not result.exact:
        message = f"{node.function}() needs exact values, and {inner.function}() gives none"
        advice = "median(), min() and max() take them"
    else:
        return True
    check.report_at(Code.ARGUMENT, message, node.start, node.name_end, advice)
    return False


def grouped(check: Checking, inner: syntax.Inner) -> bool:
    """Whether an aggregate can be taken of each group; reported if not."""
    if inner.function in PER_GROUP:
        return True
    message = f"{inner.function}() cannot be taken of groups"
    check.report_at(Code.ARGUMENT, message, inner.start, inner.name_end)
    return False


def read_bucket(check: Checking, bucket: syntax.Bucket, window: Window | None) -> Bucket | None:
    """How ``per`` groups the rows of a window; None if it cannot."""
    match bucket.of:
        case syntax.Duration():
            return _blocks(check, bucket.of, window)
        case syntax.Period(unit=unit):
            return _periods(check, Bucket(unit=UNITS[unit], active=bucket.active), bucket, window)
        case _:
            column = check.expr(bucket.of)
            return Bucket(column=column) if isinstance(column, Column) else None


def _blocks(check: Checking, size: syntax.Duration, window: Window | None) -> Bucket | None:
    if window is None:
        return None
    if window.span is not Span.TIME:
        message = "blocks of a duration need a window of a duration"
        advice = "write: per calendar day, or over 30d"
        check.report(Code.WINDOW, message, size, advice)
    elif size.value == 0 or window.length % size.value:
        message = "the window must be a multiple of the blocks after 'per'"
        check.report(Code.WINDOW, message, size)
    elif window.length // size.value > MAX_BLOCKS:
        message = f"the window has more than {MAX_BLOCKS} of these blocks"
        check.report(Code.LITERAL_RANGE, message, size)
    else:
        return Bucket(length=size.value)
    return None


def _periods(
    check: Checking, made: Bucket, bucket: syntax.Bucket, window: Window | None
) -> Bucket | None:
    if window is not None and window.span is Span.ROWS and not made.active:
        message = "a window of rows has no periods without a row"
        check.report(Code.WINDOW, message, bucket, f"write: per active {made.unit}")
        return None
    return made if window is not None else None


def read_having(check: Checking, node: syntax.Node, result: Type) -> Expr | None:
    """The condition after ``having``: of the group's value, constants and unvarying params."""
    check.scope = replace(check.scope.at(Place.CONDITION), group_value=result)
    having = check.condition(node, "having")
    if having is None or not (column_names(having) | feature_names(having)):
        return having
    for part in syntax.walk(node):
        if isinstance(part, syntax.Name | syntax.This):
            read = check.expr(part)
            if read is not None and column_names(read) | feature_names(read):
                message = "'having' asks for the group's value, and this belongs to a payment"
                advice = "compare value with constants and params that do not vary"
                check.report(Code.NOT_A_CONDITION, message, part, advice)
    return None
