"""Every way a row can be wrong: the exact column, raw value, reason and sentence."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from sources.payments import frame, pack, row, take
from txmon.sources import Reason, intake

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet


def case(name: str, fields: dict[str, object], told: str) -> ParameterSet:
    """One wrong row: ``column | value | reason | sentence``, then further faults."""
    return pytest.param(fields, told, id=name)


CASES = [
    case(
        "no id",
        row(transaction_id=None),
        "transaction_id | null | missing_id | the row has no transaction_id",
    ),
    case(
        "empty id",
        row(transaction_id=""),
        "transaction_id |  | empty_id | "
        'transaction_id is ""; an id that is present may not be blank',
    ),
    case(
        "blank id",
        row(transaction_id=" \t"),
        "transaction_id |  \t | empty_id | "
        'transaction_id is " \t"; an id that is present may not be blank',
    ),
    case(
        "float id",
        row(transaction_id=1.5),
        'transaction_id | 1.5 | invalid_text | "1.5" is a float that stands for no exact text',
    ),
    case(
        "huge float id",
        row(transaction_id=1e17),
        'transaction_id | 1e+17 | invalid_text | "1e+17" is a float that stands for no exact text',
    ),
    case(
        "no time",
        row(event_time=None),
        "event_time | null | missing_time | the row has no event_time",
    ),
    case(
        "time in words",
        row(event_time="yesterday"),
        "event_time | yesterday | invalid_time | "
        '"yesterday" is no time; write 2026-03-01T09:00:00+08:00, or map its format',
    ),
    case(
        "time without zone",
        row(event_time="2026-03-01T12:00:00"),
        "event_time | 2026-03-01T12:00:00 | naive_time | "
        '"2026-03-01T12:00:00" names no zone; write an offset, or give the zone in the '
        "mapping",
    ),
    case(
        "time with a blank, without zone",
        row(event_time="2026-03-01 12:00"),
        "event_time | 2026-03-01 12:00 | naive_time | "
        '"2026-03-01 12:00" names no zone; write an offset, or give the zone in the mapping',
    ),
    case(
        "day only",
        row(event_time="2026-03-01"),
        "event_time | 2026-03-01 | naive_time | "
        '"2026-03-01" names no zone; write an offset, or give the zone in the mapping',
    ),
    case(
        "thirteenth month",
        row(event_time="2026-13-01T12:00:00Z"),
        "event_time | 2026-13-01T12:00:00Z | invalid_time | "
        '"2026-13-01T12:00:00Z" is no time; write 2026-03-01T09:00:00+08:00, or map '
        "its format",
    ),
    case(
        "hour 24",
        row(event_time="2026-03-01T24:00:00Z"),
        "event_time | 2026-03-01T24:00:00Z | invalid_time | "
        '"2026-03-01T24:00:00Z" is no time; write 2026-03-01T09:00:00+08:00, or map '
        "its format",
    ),
    case(
        "nanoseconds",
        row(event_time="2026-03-01T12:00:00.123456789Z"),
        "event_time | 2026-03-01T12:00:00.123456789Z | time_precision | "
        '"2026-03-01T12:00:00.123456789Z" is finer than a microsecond',
    ),
    case(
        "year 10000",
        row(event_time="+10000-01-01T00:00:00Z"),
        "event_time | +10000-01-01T00:00:00Z | time_out_of_range | "
        '"+10000-01-01T00:00:00Z" is outside the years 1 to 9999',
    ),
    case(
        "naive datetime",
        row(event_time=datetime(2026, 3, 1)),  # noqa: DTZ001  the zone is what is missing
        "event_time | 2026-03-01 00:00:00.000000 | naive_time | "
        '"2026-03-01 00:00:00.000000" names no zone; write an offset, or give the zone '
        "in the mapping",
    ),
    case(
        "plain date",
        row(event_time=date(2026, 3, 1)),
        "event_time | 2026-03-01 | naive_time | "
        '"2026-03-01" names no zone; write an offset, or give the zone in the mapping',
    ),
    case(
        "no account",
        row(debtor_account=None, creditor_account=None),
        "debtor_account | null | missing_account | "
        "the row names neither a debtor_account nor a creditor_account",
    ),
    case(
        "empty account",
        row(creditor_account=""),
        "creditor_account |  | empty_id | "
        'creditor_account is ""; an id that is present may not be blank',
    ),
    case(
        "amount in words",
        row(amount="twelve"),
        'amount | twelve | invalid_amount | "twelve" is no plain decimal number',
    ),
    case(
        "thousands",
        row(amount="1,250.00"),
        'amount | 1,250.00 | invalid_amount | "1,250.00" is no plain decimal number',
    ),
    case(
        "decimal comma",
        row(amount="12,50"),
        'amount | 12,50 | invalid_amount | "12,50" is no plain decimal number',
    ),
    case(
        "exponent",
        row(amount="1.25E+03"),
        'amount | 1.25E+03 | invalid_amount | "1.25E+03" is no plain decimal number',
    ),
    case(
        "blank before amount",
        row(amount=" 12.50"),
        'amount |  12.50 | invalid_amount | " 12.50" is no plain decimal number',
    ),
    case(
        "currency sign",
        row(amount="¥12.50"),
        'amount | ¥12.50 | invalid_amount | "¥12.50" is no plain decimal number',
    ),
    case(
        "third decimal",
        row(amount="12.505"),
        'amount | 12.505 | too_many_digits | "12.505" has more decimal places than CNY allows',
    ),
    case(
        "twentieth decimal",
        row(amount="0.00000000000000000001"),
        "amount | 0.00000000000000000001 | too_many_digits | "
        '"0.00000000000000000001" has more decimal places than CNY allows',
    ),
    case(
        "yen with decimals",
        row(amount="12.5", currency="JPY"),
        'amount | 12.5 | too_many_digits | "12.5" has more decimal places than JPY allows',
    ),
    case(
        "fourth decimal of dinars",
        row(amount="12.3456", currency="KWD"),
        'amount | 12.3456 | too_many_digits | "12.3456" has more decimal places than KWD allows',
    ),
    case(
        "decimal type with third digit",
        row(amount=Decimal("12.505")),
        'amount | 12.505 | too_many_digits | "12.505" has more decimal places than CNY allows',
    ),
    case(
        "float with third digit",
        row(amount=12.505),
        'amount | 12.505 | too_many_digits | "12.505" has more decimal places than CNY allows',
    ),
    case(
        "float of a sum",
        row(amount=0.1 + 0.2),
        "amount | 0.30000000000000004 | too_many_digits | "
        '"0.30000000000000004" has more decimal places than CNY allows',
    ),
    case(
        "infinite amount",
        row(amount=float("inf")),
        'amount | inf | invalid_amount | "inf" is no plain decimal number',
    ),
    case(
        "amount too large",
        row(amount="10000000000000.01"),
        "amount | 10000000000000.01 | amount_too_large | "
        'amount "10000000000000.01" is beyond ten million million CNY',
    ),
    case(
        "amount too small",
        row(amount="-10000000000001"),
        "amount | -10000000000001 | amount_too_large | "
        'amount "-10000000000001" is beyond ten million million CNY',
    ),
    case(
        "whole amount too large",
        row(amount=10**14),
        "amount | 100000000000000 | amount_too_large | "
        'amount "100000000000000" is beyond ten million million CNY',
    ),
    case(
        "float amount too large",
        row(amount=1e14),
        "amount | 100000000000000.0 | amount_too_large | "
        'amount "100000000000000.0" is beyond ten million million CNY',
    ),
    case(
        "absurdly long amount",
        row(amount="9" * 40),
        "amount | 9999999999999999999999999999999999999999 | amount_too_large | "
        'amount "9999999999999999999999999999999999999999" is beyond ten million '
        "million CNY",
    ),
    case(
        "coarse float",
        row(amount=9_500_000_000_000.5, currency="KWD"),
        "amount | 9500000000000.5 | inexact_float | "
        '"9500000000000.5" is a float too coarse for the decimal places of KWD',
    ),
    case(
        "no amount",
        row(amount=None),
        'amount | null | missing_amount | the currency "CNY" stands without an amount',
    ),
    case(
        "nan amount",
        row(amount=float("nan")),
        'amount | NaN | missing_amount | the currency "CNY" stands without an amount',
    ),
    case(
        "no currency",
        row(currency=None),
        'amount | 12.50 | missing_currency | amount "12.50" stands without a currency',
    ),
    case(
        "unknown currency",
        row(currency="XYZ"),
        'currency | XYZ | unknown_currency | "XYZ" is no ISO 4217 currency code',
    ),
    case(
        "lower-case currency",
        row(currency="cny"),
        'currency | cny | unknown_currency | "cny" is no ISO 4217 currency code',
    ),
    case(
        "no rate at all",
        row(currency="EUR"),
        'currency | EUR | missing_rate | no rate for "EUR" on or before 2026-03-01',
    ),
    case(
        "rate too late",
        row(currency="USD", event_time="2026-02-28T12:00:00Z"),
        'currency | USD | missing_rate | no rate for "USD" on or before 2026-02-28',
    ),
    case(
        "too large once converted",
        row(amount="9999999999999", currency="KWD"),
        "amount | 9999999999999 | amount_too_large | "
        'amount "9999999999999" is beyond ten million million CNY',
    ),
    case(
        "balance with third digit",
        row(debtor_balance="1.005"),
        "debtor_balance | 1.005 | too_many_digits | "
        '"1.005" has more decimal places than CNY allows',
    ),
    case(
        "balance without currency",
        row(amount=None, currency=None, creditor_balance="7"),
        'creditor_balance | 7 | missing_currency | creditor_balance "7" stands without a currency',
    ),
    case(
        "sequence with decimals",
        row(sequence="1.5"),
        'sequence | 1.5 | invalid_integer | "1.5" is no integer of 64 bits',
    ),
    case(
        "sequence too large",
        row(sequence=str(2**63)),
        "sequence | 9223372036854775808 | invalid_integer | "
        '"9223372036854775808" is no integer of 64 bits',
    ),
    case(
        "float sequence",
        row(sequence=2.5),
        'sequence | 2.5 | invalid_integer | "2.5" is no integer of 64 bits',
    ),
    case(
        "latitude in words",
        row(latitude="north"),
        'latitude | north | invalid_number | "north" is no plain decimal number',
    ),
    case(
        "latitude too large",
        row(latitude="99999999999999"),
        "latitude | 99999999999999 | number_too_large | "
        'latitude "99999999999999" is beyond what the column can hold',
    ),
    case(
        "infinite latitude",
        row(latitude=float("-inf")),
        'latitude | -inf | invalid_number | "-inf" is no plain decimal number',
    ),
    case(
        "bool in words",
        row(vip="yes"),
        'vip | yes | invalid_bool | "yes" is neither true nor false',
    ),
    case("bool 2", row(vip=2), 'vip | 2 | invalid_bool | "2" is neither true nor false'),
    case(
        "date in words",
        row(born="May"),
        'born | May | invalid_date | "May" is no date; write 2026-03-01',
    ),
    case(
        "date with hours",
        row(born=datetime(1990, 5, 1, 3)),  # noqa: DTZ001  a date has none
        "born | 1990-05-01 03:00:00.000000 | invalid_date | "
        '"1990-05-01 03:00:00.000000" is no date; write 2026-03-01',
    ),
    case(
        "int in words",
        row(attempts="many"),
        'attempts | many | invalid_integer | "many" is no integer of 64 bits',
    ),
    case(
        "risk in words",
        row(risk="high"),
        'risk | high | invalid_number | "high" is no plain decimal number',
    ),
    case(
        "fee with third digit",
        row(fee="0.005"),
        'fee | 0.005 | too_many_digits | "0.005" has more decimal places than CNY allows',
    ),
    case(
        "opened at naive",
        row(opened_at="2020-01-01T00:00:00"),
        "opened_at | 2020-01-01T00:00:00 | naive_time | "
        '"2020-01-01T00:00:00" names no zone; write an offset, or give the zone in the '
        "mapping",
    ),
    case(
        "bytes",
        row(branch=b"\xff"),
        "branch | � | invalid_encoding | branch is no valid text in its encoding",
    ),
    case(
        "several",
        row(transaction_id=None, event_time="x", amount="y", currency="z"),
        "transaction_id | null | missing_id | "
        "the row has no transaction_id | event_time: invalid_time | amount: "
        "invalid_amount | currency: unknown_currency",
    ),
]

ELSEWHERE = {
    "line_break",
    "ragged_row",
    "broken_line",
    "nested_value",
    "ambiguous_time",
    "nonexistent_time",
    "unmapped_value",
    "unmatched_text",
    "invalid_direction",
    "conflicting_duplicate",
}


def told(rejected: dict[str, object]) -> str:
    value = "null" if rejected["value"] is None else rejected["value"]
    others = rejected["others"]
    assert isinstance(others, list)
    return " | ".join(
        [*map(str, (rejected["column"], value, rejected["reason"], rejected["detail"])), *others]
    )


@pytest.mark.parametrize(("fields", "wanted"), CASES)
def test_a_wrong_row_is_rejected_in_words(fields: dict[str, object], wanted: str) -> None:
    result = take(fields)

    (rejected,) = result.rejected.to_dicts()
    assert told(rejected) == wanted
    assert (rejected["source"], rejected["row"], rejected["history"]) == ("frame", 1, False)
    assert (result.counts.read, result.counts.accepted, result.counts.rejected) == (1, 0, 1)
    assert result.accepted.is_empty()


def test_wrong_rows_leave_the_good_ones_beside_them() -> None:
    wrong = [parameters.values[0] for parameters in CASES]
    texts = [fields for fields in wrong if all(isinstance(v, str | None) for v in fields.values())]
    good = [row(transaction_id=f"good {at}") for at in range(len(texts))]
    mixed = [fields for pair in zip(texts, good, strict=True) for fields in pair]

    result = intake(frame(*mixed), pack())

    assert len(texts) >= 40
    assert result.rejected["row"].to_list() == list(range(1, 2 * len(texts), 2))
    assert result.counts.accepted == len(good)


def test_every_reason_has_a_case() -> None:
    shown = {parameters.values[1].split(" | ")[2] for parameters in CASES}

    assert shown | ELSEWHERE == {reason.value for reason in Reason}


def test_long_values_are_cut() -> None:
    (rejected,) = take(row(amount="x" * 5000)).rejected.to_dicts()

    assert rejected["value"] == "x" * 1000
    assert rejected["detail"] == f'"{"x" * 80}" is no plain decimal number'


def test_values_that_look_like_marks_are_told_as_they_are() -> None:
    (rejected,) = take(row(amount="{column}{note}$1{value}")).rejected.to_dicts()

    assert rejected["detail"] == '"{column}{note}$1{value}" is no plain decimal number'
