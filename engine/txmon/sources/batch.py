"""The rows of one piece of input, checked one by one: the good ones stored, the others told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from txmon.errors import InputError
from txmon.sources.conform import by_precedence, undecoded
from txmon.sources.faults import Fault, faulty_rows, find, own_faults, rejections
from txmon.sources.fields import Beside, fill
from txmon.sources.stretches import conform_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from txmon.language.checked import Pack
    from txmon.results import Fingerprint
    from txmon.sources.reading import RawPiece
    from txmon.sources.tables import Unread


@dataclass(frozen=True, slots=True)
class Batch:
    """One piece after its rows were checked one by one.

    Attributes:
        name: of the piece.
        history: whether it is history.
        frame: the stored columns of its good rows.
        numbers: their row numbers.
        rejected: the others, with the reasons.
        fingerprint: what identifies it.
        ignored: source columns that nothing was made of.
    """

    name: str
    history: bool
    frame: pl.DataFrame
    numbers: pl.Series
    rejected: pl.DataFrame
    fingerprint: Fingerprint
    ignored: tuple[str, ...]


def check_rows(raw: RawPiece, beside: Beside, pack: Pack, *, history: bool) -> Batch:
    """Check every row of a piece for itself and store the good ones.

    Args:
        raw: the piece as it was read.
        beside: the known columns, and the tables joined on.
        pack: currency, zone and rates.
        history: whether the piece is history.

    Raises:
        InputError: the type of a whole column is wrong.
    """
    schema, piece = beside.schema, raw.piece
    try:
        fields, unmapped = fill(raw.layout, raw.frame, raw.numbers, beside)
    except InputError as error:
        raise InputError(f"{piece.name}: {error}") from error
    faults = [*_marked(raw), *unmapped]
    if raw.broken:
        faults += undecoded(fields)
    try:
        conformed = conform_all(fields, schema, pack, csv=raw.quoted)
    except InputError as error:
        raise InputError(f"{piece.name}: {error}") from error
    if faults:
        found = own_faults(conformed.faults, unmapped)
        faults = list(by_precedence([*faults, *found], list(schema.columns)))
    else:
        faults = list(conformed.faults)
    frame = pl.DataFrame(dict(conformed.columns))
    rejected = rejections(faults, piece.name, raw.numbers, history=history)
    return _kept(raw, frame, faults, rejected, history=history)


def _kept(
    raw: RawPiece,
    frame: pl.DataFrame,
    faults: Sequence[Fault],
    rejected: pl.DataFrame,
    *,
    history: bool,
) -> Batch:
    """The batch without its faulty rows."""
    numbers = raw.numbers
    if faults:
        good = pl.repeat(value=True, n=frame.height, dtype=pl.Boolean, eager=True)
        good = good.scatter(faulty_rows(faults), False)
        frame, numbers = frame.filter(good), numbers.filter(good)
    if raw.unread is not None:
        rejected = pl.concat([rejected, _unread(raw.unread, raw.piece.name, history=history)])
    stamp = raw.fingerprint.model_copy(update={"role": "history" if history else "input"})
    return Batch(raw.piece.name, history, frame, numbers, rejected, stamp, raw.layout.ignored)


def _marked(raw: RawPiece) -> Iterator[Fault]:
    """What the reader found wrong, told of the columns that it goes into."""
    for mark in raw.marks:
        names = raw.layout.made_of(mark.column)
        if mark.always and not names:
            names = (mark.column,)
        notes = pl.repeat("", len(mark.rows), dtype=pl.String, eager=True)
        for name in names:
            yield Fault(name, mark.reason, mark.rows, mark.values, notes)


def _unread(unread: Unread, name: str, *, history: bool) -> pl.DataFrame:
    every = unread.numbers.is_not_null()
    faults = find("", unread.reason, every, unread.texts, unread.notes)
    table = rejections(faults, name, unread.numbers, history=history)
    return table.with_columns(column=pl.lit(None, dtype=pl.String))
