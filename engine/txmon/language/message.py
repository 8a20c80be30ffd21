"""Messages of alerts: texts with ``{name}`` -> literal texts and expressions in turn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from txmon.language import algebra, syntax
from txmon.language.check import Checker
from txmon.language.checked import Message
from txmon.language.problems import Code, Problem
from txmon.language.scope import ListParam

if TYPE_CHECKING:
    from txmon.language.nodes import Expr
    from txmon.language.scope import Scope

MAX_MESSAGE = 2_000
_PLACE = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_STEP = re.compile(r"(?:(first|last)\()?([A-Za-z]\w*)\.([A-Za-z]\w*)(\))?", re.ASCII)


def read_message(text: str, scope: Scope) -> tuple[Message | None, list[Problem]]:
    """The parts of a message, or None and what is wrong with it; ``{{`` is a plain ``{``."""
    if len(text) > MAX_MESSAGE:
        message = f"a message has at most {MAX_MESSAGE} characters"
        return None, [Problem(Code.MESSAGE, message, 0, len(text))]
    checker = Checker(scope)
    parts: list[str | Expr] = []
    position = 0
    for match in _PLACE.finditer(text):
        parts.append(text[position : match.start()])
        parts.append(_part(match, checker))
        position = match.end()
    parts.append(text[position:])
    problems = checker.problems
    return (None if problems else Message(_merged(parts))), problems


def _part(match: re.Match[str], checker: Checker) -> str | Expr:
    found = match[0]
    if found in {"{{", "}}"}:
        return found[0]
    if match[1] is None:
        message = f"a single '{found}' in a message"
        advice = f"a value stands as {{name}}; for the sign itself write {found * 2}"
        checker.report_at(Code.MESSAGE, message, *match.span(), advice)
        return ""
    start, end = match.span(1)
    field = _STEP.fullmatch(match[1])
    if field and bool(field[1]) == bool(field[4]):
        node = syntax.StepField(start, end, field[2], field[3], field[1] or "")
        return checker.expr(node) or ""
    if not _NAME.fullmatch(match[1]):
        message = "between { and } stands one name of a column, param or feature"
        advice = "give an expression a name under features"
        checker.report_at(Code.MESSAGE, message, *match.span(), advice)
        return ""
    param = checker.scope.params.get(match[1])
    if isinstance(param, ListParam):
        return algebra.text(", ".join(param.default))
    return checker.expr(syntax.Name(start, end, match[1])) or ""


def _merged(parts: list[str | Expr]) -> tuple[str | Expr, ...]:
    merged: list[str | Expr] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        elif part != "":
            merged.append(part)
    return tuple(merged)
