"""Aggregates over windows of rows, wherever the rows come from: the one meaning of each."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.values import (
    at_places,
    average,
    deviation,
    nullable,
    sortable,
    value_codes,
)
from txmon.language import separate
from txmon.language.numbers import middle, raise_scale
from txmon.language.separate import own

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.evaluate.frame import LaneFrame
    from txmon.language.nodes import Aggregate, Expr, Literal
    from txmon.plan import Windowed

Array = np.ndarray[Any, Any]
POWERS = 10 ** np.arange(19, dtype=np.int64)
SHARES = tuple(math.log10(1 + 1 / digit) for digit in range(1, 10))
"""How often each first digit stands at the head of numbers, by Benford's law."""
LIMB_LIMIT = 2**94
"""Beyond the sum of any rows, and within two limbs."""


class Look:
    """The windows of one aggregate over some rows, as kernels take them.

    ``low`` and ``high`` bound each row's window, ``mask`` says which rows count. ``overflow``
    and ``cut`` are set where a value is unknown because it does not fit, or because the search
    for it was given up.
    """

    def __init__(
        self, frame: LaneFrame, feature: Windowed, bounds: tuple[Array, Array], mask: Array
    ) -> None:
        self.frame = frame
        self.feature = feature
        self.starts = frame.part.starts
        self.low, self.high = bounds
        self.mask = mask
        self.overflow: Array | None = None
        self.cut: Array | None = None

    def read(self, node: Expr) -> pl.Series:
        """The value of an expression at every row."""
        return self.frame.expression(node)

    def asked(self, node: Expr) -> pl.Series:
        """The value of an expression at the payment that each window is asked for."""
        return self.frame.asked(node)

    def per_row(self, per_timeline: Array) -> Array:
        """One value a timeline as one a row."""
        return np.repeat(per_timeline, np.diff(self.starts))

    def timeline_of(self) -> pl.Series:
        """The number of each row's timeline."""
        return pl.Series(self.per_row(np.arange(self.starts.size - 1, dtype=np.int32)))

    def argument(self, node: Expr) -> tuple[Array, Array]:
        """An exact argument as int64, and which counted rows have one."""
        values = self.read(node).cast(pl.Int64, strict=False)
        mask = self.mask
        if values.null_count():
            mask = mask & values.is_not_null().to_numpy()
            values = values.fill_null(0)
        return np.ascontiguousarray(values.to_numpy()), mask

    def count(self, mask: Array, name: str = "n") -> Array:
        """Masked rows of each window; ``name`` is that of the running count before them."""
        counts: Array = kernels.count(self.starts, self.low, self.high, mask)
        before = self.frame.carry.number(self.feature.key, name, self.frame)
        return counts if before is None else counts + self.per_row(before)

    def begin(self, name: str) -> Array:
        """A running number of each timeline before these rows."""
        before = self.frame.carry.number(self.feature.key, name, self.frame)
        return np.zeros(self.starts.size - 1, np.int64) if before is None else before

    def total(self, x: Array, mask: Array) -> tuple[Array, Array]:
        """Exact sum over the masked rows of each window, and whether it fits 64 bits."""
        begin = (self.begin("upper"), self.begin("lower"))
        sums, fits = kernels.total(self.starts, self.low, self.high, mask, x, *begin)
        return sums, fits


def ranked(starts: Array, x: Array) -> tuple[Array, Array]:
    """The positions of each timeline by value, and the rank of each position."""
    timelines = np.repeat(np.arange(starts.size - 1, dtype=np.int32), np.diff(starts))
    by_value = np.argsort(x, kind="stable").astype(np.int32)
    order: Array = kernels.group(timelines, by_value, starts.size - 1)
    rank = np.empty(x.size, np.int32)
    rank[order] = np.arange(x.size, dtype=np.int32) - starts[timelines[order]]
    return order, rank


def aggregated(look: Look, node: Aggregate) -> pl.Series:
    """The value of an aggregate at every row; null is unknown."""
    return _AGGREGATES[node.function](look, node)


def _count(look: Look, _node: Aggregate) -> pl.Series:
    return pl.Series(look.count(look.mask))


