"""Kernels of evidence: how many rows a window holds, and which, looked at from its end back."""

from __future__ import annotations

import numpy as np

from txmon.kernels.compiled import BOOLS, I32, I64, ROWS, VALUES, Array, compiled, several

NEVER = np.iinfo(np.int64).max
"""A time beyond every time."""


@compiled(several(VALUES, VALUES)(I32, I32, I64, I64, I32, I32, I64, BOOLS, BOOLS, I32))
def window_sizes(
    at: Array,
    first: Array,
    after: Array,
    until: Array,
    rows: Array,
    limits: Array,
    times: Array,
    counted: Array,
    mask: Array,
    skip: Array,
) -> tuple[Array, Array]:
    """Masked rows in the window of each position ``at``, and the earliest time it holds.

    See ``window_rows`` for the arguments; the earliest time is that of the first counted row, and
    the largest integer where there is none.
    """
    sizes = np.zeros(at.size, np.int64)
    earliest = np.empty(at.size, np.int64)
    for k in range(at.size):
        earliest[k] = NEVER
        seen = 0
        for back in range(at[k] - first[k] + 1):
            p = at[k] - back
            if times[p] <= after[k]:
                break
            if times[p] > until[k] or (skip[0] == 1 and rows[p] == rows[at[k]]):
                continue
            if counted[p]:
                if limits[0] > 0 and seen == limits[0]:
                    break
                seen += 1
                earliest[k] = times[p]
            sizes[k] += mask[p]
    return sizes, earliest


@compiled(ROWS(I32, I32, I64, I64, I32, I32, I64, BOOLS, BOOLS, I32, I64))
def window_rows(
    at: Array,
    first: Array,
    after: Array,
    until: Array,
    rows: Array,
    limits: Array,
    times: Array,
    counted: Array,
    mask: Array,
    skip: Array,
    offsets: Array,
) -> Array:
    """Positions of the masked rows in the window of each position, laid out by ``offsets``.

    Args:
        at: positions in the lane.
        first: the first position of the timeline of each.
        after: the time after which the window of each begins; of a window of rows the smallest.
        until: the time until which it lasts.
        rows: row number of every position of the lane.
        limits: one number, how many counted rows a window holds, 0 for a window of time.
        times: event time of every position of the lane.
        counted: which rows fill a window of rows.
        mask: which rows count.
        skip: one number, 1 to leave out the transaction itself.
        offsets: where each position's rows begin in the answer; one more than positions.
    """
    found = np.empty(offsets[-1], np.int32)
    for k in range(at.size):
        seen = 0
        place = offsets[k]
        for back in range(at[k] - first[k] + 1):
            p = at[k] - back
            if times[p] <= after[k]:
                break
            if times[p] > until[k] or (skip[0] == 1 and rows[p] == rows[at[k]]):
                continue
            if counted[p]:
                if limits[0] > 0 and seen == limits[0]:
                    break
                seen += 1
            if mask[p]:
                found[place] = p
                place += 1
    return found
