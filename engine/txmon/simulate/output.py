"""A simulation on disk: payments in parts, labels beside them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from txmon.simulate.generate import Simulation, parts
from txmon.simulate.scenario import DAYS, START, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

PAYMENTS, LABELS = "payments", "labels"
_ROWS_PER_PART = 1_000_000


@dataclass(frozen=True, slots=True)
class Written:
    """What `write` wrote: the folder of the payments, its files, and how many rows they hold."""

    payments: Path
    files: tuple[Path, ...]
    transactions: int
    labelled: int


def write(
    folder: str | Path,
    *,
    transactions: int,
    seed: int = 1,
    start: date = START,
    days: int = DAYS,
) -> Written:
    """Simulate into a folder: ``payments/part-NNNN.parquet`` in order of time, and
    ``labels/transactions.parquet`` and ``labels/accounts.parquet``.

    Memory holds a part of about a million rows (or a day, if that is more). Parts that an
    earlier simulation left in the folder are replaced; other files are not touched.
    """
    scenario = Scenario(transactions, seed, start, days)
    target = Path(folder)
    for name in (PAYMENTS, LABELS):
        (target / name).mkdir(parents=True, exist_ok=True)
    for left_over in (target / PAYMENTS).glob("part-*.parquet"):
        left_over.unlink()
    files: list[Path] = []
    labels, accounts = [], []
    for part in _batches(parts(scenario)):
        files.append(target / PAYMENTS / f"part-{len(files):04}.parquet")
        part.payments.write_parquet(files[-1], row_group_size=250_000)
        labels.append(part.labels)
        accounts.append(part.accounts)
    pl.concat(labels).write_parquet(target / LABELS / "transactions.parquet")
    pl.concat(accounts).write_parquet(target / LABELS / "accounts.parquet")
    labelled = sum(map(len, labels))
    return Written(target / PAYMENTS, tuple(files), transactions, labelled)


def _batches(days: Iterator[Simulation]) -> Iterator[Simulation]:
    """Days put together until they make a part."""
    held: list[Simulation] = []
    for day in days:
        held.append(day)
        if sum(len(part.payments) for part in held) >= _ROWS_PER_PART:
            yield _joined(held)
            held = []
    if held:
        yield _joined(held)


def _joined(held: list[Simulation]) -> Simulation:
    return Simulation(
        pl.concat([part.payments for part in held]),
        pl.concat([part.labels for part in held]),
        pl.concat([part.accounts for part in held]),
    )
