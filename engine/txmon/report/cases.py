"""Case results: which cases differ and how, which are still to do, and what they covered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from txmon.report.findings import told_finding
from txmon.report.tables import WIDTH, grid, stacked, title, unbroken
from txmon.report.words import clean, count, several

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from txmon.authoring import CaseReport, CaseResult, PartCoverage, RuleCoverage


def cases_report(report: CaseReport, *, width: int = WIDTH) -> list[RenderableType]:
    """The cases that differ with what differs, the findings, coverage, and the count of all."""
    covered = report.coverage or ()
    return stacked(
        (
            *map(told_finding, report.findings),
            *(_told("FAILED ", "bold red", result) for result in report.failed),
            *(_told("TODO ", "bold yellow", result) for result in report.todo),
            *(_coverage(rule, width) for rule in covered),
            _totals(report),
        )
    )


def _told(word: str, style: str, result: CaseResult) -> Iterator[RenderableType]:
    head = Text(word, style=style)
    yield head.append(clean(f"{result.rule}: {result.name}"), style="bold default")
    yield unbroken(f"  {clean(result.file)}:{result.line}", "dim")
    if result.todo is not None:
        yield unbroken(f"  {clean(result.todo)}")
        if result.passed:
            yield unbroken("  it gives what it expects by now: take todo away")
    yield from (unbroken(f"  {clean(line)}") for line in result.lines)


def _coverage(rule: RuleCoverage, width: int) -> Iterator[RenderableType]:
    head = title(clean(rule.rule))
    told = f"  {several(rule.cases, 'case')}, {rule.seen} of {rule.possible} outcomes seen"
    yield head.append(told, style="dim not bold")
    if not rule.parts:
        return
    table = grid(width, "left", "left", "right", "right", "right", "left")
    heads = ("", "", "true", "false", "unknown", "")
    table.add_row(*(Text(head, style="dim") for head in heads))
    before = ""
    for part in rule.parts:
        table.add_row(*_part(part, before))
        before = part.part
    yield table


def _part(part: PartCoverage, before: str) -> Iterator[RenderableType]:
    yield Text("" if part.part == before else part.part)
    yield Text(clean(part.text))
    for number in (part.true, part.false, part.unknown):
        yield Text(count(number) if number else "-")
    missing = " and ".join(part.missing)
    yield Text(f"never {missing}" if missing else "", style="yellow")


def _totals(report: CaseReport) -> Iterator[RenderableType]:
    if report.coverage is not None:
        seen = sum(rule.seen for rule in report.coverage)
        possible = sum(rule.possible for rule in report.coverage)
        told = f"{count(seen)} of {count(possible)} outcomes seen"
        yield Text(f"coverage {report.covered:.1f} %: {told}")
    yield _total(report)


def _total(report: CaseReport) -> Text:
    done = sum(result.passed and result.todo is None for result in report.results)
    told = [f"{several(done, 'case')} passed"]
    if report.failed:
        told.append(f"{len(report.failed):,} failed")
    if report.todo:
        told.append(f"{len(report.todo):,} to do")
    if report.findings:
        told.append(several(len(report.findings), "finding"))
    return Text(", ".join(told), style="green" if report.passed else "bold red")
