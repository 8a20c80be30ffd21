"""A lane cut into parts: rows grouped by timeline, in order, that know nothing of other parts."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.language.text import canonical
from txmon.schema import IN, OUT, is_sided, side_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.evaluate.table import Table
    from txmon.plan import Lane, Plan

Array = np.ndarray[Any, Any]
PART_ROWS = 4_000_000
"""Rows of a part that a lane is cut into when nobody says how many parts."""

_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True, slots=True)
class Part:
    """Some timelines of a lane.

    ``refs`` name the rows in lane order: the row number, on sided lanes ``2 * row + side`` with
    side 0 for out and 1 for in. ``rows`` are the row numbers. ``starts`` holds the first position
    of each timeline and, last, the number of rows.

    On a lane with probes those who ask stand among the rows: ``asked`` is their reference, the
    row number or ``2 * row + side``, and -1 at rows; ``keys`` are the keys of each timeline.
    """

    lane: Lane
    refs: Array
    rows: Array
    starts: Array
    asked: Array | None = None
    keys: tuple[pl.Series, ...] | None = None

    @property
    def answers(self) -> tuple[Array, Array]:
        """The positions whose values others read, and the reference by which they do."""
        if self.asked is None:
            return np.arange(self.refs.size, dtype=np.int32), self.refs
        positions = np.flatnonzero(self.asked >= 0).astype(np.int32)
        return positions, self.asked[positions]

    @property
    def sided_refs(self) -> Array:
        """The rows by side: as the lane has them, of a lane of whole payments their out rows."""
        return self.refs if self.lane.sided else self.rows << 1


def cut(plan: Plan, table: Table, lane: Lane, partitions: int | None) -> list[Part]:
    """Cut a lane by a hash of its key into parts, each grouped by timeline.

    A row with a null in its key stands on no timeline.
    """
    stands = standing(plan, table, lane)
    if not lane.keys:
        refs = np.flatnonzero(stands).astype(np.int32)
        return [_part(lane, refs, np.array([0, refs.size][: 1 + bool(refs.size)], np.int32))]
    codes = [key_codes(plan, table, key, sided=lane.sided) for key in lane.keys]
    for key in codes:
        stands &= key >= 0
    count = split(stands, partitions)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(partial(_grouped, lane, codes), shares(codes, stands, count)))


def split(standing: Array, partitions: int | None) -> int:
    """Into how many parts to cut rows of which so many stand on timelines."""
    return partitions or max(1, -(-int(np.count_nonzero(standing)) // PART_ROWS))


def standing(plan: Plan, table: Table, lane: Lane) -> Array:
    """Which rows a lane holds: those that some rule or feature on it sees.

    A sided row is there only if its side has an account.
    """
    stands: Array = np.logical_or.reduce([table.bases[base] for base in plan.bases_on(lane)])
    if lane.sided:
        stands = np.repeat(stands, 2)
        for side, name in enumerate(side_columns("account")):
            stands[side::2] &= table.frame[name].is_not_null().to_numpy()
    return stands if table.kept is None else stands & table.kept[lane_name(lane)]


def lane_name(lane: Lane) -> str:
    """A text that tells lanes apart."""
    name = ("sided:" if lane.sided else "whole:") + ",".join(lane.keys)
    if not lane.probes:
        return name
    asked = " ".join(map(canonical, lane.probes)) + " sided" * lane.asks_sided
    return f"{name}={hashlib.sha256(asked.encode()).hexdigest()[:20]}"


def key_values(plan: Plan, table: Table, key: str, refs: Array, *, sided: bool) -> pl.Series:
    """A key column at rows, or at sides of them, named by their references."""
    if not sided:
        return table.frame[key].gather(pl.Series(refs))
    rows, sides = refs >> 1, refs & 1
    if key == "direction":
        texts = pl.Series([OUT, IN]).cast(pl.Categorical(table.texts))
        return texts.gather(pl.Series(sides))
    if not is_sided(key, plan.schema):
        return table.frame[key].gather(pl.Series(rows))
    both = pl.concat([table.frame[name].alias(key) for name in side_columns(key)], rechunk=True)
    return both.gather(pl.Series(rows + sides * np.int32(table.height)))


def key_codes(plan: Plan, table: Table, key: str, *, sided: bool) -> Array:
    """A key column as int32 codes from 0, one a row or a sided row; -1 for null."""
    if not sided:
        return codes_of(table.frame[key])
    if key == "direction":
        return np.tile(np.array([0, 1], np.int32), table.height)
    if not is_sided(key, plan.schema):
        return np.repeat(codes_of(table.frame[key]), 2)
    both = pl.concat([table.frame[name].alias(key) for name in side_columns(key)])
    return codes_of(both).reshape(2, -1).T.ravel()


def codes_of(values: pl.Series) -> Array:
    """Codes that are equal where the values are, -1 for null."""
    numbers = (
        values.to_physical()
        if isinstance(values.dtype, pl.Categorical)
        else values.rank("dense").cast(pl.UInt32) - 1
    )
    codes: Array = numbers.fill_null(0xFFFFFFFF).to_numpy().view(np.int32)
    return codes


def shares(codes: list[Array], standing: Array, count: int) -> Iterator[Array]:
    """Row references of each part, ascending."""
    if count == 1:
        yield np.flatnonzero(standing).astype(np.int32)
        return
    mixed = np.zeros(standing.size, np.uint64)
    for key in codes:
        mixed += key.astype(np.uint64)
        mixed *= _MIX
        mixed ^= mixed >> np.uint64(29)
    share = (mixed % np.uint64(count)).astype(np.int32)
    share[~standing] = -1
    for number in range(count):
        yield np.flatnonzero(share == number).astype(np.int32)


def _grouped(lane: Lane, codes: list[Array], refs: Array) -> Part:
    return _part(lane, *grouped(codes, refs))


def grouped(codes: list[Array], refs: Array) -> tuple[Array, Array]:
    """References in order as they are timeline after timeline, and where each begins."""
    for key in reversed(codes):
        size = int(key[refs].max(initial=-1)) + 1
        refs = kernels.group(key, refs, size)
    change = np.zeros(refs.size, np.bool_)
    change[:1] = True
    for key in codes:
        ordered = key[refs]
        change[1:] |= ordered[1:] != ordered[:-1]
    return refs, np.append(np.flatnonzero(change), refs.size).astype(np.int32)


def _part(lane: Lane, refs: Array, starts: Array) -> Part:
    return Part(lane, refs, refs >> 1 if lane.sided else refs, starts)
