"""Sums over the rows of a window whose value stands in a range that the judged payment sets."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, reduce
from operator import add
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.aggregates import Look, ranked
from txmon.evaluate.values import sortable, text_codes
from txmon.language.nodes import is_arithmetic
from txmon.language.numbers import raise_scale, to_float
from txmon.types import Kind, Type

if TYPE_CHECKING:
    from txmon.language.separate import Bound

Array = np.ndarray[Any, Any]
Ends = tuple[Array, Array]
"""From which rank, and up to which without it, a range goes at every row."""

LEAST, MOST = -(2**63), 2**63 - 1
TIMED = frozenset({Kind.TIME, Kind.DATE})


class Ranged(Look):
    """Counts and sums of the rows in range, by a tree over the ranks of their values."""

    def count(self, mask: Array, name: str = "n") -> Array:  # noqa: ARG002 - finite windows only
        """Masked rows of each window that are in range."""
        ones = np.ones(mask.size, np.int64)
        _, lower = self._between(mask, ones)
        return lower

    def total(self, x: Array, mask: Array) -> tuple[Array, Array]:
        """Exact sum over the masked rows in range, and whether it fits 64 bits."""
        upper, lower = self._between(mask, x)
        fits = (upper >= -(2**31)) & (upper < 2**31)
        return np.where(fits, (upper << 32) + lower, 0), fits

    def _between(self, mask: Array, x: Array) -> tuple[Array, Array]:
        _, known = self._row
        _, rank = self._ranks
        first, second = self._ends
        counted = mask & known
        windows = (self.starts, self.low, self.high)
        sums: tuple[Array, Array] = kernels.sum_between(*windows, counted, rank, x, *first, *second)
        return sums

    @cached_property
    def _inexact(self) -> bool:
        bounds = self.feature.bounds
        types = [bounds[0].row.type, *(node.type for one in bounds for _, node in one.judged)]
        return not all(type_.exact for type_ in types)

    @cached_property
    def _row(self) -> tuple[Array, Array]:
        """What is compared of each row, in the order of integers, and where it is known."""
        node = self.feature.bounds[0].row
        return self._sorted(self.read(node), node.type)

    def _sorted(self, values: pl.Series, type_: Type) -> tuple[Array, Array]:
        known = values.is_not_null().to_numpy()
        if type_.kind is Kind.TEXT:
            return text_codes(self.frame, values).astype(np.int64), known
        if self._inexact and is_arithmetic(type_):
            frame = values.to_frame("value")
            values = frame.select(to_float(pl.col("value"), type_)).to_series()
        return sortable(values), known

    @cached_property
    def _ranks(self) -> tuple[Array, Array]:
        return ranked(self.starts, self._row[0])

    @cached_property
    def _ends(self) -> tuple[Ends, Ends]:
        """The one or two ranges of ranks at every row; the second is empty but for ``!=``."""
        bounds = self.feature.bounds
        begin = nothing = np.zeros(self.mask.size, np.int32)
        end = self._sizes
        if bounds[0].op == "!=":
            edge = self._edge(bounds[0])
            least, most = self._range("==", edge)
            same = least < most
            below, above = np.where(same, least, end), np.where(same, most, end)
            below, above = np.where(edge.known, below, 0), np.where(edge.known, above, end)
            return (nothing, below.astype(np.int32)), (above.astype(np.int32), end)
        for bound in bounds:
            least, most = self._range(bound.op, self._edge(bound))
            begin, end = np.maximum(begin, least), np.minimum(end, most)
        return (begin, end), (nothing, nothing)

    @cached_property
    def _sizes(self) -> Array:
        return self.per_row(np.diff(self.starts)).astype(np.int32)

    def _range(self, op: str, edge: _Edge) -> Ends:
        """The ranks of values that are ``op`` a bound."""
        order, _ = self._ranks
        arguments = (self.starts, order, self._row[0])
        begin, end = np.zeros(self.mask.size, np.int32), self._sizes
        if op in {">", ">=", "=="}:
            at = edge.floor if op == ">" else edge.ceiling
            begin = kernels.rank_of(*arguments, at, op == ">")
            begin = np.where(edge.beyond < 0, 0, np.where(edge.beyond > 0, end, begin))
        if op in {"<", "<=", "=="}:
            at = edge.ceiling if op == "<" else edge.floor
            most = kernels.rank_of(*arguments, at, op != "<")
            end = np.where(edge.beyond < 0, 0, np.where(edge.beyond > 0, end, most))
        return begin.astype(np.int32), np.where(edge.known, end, 0).astype(np.int32)

    def _edge(self, bound: Bound) -> _Edge:
        row, nodes = bound.row.type, [node for _, node in bound.judged]
        if self._inexact or not (is_arithmetic(row) or row.kind in TIMED):
            value, known = self._sorted(self.asked(nodes[0]), nodes[0].type)
            return _Edge(value, value, known, np.zeros(value.size, np.int8))
        scale = max(row.scale, *(node.type.scale for node in nodes))
        terms = [
            raise_scale(pl.col(str(i)), node.type, scale, wide=True) * sign
            for i, (sign, node) in enumerate(bound.judged)
        ]
        step = pl.lit(10 ** (scale - row.scale), pl.Int128)
        total = reduce(add, terms)
        columns = [self.asked(node).alias(str(i)) for i, node in enumerate(nodes)]
        found = pl.DataFrame(columns).select(floor=total // step, ceiling=0 - (0 - total) // step)
        limits = (pl.lit(LEAST, pl.Int128), pl.lit(MOST, pl.Int128))
        above, below = pl.col("ceiling") > limits[1], pl.col("floor") < limits[0]
        beyond = found.select(above.cast(pl.Int8) - below.cast(pl.Int8)).to_series()
        held = found.select(pl.all().clip(*limits).cast(pl.Int64).fill_null(0))
        return _Edge(
            np.ascontiguousarray(held["floor"].to_numpy()),
            np.ascontiguousarray(held["ceiling"].to_numpy()),
            beyond.is_not_null().to_numpy(),
            beyond.fill_null(0).to_numpy(),
        )


@dataclass(frozen=True, slots=True)
class _Edge:
    """A bound at every row: the integers next below and above it, or the bound itself twice.

    ``beyond`` is -1 or 1 where the bound is below or above every integer of 64 bits.
    """

    floor: Array
    ceiling: Array
    known: Array
    beyond: Array
