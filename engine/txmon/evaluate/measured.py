"""Row functions that are kernels: distances of texts and of places, each different pair once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.kernels.distances import distances_km, edit_distances
from txmon.language.compile import Compiler

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from txmon.language.checked import Pack

Array = np.ndarray[Any, Any]
LONGEST = 1_000
"""Code points of the longest text whose distance is worked out; of a longer one it is unknown."""


def compiler_of(pack: Pack) -> Compiler:
    """The compiler of a pack's expressions."""
    return Compiler(pack.timezone, pack.lists, pack.holidays, measured=MEASURED)


def edit_distance(columns: Sequence[pl.Series]) -> pl.Series:
    """The Levenshtein distance of two columns of texts, in code points; null where unknown."""
    texts = _of_one_height(columns)
    pairs = texts.unique().drop_nulls()
    first, second = (_points(pairs[name]) for name in pairs.columns)
    distances = pl.Series("distance", edit_distances(*first, *second, LONGEST))
    measured = pairs.with_columns(distances.set(distances < 0, None))
    found = texts.join(measured, on=pairs.columns, how="left", maintain_order="left")
    return found["distance"]


def similarity(columns: Sequence[pl.Series]) -> pl.Series:
    """``(n - d) / n`` of the longer length n and the distance d; 1 of two empty texts."""
    distance = edit_distance(columns)
    lengths = _of_one_height(columns).select(pl.all().str.len_chars().cast(pl.Float64))
    longer = lengths.select(pl.max_horizontal(pl.all())).to_series().fill_null(1)
    n = np.maximum(longer.to_numpy(), 1.0)
    values = pl.Series((n - distance.fill_null(0).to_numpy()) / n)
    return values.set(distance.is_null(), None)


def distance_km(columns: Sequence[pl.Series]) -> pl.Series:
    """Kilometres between two columns of places, in degrees; null where one is out of range."""
    places = _of_one_height(columns).select(pl.all().cast(pl.Float64).fill_null(np.nan))
    degrees = [np.ascontiguousarray(place.to_numpy()) for place in places]
    return pl.Series(distances_km(*degrees)).fill_nan(None)


def _of_one_height(columns: Sequence[pl.Series]) -> pl.DataFrame:
    """The columns beside each other, a constant in every row."""
    height = max(map(len, columns)) if all(map(len, columns)) else 0
    even = [one if one.len() == height else one.new_from_index(0, height) for one in columns]
    return pl.DataFrame([one.alias(str(number)) for number, one in enumerate(even)])


def _points(texts: pl.Series) -> tuple[Array, Array]:
    """The code points of texts one after the other, and where each text ends, from 0 on."""
    ends = np.zeros(texts.len() + 1, np.int64)
    np.cumsum(texts.str.len_chars().to_numpy(), out=ends[1:])
    joined = "".join(texts.to_list()).encode("utf-32-le")
    return np.frombuffer(joined, np.int32), ends


MEASURED: Mapping[str, Callable[[Sequence[pl.Series]], pl.Series]] = {
    "edit_distance": edit_distance,
    "similarity": similarity,
    "distance_km": distance_km,
}
