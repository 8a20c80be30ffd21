"""Exact decimals: text, decimals, integers and floats as integers at a fixed scale."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from txmon.sources import text_scan
from txmon.sources.faults import Fault, Parsed, Reason, find
from txmon.sources.plain import read_plainly, shift_plainly

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.kernels.compiled import Array

TEXT_SCALE = 18
"""Decimal places that a text is read with; more than these are refused."""

_TEXT_DTYPE = pl.Decimal(38, TEXT_SCALE)
_BEYOND = rf"\.\d{{{TEXT_SCALE}}}0*[1-9]"
_STICKY = (rf"(\.\d{{{TEXT_SCALE - 1}}})\d+$", "${1}1")
"""Digits too many to hold, cut to one that keeps the value on its side of every tie."""
_LONG_NUMBER = r"^[+-]?\d+(\.\d*)?$"
_GROUP_MARKS = {" ": " \u00a0\u2009\u202f", "'": "'\u2019"}
"""A mark -> all the characters that are written for it."""
_INT64_DIGITS = 18
_LARGEST = 2**63 - 1
_WIDE = (pl.UInt64, pl.Int128, pl.UInt128)


@dataclass(frozen=True, slots=True)
class Form:
    """What a column of decimals must fit.

    Attributes:
        target: decimal places of the stored integer.
        limit: largest absolute value at the target scale.
        rounded: round half-even to the allowed digits instead of refusing more.
        invalid: the fault of what is no number.
        too_large: the fault of what is beyond the limit.
        decimal: the decimal mark of texts.
        thousands: the mark between groups of digits in texts, if there may be one.
    """

    target: int
    limit: int
    rounded: bool
    invalid: Reason
    too_large: Reason
    decimal: str = "."
    thousands: str | None = None


@dataclass(frozen=True, slots=True)
class DecimalColumn:
    """A column of decimals and what it must fit.

    Attributes:
        name: the canonical column, for faults.
        raw: texts, decimals, integers or floats (NaN counts as missing).
        digits: decimal places allowed, for all or per row; never more than ``form.target``.
        form: what the values must fit.
        note: what sets the digits, for the sentences.
    """

    name: str
    raw: pl.Series
    digits: int | pl.Series
    form: Form
    note: str | pl.Series = ""

    def find(self, reason: Reason, wrong: pl.Series) -> tuple[Fault, ...]:
        """The fault of the rows where ``wrong`` is true."""
        return find(self.name, reason, wrong, self.raw, self.note)


@dataclass(frozen=True, slots=True)
class _Scaled:
    """Integers (Int64 or Int128) at one scale; null where missing or faulty."""

    values: pl.Series
    scale: int
    faults: tuple[Fault, ...] = ()


def half_even(numerator: pl.Expr, divisor: pl.Expr) -> pl.Expr:
    """The quotient of integers, rounded to the nearest, ties to the even one; divisor > 0."""
    quotient = numerator.floordiv(divisor)
    twice = (numerator - quotient * divisor) * 2
    up = (twice > divisor) | ((twice == divisor) & (quotient % 2 != 0))
    return quotient + up.cast(pl.Int8)


def accepts(dtype: pl.DataType) -> bool:
    """Whether a column of this type can hold decimals."""
    return dtype.is_numeric() or dtype in {pl.String, pl.Null}


def to_decimals(column: DecimalColumn) -> Parsed:
    """The column as Int64 at ``form.target``, null where missing or wrong."""
    raw = column.raw
    if raw.dtype == pl.Null:
        return Parsed(raw.cast(pl.Int64))
    if raw.dtype.is_float():
        return _from_float(column)
    if isinstance(raw.dtype, pl.Decimal):
        read = _raised(column, raw.dtype.scale)
        return _fit(column, _from_decimal(raw, raw.dtype)) if read is None else read
    if raw.dtype.is_integer():
        return _fit(column, _Scaled(raw.cast(pl.Int128 if raw.dtype in _WIDE else pl.Int64), 0))
    read = read_plainly(raw, _plain_kernel(column), lambda rows: _written(_rows_of(column, rows)))
    return _written(column) if read is None else read


def _raised(column: DecimalColumn, scale: int) -> Parsed | None:
    """Decimals that only need more places; None if too many need a closer look."""
    form = column.form
    shift = form.target - scale
    if not 0 <= shift <= _INT64_DIGITS:
        return None
    zeros, limit = form.target - _allowed(column), min(form.limit, _LARGEST)

    def careful(rows: pl.Series) -> Parsed:
        few = _rows_of(column, rows)
        return _fit(few, _Scaled(few.raw.to_physical(), scale))

    return shift_plainly(
        column.raw, lambda pairs: text_scan.shifted(pairs, shift, zeros, limit), careful
    )


def _allowed(column: DecimalColumn) -> Array:
    digits = pl.Series([column.digits]) if isinstance(column.digits, int) else column.digits
    return digits.cast(pl.Int64).to_numpy()


def _written(column: DecimalColumn) -> Parsed:
    return _fit(column, _from_text(column, column.raw))


def _plain_kernel(column: DecimalColumn) -> Callable[[Array, Array], tuple[Array, Array]]:
    form = column.form
    allowed, limit, mark = _allowed(column), min(form.limit, _LARGEST), ord(form.decimal)
    return lambda ends, data: text_scan.decimals(ends, data, form.target, allowed, limit, mark)


def _rows_of(column: DecimalColumn, rows: pl.Series) -> DecimalColumn:
    """Some rows of a column."""
    digits, note = column.digits, column.note
    return replace(
        column,
        raw=column.raw.gather(rows),
        digits=digits if isinstance(digits, int) else digits.gather(rows),
        note=note if isinstance(note, str) else note.gather(rows),
    )


def _from_decimal(raw: pl.Series, dtype: pl.Decimal) -> _Scaled:
    narrow = dtype.precision is not None and dtype.precision <= _INT64_DIGITS
    whole = raw.to_physical()
    return _Scaled(whole.cast(pl.Int64) if narrow else whole, dtype.scale)


def _from_float(column: DecimalColumn) -> Parsed:
    numbers = column.raw.fill_nan(None)
    infinite = numbers.is_infinite()
    faults = column.find(column.form.invalid, infinite)
    if faults:
        numbers = numbers.set(infinite, None)
    fitted = _nearest(column, numbers)
    if column.form.rounded and fitted.faults:  # what a text of the same float would give
        plain = replace(column, form=replace(column.form, decimal=".", thousands=None))
        fitted = _fit(column, _from_text(plain, _written_out(numbers.cast(pl.String))))
    return Parsed(fitted.values, faults + fitted.faults)


def _nearest(column: DecimalColumn, numbers: pl.Series) -> Parsed:
    """Each float as the decimal with the allowed digits that reads back as the same float.

    In NumPy, because Polars divides by a constant by multiplying with its inexact reciprocal.
    """
    form, missing = column.form, numbers.is_null()
    places = column.digits if isinstance(column.digits, int) else column.digits.to_numpy()
    given = numbers.fill_null(0.0).to_numpy()
    power = np.power(10.0, places)
    whole = np.rint(given.astype(np.float64) * power)
    large = pl.Series(np.abs(given) > form.limit // 10**form.target)
    more = pl.Series((whole / power).astype(given.dtype) != given)
    coarse = pl.Series(np.abs(whole) > _exact_below(numbers.dtype))
    wrong = large | more | coarse
    faults = (
        *column.find(form.too_large, large),
        *column.find(Reason.TOO_MANY_DIGITS, more & ~large),
        *column.find(Reason.INEXACT_FLOAT, coarse & ~more & ~large),
    )
    whole[(wrong | missing).to_numpy()] = 0.0
    stored = whole.astype(np.int64) * np.power(10, form.target - np.int64(places))
    values = pl.Series(column.name, stored)
    return Parsed(values.set(wrong | missing, None) if (wrong | missing).any() else values, faults)


def _written_out(texts: pl.Series) -> pl.Series:
    """Texts of floats without exponents: 1e-7 as 0.0000001."""
    short = texts.str.contains("e", literal=True)
    rows = short.fill_null(value=False).arg_true()
    if rows.is_empty():
        return texts
    long = [format(Decimal(text), "f") for text in texts.gather(rows).to_list()]
    return texts.clone().scatter(rows, pl.Series(long, dtype=pl.String))


def _exact_below(dtype: pl.DataType) -> int:
    """Up to here different integers are different floats, so that a float names one decimal."""
    return 2**53 if dtype == pl.Float64 else 2**24 if dtype == pl.Float32 else 2**11


def _from_text(column: DecimalColumn, texts: pl.Series) -> _Scaled:
    """Texts as integers at ``TEXT_SCALE``."""
    form = column.form
    ungrouped = _without_groups(texts, form.thousands, form.decimal)
    plain = _without_exponents(_with_point(ungrouped, form.decimal))
    faults: tuple[Fault, ...] = ()
    if _longest(plain) > TEXT_SCALE + 1:
        beyond = plain.str.contains(_BEYOND)
        if form.rounded:
            plain = plain.zip_with(~beyond.fill_null(value=False), plain.str.replace(*_STICKY))
        else:
            faults = column.find(Reason.TOO_MANY_DIGITS, beyond)
            plain = plain.set(beyond, None) if faults else plain
    values = plain.cast(_TEXT_DTYPE, strict=False).to_physical()
    if values.null_count() != plain.null_count():
        wrong = values.is_null() & plain.is_not_null()
        long = plain.str.contains(_LONG_NUMBER)
        faults += column.find(form.too_large, wrong & long)
        faults += column.find(form.invalid, wrong & ~long)
    return _Scaled(values, TEXT_SCALE, faults)


def _without_groups(texts: pl.Series, thousands: str | None, decimal: str) -> pl.Series:
    """Texts without marks between groups, where these stand as 1,234,567 or 12,34,567 has them."""
    if thousands is None:
        return texts
    marks = _GROUP_MARKS.get(thousands, re.escape(thousands))
    marked = texts.str.contains(f"[{marks}]")
    if not marked.any():
        return texts
    point = re.escape(decimal)
    grouped = rf"^[+-]?\d{{1,3}}([{marks}]\d{{2,3}})*[{marks}]\d{{3}}({point}\d*)?$"
    stripped = texts.str.replace_all(f"[{marks}]", "")
    stripped = stripped.zip_with(texts.str.contains(grouped), pl.Series(["?"]))
    return stripped.zip_with(marked, texts)


def _with_point(texts: pl.Series, decimal: str) -> pl.Series:
    if decimal == ".":
        return texts
    pointed = texts.set(texts.str.contains(".", literal=True), "?")
    return pointed.str.replace(decimal, ".", literal=True)


def _without_exponents(texts: pl.Series) -> pl.Series:
    """1.23E+05 is what a spreadsheet leaves of a number, its digits gone: not read."""
    exponents = texts.str.contains("[eE]")
    return texts.set(exponents, "?") if exponents.any() else texts


def _longest(texts: pl.Series) -> int:
    lengths = texts.str.len_bytes().max()
    return lengths if isinstance(lengths, int) else 0


def _fit(column: DecimalColumn, scaled: _Scaled) -> Parsed:
    """Integers at any scale brought to the target, with limit and digits checked."""
    form, values, faults = column.form, scaled.values, scaled.faults
    shift = scaled.scale - form.target
    limit = form.limit * 10**shift if shift >= 0 else form.limit // 10**-shift
    if not _within(values, limit):
        low, high = (pl.lit(end, dtype=values.dtype) for end in (-limit, limit))
        large = ~_compute(values, pl.col("v").is_between(low, high))
        faults += column.find(form.too_large, large)
        values = values.set(large, None)
    if not (isinstance(column.digits, int) and column.digits >= scaled.scale):
        step = _powers(
            column.digits, lambda places: 10 ** max(scaled.scale - places, 0), values.dtype
        )
        values, finer = _stepped(column, values, step)
        faults += finer
    return Parsed(_rescaled(values, shift), faults)


def _stepped(
    column: DecimalColumn, values: pl.Series, step: pl.Expr
) -> tuple[pl.Series, tuple[Fault, ...]]:
    """Values as multiples of the least step their digits allow: rounded or refused."""
    if column.form.rounded:
        return _compute(values, half_even(pl.col("v"), step) * step), ()
    finer = _compute(values, pl.col("v") % step != 0)
    faults = column.find(Reason.TOO_MANY_DIGITS, finer)
    return (values.set(finer, None) if faults else values), faults


def _within(values: pl.Series, limit: int) -> bool:
    low, high = values.min(), values.max()
    if not isinstance(low, int) or not isinstance(high, int):
        return True
    return -limit <= low and high <= limit


def _rescaled(values: pl.Series, shift: int) -> pl.Series:
    factor = pl.lit(10 ** abs(shift), dtype=values.dtype)
    moved = pl.col("v").floordiv(factor) if shift > 0 else pl.col("v") * factor
    return _compute(values, moved.cast(pl.Int64)) if shift else values.cast(pl.Int64)


def _powers(digits: int | pl.Series, value: Callable[[int], float], dtype: pl.DataType) -> pl.Expr:
    """A function of the digits, as one literal or a column."""
    if isinstance(digits, int):
        return pl.lit(value(digits), dtype=dtype)
    most = digits.max()
    places = range(most + 1 if isinstance(most, int) else 1)
    return pl.lit(pl.Series([value(count) for count in places], dtype=dtype).gather(digits))


def _compute(values: pl.Series, expression: pl.Expr) -> pl.Series:
    """An expression over the column ``v``."""
    return values.alias("v").to_frame().select(expression.alias("v")).to_series()
