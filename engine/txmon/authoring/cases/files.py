"""Case files -> cases: what each row holds, what each case expects, and what is wrong with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from txmon.authoring.cases.because import check_because, read_because
from txmon.authoring.cases.case import Because, Case, CaseRow
from txmon.authoring.cases.columns import Columns
from txmon.authoring.cases.data import SUFFIXES, read_data
from txmon.authoring.cases.rows import read_rows
from txmon.authoring.cases.variants import Variants
from txmon.language.problems import WHOLE, Code, Fault, Problem, did_you_mean
from txmon.packs import load_cases
from txmon.packs.validate import locate
from txmon.testing.expectations import check_expectation
from txmon.testing.offsets import read_instant

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from txmon.errors import Finding
    from txmon.language.checked import Pack, Rule
    from txmon.language.problems import Path as KeyPath
    from txmon.model import CaseDocument, CaseFileDocument
    from txmon.packs.documents import Tree
    from txmon.packs.tables import Table


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
    return cases, (*findings, *found, *reader.elsewhere)


class _Reader:
    """Reads one file, noting every fault; ``elsewhere`` are findings of data files."""

    def __init__(self, file: Path, tree: Tree, document: CaseFileDocument, pack: Pack) -> None:
        self.file = file
        self.tree = tree
        self.document = document
        self.pack = pack
        self.faults: list[Fault] = []
        self.elsewhere: list[Finding] = []
        self.columns = Columns.of(pack, document.row)
        self.rule: Rule | None = None
        self.variants: Variants | None = None

    def cases(self) -> tuple[Case, ...]:
        """Every case without a mistake; none if the head of the file is wrong."""
        start = self._instant(("start",), self.document.start)
        self._check_rule()
        for name, text in self.document.row.items():
            self._check_default(("row", name), name, text)
        self._check_names()
        read = [
            self._case(position, case, start) for position, case in enumerate(self.document.cases)
        ]
        return tuple(case for case in read if case is not None)

    def _case(self, position: int, case: CaseDocument, start: datetime | None) -> Case | None:
        before = len(self.faults) + len(self.elsewhere)
        path: KeyPath = ("cases", position)
        data_start = None
        if case.data_start is not None:
            data_start = self._instant((*path, "data_start"), case.data_start)
        self._check_expected((*path, "expect"), case.expect)
        rows, table = self._rows(path, case, start)
        settings, changed = self._settings(path, case)
        because = self._because(path, case, rows, start)
        if start is None or len(self.faults) + len(self.elsewhere) > before:
            return None
        return Case(
            file=str(self.file),
            rule=self.document.rule,
            name=case.name,
            start=start,
            data_start=data_start,
            rows=rows,
            expected=case.expect,
            tree=self.tree,
            path=path,
            because=because,
            todo=case.todo,
            settings=settings,
            changed=changed,
            data=case.data,
            table=table,
        )

    def _check_rule(self) -> None:
        rules = {rule.id: rule for rule in self.pack.rules}
        self.rule = rules.get(self.document.rule)
        if self.rule is None:
            message = f"the pack has no rule '{self.document.rule}'"
            advice = did_you_mean(self.document.rule, rules)
            self._fault(("rule",), Problem(Code.UNKNOWN_NAME, message, 0, WHOLE, advice))
        else:
            self.variants = Variants(self.rule)

    def _check_names(self) -> None:
        seen: set[str] = set()
        for position, case in enumerate(self.document.cases):
            if case.name in seen:
                message = "another case of this file has the same name"
                problem = Problem(Code.BAD_VALUE, message, 0, WHOLE)
                self._fault(("cases", position, "name"), problem)
            seen.add(case.name)

    def _check_default(self, path: KeyPath, name: str, text: str) -> None:
        """A default of every row: its column, and its value if the pack declares the values."""
        unknown = self.columns.unknown(name)
        if unknown is not None:
            self._fault(path, unknown, on_key=True)
        elif (problem := self.columns.undeclared(name, text)) is not None:
            self._fault(path, problem)

    def _check_expected(self, path: KeyPath, expected: Iterable[Mapping[str, str]]) -> None:
        for position, fields in enumerate(expected):
            for name, text in fields.items():
                fault = check_expectation(name, text)
                if fault is not None:
                    on_key = fault.code is Code.UNKNOWN_KEY
                    self._fault((*path, position, name), fault, on_key=on_key)

    def _rows(
        self, path: KeyPath, case: CaseDocument, start: datetime | None
    ) -> tuple[tuple[CaseRow, ...], Table | None]:
        if (case.events is None) == (case.data is None):
            message = "a case has events, a table of rows, or data, a file of them: one of the two"
            self._fault((*path, "name"), Problem(Code.MISSING_KEY, message, 0, WHOLE))
        elif start is not None and case.events is not None:
            rows, problems = read_rows(case.events, self.columns, start)
            for problem in problems:
                self._fault((*path, "events"), problem)
            return rows, None
        elif start is not None and case.data is not None:
            return self._data((*path, "data"), case.data, start)
        return (), None

    def _data(
        self, path: KeyPath, name: str, start: datetime
    ) -> tuple[tuple[CaseRow, ...], Table | None]:
        file = self.file.parent / name
        message, advice = "", ""
        if Path(name).suffix not in SUFFIXES:
            message, advice = f"'{name}' is neither .csv nor .parquet", "name such a file"
        elif not file.resolve().is_relative_to(self._home()):
            message = f"'{name}' lies outside the pack's folder"
            advice = "a pack is whole by itself: put the file beside the cases"
        elif not file.is_file():
            message, advice = f"there is no file '{name}'", f"looked for in {self.file.parent}"
        if message:
            self._fault(path, Problem(Code.BAD_VALUE, message, 0, WHOLE, advice))
            return (), None
        rows, table, findings = read_data(file, self.columns, start)
        self.elsewhere += findings
        return rows, table

    def _home(self) -> Path:
        """The folder of the pack, which data files must not leave."""
        home = Path(self.pack.path).resolve()
        own = self.file.parent.resolve()
        return home if own.is_relative_to(home) else own

    def _settings(self, path: KeyPath, case: CaseDocument) -> tuple[dict[str, str], Rule | None]:
        texts = {
            name: text if isinstance(text, str) else ", ".join(text)
            for name, text in case.settings.items()
        }
        if not texts or self.variants is None:
            return texts, None
        changed, wrong = self.variants.with_settings(texts)
        for name, problem in wrong:
            key = (*path, "set") if name is None else (*path, "set", name)
            known = name is not None and name in self.variants.rule.parameters
            self._fault(key, problem, on_key=not known)
        return texts, changed

    def _because(
        self, path: KeyPath, case: CaseDocument, rows: tuple[CaseRow, ...], start: datetime | None
    ) -> Because | None:
        if case.because is None or self.rule is None or start is None:
            return None
        because = read_because(case.because.clause, case.because.at, self.rule)
        if isinstance(because, Problem):
            self._fault((*path, "because", "at"), because)
            return None
        problem = check_because(because, self.rule)
        whole = ("because",) if case.because.at is None else ("because", "clause")
        if problem is not None:
            self._fault((*path, *whole), problem)
        elif because.at is not None and start + because.at not in {row.event_time for row in rows}:
            message = f"the case has no row at {case.because.at}"
            self._fault((*path, "because", "at"), Problem(Code.BAD_VALUE, message, 0, WHOLE))
        return because

    def _instant(self, path: KeyPath, text: str) -> datetime | None:
        read = read_instant(text)
        if isinstance(read, Problem):
            self._fault(path, read)
            return None
        return read

    def _fault(self, path: KeyPath, problem: Problem, *, on_key: bool = False) -> None:
        self.faults.append(Fault(path, problem, on_key=on_key))
