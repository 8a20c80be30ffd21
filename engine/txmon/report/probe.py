"""The boundaries of rules: a line for each, and what the rule does on either side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from txmon.report.findings import told_finding
from txmon.report.tables import headed, stacked, title
from txmon.report.words import several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from txmon.authoring.probing import Boundary, Probe
    from txmon.errors import Finding

_POSITIONS = ("inside", "at", "outside")
_NOT_FOUND = "not reached"


def probe_report(
    probes: Sequence[Probe], findings: Sequence[Finding], width: int
) -> list[RenderableType]:
    """A table for each rule, what is wrong with files, and how much was reached."""
    tables = (_rule(probe, width) for probe in probes)
    return stacked((*map(told_finding, findings), *tables, (_total(probes),)))


def _rule(probe: Probe, width: int) -> Iterator[RenderableType]:
    yield title(probe.rule)
    if not probe.fired:
        yield Text("no stream was found on which it fires: write one case that does", style="red")
        return
    table = headed(
        width,
        "where",
        "boundary",
        "just inside",
        "at",
        "just outside",
        numbers_from=5,
        footer=False,
    )
    for boundary in probe.boundaries:
        points = (_point(boundary, position) for position in _POSITIONS)
        table.add_row(Text(boundary.place), Text(boundary.text), *points)
    yield table


def _point(boundary: Boundary, position: str) -> Text:
    if position not in boundary.asked:
        return Text("")
    for point in boundary.points:
        if point.position == position:
            style = "bold red" if point.fires else ""
            told = "fires" if point.fires else "silent"
            return Text(f"{point.value}: ").append(told, style=style)
    return Text(_NOT_FOUND, style="yellow")


def _total(probes: Sequence[Probe]) -> Text:
    reached, asked = (sum(getattr(one, name) for one in probes) for name in ("reached", "asked"))
    known = sum(
        point.known for one in probes for boundary in one.boundaries for point in boundary.points
    )
    told = f"{reached:,} of {several(asked, 'point')} of {several(len(probes), 'rule')} reached"
    return Text(f"{told}; {known:,} of them are cases already")
