"""Input looked at before a run: its files, how their columns are mapped, and their times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import Field

from txmon.errors import InputError
from txmon.results import Frozen
from txmon.schema import Schema
from txmon.sources.batch import check_rows
from txmon.sources.content import shape_of
from txmon.sources.fields import Beside
from txmon.sources.files import locate
from txmon.sources.peek import peek
from txmon.sources.reading import size_of
from txmon.sources.references import lookups, read_references

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.language.checked import Pack
    from txmon.sources.batch import Batch
    from txmon.sources.files import Piece, Sources
    from txmon.sources.mapping import InputMapping
    from txmon.sources.peek import Peek
    from txmon.sources.references import Table


class FileSeen(Frozen):
    """One file or frame of the input as it looks from outside.

    Attributes:
        name: of the file.
        role: what it is to be read for.
        form: ``parquet``, ``csv``, ``ndjson`` or ``xml``; None of frames, stores and what cannot
            be told.
        bytes: its size as it stands there, packed or not.
        rows: how many it has, where that is cheap to know.
        mapped: columns of ours, each with the columns of the file that it is made of.
        ignored: columns of the file that nothing is made of.
        checked: rows looked at, of which ``rejected`` would be rejected, by reason.
        first_event_time: the earliest time, where that is cheap to know.
        last_event_time: the latest.
        problem: why the file cannot be read.
    """

    name: str
    role: Literal["input", "history", "table"]
    form: str | None = None
    bytes: int | None = None
    rows: int | None = None
    mapped: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    checked: int = 0
    rejected: dict[str, int] = Field(default_factory=dict)
    first_event_time: datetime | None = None
    last_event_time: datetime | None = None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What was seen of the whole input.

    Attributes:
        files: every file and frame, the input's first, tables joined on last.
        columns: the stored columns that the accepted rows would have.
        problems: what stops a run whatever else is right.
        both: files that are input and history at once.
    """

    files: tuple[FileSeen, ...]
    columns: frozenset[str]
    problems: tuple[str, ...]
    both: tuple[str, ...]


def survey(
    source: Sources,
    pack: Pack | None,
    mapping: InputMapping | None,
    *,
    history: Sources | None = None,
    tell: Callable[[str], None],
) -> Survey:
    """Look at payments and history without reading more than needed.

    Args:
        source: as ``intake`` takes it.
        pack: its columns, currency, zone and rates; None if it is wrong.
        mapping: checked; None if it is wrong. Without either only files are looked at.
        history: likewise.
        tell: called with each file as it is looked at.
    """
    problems: list[str] = []
    pieces = [(piece, False) for piece in _located(source, problems)]
    if history is not None:
        pieces += [(piece, True) for piece in _located(history, problems)]
    means = _means(pack, mapping, problems)
    files, columns = [], set()
    tables = [] if means is None else [_joined(table, means) for table in means.beside.tables]
    for piece, past in pieces:
        tell(f"look at {piece.name}")
        seen, names = _look(piece, means, history=past)
        files.append(seen)
        columns |= names
    return Survey((*files, *tables), frozenset(columns), tuple(problems), _shared(pieces))


@dataclass(frozen=True, slots=True)
class _Means:
    """What rows are checked by."""

    pack: Pack
    mapping: InputMapping
    beside: Beside


def _means(pack: Pack | None, mapping: InputMapping | None, problems: list[str]) -> _Means | None:
    if pack is None or mapping is None:
        return None
    try:
        tables = read_references(mapping)
    except InputError as error:
        problems.append(str(error))
        return None
    return _Means(pack, mapping, Beside(Schema.with_columns(pack.columns), pack.timezone, tables))


def _located(source: Sources, problems: list[str]) -> list[Piece]:
    """The pieces of a source; where one of a list is not there, those of the others."""
    try:
        return list(locate(source))
    except InputError as error:
        if isinstance(source, (str, Path)) or not isinstance(source, Sequence) or len(source) < 2:  # noqa: PLR2004
            problems.append(str(error))
            return []
    return [piece for part in source for piece in _located(part, problems)]


def _shared(pieces: Sequence[tuple[Piece, bool]]) -> tuple[str, ...]:
    past = {piece.path.resolve() for piece, old in pieces if old and piece.path is not None}
    return tuple(
        piece.name
        for piece, old in pieces
        if not old and piece.path is not None and piece.path.resolve() in past
    )


def _look(piece: Piece, means: _Means | None, *, history: bool) -> tuple[FileSeen, set[str]]:
    """What is seen of a piece, and the stored columns of its rows."""
    seen = FileSeen(name=piece.name, role="history" if history else "input")
    try:
        seen = seen.model_copy(update=_outside(piece))
        if means is None:
            return seen, set()
        found = peek(piece, means.mapping, means.beside.schema)
        batch = check_rows(found.raw, means.beside, means.pack, history=history)
    except InputError as error:
        return seen.model_copy(update={"problem": str(error)}), set()
    return seen.model_copy(update=_inside(found, batch)), set(batch.frame.columns)


def _joined(table: Table, means: _Means) -> FileSeen:
    """A table beside the payments; it was read as a whole."""
    made = lookups(table.reference, means.beside.schema)
    stamp = table.fingerprint
    return FileSeen(
        name=stamp.name,
        role="table",
        bytes=stamp.bytes,
        rows=stamp.rows,
        mapped={name: (str(spec.column),) for name, (_, spec) in made.items()},
    )


def _outside(piece: Piece) -> dict[str, object]:
    """What is known of a file without a mapping."""
    if piece.frame is not None or piece.url is not None:
        return {}
    try:
        return {"bytes": size_of(piece), "form": str(shape_of(piece))}
    except OSError as error:
        raise InputError(f"{piece.name} cannot be read: {error.strerror}") from error


def _inside(found: Peek, batch: Batch) -> dict[str, object]:
    layout, times = found.raw.layout, batch.frame["event_time"]
    specs = {**layout.fields, **layout.sided}
    return {
        "rows": found.rows,
        "mapped": {name: layout.declared.file_columns(spec) for name, spec in specs.items()},
        "ignored": layout.ignored,
        "checked": found.raw.fingerprint.rows,
        "rejected": dict(Counter(batch.rejected["reason"].to_list())),
        "first_event_time": times.min() if found.whole else found.first,
        "last_event_time": times.max() if found.whole else found.last,
    }
