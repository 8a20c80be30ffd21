"""Payments in: files and frames become accepted rows in the contract's order, and rejected ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from txmon.errors import InputError
from txmon.results import Counts
from txmon.schema import Schema, stored_dtype
from txmon.sources.batch import check_rows
from txmon.sources.currencies import MINOR_DIGITS
from txmon.sources.duplicates import find_duplicates
from txmon.sources.faults import REJECTED_SCHEMA, Reason, find, rejections
from txmon.sources.fields import Beside
from txmon.sources.files import locate
from txmon.sources.mapping_files import load_mapping, mapping_stamp
from txmon.sources.order import in_order
from txmon.sources.reading import read_piece
from txmon.sources.references import read_references

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from txmon.language.checked import Pack
    from txmon.results import Fingerprint, MappingStamp
    from txmon.sources.batch import Batch
    from txmon.sources.files import Sources
    from txmon.sources.mapping import InputMapping


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that could not be read and was left out, none of its rows counted.

    Attributes:
        name: of the file.
        reason: what is wrong with it, in a sentence.
        history: whether it is history.
    """

    name: str
    reason: str
    history: bool


@dataclass(frozen=True, slots=True)
class Intake:
    """What came of the input.

    Attributes:
        accepted: stored rows in the contract's order; Boolean ``history`` is the last column.
        rejected: one row per rejected input row: source, row (1-based), column, value, reason,
            detail, others (further faults), history.
        counts: rows of the input; read = accepted + rejected + duplicate.
        history_counts: likewise of the history.
        fingerprints: every file and frame read, the input's first, tables joined on last.
        ignored: source columns that no canonical column was made of.
        skipped: files left out because they cannot be read, if that was asked for.
        mapping: which mapping was in force, if one was.
    """

    accepted: pl.DataFrame
    rejected: pl.DataFrame
    counts: Counts
    history_counts: Counts
    fingerprints: tuple[Fingerprint, ...]
    ignored: tuple[str, ...]
    skipped: tuple[Skipped, ...] = ()
    mapping: MappingStamp | None = None


def _unheard(_: str) -> None:
    """Nobody asked."""


def intake(
    source: Sources,
    pack: Pack,
    *,
    history: Sources | None = None,
    mapping: str | Path | Mapping[str, object] | InputMapping | None = None,
    skip_bad_files: bool = False,
    tell: Callable[[str], None] = _unheard,
) -> Intake:
    """Read payments, check every row, drop duplicates and put the rest in order.

    Args:
        source: a path, glob, folder or object store of Parquet, CSV, NDJSON or ISO 20022 XML;
            ``-`` for standard input; a frame of Polars or of anything with
            ``__arrow_c_stream__``; or a list of these.
        pack: its columns, reporting currency, zone and rates.
        history: earlier payments, evaluated but not reported; a row in both counts as input.
        mapping: how source columns become canonical ones: a YAML file or its content.
        skip_bad_files: list files that cannot be read in ``Intake.skipped`` and go on.
        tell: called with what is done as it begins: a line for each file.

    Raises:
        InputError: an input cannot be read or lacks a required column; or every one is skipped.
        PackError: the mapping is wrong.
    """
    if pack.currency not in MINOR_DIGITS:
        raise InputError(f"the pack's currency {pack.currency} is no ISO 4217 code")
    schema = Schema.with_columns(pack.columns)
    chosen = load_mapping(mapping, schema)
    pieces = [(piece, False) for piece in locate(source)]
    if history is not None:
        pieces += [(piece, True) for piece in locate(history)]
    beside = Beside(schema, pack.timezone, read_references(chosen))
    batches: list[Batch] = []
    skipped: list[Skipped] = []
    for piece, past in pieces:
        try:
            tell(f"read {piece.name}")
            raw = read_piece(piece, chosen, schema)
            batches.append(check_rows(raw, beside, pack, history=past))
        except InputError as error:
            if not skip_bad_files or piece.frame is not None:
                raise
            skipped.append(Skipped(piece.name, str(error), past))
    if not any(not batch.history for batch in batches):
        raise InputError(f"every file of the input is skipped: {skipped[0].reason}")
    taken = _assembled(batches, chosen, beside)
    return replace(taken, skipped=tuple(skipped), mapping=mapping_stamp(mapping))


