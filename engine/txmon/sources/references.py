"""Tables beside the payments, such as a bank's accounts, joined on by their key."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from txmon.errors import InputError
from txmon.results import Fingerprint
from txmon.schema import CREDITOR, DEBTOR, Schema
from txmon.sources.content import Shape, shape_of
from txmon.sources.delimited import open_csv, read_csv
from txmon.sources.files import locate, sha256_of
from txmon.sources.raw import RawField, read_texts
from txmon.sources.suggestions import listed, near
from txmon.sources.values import to_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.sources.column_map import ColumnMap
    from txmon.sources.faults import Fault
    from txmon.sources.mapping import InputMapping, Reference

ACCOUNT = "account"
"""The key that looks up both sides."""

_KEY = "\0key"


@dataclass(frozen=True, slots=True)
class Table:
    """A table beside the payments; ``frame`` has the key as text and the columns joined on."""

    reference: Reference
    frame: pl.DataFrame
    fingerprint: Fingerprint


def read_references(mapping: InputMapping) -> tuple[Table, ...]:
    """The tables that a mapping joins.

    Raises:
        InputError: one cannot be read, lacks a column, or has a key twice.
    """
    return tuple(_read(reference) for reference in mapping.join)


def _read(reference: Reference) -> Table:
    key = reference.key[1]
    columns = list(dict.fromkeys([key, *(str(spec.column) for spec in reference.columns.values())]))
    frame, size, digest = _columns(reference, columns)
    keys = to_text(key, frame[key]).values
    known = frame.with_columns(keys.alias(_KEY)).filter(keys.is_not_null())
    twice = known.filter(pl.col(_KEY).is_duplicated())
    if not twice.is_empty():
        raise InputError(f"{reference.file}: the {key} '{twice[_KEY][0]}' stands twice")
    stamp = Fingerprint(
        name=reference.file, role="table", rows=frame.height, bytes=size, sha256=digest
    )
    return Table(reference, known, stamp)


def _columns(reference: Reference, columns: Sequence[str]) -> tuple[pl.DataFrame, int, str]:
    (piece,) = locate([Path(reference.file)])
    path = Path(reference.file)
    if shape_of(piece) is Shape.PARQUET:
        try:
            frame = pl.read_parquet(path, glob=False, hive_partitioning=False)
        except (OSError, pl.exceptions.PolarsError) as error:
            raise InputError(f"{path} cannot be read: {error}") from error
        _require(reference, columns, frame.columns)
    else:
        file = open_csv(piece, reference.csv)
        _require(reference, columns, file.header)
        table = read_csv(file, tuple(columns))
        if len(table.unread.numbers):
            row, note = table.unread.numbers[0], table.unread.notes[0]
            raise InputError(f"{path}: row {row} has {note}")
        frame = table.frame
    return frame.select(columns), path.stat().st_size, sha256_of(path)


def _require(reference: Reference, columns: Sequence[str], found: Sequence[str]) -> None:
    for column in columns:
        if column not in found:
            close = near(column, found)
            hint = f' (did you mean "{close}"?)' if close else ""
            message = f"{reference.file} has no column {column}{hint}; it has {listed(found)}"
            raise InputError(message)


def lookups(reference: Reference, schema: Schema) -> dict[str, tuple[str, ColumnMap]]:
    """Canonical column made -> the canonical column it is looked up by, and the table's column."""
    on = reference.key[0]
    made: dict[str, tuple[str, ColumnMap]] = {}
    for name, spec in reference.columns.items():
        if on != ACCOUNT:
            made[name] = (on, spec)
        elif name in schema.columns:
            made[name] = (side_of(name) + ACCOUNT, spec)
        else:
            made |= {side + name: (side + ACCOUNT, spec) for side in (DEBTOR, CREDITOR)}
    return made


def side_of(name: str) -> str:
    """The side a canonical column is on: ``debtor_``, ``creditor_`` or none."""
    return next((side for side in (DEBTOR, CREDITOR) if name.startswith(side)), "")


def join_on(
    table: Table, fields: Mapping[str, RawField], schema: Schema
) -> tuple[dict[str, RawField], tuple[Fault, ...]]:
    """The raw columns that a table gives a piece of input; null where it has no such key.

    Args:
        table: the table.
        fields: the raw canonical columns made so far.
        schema: the known columns.
    """
    found: dict[str, RawField] = {}
    faults: list[Fault] = []
    for name, (on, spec) in lookups(table.reference, schema).items():
        if on not in fields:
            continue
        keys = to_text(on, fields[on].raw).values.alias(_KEY).to_frame()
        column = pl.col(str(spec.column)).alias(name)
        side = table.frame.select(_KEY, column)
        raw = keys.join(side, on=_KEY, how="left", maintain_order="left")[name]
        if spec.reads_text:
            texts = to_text(name, raw)
            renamed = read_texts(name, spec, texts.values)
            raw, faults = renamed.values, [*faults, *texts.faults, *renamed.faults]
        found[name] = RawField(raw, spec)
    return found, tuple(faults)
