"""Running the cases of a pack: all of them in one evaluation, each on timelines of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from txmon.authoring.cases.bench import CASE, VARIANT, Judged, judge, lay_out
from txmon.authoring.cases.blame import Blame, hits_without, variants, without_parts
from txmon.authoring.cases.coverage import RuleCoverage, coverage_of, share
from txmon.authoring.cases.explain import Explainer
from txmon.authoring.cases.files import read_cases
from txmon.packs import check_pack
from txmon.packs.cases import cases_beside
from txmon.packs.folder import CASES_SUFFIX, PACK_FILE, shipped_pack
from txmon.testing.expectations import COLUMNS, differences

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from txmon.authoring.cases.bench import Bench
    from txmon.authoring.cases.case import Case
    from txmon.errors import Finding
    from txmon.language.checked import Pack


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went; ``lines`` say what differs from what it expects.

    ``line`` is where the case stands in its file. A case with a ``todo``, its reason, may differ.
    """

    file: str
    line: int
    rule: str
    name: str
    passed: bool
    lines: tuple[str, ...] = ()
    todo: str | None = None

    @property
    def failed(self) -> bool:
        """Whether it differs and may not."""
        return not self.passed and self.todo is None


@dataclass(frozen=True, slots=True)
class CaseReport:
    """Every case that ran, in order of file and place, and what is wrong with the files.

    A case that cannot be read, or that holds a row no bank could book, is among the findings
    and not among the results. ``coverage`` is None if nobody asked for it.
    """

    results: tuple[CaseResult, ...]
    findings: tuple[Finding, ...]
    coverage: tuple[RuleCoverage, ...] | None = None

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that did not give what they expect and have no ``todo``."""
        return tuple(result for result in self.results if result.failed)

    @property
    def todo(self) -> tuple[CaseResult, ...]:
        """The cases with a ``todo``, whether they give what they expect by now or not."""
        return tuple(result for result in self.results if result.todo is not None)

    @property
    def covered(self) -> float | None:
        """Outcomes that were seen, of 100; None if nobody asked for coverage."""
        return None if self.coverage is None else share(self.coverage)

    @property
    def passed(self) -> bool:
        """Whether no case failed and nothing is wrong with the files."""
        return not self.failed and not self.findings


def run_cases(
    path: str | Path | None = None,
    *,
    name: str | None = None,
    pack: Pack | None = None,
    coverage: bool = False,
) -> CaseReport:
    """Run the case files at a path.

    Args:
        path: a folder with case files at any depth, a case file, or a rule file whose cases
            stand beside it; by default the shipped pack.
        name: only cases with this in ``rule: case name``.
        pack: the pack to run them on; by default the one they stand in. A case that sets params
            has the others as the rule's file says.
        coverage: whether to tell which parts of the rules the cases saw true and false.
    """
    files = _by_pack(shipped_pack() if path is None else Path(path))
    return _run_packs(files, name, pack, coverage=coverage)


def run_files(files: Iterable[Path]) -> CaseReport:
    """Run some case files, those of one pack in one evaluation."""
    homes: dict[Path, list[Path]] = {}
    for file in files:
        homes.setdefault(_home(file), []).append(file)
    return _run_packs(homes, None, None, coverage=False)


def _run_packs(
    files: Mapping[Path, Sequence[Path]], name: str | None, pack: Pack | None, *, coverage: bool
) -> CaseReport:
    """Run case files by the folder or the rule file that their pack is loaded from."""
    results: list[CaseResult] = []
    findings: list[Finding] = []
    covered: list[RuleCoverage] = []
    for home, own in files.items():
        chosen, wrong = (pack, ()) if pack is not None else check_pack(home, tuned=False)
        findings += (finding for finding in wrong if not finding.warning)
        if chosen is not None:
            report = _run_files(own, chosen, name, coverage=coverage)
            results += report.results
            findings += report.findings
            covered += report.coverage or ()
    return CaseReport(tuple(results), tuple(findings), tuple(covered) if coverage else None)


def _by_pack(where: Path) -> dict[Path, list[Path]]:
    """Case files by the folder or the rule file that their pack is loaded from."""
    if where.is_file():
        if where.name.endswith(CASES_SUFFIX):
            rule = where.with_name(where.name.removesuffix(CASES_SUFFIX) + ".yaml")
            return {rule if rule.is_file() else _home(where): [where]}
        beside = cases_beside(where)
        return {where: [beside] if beside.is_file() else []}
    files: dict[Path, list[Path]] = {}
    for file in sorted(where.rglob(f"*{CASES_SUFFIX}")):
        files.setdefault(_home(file), []).append(file)
    return files or {where: []}


def _home(file: Path) -> Path:
    """The folder of the pack around a file, or the file's own if there is none."""
    around = [folder for folder in file.absolute().parents if (folder / PACK_FILE).is_file()]
    return around[0] if around else file.parent


def _run_files(
    files: Iterable[Path], pack: Pack, name: str | None, *, coverage: bool
) -> CaseReport:
    cases: list[Case] = []
    findings: list[Finding] = []
    for file in files:
        read, wrong = read_cases(file, pack)
        cases += (case for case in read if name is None or name in f"{case.rule}: {case.name}")
        findings += wrong
    bench = lay_out(cases, pack)
    refused = (finding for some in bench.refused.values() for finding in some)
    results = _Trial(bench, pack).results()
    covered = coverage_of(bench, pack, whole=name is None) if coverage else None
    return CaseReport(tuple(results), (*findings, *refused), covered)


class _Trial:
    """The cases of a bench judged: those of all rules, with all that they set, at once."""

    def __init__(self, bench: Bench, pack: Pack) -> None:
        self._bench = bench
        rules = variants(bench, pack)
        places: dict[str, list[int]] = {}
        for place in bench.sound:
            places.setdefault(bench.cases[place].variant, []).append(place)
        judged = judge(bench, rules | without_parts(bench, rules), pack)
        self._alerts = _own_alerts(bench, judged)
        self._hits = hits_without(bench, judged)
        self._explainer = Explainer(pack, bench, rules, places)

    def results(self) -> list[CaseResult]:
        """How each sound case went."""
        return [self._result(place) for place in self._bench.sound]

    def _result(self, place: int) -> CaseResult:
        case, alerts = self._bench.cases[place], self._alerts.get(place, [])
        why = partial(self._explainer.why, case.variant, place)
        lines = differences(case.expected, alerts, case.start, why)
        if case.because is not None:
            blame = Blame(case, case.because, alerts, self._hits.get(place, []))
            lines += blame.lines(partial(self._explainer.seen, case.variant, place))
        return CaseResult(
            file=case.file,
            line=case.line,
            rule=case.rule,
            name=case.name,
            passed=not lines,
            lines=lines,
            todo=case.todo,
        )


def _own_alerts(bench: Bench, judged: Judged) -> dict[int, list[dict[str, Any]]]:
    """The alerts of each case's own rule, by the place of the case."""
    found: dict[int, list[dict[str, Any]]] = {}
    for alert in judged.alerts.select(*COLUMNS, CASE, VARIANT).to_dicts():
        if alert[VARIANT] == bench.cases[alert[CASE]].variant:
            found.setdefault(alert[CASE], []).append(alert)
    return found
