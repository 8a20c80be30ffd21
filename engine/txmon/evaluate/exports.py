"""Features of one lane, handed to the lanes that read them, as values by row and side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.results import CAUSES

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.lanes import Part

Array = np.ndarray[Any, Any]
REASON = pl.Enum(CAUSES)
"""Causes of an unknown value."""


def places_of(parts: Sequence[Part], references: int) -> Array:
    """Where, in the parts laid end to end, the value of each reference stands; -1 for nowhere."""
    places = np.full(references, -1, np.int32)
    begin = 0
    for part in parts:
        positions, refs = part.answers
        places[refs] = positions + np.int32(begin)
        begin += part.refs.size
    return places


class Exports:
    """Values that lanes have handed out: one a row, or one a row and side for sided lanes."""

    def __init__(self, height: int) -> None:
        self._height = height
        self._values: dict[str, tuple[pl.Series, bool]] = {}
        self._reasons: dict[str, tuple[pl.Series, bool]] = {}

    def add(self, frames: Sequence[LaneFrame], keys: Iterable[str]) -> None:
        """Take the values of features from every part of their lane."""
        keys = [key for key in keys if key not in self._values]
        if not keys:
            return
        sided = frames[0].part.lane.values_sided
        places = places_of([frame.part for frame in frames], self._height * (2 if sided else 1))
        index = pl.select(pl.when(pl.Series(places) >= 0).then(pl.Series(places))).to_series()
        for key in keys:
            values = pl.concat([frame.answered(key) for frame in frames])
            self._values[key] = values.gather(index), sided
            if any(key in frame.reasons for frame in frames):
                reasons = pl.concat([_reason(frame, key) for frame in frames])
                self._reasons[key] = reasons.gather(index), sided

    def read(self, key: str, part: Part) -> pl.Series:
        """A feature's values at the rows of another lane's part."""
        return _at(self._values[key], part)

    def reason(self, key: str, part: Part) -> pl.Series | None:
        """Why a feature is unknown, null where for the usual reason; None if it always is."""
        return _at(self._reasons[key], part) if key in self._reasons else None

    def values(self, key: str) -> tuple[pl.Series, bool]:
        """A feature's values in the table's order, and whether there is one a side."""
        return self._values[key]


def _at(values: tuple[pl.Series, bool], part: Part) -> pl.Series:
    series, sided = values
    return series.gather(pl.Series(part.sided_refs if sided else part.rows))


def _reason(frame: LaneFrame, key: str) -> pl.Series:
    if key in frame.reasons:
        return frame.reasons[key]
    return pl.repeat(None, frame.height, dtype=REASON, eager=True)
