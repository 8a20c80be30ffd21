"""A simulation on disk: payments in parts, labels beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from txmon.simulate import frames
from txmon.simulate.generate import Part, joined, parts
from txmon.simulate.scenario import DAYS, START, TELEFRAUD, Scenario

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import polars as pl

PAYMENTS, LABELS = "payments", "labels"
_ROWS_PER_PART, _ROWS_PER_GROUP = 1_000_000, 250_000


@dataclass(frozen=True, slots=True)
class Written:
    """What `write` wrote: the folder of the payments, its files, how many rows they hold, how many
    of those are fraud, and on how many victims.
    """

    payments: Path
    files: tuple[Path, ...]
    transactions: int
    labelled: int
    victims: int


def write(
    folder: str | Path,
    *,
    transactions: int,
    seed: int = 1,
    start: date = START,
    days: int = DAYS,
    scenario: str = TELEFRAUD,
) -> Written:
    """Simulate into a folder: ``payments/part-NNNN.parquet`` in order of time, and
    in ``labels/`` ``transactions``, ``accounts``, ``victims`` and ``honest`` (.parquet).

    Memory holds a part of about a million rows (or a day, if that is more). Parts that an
    earlier simulation left in the folder are replaced; other files are not touched.
    """
    asked = Scenario(transactions, seed, start, days, scenario)
    target = Path(folder)
    for name in (PAYMENTS, LABELS):
        (target / name).mkdir(parents=True, exist_ok=True)
    for left_over in (target / PAYMENTS).glob("part-*.parquet"):
        left_over.unlink()
    files: list[Path] = []
    told: list[Part] = []
    for part in _batches(parts(asked)):
        files.append(target / PAYMENTS / f"part-{len(files):04}.parquet")
        _save(part.payments, files[-1])
        told.append(replace(part, payments=part.payments.clear()))
    labels = _labels(joined(told))
    for name, frame in labels.items():
        _save(frame, target / LABELS / f"{name}.parquet")
    marked, robbed = len(labels["transactions"]), len(labels["victims"])
    return Written(target / PAYMENTS, tuple(files), transactions, marked, robbed)


def _labels(told: Part) -> dict[str, pl.DataFrame]:
    """The files of the labels, by name."""
    return {
        "transactions": told.labels,
        "accounts": told.accounts,
        "victims": frames.victims(told.labels),
        "honest": told.honest,
    }


def _save(frame: pl.DataFrame, file: Path) -> None:
    frame.write_parquet(file, row_group_size=_ROWS_PER_GROUP)


def _batches(days: Iterator[Part]) -> Iterator[Part]:
    """Days put together until they make a part."""
    held: list[Part] = []
    for day in days:
        held.append(day)
        if sum(len(part.payments) for part in held) >= _ROWS_PER_PART:
            yield joined(held)
            held = []
    if held:
        yield joined(held)
