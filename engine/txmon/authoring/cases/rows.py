"""The table of a case -> its rows, a line of several times being several rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from txmon.authoring.cases.case import CaseRow
from txmon.authoring.cases.columns import AT, Columns
from txmon.authoring.cases.runs import MAX_ROWS, Times, fill, read_times, runs
from txmon.authoring.cases.tables import Cell, Grid, Line, read_grid
from txmon.language.problems import Code, Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

Texts = Mapping[str, str | None]


def read_rows(
    text: str, columns: Columns, start: datetime
) -> tuple[tuple[CaseRow, ...], tuple[Problem, ...]]:
    """The rows of a table, and what is wrong with it by its place in the text."""
    grid, problems = read_grid(text)
    if grid is None:
        return (), problems
    names = tuple(str(cell.value) for cell in grid.header[1:])
    reader = _Reader(grid, columns, start, names)
    rows = reader.rows()
    return rows, tuple(reader.problems)


@dataclass(slots=True)
class _Reader:
    """Reads one table, noting every problem; ``names`` are its columns behind the time."""

    grid: Grid
    columns: Columns
    start: datetime
    names: tuple[str, ...]
    problems: list[Problem] = field(default_factory=list)

    def rows(self) -> tuple[CaseRow, ...]:
        header = self.grid.header
        for place, cell in enumerate(header):
            self._check_header(cell, header[:place])
        self._check_declared()
        if self.problems:
            # Rows of a table whose header is wrong would be wrong once more.
            self._check_times()
            return ()
        found = [row for line in self.grid.rows for row in self._of_line(line)]
        if len(found) > MAX_ROWS:
            message = f"these are {len(found):,} rows; a case has at most {MAX_ROWS:,}"
            last = self.grid.rows[-1]
            self.problems.append(Problem(Code.TOO_LARGE, message, last.start, last.end))
        return tuple(found)

    def _check_header(self, cell: Cell, before: Sequence[Cell]) -> None:
        name = cell.value or "-"
        message = ""
        if not before and name != AT:
            message = f"the first column is {AT}, found '{name}'"
        elif name in [other.value for other in before]:
            message = f"the column '{name}' stands twice"
        if message:
            self.problems.append(Problem(Code.BAD_TABLE, message, cell.start, cell.end))
        elif before:
            self._note(self.columns.unknown(name, cell.start, cell.end))

    def _note(self, problem: Problem | None) -> None:
        if problem is not None:
            self.problems.append(problem)

    def _check_times(self) -> None:
        for line in self.grid.rows if self.grid.header[0].value == AT else ():
            self._times(line)

    def _check_declared(self) -> None:
        """Values of columns whose values the pack declares; those that run are seen later."""
        for place, column in enumerate(self.grid.header):
            name = str(column.value)
            if name not in self.columns.values:
                continue
            for line in self.grid.rows:
                value = line.values[place]
                if self.columns.undeclared(name, value) and runs(value or "") is None:
                    self._declared(name, value, line.cells[place])

    def _declared(self, name: str, value: str | None, cell: Cell) -> None:
        self._note(self.columns.undeclared(name, value, cell.start, cell.end))

    def _times(self, line: Line) -> Times | None:
        read = read_times(line.values[0] or "-")
        if isinstance(read, Times):
            return read
        cell = line.cells[0]
        start = cell.start + read.start
        end = min(cell.end, cell.start + read.end)
        self.problems.append(Problem(read.code, read.message, start, end, read.help))
        return None

    def _of_line(self, line: Line) -> list[CaseRow]:
        times = self._times(line)
        if times is None:
            return []
        if times.run:
            return self._of_run(line, times)
        if "{" in line.raw:
            for cell in line.cells[1:]:
                self._no_run(cell)
        written = dict(zip(self.names, line.values[1:], strict=True))
        time = self.start + times.first
        return [CaseRow(time, self.columns.row(written), line.start, line.end)]

    def _no_run(self, cell: Cell) -> None:
        """That a placeholder stands in a line of one row."""
        match = runs(cell.value or "")
        if match is not None:
            start = self._inside(cell) + match.start()
            message = f"{match[0]} counts the rows of a run, and this line is one row"
            advice = "give the line times such as +0h..+5h/20min"
            end = start + len(match[0])
            self.problems.append(Problem(Code.BAD_VALUE, message, start, end, advice))

    @staticmethod
    def _inside(cell: Cell) -> int:
        """Where the text of a cell begins, behind its quote if it has one."""
        return cell.start + (cell.end - cell.start > len(cell.value or "-"))

    def _of_run(self, line: Line, times: Times) -> list[CaseRow]:
        before = len(self.problems)
        found: list[CaseRow] = []
        for number in range(1, times.count + 1):
            written = self._filled(line, number)
            if len(self.problems) > before:
                return []
            time = self.start + times.first + (number - 1) * times.step
            found.append(CaseRow(time, self.columns.row(written), line.start, line.end))
        return found

    def _filled(self, line: Line, number: int) -> dict[str, str | None]:
        """The cells of one row of a run."""
        written: dict[str, str | None] = {}
        for name, cell in zip(self.names, line.cells[1:], strict=True):
            value = cell.value
            if value is not None and "{" in value:
                read = fill(value, number)
                if isinstance(read, Problem):
                    start = self._inside(cell) + read.start
                    end = start + read.end - read.start
                    self.problems.append(Problem(read.code, read.message, start, end, read.help))
                    return {}
                value = read
                self._declared(name, value, cell)
            written[name] = value
        return written
