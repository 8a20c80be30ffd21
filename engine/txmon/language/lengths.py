"""A duration or a whole number that stands alone as the value of a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language import syntax
from txmon.language.check import Checker
from txmon.language.parse import Parser
from txmon.language.problems import Code, ExpressionError
from txmon.language.scan import DURATION, END, NAME, NUMBER
from txmon.language.windows import read_count, read_duration

if TYPE_CHECKING:
    from txmon.language.problems import Problem
    from txmon.language.scope import Scope


def read_length(text: str, scope: Scope) -> tuple[int | None, list[Problem]]:
    """The microseconds of a text that is a duration or a duration param."""
    checker = Checker(scope)
    advice = "a duration such as 24h, or the name of a param, is needed here"
    node = _single(text, checker, advice)
    return (None if node is None else read_duration(checker, node)), checker.problems


def read_whole(text: str, scope: Scope) -> tuple[int | None, list[Problem]]:
    """The whole number, from 1 to a million, of a text that is one or an int param."""
    checker = Checker(scope)
    advice = "a whole number, or the name of a param, is needed here"
    node = _single(text, checker, advice)
    return (None if node is None else read_count(checker, node)), checker.problems


def _single(text: str, checker: Checker, expected: str) -> syntax.Node | None:
    try:
        parser = Parser(text)
    except ExpressionError as error:
        checker.problems.append(error.problem)
        return None
    token = parser.advance()
    if parser.token.kind != END or token.kind not in {DURATION, NUMBER, NAME}:
        checker.report_at(Code.WINDOW, expected, 0, len(text))
        return None
    if token.kind == DURATION:
        return syntax.Duration(token.start, token.end, token.value)
    if token.kind == NUMBER:
        return syntax.Number(token.start, token.end, token.value, token.scale, token.scale == 0)
    return syntax.Name(token.start, token.end, token.text)
