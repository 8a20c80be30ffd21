"""Type check of look-ups: memberships in lists and list params, and attributes of lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language import nodes, syntax
from txmon.language.algebra import ARTICLES
from txmon.language.checking import Checking, Typed
from txmon.language.compare import declared
from txmon.language.nodes import Call, Column, Expr, Literal
from txmon.language.problems import Code, ExpressionError, closest, did_you_mean
from txmon.language.scope import ListParam, list_kind
from txmon.language.values import read_value
from txmon.types import DATE, TIME

if TYPE_CHECKING:
    from txmon.language.checked import ListTable

EVENT_DAY = Call(DATE, "date", (Column(TIME, "event_time"),))
"""The day on which a dated list is asked: that of the row, in the pack's zone."""


def attribute(check: Checking, node: syntax.ListAttribute) -> Expr | None:
    """``lists.NAME[key].column``."""
    table = check.scope.pack.lists.get(node.name)
    key = check.expr(node.key)
    if table is None:
        unknown_list(check, node.name, node.start, node.end)
        return None
    type_ = table.columns.get(node.column)
    if type_ is None:
        _no_column(check, node, table)
        return None
    if key is None or not _fits(check, node.name, table, Typed(node.key, key)):
        return None
    return nodes.Lookup(type_, node.name, key, node.column, _as_of(table))


def _no_column(check: Checking, node: syntax.ListAttribute, table: ListTable) -> None:
    message = f"lists.{node.name} has no column '{node.column}'"
    advice = did_you_mean(node.column, table.columns)
    if not advice:
        named = ", ".join(table.columns)
        advice = f"its columns are: {named}" if named else "it has none beside its key"
    start = node.end - len(node.column)
    check.report_at(Code.UNKNOWN_NAME, message, start, node.end, advice)


def _as_of(table: ListTable) -> Expr | None:
    return None if table.since is None else EVENT_DAY


def _fits(check: Checking, name: str, table: ListTable, item: Typed) -> bool:
    """Whether a value may be looked for among the keys of a list."""
    if list_kind(item.type) is not list_kind(table.key):
        message = f"the keys of lists.{name} are {table.key}, not {item.type}"
        check.report(Code.COMPARISON, message, item.syntax)
    elif not item.type.exact:
        check.report(Code.COMPARISON, *_inexact_member(item.syntax))
    else:
        return True
    return False


def in_list(check: Checking, node: syntax.InList) -> Expr | None:
    """``operand in lists.NAME`` or ``operand in NAME`` of a list param."""
    operand = check.expr(node.operand)
    if node.named:
        return _in_named_list(check, node, operand)
    param = check.scope.params.get(node.name)
    if isinstance(param, ListParam):
        return None if operand is None else _in_param(check, node, operand, param)
    if node.name not in check.scope.params or param is not None:
        _no_list(check, node)
    return None


def _no_list(check: Checking, node: syntax.InList) -> None:
    lists = check.scope.pack.lists
    params = [name for name, value in check.scope.params.items() if isinstance(value, ListParam)]
    message = f"'{node.name}' is not a list param"
    advice = did_you_mean(node.name, params)
    if node.name in lists:
        advice = f"the pack's list is written lists.{node.name}"
    elif node.name in check.scope.names:
        advice = advice or "a range is written x in low..high; a list param has type: list"
    elif match := closest(node.name, lists):
        advice = advice or f"did you mean lists.{match}?"
    check.report_at(Code.UNKNOWN_LIST, message, node.name_start, node.end, advice)


def _in_named_list(check: Checking, node: syntax.InList, operand: Expr | None) -> Expr | None:
    table = check.scope.pack.lists.get(node.name)
    if table is None:
        unknown_list(check, node.name, node.name_start, node.end)
        return None
    if operand is None or not _fits(check, node.name, table, Typed(node.operand, operand)):
        return None
    return nodes.ListMember(operand, node.name, as_of=_as_of(table))


def _inexact_member(at: syntax.Node) -> tuple[str, syntax.Node, str]:
    message = "a mean, spread or division is not exact and cannot be looked up"
    return message, at, "round(x, n) makes it exact"


def unknown_list(check: Checking, name: str, start: int, end: int) -> None:
    """Report a list that the pack does not have; a broken one was reported before."""
    if name in check.scope.pack.broken_lists:
        return
    advice = did_you_mean(name, check.scope.pack.lists) or f"put it in lists/{name}.csv"
    check.report_at(Code.UNKNOWN_LIST, f"the pack has no list '{name}'", start, end, advice)


def _in_param(check: Checking, node: syntax.InList, operand: Expr, param: ListParam) -> Expr | None:
    default = _members(check, node, operand, param.default)
    cases = [(text, _members(check, node, operand, items)) for text, items in param.cases]
    if default is None or any(case is None for _, case in cases):
        return None
    if not param.column:
        return default
    found = tuple((text, case) for text, case in cases if case is not None)
    return nodes.Vary(default.type, param.column, found, default)


def _members(
    check: Checking, node: syntax.InList, operand: Expr, items: tuple[str, ...]
) -> nodes.Member | None:
    values: list[Literal] = []
    for item in items:
        try:
            literal = read_value(operand.type.kind, item)
        except ExpressionError:
            message = f"'{item}' in list param '{node.name}' is not {ARTICLES[operand.type.kind]}"
            check.report_at(Code.PARAM, message, node.name_start, node.end)
            return None
        values.append(literal)
    typed = [Typed(node, value) for value in values]
    declared(check, Typed(node.operand, operand), typed)
    return nodes.Member(operand, tuple(values))
