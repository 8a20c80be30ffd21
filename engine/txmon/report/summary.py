"""A run in words and tables: rows, rules, time, the gravest alerts, and where the files are."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING

from rich.text import Text

from txmon.model import SEVERITIES
from txmon.report.alerts import SEVERITY_STYLES, gravest_alerts
from txmon.report.tables import WIDTH, grid, headed, roomy, stacked, title, unbroken
from txmon.report.words import clean, count, listed, moment, seconds, several

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import polars as pl
    from rich.console import RenderableType

    from txmon.results import Counts, RuleSummary, SkippedFile, Summary
    from txmon.scoring import Result

SHADOW = "shadow"
_DAY = timedelta(days=1)
"""What a day of the pack's zone may be off from one of UTC."""

_OTHER_STAGES = frozenset({"load rules", "load engine"})
"""Stages whose time does not grow with the data: left out of the throughput."""


def run_report(
    result: Result, zone: str, files: Mapping[Path, int | None], *, width: int = WIDTH
) -> list[RenderableType]:
    """What a run found, for people.

    Args:
        result: the run.
        zone: the zone of the pack; times are shown on its clocks.
        files: every file written, with its rows; the first is the manifest.
        width: columns of the page.
    """
    summary = result.summary
    rules = _gravest_first(summary.rules)
    return stacked(
        (
            _head(summary, zone),
            _rows(summary, result.rejected, width),
            _skipped(summary.skipped),
            _rules([rule for rule in rules if rule.status != SHADOW], width, "Rules"),
            _rules([rule for rule in rules if rule.status == SHADOW], width, "In shadow"),
            _exceptions(summary),
            _unknowns(rules),
            _unavailable(rules),
            _drafts(summary),
            _time(summary),
            *gravest_alerts(result.alerts, zone),
            _files(files, width),
        )
    )


def _head(summary: Summary, zone: str) -> Iterator[RenderableType]:
    rules = several(len(summary.rules), "rule")
    head = Text(f"{summary.pack} {summary.pack_version}", style="bold")
    yield head.append(f"  {rules}, txmon {summary.versions.txmon}", style="dim not bold")
    if summary.first_event_time is not None and summary.last_event_time is not None:
        first, last = summary.first_event_time, summary.last_event_time
        yield Text(f"{moment(first, zone)} to {moment(last, zone)}, {zone}")


def _rows(summary: Summary, rejected: pl.DataFrame, width: int) -> Iterator[RenderableType]:
    yield title("Rows")
    table = grid(width, "left", "right", "left")
    reasons = _reasons(rejected, history=False)
    for name, number in _kinds(summary.counts):
        table.add_row(name, count(number), listed(reasons) if name == "rejected" else "")
    if summary.history.read:
        table.add_row("history", count(summary.history.read), _history(summary, rejected))
    yield table


def _kinds(counts: Counts) -> Iterator[tuple[str, int]]:
    """What became of the rows; late ones exist in streams only."""
    numbers = counts.model_dump()
    for name in ("read", "accepted", "rejected", "duplicate"):
        yield name, numbers[name]
    if counts.late:
        yield "late", counts.late


def _history(summary: Summary, rejected: pl.DataFrame) -> str:
    told = [
        f"{number:,} {name}"
        for name, number in _kinds(summary.history)
        if name != "read" and number
    ]
    reasons = listed(_reasons(rejected, history=True))
    return ", ".join(told) + (f": {reasons}" if reasons else "")


def _reasons(rejected: pl.DataFrame, *, history: bool) -> Counter[str]:
    pairs = zip(rejected["reason"].to_list(), rejected["history"].to_list(), strict=True)
    return Counter(str(reason) for reason, past in pairs if past is history)


def _gravest_first(rules: Iterable[RuleSummary]) -> list[RuleSummary]:
    return sorted(rules, key=lambda rule: (-SEVERITIES.index(rule.severity), rule.rule_id))


