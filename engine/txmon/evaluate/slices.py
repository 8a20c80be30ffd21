"""Aggregates of slices of values: of each group's rows, and of each row's groups."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.values import (
    at_places,
    average,
    deviation,
    from_sortable,
    nullable,
    sortable,
    unit,
)
from txmon.language.numbers import divide

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.types import Type

Array = np.ndarray[Any, Any]
Taken = tuple[pl.Series, Array | None]
"""The value of each slice, null where unknown; and where that is so by overflow."""

LIMB = 0xFFFFFFFF


class Slices(NamedTuple):
    """Slices ``lo:hi`` of values, int32; ``marks`` are equal where slices move on side by side."""

    lo: Array
    hi: Array
    marks: Array


@dataclass(frozen=True)
class Values:
    """Values that slices are taken of, null where unknown, with their running totals.

    ``codes`` tell the values apart (-1: null); they are needed by ``distinct`` only.
    """

    series: pl.Series
    type: Type
    codes: Array | None = None

    @cached_property
    def known(self) -> Array:
        """Which values there are."""
        known: Array = self.series.is_not_null().to_numpy()
        return known

    @cached_property
    def x(self) -> Array:
        """The values as integers in their order, 0 for null."""
        return sortable(self.series)

    @cached_property
    def numbers(self) -> Array:
        """How many values stand before each place."""
        return _running(self.known)

    @cached_property
    def limbs(self) -> tuple[Array, Array]:
        """Sums of the values before each place, as ``upper * 2**32 + lower``."""
        return _running(self.x >> 32), _running(self.x & LIMB)

    @cached_property
    def squares(self) -> tuple[Array, Array, Array, Array]:
        """Sums of the squares before each place: two limbs of ``a``, then ``b`` and ``c``.

        A sum is ``a * 2**64 + b * 2**32 + c``, ``a`` being ``upper * 2**32 + lower``.
        """
        size = np.abs(self.x)
        over, under = size >> 32, size & LIMB
        cross, small = over * under, under.astype(np.uint64) ** 2
        parts = (
            over * over >> 32,
            (over * over & LIMB) + (cross >> 31),
            ((cross & (LIMB >> 1)) << 1) + (small >> np.uint64(32)).astype(np.int64),
            (small & np.uint64(LIMB)).astype(np.int64),
        )
        upper, lower, b, c = map(_running, parts)
        return upper, lower, b, c

    @cached_property
    def ranks(self) -> tuple[Array, Array]:
        """The different values in order, and the bits of every known value's place among them."""
        different, ranks = np.unique(self.x[self.known], return_inverse=True)
        if different.size == 0:
            return np.zeros(1, np.int64), np.zeros(1, np.int32)
        bits = max(1, int(different.size - 1).bit_length())
        return different, kernels.rank_bits(ranks.astype(np.int32), bits)

    @cached_property
    def trees(self) -> dict[bool, Array]:
        """Trees of the largest and the smallest values, as they are needed."""
        return {}

    def count(self, slices: Slices) -> Array:
        """How many values each slice has."""
        found: Array = self.numbers[slices.hi] - self.numbers[slices.lo]
        return found

    def total(self, slices: Slices) -> tuple[Array, Array]:
        """The exact sum of each slice, and whether it fits 64 bits."""
        upper, lower = (limb[slices.hi] - limb[slices.lo] for limb in self.limbs)
        top = upper + (lower >> 32)
        fits = (top >= -(1 << 31)) & (top < 1 << 31)
        return np.where(fits, (top << 32) + (lower & LIMB), 0), fits


def _running(parts: Array) -> Array:
    """Sums of everything before each place."""
    totals = np.zeros(parts.size + 1, np.int64)
    np.cumsum(parts, out=totals[1:])
    return totals


def take(function: str, values: Values, slices: Slices) -> Taken:
    """The aggregate of each slice."""
    return _TAKES[function](values, slices)


def _sum(values: Values, slices: Slices) -> Taken:
    sums, fits = values.total(slices)
    return nullable(sums, fits), ~fits


def _mean(values: Values, slices: Slices) -> Taken:
    sums, fits = values.total(slices)
    return average(sums, values.count(slices), fits, values.type), ~fits


