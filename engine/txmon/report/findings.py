"""Findings and case results: what is wrong with the files of a pack, and which cases differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from txmon.report.tables import stacked, unbroken
from txmon.report.words import clean, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from txmon.authoring import CaseReport, CaseResult
    from txmon.errors import Finding
    from txmon.language.checked import Pack


def findings_report(findings: Sequence[Finding], pack: Pack | None) -> list[RenderableType]:
    """Every finding with its place and its line, or that nothing is wrong."""
    if findings:
        return stacked((*map(finding_lines, findings), (_found(findings),)))
    told = "" if pack is None else f"{pack.name} {pack.version}, {several(len(pack.rules), 'rule')}"
    return [Text(f"{told}: nothing is wrong", style="green")]


def cases_report(report: CaseReport) -> list[RenderableType]:
    """The cases that differ with what differs, the findings, and the count of all."""
    failing = (_failed(result) for result in report.failed)
    return stacked((*map(finding_lines, report.findings), *failing, (_total(report),)))


def finding_lines(finding: Finding) -> Iterator[RenderableType]:
    """A finding with its line in the file and what to do."""
    first, *rest = clean(str(finding)).split("\n")
    yield unbroken(first, "bold")
    for line in rest:
        yield unbroken(line, "red" if set(line.strip(" |")) == {"^"} else "")


def _found(findings: Sequence[Finding]) -> Text:
    files = several(len({finding.location.path for finding in findings}), "file")
    warnings = sum(finding.warning for finding in findings)
    if warnings == len(findings):
        return Text(f"{several(warnings, 'warning')} in {files}", style="yellow")
    told = f" ({several(warnings, 'warning')})" if warnings else ""
    return Text(f"{several(len(findings), 'finding')}{told} in {files}", style="bold red")


def _failed(result: CaseResult) -> Iterator[RenderableType]:
    head = Text("FAILED ", style="bold red")
    yield head.append(clean(f"{result.rule}: {result.name}"), style="bold default")
    yield unbroken(f"  {clean(result.file)}", "dim")
    yield from (unbroken(f"  {clean(line)}") for line in result.lines)


def _total(report: CaseReport) -> Text:
    passed = len(report.results) - len(report.failed)
    told = [f"{several(passed, 'case')} passed"]
    if report.failed:
        told.append(f"{len(report.failed):,} failed")
    if report.findings:
        told.append(several(len(report.findings), "finding"))
    return Text(", ".join(told), style="green" if report.passed else "bold red")
