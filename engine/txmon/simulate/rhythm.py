"""When people pay: the curve of a day and the weights of the days."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.scenario import HOUR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from txmon.simulate.scenario import Day

Curve = tuple[float, ...]
"""How likely each of the 24 hours is, in any unit."""

# fmt: off
SHOPPING: Curve = (
    1, .4, .2, .1, .1, .3, 1.5, 4, 6, 6, 6, 8, 10, 7, 5.5, 5.5, 6, 8, 10, 10, 8, 6, 4, 2,
)
SOCIAL: Curve = (
    2, 1, .5, .3, .2, .3, 1, 2.5, 4, 5, 5.5, 6.5, 7, 5, 4.5, 4.5, 5, 6, 7.5, 9, 10, 9, 7, 4,
)
OFFICE: Curve = (
    .1, .1, .1, .1, .1, .1, .4, 2, 8, 12, 12, 9, 4, 8, 11, 11, 9, 5, 2, 1, .6, .4, .2, .1,
)
MORNING: Curve = (
    .1, .1, .1, .1, .2, .5, 4, 8, 10, 6, 2, .5, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1, .1,
)
# fmt: on

_WEEKDAYS = (0.94, 0.92, 0.95, 0.99, 1.12, 1.18, 1.06)
_DAYS_OF_FULL_PURSES = frozenset({1, 10, 11, 15, 16, 25, 26})


def times_of_day(rng: np.random.Generator, curve: Curve, size: int) -> NDArray[np.int64]:
    """Microseconds since midnight, drawn from the curve of a day."""
    cumulative = np.concatenate(([0.0], np.cumsum(curve)))
    drawn = rng.random(size) * cumulative[-1]
    times: NDArray[np.int64] = np.interp(drawn, cumulative, np.arange(25.0) * HOUR).astype(np.int64)
    return times


def share_out(total: int, days: Sequence[Day]) -> tuple[int, ...]:
    """Split a number of rows over the days by their weights, to the last row."""
    weights = np.array([_weight(day) for day in days])
    edges = np.round(np.concatenate(([0.0], np.cumsum(weights))) / weights.sum() * total)
    return tuple(int(high - low) for low, high in pairwise(edges))


def _weight(day: Day) -> float:
    festive = 1.08 if day.day_of_month in _DAYS_OF_FULL_PURSES else 1.0
    return _WEEKDAYS[day.weekday - 1] * festive
