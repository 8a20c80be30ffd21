"""Running the cases of a pack: all of them in one evaluation, each on timelines of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from txmon.authoring.cases.bench import CASE, VARIANT, Judged, judge, lay_out
from txmon.authoring.cases.expectations import COLUMNS, differences
from txmon.authoring.cases.explain import Explainer
from txmon.authoring.cases.files import read_cases
from txmon.packs import check_pack
from txmon.packs.cases import cases_beside
from txmon.packs.folder import CASES_SUFFIX, PACK_FILE, shipped_pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from txmon.authoring.cases.bench import Bench
    from txmon.authoring.cases.case import Case
    from txmon.errors import Finding
    from txmon.language.checked import Pack


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went; ``lines`` say what differs from what it expects."""

    file: str
    rule: str
    name: str
    passed: bool
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseReport:
    """Every case that ran, in order of file and place, and what is wrong with the files.

    A case that cannot be read, or that holds a row no bank could book, is among the findings
    and not among the results.
    """

    results: tuple[CaseResult, ...]
    findings: tuple[Finding, ...]

    @property
    def failed(self) -> tuple[CaseResult, ...]:
        """The cases that did not give what they expect."""
        return tuple(result for result in self.results if not result.passed)

    @property
    def passed(self) -> bool:
        """Whether no case failed and nothing is wrong with the files."""
        return not self.failed and not self.findings


def run_cases(
    path: str | Path | None = None, *, name: str | None = None, pack: Pack | None = None
) -> CaseReport:
    """Run the case files at a path.

    Args:
        path: a folder with case files at any depth, a case file, or a rule file whose cases
            stand beside it; by default the shipped pack.
        name: only cases with this in ``rule: case name``.
        pack: the pack to run them on; by default the one they stand in.
    """
    where = shipped_pack() if path is None else Path(path)
    results: list[CaseResult] = []
    findings: list[Finding] = []
    for home, files in _by_pack(where).items():
        chosen, wrong = (pack, ()) if pack is not None else check_pack(home, tuned=False)
        findings += (finding for finding in wrong if not finding.warning)
        if chosen is not None:
            report = _run_files(files, chosen, name)
            results += report.results
            findings += report.findings
    return CaseReport(tuple(results), tuple(findings))


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


def _run_files(files: Iterable[Path], pack: Pack, name: str | None) -> CaseReport:
    cases: list[Case] = []
    findings: list[Finding] = []
    for file in files:
        read, wrong = read_cases(file, pack)
        cases += (case for case in read if name is None or name in f"{case.rule}: {case.name}")
        findings += wrong
    bench = lay_out(cases, pack)
    refused = (finding for some in bench.refused.values() for finding in some)
    return CaseReport(tuple(_results(bench, pack)), (*findings, *refused))


def _results(bench: Bench, pack: Pack) -> list[CaseResult]:
    asked: dict[str, list[int]] = {}
    for place in bench.sound:
        asked.setdefault(bench.cases[place].rule, []).append(place)
    rules = {rule.id: rule for rule in pack.rules if rule.id in asked}
    alerts = _own_alerts(bench, judge(bench, rules, pack))
    explainer = Explainer(pack, bench, rules, asked)
    return [
        _judged(bench.cases[place], place, alerts.get(place, []), explainer)
        for place in bench.sound
    ]


def _own_alerts(bench: Bench, judged: Judged) -> dict[int, list[dict[str, Any]]]:
    """The alerts of each case's own rule, by the place of the case."""
    found: dict[int, list[dict[str, Any]]] = {}
    for alert in judged.alerts.select(*COLUMNS, CASE, VARIANT).to_dicts():
        if alert[VARIANT] == bench.cases[alert[CASE]].rule:
            found.setdefault(alert[CASE], []).append(alert)
    return found


def _judged(
    case: Case, place: int, alerts: Sequence[Mapping[str, Any]], explainer: Explainer
) -> CaseResult:
    why = partial(explainer.why, case.rule, place)
    lines = differences(case.expected, alerts, case.start, why)
    return CaseResult(case.file, case.rule, case.name, not lines, lines)
