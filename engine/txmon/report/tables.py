"""Tables and labelled lines, the same in a terminal and in a pipe."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import RenderableType

WIDTH = 100
"""Columns of a page; a narrower terminal gets its own width."""

_ROOMY = 90


def grid(width: int, *justify: str) -> Table:
    """A table without lines; one of ``left``, ``right`` for each column."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=_padding(width))
    for side in justify:
        table.add_column(justify="right" if side == "right" else "left", overflow="fold")
    return table


def headed(width: int, *headers: str, numbers_from: int, footer: bool = True) -> Table:
    """A table with headers and a last line of totals; columns from a place on hold numbers."""
    table = Table(
        box=None,
        pad_edge=False,
        padding=_padding(width),
        header_style="dim",
        footer_style="bold",
        show_footer=footer,
    )
    for place, header in enumerate(headers):
        table.add_column(
            header,
            justify="right" if place >= numbers_from else "left",
            overflow="fold",
            vertical="bottom",
        )
    return table


def title(text: str) -> Text:
    """The heading of a section."""
    return Text(text, style="bold")


def unbroken(text: str, style: str = "") -> Text:
    """A line that is never wrapped: paths, which people copy."""
    return Text(text, style=style, no_wrap=True, overflow="ignore")


def stacked(sections: Iterable[Iterable[RenderableType]]) -> list[RenderableType]:
    """Sections with an empty line between them; empty sections are left out."""
    lines: list[RenderableType] = []
    for section in sections:
        held = list(section)
        if held and lines:
            lines.append(Text())
        lines += held
    return lines


def page_of(lines: Iterable[RenderableType]) -> Group:
    """The lines as one thing to print; printed one by one they would forget not to wrap."""
    return Group(*lines)


def plain(lines: Iterable[RenderableType], width: int = WIDTH) -> str:
    """The lines as text without colour, and without blanks at the ends of lines."""
    written = io.StringIO()
    console = Console(file=written, width=width, color_system=None, legacy_windows=False)
    console.print(page_of(lines), crop=False)
    return "".join(f"{line.rstrip()}\n" for line in written.getvalue().splitlines())


def roomy(width: int) -> bool:
    """Whether a page has room for long headers and wide gaps."""
    return width >= _ROOMY


def _padding(width: int) -> tuple[int, int, int, int]:
    return (0, 2 if roomy(width) else 1, 0, 0)
