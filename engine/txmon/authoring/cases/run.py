"""Running the cases of a pack: all of them in one evaluation, each on timelines of its own."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.authoring.cases.expectations import differences
from txmon.authoring.cases.explain import Explainer
from txmon.authoring.cases.files import Case, CaseRow, read_cases
from txmon.evaluate import Carry, evaluate
from txmon.language.reversals import REVERSES
from txmon.language.strata import with_sources
from txmon.packs import check_pack
from txmon.packs.cases import cases_beside
from txmon.packs.folder import CASES_SUFFIX, PACK_FILE, shipped_pack
from txmon.plan import compile_plan
from txmon.schema import TIME_DTYPE, Schema
from txmon.sources import intake

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from txmon.errors import Finding
    from txmon.language.checked import Pack

CASE_KEY = "__case"
"""The column that parts the timelines of the cases; no column of a pack begins like that."""

_MARK = "/"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROW_DIGITS = 4


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
    accepted, impossible = _accept(cases, pack)
    refused = set(impossible)
    sound = [place for place in range(len(cases)) if place not in refused]
    alerts = _alerts(cases, sound, accepted, pack)
    results = [
        _judge(cases[place], alerts.get(place, []), _explainer(cases, place, accepted, pack))
        for place in sound
    ]
    return CaseReport(tuple(results), (*findings, *(f for fs in impossible.values() for f in fs)))


def _judge(case: Case, alerts: Sequence[Mapping[str, Any]], explainer: Explainer) -> CaseResult:
    lines = differences(case.expected, alerts, case.start, explainer.why)
    return CaseResult(case.file, case.rule, case.name, not lines, lines)


def _explainer(cases: Sequence[Case], place: int, accepted: pl.DataFrame, pack: Pack) -> Explainer:
    rows = accepted.filter(pl.col(CASE_KEY) == place)
    return Explainer(pack, cases[place].rule, rows, CASE_KEY, cases[place].start)


def _accept(cases: Sequence[Case], pack: Pack) -> tuple[pl.DataFrame, dict[int, list[Finding]]]:
    """All rows of all cases as the engine holds them, and the findings of impossible rows by
    the place of their case.
    """
    rows = [(place, row) for place, case in enumerate(cases) for row in case.rows]
    taken = intake(_frame(cases, rows, pack), pack)
    impossible: dict[int, list[Finding]] = {}
    for fault in taken.rejected.to_dicts():
        place, row = rows[fault["row"] - 1]
        message = f"no bank could book this row: {fault['detail']}"
        impossible.setdefault(place, []).append(cases[place].row_finding(row, message))
    case = pl.col("transaction_id").str.split(_MARK).list.first().cast(pl.Int64).alias(CASE_KEY)
    columns = [name for name in taken.accepted.columns if name != "history"]
    return taken.accepted.select(*columns, case, "history"), impossible


def _frame(cases: Sequence[Case], rows: Sequence[tuple[int, CaseRow]], pack: Pack) -> pl.DataFrame:
    """The input frame of all cases. It has every column a rule may need, so that a case which
    leaves one out says null there and no rule is set aside.
    """
    ids = [
        f"{place}{_MARK}{number:0{_ROW_DIGITS}}"
        for place, case in enumerate(cases)
        for number in range(1, len(case.rows) + 1)
    ]
    names = [name for name in Schema.with_columns(pack.columns).columns if name not in _MADE]
    texts = {
        name: pl.Series(name, [row.texts.get(name) for _, row in rows], dtype=pl.String)
        for name in names
    }
    texts[REVERSES] = pl.Series(
        REVERSES,
        [_row_id(place, row.texts.get(REVERSES)) for place, row in rows],
        dtype=pl.String,
    )
    times = pl.Series("event_time", [row.event_time for _, row in rows], dtype=TIME_DTYPE)
    return pl.DataFrame([pl.Series("transaction_id", ids, dtype=pl.String), times, *texts.values()])


def _row_id(place: int, number: str | None) -> str | None:
    """The id of a row of the same case, which is named by its number."""
    if number is None or not (number.isascii() and number.isdigit()):
        return number
    return f"{place}{_MARK}{int(number):0{_ROW_DIGITS}}"


_MADE = frozenset({"transaction_id", "event_time", "original_amount"})


def _alerts(
    cases: Sequence[Case], sound: Sequence[int], accepted: pl.DataFrame, pack: Pack
) -> dict[int, list[dict[str, Any]]]:
    """The alerts of each case's rule, by the place of the case."""
    rules = {cases[place].rule for place in sound}
    tested = [rule for rule in pack.rules if rule.id in rules]
    used = replace(pack, rules=with_sources(tested, pack.rules))
    plan = compile_plan(used, accepted.columns, case_key=CASE_KEY)
    rows = accepted.filter(pl.col(CASE_KEY).is_in(sound))
    evaluation = evaluate(plan, Carry(), rows, data_start=_data_starts(cases, sound))
    found: dict[int, list[dict[str, Any]]] = {}
    for alert in (*evaluation.alerts.to_dicts(), *evaluation.shadow_alerts.to_dicts()):
        prefix, _, own = alert["transaction_id"].partition(_MARK)
        if alert["rule_id"] == cases[int(prefix)].rule:
            message = (alert["message"] or "").replace(alert["transaction_id"], own)
            shown = alert | {"transaction_id": own, "message": message}
            found.setdefault(int(prefix), []).append(shown)
    return found


def _data_starts(cases: Sequence[Case], sound: Sequence[int]) -> dict[int, int]:
    """Where the data of a case begins (microseconds), for the cases that say so."""
    named = {place: cases[place].data_start for place in sound}
    return {
        place: (start - _EPOCH) // timedelta(microseconds=1)
        for place, start in named.items()
        if start is not None
    }
