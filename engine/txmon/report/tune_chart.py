"""A sweep as a chart: an image, or one page with the chart and the figures; needs Matplotlib."""

from __future__ import annotations

import io
from html import escape
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.figure import Figure

from txmon.errors import OutputError
from txmon.report.tune import MARK, NOT_INNOCENT, percent
from txmon.report.words import count, several

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from matplotlib.axes import Axes

    from txmon.authoring.tuning.axes import Axis
    from txmon.authoring.tuning.run import Tuning

_SETTINGS: Any = {"svg.hashsalt": "txmon", "svg.fonttype": "none", "font.size": 9}
"""Ids within an SVG that do not change, texts as texts."""

_FIGURES = {"alerts": "Alerts", "found": "Labelled cases found"}
_DARK, _PRESENT = "#1f4e79", "#c00000"
_MOST_CELLS = 600
"""Cells of a table of two params that are written into with their numbers."""

_PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>{title}</title>
<style>
body {{ font: 15px/1.45 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; color: #222; }}
svg {{ max-width: 100%; height: auto; }}
table {{ border-collapse: collapse; font-size: 13px; }}
th, td {{ padding: .2rem .7rem; text-align: right; border-bottom: 1px solid #e3e3e3; }}
tr.present {{ background: #fdeaea; font-weight: 600; }}
p.note {{ color: #555; }}
</style>
</head>
<body>
<h1>{title}</h1>
{notes}
{chart}
<table>
<thead><tr>{headers}</tr></thead>
<tbody>
{rows}
</tbody>
</table>
</body>
</html>
"""


def draw_tuning(found: Tuning, path: Path) -> None:
    """Write the chart of a sweep: ``.png``, ``.svg``, or ``.html`` with the figures below it.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".html":
            path.write_text(_page(found), encoding="utf-8")
        else:
            path.write_bytes(_image(found, path.suffix.removeprefix(".")))
    except OSError as error:
        raise OutputError(f"the chart cannot be written to {path}: {error}") from error


def _image(found: Tuning, form: str) -> bytes:
    held = io.BytesIO()
    with mpl.rc_context(_SETTINGS):
        figure = _figure(found)
        metadata = {"Date": None} if form == "svg" else {"Software": None}
        figure.savefig(held, format=form, dpi=150, metadata=metadata, bbox_inches="tight")
    return held.getvalue()


def _figure(found: Tuning) -> Figure:
    names = [name for name in _FIGURES if name in found.grid.columns]
    if len(found.axes) == 2:  # noqa: PLR2004 - rows and columns
        size = [4.2 + 0.34 * len(found.axes[1].values), 2.2 + 0.26 * len(found.axes[0].values)]
        figure = Figure(figsize=(size[0] * len(names), size[1]), layout="constrained")
        for place, name in enumerate(names):
            _heat(found, name, figure.add_subplot(1, len(names), place + 1))
    else:
        wide, high = len(found.axes), len(names)
        figure = Figure(figsize=(5.2 * wide, 3.1 * high), layout="constrained")
        for down, name in enumerate(names):
            for across, axis in enumerate(found.axes):
                _line(found, name, axis, figure.add_subplot(high, wide, down * wide + across + 1))
    figure.suptitle(_title(found))
    return figure


def _title(found: Tuning) -> str:
    choices, payments = several(found.grid.height, "choice"), several(found.rows, "payment")
    return f"{found.rule}: {choices} over {payments}"


def _heat(found: Tuning, name: str, axes: Axes) -> None:
    """Two params: a cell a choice, the darker the more; the present one framed."""
    down, across = found.axes
    numbers = found.grid[name].to_numpy().reshape(len(down.values), len(across.values))
    # Counts fall steeply along a param: by their roots the small ones can be told apart, too.
    shown = np.sqrt(numbers.astype(np.float64))
    axes.imshow(shown, cmap="Blues", aspect="auto", vmin=0)
    if numbers.size <= _MOST_CELLS:
        for (row, column), number in np.ndenumerate(numbers):
            light = shown[row, column] > 0.6 * shown.max()
            colour = "white" if light else "black"
            axes.text(
                column, row, count(int(number)), ha="center", va="center", color=colour, fontsize=7
            )
    axes.add_patch(_frame(across.present, down.present))
    axes.set_xticks(range(len(across.values)), across.values, rotation=60, ha="right")
    axes.set_yticks(range(len(down.values)), down.values)
    axes.set(xlabel=across.param, ylabel=down.param, title=_FIGURES[name])


def _frame(column: int, row: int) -> Any:
    corner = (column - 0.5, row - 0.5)
    return mpl.patches.Rectangle(corner, 1, 1, fill=False, edgecolor=_PRESENT, linewidth=2)


def _line(found: Tuning, name: str, axis: Axis, axes: Axes) -> None:
    """One param along its values, the others at their present ones."""
    others = [
        pl.col(other.param) == other.values[other.present]
        for other in found.axes
        if other is not axis
    ]
    line = found.grid.filter(others) if others else found.grid
    places = axis.numbers if axis.ordered else tuple(map(float, range(len(axis.values))))
    numbers = line[name].to_list()
    axes.plot(places, numbers, marker="o", markersize=4, color=_DARK)
    axes.plot(places[axis.present], numbers[axis.present], "o", markersize=9, color=_PRESENT)
    axes.annotate(
        f"now: {count(numbers[axis.present])}",
        (places[axis.present], numbers[axis.present]),
        textcoords="offset points",
        xytext=(8, 8),
        color=_PRESENT,
        bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1},
    )
    axes.set_xticks(places, axis.values, rotation=60, ha="right")
    axes.set(xlabel=axis.param, title=_FIGURES[name], ylim=(0, 1.15 * max(1, *numbers)))
    axes.grid(visible=True, axis="y", color="#e3e3e3")
    axes.spines[["top", "right"]].set_visible(False)


def _page(found: Tuning) -> str:
    whole = _image(found, "svg").decode("utf-8")
    chart = whole[whole.index("<svg") :]  # within a page no XML head may stand
    return _PAGE.format(
        title=escape(_title(found)),
        notes="\n".join(f'<p class="note">{escape(line)}</p>' for line in _notes(found)),
        chart=chart,
        headers="".join(f"<th>{escape(name)}</th>" for name in _headers(found)),
        rows="\n".join(_rows(found)),
    )


def _notes(found: Tuning) -> Iterator[str]:
    for axis in found.axes:
        yield f"{axis.param}: now {axis.values[axis.present]}"
    if found.labels is not None:
        outside = several(found.labels.outside, "case")
        cases = several(found.labels.cases, "labelled case")
        yield f"{cases} in these payments; {outside} outside them."
        if not found.honest:
            yield NOT_INNOCENT


def _headers(found: Tuning) -> list[str]:
    share = "precision" if found.honest else "labelled share"
    more = ("labelled", share, "cases", "recall", f"lost after, {found.currency}")
    names = [axis.param for axis in found.axes]
    return [*names, "alerts", "hits", "subjects", *(more if found.labels is not None else ())]


def _rows(found: Tuning) -> Iterator[str]:
    for row in found.grid.to_dicts():
        mark = ' class="present"' if row["present"] else ""
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in _cells(found.axes, row))
        yield f"<tr{mark}>{cells}</tr>"


def _cells(axes: Sequence[Axis], row: dict[str, Any]) -> Iterator[str]:
    for place, axis in enumerate(axes):
        yield f"{MARK * (row['present'] and not place)}{row[axis.param]}"
    yield from (count(row[name]) for name in ("alerts", "hits", "subjects"))
    if "found" in row:
        yield from (count(row["labelled"]), percent(row["precision"]), count(row["found"]))
        yield from (percent(row["recall"]), count(round(row["lost_after"])))
