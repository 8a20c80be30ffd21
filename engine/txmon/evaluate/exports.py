"""Features of one lane, handed to the lanes that read them, as values by row and side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.lanes import Part

Array = np.ndarray[Any, Any]


class Exports:
    """Values that lanes have handed out: one a row, or one a row and side for sided lanes."""

    def __init__(self, height: int) -> None:
        self._height = height
        self._values: dict[str, tuple[pl.Series, bool]] = {}
        self._overflows: dict[str, tuple[pl.Series, bool]] = {}

    def add(self, frames: Sequence[LaneFrame], keys: Iterable[str]) -> None:
        """Take the values of features from every part of their lane."""
        keys = [key for key in keys if key not in self._values]
        if not keys:
            return
        sided = frames[0].part.lane.sided
        places = self._places([frame.part for frame in frames], sided=sided)
        for key in keys:
            values = pl.concat([frame.column(key) for frame in frames])
            self._values[key] = values.gather(places), sided
            if any(key in frame.overflows for frame in frames):
                flags = pl.concat([_overflow(frame, key) for frame in frames])
                self._overflows[key] = flags.gather(places), sided

    def _places(self, parts: Sequence[Part], *, sided: bool) -> pl.Series:
        """Where each row (and side) stands in the parts laid end to end; null if in none."""
        refs = np.concatenate([part.refs for part in parts])
        places = np.full(self._height * (2 if sided else 1), -1, np.int32)
        places[refs] = np.arange(refs.size, dtype=np.int32)
        return pl.select(pl.when(pl.Series(places) >= 0).then(pl.Series(places))).to_series()

    def read(self, key: str, part: Part) -> pl.Series:
        """A feature's values at the rows of another lane's part."""
        return _at(self._values[key], part)

    def overflow(self, key: str, part: Part) -> pl.Series | None:
        """Where a feature is unknown by overflow, or None if it never is."""
        return _at(self._overflows[key], part) if key in self._overflows else None

    def values(self, key: str) -> tuple[pl.Series, bool]:
        """A feature's values in the table's order, and whether there is one a side."""
        return self._values[key]


def _at(values: tuple[pl.Series, bool], part: Part) -> pl.Series:
    series, sided = values
    return series.gather(pl.Series(part.sided_refs if sided else part.rows))


def _overflow(frame: LaneFrame, key: str) -> pl.Series:
    if key in frame.overflows:
        return frame.overflows[key]
    return pl.repeat(value=False, n=frame.height, eager=True)
