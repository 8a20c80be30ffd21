"""Amounts in the reporting currency, by the rate of the day in the pack's zone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.payments import frame, pack, row, take, told
from txmon.errors import InputError
from txmon.language.checked import Rate
from txmon.sources import intake
from txmon.sources.currencies import MINOR_DIGITS
from txmon.types import MONEY_LIMIT, MONEY_SCALE

EPOCH = date(1970, 1, 1)
START = datetime(2026, 3, 1, tzinfo=UTC)
FIRST_DAY = (START.date() - EPOCH).days


def test_the_reporting_currency_is_not_converted() -> None:
    accepted = take(row(amount="12.50", debtor_balance="100")).accepted

    assert accepted.select("amount", "original_amount", "debtor_balance").row(0) == (
        125_000,
        125_000,
        1_000_000,
    )


def test_other_currencies_are_and_keep_what_was_booked() -> None:
    accepted = take(
        row(amount="10.00", currency="USD", debtor_balance="1", creditor_balance=None, fee="0.10")
    ).accepted

    assert accepted.select(
        "amount", "original_amount", "currency", "debtor_balance", "creditor_balance", "fee"
    ).row(0) == (723_400, 100_000, "USD", 72_300, None, 7_200)


@pytest.mark.parametrize(
    ("time", "amount"),
    [
        ("2026-02-28T16:00:00Z", 723_400),  # midnight of March 1 in Shanghai
        ("2026-03-01T15:59:59.999999Z", 723_400),
        ("2026-03-01T16:00:00Z", 730_000),
        ("2030-01-01T00:00:00Z", 730_000),
    ],
)
def test_the_rate_is_that_of_the_local_day(time: str, amount: int) -> None:
    accepted = take(row(amount="10.00", currency="USD", event_time=time)).accepted

    assert accepted["amount"].to_list() == [amount]


def test_a_day_before_the_first_rate_has_none() -> None:
    result = take(row(currency="USD", event_time="2026-02-28T15:59:59.999999Z"))

    assert told(result) == [("currency", "USD", "missing_rate")]


def test_a_missing_rate_touches_no_other_currency() -> None:
    result = take(
        row(transaction_id="1", currency="EUR"),
        row(transaction_id="2", currency="JPY", amount="100"),
        row(transaction_id="3"),
    )

    assert result.accepted["amount"].to_list() == [50_000, 125_000]
    assert result.rejected["row"].to_list() == [1]


def test_an_event_without_money_needs_no_rate() -> None:
    result = take(row(), row(transaction_id="t2", kind="login", amount=None, currency=None))

    assert result.accepted["amount"].to_list() == [125_000, None]


def test_a_currency_without_minor_units_reports_whole_amounts() -> None:
    yen = pack(currency="JPY", rates=(Rate("USD", 0, 15_050, 2),))

    accepted = intake(frame(row(amount="1.01", currency="USD")), yen).accepted

    assert accepted["amount"].to_list() == [152 * 10_000]


@pytest.mark.parametrize(("rate", "scale"), [(10**21, 0), (1, 36)])
def test_a_rate_too_wide_to_be_exact_is_refused(rate: int, scale: int) -> None:
    wide = pack(rates=(Rate("USD", 0, rate + 1, scale),))

    with pytest.raises(InputError, match="the rate of USD has too many digits"):
        intake(frame(row(currency="USD")), wide)


@pytest.mark.parametrize(
    ("age", "amounts"), [(None, [7, 7, 8, 8]), (2, [7, 7, 8]), (1, [7, 8]), (0, [7, 8])]
)
def test_a_rate_older_than_the_pack_allows_is_none(age: int | None, amounts: list[int]) -> None:
    days = (FIRST_DAY, FIRST_DAY + 2, FIRST_DAY + 3, FIRST_DAY + 6)
    table = (Rate("USD", FIRST_DAY, 7, 0), Rate("USD", FIRST_DAY + 3, 8, 0))
    rows = [
        row(
            transaction_id=str(day),
            event_time=(START + timedelta(days=day - FIRST_DAY)).isoformat(),
            amount="1",
            currency="USD",
        )
        for day in days
    ]

    result = intake(frame(*rows), replace(pack(rates=table), max_rate_age=age))

    assert [amount // 10**MONEY_SCALE for amount in result.accepted["amount"]] == amounts
    assert set(result.rejected["reason"]) <= {"missing_rate"}
    assert result.rejected.height == 4 - len(amounts)


rates = st.lists(
    st.tuples(
        st.sampled_from(["USD", "JPY", "KWD"]),
        st.integers(-2, 4),
        st.integers(1, 10**15),
        st.integers(0, 12),
    ),
    max_size=8,
    unique_by=lambda rate: rate[:2],
)
bookings = st.lists(
    st.tuples(
        st.sampled_from(["USD", "JPY", "KWD", "CNY"]),
        st.integers(0, 5 * 24 * 60),
        st.integers(-(10**12), 10**12),
    ),
    min_size=1,
    max_size=10,
)
zones = st.sampled_from(["Asia/Shanghai", "UTC", "America/New_York"])


@given(rates, bookings, zones, st.sampled_from(["CNY", "JPY", "KWD"]))
def test_conversion_is_exact_and_half_even(
    given_rates: list[tuple[str, int, int, int]],
    booked: list[tuple[str, int, int]],
    zone: str,
    currency: str,
) -> None:
    known = [rate for rate in given_rates if rate[0] != currency]
    table = tuple(Rate(code, FIRST_DAY + day, *number) for code, day, *number in known)
    rows = [
        row(
            transaction_id=f"{at:03}",
            event_time=(START + timedelta(minutes=minutes)).isoformat(),
            amount=format(Decimal(units).scaleb(-MINOR_DIGITS[code]), "f"),
            currency=code,
        )
        for at, (code, minutes, units) in enumerate(booked)
    ]

    result = intake(frame(*rows), pack(currency, zone, rates=table))

    found = dict(result.accepted.select("transaction_id", "amount").rows())
    wanted = {
        f"{at:03}": _converted(code, minutes, units, table, zone=zone, currency=currency)
        for at, (code, minutes, units) in enumerate(booked)
    }
    assert found == {name: amount for name, amount in wanted.items() if amount is not None}


def _converted(
    code: str, minutes: int, units: int, table: tuple[Rate, ...], *, zone: str, currency: str
) -> int | None:
    amount = Decimal(units).scaleb(-MINOR_DIGITS[code])
    if code == currency:
        return int(amount.scaleb(MONEY_SCALE))
    day = (START + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)).date()
    past = [r for r in table if r.currency == code and r.day <= (day - EPOCH).days]
    if not past:
        return None
    rate = max(past, key=lambda rate: rate.day)
    with localcontext(prec=100):
        exact = amount * Decimal(rate.numerator).scaleb(-rate.scale)
        minor = exact.quantize(Decimal(1).scaleb(-MINOR_DIGITS[currency]), ROUND_HALF_EVEN)
        stored = int(minor.scaleb(MONEY_SCALE))
    return stored if abs(stored) <= MONEY_LIMIT else None
