"""The money of a payment: amount, currency and balances read together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from txmon.sources import text_scan
from txmon.sources.currencies import CODES, DIGITS_BY_PLACE, MINOR_DIGITS, minor_digits
from txmon.sources.decimals import DecimalColumn, Form, accepts, to_decimals
from txmon.sources.faults import Fault, Parsed, Reason, find
from txmon.sources.plain import bytes_of
from txmon.sources.rates import Booked, convert
from txmon.sources.values import refuse_type, to_text
from txmon.types import MONEY_LIMIT, MONEY_SCALE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.checked import Pack
    from txmon.sources.raw import RawField

_MINOR = "a whole number of the smallest unit"


@dataclass(frozen=True, slots=True)
class _Currency:
    """The currency of each row and the decimal places it allows."""

    texts: pl.Series
    digits: int | pl.Series
    faults: tuple[Fault, ...]


def to_money(
    fields: Mapping[str, RawField], event_time: pl.Series, pack: Pack
) -> tuple[dict[str, pl.Series], tuple[Fault, ...]]:
    """The stored money columns, ``original_amount`` and ``currency`` among them.

    Args:
        fields: the raw money columns and ``currency``.
        event_time: the parsed time of each row.
        pack: names the reporting currency, the zone and the rates.
    """
    currency = _currency(fields["currency"])
    booked: dict[str, pl.Series] = {}
    faults: tuple[Fault, ...] = ()
    for name, field in fields.items():
        if name != "currency":
            parsed = _amount(name, field, currency)
            booked[name] = parsed.values
            faults += parsed.faults + _alone(name, field, parsed, currency)
    faults += currency.faults
    raws = {name: field.raw for name, field in fields.items()}
    converted, unrated = convert(Booked(booked, currency.texts, event_time, raws), pack)
    columns = {**converted, "original_amount": booked["amount"], "currency": currency.texts}
    return columns, faults + unrated


def _currency(field: RawField) -> _Currency:
    parsed = to_text("currency", field.raw)
    texts = parsed.values
    first = texts.drop_nulls().head(1)
    if len(first) and first[0] in MINOR_DIGITS and (texts == first[0]).all():
        return _Currency(texts, MINOR_DIGITS[first[0]], parsed.faults)
    digits, known = text_scan.codes(*bytes_of(texts), DIGITS_BY_PLACE)
    if known.all():
        return _Currency(texts, pl.Series(digits), parsed.faults)
    codes = texts.cast(CODES, strict=False)
    unknown = codes.is_null() & texts.is_not_null()
    faults = parsed.faults + find("currency", Reason.UNKNOWN_CURRENCY, unknown, texts)
    return _Currency(texts, minor_digits(codes).fill_null(MONEY_SCALE), faults)


def _amount(name: str, field: RawField, currency: _Currency) -> Parsed:
    if not accepts(field.raw.dtype):
        raise refuse_type(name, field.raw.dtype, "amount")
    form = Form(
        target=MONEY_SCALE,
        limit=MONEY_LIMIT,
        rounded=field.spec.round is not None,
        invalid=Reason.INVALID_AMOUNT,
        too_large=Reason.AMOUNT_TOO_LARGE,
        decimal=field.spec.decimal,
        thousands=field.spec.thousands,
    )
    column = DecimalColumn(name, field.raw, currency.digits, form, currency.texts)
    return _from_minor(column) if field.spec.unit == "minor" else to_decimals(column)


def _from_minor(column: DecimalColumn) -> Parsed:
    """Whole numbers of the currency's smallest unit, such as cents, as money."""
    whole = replace(column.form, target=0)
    counted = to_decimals(replace(column, digits=0, form=whole, note=_MINOR))
    frame = pl.DataFrame({"v": counted.values}).with_columns(
        step=10 ** (MONEY_SCALE - pl.lit(column.digits, dtype=pl.Int64))
    )
    large = frame.select(pl.col("v").abs() > MONEY_LIMIT // pl.col("step")).to_series()
    faults = counted.faults + column.find(Reason.AMOUNT_TOO_LARGE, large)
    product = pl.when(pl.lit(large).not_().fill_null(value=True)).then(pl.col("v") * pl.col("step"))
    return Parsed(frame.select(product.alias(column.name)).to_series(), faults)


def _alone(name: str, field: RawField, parsed: Parsed, currency: _Currency) -> tuple[Fault, ...]:
    """Amounts without a currency, and currencies without an amount."""
    if parsed.values.null_count() == 0 and currency.texts.null_count() == 0:
        return ()
    present = _present(parsed)
    denominated = currency.texts.is_not_null()
    faults = find(name, Reason.MISSING_CURRENCY, present & ~denominated, field.raw)
    if name == "amount":
        bare = denominated & ~present
        faults += find(name, Reason.MISSING_AMOUNT, bare, field.raw, currency.texts)
    return faults


def _present(parsed: Parsed) -> pl.Series:
    """Where there is a value, right or wrong."""
    present = parsed.values.is_not_null()
    for fault in parsed.faults:
        present = present.scatter(fault.rows, True)
    return present
