"""Small lanes for kernels: timelines, times, masks, values and codes that collide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from txmon import kernels

if TYPE_CHECKING:
    from collections.abc import Iterator

Array = np.ndarray[Any, Any]
CODES = 3
WIDEST = 2**62


@dataclass(frozen=True)
class Lane:
    """A small lane: timelines, times, a mask, values and codes."""

    starts: Array
    times: Array
    mask: Array
    x: Array
    codes: Array

    @property
    def none(self) -> Array:
        """No state from earlier rows."""
        return np.zeros(self.starts.size - 1, np.int64)

    def rows(self) -> Iterator[tuple[int, int]]:
        """The first position of the timeline of each row, and the row."""
        for start, end in zip(self.starts, self.starts[1:], strict=False):
            for row in range(start, end):
                yield int(start), row

    def window(self, start: int, row: int, length: int) -> list[int]:
        """Masked positions of the timeline up to the row with a time > t - length."""
        inside = range(start, row + 1)
        return [p for p in inside if self.times[p] > self.times[row] - length and self.mask[p]]


@st.composite
def lanes(draw: st.DrawFn) -> Lane:
    sizes = draw(st.lists(st.integers(1, 6), min_size=1, max_size=4))
    times = [sorted(draw(st.lists(st.integers(0, 8), min_size=n, max_size=n))) for n in sizes]
    height = sum(sizes)
    values = st.one_of(st.integers(-5, 5), st.sampled_from([WIDEST, -WIDEST, 10**17]))

    def several(strategy: st.SearchStrategy[Any]) -> list[Any]:
        return draw(st.lists(strategy, min_size=height, max_size=height))

    lane = Lane(
        np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32),
        np.concatenate(times).astype(np.int64),
        np.array(several(st.booleans())),
        np.array(several(values), np.int64),
        np.array(several(st.integers(-1, CODES - 1)), np.int32),
    )
    lane.times.flags.writeable = False  # kernels only read
    return lane


def bounds(lane: Lane, length: int) -> tuple[Array, Array]:
    low = kernels.time_bounds(lane.starts, lane.times, length)
    return low, np.arange(1, lane.times.size + 1, dtype=np.int32)


lengths = st.integers(1, 9)
