"""How far back rules look: windows behind windows, followed from a row's time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txmon.language.nodes import Span, Window

if TYPE_CHECKING:
    from txmon.language.calendar import Calendar

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False, slots=True)
class Reach:
    """What is looked at from a time: back over ``step``, and from where that begins ``inside``.

    ``step`` is a duration in microseconds, a window of periods, or None where nothing of its own
    lies between the time and what is inside. What is shared is looked at once: a tower of features
    of features costs no more than its features.
    """

    step: Window | int | None = None
    inside: tuple[Reach, ...] = ()

    def earliest(self, calendar: Calendar, times: Array) -> Array | None:
        """Where the earliest step begins, from each of some times; None if there is no step."""
        seen_from = {id(self): times}
        found: Array | None = None
        for reach in reversed(_inmost_first(self)):
            start = seen_from[id(reach)]
            if reach.step is not None:
                start = _begin(reach.step, calendar, start)
                found = start if found is None else np.minimum(found, start)
            for other in reach.inside:
                seen_from[id(other)] = np.minimum(seen_from.get(id(other), start), start)
        return found


def reach_of(window: Window | None, *inside: Reach) -> Reach:
    """The reach of a feature with a window whose rows read features of these reaches.

    Windows of rows and of all time add nothing of their own: nobody knows where they begin.
    """
    if window is not None and window.span is Span.PERIODS:
        return Reach(window, inside)
    if window is not None and window.span is Span.TIME:
        return Reach(window.length + window.ending, inside)
    return Reach(None, inside)


def _begin(step: Window | int, calendar: Calendar, times: Array) -> Array:
    return times - step if isinstance(step, int) else calendar.bounds(step, times)[0]


def _inmost_first(reach: Reach) -> list[Reach]:
    found: dict[int, Reach] = {}

    def visit(one: Reach) -> None:
        if id(one) not in found:
            for other in one.inside:
                visit(other)
            found[id(one)] = one

    visit(reach)
    return list(found.values())
