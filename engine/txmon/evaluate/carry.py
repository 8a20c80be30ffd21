"""What one evaluation hands to the next: rows still in reach, running totals, open alerts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.lanes import Part
    from txmon.plan import Windowed

Array = np.ndarray[Any, Any]
TIMELINE = "timeline"
LIMB = 2**32


@dataclass(frozen=True, slots=True)
class Carry:
    """The state of an evaluation after some rows; empty before the first.

    Attributes:
        rows: accepted rows that a window may still reach, in order, with their bookkeeping
            (``keep:LANE[:SIDE]`` which lane they still stand on, ``value:KEY[:SIDE]`` values of
            features that other features read at past rows); None if nothing was evaluated yet.
        running: per ``all time`` feature, a row a timeline: ``n``, ``total``, ``square`` over the
            rows that have left ``rows``, or the ``value`` kept of them.
        open: per rule with ``suppress``, a row a group: time, level and id of its open alert.
        data_start: where the data begins, microseconds; None if not yet known.
        strata: per stratum of rules over alerts, its own carry.
    """

    rows: pl.DataFrame | None = None
    running: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    open: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    data_start: int | Mapping[int, int] | None = None
    strata: tuple[Carry, ...] = ()

    @property
    def height(self) -> int:
        """Number of retained rows."""
        return 0 if self.rows is None else self.rows.height

    def number(self, key: str, name: str, frame: LaneFrame) -> Array | None:
        """A running number of every timeline of a part; None where there is no state.

        ``n`` counts, ``upper`` and ``lower`` are the limbs of the sum, ``a``, ``b`` and ``c`` those
        of the sum of squares, ``d1`` to ``d9`` count first digits.
        """
        if key not in self.running:
            return None
        numbers = self._joined(key, frame).select(_LIMBS[name].fill_null(0).cast(pl.Int64))
        return np.ascontiguousarray(numbers.to_series().to_numpy())

    def value(self, key: str, frame: LaneFrame, dtype: pl.DataType) -> pl.Series | None:
        """The value kept of every timeline of a part; None where there is no state."""
        if key not in self.running:
            return None
        return self._joined(key, frame)["value"].cast(dtype)

    def _joined(self, key: str, frame: LaneFrame) -> pl.DataFrame:
        timelines = pl.DataFrame({TIMELINE: frame.timelines})
        return timelines.join(self.running[key], on=TIMELINE, how="left", maintain_order="left")

    def seen(self, key: str, frame: LaneFrame, values: pl.Series) -> Array:
        """Whether each row's value was seen on its timeline before the retained rows."""
        if key not in self.running:
            return np.zeros(frame.height, np.bool_)
        counts = np.diff(frame.part.starts)
        rows = pl.DataFrame(
            {
                TIMELINE: frame.timelines.gather(
                    pl.Series(np.repeat(np.arange(counts.size, dtype=np.int32), counts))
                ),
                "value": values.cast(pl.String),
            }
        )
        known = self.running[key].select(TIMELINE, "value", seen=pl.lit(value=True))
        joined = rows.join(known, on=[TIMELINE, "value"], how="left", maintain_order="left")
        seen: Array = joined["seen"].fill_null(value=False).to_numpy()
        return seen

    def overlay(self, feature: Windowed, part: Part, values: pl.Series) -> pl.Series:
        """A feature's values, at retained rows those they had when they were judged."""
        key, sided = feature.key, feature.lane.values_sided
        names = [f"value:{key}:0", f"value:{key}:1"] if sided else [f"value:{key}"]
        if self.rows is None or names[0] not in self.rows.columns:
            return values
        index = np.where(part.rows < self.height, part.rows, -1)
        kept = [_gather(self.rows[name], index, values.dtype) for name in names]
        old = kept[0]
        if sided:
            sides = pl.Series(part.sided_refs & 1)
            old = pl.select(pl.when(sides == 0).then(kept[0]).otherwise(kept[1])).to_series()
        retained = pl.Series(part.rows < self.height)
        return pl.select(pl.when(retained).then(old).otherwise(values)).to_series()


def _gather(values: pl.Series, index: Array, dtype: pl.DataType) -> pl.Series:
    at = pl.Series(index)
    return values.cast(dtype).gather(pl.select(pl.when(at >= 0).then(at)).to_series())


_LIMBS = {
    "n": pl.col("n"),
    "upper": pl.col("total") // LIMB,
    "lower": pl.col("total") % LIMB,
    "a": pl.col("square") // LIMB**2,
    "b": pl.col("square") // LIMB % LIMB,
    "c": pl.col("square") % LIMB,
    **{f"d{digit}": pl.col(f"d{digit}") for digit in range(1, 10)},
}
