"""The floor: the least that any engine which sorts payments into lanes has to do.

Read five columns of Parquet, encode the key columns, sort each lane of the rules of pack and bring
the five columns into its order. No rule is judged and no window is computed. This script imports
nothing of the engine and stays as it is: the engine is measured against it from version to version.

    python benchmarks/floor.py FOLDER

prints seconds per step and in total, the rows, and the peak of memory, as one line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections import defaultdict
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

Array = np.ndarray[Any, Any]
KEYS = ("debtor_account", "creditor_account", "device_id")
COLUMNS = ("event_time", "amount", *KEYS)
LANES = (
    ("device_id",),
    ("debtor_account",),
    ("creditor_account",),
    ("debtor_account", "creditor_account"),
    ("debtor_account", "device_id"),
)
"""A lane of two keys comes after that of its second key, and starts from its order."""

SIDES = ("debtor_account", "creditor_account")
"""The lane of accounts holds each payment once for each of these."""

MISSING = 0xFFFFFFFF


class Clock:
    """Adds up seconds per step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time one step."""
        begin = time.perf_counter()
        yield
        self.seconds[name] += time.perf_counter() - begin


def read(folder: Path) -> pl.DataFrame:
    """The five columns, in the order of the files."""
    return pl.read_parquet(folder / "*.parquet", columns=list(COLUMNS)).rechunk()


def encode(frame: pl.DataFrame) -> dict[str, Array]:
    """Times and money as integers, keys as codes of one shared vocabulary."""
    texts = pl.Categories.random()
    columns = {
        "event_time": frame["event_time"].to_physical().to_numpy(),
        "amount": (frame["amount"] * 100).cast(pl.Int64).fill_null(0).to_numpy(),
    }
    for key in KEYS:
        codes = frame[key].cast(pl.Categorical(texts)).to_physical()
        columns[key] = codes.fill_null(MISSING).cast(pl.Int64).to_numpy()
    return columns


def sort(codes: Array, order: Array) -> Array:
    """The rows ``order``, those without a code left out, stably sorted by code."""
    mine = codes[order]
    packed = (mine << 32) | np.arange(order.size)
    packed = packed[mine != MISSING]
    packed.sort()
    lane: Array = order[packed & MISSING]
    return lane


def sort_lane(
    columns: dict[str, Array], keys: tuple[str, ...], orders: dict[tuple[str, ...], Array]
) -> Array:
    """Row numbers of a lane, timeline after timeline, each in the order of the rows."""
    first, rest = keys[0], keys[1:]
    order = orders[rest] if rest else np.arange(columns[first].size)
    return sort(columns[first], order)


def sort_sides(columns: dict[str, Array]) -> Array:
    """Row numbers of the lane of accounts, on which a payment stands once for each side."""
    both = np.column_stack([columns[name] for name in SIDES]).ravel()
    return sort(both, np.arange(both.size)) >> 1


def gather(columns: dict[str, Array], order: Array) -> dict[str, Array]:
    """The five columns in a lane's order."""
    return {name: values[order] for name, values in columns.items()}


def main() -> None:
    """Run every step once and print the seconds."""
    clock = Clock()
    with clock.step("read"):
        frame = read(Path(sys.argv[1]))
    with clock.step("encode"):
        columns = encode(frame)
    orders: dict[tuple[str, ...], Array] = {}
    for keys in LANES:
        with clock.step("sort"):
            orders[keys] = sort_lane(columns, keys, orders)
        with clock.step("gather"):
            gather(columns, orders[keys])
    with clock.step("sort"):
        order = sort_sides(columns)
    with clock.step("gather"):
        gather(columns, order)
    steps = {name: round(seconds, 3) for name, seconds in clock.seconds.items()}
    used = resource.getrusage(resource.RUSAGE_SELF)
    process = {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}
    total = round(sum(clock.seconds.values()), 3)
    print(json.dumps({"rows": frame.height, "seconds": steps, "total": total, **process}))


if __name__ == "__main__":
    main()
