"""What a rule saw of an entity as a picture: each clause's value and threshold over time."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import matplotlib as mpl
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter, date2num
from matplotlib.figure import Figure
from matplotlib.ticker import StrMethodFormatter

from txmon.errors import OutputError
from txmon.report.words import clean, moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from matplotlib.axes import Axes

    from txmon.authoring import ClauseSeen, RowSeen, Why

SUFFIXES = (".png", ".svg", ".html")
MOST_PANELS = 8
"""Clauses with numbers that get a panel; more would be too small to read."""

INK, FAINT, VALUE, LIMIT, ALERT = "#1f2933", "#9aa5b1", "#2563a8", "#b45309", "#c0262d"
_STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "txmon",
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
}
_UNITS = ((172_800.0, 86_400.0, "days"), (7_200.0, 3_600.0, "hours"), (120.0, 60.0, "minutes"))

Point = tuple[float, "ClauseSeen", tuple[str, ...]]
"""A time as Matplotlib counts it, a clause as it was seen then, and the timeline it was seen on."""


def plot_why(answer: Why, path: Path) -> None:
    """Draw what a rule saw of an entity into a file.

    A panel for each clause that compares numbers, its threshold dashed, and one that says of the
    others where they were true; alerts are lines through all of them. Values of one timeline are
    joined. Times are on the clocks of the pack's zone.

    Args:
        answer: the answer of ``txmon.authoring.why``.
        path: a name that ends in .png, .svg or .html.

    Raises:
        OutputError: there is nothing to draw, or the file cannot be written.
    """
    judged = [row for row in answer.rows if row.clauses]
    if not judged:
        raise OutputError(f"{answer.rule} judged no row of {answer.entity}: nothing to draw")
    with mpl.rc_context(_STYLE):
        _save(_figure(answer, judged), path, f"{answer.rule}: {answer.entity}")


def _figure(answer: Why, judged: Sequence[RowSeen]) -> Figure:
    numbers, others = _by_clause(judged)
    shown = dict(list(numbers.items())[:MOST_PANELS])
    heights = [1.0] * len(shown) + ([0.25 + 0.22 * len(others)] if others else [])
    figure = Figure(figsize=(10, 1.5 + 1.45 * sum(heights)), layout="constrained")
    grid = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)
    panels: list[Axes] = [row[0] for row in grid]
    for panel, (name, points) in zip(panels, shown.items(), strict=False):
        _numbers(panel, name, points)
    if others:
        _truths(panels[-1], others)
    for panel in panels:
        _alerts(panel, answer)
    zone = ZoneInfo(answer.zone)
    locator = AutoDateLocator(tz=zone)  # type: ignore[no-untyped-call]  # Matplotlib has no types here
    panels[-1].xaxis.set_major_locator(locator)
    formatter = ConciseDateFormatter(locator, tz=zone)  # type: ignore[no-untyped-call]  # likewise
    panels[-1].xaxis.set_major_formatter(formatter)
    figure.suptitle(_title(answer), x=0.01, ha="left", fontsize=11, fontweight="bold")
    figure.supxlabel(f"{_legend(answer)}   times of {answer.zone}", fontsize=8, x=0.01, ha="left")
    return figure


def _by_clause(
    judged: Sequence[RowSeen],
) -> tuple[dict[str, list[Point]], dict[str, list[Point]]]:
    """Where each clause was seen: those that compare numbers, and the others."""
    found: dict[str, list[Point]] = {}
    for row in judged:
        for clause in row.clauses:
            level = "" if clause.level is None else f"level {clause.level}: "
            part = "" if clause.part in {"when", "path"} else f"{clause.part}: "
            point = _time(row.event_time), clause, row.timeline
            found.setdefault(f"{level}{part}{clause.text}", []).append(point)
    measured = {name for name, points in found.items() if any(_is_number(c) for _, c, _ in points)}
    numbers = {name: points for name, points in found.items() if name in measured}
    return numbers, {name: points for name, points in found.items() if name not in measured}


def _time(moment: datetime) -> float:
    number: float = date2num(moment)  # type: ignore[no-untyped-call]  # likewise
    return number


def _is_number(clause: ClauseSeen) -> bool:
    return clause.number is not None and clause.limit is not None


def _numbers(panel: Axes, name: str, points: Sequence[Point]) -> None:
    """The value of a clause over time, filled where the clause is true, and its threshold."""
    known = [point for point in points if _is_number(point[1])]
    limits = [clause.limit or 0.0 for _, clause, _ in known]
    scale, unit = _unit(known[0][1], [*limits, *(clause.number or 0.0 for _, clause, _ in known)])
    heights = [limit / scale for limit in limits]
    times = [time for time, _, _ in known]
    panel.plot(times, heights, "--", color=LIMIT, lw=1.2, drawstyle="steps-post")
    for line in dict.fromkeys(line for _, _, line in known):
        some = [(time, (c.number or 0.0) / scale) for time, c, own in known if own == line]
        panel.plot(*zip(*some, strict=True), "-", color=VALUE, lw=0.8, alpha=0.4)
    for result, face in ((True, VALUE), (False, "white")):
        told = [(t, (c.number or 0.0) / scale) for t, c, _ in known if bool(c.result) is result]
        if told:
            panel.plot(*zip(*told, strict=True), "o", ms=4.5, mfc=face, mec=VALUE, mew=1.1)
    _dressed(panel, name, unit)
    text, place = f" {known[-1][1].threshold}", (1.0, heights[-1])
    edge = ("axes fraction", "data")
    panel.annotate(text, place, xycoords=edge, color=LIMIT, fontsize=8, va="center")


def _dressed(panel: Axes, name: str, unit: str) -> None:
    panel.set_title(clean(name), loc="left", fontsize=9, color=INK)
    panel.set_ylabel(unit, fontsize=8)
    panel.margins(x=0.02, y=0.15)
    panel.grid(axis="y", color="#e4e7eb", lw=0.6)
    panel.locator_params(axis="y", nbins=4)
    panel.yaxis.set_major_formatter(StrMethodFormatter("{x:,g}"))


def _unit(clause: ClauseSeen, values: Sequence[float]) -> tuple[float, str]:
    """By what to divide values so that they read well, and the name of the unit."""
    if not _is_duration(clause):
        return 1.0, ""
    most = max(map(abs, values))
    return next(((size, name) for least, size, name in _UNITS if most >= least), (1.0, "seconds"))


def _is_duration(clause: ClauseSeen) -> bool:
    """Whether values are durations: their texts end in a unit of time."""
    return any(
        text is not None and text[:1].isdigit() and text.endswith(("d", "h", "min", "s"))
        for text in (clause.value, clause.threshold)
    )


def _truths(panel: Axes, clauses: dict[str, list[Point]]) -> None:
    """Where clauses without numbers were true (filled), false (hollow) or unknown (grey)."""
    faces = {True: VALUE, False: "white", None: FAINT}
    for place, points in enumerate(clauses.values()):
        for result, face in faces.items():
            times = [time for time, clause, _ in points if clause.result is result]
            panel.plot(times, [place] * len(times), "s", ms=4.5, mfc=face, mec=VALUE, mew=1.0)
    panel.set_yticks(range(len(clauses)), [clean(name) for name in clauses], fontsize=8)
    panel.set_ylim(len(clauses) - 0.5, -0.5)
    panel.spines["left"].set_visible(False)
    panel.tick_params(axis="y", length=0)


def _alerts(panel: Axes, answer: Why) -> None:
    for row in answer.rows:
        if row.hit in {"raised", "folded"}:
            solid = row.hit == "raised"
            panel.axvline(
                _time(row.event_time),
                color=ALERT,
                lw=1.2 if solid else 0.7,
                ls="-" if solid else ":",
                zorder=0,
            )


def _title(answer: Why) -> str:
    row = answer.closest
    if row is None or any(one.hit for one in answer.rows):
        return clean(f"{answer.rule}: {answer.entity}")
    far = "; ".join(row.reasons)
    near = f"closest: {moment(row.event_time, answer.zone)}, {far}"
    return clean(f"{answer.rule}: {answer.entity}\n{near}"[:180])


def _legend(answer: Why) -> str:
    told = "filled: true, hollow: false, dashed: threshold"
    hits = {row.hit for row in answer.rows}
    told += "; red: alert" if "raised" in hits else "; no alert"
    return f"{told}; dotted red: folded" if "folded" in hits else told


def _save(figure: Figure, path: Path, title: str) -> None:
    """Write a figure; without dates in it, so that the same answer gives the same file."""
    drawn = io.BytesIO()
    if path.suffix == ".png":
        figure.savefig(drawn, format="png", dpi=150, metadata={"Software": None})
    else:
        figure.savefig(drawn, format="svg", metadata={"Date": None})
    content = drawn.getvalue()
    if path.suffix == ".html":
        content = _page(content.decode(), title).encode()
    try:
        path.write_bytes(content)
    except OSError as error:
        raise OutputError(f"the picture cannot be written to {path}: {error}") from error


def _page(drawing: str, title: str) -> str:
    """A page of its own with the drawing in it: nothing is loaded from elsewhere."""
    svg = drawing[drawing.index("<svg") :]
    head = f'<meta charset="utf-8"><title>{escape(clean(title))}</title>'
    style = "<style>body{margin:2em;font-family:sans-serif}svg{max-width:100%;height:auto}</style>"
    return f"<!doctype html><html><head>{head}{style}</head><body>{svg}</body></html>\n"