def _std(values: Values, slices: Slices) -> Taken:
    sums, fits = values.total(slices)
    upper, lower, b, c = (limb[slices.hi] - limb[slices.lo] for limb in values.squares)
    b_all = b + (c >> 32)
    a_all = lower + (b_all >> 32)
    top = np.minimum(upper + (a_all >> 32), kernels.SQUARE_TOP)
    limbs = {"a": (top << 32) + (a_all & LIMB), "b": b_all & LIMB, "c": c & LIMB}
    n = values.count(slices)
    found, small = deviation(
        pl.DataFrame({"n": n, "sum": sums, **limbs, "fits": fits}), values.type
    )
    return found, ~small


def _extreme(largest: bool) -> Callable[[Values, Slices], Taken]:  # noqa: FBT001 - which one
    def take_extreme(values: Values, slices: Slices) -> Taken:
        if largest not in values.trees:
            values.trees[largest] = kernels.best_tree(values.known, values.x, largest)
        tree = values.trees[largest]
        places = kernels.extreme_of(slices.lo, slices.hi, tree, values.x, largest)
        return at_places(values.series, places), None

    return take_extreme


def _distinct(values: Values, slices: Slices) -> Taken:
    assert values.codes is not None  # noqa: S101 - distinct is given codes
    size = int(values.codes.max(initial=-1)) + 1
    places = np.arange(slices.lo.size, dtype=np.int32)
    order = kernels.group(slices.marks, places, int(slices.marks.max(initial=-1)) + 1)
    known = values.codes >= 0
    counts = kernels.distinct_of(order, *_by_mark(slices), known, values.codes, size)
    return pl.Series(counts), None


def _by_mark(slices: Slices) -> tuple[Array, Array, Array]:
    return slices.marks, slices.lo, slices.hi


def _first(values: Values, slices: Slices) -> Taken:
    return at_places(values.series, np.where(slices.lo < slices.hi, slices.lo, -1)), None


def _last(values: Values, slices: Slices) -> Taken:
    return at_places(values.series, np.where(slices.lo < slices.hi, slices.hi - 1, -1)), None


def _median(values: Values, slices: Slices) -> Taken:
    """The middle value, or half of the two middle ones, in one float step."""
    n = values.count(slices)
    end_to_end = slices.lo.size > 0 and bool((slices.lo[1:] == slices.hi[:-1]).all())
    middles = _sorted_middles(values, slices) if end_to_end else _ranked_middles(values, slices, n)
    lower, upper = (from_sortable(x, values.series.dtype) for x in middles)
    exact = pl.Int128 if values.type.exact else pl.Float64
    both = pl.DataFrame({"lower": lower, "upper": upper, "some": n > 0})
    total = (pl.col("lower").cast(exact) + pl.col("upper").cast(exact)).cast(pl.Float64)
    steps = 2 * unit(values.type) if values.type.exact else 2
    half = divide(total, pl.lit(float(steps)))
    return both.select(pl.when("some").then(half)).to_series(), None


def _sorted_middles(values: Values, slices: Slices) -> tuple[Array, Array]:
    """The two middle values of slices that lie end to end."""
    offsets = values.numbers[np.append(slices.lo, slices.hi[-1:])]
    lower, upper = kernels.middle_of(values.x[values.known], offsets)
    return lower, upper


def _ranked_middles(values: Values, slices: Slices, n: Array) -> tuple[Array, Array]:
    """The two middle values of slices that overlap."""
    ranked, zeros = values.ranks
    bits, size = zeros.size // (int(values.numbers[-1]) + 1), int(values.numbers[-1])
    lo, hi = (values.numbers[edge].astype(np.int32) for edge in (slices.lo, slices.hi))
    places = (np.maximum(n - 1, 0) // 2, n // 2)
    ranks = (kernels.nth_of(zeros, bits, size, lo, hi, place.astype(np.int32)) for place in places)
    lower, upper = (ranked[rank] for rank in ranks)
    return lower, upper


_TAKES: dict[str, Callable[[Values, Slices], Taken]] = {
    "count": lambda _, slices: (pl.Series((slices.hi - slices.lo).astype(np.int64)), None),
    "sum": _sum,
    "mean": _mean,
    "std": _std,
    "min": _extreme(largest=False),
    "max": _extreme(largest=True),
    "distinct": _distinct,
    "first": _first,
    "last": _last,
    "median": _median,
}
