"""Money abroad: about what it is worth, only to keep amounts and balances believable."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_YUAN_PER_UNIT = np.array(
    [1.0, 0.92, 7.15, 9.20, 5.45, 7.85, 4.62, 0.048, 0.89, 0.21, 7.15, 1.62, 0.124]
)
_SMALLEST_COIN = np.array([1, 1, 1, 1, 1, 1, 1, 100, 1, 1, 1, 1, 1])
"""In hundredths: the yen has no smaller coin."""


def to_foreign(
    cents: NDArray[np.floating] | NDArray[np.integer], currency: NDArray[np.int8]
) -> NDArray[np.int64]:
    """Cents at home as hundredths of each row's currency, at least one unit of it."""
    coin = _SMALLEST_COIN[currency]
    coins = np.round(cents / _YUAN_PER_UNIT[currency] / coin).astype(np.int64)
    amounts: NDArray[np.int64] = np.maximum(coins * coin, 100)
    return amounts


def to_home(cents: NDArray[np.int64], currency: NDArray[np.int8]) -> NDArray[np.int64]:
    """Hundredths of each row's currency as cents at home."""
    worth = np.round(cents * _YUAN_PER_UNIT[currency]).astype(np.int64)
    return np.where(currency == 0, cents, worth)
