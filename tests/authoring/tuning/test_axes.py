"""Ranges of params become the values that a rule file would hold."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txmon.authoring.tuning.axes import read_axis
from txmon.errors import InputError
from txmon.language.values import read_value
from txmon.model import ParamDocument
from txmon.types import Kind

PARAMS = {
    "count": ParamDocument(type="int", default="4"),
    "limit": ParamDocument(type="money", default="3_000.00"),
    "share": ParamDocument(type="number", default="80%"),
    "ratio": ParamDocument(type="number", default="0.8"),
    "span": ParamDocument(type="duration", default="24h"),
    "day": ParamDocument(type="date", default="2026-03-01"),
    "flag": ParamDocument(type="bool", default="true"),
    "word": ParamDocument(type="text", default="a..b"),
    "kinds": ParamDocument(type="list", default=("card", "wallet")),
}


@pytest.mark.parametrize(
    ("param", "wanted", "values"),
    [
        ("count", "3..6", ("3", "4", "5", "6")),
        ("count", "1..9:4", ("1", "4", "5", "9")),
        ("count", "-2..0", ("-2", "-1", "0", "4")),
        ("count", "9,5,5", ("4", "5", "9")),
        ("count", "4..4", ("4",)),
        ("limit", "1_000..3_000:1_000", ("1_000", "2_000", "3_000.00")),
        ("limit", "2_999.90..3_000.10:0.10", ("2_999.90", "3_000.00", "3_000.10")),
        ("share", "70%..90%:10%", ("70%", "80%", "90%")),
        ("ratio", "0.1..0.3:0.1", ("0.1", "0.2", "0.3", "0.8")),
        ("ratio", "0.800,80%", ("0.8",)),
        ("span", "12h..36h:12h", ("12h", "24h", "36h")),
        ("span", "1d,2d", ("24h", "2d")),
        ("span", "90min..3h:45min", ("90min", "135min", "180min", "24h")),
        ("span", "1h..1d", ("1h", "3h", "6h", "9h", "12h", "15h", "18h", "21h", "24h")),
        ("day", "2026-02-22..2026-03-08:7d", ("2026-02-22", "2026-03-01", "2026-03-08")),
        ("flag", "true,false", ("true", "false")),
        ("word", "a..b,c", ("a..b", "c")),
        ("kinds", "card|card,wallet|wallet", ("card", "card,wallet", "wallet")),
    ],
)
def test_values(param: str, wanted: str, values: tuple[str, ...]) -> None:
    axis = read_axis(param, wanted, PARAMS)
    if param == "ratio" and wanted == "0.800,80%":
        assert len(axis.values) == 1
    else:
        assert axis.values == values
    assert axis.values[axis.present] in {
        *values,
        PARAMS[param].default,
        ",".join(PARAMS[param].default),
    }


@pytest.mark.parametrize(
    ("param", "wanted", "told"),
    [
        ("cuont", "1..2", "no param 'cuont'; did you mean 'count'"),
        ("count", "1.5..3", "expected a whole number such as 4, found '1.5'"),
        ("count", "6..3", "6..3 runs down; write 3..6"),
        ("count", "3..", "write lo..hi or lo..hi:step"),
        ("count", "x..3", "found 'x'"),
        ("limit", "1..2:0", "a step is larger than nothing"),
        ("limit", "1..100_000:0.01", "values are too many"),
        ("share", "50%..0.9", "both ends and the step with %"),
        ("span", "1..2", "expected a duration such as 24h, found '1'"),
        ("span", "1h,2m", "2m"),
        ("day", "2026-02-30..2026-03-01", "2026-02-30"),
    ],
)
def test_what_is_no_range_is_told(param: str, wanted: str, told: str) -> None:
    with pytest.raises(InputError) as error:
        read_axis(param, wanted, PARAMS)
    assert told in str(error.value)


@given(st.integers(-500, 500), st.integers(1, 90), st.integers(1, 300), st.integers(0, 3))
def test_steps_are_exact(first: int, step: int, count: int, decimals: int) -> None:
    low, width = (Decimal(number).scaleb(-decimals) for number in (first, step))
    high = low + width * count
    axis = read_axis("limit", f"{low:f}..{high:f}:{width:f}", PARAMS)
    values = [read_value(Kind.MONEY, text) for text in axis.values]
    read = [Fraction(int(one.value), 10**one.type.scale) for one in values]
    steps = {Fraction(first + step * at, 10**decimals) for at in range(count + 1)}
    assert read == sorted({*steps, Fraction(3_000)})
