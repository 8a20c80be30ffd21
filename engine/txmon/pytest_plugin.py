"""The cases beside rules as tests of pytest: ``*.cases.yaml`` in the folder of a pack.

Importing this module costs nothing: pytest does it in every run, also where there are no packs.
What reads cases is imported when a case file is found, the engine when its first case runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from txmon.authoring import CaseResult
    from txmon.errors import Finding

SUFFIX, PACK_FILE = ".cases.yaml", "pack.yaml"


@dataclass(frozen=True)
class Outcomes:
    """How the cases of a pack went, by file and line, and what is wrong with its files."""

    results: Mapping[tuple[str, int], CaseResult]
    findings: Sequence[Finding]

    def wrong_with(self, file: Path) -> str:
        """What is wrong with a file, or else with the pack."""
        own = [one for one in self.findings if one.location.path == str(file)]
        return "\n".join(str(finding) for finding in own or self.findings)


_OUTCOMES = pytest.StashKey["dict[Path, Outcomes]"]()


class CaseFailedError(Exception):
    """A case that did not give what it expects; its text is what differs."""


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Case files that stand in a pack; nothing else is ours."""
    if file_path.name.endswith(SUFFIX) and _pack_of(file_path) is not None:
        return CaseFile.from_parent(parent, path=file_path)
    return None


def _pack_of(file: Path) -> Path | None:
    around = (folder for folder in file.parents if (folder / PACK_FILE).is_file())
    return next(around, None)


class CaseFile(pytest.File):
    """A case file; its cases are read as they stand, and run all at once with the first."""

    def collect(self) -> Iterator[CaseItem]:
        """An item for each case.

        Raises:
            pytest.Collector.CollectError: with what is wrong with the file's shape.
        """
        from txmon.packs import load_cases  # noqa: PLC0415 - start-up time: loads Polars
        from txmon.packs.validate import line_of  # noqa: PLC0415 - likewise

        document, tree, findings = load_cases(self.path)
        if document is None or tree is None:
            raise self.CollectError("\n".join(map(str, findings)))
        for place, case in enumerate(document.cases):
            item = CaseItem.from_parent(self, name=case.name)
            item.line = line_of(tree, ("cases", place, "name"))
            item.extra_keyword_matches.add(document.rule)
            if case.todo is not None:
                item.add_marker(pytest.mark.xfail(reason=case.todo, strict=False))
            yield item

    def outcomes(self) -> Outcomes:
        """How the cases of the whole pack went: of all its files that were collected."""
        known = self.session.stash.setdefault(_OUTCOMES, {})
        home = _pack_of(self.path) or self.path.parent
        if home not in known:
            known[home] = self._run(home)
        return known[home]

    def _run(self, home: Path) -> Outcomes:
        from txmon.authoring.cases.run import run_files  # noqa: PLC0415 - loads the engine

        files = {item.path for item in self.session.items if isinstance(item, CaseItem)}
        report = run_files(sorted(file for file in files if _pack_of(file) == home))
        results = {(result.file, result.line): result for result in report.results}
        return Outcomes(results, report.findings)


class CaseItem(pytest.Item):
    """One case; ``line`` is where it stands in its file, from 1."""

    line: int = 1

    def runtest(self) -> None:
        """Fail with what differs.

        Raises:
            CaseFailedError: the case did not give what it expects, or could not be run.
        """
        assert isinstance(self.parent, CaseFile)  # noqa: S101 - it made the item
        outcomes = self.parent.outcomes()
        result = outcomes.results.get((str(self.path), self.line))
        if result is None:
            raise CaseFailedError(outcomes.wrong_with(self.path))
        if not result.passed:
            raise CaseFailedError("\n".join(result.lines))

    def repr_failure(  # type: ignore[override]
        self,
        excinfo: pytest.ExceptionInfo[BaseException],
    ) -> object:
        """The text that ``txmon test`` would tell; anything else as pytest tells it."""
        if isinstance(excinfo.value, CaseFailedError):
            return f"{self.path}:{self.line}: {self.name}\n{excinfo.value}"
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Where the case stands; pytest counts lines from 0."""
        return self.path, self.line - 1, self.name
