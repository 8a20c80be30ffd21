"""Transactions from short mappings, as ``txmon.score`` takes them, for tests of packs."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.language.problems import did_you_mean
from txmon.schema import STANDARD, TIME_DTYPE
from txmon.testing.factories import START, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from txmon.language.checked import Pack

_SHORT = {"at": "event_time", "id": "transaction_id"}
_MONEY_GOES_WITH = "currency"


def transactions(
    rows: Iterable[Mapping[str, Any]],
    *,
    pack: Pack | None = None,
    start: datetime = START,
    **defaults: Any,
) -> pl.DataFrame:
    """A frame of transactions, ready for ``txmon.score``.

    Args:
        rows: one mapping a transaction: column name to value. ``at`` is short for ``event_time``
            and takes a ``datetime``, ISO text or an offset from ``start`` (``"+2h"``,
            ``"+1d30min"``); ``id`` is short for ``transaction_id``, by default the number of the
            row. Amounts are whole numbers, ``Decimal`` or text, never floats.
        pack: the pack they are for: it says which columns there are beside the standard ones, and
            the currency of amounts without one.
        start: what offsets count from.
        defaults: values for every row that does not say otherwise.

    Returns:
        A frame with a column for each name that any row gives, in the rows' order: times in UTC,
        all else as text, which is how a CSV would give it.

    Raises:
        TypeError: a value is a float.
        ValueError: there is no such column in the pack.
    """
    full = [_full({**defaults, **row}, number, pack) for number, row in enumerate(rows, 1)]
    names = list(dict.fromkeys(name for row in full for name in row))
    if pack is not None:
        _check_names(names, pack)
    return pl.DataFrame([_column(name, [row.get(name) for row in full], start) for name in names])


def _full(row: Mapping[str, Any], number: int, pack: Pack | None) -> dict[str, Any]:
    named = {_SHORT.get(name, name): value for name, value in row.items()}
    full = {"transaction_id": f"{number:04d}", **named}
    if full.get("amount") is not None and pack is not None:
        full.setdefault(_MONEY_GOES_WITH, pack.currency)
    return full


def _check_names(names: Iterable[str], pack: Pack) -> None:
    known = {**STANDARD, **pack.columns}
    for name in names:
        if name not in known:
            advice = did_you_mean(name, known)
            raise ValueError(f"there is no column '{name}' {advice}".rstrip())


def _column(name: str, values: list[Any], start: datetime) -> pl.Series:
    if name == "event_time":
        return pl.Series(name, [moment(value, start) for value in values], dtype=TIME_DTYPE)
    return pl.Series(name, [_text(name, value) for value in values], dtype=pl.String)


def _text(name: str, value: Any) -> str | None:
    if isinstance(value, float):
        raise TypeError(f"{name} is a float, {value!r}; write it as text or Decimal")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return None if value is None else str(value)
