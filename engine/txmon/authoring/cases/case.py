"""A case as it was read and checked: its rows, what it expects, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from txmon.language.problems import WHOLE, Code, Fault, Problem
from txmon.packs.validate import line_of, locate

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from txmon.errors import Finding
    from txmon.language.checked import Rule
    from txmon.language.problems import Path as KeyPath
    from txmon.packs.documents import Tree
    from txmon.packs.tables import Table


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One transaction of a case: its time, its texts by column, and its place.

    ``start`` and ``end`` are offsets in the case's table; of a data file both are the number of
    the row, from 0.
    """

    event_time: datetime
    texts: Mapping[str, str | None]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Because:
    """Why a row raises nothing: the part of the rule that is not met, as the case writes it.

    ``unknown`` says that the part is unknown there rather than false, ``step`` that it is a step
    of a sequence. ``at`` is when the row is; None is the last row, and of a step any row.
    """

    text: str
    unknown: bool = False
    at: timedelta | None = None
    step: bool = False

    def __str__(self) -> str:
        return f"{self.text} is unknown" if self.unknown else self.text


@dataclass(frozen=True, slots=True)
class Case:
    """One case, read and checked; ``tree`` and ``path`` lead to its place in the file.

    ``settings`` are texts of params that this case gives other values, ``changed`` is the rule
    with them. ``todo`` is the reason why the case may fail. ``table`` has the cells of its data
    file, if that is a CSV.
    """

    file: str
    rule: str
    name: str
    start: datetime
    data_start: datetime | None
    rows: tuple[CaseRow, ...]
    expected: tuple[Mapping[str, str], ...]
    tree: Tree = field(repr=False)
    path: KeyPath = ()
    because: Because | None = None
    todo: str | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    changed: Rule | None = field(default=None, repr=False)
    data: str | None = None
    table: Table | None = field(default=None, repr=False)

    @property
    def variant(self) -> str:
        """The name of the rule as this case wants it: its id, and the params set."""
        told = ", ".join(f"{name}={text}" for name, text in sorted(self.settings.items()))
        return f"{self.rule} with {told}" if told else self.rule

    @property
    def line(self) -> int:
        """The line of its file on which its name stands, from 1."""
        return line_of(self.tree, (*self.path, "name"))

    def row_finding(self, row: CaseRow, message: str) -> Finding:
        """A finding about one row of the case."""
        if self.table is not None:
            return self.table.cells([row.start])[row.start][0].finding(Code.BAD_TABLE, message)
        if self.data is not None:
            problem = Problem(Code.BAD_TABLE, f"{message} (row {row.start + 1})", 0, WHOLE)
            return locate(self.tree, Fault((*self.path, "data"), problem))
        problem = Problem(Code.BAD_TABLE, message, row.start, row.end)
        return locate(self.tree, Fault((*self.path, "events"), problem))
