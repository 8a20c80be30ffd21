"""Simulated payments as plain arrays, and how they become a frame."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.vocabulary import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

_TICK = 1_000
"""A millisecond: banks book no finer."""

_DTYPES = {
    "time": np.int64,
    "kind": np.int8,
    "channel": np.int8,
    "debtor": np.int32,
    "creditor": np.int32,
    "cents": np.int64,
    "currency": np.int8,
    "device": np.int32,
    "ip": np.int32,
    "place": np.int32,
    "note": np.int8,
    "case": np.int32,
    "role": np.int8,
    "victim": np.int32,
}


@dataclass(frozen=True, slots=True)
class Rows:
    """Payments as arrays of equal length.

    ``time`` is in microseconds UTC; ``cents`` are hundredths of the currency, 0 where no money
    moves; accounts, devices and incidents are codes, NONE where there is none.
    """

    time: NDArray[np.int64]
    kind: NDArray[np.int8]
    channel: NDArray[np.int8]
    debtor: NDArray[np.int32]
    creditor: NDArray[np.int32]
    cents: NDArray[np.int64]
    currency: NDArray[np.int8]
    device: NDArray[np.int32]
    ip: NDArray[np.int32]
    place: NDArray[np.int32]
    note: NDArray[np.int8]
    case: NDArray[np.int32]
    role: NDArray[np.int8]
    victim: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.time)

    def take(self, places: NDArray[np.intp] | slice | NDArray[np.bool_]) -> Rows:
        """The rows at the given places."""
        return Rows(*(getattr(self, field.name)[places] for field in fields(self)))


def rows(
    time: NDArray[np.int64],
    *,
    kind: ArrayLike,
    channel: ArrayLike,
    debtor: ArrayLike = NONE,
    creditor: ArrayLike = NONE,
    cents: ArrayLike = 0,
    currency: ArrayLike = 0,
    device: ArrayLike = NONE,
    ip: ArrayLike = NONE,
    place: ArrayLike = NONE,
    note: ArrayLike = NONE,
) -> Rows:
    """Rows from one array of times and, for the rest, arrays of its length or single values."""
    given = {
        "time": time,
        "kind": kind,
        "channel": channel,
        "debtor": debtor,
        "creditor": creditor,
        "cents": cents,
        "currency": currency,
        "device": device,
        "ip": ip,
        "place": place,
        "note": note,
        "case": NONE,
        "role": NONE,
        "victim": NONE,
    }
    size = len(time)
    return Rows(
        *(np.broadcast_to(np.asarray(given[name], dtype), size) for name, dtype in _DTYPES.items())
    )


def table(lines: Sequence[tuple[int, ...]]) -> Rows:
    """Rows from tuples of whole numbers in the order of the fields."""
    whole = np.array(lines, np.int64).reshape(len(lines), len(_DTYPES))
    return Rows(*(whole[:, place].astype(type_) for place, type_ in enumerate(_DTYPES.values())))


def concat(parts: Sequence[Rows]) -> Rows:
    """All rows of all parts, in that order."""
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in _DTYPES))


def in_order(unordered: Rows, after: int) -> Rows:
    """The rows by time to the millisecond, shifted where needed so that no two share an instant.

    ``after`` is the last instant already taken.
    """
    ordered = unordered.take(np.argsort(unordered.time, kind="stable"))
    steps = np.arange(len(ordered)) * _TICK
    floor = np.maximum(ordered.time // _TICK * _TICK, after + _TICK)
    return replace(ordered, time=np.maximum.accumulate(floor - steps) + steps)
