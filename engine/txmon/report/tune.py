"""A sweep in words and tables: how many alerts each choice raises, what a step changes, samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl
from rich.padding import Padding
from rich.text import Text

from txmon.authoring.tuning.advice import tuning_lines
from txmon.report.tables import WIDTH, headed, stacked, title
from txmon.report.words import clean, count, moment, several

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from txmon.authoring.tuning.advice import Suggestion
    from txmon.authoring.tuning.axes import Axis
    from txmon.authoring.tuning.run import Tuning

NEAR = 3
"""Steps to each side of the present value that are told."""

MOST_LINES = 30
"""Lines of a table of choices; the file and the chart have them all."""

_HEAT = ("dim", "", "yellow", "bold red")
MARK = "*"
"""What stands before the present value."""
UNKNOWN_FALSE = "Without labels nothing is said of which alerts are right: --labels FILE"
NONE_BETTER = (
    "No choice of the grid finds as many labelled cases with fewer alerts, or more with no more."
)
NOT_INNOCENT = "What has no label is not innocent: perhaps nobody has looked."


def tune_report(found: Tuning, *, width: int = WIDTH) -> list[RenderableType]:
    """What a sweep found, for people; ``width`` in columns of the page."""
    return stacked(
        (
            _head(found),
            *_tables(found, width),
            _steps(found),
            _sample(found, found.above, "Just above the line: alerts that a tighter choice loses"),
            _sample(found, found.below, "Just below the line: silence that a looser choice ends"),
            _advice(found),
        )
    )


def _head(found: Tuning) -> Iterator[RenderableType]:
    head = Text(f"{found.rule}", style="bold")
    rejected = f", {count(found.rejected)} rejected" if found.rejected else ""
    size = several(found.grid.height, "choice")
    told = f"  {found.pack}, {size} over {several(found.rows, 'payment')}{rejected}"
    yield head.append(told, style="dim not bold")
    for axis in found.axes:
        values = axis.values
        ends = f"{values[0]}..{values[-1]}" if axis.ordered else ", ".join(values)
        varies = f"; its other values by {axis.varies} stay" if axis.varies else ""
        yield Text(clean(f"{axis.param}  {ends}, {MARK} now {values[axis.present]}{varies}"))
    if found.labels is not None:
        outside = f"; {count(found.labels.outside)} lie outside" if found.labels.outside else ""
        lost = f"{count(round(found.labels.lost))} {found.currency} lost"
        yield Text(
            f"{several(found.labels.cases, 'labelled case')} in these payments, {lost}{outside}"
        )


def _tables(found: Tuning, width: int) -> Iterator[Iterable[RenderableType]]:
    """A table for each figure of two params, else one line a choice."""
    if len(found.axes) != 2:  # noqa: PLR2004 - rows and columns
        yield _choices(found, width)
        return
    yield _matrix(found, "alerts", "Alerts", width)
    if found.labels is not None:
        told = f"Labelled cases found, of {count(found.labels.cases)}"
        yield _matrix(found, "found", told, width)


def _matrix(found: Tuning, figure: str, heading: str, width: int) -> Iterator[RenderableType]:
    down, across = found.axes
    numbers = {
        tuple(row[:2]): row[2] for row in found.grid.select(down.param, across.param, figure).rows()
    }
    shares = _shares(found.grid[figure])
    room = max(3, (width - 14) // (2 + max(map(len, [*across.values, "1,000,000"]))))
    rows, columns = _window(down, MOST_LINES), _window(across, room)
    yield title(heading)
    headers = [_marked(across, at) for at in columns]
    table = headed(width, f"{down.param} \\ {across.param}", *headers, numbers_from=1, footer=False)
    for at in rows:
        cells = [numbers[down.values[at], across.values[other]] for other in columns]
        table.add_row(_marked(down, at), *(Text(count(n), style=_heat(n, shares)) for n in cells))
    yield table
    if len(rows) < len(down.values) or len(columns) < len(across.values):
        yield Text("Only values near the present one are shown; --out and --chart have all.", "dim")


def _window(axis: Axis, most: int) -> range:
    """The places of as many values as there is room for, around the present one."""
    size = len(axis.values)
    begin = max(0, min(axis.present - most // 2, size - most))
    return range(begin, min(size, begin + most))


def _marked(axis: Axis, at: int) -> str:
    return clean(f"{MARK if at == axis.present else ''}{axis.values[at]}")


def _shares(values: pl.Series) -> list[float]:
    """The quartiles by which numbers are coloured."""
    return [float(values.quantile(share) or 0) for share in (0.25, 0.5, 0.75)]


def _heat(number: int, quartiles: Sequence[float]) -> str:
    return _HEAT[sum(number > bound for bound in quartiles)]


def _choices(found: Tuning, width: int) -> Iterator[RenderableType]:
    """One line a choice; of very many those nearest to the present one."""
    names = [axis.param for axis in found.axes]
    labelled = found.labels is not None
    more = ("labelled", "precision" if found.honest else "share", "cases", "recall", "lost after")
    headers = (*names, "alerts", "hits", "subjects", *(more if labelled else ()))
    yield title("Choices")
    table = headed(width, *headers, numbers_from=len(names), footer=False)
    quartiles = _shares(found.grid["alerts"])
    rows = found.grid.to_dicts()
    now = next(at for at, row in enumerate(rows) if row["present"])
    begin = max(0, min(now - MOST_LINES // 2, len(rows) - MOST_LINES))
    for row in rows[begin : begin + MOST_LINES]:
        mark = MARK if row["present"] else ""
        told = [clean(f"{mark}{row[names[0]]}"), *(clean(row[name]) for name in names[1:])]
        alerts = Text(count(row["alerts"]), style=_heat(row["alerts"], quartiles))
        table.add_row(*told, alerts, count(row["hits"]), count(row["subjects"]), *_found(row))
    yield table
    if len(rows) > MOST_LINES:
        yield Text(f"{MOST_LINES} of {count(len(rows))} choices are shown; --out has all.", "dim")


def _found(row: Mapping[str, Any]) -> Iterator[str]:
    if "found" in row:
        yield count(row["labelled"])
        yield percent(row["precision"])
        yield count(row["found"])
        yield percent(row["recall"])
        yield count(round(row["lost_after"]))


def percent(share: float | None) -> str:
    """A share in percent, or a dash if there is nothing to share."""
    return "-" if share is None else f"{100 * share:.1f} %"


def _steps(found: Tuning) -> Iterator[RenderableType]:
    """What each step near the present values changes."""
    if found.steps.is_empty():
        return
    yield title("What a step changes, the others as they are")
    for axis in found.axes:
        rows = found.steps.filter(pl.col("param") == axis.param).to_dicts()
        for at, row in enumerate(rows):
            if -NEAR <= at - axis.present < NEAR:
                yield Text(clean(f"{axis.param} from {row['from']} to {row['to']}: {_change(row)}"))


def _change(row: Mapping[str, Any]) -> str:
    told = [_more(row["alerts"], "alert")]
    if "found" in row:
        cases = several(abs(row["found"]), "labelled case")
        gone = "lost" if row["found"] < 0 else "more"
        told.append(f"{cases} {gone}" if row["found"] else "the same number of labelled cases")
    return ", ".join(told)


def _more(number: int, noun: str) -> str:
    if number == 0:
        return f"no {noun} more or fewer"
    return f"{several(abs(number), noun)} {'more' if number > 0 else 'fewer'}"


def _sample(found: Tuning, sample: pl.DataFrame, heading: str) -> Iterator[RenderableType]:
    if sample.is_empty():
        return
    yield title(heading)
    for row in sample.to_dicts():
        head = f"{row['transaction_id']}  {row['subject']}  {moment(row['event_time'], found.zone)}"
        yield Text(clean(head), style="bold").append(clean(f"  with {row['choice']}"), "not bold")
        if row.get("message"):
            yield _indented(row["message"])
        told = [_clause(clause) for clause in row.get("clauses") or () if clause["threshold"]]
        if told:
            yield _indented("; ".join(told), style="dim")


def _indented(text: str, style: str = "") -> Padding:
    return Padding(Text(clean(text), style=style), (0, 0, 0, 4))


def _clause(clause: Mapping[str, Any]) -> str:
    missed = "" if clause["result"] else " (missed)" if clause["result"] is False else " (unknown)"
    return f"{clause['text']}: {clause['value']} against {clause['threshold']}{missed}"


def _advice(found: Tuning) -> Iterator[RenderableType]:
    if found.labels is None:
        yield Text(UNKNOWN_FALSE, style="dim")
        return
    if not found.honest:
        yield Text(
            f"{NOT_INNOCENT} A share of labelled alerts is the least that precision can be.", "dim"
        )
    if not found.suggested:
        yield Text(NONE_BETTER)
        return
    yield title("Better on these labels; try it on other months before you adopt it")
    for one in found.suggested:
        yield Text(clean(_told(found, one)))
    best = found.suggested[0]
    yield Text()
    for line in tuning_lines(found.rule, found.axes, best.params, _reason(best)):
        yield Text(clean(line))


def _told(found: Tuning, one: Suggestion) -> str:
    (now,) = found.grid.filter("present").to_dicts()
    params = ", ".join(f"{name}={text}" for name, text in one.params.items())
    alerts = f"{count(one.figures['alerts'])} alerts instead of {count(now['alerts'])}"
    cases = f"{count(one.figures['found'])} labelled cases instead of {count(now['found'])}"
    return f"{params}: {alerts}, {cases}"


def _reason(one: Suggestion) -> str:
    alerts, found = count(one.figures["alerts"]), count(one.figures["found"])
    return f"{one.reason} on the labelled cases, {alerts} alerts and {found} cases"
