"""The words of the simulated data and the small integers that stand for them while it is made."""

from __future__ import annotations

from enum import IntEnum

NONE = -1
"""The code of no account, no device, no case."""

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
    LOAN = 7
    REFUND = 8


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
    SAVINGS = 1
    LOAN = 2
    TEST = 3
    BAIT = 4
    TASK = 5
    PAY_BACK = 6
    PAYMENT = 7
    WARM_UP = 8
    PHONE_CARDS = 9
    PASS_ON = 10
    CASH_OUT = 11
    SPEND_ABROAD = 12


LOSING = (Role.TEST, Role.TASK, Role.PAYMENT)
"""Roles whose rows take a victim's money, if the row has a victim."""

REPAYING = (Role.BAIT, Role.PAY_BACK)
"""Roles whose rows give a victim money to win trust."""


class Difficulty(IntEnum):
    """How much trouble the criminals take not to be seen."""

    EASY = 0
    ORDINARY = 1
    HARD = 2


class AccountRole(IntEnum):
    """What an account does in a scheme."""

    VICTIM = 0
    COLLECTOR = 1
    MULE = 2
    IDENTITY = 3
    BAITER = 4


class Note(IntEnum):
    """Values of the column ``remittance_information``, as sentences."""

    PURCHASE = 0
    QR_PAYMENT = 1
    TRANSFER = 2
    SALARY = 3
    RENT = 4
    UTILITY_BILL = 5
    OWN_ACCOUNT = 6
    DAILY_TAKINGS = 7
    CASH_DEPOSIT = 8
    CASH_WITHDRAWAL = 9
    INVOICE_PAYMENT = 10
    ONLINE_ORDER = 11
    REFUND_OF_ORDER = 12
    LIVING_EXPENSES = 13
    REPAYMENT = 14
    RED_PACKET = 15
    LOAN_DISBURSEMENT = 16
    LOAN_INSTALMENT = 17
    TUITION_FEE = 18
    DONATION = 19
    WEDDING_GIFT = 20
    CLASS_FEE = 21
    DEPOSIT_AND_RENT = 22
    DOWN_PAYMENT = 23
    CAR_PAYMENT = 24
    MEDICAL_EXPENSES = 25
    DECORATION = 26
    GOODS_PAYMENT = 27
    WALLET_WITHDRAWAL = 28
    PART_TIME_PAY = 29
    INVESTMENT = 30
    PENSION = 31
    OVERSEAS_PURCHASE = 32
    LENT_MONEY = 33
    WALLET_TOP_UP = 34


class Trade(IntEnum):
    """Trades of shops; ``CATEGORIES`` has their codes."""

    GROCERY = 0
    RESTAURANT = 1
    PHARMACY = 2
    CLOTHES = 3
    FUEL = 4
    TRANSPORT = 5
    ELECTRONICS = 6
    JEWELLERY = 7
    TELECOM = 8
    HOTEL = 9
    DEPARTMENT_STORE = 10
    BEAUTY = 11
    TRAVEL_AGENCY = 12


CATEGORIES = (
    *("5411", "5812", "5912", "5651", "5541", "4111", "5732"),
    *("5944", "4814", "7011", "5311", "7230", "4722"),
)
"""Values of the column ``merchant_category`` (ISO 18245), in the order of `Trade`."""

COUNTRIES = ("CN", "HK", "US", "GB", "SG", "DE", "AU", "JP", "MO", "TH", "KH", "MY", "PH")
CURRENCIES = (
    *("CNY", "HKD", "USD", "GBP", "SGD", "EUR", "AUD", "JPY"),
    *("MOP", "THB", "USD", "MYR", "PHP"),
)
"""The currency people pay with in the country at the same place; the first is home."""


def texts(words: type[IntEnum]) -> tuple[str, ...]:
    """The words of a vocabulary as they stand in the data, in order of their codes."""
    return tuple(word.name.lower() for word in words)


def sentences(words: type[IntEnum]) -> tuple[str, ...]:
    """The words of a vocabulary with spaces and a capital letter, in order of their codes."""
    names = (word.name.replace("_", " ").capitalize() for word in words)
    return tuple(name.replace("Qr ", "QR ") for name in names)
