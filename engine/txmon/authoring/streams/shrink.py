"""A telling draft made shorter and simpler, as long as it tells."""

from __future__ import annotations

from fractions import Fraction
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING

from txmon.authoring.streams.amounts import DAY, HOUR, MINUTE, SECOND
from txmon.authoring.streams.draft import Draft, Row
from txmon.authoring.streams.edit import edited
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from txmon.authoring.streams.editor import Editor

    Telling = Callable[[Sequence[Draft]], list[bool]]
    """Which of some drafts still tell."""

_UNITS = (DAY, HOUR, MINUTE, SECOND)
_ROUNDS = 40
_BATCH = 1_500


def shrink(draft: Draft, telling: Telling, editor: Editor) -> Draft:
    """The simplest draft that is reached by simplifying, a batch of attempts at a time.

    Where nothing simpler tells any more, a row goes and one edit has to make up for it.
    """
    for _ in range(_ROUNDS):
        simple = _best(draft, _simpler(draft, editor), telling)
        simple = simple or _best(draft, islice(_without_a_row(draft, editor), _BATCH), telling)
        if simple is None:
            return draft
        draft = simple
    return draft


def _best(draft: Draft, others: Iterable[Draft], telling: Telling) -> Draft | None:
    """The simplest of the others that still tells and is simpler than a draft."""
    tried = [one for one in dict.fromkeys(others) if one.weight < draft.weight]
    kept = [one for one, tells in zip(tried, telling(tried), strict=True) if tells]
    return min(kept, key=lambda one: one.weight, default=None)


def _without_a_row(draft: Draft, editor: Editor) -> Iterator[Draft]:
    """One row fewer and one edit of the rest, of each row in turn."""
    if len(draft.rows) == 1:
        return
    fewer = [
        draft.with_rows([*draft.rows[:place], *draft.rows[place + 1 :]])
        for place in range(len(draft.rows))
    ]
    edits = [((one, edit) for edit in editor.all(one)) for one in dict.fromkeys(fewer)]
    for found in chain.from_iterable(zip_longest(*edits)):
        if found is not None and not found[1].added:
            yield edited(found[0], (found[1],))


def _simpler(draft: Draft, editor: Editor) -> Iterator[Draft]:
    rows = draft.rows
    for size in {1, 2, 3, len(rows) // 2}:
        for place in range(len(rows) - size + 1) if size else ():
            yield draft.with_rows([*rows[:place], *rows[place + size :]])
    yield from _fewer_values(draft, editor)
    yield from _earlier(draft)


def _fewer_values(draft: Draft, editor: Editor) -> Iterator[Draft]:
    """A cell empty or as in another row, a column empty or the same throughout, amounts rounder."""
    for column, name in enumerate(draft.columns):
        known = list(dict.fromkeys(draft.column(name)))
        for text in (None, *known):
            yield _throughout(draft, column, text)
            for place in range(len(draft.rows)):
                yield draft.with_text(place, column, text)
        if editor.schema.columns[name].kind is Kind.MONEY:
            for text in editor.round_amounts:
                yield _throughout(draft, column, text)
                yield from (
                    draft.with_text(place, column, text) for place in range(len(draft.rows))
                )


def _throughout(draft: Draft, column: int, text: str | None) -> Draft:
    rows = [
        Row(row.at, (*row.texts[:column], text, *row.texts[column + 1 :])) for row in draft.rows
    ]
    return draft.with_rows(rows)


def _earlier(draft: Draft) -> Iterator[Draft]:
    """The first row at the start, a row at the time of the one before, gaps in full units."""
    rows = draft.rows
    if rows and rows[0].at:
        yield draft.with_rows([Row(row.at - rows[0].at, row.texts) for row in rows])
    for place in range(1, len(rows)):
        gap = rows[place].at - rows[place - 1].at
        wanted = [0, *(unit for unit in _UNITS), *(int(Fraction(gap, u)) * u for u in _UNITS)]
        for other in wanted:
            if other < gap:
                yield _closer(draft, place, gap - other)


def _closer(draft: Draft, place: int, less: int) -> Draft:
    """A row and all after it earlier."""
    rows = [
        Row(row.at - less, row.texts) if other >= place else row
        for other, row in enumerate(draft.rows)
    ]
    return draft.with_rows(rows)
