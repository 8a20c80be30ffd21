"""Conditions asked of every row as bits: equal comparisons of many conditions are made once."""

from __future__ import annotations

from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np

from txmon.evaluate.table import true
from txmon.language.nodes import Literal, Logic, Not

if TYPE_CHECKING:
    from collections.abc import Iterable

    from txmon.evaluate.frame import LaneFrame
    from txmon.language.nodes import Expr

Array = np.ndarray[Any, Any]
Known = tuple[Array, Array]
"""At which rows something is true, and at which it is false, eight rows a byte; else unknown."""


class Truths:
    """What conditions say at the rows of one part; what was asked once is remembered.

    Kleene logic over bits: a conjunction of a million rows costs some microseconds, so that only
    the different comparisons of a grid of conditions cost what one condition does.
    """

    def __init__(self, frame: LaneFrame) -> None:
        self._frame = frame
        self._known: dict[Expr, Known] = {}

    def known(self, node: Expr) -> Known:
        """Where a condition is true, and where it is false."""
        if node not in self._known:
            self._known[node] = self._asked(node)
        return self._known[node]

    def true(self, node: Expr | None) -> Array:
        """Where a condition is true; none at all is true everywhere."""
        return self.known(node)[0] if node is not None else self.packed(True)

    def packed(self, mask: Array | bool) -> Array:  # noqa: FBT001 - a mask, or one for all rows
        """A mask over the rows as bits."""
        return np.packbits(np.broadcast_to(np.asarray(mask, np.bool_), self._frame.height))

    def mask(self, bits: Array) -> Array:
        """Bits as a mask over the rows."""
        return np.unpackbits(bits, count=self._frame.height).view(np.bool_)

    def positions(self, bits: Array) -> Array:
        """The positions whose bits are set, ascending."""
        return np.flatnonzero(self.mask(bits))

    def _asked(self, node: Expr) -> Known:
        if isinstance(node, Not):
            yes, no = self.known(node.operand)
            return no, yes
        if isinstance(node, Logic):
            told = [self.known(operand) for operand in node.operands]
            every, some = (_all, _any) if node.op == "and" else (_any, _all)
            return every(yes for yes, _ in told), some(no for _, no in told)
        if isinstance(node, Literal):
            return self.packed(bool(node.value)), self.packed(not node.value)
        values = self._frame.expression(node)
        return self.packed(true(values)), self.packed(true(~values))


def _all(parts: Iterable[Array]) -> Array:
    return reduce(np.bitwise_and, parts)


def _any(parts: Iterable[Array]) -> Array:
    return reduce(np.bitwise_or, parts)
