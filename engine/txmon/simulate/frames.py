"""From arrays to the canonical frames: payments, and the labels that say what was fraud."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from txmon.schema import TIME_DTYPE
from txmon.simulate.names import pick, words
from txmon.simulate.vocabulary import (
    CURRENCIES,
    LOSING,
    NONE,
    REPAYING,
    AccountRole,
    Channel,
    Difficulty,
    Note,
    PaymentKind,
    Role,
    sentences,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from txmon.simulate.cases import Case
    from txmon.simulate.names import Names
    from txmon.simulate.population import Population
    from txmon.simulate.rows import Rows

MONEY_DTYPE = pl.Decimal(18, 2)

PAYMENT_SCHEMA = {
    "transaction_id": pl.String(),
    "event_time": TIME_DTYPE,
    "kind": pl.String(),
    "channel": pl.String(),
    "debtor_account": pl.String(),
    "creditor_account": pl.String(),
    "amount": MONEY_DTYPE,
    "currency": pl.String(),
    "debtor_agent": pl.String(),
    "creditor_agent": pl.String(),
    "debtor_country": pl.String(),
    "creditor_country": pl.String(),
    "debtor_segment": pl.String(),
    "creditor_segment": pl.String(),
    "debtor_customer": pl.String(),
    "creditor_customer": pl.String(),
    "debtor_balance": MONEY_DTYPE,
    "creditor_balance": MONEY_DTYPE,
    "remittance_information": pl.String(),
    "device_id": pl.String(),
    "ip_address": pl.String(),
    "phone": pl.String(),
    "merchant_category": pl.String(),
    "card_id": pl.String(),
    "latitude": pl.Float64(),
    "longitude": pl.Float64(),
    "region": pl.String(),
}
"""Column -> type of the payments; amounts and balances are as booked, balances before it, and
null where the account is not held here.
"""

_CASE_SCHEMA = {
    "scheme": pl.String(),
    "syndicate": pl.String(),
    "incident": pl.String(),
    "role": pl.String(),
    "difficulty": pl.String(),
}

LABEL_SCHEMA = {
    "transaction_id": pl.String(),
    **_CASE_SCHEMA,
    "victim": pl.String(),
    "lost": MONEY_DTYPE,
    "event_time": TIME_DTYPE,
}
"""Column -> type of the labels: one row for each transaction that is part of a scheme. ``lost`` is
what the ``victim`` lost by it, below zero where criminals paid to be trusted.
"""

ACCOUNT_SCHEMA = {"account": pl.String(), **_CASE_SCHEMA}
"""Column -> type of the accounts that took part in an incident, victims included."""

VICTIM_SCHEMA = {
    "account": pl.String(),
    "scheme": pl.String(),
    "syndicate": pl.String(),
    "incident": pl.String(),
    "difficulty": pl.String(),
    "payments": pl.UInt32(),
    "first_loss": TIME_DTYPE,
    "last_loss": TIME_DTYPE,
    "lost": MONEY_DTYPE,
}
"""Column -> type of the victims: when the money left, and how much in all, less what came back."""

HONEST_SCHEMA = {"transaction_id": pl.String(), "occasion": pl.String(), "incident": pl.String()}
"""Column -> type of the honest transactions that resemble fraud on purpose."""


def payments(
    ordered: Rows,
    before: tuple[NDArray[np.int64], NDArray[np.int64]],
    known: Names,
    people: Population,
    first: int,
) -> pl.DataFrame:
    """The canonical payments of rows in order; ``first`` is the number of the first id."""
    kind, debtor, creditor = ordered.kind, ordered.debtor, ordered.creditor
    moneyless = kind == PaymentKind.LOGIN
    unknown = moneyless | (ordered.currency != 0)
    at_hand = (kind == PaymentKind.CARD) | (kind == PaymentKind.CASH_WITHDRAWAL)
    shopping = (kind == PaymentKind.CARD) | (ordered.note == Note.QR_PAYMENT)
    columns = {
        "transaction_id": _ids(first, len(ordered)),
        "event_time": pl.Series(ordered.time).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        "kind": words(texts(PaymentKind), kind),
        "channel": words(texts(Channel), ordered.channel),
        "debtor_account": pick(known.account, debtor),
        "creditor_account": pick(known.account, creditor),
        "amount": _decimal(ordered.cents, moneyless),
        "currency": words(CURRENCIES, np.where(moneyless, NONE, ordered.currency)),
        **_sides(known, debtor, creditor),
        "debtor_balance": _decimal(before[0], unknown | _elsewhere(people, debtor)),
        "creditor_balance": _decimal(before[1], unknown | _elsewhere(people, creditor)),
        "remittance_information": words(sentences(Note), ordered.note),
        "device_id": pick(known.device, ordered.device),
        "ip_address": pick(known.ip, ordered.ip),
        "phone": pick(known.phone, np.where(ordered.device == NONE, NONE, debtor)),
        "merchant_category": pick(known.category, np.where(shopping, creditor, NONE)),
        "card_id": pick(known.card, np.where(at_hand, debtor, NONE)),
        "latitude": pick(known.latitude, ordered.place),
        "longitude": pick(known.longitude, ordered.place),
        "region": pick(known.region, ordered.place),
    }
    return pl.DataFrame(columns).select(
        pl.col(name).cast(type_) for name, type_ in PAYMENT_SCHEMA.items()
    )


def _sides(
    known: Names, debtor: NDArray[np.int32], creditor: NDArray[np.int32]
) -> dict[str, pl.Series]:
    return {
        f"{side}_{name}": pick(getattr(known, name), account)
        for side, account in (("debtor", debtor), ("creditor", creditor))
        for name in ("agent", "country", "segment", "customer")
    }


def _elsewhere(people: Population, account: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Accounts whose balance is not known here, and those that are none."""
    return np.asarray((account == NONE) | (people.agent[account] != 0))