def _assembled(batches: Sequence[Batch], mapping: InputMapping, beside: Beside) -> Intake:
    frame = _stacked(batches, beside.schema)
    content = [name for name in frame.columns if name != "history"]
    if mapping.numbers_rows:
        content.remove("sequence")
    doubles = find_duplicates(frame, content)
    disputed = _disputed(batches, frame, doubles.conflicting)
    rejected = pl.concat([*(batch.rejected for batch in batches), *disputed])
    duplicate = _by_flag(frame["history"].gather(doubles.repeated))
    if not doubles.none:
        stays = pl.repeat(value=True, n=frame.height, dtype=pl.Boolean, eager=True)
        gone = pl.concat([doubles.repeated, doubles.conflicting])
        frame = frame.filter(stays.scatter(gone, False))
    counts, history_counts = (
        _counts(batches, frame, rejected, duplicate[past], history=past) for past in (False, True)
    )
    return Intake(
        accepted=in_order(frame),
        rejected=_by_place(rejected, batches),
        counts=counts,
        history_counts=history_counts,
        fingerprints=(
            *(batch.fingerprint for batch in batches),
            *(table.fingerprint for table in beside.tables),
        ),
        ignored=tuple(dict.fromkeys(name for batch in batches for name in batch.ignored)),
    )


def _stacked(batches: Sequence[Batch], schema: Schema) -> pl.DataFrame:
    """All accepted rows, the input's before the history's, with every column any of them has.

    Columns are laid end to end as they are: a frame whose columns had to share their chunks would
    copy every text.
    """
    known = {name for batch in batches for name in batch.frame.columns}
    names = [name for name in schema.columns if name in known]
    columns = [
        pl.concat([_or_null(name, batch.frame, schema) for batch in batches], rechunk=False)
        for name in names
    ]
    heights = [batch.frame.height for batch in batches]
    history = np.repeat([batch.history for batch in batches], heights)
    return pl.DataFrame([*columns, pl.Series("history", history, dtype=pl.Boolean)])


def _or_null(name: str, frame: pl.DataFrame, schema: Schema) -> pl.Series:
    if name in frame.columns:
        return frame[name]
    return pl.Series(name, [None], stored_dtype(schema.columns[name])).new_from_index(
        0, frame.height
    )


def _disputed(
    batches: Sequence[Batch], frame: pl.DataFrame, positions: pl.Series
) -> list[pl.DataFrame]:
    """The rejected rows that share an id with a row of other content, piece by piece."""
    if positions.is_empty():
        return []
    ends = np.cumsum([batch.frame.height for batch in batches])
    owners = np.searchsorted(ends, positions.to_numpy(), side="right")
    tables = []
    for at in np.unique(owners):
        batch, start = batches[at], int(ends[at]) - batches[at].frame.height
        rows = positions.filter(pl.Series(owners == at))
        ids = frame["transaction_id"].gather(rows)
        every = ids.is_not_null()
        (found,) = find("transaction_id", Reason.CONFLICTING_DUPLICATE, every, ids)
        placed = replace(found, rows=rows - start)
        tables.append(rejections([placed], batch.name, batch.numbers, history=batch.history))
    return tables


def _by_place(rejected: pl.DataFrame, batches: Sequence[Batch]) -> pl.DataFrame:
    """Rejected rows in order of piece and row."""
    if rejected.is_empty():
        return pl.DataFrame(schema=REJECTED_SCHEMA)
    names = list(dict.fromkeys(batch.name for batch in batches))
    place = pl.col("source").replace_strict(names, list(range(len(names))))
    return rejected.sort("history", place, "row", maintain_order=True)


def _by_flag(history: pl.Series) -> dict[bool, int]:
    past = int(history.sum() or 0)
    return {True: past, False: len(history) - past}


def _counts(
    batches: Sequence[Batch],
    frame: pl.DataFrame,
    rejected: pl.DataFrame,
    duplicate: int,
    *,
    history: bool,
) -> Counts:
    return Counts(
        read=sum(batch.fingerprint.rows for batch in batches if batch.history is history),
        accepted=_by_flag(frame["history"])[history],
        rejected=_by_flag(rejected["history"])[history],
        duplicate=duplicate,
    )