def _sum(look: Look, node: Aggregate) -> pl.Series:
    sums, fits = look.total(*look.argument(node.arguments[0]))
    look.overflow = ~fits
    return nullable(sums, fits)


def _mean(look: Look, node: Aggregate) -> pl.Series:
    x, mask = look.argument(node.arguments[0])
    sums, fits = look.total(x, mask)
    n = look.count(mask)
    look.overflow = ~fits
    return average(sums, n, fits, node.arguments[0].type)


def _std(look: Look, node: Aggregate) -> pl.Series:
    x, mask = look.argument(node.arguments[0])
    sums, fits = look.total(x, mask)
    n = look.count(mask)
    begin = (look.begin(name) for name in ("a", "b", "c"))
    a, b, c = kernels.squares(look.starts, look.low, look.high, mask, x, *begin)
    parts = pl.DataFrame({"n": n, "sum": sums, "a": a, "b": b, "c": c, "fits": fits})
    values, small = deviation(parts, node.arguments[0].type)
    look.overflow = ~small
    return values


def _wide(name: str) -> pl.Expr:
    return pl.col(name).cast(pl.Int128)


def _extreme(look: Look, node: Aggregate) -> pl.Series:
    values = look.read(node.arguments[0])
    mask = look.mask & values.is_not_null().to_numpy()
    largest = node.function == "max"
    best = kernels.extreme(look.starts, look.low, look.high, mask, sortable(values), largest)
    found = at_places(values, best)
    before = look.frame.carry.value(look.feature.key, look.frame, found.dtype)
    if before is None:
        return found
    pick = pl.max_horizontal if largest else pl.min_horizontal
    both = pl.DataFrame({"found": found, "before": before.gather(look.timeline_of())})
    return both.select(pick("found", "before")).to_series()


def _distinct(look: Look, node: Aggregate) -> pl.Series:
    codes, size = value_codes(look.frame, [look.read(item) for item in node.arguments])
    mask = look.mask & (codes >= 0)
    return pl.Series(kernels.distinct(look.starts, look.low, look.high, mask, codes, size))


def _edge_value(look: Look, node: Aggregate) -> pl.Series:
    search = kernels.first_in if node.function == "first" else kernels.last_in
    at = search(look.starts, look.low, look.high, look.mask)
    return with_state(look, look.read(node.arguments[0]), at, earliest=node.function == "first")


def with_state(look: Look, values: pl.Series, at: Array, *, earliest: bool) -> pl.Series:
    """Values at positions; the value before these rows where it is earlier, or none is found."""
    found = at_places(values, at)
    key, frame = look.feature.key, look.frame
    before, known = frame.carry.value(key, frame, found.dtype), frame.carry.number(key, "n", frame)
    if before is None or known is None:
        return found
    has = look.per_row(known) > 0
    use = pl.Series(has if earliest else has & (at < 0))
    old = before.gather(look.timeline_of())
    return pl.select(pl.when(use).then(old).otherwise(found)).to_series()


def _at_ranks(
    look: Look, values: pl.Series, choose: Callable[[Array], tuple[Array, Array]]
) -> tuple[pl.Series, pl.Series]:
    """The values of each window at two places by size; ``choose`` says which, of how many."""
    mask = look.mask & values.is_not_null().to_numpy()
    order, rank = ranked(look.starts, sortable(values))
    places = (place.astype(np.int32) for place in choose(look.count(mask)))
    at = kernels.nth(look.starts, look.low, look.high, mask, order, rank, *places)
    return at_places(values, at[0]), at_places(values, at[1])


