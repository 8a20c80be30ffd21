"""The gravest alerts in words: what happened, to whom, when, and which clauses said so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.padding import Padding
from rich.text import Text

from txmon.model import SEVERITIES
from txmon.report.tables import grid, title
from txmon.report.words import clean, count, moment, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import polars as pl
    from rich.console import RenderableType

SHOWN = 5
"""Alerts put into words at most."""

SEVERITY_STYLES = {
    "critical": "bold white on red",
    "high": "bold red",
    "medium": "yellow",
    "low": "cyan",
    "info": "dim",
}

_INDENT = 4


def gravest_alerts(alerts: pl.DataFrame, zone: str) -> Iterator[list[RenderableType]]:
    """The most severe alerts, by severity, score and time, a section each, and how many more
    there are.
    """
    if alerts.is_empty():
        yield [title("No alerts")]
        return
    ranked = sorted(alerts.select("severity", "score").with_row_index().rows(), key=_gravity)
    chosen = alerts[[row[0] for row in ranked[:SHOWN]]].to_dicts()
    first, *others = ([*_alert(alert, zone)] for alert in chosen)
    yield [title("The gravest alerts" if others else "The alert"), *first]
    yield from others
    if alerts.height > len(chosen):
        yield [Text(f"... and {count(alerts.height - len(chosen))} more", style="dim")]


def _gravity(row: tuple[int, str, int | None]) -> tuple[int, int, int]:
    """Alerts stand in order of time, so that the place in the table breaks ties."""
    place, severity, score = row
    return -SEVERITIES.index(severity), -(score or 0), place


def _alert(alert: Mapping[str, Any], zone: str) -> Iterator[RenderableType]:
    head = Text(alert["severity"], style=SEVERITY_STYLES[alert["severity"]])
    if alert["score"] is not None:
        head.append(f" {alert['score']}", style="not bold default")
    head.append(f"  {alert['rule_id']}", style="bold default")
    head.append(f"  {moment(alert['event_time'], zone)}", style="not bold default")
    yield head
    if alert["message"]:
        yield _indented(Text(clean(alert["message"])))
    yield _indented(Text(clean(_about(alert)), style="dim"))
    yield _indented(_clauses(alert))


def _about(alert: Mapping[str, Any]) -> str:
    """Whom it is about, and what stands behind it."""
    subject = alert["subject"]
    who = f"{alert['subject_kind']} {subject}" if subject is not None else "no subject"
    evidence = several(alert["evidence_count"], "transaction")
    about = f"{who}; evidence: {evidence}, the last {alert['transaction_id']}"
    return about if alert["history_complete"] else f"{about}; its windows reach before the data"


def _clauses(alert: Mapping[str, Any]) -> RenderableType:
    """The clauses that held, each with its two sides."""
    table = grid(0, "left", "left")
    for clause in alert["clauses"]:
        if clause["result"]:
            table.add_row(Text(clean(clause["text"])), Text(clean(_sides(clause)), style="dim"))
    return table


def _sides(clause: Mapping[str, Any]) -> str:
    value, threshold = clause["value"], clause["threshold"]
    return "" if threshold is None else f"  {value} against {threshold}"


def _indented(content: RenderableType) -> Padding:
    return Padding(content, (0, 0, 0, _INDENT))
