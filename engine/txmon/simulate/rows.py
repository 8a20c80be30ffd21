"""Simulated payments as plain arrays, and how they become a frame."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.vocabulary import NONE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

_DTYPES = {
    "time": np.int64,
    "kind": np.int8,
    "channel": np.int8,
    "debtor": np.int32,
    "creditor": np.int32,
    "cents": np.int64,
    "currency": np.int8,
    "device": np.int32,
    "incident": np.int32,
    "role": np.int8,
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
    incident: NDArray[np.int32]
    role: NDArray[np.int8]

    def __len__(self) -> int:
        return len(self.time)

    def take(self, places: NDArray[np.intp] | slice | NDArray[np.bool_]) -> Rows:
        """The rows at the given places."""
        return Rows(*(getattr(self, field.name)[places] for field in fields(self)))

    def of_incident(self, incident: int) -> Rows:
        """The same rows, marked as part of an incident."""
        return replace(self, incident=np.full(len(self), incident, np.int32))


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
    role: ArrayLike = NONE,
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
        "incident": NONE,
        "role": role,
    }
    size = len(time)
    return Rows(
        *(np.broadcast_to(np.asarray(given[name], dtype), size) for name, dtype in _DTYPES.items())
    )


def concat(parts: Sequence[Rows]) -> Rows:
    """All rows of all parts, in that order."""
    return Rows(*(np.concatenate([getattr(part, name) for part in parts]) for name in _DTYPES))


def in_order(unordered: Rows, after: int) -> Rows:
    """The rows by time, shifted by microseconds where needed so that no two share an instant.

    ``after`` is the last instant already taken.
    """
    ordered = unordered.take(np.argsort(unordered.time, kind="stable"))
    steps = np.arange(len(ordered))
    floor = np.maximum(ordered.time, after + 1)
    return replace(ordered, time=np.maximum.accumulate(floor - steps) + steps)
