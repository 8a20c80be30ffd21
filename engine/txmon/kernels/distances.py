"""Distances of texts, as arrays of code points, and of places on the earth."""

from __future__ import annotations

import math

import numpy as np
from numba import float64, int64

from txmon.kernels.compiled import I32, I64, VALUES, Array, compiled, read_only

FLOATS = read_only(float64)
EARTH_RADIUS = 6371.0088
"""Mean radius of the earth, kilometres."""

MOST_LATITUDE, MOST_LONGITUDE = 90.0, 180.0


@compiled(VALUES(I32, I64, I32, I64, int64))
def edit_distances(
    first: Array, first_ends: Array, second: Array, second_ends: Array, longest: int
) -> Array:
    """The Levenshtein distance of each pair of texts; -1 where one has more than ``longest`` signs.

    Args:
        first: code points of the first texts, one after the other.
        first_ends: where each of them ends; the first number is 0.
        second: as ``first``, for the second texts.
        second_ends: as ``first_ends``.
        longest: code points that a text may have.
    """
    distances = np.empty(first_ends.size - 1, np.int64)
    row = np.empty(longest + 1, np.int32)
    for pair in range(distances.size):
        a, b = first_ends[pair], second_ends[pair]
        n, m = first_ends[pair + 1] - a, second_ends[pair + 1] - b
        if n > longest or m > longest:
            distances[pair] = -1
            continue
        for j in range(m + 1):
            row[j] = j
        for i in range(n):
            diagonal = row[0]
            row[0] = i + 1
            for j in range(m):
                kept = diagonal + (first[a + i] != second[b + j])
                diagonal = row[j + 1]
                row[j + 1] = min(kept, diagonal + 1, row[j] + 1)
        distances[pair] = row[m]
    return distances


@compiled(float64[::1](FLOATS, FLOATS, FLOATS, FLOATS))
def distances_km(latitudes: Array, longitudes: Array, others: Array, beyond: Array) -> Array:
    """Great circles between places in degrees (haversine), kilometres; NaN where out of range.

    Args:
        latitudes: of the first places, -90 to 90.
        longitudes: of the first places, -180 to 180.
        others: latitudes of the second places.
        beyond: longitudes of the second places.
    """
    distances = np.empty(latitudes.size, np.float64)
    degree = math.pi / 180.0
    for i in range(latitudes.size):
        upright = abs(latitudes[i]) <= MOST_LATITUDE and abs(others[i]) <= MOST_LATITUDE
        around = abs(longitudes[i]) <= MOST_LONGITUDE and abs(beyond[i]) <= MOST_LONGITUDE
        if not (upright and around):
            distances[i] = math.nan
            continue
        north, other = latitudes[i] * degree, others[i] * degree
        rise = math.sin((other - north) / 2.0)
        turn = math.sin((beyond[i] * degree - longitudes[i] * degree) / 2.0)
        half = rise * rise + math.cos(north) * math.cos(other) * (turn * turn)
        distances[i] = 2.0 * EARTH_RADIUS * math.asin(math.sqrt(min(1.0, half)))
    return distances
