"""The words of the simulated data and the small integers that stand for them while it is made."""

from __future__ import annotations

from enum import IntEnum

NONE = -1
"""The code of no account, no device, no incident."""

YUAN = 100
"""Cents in a yuan: the simulator counts money in cents."""


class PaymentKind(IntEnum):
    """Values of the column ``kind``."""

    TRANSFER = 0
    CARD = 1
    PAYROLL = 2
    STANDING_ORDER = 3
    CASH_DEPOSIT = 4
    CASH_WITHDRAWAL = 5
    LOGIN = 6


class Channel(IntEnum):
    """Values of the column ``channel``."""

    APP = 0
    WEB = 1
    POS = 2
    ATM = 3
    BRANCH = 4


class Segment(IntEnum):
    """Values of the columns ``debtor_segment`` and ``creditor_segment``."""

    RETAIL = 0
    BUSINESS = 1
    CORPORATE = 2


class Role(IntEnum):
    """What a labelled transaction does in its scheme."""

    LOGIN = 0
    BAIT = 1
    WARM_UP = 2
    PAYMENT = 3
    PASS_ON = 4
    CASH_OUT = 5


COUNTRIES = ("CN", "HK", "US", "GB", "SG", "DE", "AU", "JP")
CURRENCIES = ("CNY", "HKD", "USD", "GBP", "SGD", "EUR", "AUD", "JPY")
"""The currency of the country at the same place; the first is home."""


def texts(words: type[IntEnum]) -> tuple[str, ...]:
    """The words of a vocabulary as they stand in the data, in order of their codes."""
    return tuple(word.name.lower() for word in words)
