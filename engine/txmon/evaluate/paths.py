"""What a graph pattern found: paths, their rows, accounts and measures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.table import TIME
from txmon.language.compile import measure_column
from txmon.language.numbers import divide, finite

if TYPE_CHECKING:
    from collections.abc import Collection

    from txmon.evaluate.frame import LaneFrame

Array = np.ndarray[Any, Any]
LARGEST = 2**63 - 1
SQUARE_LIMIT = 2**126
WRAPS = 2.0**126.5
"""A sum of squares that is estimated to be less fits into 128 bits; others are too large anyway."""


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths of some closing rows, all paths of each, the latest first.

    ``closing`` is the position of each path's closing row. The positions of its rows, ascending,
    are ``members[offsets[i]:offsets[i + 1]]``. ``size`` is what the pattern counts: hops, middle
    accounts or other accounts. ``inward`` says which members bring money to middle accounts; it
    is empty where a path's first member does. ``owner``, ``account`` and ``ref`` name the accounts
    in the subject's role: whose path, a number an account, and where its text stands (twice the
    row, plus 1 for its creditor).
    """

    closing: Array
    offsets: Array
    members: Array
    size: Array
    inward: Array
    owner: Array
    account: Array
    ref: Array

    @classmethod
    def none(cls) -> Paths:
        """No paths at all."""
        none, flags = np.empty(0, np.int64), np.empty(0, np.bool_)
        return cls(none, np.zeros(1, np.int64), none, none, flags, none, none, none)

    @property
    def first(self) -> Array:
        """The position of each path's first row."""
        first: Array = self.members[self.offsets[:-1]]
        return first


def measured(frame: LaneFrame, paths: Paths, names: Collection[str]) -> list[pl.Series]:
    """The named measures of every path, as columns of those names; null where one overflows."""
    return [_MEASURES[name](frame, paths).alias(measure_column(name)) for name in sorted(names)]


def _size(_frame: LaneFrame, paths: Paths) -> pl.Series:
    return pl.Series(paths.size.astype(np.int64))


def _middles(_frame: LaneFrame, paths: Paths) -> pl.Series:
    grouped = paths.inward.size > 0
    return pl.Series(paths.size.astype(np.int64) - (0 if grouped else 1))


def _duration(frame: LaneFrame, paths: Paths) -> pl.Series:
    times = frame.column(TIME).to_numpy()
    return pl.Series(times[paths.closing] - times[paths.first])


def _amounts(frame: LaneFrame, positions: Array) -> Array:
    amounts: Array = frame.column("amount").gather(pl.Series(positions)).to_numpy()
    return amounts


def _first_amount(frame: LaneFrame, paths: Paths) -> pl.Series:
    return pl.Series(_amounts(frame, paths.first))


def _last_amount(frame: LaneFrame, paths: Paths) -> pl.Series:
    return pl.Series(_amounts(frame, paths.closing))


def _min_amount(frame: LaneFrame, paths: Paths) -> pl.Series:
    amounts = _amounts(frame, paths.members)
    if not amounts.size:
        return pl.Series(amounts)
    return pl.Series(np.minimum.reduceat(amounts, paths.offsets[:-1]))


def _amount_in(frame: LaneFrame, paths: Paths) -> pl.Series:
    if not paths.inward.size:
        return _first_amount(frame, paths)
    return _total(frame, paths, paths.inward)


def _amount_out(frame: LaneFrame, paths: Paths) -> pl.Series:
    if not paths.inward.size:
        return _last_amount(frame, paths)
    return _total(frame, paths, ~paths.inward)


def _total(frame: LaneFrame, paths: Paths, counted: Array) -> pl.Series:
    """The exact total of some members of each path; null beyond 64 bits."""
    amounts = np.where(counted, _amounts(frame, paths.members), 0)
    starts = paths.offsets[:-1]
    upper = np.add.reduceat(amounts >> 32, starts)
    lower = np.add.reduceat(amounts & 0xFFFFFFFF, starts)
    whole = pl.lit(pl.Series(upper)).cast(pl.Int128) * 2**32 + pl.lit(pl.Series(lower))
    return pl.select(whole.cast(pl.Int64, strict=False)).to_series()


def _amount_cv(frame: LaneFrame, paths: Paths) -> pl.Series:
    """Sample standard deviation by mean, each one float step from exact integers."""
    amounts = pl.Series(_amounts(frame, paths.members)).cast(pl.Int128)
    sizes = np.diff(paths.offsets)
    owner = np.repeat(np.arange(sizes.size), sizes)
    x, n = pl.col("x"), pl.col("n").cast(pl.Int128)
    sums = (
        pl.DataFrame({"owner": owner, "x": amounts})
        .group_by("owner", maintain_order=True)
        .agg(
            *(x.sum().alias("sum"), (x * x).sum().alias("square"), pl.len().alias("n")),
            x.cast(pl.Float64).pow(2).sum().alias("estimate"),
        )
    )
    small = pl.col("square") < pl.lit(SQUARE_LIMIT - 1, pl.Int128) // n + 1
    fits = (pl.col("estimate") < WRAPS) & small
    spread = n * pl.col("square") - pl.col("sum") * pl.col("sum")
    degrees = (pl.col("n").cast(pl.Int64) * (pl.col("n").cast(pl.Int64) - 1)).cast(pl.Float64)
    deviation = divide(spread.cast(pl.Float64), degrees).sqrt()
    mean = divide(pl.col("sum").cast(pl.Float64), pl.col("n").cast(pl.Float64))
    return sums.select(pl.when(fits).then(finite(divide(deviation, mean)))).to_series()


_MEASURES = {
    "hops": _size,
    "middles": _middles,
    "others": _size,
    "first_amount": _first_amount,
    "last_amount": _last_amount,
    "min_amount": _min_amount,
    "amount_in": _amount_in,
    "amount_out": _amount_out,
    "amount_cv": _amount_cv,
    "duration": _duration,
}