def labels(ordered: Rows, cases: Sequence[Case], known: Names, first: int) -> pl.DataFrame:
    """The labels of rows in order, with the ids that `payments` gives them."""
    marked = np.flatnonzero(ordered.role != NONE)
    part = ordered.take(marked)
    sign = np.isin(part.role, LOSING).astype(np.int64) - np.isin(part.role, REPAYING)
    harmless = (part.victim == NONE) | (sign == 0)
    columns = {
        "transaction_id": _ids(first, len(ordered)).gather(marked),
        **_told(cases, part.case.tolist()),
        "role": words(texts(Role), part.role),
        "victim": pick(known.account, part.victim),
        "lost": _decimal(part.cents * sign, harmless),
        "event_time": pl.Series(part.time).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    }
    return pl.DataFrame(columns).select(
        pl.col(name).cast(type_) for name, type_ in LABEL_SCHEMA.items()
    )


def honest(ordered: Rows, cases: Sequence[Case], first: int) -> pl.DataFrame:
    """The rows in order that belong to honest occasions."""
    marked = np.flatnonzero((ordered.case != NONE) & (ordered.role == NONE))
    played = [cases[number] for number in ordered.case[marked].tolist()]
    columns = {
        "transaction_id": _ids(first, len(ordered)).gather(marked),
        "occasion": [case.name for case in played],
        "incident": [case.title for case in played],
    }
    return pl.DataFrame(columns, schema=HONEST_SCHEMA).filter(
        pl.Series([not case.fraud for case in played], dtype=pl.Boolean)
    )


def accounts(
    known: Names, cases: Sequence[Case], parts: Sequence[tuple[int, int, int]]
) -> pl.DataFrame:
    """Who took part, from (case, account, part); a second part in the same case is left out."""
    columns = {
        "account": known.account.gather([account for _, account, _ in parts]),
        **_told(cases, [number for number, _, _ in parts]),
        "role": words(texts(AccountRole), np.array([part for _, _, part in parts], np.int64)),
    }
    made = pl.DataFrame(columns, schema_overrides=ACCOUNT_SCHEMA).select(*ACCOUNT_SCHEMA)
    return made.unique(["account", "incident"], keep="first", maintain_order=True)


def victims(label: pl.DataFrame) -> pl.DataFrame:
    """Each victim with the loss in all, from the labels of a whole simulation."""
    lost = label.filter(pl.col("lost").is_not_null())
    took = pl.col("lost") > 0
    return (
        lost.group_by(pl.col("victim").alias("account"), maintain_order=True)
        .agg(
            pl.col("scheme", "syndicate", "incident", "difficulty").first(),
            payments=took.sum(),
            first_loss=pl.col("event_time").filter(took).min(),
            last_loss=pl.col("event_time").filter(took).max(),
            lost=pl.col("lost").sum(),
        )
        .select(pl.col(name).cast(type_) for name, type_ in VICTIM_SCHEMA.items())
    )


def _told(cases: Sequence[Case], numbers: Sequence[int]) -> dict[str, pl.Series]:
    """What the labels tell about cases."""
    told = [cases[number] for number in numbers]
    return {
        "scheme": pl.Series([case.name for case in told], dtype=pl.String),
        "syndicate": pl.Series([case.syndicate for case in told], dtype=pl.String),
        "incident": pl.Series([case.title for case in told], dtype=pl.String),
        "difficulty": words(
            texts(Difficulty), np.array([case.difficulty for case in told], np.int64)
        ),
    }


def _ids(first: int, size: int) -> pl.Series:
    numbers = pl.Series(np.arange(first, first + size)).cast(pl.String).str.zfill(10)
    return "T" + numbers


def _decimal(cents: NDArray[np.int64], missing: NDArray[np.bool_]) -> pl.Series:
    """Cents as a decimal column. The 128-bit integers behind it are laid out here, which is
    many times faster than a cast and a division.
    """
    wide = np.empty((len(cents), 2), np.int64)
    wide[:, 0] = cents
    wide[:, 1] = cents >> 63
    valid = np.packbits(~missing, bitorder="little")
    buffers = [pa.py_buffer(valid), pa.py_buffer(wide)]
    array = pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), buffers)
    return pl.Series(array)
