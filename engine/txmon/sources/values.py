"""Texts, integers, truth values and dates out of whatever type a column came in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from txmon.errors import InputError
from txmon.sources.faults import Parsed, Reason, find

if TYPE_CHECKING:
    from txmon.sources.faults import Fault

_EXACT_WHOLE = 2**53
_TRUTH = {"true": True, "false": False, "1": True, "0": False}
_DATE_FORMAT = "%Y-%m-%d"


def refuse_type(name: str, dtype: pl.DataType, wanted: str) -> InputError:
    """The error of a column whose very type is wrong."""
    return InputError(f"column {name} has type {dtype}, which is no {wanted}; cast it first")


def to_text(name: str, raw: pl.Series) -> Parsed:
    """The column as String; whole numbers lose a trailing ``.0`` and NaN is missing.

    Raises:
        InputError: the type has no text of its own (dates, lists, structs).
    """
    dtype = raw.dtype
    if dtype == pl.String:
        return Parsed(raw)
    if dtype.is_float():
        whole, faults = _whole(name, raw, Reason.INVALID_TEXT)
        return Parsed(whole.cast(pl.String), faults)
    if dtype == pl.Binary:
        return _decoded(name, raw)
    texty = dtype in (pl.Boolean, pl.Null, pl.Categorical, pl.Enum)
    if texty or dtype.is_integer() or dtype.is_decimal():
        return Parsed(raw.cast(pl.String))
    raise refuse_type(name, dtype, "text")


def _decoded(name: str, raw: pl.Series) -> Parsed:
    try:
        return Parsed(raw.cast(pl.String))
    except pl.exceptions.ComputeError:  # no cast of Polars leaves null where bytes are no text
        texts = pl.Series(raw.name, [_utf8(value) for value in raw], dtype=pl.String)
    wrong = texts.is_null() & raw.is_not_null()
    return Parsed(texts, find(name, Reason.INVALID_ENCODING, wrong, raw))


def _utf8(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def to_integer(name: str, raw: pl.Series) -> Parsed:
    """The column as Int64.

    Raises:
        InputError: the type holds no numbers.
    """
    dtype = raw.dtype
    if dtype.is_float():
        return Parsed(*_whole(name, raw, Reason.INVALID_INTEGER))
    if not (dtype.is_numeric() or dtype in (pl.String, pl.Null)):
        raise refuse_type(name, dtype, "integer")
    if dtype.is_decimal():
        raw = raw.cast(pl.String).str.replace(r"\.0*$", "")
    return _checked(name, raw, raw.cast(pl.Int64, strict=False), Reason.INVALID_INTEGER)


def to_bool(name: str, raw: pl.Series) -> Parsed:
    """The column as Boolean: true and false in any case, 1 and 0.

    Raises:
        InputError: the type holds no truth values.
    """
    dtype = raw.dtype
    if dtype == pl.Boolean:
        return Parsed(raw)
    if not (dtype.is_numeric() or dtype in (pl.String, pl.Null, pl.Categorical, pl.Enum)):
        raise refuse_type(name, dtype, "bool")
    texts = to_text(name, raw).values.str.to_lowercase()
    truth = texts.replace_strict(_TRUTH, default=None, return_dtype=pl.Boolean)
    missing = raw.is_nan() if dtype.is_float() else pl.Series([False])
    return _checked(
        name, raw.set(missing, None) if missing.any() else raw, truth, Reason.INVALID_BOOL
    )


def to_date(name: str, raw: pl.Series, form: str | None = None) -> Parsed:
    """The column as Date; a text is read by ``form``, by default 2026-03-01.

    Raises:
        InputError: the type holds no dates.
    """
    dtype = raw.dtype
    if dtype in (pl.Date, pl.Null):
        return Parsed(raw.cast(pl.Date))
    if isinstance(dtype, pl.Datetime) and dtype.time_zone is None:
        days = raw.dt.date()
        return Parsed(days, find(name, Reason.INVALID_DATE, raw != days.cast(dtype), raw))
    if dtype.is_integer() and form is not None:
        raw = raw.cast(pl.String)
    if raw.dtype != pl.String:
        raise refuse_type(name, dtype, "date")
    days = raw.str.to_date(form or _DATE_FORMAT, strict=False)
    return _checked(name, raw, days, Reason.INVALID_DATE)


def _checked(name: str, raw: pl.Series, values: pl.Series, reason: Reason) -> Parsed:
    if values.null_count() == raw.null_count():
        return Parsed(values)
    return Parsed(values, find(name, reason, values.is_null() & raw.is_not_null(), raw))


def _whole(name: str, raw: pl.Series, reason: Reason) -> tuple[pl.Series, tuple[Fault, ...]]:
    """Floats that are integers, as Int64: pandas holds integers with gaps that way."""
    numbers = raw.fill_nan(None).cast(pl.Float64)
    wrong = (numbers.round(0) != numbers) | (numbers.abs() > _EXACT_WHOLE)
    faults = find(name, reason, wrong, raw)
    if faults:
        numbers = numbers.set(wrong, None)
    return numbers.cast(pl.Int64), faults
