"""Findings: what is wrong with the files of a pack."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from txmon.report.tables import stacked, unbroken
from txmon.report.words import clean, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from txmon.errors import Finding
    from txmon.language.checked import Pack


def findings_report(findings: Sequence[Finding], pack: Pack | None) -> list[RenderableType]:
    """Every finding with its place and its line, or that nothing is wrong."""
    if findings:
        return stacked((*map(told_finding, findings), (_found(findings),)))
    told = "" if pack is None else f"{pack.name} {pack.version}, {several(len(pack.rules), 'rule')}"
    return [Text(f"{told}: nothing is wrong", style="green")]


def told_finding(finding: Finding) -> Iterator[RenderableType]:
    """A finding with its line, the exact place underlined."""
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
