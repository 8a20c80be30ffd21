"""What a clause lacks in the reader's words: 3 of 4 payments, 300.00 short, not in a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.language.nodes import (
    Aggregate,
    Compare,
    Expr,
    FeatureRef,
    ListMember,
    Member,
    Not,
    Range,
    TextTest,
    feature_names,
)
from txmon.language.text import render, render_duration
from txmon.types import ARITHMETIC, MONEY_SCALE, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.checked import Rule
    from txmon.language.display import Display

SECOND = 1_000_000
LEAST_GAP = 1e-9
"""The gap of a clause that is false by nothing: a value at the limit that it has to pass."""

_BELOW, _ABOVE = (">", ">="), ("<", "<=")


@dataclass(frozen=True, slots=True)
class Sides:
    """What a clause compares; ``low`` is its one limit, ``high`` the upper end of a range."""

    value: Expr | None = None
    low: Expr | None = None
    high: Expr | None = None


@dataclass(frozen=True, slots=True)
class Values:
    """Those at one row, as texts and as plain numbers."""

    texts: tuple[str | None, str | None, str | None]
    numbers: tuple[float | None, float | None, float | None]


def sides(node: Expr) -> Sides:
    """The value that a clause looks at, and its limits where it has any."""
    match node:
        case Compare(left=left, right=right):
            return Sides(left, right)
        case Range(operand=operand, low=low, high=high):
            return Sides(operand, low, high)
        case Member(operand=operand) | ListMember(operand=operand) | TextTest(left=operand):
            return Sides(operand)
        case Not(operand=operand):
            return sides(operand)
        case _:
            return Sides()


def nearest_limit(values: Values) -> float | None:
    """The limit that a value is compared with: of a range the end that is nearer."""
    value, low, high = values.numbers
    if value is None or high is None or low is None:
        return low
    return low if abs(value - low) <= abs(value - high) else high


def gap(result: bool | None, values: Values) -> float:  # noqa: FBT001 - a clause's result
    """What a clause lacks as a share of the larger of value and limit: 0 if true, at most 1."""
    if result:
        return 0.0
    value, limit = values.numbers[0], nearest_limit(values)
    if result is None or value is None or limit is None:
        return 1.0
    size = max(abs(value), abs(limit))
    return min(1.0, max(LEAST_GAP, abs(value - limit) / size if size else 0.0))


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says what clauses of a rule lack."""

    rule: Rule
    display: Display

    def short(self, node: Expr, values: Values, outside: Mapping[str, float]) -> str:
        """What a false clause lacks; ``outside`` as of ``FeatureSeen``, by feature."""
        words = self._words(node, values)
        beyond = self._beyond(node, outside)
        return f"{words}; {beyond}" if beyond else words

    def unknown(self, node: Expr, unknown: Mapping[str, bool]) -> str:
        """What of an unknown clause is unknown; ``unknown`` says it of each feature."""
        names = [name for name in sorted(feature_names(node)) if unknown.get(name)]
        return f"{', '.join(names)} unknown" if names else "unknown"

    def _words(self, node: Expr, values: Values) -> str:
        value, limit, _ = values.texts
        match node:
            case Compare(op="=="):
                return f"{value}, not {limit}"
            case Compare(op="!="):
                return f"{value}, which it must not be"
            case Compare(left=left) if left.type.kind in ARITHMETIC:
                return self._amiss(node, values)
            case Compare():
                return f"{value} against {limit}"
            case Range(operand=operand) if operand.type.kind in ARITHMETIC:
                return self._out_of(operand.type, values)
            case _:
                return _of_lists(node, value)

    def _amiss(self, node: Compare, values: Values) -> str:
        value, limit, _ = values.texts
        number, threshold, _ = values.numbers
        if number is None or threshold is None:
            return f"{value} against {limit}"
        things, little = self._things(node.left), node.op in _BELOW
        if number == threshold:
            return f"{value}{things}, {'more' if little else 'less'} than {limit} needed"
        if things and little:
            return (
                f"{value}, more than {limit}{things} needed"
                if node.op == ">"
                else (f"{value} of {limit}{things}")
            )
        size = self._size(abs(number - threshold), node.left.type)
        return f"{size}{things} too many" if things else f"{size} {_lack(node.left.type, little)}"

    def _out_of(self, type_: Type, values: Values) -> str:
        value, low, high = values.texts
        number, least, most = values.numbers
        if number is None or least is None or most is None:
            return f"{value} against {low}..{high}"
        if number <= least:
            return f"{self._size(least - number, type_)} below {low}"
        return f"{self._size(number - most, type_)} above {high}"

    def _size(self, number: float, type_: Type) -> str:
        """A difference as values of the type are shown."""
        scale = {Kind.MONEY: 10.0**MONEY_SCALE, Kind.DURATION: float(SECOND)}.get(type_.kind, 1.0)
        if type_.kind is Kind.DURATION:
            number = _coarse(number)
        return self.display.show(number * scale, Type(type_.kind, exact=False))

    def _things(self, node: Expr) -> str:
        """What a feature counts, with a blank before it; empty if it does not count."""
        feature = self.rule.features.get(node.name) if isinstance(node, FeatureRef) else None
        if not isinstance(feature, Aggregate) or feature.inner is not None:
            return ""
        if feature.function == "count":
            return " alerts" if self.rule.sources else " rows" if self.rule.events else " payments"
        if feature.function == "distinct":
            return f" different {' and '.join(map(render, feature.arguments))}"
        return ""

    def _beyond(self, node: Expr, outside: Mapping[str, float]) -> str:
        """How far outside the window the latest row lies that would else have counted."""
        value = sides(node).value
        if not isinstance(value, FeatureRef) or value.name not in outside:
            return ""
        if isinstance(node, Compare) and node.op in _ABOVE:
            return ""
        window = getattr(self.rule.features[value.name], "window", None)
        length = "" if window is None else f" of {render_duration(window.length)}"
        away = outside[value.name]
        if away <= 0:
            return f"the one before lies just outside the window{length}"
        text = self._size(away, Type(Kind.DURATION))
        return f"the one before lies {text} outside the window{length}"


def _coarse(seconds: float) -> float:
    """A duration in the two largest units that tell its size: 6d 2h, 2h 5min, 40s."""
    for least, step in ((172_800, 3_600), (3_600, 60), (60, 1)):
        if seconds >= least:
            return round(seconds / step) * step
    return seconds


def _lack(type_: Type, little: bool) -> str:  # noqa: FBT001 - which of two words
    if type_.kind is Kind.DURATION:
        return "too short" if little else "too long"
    return "short" if little else "too much"


def _of_lists(node: Expr, value: str | None) -> str:
    match node:
        case ListMember(name=name):
            return f"{value} is not in lists.{name}"
        case Not(operand=ListMember(name=name)):
            return f"{value} is in lists.{name}"
        case Member(values=allowed):
            return f"{value} is none of {', '.join(map(render, allowed))}"
        case TextTest(right=right):
            return f"{value} does not fit {render(right)}"
        case Not(operand=Range() | Member() | TextTest()):
            return f"{value}, which it must not be"
        case _:
            return "false"
