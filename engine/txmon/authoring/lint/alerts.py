"""The alert: suppression that fits the windows, and levels in their order."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from txmon.authoring.lint.codes import Lint
from txmon.authoring.lint.facts import facts
from txmon.authoring.lint.intervals import Interval
from txmon.authoring.lint.ranges import Ranges
from txmon.authoring.lint.reading import WHEN, at_key, leaves, whole
from txmon.language.nodes import Aggregate, FeatureRef, Point, Span, Unit
from txmon.language.text import render_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.authoring.lint.reading import RuleReading
    from txmon.language.checked import Level
    from txmon.language.nodes import Expr
    from txmon.language.problems import Fault, Path

_DAY = 86_400_000_000
_PERIODS = {
    Unit.DAY: _DAY,
    Unit.BUSINESS_DAY: _DAY,
    Unit.WEEK: 7 * _DAY,
    Unit.MONTH: 30 * _DAY,
    Unit.YEAR: 365 * _DAY,
}
TOO_SHORT, TOO_LONG = 7, 30
LONG = 30 * _DAY


def lint_alert(rule: RuleReading) -> Iterator[Fault]:
    """What is odd about a rule's alert."""
    yield from _suppression(rule)
    yield from _levels(rule)


def _suppression(rule: RuleReading) -> Iterator[Fault]:
    held, suppress = _longest(rule), rule.rule.suppress
    if held is None:
        return
    name, length = held
    window = render_duration(length)
    if suppress is None:
        message = f"without suppress every further payment alerts while '{name}' holds {window}"
        path: Path = ("alert",) if "alert" in rule.document.model_fields_set else ()
        advice = f"write alert: suppress: {window}, or silence this where each hit is meant"
        yield at_key(path, Lint.NO_SUPPRESSION, message, advice)
        return
    told = render_duration(suppress.span)
    where = ("alert", "suppress")
    if suppress.span * TOO_SHORT <= min(length, _fresh(rule, length)):
        message = f"what '{name}' holds for {window} alerts anew every {told}"
        advice = f"suppress for about as long as the window: {window}"
        yield whole(where, Lint.SHORT_SUPPRESSION, message, advice)
    elif suppress.span >= length * TOO_LONG and suppress.span > LONG:
        message = f"for {told} nothing new is told of a window of {window}"
        advice = "a second case within that time folds into the first alert; suppress for less"
        yield whole(where, Lint.LONG_SUPPRESSION, message, advice)


def _longest(rule: RuleReading) -> tuple[str, int] | None:
    """The longest window whose count or sum must reach a number, with its feature."""
    found = [
        (name, length)
        for name in _reached(rule)
        if (length := _length(rule.rule.features.get(name))) is not None
    ]
    return max(found, key=lambda one: one[1]) if found else None


def _fresh(rule: RuleReading, length: int) -> int:
    """For how long the rule can fire at all, where it asks for something that is new."""
    ranges, shortest = Ranges(rule.rule), length
    for asked in rule.conditions(WHEN):
        for leaf in leaves(asked.condition):
            for fact in facts(leaf.expr, ranges):
                most = fact.most
                finite = isinstance(most, Interval) and most.high < length
                if finite and _age(rule, fact.subject) and isinstance(most, Interval):
                    shortest = min(shortest, int(most.high))
    return shortest


def _age(rule: RuleReading, subject: Expr) -> bool:
    feature = rule.rule.features.get(subject.name) if isinstance(subject, FeatureRef) else None
    return isinstance(feature, Point) and feature.function.startswith("time_since")


def _reached(rule: RuleReading) -> Iterator[str]:
    ranges = Ranges(rule.rule)
    for asked in rule.conditions(WHEN):
        for leaf in leaves(asked.condition):
            for fact in facts(leaf.expr, ranges):
                above = isinstance(fact.most, Interval) and fact.most.positive
                if isinstance(fact.subject, FeatureRef) and above and " / " not in fact.key:
                    yield fact.subject.name


def _length(feature: object) -> int | None:
    if not isinstance(feature, Aggregate) or feature.function not in {"count", "sum", "distinct"}:
        return None
    window = feature.window
    if window.excluding_this or window.ending or window.previous or feature.inner is not None:
        return None
    if window.span is Span.TIME:
        return window.length
    return None if window.unit is None else window.length * _PERIODS[window.unit]


def _levels(rule: RuleReading) -> Iterator[Fault]:
    bands = rule.rule.levels
    for above, below in pairwise(bands):
        what = _graver(above, below)
        if what:
            message = f"this level has {what} than level {above.position + 1} above it"
            advice = "the first level that is true decides: put the gravest first"
            yield whole(("levels", below.position, "when"), Lint.LEVEL_ORDER, message, advice)


def _graver(above: Level, below: Level) -> str:
    if below.severity.rank > above.severity.rank:
        return "a higher severity"
    scores = (above.score, below.score)
    lower = scores[0] is not None and scores[1] is not None and scores[1] > scores[0]
    return "a higher score" if lower else ""
