"""Conditions of a rule -> typed nodes with their clauses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language import nodes, syntax
from txmon.language.check import Checker, check_size
from txmon.language.checked import Clause
from txmon.language.parse import parse_expression
from txmon.language.problems import ExpressionError, Problem

if TYPE_CHECKING:
    from txmon.language.nodes import Expr
    from txmon.language.scope import Scope

OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
"""Exact in three-valued logic: unknown stays unknown."""


def read_condition(text: str, scope: Scope, what: str) -> tuple[Expr | None, list[Problem]]:
    """The typed node of a condition's text, or None and what is wrong with it."""
    try:
        node = parse_expression(text)
    except ExpressionError as error:
        return None, [error.problem]
    checker = Checker(scope)
    expr = checker.condition(node, what)
    oversized = None if expr is None else check_size(expr, len(text))
    problems = [*checker.problems, *([oversized] if oversized else [])]
    return (None if problems else expr), problems


def clauses(text: str, scope: Scope) -> tuple[Clause, ...]:
    """The comparisons and Boolean leaves of a condition that was read without problems.

    A ``not`` is carried down to the leaves, so that each clause that is true speaks for the
    condition: ``not (a or b)`` has the clauses ``not a`` and ``not b``.
    """
    return tuple(_clauses(parse_expression(text), text, Checker(scope), turned=False))


def _clauses(node: syntax.Node, text: str, checker: Checker, *, turned: bool) -> tuple[Clause, ...]:
    if isinstance(node, syntax.Logic):
        parts = (_clauses(part, text, checker, turned=turned) for part in node.operands)
        return tuple(clause for part in parts for clause in part)
    if isinstance(node, syntax.Not):
        return _clauses(node.operand, text, checker, turned=not turned)
    expr = checker.expr(node)
    if expr is None:
        return ()
    written = _written(text[node.start : node.end])
    return (Clause(f"not ({written})", negated(expr)) if turned else Clause(written, expr),)


def negated(expr: Expr) -> Expr:
    """The opposite of a clause; unknown stays unknown."""
    if isinstance(expr, nodes.Compare):
        return replace(expr, op=OPPOSITE[expr.op])
    return nodes.Not(expr)


def _written(text: str) -> str:
    while text.startswith("(") and text.endswith(")") and _one_pair(text):
        text = text[1:-1].strip()
    return re.sub(r"\s*\n\s*", " ", text)


def _one_pair(text: str) -> bool:
    depth, quoted = 0, False
    for position, character in enumerate(text):
        quoted ^= character == '"'
        depth += 0 if quoted else (character == "(") - (character == ")")
        if depth == 0 and position < len(text) - 1:
            return False
    return True
