"""Label files: which transactions and subjects belong to known cases, and what was lost by each.

A bank knows the cases that it found, not those that it missed: what has no label is not innocent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from zoneinfo import ZoneInfo

import polars as pl

from txmon.errors import InputError
from txmon.language.problems import did_you_mean
from txmon.schema import TIME_DTYPE
from txmon.types import MONEY_SCALE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    LabelSource = str | Path | pl.DataFrame
    Labelled: TypeAlias = "Labelling | LabelSource | Sequence[LabelSource]"

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "transaction_id": ("transaction_id", "transaction"),
    "subject": ("subject", "account", "victim"),
    "case": ("case", "case_id", "incident"),
    "typology": ("typology", "scheme"),
    "lost": ("lost", "loss"),
    "from": ("from", "first_loss"),
    "until": ("until", "last_loss"),
}
"""What a label file may say -> names under which it is looked for, the first that is there."""

_EMPTY: Mapping[str, Any] = {
    "transaction_id": pl.String,
    "subject": pl.String,
    "case": pl.String,
    "typology": pl.String,
    "lost": pl.Int64,
    "from": TIME_DTYPE,
    "until": TIME_DTYPE,
}


@dataclass(frozen=True, slots=True)
class Labelling:
    """Where known cases are told of, and how far they are asked.

    Attributes:
        files: label files or frames.
        columns: names of their columns by ours, where they are not found by themselves.
        typologies: only cases of these, or of one below them; all if empty.
        honest: whether what has no label is innocent, as in simulated payments.
    """

    files: LabelSource | Sequence[LabelSource]
    columns: Mapping[str, str] = field(default_factory=dict)
    typologies: Sequence[str] = ()
    honest: bool = False

    @classmethod
    def of(cls, labels: Labelled) -> Labelling:
        """What was asked for, also where it is files alone."""
        return labels if isinstance(labels, Labelling) else cls(labels)

    def read(self, zone: str) -> Labels:
        """The labels; errors as of ``read_labels``."""
        return read_labels(self.files, columns=self.columns, zone=zone)


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """Known cases as they were labelled.

    Attributes:
        rows: ``transaction_id``, ``subject``, ``case``, ``typology``, ``lost`` (Int64 in
            ten-thousandths of the reporting currency), ``from`` and ``until``; nulls where a row
            does not say. Further columns of the files stand behind them as texts.
    """

    rows: pl.DataFrame


def read_labels(
    sources: LabelSource | Sequence[LabelSource],
    *,
    columns: Mapping[str, str] | None = None,
    zone: str = "UTC",
) -> Labels:
    """Read label files (.parquet or .csv) or frames, one below the other.

    Args:
        sources: each has a row a transaction (``transaction_id``), or a row a case and subject
            (``subject``, with ``from`` and ``until`` if they are known).
        columns: names of the files' columns by ours, where they are not found by themselves.
        zone: the zone of times that have none.

    Raises:
        InputError: a file cannot be read, lacks ``case``, or holds what is no amount or time.
    """
    given = [sources] if isinstance(sources, str | Path | pl.DataFrame) else list(sources)
    unknown = set(columns or ()) - set(COLUMNS)
    if unknown:
        name = min(unknown)
        advice = did_you_mean(name, COLUMNS) or f"there are: {', '.join(COLUMNS)}"
        raise InputError(f"labels have no column '{name}'; {advice}")
    tables = [_conformed(one, columns or {}, ZoneInfo(zone)) for one in given]
    rows = pl.concat([pl.DataFrame(schema=pl.Schema(_EMPTY)), *tables], how="diagonal")
    return Labels(rows)


def _conformed(source: LabelSource, columns: Mapping[str, str], zone: ZoneInfo) -> pl.DataFrame:
    name, table = _read(source)
    found = {ours: _column(name, table, ours, columns) for ours in COLUMNS}
    if found["case"] is None or not (found["transaction_id"] or found["subject"]):
        named = ", ".join(table.columns)
        advice = "name yours with --label-map, for example case=incident"
        wanted = "labels need the columns case and transaction_id or subject"
        raise InputError(f"{name}: {wanted}; found {named}; {advice}")
    told = [
        _MEANING[ours](f"{name}, column '{column}'", table[column], zone).alias(ours)
        for ours, column in found.items()
        if column is not None
    ]
    taken = {*found.values(), *COLUMNS}
    others = [pl.col(other).cast(pl.String) for other in table.columns if other not in taken]
    return (
        pl.DataFrame(told).with_columns(table.select(others)).filter(pl.col("case").is_not_null())
    )


def _read(source: LabelSource) -> tuple[str, pl.DataFrame]:
    if isinstance(source, pl.DataFrame):
        return "labels", source
    path = Path(source)
    try:
        if path.suffix == ".csv":
            return str(path), pl.read_csv(path, infer_schema=False)
        return str(path), pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        told = str(error).splitlines()[0]
        raise InputError(f"the labels in {path} cannot be read: {told}") from error


def _column(name: str, table: pl.DataFrame, ours: str, columns: Mapping[str, str]) -> str | None:
    """The file's column for one of ours, if it has one."""
    if ours in columns:
        if columns[ours] not in table.columns:
            named = ", ".join(table.columns)
            raise InputError(f"{name}: there is no column '{columns[ours]}'; found {named}")
        return columns[ours]
    taken = set(columns.values())
    names = (one for one in COLUMNS[ours] if one in table.columns and one not in taken)
    return next(names, None)


def _texts(_: str, values: pl.Series, _zone: ZoneInfo) -> pl.Series:
    texts = values.cast(pl.String)
    return texts.set(texts == "", None)


def _money(place: str, values: pl.Series, _zone: ZoneInfo) -> pl.Series:
    """Amounts in ten-thousandths."""
    known = {value: _scaled(place, value) for value in values.unique().drop_nulls().to_list()}
    return pl.Series([known.get(value) for value in values.to_list()], dtype=pl.Int64)


def _scaled(place: str, value: Any) -> int | None:
    if value == "":
        return None
    try:
        scaled = Decimal(str(value)).scaleb(MONEY_SCALE)
        exact = scaled == int(scaled)
    except (InvalidOperation, ValueError, OverflowError):
        exact = False
    if not exact:
        advice = f"expected an amount of at most {MONEY_SCALE} decimals"
        raise InputError(f"{place}: {advice}, found '{value}'")
    return int(scaled)


def _times(place: str, values: pl.Series, zone: ZoneInfo) -> pl.Series:
    known = {value: _moment(place, value, zone) for value in values.unique().drop_nulls().to_list()}
    return pl.Series([known.get(value) for value in values.to_list()], dtype=TIME_DTYPE)


def _moment(place: str, value: Any, zone: ZoneInfo) -> datetime | None:
    if value == "":
        return None
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        advice = "expected a time like 2026-03-01T09:30:00+08:00"
        raise InputError(f"{place}: {advice}, found '{value}'") from None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=zone)


_MEANING: Mapping[str, Callable[[str, pl.Series, ZoneInfo], pl.Series]] = {
    **dict.fromkeys(("transaction_id", "subject", "case", "typology"), _texts),
    "lost": _money,
    **dict.fromkeys(("from", "until"), _times),
}
