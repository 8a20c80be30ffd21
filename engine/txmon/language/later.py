"""Sequences and graph patterns: read and checked as far as they go, then refused in words."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language import syntax
from txmon.language.check import Checker
from txmon.language.conditions import read_condition
from txmon.language.parse import Parser
from txmon.language.problems import Code, ExpressionError, Problem, did_you_mean
from txmon.language.scan import DURATION, END, NAME, NUMBER
from txmon.language.scope import Place, Scope
from txmon.language.windows import read_count, read_duration
from txmon.types import DURATION as DURATION_TYPE
from txmon.types import INT, MONEY, Type
from txmon.types import NUMBER as NUMBER_TYPE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.problems import Faults, Path
    from txmon.model import GraphDocument, SequenceDocument

STEP = re.compile(r"(absent )?([A-Za-z][A-Za-z0-9_]*)(\{(\w+),(\w*)\})?")
PATTERNS: dict[str, tuple[str, ...]] = {
    "cycle": ("hops", "within", "keep", "hold", "through"),
    "chain": ("hops", "within", "hold", "keep", "through"),
    "scatter_gather": ("middles", "within", "hold", "keep"),
    "shared": ("via", "common", "others", "within"),
}
MEASURES: dict[str, Type] = {
    **dict.fromkeys(("hops", "middles", "others"), INT),
    **dict.fromkeys(
        ("first_amount", "last_amount", "min_amount", "amount_in", "amount_out"), MONEY
    ),
    "amount_cv": NUMBER_TYPE,
    "duration": DURATION_TYPE,
}
ROLES = ("first", "middle", "last")


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
    _length(document.within, ("sequence", "within"), scope, faults)
    _count(document.search_limit, ("sequence", "search_limit"), scope, faults)
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
            _length(value.within, (*path, key, "within"), scope, faults)
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


def check_graph(document: GraphDocument, scope: Scope, faults: Faults) -> None:
    """Report what is wrong with a graph pattern, and that it is not available yet."""
    given = {name: getattr(document, name) for name in PATTERNS}
    found = {name: keys for name, keys in given.items() if keys is not None}
    if len(found) != 1:
        message = f"a graph is one of {', '.join(PATTERNS)}"
        faults.key(("graph",), Code.GRAPH, message)
    for name, keys in found.items():
        _pattern(name, keys, scope, faults)
    faults.key(("graph",), Code.LATER, "not available yet: graph patterns")


def _pattern(name: str, keys: Mapping[str, str], scope: Scope, faults: Faults) -> None:
    for key, text in keys.items():
        path: Path = ("graph", name, key)
        if key not in PATTERNS[name]:
            message = f"unknown key '{key}'"
            faults.key(path, Code.UNKNOWN_KEY, message, did_you_mean(key, PATTERNS[name]))
        elif key in {"within", "hold"}:
            _length(text, path, scope, faults)
        elif key == "through":
            _, problems = read_condition(text, scope.at(Place.STEP, sided=True), "through")
            faults.extend(path, problems)
        elif key == "via":
            _via(text, path, scope, faults)
        else:
            _between(text, path, faults)


def _via(text: str, path: Path, scope: Scope, faults: Faults) -> None:
    columns = scope.pack.schema.columns
    if text not in columns:
        message = f"unknown column '{text}'"
        faults.whole(path, Code.UNKNOWN_NAME, message, did_you_mean(text, columns))


def _between(text: str, path: Path, faults: Faults) -> None:
    try:
        parser = Parser(text)
        parser.sum()
        parser.expect("..", "between the ends: 3..6, or 3.. for at least 3")
        if parser.token.kind != END:
            parser.sum()
        parser.end()
    except ExpressionError as error:
        faults.add(path, error.problem)


def read_length(text: str, scope: Scope) -> tuple[int | None, list[Problem]]:
    """The microseconds of a text that is a duration or a duration param."""
    checker = Checker(scope)
    node = _single(text, checker)
    return (None if node is None else read_duration(checker, node)), checker.problems


def _single(text: str, checker: Checker) -> syntax.Node | None:
    try:
        parser = Parser(text)
    except ExpressionError as error:
        checker.problems.append(error.problem)
        return None
    token = parser.advance()
    if parser.token.kind != END or token.kind not in {DURATION, NUMBER, NAME}:
        message = "a duration such as 24h, or the name of a param, is needed here"
        checker.report_at(Code.WINDOW, message, 0, len(text))
        return None
    if token.kind == DURATION:
        return syntax.Duration(token.start, token.end, token.value)
    if token.kind == NUMBER:
        return syntax.Number(token.start, token.end, token.value, token.scale, token.scale == 0)
    return syntax.Name(token.start, token.end, token.text)


def _length(text: str | None, path: Path, scope: Scope, faults: Faults) -> None:
    if text is not None:
        faults.extend(path, read_length(text, scope)[1])


def _count(text: str | None, path: Path, scope: Scope, faults: Faults) -> None:
    if text is None:
        return
    checker = Checker(scope)
    node = _single(text, checker)
    if node is not None:
        read_count(checker, node)
    faults.extend(path, checker.problems)
