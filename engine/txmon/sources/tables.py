"""What a reader of text hands on: columns of texts, and the rows that it could not take apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.sources.faults import Reason

REPLACEMENT = "\ufffd"
"""Stands where bytes were no valid text."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Rows that could not be taken apart: their 1-based numbers, raw texts and what is wrong."""

    reason: Reason
    numbers: pl.Series
    texts: pl.Series
    notes: pl.Series

    @classmethod
    def of(cls, reason: Reason, rows: Sequence[tuple[int, str, str]]) -> Unread:
        """From the number, the raw text and the words for each row."""
        numbers, texts, notes = zip(*rows, strict=True) if rows else ((), (), ())
        return cls(
            reason,
            pl.Series(numbers, dtype=pl.Int64),
            pl.Series(texts, dtype=pl.String),
            pl.Series(notes, dtype=pl.String),
        )


@dataclass(frozen=True, slots=True)
class Mark:
    """Values of one source column that a reader found wrong.

    Attributes:
        column: a source column.
        reason: what is wrong.
        rows: 0-based positions in the table, ascending.
        values: the raw texts.
        always: whether the row is wrong even if nothing is made of the column.
    """

    column: str
    reason: Reason
    rows: pl.Series
    values: pl.Series
    always: bool = False


@dataclass(frozen=True, slots=True)
class TextTable:
    """The chosen columns of a file of text, all String.

    Attributes:
        frame: the rows that could be taken apart.
        numbers: their 1-based numbers among all rows, headers and blank lines not counted.
        unread: the other rows.
        broken: whether some bytes were no valid text and ``REPLACEMENT`` stands for them.
        marks: values that are wrong whatever column they become.
    """

    frame: pl.DataFrame
    numbers: pl.Series
    unread: Unread
    broken: bool = False
    marks: tuple[Mark, ...] = ()


def numbers_without(height: int, skipped: pl.Series) -> pl.Series:
    """The 1-based numbers of ``height`` rows among which others, of the numbers given, stood."""
    everything = np.arange(1, height + len(skipped) + 1, dtype=np.uint32)
    return pl.Series(np.delete(everything, skipped.to_numpy() - 1) if len(skipped) else everything)
