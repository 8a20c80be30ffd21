"""The state of one type check, shared by the functions that check each construct."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, NamedTuple

from txmon.language import syntax
from txmon.language.algebra import as_money, plain, spoken
from txmon.language.nodes import Expr, Literal, Vary
from txmon.language.problems import Code, Problem
from txmon.model import SEVERITIES
from txmon.types import BOOL, SEVERITY, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from txmon.language.scope import Scope
    from txmon.types import Type


EXAMPLES: dict[Kind, str] = {
    Kind.INT: "compare it: x > 0",
    Kind.NUMBER: "compare it: x > 0",
    Kind.MONEY: "compare it: x > 500",
    Kind.DURATION: "compare it: x <= 24h",
    Kind.TEXT: 'compare it: x == "text"',
    Kind.SEVERITY: 'compare it: severity >= "high"',
}
"""What could be asked of a value of a kind."""


class Typed(NamedTuple):
    """A piece of syntax with its typed node."""

    syntax: syntax.Node
    node: Expr

    @property
    def type(self) -> Type:
        """The node's type."""
        return self.node.type


class Checking(ABC):
    """What a check knows (``scope``), and what it found wrong (``problems``).

    A construct that is wrong is reported once and becomes None; whatever holds a None becomes
    None in silence.
    """

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.problems: list[Problem] = []

    @abstractmethod
    def expr(self, node: syntax.Node) -> Expr | None:
        """The typed node of an expression, or None if something in it is wrong."""

    def report(self, code: Code, message: str, at: syntax.Node, help: str = "") -> None:  # noqa: A002
        """Note a problem with a piece of syntax."""
        self.problems.append(Problem(code, message, at.start, at.end, help))

    def report_at(self, code: Code, message: str, start: int, end: int, help: str = "") -> None:  # noqa: A002
        """Note a problem with a part of the text."""
        self.problems.append(Problem(code, message, start, end, help))

    def all(self, nodes: Sequence[syntax.Node]) -> tuple[Typed, ...] | None:
        """Every node typed, or None if one is wrong; all are looked at."""
        typed = [(node, self.expr(node)) for node in nodes]
        found = tuple(Typed(node, expr) for node, expr in typed if expr is not None)
        return found if len(found) == len(nodes) else None

    def condition(self, node: syntax.Node, what: str) -> Expr | None:
        """A node that must be true or false."""
        expr = self.expr(node)
        if expr is None or expr.type == BOOL:
            return expr
        message = f"{what} must be true or false, not {spoken(expr.type)}"
        self.report(Code.NOT_A_CONDITION, message, node, _condition_advice(expr))
        return None


def _condition_advice(expr: Expr) -> str:
    return EXAMPLES.get(expr.type.kind, "compare it with something")


def bare(node: syntax.Node) -> bool:
    """Whether a node is a number as written, with or without a minus, and no percentage."""
    if isinstance(node, syntax.Minus):
        return bare(node.operand)
    return isinstance(node, syntax.Number) and not node.percent


def met(typed: Sequence[Typed]) -> tuple[Expr, ...] | None:
    """The nodes as values of one kind, bare numbers beside money taken as money; None if apart."""
    kinds = {plain(item.type.kind) for item in typed}
    if len(kinds) == 1:
        return tuple(item.node for item in typed)
    if kinds == {Kind.SEVERITY, Kind.TEXT}:
        return _all(severity(item.node) for item in typed)
    numbers = [item for item in typed if plain(item.type.kind) is Kind.NUMBER]
    if kinds != {Kind.MONEY, Kind.NUMBER} or not all(bare(item.syntax) for item in numbers):
        return None
    return _all(_money(item) for item in typed)


def _all(taken: Iterable[Expr | None]) -> tuple[Expr, ...] | None:
    found = tuple(taken)
    return None if None in found else tuple(node for node in found if node is not None)


def severity(node: Expr) -> Expr | None:
    """The node as a severity: a constant text that names one becomes its rank."""
    if node.type.kind is Kind.SEVERITY:
        return node
    if isinstance(node, Literal):
        name = str(node.value)
        return Literal(SEVERITY, SEVERITIES.index(name)) if name in SEVERITIES else None
    if isinstance(node, Vary):
        ranks = _all(
            severity(value) for value in (*(value for _, value in node.cases), node.default)
        )
        if ranks is not None:
            cases = zip((text for text, _ in node.cases), ranks, strict=False)
            return Vary(SEVERITY, node.column, tuple(cases), ranks[-1])
    return None


def _money(item: Typed) -> Expr | None:
    if isinstance(item.node, Literal) and item.type.kind is not Kind.MONEY:
        return as_money(item.node)
    return item.node
