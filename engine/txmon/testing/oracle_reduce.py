"""What each aggregate makes of values, for the oracle."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from txmon.testing.oracle_order import benford
from txmon.testing.oracle_values import NOTHING, OVERFLOW, Unknown, finite, fits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.testing.oracle_values import Answer, Value
    from txmon.types import Type

HIGHEST_SQUARES = 2**126


def end(function: str, values: Sequence[Answer]) -> Answer:
    """The first or last of some values, a null there too."""
    if not values:
        return NOTHING
    value = values[0] if function == "first" else values[-1]
    return NOTHING if isinstance(value, Unknown) else value


def reduce(function: str, values: Sequence[Value], type_: Type) -> Answer:
    """An aggregate of known values of a type."""
    match function:
        case "count" | "distinct":
            return len(values) if function == "count" else len(set(values))
        case "first" | "last":
            return end(function, values)
        case "min" | "max":
            pick = min if function == "min" else max
            return pick(values) if values else NOTHING
        case "median":
            return _median(values, type_)
        case "benford":
            return benford([int(value) for value in values])
        case _:
            return _exact(function, [int(value) for value in values], type_)


def _exact(function: str, values: Sequence[int], type_: Type) -> Answer:
    match function:
        case "sum":
            total = sum(values)
            return total if fits(total) else OVERFLOW
        case "mean":
            return _mean(values, type_)
        case "std":
            return _std(values, type_)
        case _:
            raise ValueError(function)


def _unit(type_: Type) -> int:
    return int(10 ** (type_.scale - type_.base_scale))


def _mean(values: Sequence[int], type_: Type) -> Answer:
    if not values:
        return NOTHING
    total = sum(values)
    return float(total) / float(len(values) * _unit(type_)) if fits(total) else OVERFLOW


def _std(values: Sequence[int], type_: Type) -> Answer:
    n = len(values)
    if n < 2:  # noqa: PLR2004 - the sample deviation needs two values
        return NOTHING
    squares = n * sum(value * value for value in values)
    if squares >= HIGHEST_SQUARES:
        return OVERFLOW
    spread = squares - sum(values) ** 2
    return finite(math.sqrt(float(spread) / float(n * (n - 1))) / float(_unit(type_)))


def _median(values: Sequence[Value], type_: Type) -> Answer:
    """The middle value, or the mean of the two middle ones: one float step."""
    if not values:
        return NOTHING
    ranked, last = sorted(values), len(values) - 1
    lower, upper = ranked[last // 2], ranked[(last + 1) // 2]
    if not type_.exact:
        return finite((float(lower) + float(upper)) / 2)
    return float(int(lower) + int(upper)) / float(2 * _unit(type_))
