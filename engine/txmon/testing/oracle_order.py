"""What the aggregates of order mean: percentile, Benford's law, latest rows that add up."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

from txmon.language import separate
from txmon.language.nodes import Literal
from txmon.testing.oracle_values import GIVEN_UP, NOTHING, Unknown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.language.nodes import Expr
    from txmon.testing.oracle_values import Answer, Value


def percentile(values: Sequence[Value], share: Expr) -> Answer:
    """The smallest value with at least so many of a hundred of the values not above it."""
    assert isinstance(share, Literal)  # noqa: S101 - the language takes nothing else
    wanted = Fraction(int(share.value), 100 * 10**share.type.scale) * len(values)
    for value in sorted(values):
        if len([1 for other in values if other <= value]) >= wanted:  # type: ignore[operator]
            return value
    return NOTHING


def benford(values: Sequence[int]) -> Answer:
    """How far first digits are from Benford's law, in chi-square."""
    heads = [str(abs(value))[0] for value in values if value]
    if not heads:
        return NOTHING
    square = 0.0
    for digit in range(1, 10):
        expected = float(len(heads)) * math.log10(1 + 1 / digit)
        apart = float(heads.count(str(digit))) - expected
        square += apart * apart / expected
    return square


def legs(values: Sequence[Value], arguments: Sequence[Expr], asked: Sequence[Answer]) -> Answer:
    """The least number of the latest values that add up to the target, or nearly."""
    target, tolerance = asked
    if isinstance(target, Unknown) or isinstance(tolerance, Unknown):
        return NOTHING
    scales = [10**argument.type.scale for argument in arguments]
    goal, share = Fraction(int(target), scales[1]), Fraction(int(tolerance), scales[2])
    total = Fraction(0)
    for count, value in enumerate(reversed(values), 1):
        if count > separate.SEARCH_ROWS:
            return GIVEN_UP
        total += Fraction(int(value), scales[0])
        if abs(total - goal) <= share * abs(goal):
            return count
    return NOTHING
