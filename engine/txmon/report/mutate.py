"""What became of mutants: scores of rules, and the small changes that no case notices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from txmon.report.findings import told_finding
from txmon.report.tables import grid, stacked, unbroken
from txmon.report.words import clean, several

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from txmon.authoring import MutationReport, RuleScore, Verdict


def mutation_report(report: MutationReport, width: int) -> list[RenderableType]:
    """The survivors with their places, what is wrong with files, and a line for each rule."""
    survivors = (_survivor(one) for rule in report.rules for one in rule.survivors)
    findings = map(told_finding, report.findings)
    return stacked((*findings, *survivors, _scores(report, width), (_total(report),)))


def _survivor(verdict: Verdict) -> Iterator[RenderableType]:
    head = Text("SURVIVES ", style="bold red", no_wrap=True, overflow="ignore")
    place, mutant = verdict.place.location, verdict.mutant
    where = f"{place.path}:{place.line}:{place.column}: mutant {mutant.id}"
    yield head.append(clean(where), style="bold default")
    for line in clean(str(verdict.place)).split("\n")[1:]:
        yield unbroken(line, "red" if set(line.strip(" |")) == {"^"} else "")
    yield unbroken(f"  {clean(mutant.change)}")
    if verdict.case is not None:
        yield Text("  this case would notice it:", style="dim")
        yield from (unbroken(f"  {clean(line)}") for line in verdict.case.splitlines())


def _scores(report: MutationReport, width: int) -> Iterator[RenderableType]:
    table = grid(width, "left", "right", "left", "left", "left")
    for rule in report.rules:
        table.add_row(*_score(rule))
    if report.rules:
        yield table


def _score(rule: RuleScore) -> Iterator[str]:
    yield rule.rule
    yield percent(rule.killed, rule.counted)
    yield f"{rule.killed} of {several(rule.counted, 'mutant')}"
    yield several(rule.cases, "case")
    claimed = len(rule.verdicts) - rule.counted
    yield f"{claimed} claimed to be the same" if claimed else ""


def percent(killed: int, counted: int) -> str:
    """A share in whole percent, rounded down, so that 100 % means all."""
    return f"{100 * killed // counted if counted else 100} %"


def _total(report: MutationReport) -> Text:
    told = f"{percent(report.killed, report.counted)}: the cases notice {report.killed:,} of"
    told += f" {several(report.counted, 'mutant')} of {several(len(report.rules), 'rule')}"
    whole = report.killed == report.counted and not report.findings
    return Text(told, style="green" if whole else "bold red")
