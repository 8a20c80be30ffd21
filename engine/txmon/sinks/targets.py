"""Whether something could be written where it is asked for, found out without writing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from txmon.errors import OutputError
from txmon.results import Frozen
from txmon.sinks.runs import MANIFEST, locked, manifest_of


class Target(Frozen):
    """A place to write to.

    Attributes:
        kind: a folder of a run, a file with a table, or a Delta table.
        path: where.
        there: whether something is there already.
        run: the run that it holds now and that a new one would replace.
        problem: why it cannot be written, as far as that can be told.
    """

    kind: Literal["run", "table", "delta"]
    path: str
    there: bool = False
    run: str | None = None
    problem: str | None = None


def target(kind: str, path: str | Path) -> Target:
    """What stands where something is to be written, and whether it could be.

    Args:
        kind: ``run``, ``table`` or ``delta``, as in ``Target``.
        path: of the folder, the file or the Delta table; a table in a store is not looked at.
    """
    return {"run": _run, "table": _table, "delta": _delta}[kind](str(path))


def _run(out: str) -> Target:
    folder = Path(out)
    held = manifest_of(folder)
    return Target(
        kind="run",
        path=out,
        there=folder.exists(),
        run=None if held is None else held.run,
        problem=_of_folder(folder) or _of_run(folder, ours=held is not None),
    )


def _table(file: str) -> Target:
    path = Path(file)
    return Target(kind="table", path=file, there=path.exists(), problem=_of_folder(path.parent))


def _delta(table: str) -> Target:
    if "://" in table:
        return Target(kind="delta", path=table)
    folder = Path(table)
    return Target(kind="delta", path=table, there=folder.exists(), problem=_of_folder(folder))


def _of_folder(folder: Path) -> str | None:
    """Why no file can be made in a folder that is there, or that would have to be made."""
    nearest = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    if not nearest.is_dir():
        return f"{nearest} is a file, not a folder"
    if not os.access(nearest, os.W_OK | os.X_OK):
        return f"the folder {nearest} may not be written"
    return None


def _of_run(folder: Path, *, ours: bool) -> str | None:
    if not folder.is_dir():
        return None
    if (folder / MANIFEST).exists() and not ours:
        return f"{folder / MANIFEST} is none of ours; give a folder of its own"
    try:
        with locked(folder):
            return None
    except OutputError as error:
        return str(error)