def _median(look: Look, node: Aggregate) -> pl.Series:
    x = node.arguments[0]
    values = look.read(x).cast(pl.Int64, strict=False)
    lower, upper = _at_ranks(look, values, lambda n: ((n + 1) // 2, np.where(n > 0, n // 2 + 1, 0)))
    both = pl.DataFrame({"lower": lower, "upper": upper})
    return both.select(middle(pl.col("lower"), pl.col("upper"), x.type)).to_series()


def _percentile(look: Look, node: Aggregate) -> pl.Series:
    share: Literal = node.arguments[1]  # type: ignore[assignment]
    whole, part = 100 * 10**share.type.scale, int(share.value)
    step = math.gcd(whole, part)

    def choose(n: Array) -> tuple[Array, Array]:
        exact = _wide("n") * pl.lit(part // step, pl.Int128)
        divisor = pl.lit(whole // step, pl.Int128)
        place = (exact + divisor - 1) // divisor
        least = pl.DataFrame({"n": n}).select(place.cast(pl.Int64)).to_series().to_numpy()
        k = np.where(n > 0, np.maximum(least, 1), 0)
        return k, np.zeros_like(k)

    return _at_ranks(look, look.read(node.arguments[0]), choose)[0]


def first_digits(x: Array) -> Array:
    """The first significant digit of each |x|, 0 of zero; int8."""
    size = np.abs(x)
    power = np.searchsorted(POWERS, size, side="right") - 1
    return (size // POWERS[np.maximum(power, 0)]).astype(np.int8)


def _benford(look: Look, node: Aggregate) -> pl.Series:
    x, mask = look.argument(node.arguments[0])
    digits = first_digits(x)
    counts = [look.count(mask & (digits == digit), f"d{digit}") for digit in range(1, 10)]
    n = np.add.reduce(counts)
    square = np.zeros(n.size, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        for found, share in zip(counts, SHARES, strict=True):
            expected = n.astype(np.float64) * share
            apart = found.astype(np.float64) - expected
            square += apart * apart / expected
    return nullable(square, n > 0)


def _legs(look: Look, node: Aggregate) -> pl.Series:
    x, mask = look.argument(node.arguments[0])
    least, most = _goal(look, node)
    known = (least.is_not_null() & most.is_not_null()).to_numpy()
    place = np.concatenate([[0], np.cumsum(mask)]).astype(np.int32)
    first, last = place[look.low], np.where(known, place[look.high], 0).astype(np.int32)
    limbs = [part for bound in (least, most) for part in _limbs(bound)]
    found, cut = kernels.legs(first, last, x[mask], *limbs, separate.SEARCH_ROWS)
    look.cut = cut
    return nullable(found, found > 0)


def _goal(look: Look, node: Aggregate) -> tuple[pl.Series, pl.Series]:
    """The least and the most that the latest rows may add up to, at the scale of x; Int128."""
    x, target, tolerance = node.arguments
    values = pl.DataFrame(
        [look.asked(own(target)).alias("target"), look.asked(own(tolerance)).alias("tolerance")]
    )
    scale = max(target.type.scale + tolerance.type.scale, x.type.scale)
    goal = raise_scale(pl.col("target"), target.type, scale, wide=True)
    raised = pl.lit(10 ** (scale - target.type.scale - tolerance.type.scale), pl.Int128)
    off = pl.col("target").cast(pl.Int128).abs() * pl.col("tolerance").cast(pl.Int128) * raised
    step = pl.lit(10 ** (scale - x.type.scale), pl.Int128)
    least, most = 0 - (off - goal) // step, (goal + off) // step
    limits = (pl.lit(-LIMB_LIMIT, pl.Int128), pl.lit(LIMB_LIMIT, pl.Int128))
    fits = off >= 0
    chosen = values.select(
        pl.when(fits).then(bound.clip(*limits)).alias(name)
        for name, bound in (("least", least), ("most", most))
    )
    return chosen["least"], chosen["most"]


def _limbs(bound: pl.Series) -> tuple[Array, Array]:
    whole = bound.fill_null(0).to_frame("bound")
    limbs = whole.select(
        (pl.col("bound") // 2**32).cast(pl.Int64).alias("upper"),
        (pl.col("bound") % 2**32).cast(pl.Int64).alias("lower"),
    )
    return limbs["upper"].to_numpy(), limbs["lower"].to_numpy()


_AGGREGATES: dict[str, Callable[[Look, Aggregate], pl.Series]] = {
    "count": _count,
    "sum": _sum,
    "mean": _mean,
    "std": _std,
    "min": _extreme,
    "max": _extreme,
    "distinct": _distinct,
    "first": _edge_value,
    "last": _edge_value,
    "median": _median,
    "percentile": _percentile,
    "benford": _benford,
    "legs": _legs,
}
