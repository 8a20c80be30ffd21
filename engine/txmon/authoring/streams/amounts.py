"""Exact numbers and the texts of cases, and the units in which they move."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import TYPE_CHECKING

from txmon.types import MONEY_LIMIT, MONEY_SCALE, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from txmon.types import Type

MILLISECOND, SECOND, MINUTE, HOUR = 1_000, 1_000_000, 60_000_000, 3_600_000_000
DAY = 24 * HOUR
CENT = Fraction(1, 100)
_LARGEST = Fraction(MONEY_LIMIT, 10**MONEY_SCALE)


def number(text: str | None) -> Fraction | None:
    """The exact value of a cell; None if it has none."""
    try:
        return None if text is None else Fraction(Decimal(text))
    except (InvalidOperation, ValueError, OverflowError):
        return None


def smallest(type_: Type) -> Fraction:
    """The least step between values of a column: a cent of money."""
    if type_.kind is Kind.MONEY:
        return CENT
    return Fraction(1) if type_.kind is Kind.INT else Fraction(1, 10**type_.scale)


def near(values: Iterable[Fraction], unit: Fraction) -> list[str]:
    """Each value down and up to the unit, a unit to either side, and in whole numbers, as texts."""
    found: dict[str, None] = {}
    for value in values:
        low, high = value // unit, -(-value // unit)
        whole = Fraction(value // 1)
        for one in (low * unit, high * unit, (low - 1) * unit, (high + 1) * unit, whole, whole + 1):
            if 0 < one <= _LARGEST:
                found[shown(one)] = None
    return list(found)


def shown(value: Fraction) -> str:
    """An exact decimal as a case writes it: without zeros at its end."""
    text = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
