"""What a column of somebody's file most likely is, by its name."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "transaction_id": ("id", "tran_id", "trans_id", "tx_id", "txid", "transaction", "reference"),
    "event_time": ("time", "timestamp", "date", "datetime", "booked_at", "created_at"),
    "debtor_account": ("from_account", "sender", "orig_acct", "nameorig", "payer", "account"),
    "creditor_account": ("to_account", "receiver", "bene_acct", "namedest", "payee"),
    "amount": ("amt", "base_amt", "value", "sum", "amount_paid"),
    "currency": ("ccy", "cur", "payment_currency", "currency_code"),
}
"""Canonical column -> how else it is often called."""

_CLOSE = 0.6


def suggest(absent: Sequence[str], found: Sequence[str]) -> str:
    """A mapping to begin with, for the columns that a file lacks."""
    lines = ["  columns:"]
    for names in absent:
        for name in names.split(" or "):
            default = "{constant: EUR}" if name == "currency" else "..."
            lines.append(f"    {name}: {_likely(name, found) or default}")
    return "\n".join(lines)


def _likely(name: str, found: Sequence[str]) -> str | None:
    by_name = {snake(column): column for column in found}
    for synonym in SYNONYMS.get(name, ()):
        if synonym in by_name:
            return by_name[synonym]
    return near(name, found)


def snake(name: str) -> str:
    """A column's name in lower case, its words joined by ``_``."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def near(name: str, found: Sequence[str]) -> str | None:
    """The name most like another, if any is."""
    close = difflib.get_close_matches(name, found, 1, _CLOSE)
    return close[0] if close else None


def listed(names: Sequence[str]) -> str:
    """Names in a sentence."""
    return ", ".join(names) if names else "no column at all"
