"""Rows looked at one by one: every counted row beside the payment that asks for it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.aggregates import Look, aggregated
from txmon.evaluate.table import TIME, true
from txmon.evaluate.values import at_places
from txmon.language import separate
from txmon.language.compile import evaluated
from txmon.language.nodes import Column, This, children, column_names, feature_names, replace_parts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.evaluate.frame import LaneFrame
    from txmon.language.nodes import Aggregate, Expr
    from txmon.plan import Windowed

Array = np.ndarray[Any, Any]
BATCH_PAIRS = 1_000_000


def scanned(frame: LaneFrame, feature: Windowed, node: Aggregate) -> pl.Series:
    """The value of an aggregate whose rows are looked at one by one, where payments ask for it."""
    asks = np.flatnonzero(frame.asking(feature.base)).astype(np.int32)
    candidates, first, last = _candidates(frame, feature, asks)
    cut = last - first > separate.SEARCH_ROWS
    last = np.where(cut, first, last)
    values, overflow = [], []
    for low, high in batches(last - first):
        pairs = _Pairs(frame, asks[low:high], candidates, first[low:high], last[low:high])
        look = _PairLook(pairs.agreeing(feature.mixed), frame, feature)
        found = aggregated(look, node).gather(pl.Series(look.askers))
        values.append(found)
        overflow.append(_at(look.overflow, look.askers))
        cut[low:high] |= _at(look.cut, look.askers)
    index = np.full(frame.height, -1, np.int32)
    index[asks] = np.arange(asks.size, dtype=np.int32)
    known = pl.concat(values).to_frame("value").select(pl.when(~pl.Series(cut)).then("value"))
    frame.because(feature.key, "overflow", _spread(np.concatenate(overflow), index))
    frame.because(feature.key, "search_bound", _spread(cut, index))
    return at_places(known.to_series(), index)


def _at(flags: Array | None, places: Array) -> Array:
    return np.zeros(places.size, np.bool_) if flags is None else flags[places]


def _spread(flags: Array, index: Array) -> Array:
    spread: Array = np.append(flags, values=False)[index]
    return spread


def _candidates(frame: LaneFrame, feature: Windowed, asks: Array) -> tuple[Array, Array, Array]:
    """Positions that pass what does not read ``this``, and which of them each window holds."""
    assert feature.window is not None  # noqa: S101 - aggregates always have one
    mask = frame.counted(feature)
    low, high = frame.bounds(feature.window, feature)
    place = np.concatenate([[0], np.cumsum(mask)])
    first = place[low[asks]]
    last = np.maximum(place[high[asks]], first)
    return np.flatnonzero(mask).astype(np.int32), first, last


def batches(sizes: Array) -> Iterator[tuple[int, int]]:
    """Runs of questions whose rows together stay within a bound, or single ones beyond it."""
    shares = np.cumsum(sizes) // BATCH_PAIRS
    cuts = np.flatnonzero(np.diff(shares)) + 1
    yield from pairwise([0, *cuts.tolist(), sizes.size])


def agreeing(frame: LaneFrame, mixed: Expr, asks: Array, rows: Array) -> Array:
    """Whether the row at each position agrees with the payment that asks at the other position."""
    return true(paired(frame, mixed, asks, rows))


def paired(frame: LaneFrame, node: Expr, asks: Array, rows: Array) -> pl.Series:
    """An expression at pairs of positions: ``this`` at the one, plain names at the other."""
    names = sorted(_row_names(node) | {TIME})
    index, asking = pl.Series(rows), pl.Series(asks)
    columns = [frame.column(name).gather(index) for name in names]
    judged = {part: f"this:{number}" for number, part in enumerate(_judged(node))}
    for part, name in judged.items():
        columns.append(frame.asked(part.operand).gather(asking).alias(name))
    plain = replace_parts(node, {part: Column(part.type, name) for part, name in judged.items()})
    return evaluated(pl.DataFrame(columns), frame.compiler.expression(plain))


def _judged(node: Expr) -> list[This]:
    if isinstance(node, This):
        return [node]
    return list(dict.fromkeys(part for child in children(node) for part in _judged(child)))


def _row_names(node: Expr) -> set[str]:
    if isinstance(node, This):
        return set()
    below = (_row_names(child) for child in children(node))
    own = column_names(node) | feature_names(node) if not children(node) else _varied(node)
    return own.union(*below)


def _varied(node: Expr) -> set[str]:
    """The columns that a node reads by itself, not by its operands."""
    return column_names(node).difference(*map(column_names, children(node)))


class _Pairs:
    """Rows laid out question after question: ``rows[i]`` is looked at for ``asks[owner[i]]``."""

    def __init__(
        self, frame: LaneFrame, asks: Array, candidates: Array, first: Array, last: Array
    ) -> None:
        sizes = last - first
        self.frame = frame
        self.asks = asks
        self.owner = np.repeat(np.arange(asks.size), sizes)
        begin = np.repeat(first - np.cumsum(sizes) + sizes, sizes)
        self.rows = candidates[begin + np.arange(self.owner.size)]

    def agreeing(self, mixed: Expr | None) -> _Pairs:
        """The pairs for which what reads both is true."""
        if mixed is not None:
            kept = agreeing(self.frame, mixed, self.asks[self.owner], self.rows)
            self.owner, self.rows = self.owner[kept], self.rows[kept]
        return self


class _PairLook(Look):
    """Each question as a timeline of its own: the rows that agree, and then the asking payment."""

    def __init__(self, pairs: _Pairs, frame: LaneFrame, feature: Windowed) -> None:
        sizes = np.bincount(pairs.owner, minlength=pairs.asks.size) + 1
        ends = np.cumsum(sizes)
        self.askers = ends - 1
        height = int(ends[-1]) if ends.size else 0
        mask = np.ones(height, np.bool_)
        mask[self.askers] = False
        low = np.repeat(ends - sizes, sizes).astype(np.int32)
        high = np.where(mask, low, np.arange(height)).astype(np.int32)
        super().__init__(frame, feature, (low, high), mask)
        self.starts = np.append(0, ends).astype(np.int32)
        self._pairs = pairs
        self._place = np.full(height, -1, np.int32)
        self._place[mask] = np.arange(pairs.owner.size, dtype=np.int32)

    def read(self, node: Expr) -> pl.Series:
        """The value of an expression at every pair; null at the asking payments."""
        pairs = self._pairs
        asks = pairs.asks[pairs.owner]
        return at_places(paired(self.frame, node, asks, pairs.rows), self._place)

    def asked(self, node: Expr) -> pl.Series:
        """The value of an expression at the asking payments; null at the pairs."""
        index = np.full(self.mask.size, -1, np.int32)
        index[self.askers] = self._pairs.asks
        return at_places(self.frame.asked(node), index)
