"""The row functions as Polars expressions."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.language.nodes import Call, Literal
from txmon.language.numbers import as_type, divide, fits_int64, operands
from txmon.types import Type

if TYPE_CHECKING:
    from txmon.language.calendar import Calendar

Array = np.ndarray[Any, Any]
SAME_TYPED = frozenset({"abs", "least", "greatest", "coalesce"})
"""Functions whose arguments are brought to the type of the result first."""

_Handler = Callable[[Call, list[pl.Expr]], pl.Expr]


def call(node: Call, arguments: list[pl.Expr], calendar: Calendar) -> pl.Expr:
    """The expression of a call whose arguments are compiled; clock functions read ``calendar``."""
    if node.function in _CLOCK:
        return _clock(node.function, arguments[0], calendar.zone)
    if node.function == "business_day":
        return _mapped(calendar.business_days, _clock("date", arguments[0], calendar.zone))
    if node.function == "business_days_between":
        first, last = (_mapped(calendar.working_days, day) for day in arguments)
        return last - first
    return _HANDLERS[node.function](node, arguments)


def _clock(function: str, time: pl.Expr, zone: str) -> pl.Expr:
    local = time.cast(pl.Datetime("us")).dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return _CLOCK[function](local).cast(pl.Int64)


def _mapped(days: Callable[[Array], Array], values: pl.Expr) -> pl.Expr:
    """A function of whole arrays of days; null stays null."""

    def of(series: pl.Series) -> pl.Series:
        found = pl.Series(days(series.fill_null(0).to_numpy()))
        return pl.select(pl.when(series.is_not_null()).then(found)).to_series()

    return values.cast(pl.Int64).map_batches(of, return_dtype=pl.Int64)


_CLOCK: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "hour": lambda local: local.dt.hour(),
    "weekday": lambda local: local.dt.weekday(),
    "date": lambda local: local.dt.date().cast(pl.Int32),
}


def _extreme(pick: Callable[..., pl.Expr], _node: Call, arguments: list[pl.Expr]) -> pl.Expr:
    unknown = pl.any_horizontal(argument.is_null() for argument in arguments)
    return pl.when(~unknown).then(pick(*arguments))


def _coalesce(_node: Call, arguments: list[pl.Expr]) -> pl.Expr:
    return pl.coalesce(arguments)


def _is_multiple(node: Call, arguments: list[pl.Expr]) -> pl.Expr:
    first, second = (argument.type for argument in node.arguments)
    x, m = operands(arguments[0], first, arguments[1], second)
    return pl.when(m != 0).then(x % m == 0)


def _round(node: Call, arguments: list[pl.Expr]) -> pl.Expr:
    source, places = node.arguments[0].type, _places(node)
    if not source.exact:
        return _round_float(arguments[0], source, places, node.type)
    if places >= source.scale:
        return fits_int64(as_type(arguments[0], source, Type(source.kind, node.type.scale, 126)))
    return _round_exact(arguments[0], source, places, node.type)


def _places(node: Call) -> int:
    literal = node.arguments[1]
    assert isinstance(literal, Literal)  # noqa: S101 - the language takes no other
    return int(literal.value)


def _round_exact(value: pl.Expr, source: Type, places: int, target: Type) -> pl.Expr:
    step = 10 ** (source.scale - places)
    wide = value.cast(pl.Int128)
    whole, rest = wide // step, wide % step
    up = (rest * 2 > step) | ((rest * 2 == step) & (whole % 2 != 0))
    return fits_int64((whole + up.cast(pl.Int128)) * 10 ** (target.scale - places))


def _round_float(value: pl.Expr, source: Type, places: int, target: Type) -> pl.Expr:
    shift = places - source.base_scale
    factor = pl.lit(float(10 ** abs(shift)))
    scaled = value * factor if shift >= 0 else divide(value, factor)
    whole = fits_int64(scaled.round(0, mode="half_to_even")).cast(pl.Int128)
    return fits_int64(whole * 10 ** (target.scale - places))


def _days_between(_node: Call, arguments: list[pl.Expr]) -> pl.Expr:
    return arguments[1] - arguments[0]


def _years_between(_node: Call, arguments: list[pl.Expr]) -> pl.Expr:
    first, second = (argument.cast(pl.Int32).cast(pl.Date) for argument in arguments)
    ordered = pl.min_horizontal(first, second), pl.max_horizontal(first, second)
    early, late = ordered
    months = (late.dt.year() - early.dt.year()) * 12 + (
        late.dt.month().cast(pl.Int32) - early.dt.month().cast(pl.Int32)
    )
    years = (months - (late.dt.day() < early.dt.day()).cast(pl.Int32)) // 12
    signed = pl.when(second < first).then(-years).otherwise(years)
    return pl.when(first.is_not_null() & second.is_not_null()).then(signed).cast(pl.Int64)


def _folded(text: pl.Series) -> pl.Series:
    unique = text.unique()
    folded = [None if value is None else value.casefold() for value in unique]
    return text.replace_strict(unique, pl.Series(folded, dtype=pl.String), return_dtype=pl.String)


def _lower(_node: Call, arguments: list[pl.Expr]) -> pl.Expr:
    return arguments[0].cast(pl.String).map_batches(_folded, return_dtype=pl.String)


_HANDLERS: dict[str, _Handler] = {
    "abs": lambda _, arguments: arguments[0].abs(),
    "least": partial(_extreme, pl.min_horizontal),
    "greatest": partial(_extreme, pl.max_horizontal),
    "coalesce": _coalesce,
    "is_null": lambda _, arguments: arguments[0].is_null(),
    "is_multiple": _is_multiple,
    "round": _round,
    "days_between": _days_between,
    "years_between": _years_between,
    "lower": _lower,
    "length": lambda _, arguments: arguments[0].cast(pl.String).str.len_chars().cast(pl.Int64),
}
