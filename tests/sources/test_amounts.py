"""Amounts of any type become the same exact integers."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sources.payments import frame, pack, row, take, told
from txmon.errors import PackError
from txmon.sources import intake
from txmon.sources.currencies import MINOR_DIGITS
from txmon.sources.decimals import DecimalColumn, Form, half_even, to_decimals
from txmon.sources.faults import Reason
from txmon.types import MONEY_LIMIT, MONEY_SCALE

LIMIT = Decimal(MONEY_LIMIT).scaleb(-MONEY_SCALE)


def form(*, rounded: bool = False) -> Form:
    return Form(MONEY_SCALE, MONEY_LIMIT, rounded, Reason.INVALID_AMOUNT, Reason.AMOUNT_TOO_LARGE)


def read(raw: pl.Series, digits: int | pl.Series, *, rounded: bool = False) -> list[int | None]:
    parsed = to_decimals(DecimalColumn("amount", raw, digits, form(rounded=rounded), "CNY"))
    faulty = {place for fault in parsed.faults for place in fault.rows}
    missing = set(parsed.values.is_null().arg_true())
    assert faulty <= missing
    assert len(faulty) == sum(len(fault.rows) for fault in parsed.faults)
    return list(parsed.values)


def expected(value: Decimal, digits: int, *, rounded: bool = False) -> int | None:
    """What an exact decimal must be stored as; None where it must be refused."""
    if abs(value) > LIMIT:
        return None
    with localcontext(prec=200):
        nearest = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
        if nearest != value and not rounded:
            return None
        return int(nearest.scaleb(MONEY_SCALE))


decimals = st.builds(
    lambda unscaled, places: Decimal(unscaled).scaleb(-places),
    st.integers(-(10**16), 10**16) | st.integers(-(10**4), 10**4),
    st.integers(0, 24),
)
digits = st.integers(0, 4)


@given(decimals, digits, st.booleans())
@example(Decimal("0.005"), 2, True)
@example(Decimal("0.015"), 2, True)
@example(Decimal("-0.005"), 2, True)
@example(Decimal("0.0050000000000000000001"), 2, True)
@example(Decimal("0.0149999999999999999999"), 2, True)
@example(LIMIT, 2, False)
@example(LIMIT + Decimal("0.01"), 2, False)
def test_a_text_is_its_exact_decimal(value: Decimal, places: int, rounded: bool) -> None:  # noqa: FBT001
    raw = pl.Series(["7", format(value, "f"), None])

    assert read(raw, places, rounded=rounded) == [
        70_000,
        expected(value, places, rounded=rounded),
        None,
    ]


@given(st.lists(st.tuples(decimals, digits), min_size=1, max_size=8))
def test_each_row_has_the_digits_of_its_currency(rows: list[tuple[Decimal, int]]) -> None:
    raw = pl.Series([format(value, "f") for value, _ in rows])
    places = pl.Series([count for _, count in rows], dtype=pl.Int8)

    assert read(raw, places) == [expected(value, count) for value, count in rows]


@given(st.integers(-(10**18), 10**18), st.integers(0, 10), digits, st.booleans())
def test_a_decimal_column_is_exact_at_any_scale(
    unscaled: int,
    scale: int,
    places: int,
    rounded: bool,  # noqa: FBT001
) -> None:
    value = Decimal(unscaled).scaleb(-scale)
    for precision in (18, 38):
        if len(str(abs(unscaled))) <= precision:
            raw = pl.Series([value], dtype=pl.Decimal(precision, scale))
            assert read(raw, places, rounded=rounded) == [expected(value, places, rounded=rounded)]


@given(st.integers(-(2**63), 2**63 - 1), digits)
def test_an_integer_counts_whole_units(value: int, places: int) -> None:
    assert read(pl.Series([value], dtype=pl.Int64), places) == [expected(Decimal(value), places)]


@pytest.mark.parametrize("dtype", [pl.Int8, pl.UInt16, pl.UInt64, pl.Int128])
def test_every_integer_type_is_read(dtype: type[pl.DataType]) -> None:
    assert read(pl.Series([3, None], dtype=dtype), 2) == [30_000, None]


def test_the_widest_integers_are_beyond_the_limit() -> None:
    assert read(pl.Series([2**64 - 1], dtype=pl.UInt64), 2) == [None]
    assert read(pl.Series([-(2**127)], dtype=pl.Int128), 2) == [None]


@given(st.integers(-(10**15), 10**15), st.integers(0, 3))
@example(14_542, 2)  # 14542 * 0.01 is not 145.42
@example(29, 2)
def test_the_float_nearest_to_a_decimal_is_that_decimal(unscaled: int, places: int) -> None:
    value = Decimal(unscaled).scaleb(-places)

    assert read(pl.Series([float(value)]), places) == [expected(value, places)]


@given(st.floats(-1e14, 1e14), digits)
def test_any_other_float_is_refused(value: float, places: int) -> None:
    (found,) = read(pl.Series([value]), places)

    if found is not None:
        assert float(Decimal(found).scaleb(-MONEY_SCALE)) == value
        assert found % 10 ** (MONEY_SCALE - places) == 0


@given(st.floats(-1e14, 1e14), digits)
@example(5e-5, 4)
@example(5.000000000000001e-5, 4)
@example(1e-300, 2)
@example(0.1 + 0.2, 2)
def test_a_rounded_float_is_its_rounded_text(value: float, places: int) -> None:
    exact = Decimal(repr(value))

    assert read(pl.Series([value]), places, rounded=True) == [expected(exact, places, rounded=True)]


def test_floats_of_32_bits_name_their_decimal() -> None:
    raw = pl.Series([0.29, 12.5, 100_000.25, 1e9, math.nan, math.inf], dtype=pl.Float32)

    assert read(raw, 2) == [2900, 125_000, 1_000_002_500, None, None, None]


def test_many_floats_at_once() -> None:
    cents = np.random.default_rng(7).integers(-(10**12), 10**12, 100_000)

    assert read(pl.Series(cents / 100), 2) == (cents * 100).tolist()


@given(st.lists(st.tuples(st.integers(-(10**20), 10**20), st.integers(1, 10**18)), min_size=1))
def test_half_even_is_exact(pairs: list[tuple[int, int]]) -> None:
    table = pl.DataFrame(
        {
            "n": pl.Series([top for top, _ in pairs], dtype=pl.Int128),
            "d": pl.Series([bottom for _, bottom in pairs], dtype=pl.Int128),
        }
    )

    found = table.select(half_even(pl.col("n"), pl.col("d"))).to_series().to_list()

    with localcontext(prec=80):
        assert found == [
            int((Decimal(top) / bottom).to_integral_value(ROUND_HALF_EVEN)) for top, bottom in pairs
        ]


@pytest.mark.parametrize(
    ("text", "stored"),
    [("5", 50_000), ("5.", 50_000), (".5", 5_000), ("+5.00", 50_000), ("-0.0", 0), ("007", 70_000)],
)
def test_plain_numbers_in_every_spelling(text: str, stored: int) -> None:
    assert take(row(amount=text)).accepted["amount"].to_list() == [stored]


def test_trailing_zeros_are_no_digits() -> None:
    result = take(row(amount="12.5000000000000000000000"), row(transaction_id="t2", amount="1.00"))

    assert result.accepted["amount"].to_list() == [125_000, 10_000]


def test_numbers_other_than_money_are_rounded_to_their_scale() -> None:
    result = take(row(latitude=39.904_199_890_1, longitude="116.40739555", risk="0.125"))

    assert result.accepted.select("latitude", "longitude", "risk").row(0) == (
        39_904_200,
        116_407_396,
        12,
    )


def test_minor_units_of_well_known_currencies() -> None:
    wanted = {"CNY": 2, "JPY": 0, "KRW": 0, "VND": 0, "KWD": 3, "TND": 3, "CLF": 4, "USD": 2}

    assert {code: MINOR_DIGITS[code] for code in wanted} == wanted
    assert set(MINOR_DIGITS.values()) == {0, 2, 3, 4}
    assert all(len(code) == 3 and code.isupper() for code in MINOR_DIGITS)


@pytest.mark.parametrize("currency", ["CNY", "JPY", "KWD"])
def test_every_currency_takes_its_own_digits(currency: str) -> None:
    places = MINOR_DIGITS[currency]
    amounts = {f"{count}": f"1.{'1' * count}" if count else "1" for count in range(5)}
    rows = [
        row(transaction_id=name, amount=amount, currency=currency)
        for name, amount in amounts.items()
    ]

    result = intake(frame(*rows), pack(currency=currency))

    assert result.accepted["transaction_id"].to_list() == [
        name for name in amounts if int(name) <= places
    ]


@pytest.mark.parametrize(
    ("thousands", "decimal", "text", "stored"),
    [
        (",", ".", "1,234,567.89", 12_345_678_900),
        (",", ".", "1234567.89", 12_345_678_900),
        (",", ".", "12,34,567.00", 12_345_670_000),
        (",", ".", "-1,000", -10_000_000),
        (".", ",", "1.234,50", 12_345_000),
        ("'", ".", "1'234.5", 12_345_000),
        ("'", ".", "1\u2019234.5", 12_345_000),
        (" ", ",", "1 234,5", 12_345_000),
        (" ", ",", "1\u00a0234\u202f567,5", 12_345_675_000),
    ],
)
def test_thousands_are_marked_as_the_mapping_says(
    thousands: str, decimal: str, text: str, stored: int
) -> None:
    spec = {"column": "amount", "thousands": thousands, "decimal": decimal}

    result = intake(frame(row(amount=text)), pack(), mapping={"columns": {"amount": spec}})

    assert result.accepted["amount"].to_list() == [stored]


@pytest.mark.parametrize(
    "text", ["1,23", "1,234,", ",123", "1,2345", "1,234.5,0", "12,3,456", "1,,234"]
)
def test_a_mark_of_thousands_in_a_wrong_place_is_no_number(text: str) -> None:
    mapping = {"columns": {"amount": {"column": "amount", "thousands": ","}}}

    result = intake(frame(row(amount=text)), pack(), mapping=mapping)

    assert told(result) == [("amount", text, "invalid_amount")]


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"thousands": ";"}, "expected one of"),
        ({"thousands": "."}, "the thousands mark and the decimal mark are the same"),
    ],
)
def test_a_mark_of_thousands_is_one_we_know(spec: dict[str, str], said: str) -> None:
    with pytest.raises(PackError, match=said):
        intake(frame(row()), pack(), mapping={"columns": {"amount": {"column": "amount", **spec}}})


def test_marks_are_for_texts_and_floats_are_numbers_already() -> None:
    spec = {"column": "amount", "decimal": ",", "thousands": ".", "round": "half_even"}

    result = intake(frame(row(amount=0.125)), pack(), mapping={"columns": {"amount": spec}})

    assert result.accepted["amount"].to_list() == [1200]
