"""The canonical transaction schema: its columns, their types, and the two sides of a payment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from txmon.types import BOOL, DATE, INT, INT64_BITS, MONEY, SEVERITY, TEXT, TIME, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

OUT, IN = "out", "in"
SIDED_NAMES = ("account", "counterparty", "direction")
OWN, COUNTERPARTY, DEBTOR, CREDITOR = "own_", "counterparty_", "debtor_", "creditor_"
COORDINATE = Type(Kind.NUMBER, scale=6, bits=INT64_BITS)
TIME_DTYPE = pl.Datetime("us", "UTC")

REQUIRED = ("transaction_id", "event_time")
ACCOUNTS = ("debtor_account", "creditor_account")
RESERVED = frozenset({*SIDED_NAMES, "transaction_id", "event_time"})

STANDARD: Mapping[str, Type] = {
    "transaction_id": TEXT,
    "event_time": TIME,
    "sequence": INT,
    "kind": TEXT,
    "channel": TEXT,
    "status": TEXT,
    "debtor_account": TEXT,
    "creditor_account": TEXT,
    "amount": MONEY,
    "original_amount": MONEY,
    "currency": TEXT,
    "debtor_name": TEXT,
    "creditor_name": TEXT,
    "debtor_agent": TEXT,
    "creditor_agent": TEXT,
    "debtor_country": TEXT,
    "creditor_country": TEXT,
    "debtor_segment": TEXT,
    "creditor_segment": TEXT,
    "debtor_customer": TEXT,
    "creditor_customer": TEXT,
    "debtor_balance": MONEY,
    "creditor_balance": MONEY,
    "remittance_information": TEXT,
    "device_id": TEXT,
    "ip_address": TEXT,
    "phone": TEXT,
    "merchant_category": TEXT,
    "merchant_id": TEXT,
    "card_id": TEXT,
    "latitude": COORDINATE,
    "longitude": COORDINATE,
    "region": TEXT,
    "reverses": TEXT,
}
"""Column name -> type, in the order of output. ``amount`` is in the pack's reporting currency,
``original_amount`` as booked in ``currency``; input files carry ``amount`` as booked."""

ALERT_COLUMNS: Mapping[str, Type] = {
    "alert_id": TEXT,
    "rule_id": TEXT,
    "typology": TEXT,
    "severity": SEVERITY,
    "score": INT,
    "level": INT,
    "subject": TEXT,
    "subject_kind": TEXT,
}
"""What an alert has beside its trigger's columns, for the rules that read alerts."""

MONEY_COLUMNS = tuple(name for name, type_ in STANDARD.items() if type_.kind is Kind.MONEY)


@dataclass(frozen=True, slots=True)
class Schema:
    """Every column that rules of one pack may name, with its type."""

    columns: Mapping[str, Type]

    @classmethod
    def with_columns(cls, declared: Mapping[str, Type]) -> Schema:
        """The standard columns and those a pack declares."""
        return cls({**STANDARD, **declared})

    @property
    def pairs(self) -> tuple[str, ...]:
        """Every x with both ``debtor_x`` and ``creditor_x``."""
        names = (name.removeprefix(DEBTOR) for name in self.columns if name.startswith(DEBTOR))
        return tuple(name for name in names if CREDITOR + name in self.columns)

    def sided(self) -> dict[str, Type]:
        """The names that exist on sided rows only, with their types."""
        paired = {
            prefix + name: self.columns[DEBTOR + name]
            for name in self.pairs
            for prefix in (OWN, COUNTERPARTY)
        }
        return {**dict.fromkeys(SIDED_NAMES, TEXT), **paired}

    def sources(self, name: str) -> tuple[str, ...]:
        """The whole-payment columns behind a name: two for a sided one, none for direction."""
        if name == "direction":
            return ()
        bare = _side_stem(name)
        if name not in self.columns and bare is not None:
            return (DEBTOR + bare, CREDITOR + bare)
        return (name,)


def _side_stem(name: str) -> str | None:
    if name in {"account", "counterparty"}:
        return "account"
    for prefix in (OWN, COUNTERPARTY):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return None


def is_sided(name: str, schema: Schema) -> bool:
    """Whether a name exists on sided rows only."""
    return name not in schema.columns and (name == "direction" or _side_stem(name) is not None)


def side_columns(name: str) -> tuple[str, str]:
    """The columns a sided name reads on the ``out`` row and on the ``in`` row."""
    stem = _side_stem(name)
    first, second = DEBTOR + str(stem), CREDITOR + str(stem)
    own = name == "account" or name.startswith(OWN)
    return (first, second) if own else (second, first)


def subject_kind(name: str) -> str:
    """The kind of thing a subject column names, so that alerts on it can be joined."""
    for prefix in (OWN, COUNTERPARTY, DEBTOR, CREDITOR):
        if name.startswith(prefix):
            return name.removeprefix(prefix)
    return "account" if name in {"account", "counterparty"} else name


def stored_dtype(type_: Type) -> pl.DataType:
    """The Polars type that holds a column of this type inside the engine."""
    by_kind: dict[Kind, pl.DataType] = {
        Kind.TEXT: pl.String(),
        Kind.TIME: TIME_DTYPE,
        Kind.DATE: pl.Date(),
        Kind.BOOL: pl.Boolean(),
    }
    return by_kind.get(type_.kind, pl.Int64())


def stored_schema(schema: Schema, names: Iterable[str]) -> dict[str, pl.DataType]:
    """Column name -> Polars type inside the engine, for the given names."""
    return {name: stored_dtype(schema.columns[name]) for name in names}


DECLARABLE: Mapping[str, Type] = {
    "text": TEXT,
    "int": INT,
    "bool": BOOL,
    "money": MONEY,
    "time": TIME,
    "date": DATE,
}
"""Types a pack may give a column of its own; ``number`` needs a scale beside it."""
