"""The functions of the rule language by name, and what each takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

RESERVED = frozenset(
    {
        *("and", "or", "not", "in", "if", "then", "else", "where", "by", "over", "per", "having"),
        *("this", "value", "lists", "true", "false", "last", "previous", "all", "calendar"),
        *("business", "active", "ending", "ago", "excluding"),
        *("contains", "starts_with", "ends_with", "matches"),
    }
)
"""Words that cannot be names."""

AGGREGATES = frozenset(
    {
        *("count", "sum", "mean", "min", "max", "std", "distinct", "first", "last"),
        *("median", "percentile", "benford", "legs"),
    }
)
POINTS = frozenset({"previous", "time_since_previous", "time_since_first", "is_first"})
STATEFUL = AGGREGATES | POINTS
"""Functions that look at other rows: each stands alone in a feature."""

ARITY: dict[str, tuple[int, int | None]] = {
    "abs": (1, 1),
    "round": (2, 2),
    "least": (2, None),
    "greatest": (2, None),
    "is_multiple": (2, 2),
    "hour": (1, 1),
    "weekday": (1, 1),
    "date": (1, 1),
    "days_between": (2, 2),
    "years_between": (2, 2),
    "business_day": (1, 1),
    "business_days_between": (2, 2),
    "lower": (1, 1),
    "length": (1, 1),
    "coalesce": (2, None),
    "is_null": (1, 1),
    "edit_distance": (2, 2),
    "similarity": (2, 2),
    "distance_km": (4, 4),
}
"""Row functions: the fewest and the most arguments (None: any number)."""

AGGREGATE_ARITY: dict[str, tuple[int, int | None]] = {
    "count": (0, 0),
    "sum": (1, 1),
    "mean": (1, 1),
    "min": (1, 1),
    "max": (1, 1),
    "std": (1, 1),
    "distinct": (1, None),
    "first": (1, 1),
    "last": (1, 1),
    "median": (1, 1),
    "percentile": (2, 2),
    "benford": (1, 1),
    "legs": (3, 3),
    "previous": (1, 1),
    "time_since_previous": (0, 0),
    "time_since_first": (0, 0),
    "is_first": (1, 1),
}

RUNNING = frozenset({"count", "sum", "mean", "std", "min", "max", "first", "last", "benford"})
"""Aggregates with a compact running form: only these take ``all time``."""

FUNCTIONS = frozenset(ARITY) | STATEFUL

FOREIGN_FUNCTIONS: dict[str, str] = {
    "avg": "mean(x)",
    "average": "mean(x)",
    "stddev": "std(x)",
    "stdev": "std(x)",
    "stddev_samp": "std(x)",
    "count_distinct": "distinct(x)",
    "nunique": "distinct(x)",
    "n_unique": "distinct(x)",
    "unique": "distinct(x)",
    "dcount": "distinct(x)",
    "total": "sum(x)",
    "lag": "previous(x)",
    "prior": "previous(x)",
    "ifnull": "coalesce(a, b)",
    "nvl": "coalesce(a, b)",
    "isnull": "is_null(x)",
    "len": "length(x)",
    "upper": "lower(x)",
    "lcase": "lower(x)",
    "startswith": "x starts_with y",
    "endswith": "x ends_with y",
    "regexp": "x matches y",
    "re": "x matches y",
    "datediff": "days_between(a, b), or the difference of two times",
    "dayofweek": "weekday(t)",
    "mod": "is_multiple(x, m)",
    "floor": "round(x, n)",
    "ceil": "round(x, n)",
    "levenshtein": "edit_distance(a, b)",
    "haversine": "distance_km(latitude, longitude, latitude, longitude)",
    "geo_distance": "distance_km(latitude, longitude, latitude, longitude)",
    "max_of": "greatest(a, b)",
    "min_of": "least(a, b)",
}
"""Functions of other languages -> what to write here."""

FOREIGN_NAMES: dict[str, str] = {
    "null": "null is asked for with is_null(x) or not is_null(x)",
    "none": "null is asked for with is_null(x) or not is_null(x)",
    "nil": "null is asked for with is_null(x) or not is_null(x)",
    "now": "rules read no clock: event_time is the payment's own time",
    "today": "rules read no clock: date(event_time) is the payment's own day",
    "timestamp": "the payment's time is event_time",
    "time": "the payment's time is event_time",
    "payer": "the paying account is debtor_account",
    "payee": "the receiving account is creditor_account",
    "sender": "the paying account is debtor_account",
    "receiver": "the receiving account is creditor_account",
    "beneficiary": "the receiving account is creditor_account",
    "originator": "the paying account is debtor_account",
    "customer": "the paying customer is debtor_customer",
    "merchant": "the shop is merchant_id, its trade merchant_category",
    "mcc": "the trade of a shop is merchant_category",
    "country": "the countries are debtor_country and creditor_country",
    "device": "the device is device_id",
    "ip": "the internet address is ip_address",
    "card": "the card is card_id",
    "description": "the text of a payment is remittance_information",
    "type": "the kind of a payment is kind",
}
"""Names of other languages and systems -> what to say about them here."""

FOREIGN_SIDES: dict[str, str] = {
    "payer": "debtor",
    "sender": "debtor",
    "originator": "debtor",
    "source": "debtor",
    "payee": "creditor",
    "receiver": "creditor",
    "recipient": "creditor",
    "beneficiary": "creditor",
    "destination": "creditor",
}
"""What others call the sides of a payment: ``beneficiary_country`` is ``creditor_country``."""


def foreign_column(name: str, known: Collection[str]) -> str | None:
    """The column that another system's name of it means, if it is one of those known."""
    side, _, rest = name.lower().partition("_")
    column = f"{FOREIGN_SIDES.get(side, side)}_{rest}"
    return column if side in FOREIGN_SIDES and column in known else None
