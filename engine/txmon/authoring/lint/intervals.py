"""Intervals of exact numbers with open or closed ends, and their arithmetic."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

Bound = Fraction | float
"""An exact number, or an infinity."""


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers between two ends; an infinite end is open."""

    low: Bound = -math.inf
    high: Bound = math.inf
    low_open: bool = False
    high_open: bool = False

    @property
    def empty(self) -> bool:
        """Whether no number lies in it."""
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))

    @property
    def positive(self) -> bool:
        """Whether every number in it is above zero."""
        return self.low > 0 or (self.low == 0 and self.low_open)

    @property
    def holds_zero(self) -> bool:
        """Whether zero lies in it."""
        return ZERO.within(self)

    def within(self, other: Interval) -> bool:
        """Whether every number of this one lies in the other."""
        low = self.low > other.low or (
            self.low == other.low and (self.low_open or not other.low_open)
        )
        high = self.high < other.high or (
            self.high == other.high and (self.high_open or not other.high_open)
        )
        return low and high

    def meet(self, other: Interval) -> Interval:
        """What lies in both."""
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = min((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not high_closed)

    def hull(self, other: Interval) -> Interval:
        """The smallest interval around both."""
        low, low_open = min((self.low, self.low_open), (other.low, other.low_open))
        high, high_closed = max((self.high, not self.high_open), (other.high, not other.high_open))
        return Interval(low, high, low_open, not high_closed)

    def whole(self) -> Interval:
        """The whole numbers in it, between ends that belong to it."""
        low, high = self.low, self.high
        if math.isfinite(low):
            low = Fraction(math.floor(low) + 1 if self.low_open else math.ceil(low))
        if math.isfinite(high):
            high = Fraction(math.ceil(high) - 1 if self.high_open else math.floor(high))
        return Interval(low, high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low, self.high_open, self.low_open)

    def __add__(self, other: Interval) -> Interval:
        return Interval(
            self.low + other.low,
            self.high + other.high,
            self.low_open or other.low_open,
            self.high_open or other.high_open,
        )

    def __mul__(self, other: Interval) -> Interval:
        if self.high <= 0 and self.low < 0:
            return -(-self * other)
        if other.high <= 0 and other.low < 0:
            return -(self * -other)
        if self.low >= 0 and other.low >= 0:
            return _product(self, other)
        ends = [_times(a, b) for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))


ANY = Interval()
ZERO = Interval(Fraction(0), Fraction(0))
NOT_NEGATIVE = Interval(Fraction(0))
POSITIVE = Interval(Fraction(0), low_open=True)
SHARE = Interval(Fraction(0), Fraction(1))


def point(value: Fraction) -> Interval:
    """The interval of one number."""
    return Interval(value, value)


def _times(one: Bound, other: Bound) -> Bound:
    return Fraction(0) if one == 0 or other == 0 else one * other


def _product(one: Interval, other: Interval) -> Interval:
    """The product of two intervals without negative numbers."""
    low = _times(one.low, other.low)
    reached = [side for side in (one, other) if side.low == 0 and not side.low_open]
    low_open = not reached if low == 0 else one.low_open or other.low_open
    high = _times(one.high, other.high)
    return Interval(low, high, low_open, one.high_open or other.high_open)
