"""A draft of a stream: rows with offsets and texts, cheap to change, compare and judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from txmon.authoring.cases.case import Case, CaseRow
from txmon.errors import Finding, Location
from txmon.language.problems import Code
from txmon.packs.tree import Fields, Source
from txmon.schema import ACCOUNTS
from txmon.testing.offsets import show_offset

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from txmon.language.checked import Rule

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
"""When a stream made from nothing begins: a Monday morning."""

_MICROSECOND = timedelta(microseconds=1)
_NOT_GIVEN = {"event_time", "transaction_id", "original_amount"}
_NOWHERE = Fields(Source("", ""), 0, 0)


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One transaction: microseconds from the start, and a text (None: null) for each column."""

    at: int
    texts: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Draft:
    """Rows in order of time over some columns; ``data_start`` as a case may have it."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    start: datetime = START
    data_start: datetime | None = None

    def with_rows(self, rows: Sequence[Row]) -> Draft:
        """The same with other rows, put in order of time; equal times keep their order."""
        return replace(self, rows=tuple(sorted(rows, key=lambda row: row.at)))

    def with_row(self, place: int, row: Row) -> Draft:
        """The same with another row in one place."""
        return self.with_rows([*self.rows[:place], row, *self.rows[place + 1 :]])

    def with_text(self, place: int, column: int, text: str | None) -> Draft:
        """The same with another text in one cell."""
        texts = self.rows[place].texts
        changed = (*texts[:column], text, *texts[column + 1 :])
        return self.with_row(place, Row(self.rows[place].at, changed))

    def column(self, name: str) -> list[str | None]:
        """The texts of a column, a row each."""
        place = self.columns.index(name)
        return [row.texts[place] for row in self.rows]

    @property
    def weight(self) -> tuple[object, ...]:
        """Smaller is simpler: fewer rows, then fewer different values, then shorter ones."""
        offsets = [show_offset(timedelta(microseconds=row.at)) for row in self.rows]
        texts = [text or "-" for row in self.rows for text in row.texts]
        kinds = sum(len(set(self.column(name))) for name in self.columns)
        length = sum(map(len, offsets)) + sum(map(len, texts))
        return len(self.rows), kinds, length, tuple(offsets), tuple(texts)


def of_case(case: Case, columns: Sequence[str]) -> Draft:
    """The rows of a case, only some of their columns kept."""
    rows = [
        Row(
            (row.event_time - case.start) // _MICROSECOND,
            tuple(row.texts.get(name) for name in columns),
        )
        for row in case.rows
    ]
    return Draft(tuple(columns), (), case.start, case.data_start).with_rows(rows)


class _Trial(Case):
    """A draft as a case; nobody reads where it stands, so a refused row has no place."""

    __slots__ = ()

    def row_finding(self, row: CaseRow, message: str) -> Finding:  # noqa: ARG002 - no place
        """That no bank could book a row."""
        return Finding(Code.BAD_TABLE, message, Location("", 1, 1))


def as_case(draft: Draft) -> Case:
    """A draft as the machinery of cases judges it."""
    rows = tuple(
        CaseRow(
            draft.start + row.at * _MICROSECOND,
            dict(zip(draft.columns, row.texts, strict=True)),
            place,
            place,
        )
        for place, row in enumerate(draft.rows)
    )
    return _Trial("", "", "", draft.start, draft.data_start, rows, (), _NOWHERE)


def kept_columns(
    rules: Collection[Rule], named: Mapping[str, object], read: Collection[str], *, booked: bool
) -> tuple[str, ...]:
    """Which columns a draft for some rules has, in the order of the schema.

    Money goes with its currency, a row without money with its kind, and no bank books a row
    without an account: ``booked`` keeps the accounts though nobody reads them.
    """
    extra = {"kind"} if any(rule.events for rule in rules) else set()
    if any(rule.unreversed for rule in rules):
        extra.add("reverses")
    wanted = {*read, *extra, *(ACCOUNTS if booked else ()), "amount", "currency"} - {
        "event_time",
        "transaction_id",
    }
    return tuple(name for name in named if name in wanted and name != "original_amount")
