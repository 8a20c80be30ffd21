"""Transactions from short dicts, in the engine's storage form, for tests of engine and rules."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.schema import STANDARD, stored_dtype
from txmon.types import BOOL, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

START = datetime(2026, 3, 1, tzinfo=UTC)
"""What ``+0h`` means unless told otherwise."""

DEFAULT_CURRENCY = "CNY"
OFFSET = re.compile(r"([+-])((?:\d+(?:us|ms|s|min|h|d|w))+)")
OFFSET_PART = re.compile(r"(\d+)(us|ms|s|min|h|d|w)")
UNITS = {
    "us": timedelta(microseconds=1),
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def transactions(
    rows: Iterable[Mapping[str, Any]],
    *,
    columns: Mapping[str, Type] | None = None,
    start: datetime = START,
    **defaults: Any,
) -> pl.DataFrame:
    """Accepted transactions as the engine holds them, in the contract's order.

    Args:
        rows: one mapping a transaction: column name to value. Money and number columns take
            decimal text (``"12.50"``) or whole units (``12``), times a ``datetime``, ISO text or
            an offset from ``start`` (``"+2h"``, ``"+1d30min"``, ``"-1us"``). ``at`` is short for
            ``event_time``, ``id`` for ``transaction_id``; ids default to zero-padded row numbers.
            A row with an ``amount`` gets ``original_amount`` and ``currency`` where it has none.
        columns: types of columns beyond the standard ones, as a pack declares them.
        start: what offsets count from.
        defaults: values for every row that does not say otherwise.

    Returns:
        A frame of the columns that any row names, with ``history`` last.

    Raises:
        TypeError: an exact value is given as a float.
        ValueError: a value has more decimals than its column.
    """
    types = {**STANDARD, **(columns or {})}
    full = [_full({**defaults, **row}, number) for number, row in enumerate(rows)]
    named = {name for row in full for name in row} | {"transaction_id", "event_time"}
    names = [name for name in types if name in named]
    stored = [
        {name: _stored(types[name], row.get(name), start) for name in names}
        | {"history": bool(row.get("history", False))}
        for row in full
    ]
    return frame(stored, columns=columns)


def frame(
    rows: Sequence[Mapping[str, Any]], *, columns: Mapping[str, Type] | None = None
) -> pl.DataFrame:
    """Rows that are in storage form already as a frame, in the contract's order.

    Args:
        rows: one mapping a transaction, all of the same columns: money and numbers as integers at
            their scale, times as ``datetime``, dates as ``date``.
        columns: types of columns beyond the standard ones.
    """
    types = {**STANDARD, **(columns or {}), "history": BOOL}
    had = {name for row in rows for name in row} | {"transaction_id", "event_time", "history"}
    schema = {name: stored_dtype(type_) for name, type_ in types.items() if name in had}
    full = [{"history": False, **row} for row in rows]
    return in_order(pl.DataFrame(full, schema, orient="row"))


def in_order(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows in the contract's order: event time, sequence (null first), transaction id."""
    keys = [name for name in ("event_time", "sequence", "transaction_id") if name in frame.columns]
    return frame.sort(keys, nulls_last=False)


def _full(row: Mapping[str, Any], number: int) -> dict[str, Any]:
    renamed = {{"at": "event_time", "id": "transaction_id"}.get(k, k): v for k, v in row.items()}
    full = {"transaction_id": f"{number:03d}", **renamed}
    if full.get("amount") is not None:
        full.setdefault("original_amount", full["amount"])
        full.setdefault("currency", DEFAULT_CURRENCY)
    return full


def _stored(type_: Type, value: Any, start: datetime) -> Any:
    if value is None:
        return None
    match type_.kind:
        case Kind.MONEY | Kind.NUMBER | Kind.INT:
            return _scaled(value, type_.scale)
        case Kind.TIME:
            return moment(value, start)
        case Kind.DATE:
            return date.fromisoformat(value) if isinstance(value, str) else value
        case _:
            return value


def _scaled(value: Any, scale: int) -> int:
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a float; write it as text")
    scaled = Decimal(value).scaleb(scale)
    if scaled != int(scaled):
        raise ValueError(f"{value!r} has more than {scale} decimals")
    return int(scaled)


def moment(value: datetime | str, start: datetime = START) -> datetime:
    """A time given as it is, as ISO text, or as an offset from ``start``."""
    if isinstance(value, datetime):
        return value
    offset = OFFSET.fullmatch(value)
    if offset is None:
        return datetime.fromisoformat(value)
    parts = OFFSET_PART.findall(offset[2])
    total = sum((int(count) * UNITS[unit] for count, unit in parts), timedelta())
    return start - total if offset[1] == "-" else start + total
