"""What links rows of two steps: equal values are one group, ordered ones have ranks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from txmon.evaluate.steps import common_type, grouped, ranks, values
from txmon.language.links import MIRRORED, at_its_row

if TYPE_CHECKING:
    from txmon.evaluate.steps import Fit, Ground
    from txmon.language.links import Link

Array = np.ndarray[Any, Any]
EQUAL = 0
ASKS = {"<": 1, "<=": 2, ">": 3, ">=": 4}


def linked_groups(ground: Ground, fit: Fit, at: Array, read: Array) -> tuple[Array, Array]:
    """The group of each row of a step, and that of each position it may be linked to.

    A group is a timeline and what must be equal, read at ``read``; -1 where a value is unknown.
    """
    mine, theirs = [ground.timeline[fit.rows]], [ground.timeline[at]]
    for link in fit.asked.equalities:
        own, other = _ranked(ground, link, fit.rows, read)
        mine.append(own)
        theirs.append(other)
    return grouped(mine, theirs)


def linked_ranks(
    ground: Ground, fit: Fit, read: Array, *, mirrored: bool = False
) -> tuple[Array, Array, int]:
    """The ranks that an inequality compares, of a step's rows and at ``read``, and what it asks.

    ``mirrored`` asks it the other way round. Without an inequality all are alike.
    """
    link = fit.asked.inequality
    if link is None:
        return np.zeros(fit.rows.size, np.int64), np.zeros(read.size, np.int64), EQUAL
    asks = ASKS[MIRRORED[link.op] if mirrored else link.op]
    return (*_ranked(ground, link, fit.rows, read), asks)


def _ranked(ground: Ground, link: Link, rows: Array, read: Array) -> tuple[Array, Array]:
    frame, type_ = ground.frame, common_type(link)
    other = at_its_row(link.other, frame.plan.features)
    return ranks(values(frame, link.own, type_, rows), values(frame, other, type_, read))


@dataclass(frozen=True, slots=True)
class Leaves:
    """Rows as the leaves of a tree, in order of group and rank; ``leaf`` is the place of each."""

    keys: Array
    leaf: Array
    size: int

    @classmethod
    def of(cls, groups: Array, rank: Array, asked: Array) -> Leaves:
        """Of rows without unknown values, which are compared with the ranks ``asked``."""
        size = max(int(rank.max(initial=0)), int(asked.max(initial=0))) + 2
        keys = groups * size + rank
        order = np.argsort(keys, kind="stable")
        leaf = np.empty(order.size, np.int32)
        leaf[order] = np.arange(order.size, dtype=np.int32)
        return cls(keys[order], leaf, size)

    def compared(self, groups: Array, rank: Array, asks: int) -> tuple[Array, Array]:
        """Which leaves each rank may be compared with: from the first, up to the second."""
        begin, end = groups * self.size, (groups + 1) * self.size
        edge = begin + rank + (asks in {ASKS["<"], ASKS[">="]})
        low = edge if asks in {ASKS["<"], ASKS["<="]} else begin
        high = edge if asks in {ASKS[">"], ASKS[">="]} else end
        bounds = np.searchsorted(self.keys, low), np.searchsorted(self.keys, high)
        return bounds[0].astype(np.int32), bounds[1].astype(np.int32)