def _rules(rules: list[RuleSummary], width: int, heading: str) -> Iterator[RenderableType]:
    ran = [rule for rule in rules if rule.unavailable is None]
    if not ran:
        return
    history = "insufficient\nhistory" if roomy(width) else "insuff.\nhistory"
    headers = ("rule", "severity", "alerts", "hits", "folded", "unknown", history)
    table = headed(width, *headers, "not\napplicable", numbers_from=2)
    table.columns[0].footer = "all rules"
    for rule in ran:
        name = Text(rule.rule_id, style="bold" if rule.alerts else "")
        severity = Text(rule.severity, style=SEVERITY_STYLES[rule.severity])
        table.add_row(name, severity, *(_number(number) for number in _numbers(rule)))
    totals = [sum(column) for column in zip(*map(_numbers, ran), strict=True)]
    for place, (column, total) in enumerate(zip(table.columns[2:], totals, strict=True)):
        # Outcomes of one row under several rules do not add up to anything.
        column.footer = count(total) if place <= 2 else ""  # noqa: PLR2004
    yield title(heading)
    yield table


def _numbers(rule: RuleSummary) -> tuple[int, ...]:
    said = rule.outcomes
    rest = (said["unknown"], said["insufficient_history"], said["not_applicable"])
    return (rule.alerts, rule.alerts + rule.folded + rule.excepted, rule.folded, *rest)


def _exceptions(summary: Summary) -> Iterator[RenderableType]:
    """Every exception of the pack with the hits that it took out; one that ended says so."""
    if not summary.exceptions:
        return
    yield title("Exceptions")
    first = summary.first_event_time
    for entry in summary.exceptions:
        values = (f"{name} {', '.join(texts)}" for name, texts in entry.values.items())
        over = first is not None and entry.until < first.date() - _DAY
        told = "; it ended before these payments" if over else ""
        hits = several(entry.hits, "hit")
        words = (
            f"{entry.id} ({entry.owner}, until {entry.until}): {'; '.join(values)}: {hits}{told}"
        )
        yield Text(clean(words))


def _number(number: int) -> Text:
    return Text(count(number), style="" if number else "dim")


def _unknowns(rules: list[RuleSummary]) -> Iterator[RenderableType]:
    told = [
        *((rule.rule_id, listed(rule.unknown_causes)) for rule in rules if rule.unknown_causes),
        *(
            (rule.rule_id, f"{several(rows, 'row')} not counted in {feature}: its where is unknown")
            for rule in rules
            for feature, rows in rule.skipped.items()
            if rows
        ),
    ]
    if told:
        yield title("Unknown, and why")
        yield from (Text(f"{rule}: {words}") for rule, words in told)


def _skipped(files: Sequence[SkippedFile]) -> Iterator[RenderableType]:
    """Files that were left out, and why."""
    if files:
        yield Text(
            f"Left out: {several(len(files), 'file')} that cannot be read", style="bold yellow"
        )
        yield from (Text(clean(file.reason)) for file in files)


def _unavailable(rules: list[RuleSummary]) -> Iterator[RenderableType]:
    told = [rule.unavailable for rule in rules if rule.unavailable is not None]
    if told:
        yield Text(f"Did not run: {several(len(told), 'rule')}", style="bold yellow")
        yield from (Text(clean(reason)) for reason in told)


def _drafts(summary: Summary) -> Iterator[RenderableType]:
    if summary.drafts:
        told = f"{several(len(summary.drafts), 'draft')}: {', '.join(summary.drafts)}"
        yield Text(f"Did not run: {told}; a draft runs if it is selected by its id", style="yellow")


def _time(summary: Summary) -> Iterator[RenderableType]:
    stages = summary.seconds
    if not stages:
        return
    rows = summary.counts.read + summary.history.read
    took = sum(number for name, number in stages.items() if name not in _OTHER_STAGES)
    speed = f"; {count(round(rows / took))} rows/s once rules and engine are loaded" if took else ""
    told = ", ".join(f"{name} {seconds(number)}" for name, number in stages.items())
    yield title("Time")
    yield Text(told)
    yield Text(f"{seconds(sum(stages.values()))} in all{speed}")


def _files(files: Mapping[Path, int | None], width: int) -> Iterator[RenderableType]:
    if not files:
        return
    yield title("Files")
    longest = max(len(str(path)) for path in files)
    for path, rows in files.items():
        told = "" if rows is None else several(rows, "row")
        gap = " " * (longest - len(str(path)) + 2) if longest + len(told) + 2 <= width else "  "
        yield unbroken(f"{clean(str(path))}{gap}{told}".rstrip())
