"""A rehearsed run in words: what was found, what would run, and what would stop it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from txmon.report.tables import WIDTH, grid, stacked, title, unbroken
from txmon.report.words import clean, count, listed, moment, several, size

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import RenderableType

    from txmon.rehearsal import Problem, Rehearsal, RuleSeen, Span
    from txmon.sinks import Target
    from txmon.sources import FileSeen

_WHERE = {"run": "run folder", "table": "table", "delta": "Delta table"}


def rehearsal_report(found: Rehearsal, *, width: int = WIDTH) -> list[RenderableType]:
    """What a rehearsal found, for people.

    Args:
        found: the rehearsal.
        width: columns of the page.
    """
    return stacked(
        (
            _head(found),
            _files(found.files, width),
            _left_out(found),
            _rejected(found.files),
            _columns(found.files),
            _rules(found.rules),
            _history(found),
            _outputs(found.outputs),
            _verdict(found.problems),
        )
    )


def _head(found: Rehearsal) -> Iterator[RenderableType]:
    yield Text("Dry run: nothing is written", style="bold")
    if found.pack is not None:
        rules = several(len(found.pack.parameters), "rule")
        yield Text(f"{found.pack.name} {found.pack.version}  {rules}", style="dim")


def _files(files: tuple[FileSeen, ...], width: int) -> Iterator[RenderableType]:
    if not files:
        return
    table = grid(width, "left", "left", "right", "right", "left")
    for seen in files:
        rows = "" if seen.rows is None else several(seen.rows, "row")
        bytes_ = "" if seen.bytes is None else size(seen.bytes)
        wrong = "" if seen.problem is None else "cannot be read"
        table.add_row(seen.role, seen.form or "", bytes_, rows or wrong, clean(seen.name))
    yield title("Files")
    yield table


def _left_out(found: Rehearsal) -> Iterator[RenderableType]:
    """Files that cannot be read and would not stop the run."""
    fatal = {problem.message for problem in found.problems}
    told = [seen.problem for seen in found.files if seen.problem and seen.problem not in fatal]
    if told:
        yield Text("Would be left out", style="bold yellow")
        yield from (Text(clean(reason)) for reason in told)


def _rejected(files: tuple[FileSeen, ...]) -> Iterator[RenderableType]:
    """Rows that would be rejected among those looked at."""
    told = [seen for seen in files if seen.rejected]
    if told:
        yield Text("Would be rejected", style="bold yellow")
    for seen in told:
        some = "" if seen.checked == seen.rows else "the first "
        rows = f"{count(sum(seen.rejected.values()))} of {some}{several(seen.checked, 'row')}"
        yield Text(f"{clean(seen.name)}: {rows}: {listed(seen.rejected)}")


def _columns(files: tuple[FileSeen, ...]) -> Iterator[RenderableType]:
    """Files with the same columns told of once."""
    groups: dict[str, list[FileSeen]] = {}
    for seen in files:
        if seen.mapped:
            groups.setdefault(repr((seen.mapped, seen.ignored)), []).append(seen)
    for group in groups.values():
        names = "" if len(groups) == 1 else f" of {clean(group[0].name)}"
        more = f" and {several(len(group) - 1, 'more file')}" if names and len(group) > 1 else ""
        yield title(f"Columns{names}{more}")
        yield from _mapped(group[0])


def _mapped(seen: FileSeen) -> Iterator[RenderableType]:
    same = [name for name, made in seen.mapped.items() if made == (name,)]
    if same:
        yield Text(f"as they are: {', '.join(same)}")
    for name, made in seen.mapped.items():
        if made != (name,):
            yield Text(f"{name} from {clean(', '.join(made)) or 'a constant'}")
    if seen.ignored:
        yield Text(f"ignored: {clean(', '.join(seen.ignored))}", style="dim")


def _rules(rules: tuple[RuleSeen, ...]) -> Iterator[RenderableType]:
    if not rules:
        return
    lacking = [rule for rule in rules if rule.missing]
    yield title("Rules")
    yield Text(f"{count(len(rules) - len(lacking))} of {several(len(rules), 'rule')} can run")
    for rule in lacking:
        names = ", ".join(rule.missing)
        yield Text(f"{rule.rule_id} ({rule.severity}) cannot: the data lacks {names}")


def _history(found: Rehearsal) -> Iterator[RenderableType]:
    if found.pack is None or not any(seen.rows or seen.checked for seen in found.files):
        return
    zone, told = found.pack.timezone, found.history
    yield title("Time")
    past = any(seen.role == "history" for seen in found.files)
    for role, span in (("input", told.input), *((("history", told.history),) if past else ())):
        yield Text(f"{role}: {_span(span, zone)}")
    if told.overlaps:
        yield Text("Input and history overlap: a row in both counts as input")
    if told.both:
        yield Text(f"Given as both: {clean(', '.join(told.both))}; they count as input")
    if told.wanted and told.data_start and told.data_start > told.wanted:
        yield Text(
            f"The rules look back to {moment(told.wanted, zone)}, and the data begins at"
            f" {moment(told.data_start, zone)}: alerts whose windows reach before it say"
            " history_complete: false"
        )


def _span(span: Span | None, zone: str) -> str:
    if span is None:
        return "known only after reading"
    return f"{moment(span.first, zone)} to {moment(span.last, zone)}, {zone}"


def _outputs(outputs: tuple[Target, ...]) -> Iterator[RenderableType]:
    if not outputs:
        return
    yield title("Output")
    for place in outputs:
        yield unbroken(f"{clean(place.path)}: {_WHERE[place.kind]}, {_state(place)}")


def _state(place: Target) -> str:
    if place.problem is not None:
        return "cannot be written"
    if place.run is not None:
        return f"{place.run} would be replaced"
    if place.kind == "table" and place.there:
        return "would be replaced"
    return "is there and can be written" if place.there else "would be made"


def _verdict(problems: tuple[Problem, ...]) -> Iterator[RenderableType]:
    if not problems:
        yield Text("It would run.", style="bold green")
        return
    yield Text(f"It would stop: {several(len(problems), 'problem')}", style="bold red")
    for problem in problems:
        yield from (unbroken(clean(line)) for line in str(problem).splitlines())
