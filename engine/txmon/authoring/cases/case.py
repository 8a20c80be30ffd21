"""A case as it was read and checked: its rows, what it expects, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from txmon.language.problems import WHOLE, Code, Fault, Problem
from txmon.packs.validate import locate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from txmon.errors import Finding, Location
    from txmon.language.problems import Path as KeyPath
    from txmon.packs.documents import Tree


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row stands: from ``start`` to ``end`` in the text at a path of the case file."""

    path: KeyPath
    start: int = 0
    end: int = WHOLE
    note: str = ""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One transaction of a case: its time, its texts by column, and its place."""

    event_time: datetime
    texts: Mapping[str, str | None]
    place: Place


@dataclass(frozen=True, slots=True)
class Case:
    """One case, read and checked; ``tree`` and ``path`` lead to its place in the file."""

    file: str
    rule: str
    name: str
    start: datetime
    data_start: datetime | None
    rows: tuple[CaseRow, ...]
    expected: tuple[Mapping[str, str], ...]
    tree: Tree = field(repr=False)
    path: KeyPath = ()

    @property
    def location(self) -> Location:
        """Where the case begins in its file."""
        problem = Problem(Code.BAD_VALUE, "", 0, WHOLE)
        return locate(self.tree, Fault((*self.path, "name"), problem)).location

    def row_finding(self, row: CaseRow, message: str) -> Finding:
        """A finding about one row of the case."""
        place = row.place
        problem = Problem(Code.BAD_TABLE, f"{message}{place.note}", place.start, place.end)
        return locate(self.tree, Fault(place.path, problem))
