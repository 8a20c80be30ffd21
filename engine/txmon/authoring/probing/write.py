"""Boundary tests as cases in a rule's case file, its comments and its other cases untouched."""

from __future__ import annotations

from textwrap import indent
from typing import TYPE_CHECKING

from txmon.authoring.cases.append import append_cases
from txmon.errors import OutputError
from txmon.packs import load_cases
from txmon.packs.cases import cases_beside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from txmon.authoring.probing.probe import Boundary, Point, Probe

_NOTE = """\
# Made by txmon probe from the rule as it is: what it does, not what it should do.
# Somebody who knows the rule should confirm each of the following cases.
"""


def write_cases(probe: Probe) -> tuple[Path, int]:
    """Add the points of a probe to the rule's case file, which is made if there is none.

    A point whose rows are those of a case already, or whose name is taken, is left out.

    Returns:
        The file, and how many cases were added.

    Raises:
        OutputError: the file cannot be read as cases, or cannot be written.
    """
    file = cases_beside(probe.path)
    known = file.is_file()
    document, _, findings = load_cases(file) if known else (None, None, ())
    if findings:
        raise OutputError(f"{file} cannot be added to: {findings[0].message}")
    names = {case.name for case in document.cases} if document else set()
    defaults = tuple(document.row) if document else ()
    cases = list(_cases(probe, names, defaults))
    if cases and known:
        append_cases(file, cases, note=_NOTE)
    elif cases:
        start = next(point.stream.start for one in probe.boundaries for point in one.points)
        head = f"rule: {probe.rule}\nstart: {start.isoformat()}\ncases:\n"
        file.write_text(f"{head}{indent(_NOTE, '  ')}{''.join(cases)}", encoding="utf-8")
    return file, len(cases)


def _cases(probe: Probe, names: set[str], defaults: tuple[str, ...]) -> Iterator[str]:
    """The new cases; the same rows are written once, under their first name."""
    seen: set[str] = set()
    for boundary in probe.boundaries:
        for point in boundary.points:
            name, events = case_name(boundary, point), point.stream.events()
            if not point.known and name not in names and events not in seen:
                names.add(name)
                seen.add(events)
                yield point.stream.case(name, point.stream.old, defaults)


def case_name(boundary: Boundary, point: Point) -> str:
    """What a case is called: the boundary, the side of it, and what the rule does."""
    where = {"inside": "just inside", "at": "exactly at", "outside": "just outside"}[point.position]
    done = "fires" if point.fires else "stays silent"
    return f"{boundary.place}, {boundary.text}: {where} ({point.value}), {done}"
