"""A condition as a tree of clauses: what each says at a row, and how far the whole is from true."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from txmon.language.checked import Clause
from txmon.language.conditions import OPPOSITE
from txmon.language.nodes import Compare, Expr, Literal, Logic, Not
from txmon.language.text import render

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Both:
    """True if all parts are; a part is the number of a clause, or a tree."""

    parts: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class Either:
    """True if any part is."""

    parts: tuple[Tree, ...] = ()


Tree = int | Both | Either
"""A clause by its number, or several clauses in a tree."""


@dataclass(frozen=True, slots=True, order=True)
class Distance:
    """How far a condition is from true: clauses that would have to change, and by how much.

    ``gap`` adds up what each of them lacks: 0 to 1, as a share of the larger of value and
    threshold; 1 for what has no size (an equality, a list, an unknown). 0 and 0.0 is true.
    """

    clauses: int = 0
    gap: float = 0.0

    def __add__(self, other: Distance) -> Distance:
        return Distance(self.clauses + other.clauses, self.gap + other.gap)


def split(
    condition: Expr | None, texts: Iterable[Clause], start: int = 0
) -> tuple[Tree, tuple[Clause, ...]]:
    """The comparisons and Boolean leaves of a condition, and how they hang together.

    A ``not`` is carried down to the leaves, which is exact in three-valued logic.

    Args:
        condition: the condition; None is always true.
        texts: clauses of the rule's file, for the texts of equal leaves.
        start: the number of the first leaf.
    """
    known = {clause.node: clause.text for clause in texts}
    found: list[Clause] = []

    def leaf(node: Expr, *, negated: bool) -> Tree:
        told = _opposite(node) if negated else node
        found.append(Clause(known.get(told, render(told)), told))
        return start + len(found) - 1

    def visit(node: Expr, *, negated: bool) -> Tree:
        if isinstance(node, Not):
            return visit(node.operand, negated=not negated)
        if isinstance(node, Logic):
            parts = tuple(visit(part, negated=negated) for part in node.operands)
            return Both(parts) if (node.op == "and") != negated else Either(parts)
        if isinstance(node, Literal) and bool(node.value) != negated:
            return Both()
        return leaf(node, negated=negated)

    tree = Both() if condition is None else visit(condition, negated=False)
    return tree, tuple(found)


def _opposite(node: Expr) -> Expr:
    if isinstance(node, Compare):
        return replace(node, op=OPPOSITE[node.op])
    return Not(node)


def truth(tree: Tree, results: Sequence[bool | None]) -> bool | None:
    """What a tree says (Kleene) if its clauses say this."""
    if isinstance(tree, int):
        return results[tree]
    parts = [truth(part, results) for part in tree.parts]
    decided = isinstance(tree, Either)
    if decided in parts:
        return decided
    return None if None in parts else not decided


def distance(tree: Tree, of: Callable[[int], Distance]) -> Distance:
    """How far a tree is from true, by the distance of each clause."""
    if isinstance(tree, int):
        return of(tree)
    parts = [distance(part, of) for part in tree.parts]
    if isinstance(tree, Either):
        return min(parts, default=Distance(1, 1.0))
    return sum(parts, Distance())


def lacking(tree: Tree, of: Mapping[int, Distance]) -> tuple[int, ...]:
    """The clauses that would have to change: of alternatives those of the nearest."""
    if isinstance(tree, int):
        return () if of[tree] == Distance() else (tree,)
    if isinstance(tree, Both):
        return tuple(number for part in tree.parts for number in lacking(part, of))
    nearest = min(tree.parts, key=lambda part: distance(part, of.__getitem__), default=Both())
    return lacking(nearest, of)
