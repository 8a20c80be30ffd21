"""The tables of a run as files: each one file, or alerts by their date or rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PARTITIONS = ("date", "rule")
"""What alerts may be divided by."""

ALERTS = "alerts"
_NOTHING = "__HIVE_DEFAULT_PARTITION__"
_NAME = re.compile(r"[a-z_]+\.parquet|alerts/(date|rule)=[A-Za-z0-9_-]+/part\.parquet")


@dataclass(frozen=True, slots=True)
class Division:
    """How alerts are divided into files.

    Attributes:
        by: ``date`` or ``rule``; None for one file.
        zone: whose calendar the dates are of.
    """

    by: str | None = None
    zone: str = "UTC"

    def key(self) -> pl.Expr:
        """The text that names an alert's part."""
        if self.by == "rule":
            return pl.col("rule_id")
        return pl.col("event_time").dt.convert_time_zone(self.zone).dt.strftime("%Y-%m-%d")


def table_files(
    tables: Mapping[str, pl.DataFrame], division: Division
) -> Iterator[tuple[str, str, pl.DataFrame]]:
    """Name of the table, path of the file inside the run, and its rows."""
    for name, table in tables.items():
        if name == ALERTS and division.by is not None:
            yield from ((name, path, rows) for path, rows in _parts(table, division))
        else:
            yield name, f"{name}.parquet", table


def _parts(alerts: pl.DataFrame, division: Division) -> Iterator[tuple[str, pl.DataFrame]]:
    """The parts by their text; without alerts one empty part, which has the columns."""
    folder = f"{ALERTS}/{division.by}="
    if alerts.is_empty():
        yield f"{folder}{_NOTHING}/part.parquet", alerts
        return
    keys = alerts.select(division.key().alias("key")).to_series()
    for key in sorted(keys.unique()):
        yield f"{folder}{key}/part.parquet", alerts.filter(keys == key)


def is_file_name(name: str) -> bool:
    """Whether a run may have a file of this name; none leads out of its folder."""
    return _NAME.fullmatch(name) is not None
