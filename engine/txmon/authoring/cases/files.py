"""Case files -> cases: what each row holds, what each case expects, and what is wrong with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.authoring.cases.case import Case, CaseRow, Place
from txmon.authoring.cases.expectations import check_expectation
from txmon.authoring.cases.offsets import read_instant, read_offset
from txmon.authoring.cases.tables import Cell, Grid, Line, read_grid
from txmon.language.problems import WHOLE, Code, Fault, Problem, closest, did_you_mean
from txmon.packs import load_cases
from txmon.packs.validate import locate
from txmon.schema import RESERVED, Schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from txmon.errors import Finding
    from txmon.language.checked import Pack
    from txmon.language.problems import Path as KeyPath
    from txmon.model import CaseDocument, CaseFileDocument
    from txmon.packs.documents import Tree

AT = "at"

_MADE_BY_INTAKE = frozenset({"original_amount"})
_MONEY_GOES_WITH = "currency"


def read_cases(file: Path, pack: Pack) -> tuple[tuple[Case, ...], tuple[Finding, ...]]:
    """The cases of a file, and everything that is wrong with it.

    A case with a mistake of its own is left out; its neighbours are not.
    """
    document, tree, findings = load_cases(file)
    if document is None or tree is None:
        return (), findings
    reader = _Reader(file, tree, document, pack)
    cases = reader.cases()
    found = (locate(tree, fault) for fault in reader.faults)
    return cases, (*findings, *found)


class _Reader:
    """Reads one file, noting every fault."""

    def __init__(self, file: Path, tree: Tree, document: CaseFileDocument, pack: Pack) -> None:
        self.file = file
        self.tree = tree
        self.document = document
        self.pack = pack
        self.faults: list[Fault] = []
        known = Schema.with_columns(pack.columns).columns
        self.columns = tuple(name for name in known if name not in RESERVED | _MADE_BY_INTAKE)

    def cases(self) -> tuple[Case, ...]:
        """Every case without a mistake; none if the head of the file is wrong."""
        start = self._instant(("start",), self.document.start)
        self._check_rule()
        for name, text in self.document.row.items():
            self._check_cell(("row", name), name, text, on_key=True)
        self._check_names()
        read = [
            self._case(position, case, start) for position, case in enumerate(self.document.cases)
        ]
        return tuple(case for case in read if case is not None)

    def _case(self, position: int, case: CaseDocument, start: datetime | None) -> Case | None:
        before = len(self.faults)
        path: KeyPath = ("cases", position)
        data_start = None
        if case.data_start is not None:
            data_start = self._instant((*path, "data_start"), case.data_start)
        grid = self._grid((*path, "events"), case.events)
        self._check_expected((*path, "expect"), case.expect)
        if start is None or grid is None or len(self.faults) > before:
            return None
        rows = tuple(self._row(grid, line, start, (*path, "events")) for line in grid.rows)
        known = tuple(row for row in rows if row is not None)
        if len(self.faults) > before:
            return None
        return Case(
            file=str(self.file),
            rule=self.document.rule,
            name=case.name,
            start=start,
            data_start=data_start,
            rows=known,
            expected=case.expect,
            tree=self.tree,
            path=path,
        )

    def _check_rule(self) -> None:
        rules = [rule.id for rule in self.pack.rules]
        if self.document.rule not in rules:
            message = f"the pack has no rule '{self.document.rule}'"
            advice = did_you_mean(self.document.rule, rules)
            self._fault(("rule",), Problem(Code.UNKNOWN_NAME, message, 0, WHOLE, advice))

    def _check_names(self) -> None:
        names = [case.name for case in self.document.cases]
        for position, name in enumerate(names):
            if name in names[:position]:
                message = "another case of this file has the same name"
                problem = Problem(Code.BAD_VALUE, message, 0, WHOLE)
                self._fault(("cases", position, "name"), problem)

    def _check_expected(self, path: KeyPath, expected: Iterable[Mapping[str, str]]) -> None:
        for position, fields in enumerate(expected):
            for name, text in fields.items():
                fault = check_expectation(name, text)
                if fault is not None:
                    on_key = fault.code is Code.UNKNOWN_KEY
                    self._fault((*path, position, name), fault, on_key=on_key)

    def _grid(self, path: KeyPath, text: str) -> Grid | None:
        grid, problems = read_grid(text)
        for problem in problems:
            self._fault(path, problem)
        if grid is None:
            return None
        for place, cell in enumerate(grid.header):
            self._check_header(path, cell, grid.header[:place])
        for line in grid.rows:
            for column, cell in zip(grid.header, line.cells, strict=True):
                self._check_declared(path, column.value, cell)
        return grid

    def _check_header(self, path: KeyPath, cell: Cell, before: Sequence[Cell]) -> None:
        name = cell.value or "-"
        if not before and name != AT:
            message = f"the first column is {AT}, found '{name}'"
            self._fault(path, _problem(Code.BAD_TABLE, message, cell))
        elif name in [other.value for other in before]:
            message = f"the column '{name}' stands twice"
            self._fault(path, _problem(Code.BAD_TABLE, message, cell))
        elif before and name not in self.columns:
            self._fault(path, self._unknown_column(name, cell.start, cell.end))

    def _unknown_column(self, name: str, start: int, end: int) -> Problem:
        message = f"there is no column '{name}'"
        advice = did_you_mean(name, self.columns)
        if name in RESERVED | _MADE_BY_INTAKE:
            message = f"'{name}' is made from the other columns; a case does not give it"
            advice = f"the time of a row stands under {AT}" if name == "event_time" else ""
        return Problem(Code.UNKNOWN_NAME, message, start, end, advice)

    def _check_cell(self, path: KeyPath, name: str, text: str, *, on_key: bool) -> None:
        """A default of every row: its column, and its value if the pack declares the values."""
        if name not in self.columns:
            self._fault(path, self._unknown_column(name, 0, WHOLE), on_key=on_key)
        elif (problem := self._undeclared(name, text, 0, WHOLE)) is not None:
            self._fault(path, problem)

    def _check_declared(self, path: KeyPath, name: str | None, cell: Cell) -> None:
        if name is None or cell.value is None:
            return
        problem = self._undeclared(name, cell.value, cell.start, cell.end)
        if problem is not None:
            self._fault(path, problem)

    def _undeclared(self, name: str, text: str, start: int, end: int) -> Problem | None:
        declared = self.pack.values.get(name, ())
        if not declared or text in declared or text == "-":
            return None
        message = f"the pack declares no {name} '{text}'"
        near = closest(text, declared)
        advice = f"did you mean '{near}'?" if near else f"it declares: {', '.join(declared)}"
        return Problem(Code.UNKNOWN_VALUE, message, start, end, advice)

    def _row(self, grid: Grid, line: Line, start: datetime, path: KeyPath) -> CaseRow | None:
        offset = self._offset(line.cells[0], path)
        if offset is None:
            return None
        written = {
            str(column.value): cell.value
            for column, cell in zip(grid.header[1:], line.cells[1:], strict=True)
        }
        defaults = {name: None if text == "-" else text for name, text in self.document.row.items()}
        texts = defaults | written
        if texts.get("amount") is None and _MONEY_GOES_WITH not in written:
            # The default currency is that of amounts; a row without money has neither.
            texts[_MONEY_GOES_WITH] = None
        return CaseRow(start + offset, texts, Place(path, line.start, line.end))

    def _offset(self, cell: Cell, path: KeyPath) -> timedelta | None:
        read = read_offset(cell.value or "-")
        if not isinstance(read, Problem):
            return read
        start = cell.start + read.start
        end = min(cell.end, cell.start + read.end)
        self._fault(path, Problem(read.code, read.message, start, end, read.help))
        return None

    def _instant(self, path: KeyPath, text: str) -> datetime | None:
        read = read_instant(text)
        if isinstance(read, Problem):
            self._fault(path, read)
            return None
        return read

    def _fault(self, path: KeyPath, problem: Problem, *, on_key: bool = False) -> None:
        self.faults.append(Fault(path, problem, on_key=on_key))


def _problem(code: Code, message: str, cell: Cell) -> Problem:
    return Problem(code, message, cell.start, cell.end)
