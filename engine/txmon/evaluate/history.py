"""How far back an alert looks: where the earliest of the windows behind it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from txmon.language.calendar import Calendar
from txmon.language.nodes import Span, feature_names
from txmon.plan import Windowed, closure

if TYPE_CHECKING:
    from collections.abc import Iterable

    from txmon.language.nodes import Window
    from txmon.plan import Condition, Plan

Array = np.ndarray[Any, Any]


def judged_from(plan: Plan, condition: Condition, times: Array) -> Array | None:
    """Where the earliest window begins that a rule's ``when`` or ``needs`` reads at some times.

    Args:
        plan: the plan of the rule.
        condition: the rule.
        times: event times of the rows that triggered, microseconds.

    Returns:
        One start a time, microseconds, or None if the rule reads no such window. A sequence reads
        from the earliest time on at which a chain to that row could begin.
    """
    judged = [level.when for level in condition.levels]
    judged += [] if condition.needs is None else [condition.needs]
    calendar = Calendar(plan.pack.timezone, plan.pack.holidays)
    keys = set().union(*map(feature_names, judged))
    start = earliest_start(plan, calendar, keys, times)
    if condition.sequence is None:
        return start
    begin = times - condition.sequence.span
    behind = earliest_start(plan, calendar, condition.step_features, begin)
    known = [one for one in (start, behind) if one is not None]
    earliest: Array = np.minimum.reduce([begin, *known])
    return earliest


def earliest_start(
    plan: Plan, calendar: Calendar, keys: Iterable[str], times: Array
) -> Array | None:
    """The earliest start of a window of time or of periods that features come from.

    A feature that is read at past rows is read from the start of the window that reads it on, so
    starts are followed along the chain; each feature is looked at once, at the earliest time that
    any other reads it at.

    Args:
        plan: the plan of the features.
        calendar: the pack's.
        keys: the features read at the rows themselves.
        times: event times of the rows, microseconds.

    Returns:
        One start a row, microseconds, or None if there is no such window.
    """
    read = dict.fromkeys(keys, times)
    earliest: Array | None = None
    for key in reversed(closure(plan.features, sorted(read))):
        feature, start = plan.features[key], read[key]
        window = feature.window if isinstance(feature, Windowed) else None
        if window is not None and window.span in {Span.TIME, Span.PERIODS}:
            start = _start(window, calendar, start)
            earliest = start if earliest is None else np.minimum(earliest, start)
        for other in feature.inputs:
            read[other] = np.minimum(read.get(other, start), start)
    return earliest


def _start(window: Window, calendar: Calendar, times: Array) -> Array:
    if window.span is Span.PERIODS:
        return calendar.bounds(window, times)[0]
    return times - window.ending - window.length
