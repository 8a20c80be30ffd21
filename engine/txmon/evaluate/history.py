"""How far back an alert looks: where the earliest of the windows behind it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from txmon.language.calendar import Calendar

if TYPE_CHECKING:
    from txmon.plan import Condition, Plan

Array = np.ndarray[Any, Any]


def judged_from(plan: Plan, condition: Condition, times: Array) -> Array | None:
    """Where the earliest window begins that a rule's ``when`` or ``needs`` reads at some times.

    A rule over alerts reads alerts from there on, and they come from the windows of their rules.

    Args:
        plan: the plan of the rule.
        condition: the rule.
        times: event times of the rows that triggered, microseconds.

    Returns:
        One start a time, microseconds, or None if the rule reads no such window.
    """
    calendar = Calendar(plan.pack.timezone, plan.pack.holidays)
    earliest = condition.reach.earliest(calendar, times)
    since = times if earliest is None else earliest
    for below, read in plan.below.get(condition.rule.id, ()):
        start = judged_from(below, read, since)
        if start is not None:
            earliest = start if earliest is None else np.minimum(earliest, start)
    return earliest
