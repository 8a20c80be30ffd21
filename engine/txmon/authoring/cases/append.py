"""Cases added to a case file: put behind those that are there, all else left as it is."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from txmon.errors import OutputError
from txmon.packs import read_document
from txmon.packs.tree import Fields, Items

if TYPE_CHECKING:
    from collections.abc import Sequence

_USUAL = 2
"""Spaces before the ``-`` of a case as cases are made here."""


def append_cases(file: Path, cases: Sequence[str], *, note: str = "") -> None:
    """Add cases to a file that has some already; comments and all else stay as they are.

    Args:
        file: the case file.
        cases: texts of cases, each a list item with two spaces before its ``-``.
        note: lines of comment before them.

    Raises:
        OutputError: the file has no list of cases in lines of its own, or cannot be written.
    """
    tree, _ = read_document(file)
    found = tree.get("cases") if isinstance(tree, Fields) else None
    if not isinstance(tree, Fields) or not isinstance(found, Items) or not _in_lines(found):
        message = f"{file}: cases are added where there are some, each on lines of its own"
        raise OutputError(message)
    text = found.source.text
    column = found.source.location(_first(found), _first(found) + 1).column - 1 - len("- ")
    added = indent(note, " " * column) + "".join(_moved(case, column) for case in cases)
    end = _behind(tree, text)
    before = text[:end] if text[:end].endswith("\n") else f"{text[:end]}\n"
    try:
        Path(file).write_text(before + added + text[end:], encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror or error}") from error


def _in_lines(cases: Items) -> bool:
    first = cases.items[0] if cases.items else None
    flow = cases.source.text[cases.start : cases.start + 1] == "["
    return isinstance(first, Fields) and not first.flow and not flow


def _first(cases: Items) -> int:
    """Where the first key of the first case stands."""
    case = cases.items[0]
    assert isinstance(case, Fields)  # noqa: S101 - looked at before
    return case.entries[0][0].start


def _moved(case: str, column: int) -> str:
    """A case with its ``-`` in another column."""
    return indent("".join(line[_USUAL:] for line in case.splitlines(keepends=True)), " " * column)


def _behind(tree: Fields, text: str) -> int:
    """Where the list of cases ends: at the next key of the file, or at the end of the text."""
    keys = [key for key, _ in tree.entries]
    place = next(at for at, key in enumerate(keys) if key.text == "cases")
    return keys[place + 1].start if place + 1 < len(keys) else len(text)
