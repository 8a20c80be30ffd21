"""Values as people read them."""

from __future__ import annotations

import pytest

from txmon.language.display import Display
from txmon.types import BOOL, DATE, DURATION, INT, MONEY, NUMBER, TEXT, TIME, Kind, Type

SECOND = 1_000_000
HERE = Display(2, "Asia/Shanghai")
MEAN_OF_MONEY = Type(Kind.MONEY, exact=False)


@pytest.mark.parametrize(
    ("value", "type_", "text"),
    [
        (104_000_000, MONEY, "10,400.00"),
        (-50, MONEY, "-0.00"),
        (1_250, MONEY, "0.12"),
        (1_350, MONEY, "0.14"),
        (1_333_350.0, MEAN_OF_MONEY, "133.34"),
        (1_234_567, INT, "1,234,567"),
        (2 / 3, NUMBER, "0.6667"),
        (85, Type(Kind.NUMBER, 2), "0.85"),
        (0, DURATION, "0s"),
        (1_500, DURATION, "1.5ms"),
        (90 * SECOND, DURATION, "1min 30s"),
        (461_822_794, DURATION, "7min 41.823s"),
        (24 * 3600 * SECOND, DURATION, "24h"),
        (50 * 3600 * SECOND, DURATION, "2d 2h"),
        (-3600 * SECOND, DURATION, "-1h"),
        (0, TIME, "1970-01-01 08:00:00+08:00"),
        (20_513, DATE, "2026-03-01"),
        (True, BOOL, "true"),
        ("as it is", TEXT, "as it is"),
        (None, MONEY, "unknown"),
    ],
)
def test_a_value_is_shown_as_its_kind(value: object, type_: Type, text: str) -> None:
    assert HERE.show(value, type_) == text  # type: ignore[arg-type]


def test_money_has_the_decimals_of_the_reporting_currency() -> None:
    assert Display(0, "UTC").show(10_005_000, MONEY) == "1,000"
    assert Display(3, "UTC").show(10_005_000, MONEY) == "1,000.500"
