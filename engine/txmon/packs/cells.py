"""Columns of texts -> columns of stored values of one kind, and which cells are not of it.

Plain cells are read a column at a time; each different odd one (``1_000``, ``80%``) is read as
the language reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from txmon.language.problems import ExpressionError
from txmon.language.values import read_value
from txmon.types import BOOL, DATE, INT64_BITS, MONEY_SCALE, TEXT, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.nodes import Literal

WIDEST = 2**INT64_BITS - 1
PLAIN: dict[Kind, str] = {
    Kind.INT: r"^-?\d{1,18}$",
    Kind.MONEY: r"^-?\d{1,9}(\.\d{1,9})?$",
    Kind.NUMBER: r"^-?\d{1,9}(\.\d{1,9})?$",
}
"""Cells that need no closer look, by kind."""

MOST_FAULTS = 100
"""Wrong cells of a column that are told; more would hide the other columns'."""

_DAY = r"^\d{4}-\d\d-\d\d$"


@dataclass(frozen=True, slots=True)
class Cells:
    """The values of a column: texts, Booleans, else Int64; null where empty or wrong.

    ``faults`` says by row what is wrong; ``wide`` that values are too large, at the scale of the
    one with the most decimals, to be held.
    """

    type: Type
    values: pl.Series
    faults: Mapping[int, str]
    wide: bool = False


def read_cells(kind: Kind, texts: pl.Series) -> Cells:
    """The values of a column of cells."""
    texts = texts.replace("", None)
    if kind is Kind.TEXT:
        return Cells(TEXT, texts, {})
    if kind is Kind.DATE:
        return _days(texts)
    if kind is Kind.BOOL:
        return _truths(texts)
    return _numbers(kind, texts)


def _days(texts: pl.Series) -> Cells:
    plain = texts.str.contains(_DAY) & (texts.str.slice(0, 4) != "0000")
    days = texts.set(~plain.fill_null(value=False), None).str.to_date("%Y-%m-%d", strict=False)
    values = days.to_physical().cast(pl.Int64)
    return Cells(DATE, values, _faults(Kind.DATE, texts, values.is_null()))


def _truths(texts: pl.Series) -> Cells:
    known = texts.is_in(["true", "false"]).fill_null(value=False)
    values = (texts == "true").set(~known, None)
    return Cells(BOOL, values, _faults(Kind.BOOL, texts, values.is_null()))


def _faults(kind: Kind, texts: pl.Series, wrong: pl.Series) -> dict[int, str]:
    """What is wrong with the first of the cells that are wrong."""
    rows = (wrong & texts.is_not_null()).arg_true().head(MOST_FAULTS)
    told = ((row, _read(kind, text)) for row, text in zip(rows, texts.gather(rows), strict=True))
    return {row: message for row, message in told if isinstance(message, str)}


def _read(kind: Kind, text: str) -> Literal | str:
    """The value of a cell, or what is wrong with it."""
    try:
        return read_value(kind, text)
    except ExpressionError as error:
        return error.problem.message


def _numbers(kind: Kind, texts: pl.Series) -> Cells:
    plain = texts.str.contains(PLAIN.get(kind, "^$")).fill_null(value=True)
    digits, scales = _parted(texts.set(~plain, None))
    odd = {text: _read(kind, text) for text in texts.filter(~plain).unique()}
    right = {text: value for text, value in odd.items() if not isinstance(value, str)}
    if right:
        own_digits = _replaced(texts, {text: int(one.value) for text, one in right.items()})
        own_scales = _replaced(texts, {text: one.type.scale for text, one in right.items()})
        digits, scales = digits.zip_with(plain, own_digits), scales.zip_with(plain, own_scales)
    faults = _faults(kind, texts, ~plain & ~texts.is_in(list(right)))
    return _scaled(kind, digits, scales, faults)


def _replaced(texts: pl.Series, numbers: Mapping[str, int]) -> pl.Series:
    return texts.replace_strict(numbers, default=None, return_dtype=pl.Int64)


def _parted(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The digits of plain decimals as integers, and how many of them are decimals."""
    whole = texts.str.contains(".", literal=True).fill_null(value=False)
    texts = texts.str.strip_chars_end("0").str.strip_chars_end(".").zip_with(whole, texts)
    dot = texts.str.find(".", literal=True).cast(pl.Int64)
    scales = (texts.str.len_chars().cast(pl.Int64) - 1 - dot).fill_null(0)
    return texts.str.replace(".", "", literal=True).cast(pl.Int64), scales


def _scaled(kind: Kind, digits: pl.Series, scales: pl.Series, faults: dict[int, str]) -> Cells:
    """Values at the scale of the one with the most decimals; money has at least its own."""
    least = MONEY_SCALE if kind is Kind.MONEY else 0
    most = scales.max()
    scale = max(least, most if isinstance(most, int) else 0)
    steps = pl.Series([10**step for step in range(scale + 1)], dtype=pl.Int128)
    values = digits.cast(pl.Int128) * steps.gather(scale - scales)
    wide = bool((values.abs() > WIDEST).any())
    stored = values.cast(pl.Int64, strict=False)
    return Cells(Type(kind, scale, INT64_BITS), stored, faults, wide)
