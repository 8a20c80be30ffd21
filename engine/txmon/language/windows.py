"""Lengths: the windows of features, and every other place where one duration or count stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language import syntax
from txmon.language.nodes import Literal, Span, Unit, Vary, Window
from txmon.language.problems import Code, did_you_mean
from txmon.language.scope import ListParam
from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.language.checking import Checking

MAX_ROWS = 1_000_000
UNITS: dict[str, Unit] = {unit.value.removeprefix("calendar "): unit for unit in Unit}
"""A period as the parser names it -> its unit."""

MAX_PERIODS: dict[Unit, int] = {
    Unit.DAY: 36_500,
    Unit.WEEK: 5_200,
    Unit.MONTH: 1_200,
    Unit.YEAR: 100,
    Unit.BUSINESS_DAY: 25_000,
}
"""A hundred years at most, as of a duration."""


def read_window(check: Checking, window: syntax.Window) -> Window | None:
    """The window that ``over`` names, or None if it is wrong."""
    if window.span == "all":
        return Window(Span.ALL, excluding_this=window.excluding_this)
    if window.span in {"periods", "previous"}:
        return _periods(check, window)
    if window.span == "rows":
        return _rows(check, window)
    length = read_duration(check, window.length, rows_too=True)
    ending = read_duration(check, window.ending) if window.ending is not None else 0
    if length is None or ending is None:
        return None
    return Window(Span.TIME, length, ending, excluding_this=window.excluding_this)


def _periods(check: Checking, window: syntax.Window) -> Window | None:
    assert window.period is not None  # noqa: S101 - the parser gives it one
    unit = UNITS[window.period.unit]
    length = 1 if window.length is None else read_count(check, window.length)
    if length is None:
        return None
    if length > MAX_PERIODS[unit]:
        message = f"at most {MAX_PERIODS[unit]} {unit}s can be asked for"
        check.report(Code.LITERAL_RANGE, message, window.length or window.period)
        return None
    return Window(
        Span.PERIODS,
        length,
        excluding_this=window.excluding_this,
        unit=unit,
        previous=window.span == "previous",
    )


def _rows(check: Checking, window: syntax.Window) -> Window | None:
    length = read_count(check, window.length)
    if length is None:
        return None
    return Window(Span.ROWS, length, 0, window.matching, window.excluding_this)


def read_duration(
    check: Checking, node: syntax.Node | None, *, rows_too: bool = False
) -> int | None:
    """The microseconds of a duration or of an unvarying duration param; more than none.

    ``rows_too``: a count of rows could stand here as well, and the help says so.
    """
    if isinstance(node, syntax.Number):
        rows = f"; for rows: over last {node.value}" if rows_too else ""
        advice = f"write {node.value}h or {node.value}d{rows}"
        check.report(Code.WINDOW, "a duration needs a unit", node, advice)
        return None
    return _length(check, node, Kind.DURATION)


def read_count(check: Checking, node: syntax.Node | None) -> int | None:
    """A whole number or the value of an unvarying int param, from 1 to a million."""
    if isinstance(node, syntax.Duration):
        check.report(Code.WINDOW, "a whole number is needed here, not a duration", node)
        return None
    count = _length(check, node, Kind.INT)
    if count is not None and node is not None and count > MAX_ROWS:
        check.report(Code.LITERAL_RANGE, f"at most {MAX_ROWS} can be asked for", node)
        return None
    return count


def _length(check: Checking, node: syntax.Node | None, kind: Kind) -> int | None:
    if node is None:
        return None
    if isinstance(node, syntax.Name):
        value = _param(check, node, kind)
    elif isinstance(node, syntax.Duration | syntax.Number) and not _fraction(node):
        value = node.value
    else:
        check.report(Code.WINDOW, "a whole number is needed here", node)
        return None
    if value is not None and value <= 0:
        check.report(Code.LITERAL_RANGE, "this must be more than zero", node)
        return None
    return value


def _fraction(node: syntax.Node) -> bool:
    return isinstance(node, syntax.Number) and not node.whole


def _param(check: Checking, node: syntax.Name, kind: Kind) -> int | None:
    params = check.scope.params
    if node.name not in params:
        message = f"'{node.name}' is not a param, and only a param can stand here"
        check.report(Code.UNKNOWN_NAME, message, node, did_you_mean(node.name, params))
        return None
    value = params[node.name]
    if isinstance(value, Vary) or (isinstance(value, ListParam) and value.column):
        message = f"param '{node.name}' varies, and one value is needed here"
        check.report(Code.VARYING, message, node, "use a second param without vary")
        return None
    if isinstance(value, Literal) and value.type.kind is kind:
        return int(value.value)
    if value is not None:
        found = value.type.kind if isinstance(value, Literal) else Kind.LIST
        advice = f"write last {node.name}" if found is Kind.INT else ""
        message = f"param '{node.name}' is {found}, and {kind} is needed here"
        check.report(Code.WINDOW, message, node, advice)
    return None
