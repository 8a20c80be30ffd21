"""From arrays to the canonical frames: payments, and the labels that say what was fraud."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from txmon.schema import TIME_DTYPE
from txmon.simulate.vocabulary import (
    COUNTRIES,
    CURRENCIES,
    NONE,
    Channel,
    PaymentKind,
    Role,
    Segment,
    texts,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from txmon.simulate.incidents import Incident
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
    "debtor_country": pl.String(),
    "creditor_country": pl.String(),
    "debtor_segment": pl.String(),
    "creditor_segment": pl.String(),
    "debtor_balance": MONEY_DTYPE,
    "creditor_balance": MONEY_DTYPE,
    "device_id": pl.String(),
}
"""Column -> type of the payments; amounts and balances are as booked, balances before it."""

LABEL_SCHEMA = {
    "transaction_id": pl.String(),
    "scheme": pl.String(),
    "incident": pl.String(),
    "role": pl.String(),
}
"""Column -> type of the labels: one row for each transaction that is part of a scheme."""

ACCOUNT_SCHEMA = {
    "account": pl.String(),
    "scheme": pl.String(),
    "incident": pl.String(),
    "role": pl.String(),
}
"""Column -> type of the accounts that took part in a scheme, victims included."""

# Odd and no multiple of 5, so that it turns the numbers below 10**9 into each other.
_SHUFFLE, _OFFSET, _NAMES = 387_420_489, 123_456_789, 10**9


@dataclass(frozen=True, slots=True)
class Names:
    """The texts behind the codes; the last entry of each is null, which is where NONE leads."""

    account: pl.Series
    device: pl.Series
    country: pl.Series
    segment: pl.Series


def names(people: Population) -> Names:
    """Account and device names that tell nothing about their owners."""
    total = people.ranges.total
    country = pl.Series([*(COUNTRIES[code] for code in people.country.tolist()), None])
    segment = pl.Series(
        [*(texts(Segment)[code] if code >= 0 else None for code in people.segment.tolist()), None]
    )
    return Names(_scrambled("A", total), _scrambled("D", total), country, segment)


def _scrambled(letter: str, size: int) -> pl.Series:
    numbers = (np.arange(size, dtype=np.int64) * _SHUFFLE + _OFFSET) % _NAMES
    texts_ = letter + pl.Series(numbers).cast(pl.String).str.zfill(9)
    return pl.concat([texts_, pl.Series([None], dtype=pl.String)])


def payments(
    ordered: Rows, before: tuple[NDArray[np.int64], NDArray[np.int64]], known: Names, first: int
) -> pl.DataFrame:
    """The canonical payments of rows in order; ``first`` is the number of the first id."""
    moneyless = ordered.kind == PaymentKind.LOGIN
    unknown = moneyless | (ordered.currency != 0)
    debtor, creditor = ordered.debtor, ordered.creditor
    columns = {
        "transaction_id": _ids(first, len(ordered)),
        "event_time": pl.Series(ordered.time).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        "kind": _words(texts(PaymentKind), ordered.kind),
        "channel": _words(texts(Channel), ordered.channel),
        "debtor_account": _pick(known.account, debtor),
        "creditor_account": _pick(known.account, creditor),
        "amount": _decimal(ordered.cents, moneyless),
        "currency": _words(CURRENCIES, np.where(moneyless, NONE, ordered.currency)),
        "debtor_country": _pick(known.country, debtor),
        "creditor_country": _pick(known.country, creditor),
        "debtor_segment": _pick(known.segment, debtor),
        "creditor_segment": _pick(known.segment, creditor),
        "debtor_balance": _decimal(before[0], unknown | (debtor == NONE)),
        "creditor_balance": _decimal(before[1], unknown | (creditor == NONE)),
        "device_id": _pick(known.device, ordered.device),
    }
    return pl.DataFrame(columns, schema=PAYMENT_SCHEMA)


def labels(ordered: Rows, incidents: Sequence[Incident], first: int) -> pl.DataFrame:
    """The labels of rows in order, with the ids that `payments` gives them."""
    marked = np.flatnonzero(ordered.incident != NONE)
    numbers = ordered.incident[marked].tolist()
    columns = {
        "transaction_id": _ids(first, len(ordered)).gather(marked),
        "scheme": [incidents[number].scheme.name for number in numbers],
        "incident": [incident_name(incidents[number]) for number in numbers],
        "role": _words(texts(Role), ordered.role[marked]),
    }
    return pl.DataFrame(columns, schema=LABEL_SCHEMA)


def account_labels(
    known: Names, incident: Incident, roles: Sequence[tuple[int, str]]
) -> pl.DataFrame:
    """The accounts of one incident with their roles."""
    columns = {
        "account": known.account.gather([account for account, _ in roles]),
        "scheme": [incident.scheme.name] * len(roles),
        "incident": [incident_name(incident)] * len(roles),
        "role": [role for _, role in roles],
    }
    return pl.DataFrame(columns, schema=ACCOUNT_SCHEMA)


def incident_name(incident: Incident) -> str:
    """A readable name, unique in the scenario."""
    return f"{incident.scheme.name}-{incident.number}"


def _ids(first: int, size: int) -> pl.Series:
    numbers = pl.Series(np.arange(first, first + size)).cast(pl.String).str.zfill(10)
    return "T" + numbers


def _words(words: Sequence[str], codes: ArrayLike) -> pl.Series:
    return _pick(pl.Series([*words, None], dtype=pl.String), np.asarray(codes))


def _pick(known: pl.Series, codes: NDArray[np.integer]) -> pl.Series:
    return known.gather(np.where(codes == NONE, len(known) - 1, codes))


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
