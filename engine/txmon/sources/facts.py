"""What an element of an ISO 20022 message says, as texts by path, and who and when that is."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeAlias

Facts: TypeAlias = Mapping[str, list[str]]
"""Path of element names, joined by ``/`` -> its texts; ``path@Ccy`` -> a currency."""

COLUMNS = (
    "transaction_id",
    "event_time",
    "kind",
    "status",
    "debtor_account",
    "creditor_account",
    "amount",
    "currency",
    "debtor_name",
    "creditor_name",
    "debtor_agent",
    "creditor_agent",
    "debtor_country",
    "creditor_country",
    "remittance_information",
    "reverses",
    # not canonical: for mappings
    "message_id",
    "creation_time",
    "settlement_date",
    "booking_date",
    "value_date",
    "instruction_id",
    "end_to_end_id",
    "uetr",
    "account_servicer_reference",
    "purpose",
    "bank_transaction_code",
    "direction",
    "instructed_amount",
    "instructed_currency",
)
"""Columns of a file of messages: canonical ones, then what else a mapping may ask for."""

_NOT_PROVIDED = "NOTPROVIDED"
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}")
_ZONED_DATE = re.compile(r"(\d{4}-\d\d-\d\d)(Z|[+-]\d\d:\d\d)")
_ACCOUNT = (
    "Id/IBAN",
    "Id/Othr/Id",
    "Id/BBAN",
    "Id/PrtryAcct/Id",
    "Id/UPIC",
    "Prxy/Id",
)
_NAME = ("Nm", "Pty/Nm", "FinInstnId/Nm", "Agt/FinInstnId/Nm")
_COUNTRY = (
    "PstlAdr/Ctry",
    "Pty/PstlAdr/Ctry",
    "FinInstnId/PstlAdr/Ctry",
    "Agt/FinInstnId/PstlAdr/Ctry",
    "CtryOfRes",
    "Pty/CtryOfRes",
)
_BIC = ("FinInstnId/BICFI", "FinInstnId/BIC", "FinInstnId/CmbndId/BIC")
_MEMBER = "FinInstnId/ClrSysMmbId"
_OTHER_AGENT = ("FinInstnId/Othr/Id", "FinInstnId/PrtryId/Id")


class Message(StrEnum):
    """The messages that are read."""

    PACS_008 = "pacs.008"
    PACS_009 = "pacs.009"
    PAIN_001 = "pain.001"
    CAMT_053 = "camt.053"
    CAMT_054 = "camt.054"

    @property
    def is_statement(self) -> bool:
        """Whether it is a ledger of one account."""
        return self in {Message.CAMT_053, Message.CAMT_054}


@dataclass(frozen=True, slots=True)
class Party:
    """One side of a payment, each part None where the message does not say."""

    account: str | None = None
    name: str | None = None
    agent: str | None = None
    country: str | None = None


def first(facts: Facts, *paths: str) -> str | None:
    """The first text at the first path that has one."""
    for path in paths:
        if texts := facts.get(path):
            return texts[0]
    return None


def reference(facts: Facts, *paths: str) -> str | None:
    """Like ``first``, where NOTPROVIDED stands for none."""
    for path in paths:
        text = first(facts, path)
        if text is not None and text != _NOT_PROVIDED:
            return text
    return None


def moment(facts: Facts, *paths: str) -> str | None:
    """Like ``first``; a date with an offset is the midnight it begins at."""
    text = first(facts, *paths)
    dated = None if text is None else _ZONED_DATE.fullmatch(text)
    return f"{dated[1]}T00:00:00{dated[2]}" if dated else text


@dataclass(frozen=True, slots=True)
class _Role:
    """Where a message tells of one role."""

    account: tuple[str, ...]
    name: tuple[str, ...]
    country: tuple[str, ...]
    agent: str


@lru_cache(maxsize=64)
def _role(role: str) -> _Role:
    return _Role(
        tuple(f"{role}Acct/{path}" for path in _ACCOUNT),
        tuple(f"{role}/{path}" for path in _NAME),
        tuple(f"{role}/{path}" for path in _COUNTRY),
        f"{role}Agt/",
    )


def party(facts: Facts, role: str) -> Party:
    """Who plays a role (``Dbtr``), its account (``DbtrAcct``) and its agent (``DbtrAgt``)."""
    paths = _role(role)
    account = first(facts, *paths.account)
    country = first(facts, *paths.country) or account_country(account)
    return Party(account, first(facts, *paths.name), agent(facts, paths.agent), country)


def account_id(facts: Facts, prefix: str) -> str | None:
    """IBAN, or else another id of an account."""
    return first(facts, *(prefix + path for path in _ACCOUNT))


def account_country(account: str | None) -> str | None:
    """The country of an IBAN."""
    return account[:2] if account is not None and _IBAN.fullmatch(account) else None


@lru_cache(maxsize=64)
def _agent_paths(prefix: str) -> tuple[tuple[str, ...], str, tuple[str, ...], tuple[str, ...]]:
    member = f"{prefix}{_MEMBER}"
    return (
        tuple(prefix + path for path in _BIC),
        f"{member}/MmbId",
        (f"{member}/ClrSysId/Cd", f"{member}/ClrSysId/Prtry"),
        tuple(prefix + path for path in _OTHER_AGENT),
    )


def agent(facts: Facts, prefix: str) -> str | None:
    """BIC, or else the clearing member as ``DEBLZ:37040044``, or else another id."""
    bics, member_path, systems, others = _agent_paths(prefix)
    bic = first(facts, *bics)
    if bic is not None:
        return bic
    member = first(facts, member_path)
    if member is None:
        return first(facts, *others)
    system = first(facts, *systems)
    return f"{system}:{member}" if system else member


def remittance(facts: Facts) -> str | None:
    """Unstructured texts, then structured references, joined by blanks."""
    parts = [
        text
        for path in ("RmtInf/Ustrd", "RmtInf/Strd/CdtrRefInf/Ref", "RmtInf/Strd/CdtrRefInf/CdtrRef")
        for text in facts.get(path, ())
    ]
    return " ".join(parts) or None


def row(values: Mapping[str, str | None]) -> tuple[str | None, ...]:
    """Values in the order of ``COLUMNS``; no money at all is an amount that cannot be read.

    Every transaction of these messages moves money: one that names none is no event without.
    """
    if values.get("amount") is None and values.get("currency") is None:
        values = {**values, "amount": ""}
    return tuple(map(values.get, COLUMNS))
