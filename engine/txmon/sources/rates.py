"""Amounts as booked into the pack's reporting currency, by dated rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from txmon.errors import InputError
from txmon.sources.currencies import CODES, MINOR_DIGITS
from txmon.sources.decimals import half_even
from txmon.sources.faults import Fault, Reason, find
from txmon.types import EXACT_BITS, MONEY_BITS, MONEY_LIMIT, MONEY_SCALE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.checked import Pack, Rate


@dataclass(frozen=True, slots=True)
class Booked:
    """Amounts of one piece of input as booked.

    Attributes:
        amounts: canonical money column -> Int64 at MONEY_SCALE.
        currency: the code of each row.
        event_time: UTC; null where it is wrong.
        raws: the amounts as they came in, for faults.
    """

    amounts: Mapping[str, pl.Series]
    currency: pl.Series
    event_time: pl.Series
    raws: Mapping[str, pl.Series]


def convert(booked: Booked, pack: Pack) -> tuple[dict[str, pl.Series], tuple[Fault, ...]]:
    """Every amount in the reporting currency, half-even to its minor unit, at MONEY_SCALE.

    The rate is the latest on or before the event's date in the pack's zone, and at most
    ``max_rate_age`` days older; the reporting currency has rate 1. A row without a rate, or beyond
    the limit once converted, is a fault.
    """
    foreign = (booked.currency != pack.currency).fill_null(value=False)
    if not foreign.any():
        return dict(booked.amounts), ()
    rows = foreign.arg_true()
    rates = _rates_of(booked, rows, pack)
    faults = _missing(booked, rows, rates)
    amounts: dict[str, pl.Series] = {}
    for name, values in booked.amounts.items():
        converted = _converted(values.gather(rows), rates)
        large = ~converted.is_between(-MONEY_LIMIT, MONEY_LIMIT)
        if large.any():
            wrong, raw = _at(rows, large, foreign), booked.raws[name]
            faults += find(name, Reason.AMOUNT_TOO_LARGE, wrong, raw, pack.currency)
            converted = converted.set(large, None)
        amounts[name] = values.clone().scatter(rows, converted.cast(pl.Int64))
    return amounts, faults


def _rates_of(booked: Booked, rows: pl.Series, pack: Pack) -> pl.DataFrame:
    """Day, numerator and divisor for each foreign row, null where there is none."""
    local = booked.event_time.gather(rows).dt.convert_time_zone(pack.timezone)
    wanted = pl.DataFrame(
        {
            "currency": booked.currency.gather(rows).cast(CODES, strict=False).to_physical(),
            "day": local.dt.date().to_physical(),
        }
    )
    pairs = wanted.unique().drop_nulls().sort("day")
    # both sides are sorted by day; with `by` Polars cannot see that and would warn
    rated = pairs.join_asof(
        _table(pack), on="day", by="currency", strategy="backward", check_sortedness=False
    )
    if pack.max_rate_age is not None:
        fresh = pl.col("day") - pl.col("since") <= pack.max_rate_age
        rated = rated.with_columns(pl.when(fresh).then(pl.col("numerator", "divisor")))
    return wanted.join(rated, on=["currency", "day"], how="left", maintain_order="left")


def _table(pack: Pack) -> pl.DataFrame:
    places = MONEY_SCALE - MINOR_DIGITS[pack.currency]
    plain = [_plain(rate) for rate in pack.rates if rate.currency in MINOR_DIGITS]
    return (
        pl.DataFrame(
            {
                "currency": pl.Series([rate.currency for rate in plain], dtype=CODES).to_physical(),
                "day": pl.Series([rate.day for rate in plain], dtype=pl.Int32),
                "since": pl.Series([rate.day for rate in plain], dtype=pl.Int32),
                "numerator": pl.Series([rate.numerator for rate in plain], dtype=pl.Int128),
                "divisor": pl.Series(
                    [10 ** (rate.scale + places) for rate in plain], dtype=pl.Int128
                ),
            }
        )
        .with_columns(unit=pl.lit(10**places, dtype=pl.Int128))
        .sort("day")
    )


def _plain(rate: Rate) -> Rate:
    """The same rate without trailing zeros, narrow enough for an exact product."""
    numerator, scale = rate.numerator, rate.scale
    while scale and numerator % 10 == 0:
        numerator, scale = numerator // 10, scale - 1
    if numerator.bit_length() > EXACT_BITS - MONEY_BITS or 10**scale >= 2**EXACT_BITS // 10**4:
        raise InputError(f"the rate of {rate.currency} has too many digits to be used exactly")
    return type(rate)(rate.currency, rate.day, numerator, scale)


def _converted(values: pl.Series, rates: pl.DataFrame) -> pl.Series:
    product = pl.col("value").cast(pl.Int128) * pl.col("numerator")
    minor = half_even(product, pl.col("divisor"))
    return rates.with_columns(value=values).select(minor * pl.col("unit")).to_series()


def _missing(booked: Booked, rows: pl.Series, rates: pl.DataFrame) -> tuple[Fault, ...]:
    known = rates["day"].is_not_null() & rates["currency"].is_not_null()
    absent = known & rates["numerator"].is_null()
    if not absent.any():
        return ()
    days = rates["day"].cast(pl.Date).cast(pl.String)
    told = find("currency", Reason.MISSING_RATE, absent, booked.currency.gather(rows), days)
    return tuple(
        Fault(fault.column, fault.reason, rows.gather(fault.rows), fault.values, fault.notes)
        for fault in told
    )


def _at(rows: pl.Series, chosen: pl.Series, like: pl.Series) -> pl.Series:
    """A mask over all rows that is true at the chosen ones of ``rows``."""
    mask = pl.repeat(value=False, n=len(like), dtype=pl.Boolean, eager=True)
    return mask.scatter(rows.filter(chosen), True)
