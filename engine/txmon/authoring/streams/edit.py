"""One edit of a draft, and several of them at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.authoring.streams.draft import Draft, Row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


@dataclass(frozen=True, slots=True)
class Edit:
    """A change of a draft, by the places of its rows and columns.

    ``texts`` are (row, column, text), ``times`` (row, microseconds), ``dropped`` rows that go,
    ``added`` rows that come.
    """

    texts: tuple[tuple[int, int, str | None], ...] = ()
    times: tuple[tuple[int, int], ...] = ()
    dropped: tuple[int, ...] = ()
    added: tuple[Row, ...] = ()


def edited(draft: Draft, edits: Iterable[Edit]) -> Draft:
    """The draft with some edits made at once; where two change one thing, the later one counts."""
    texts: dict[int, dict[int, str | None]] = {}
    times: dict[int, int] = {}
    dropped: set[int] = set()
    added: list[Row] = []
    for edit in edits:
        for place, column, text in edit.texts:
            texts.setdefault(place, {})[column] = text
        times.update(edit.times)
        dropped.update(edit.dropped)
        added += edit.added
    rows = [
        Row(times.get(place, row.at), _filled(row.texts, texts.get(place)))
        for place, row in enumerate(draft.rows)
        if place not in dropped
    ]
    return draft.with_rows([*rows, *added])


def _filled(
    texts: tuple[str | None, ...], other: Mapping[int, str | None] | None
) -> tuple[str | None, ...]:
    if not other:
        return texts
    return tuple(other.get(column, text) for column, text in enumerate(texts))
