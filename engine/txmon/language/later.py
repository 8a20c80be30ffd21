"""Sequences: read and checked as far as they go, then refused in words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.conditions import read_condition
from txmon.language.lengths import read_length, read_whole
from txmon.language.problems import Code
from txmon.language.scope import Place

if TYPE_CHECKING:
    from txmon.language.problems import Faults, Path
    from txmon.language.scope import Scope
    from txmon.model import SequenceDocument

STEP = re.compile(r"(absent )?([A-Za-z][A-Za-z0-9_]*)(\{(\w+),(\w*)\})?")


def step_names(document: SequenceDocument | None) -> tuple[tuple[str, Path], ...]:
    """The keys of a sequence's steps with their paths."""
    if document is None:
        return ()
    base: Path = ("sequence", "steps")
    return tuple(
        (key, (*base, position, key))
        for position, step in enumerate(document.steps)
        for key in step
    )


def check_sequence(document: SequenceDocument, scope: Scope, faults: Faults) -> None:
    """Report what is wrong with a sequence, and that it is not available yet."""
    if document.within is not None:
        faults.extend(("sequence", "within"), read_length(document.within, scope)[1])
    if document.search_limit is not None:
        faults.extend(("sequence", "search_limit"), read_whole(document.search_limit, scope)[1])
    if not document.steps:
        faults.whole(("sequence", "steps"), Code.SEQUENCE, "a sequence needs steps")
    steps: dict[str, bool] = {}
    for position, step in enumerate(document.steps):
        path: Path = ("sequence", "steps", position)
        if len(step) != 1:
            message = "a step is one name with its condition"
            faults.whole(path, Code.SEQUENCE, message, "begin each step with a - of its own")
        for key, value in step.items():
            _step_key(key, (*path, key), faults, steps)
            seen = replace(scope.at(Place.STEP), steps=steps)
            _, problems = read_condition(value.when, seen, "a step's condition")
            faults.extend((*path, key, "when"), problems)
            if value.within is not None:
                faults.extend((*path, key, "within"), read_length(value.within, scope)[1])
    faults.key(("sequence",), Code.LATER, "not available yet: sequences")


def _step_key(key: str, path: Path, faults: Faults, steps: dict[str, bool]) -> None:
    match = STEP.fullmatch(key)
    if match is None:
        message = f"'{key}' cannot name a step"
        faults.key(path, Code.SEQUENCE, message, "write: name, name{2,5}, name{2,} or absent name")
        return
    if match[2] in steps:
        faults.key(path, Code.NAME_CLASH, f"step '{match[2]}' stands twice")
    steps[match[2]] = match[3] is not None
