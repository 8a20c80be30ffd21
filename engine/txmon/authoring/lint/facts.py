"""What a comparison says of one value: which numbers or texts it leaves over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.authoring.lint.intervals import ANY, Interval
from txmon.language import nodes
from txmon.language.nodes import Compare, Expr, Literal, Logic, Member, Not, Range, Vary
from txmon.language.text import canonical
from txmon.types import BOOL, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.authoring.lint.ranges import Ranges

MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


@dataclass(frozen=True, slots=True)
class Texts:
    """Some texts or truth values, or all but some."""

    values: frozenset[object]
    excluded: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing is left."""
        return not self.excluded and not self.values

    def within(self, other: Texts) -> bool:
        """Whether each of these is one of the others."""
        if self.excluded:
            return other.excluded and other.values <= self.values
        return not (self.values & other.values) if other.excluded else self.values <= other.values

    def meet(self, other: Texts) -> Texts:
        """What is in both."""
        if self.excluded and other.excluded:
            return Texts(self.values | other.values, excluded=True)
        if self.excluded:
            return Texts(other.values - self.values)
        kept = self.values - other.values if other.excluded else self.values & other.values
        return Texts(kept)


Domain = Interval | Texts


@dataclass(frozen=True, slots=True)
class Fact:
    """What one comparison says of the value that ``key`` stands for.

    Every value that passes lies in ``most``; every value in ``least`` passes. They differ where a
    threshold varies.
    """

    key: str
    subject: Expr
    most: Domain
    least: Domain


def facts(expr: Expr, ranges: Ranges) -> Iterator[Fact]:
    """The facts that hold where an expression is true; none where it is not understood."""
    match expr:
        case Logic(op="and"):
            for part in expr.operands:
                yield from facts(part, ranges)
        case Compare():
            yield from _compared(expr, ranges)
        case Range():
            low = Compare("<" if expr.low_open else "<=", expr.low, expr.operand)
            high = Compare("<" if expr.high_open else "<=", expr.operand, expr.high)
            yield from _both(list(_compared(low, ranges)), list(_compared(high, ranges)))
        case Member():
            yield from _listed(expr.operand, expr.values, excluded=False)
        case Not(operand=Member() as member):
            yield from _listed(member.operand, member.values, excluded=True)
        case Not(operand=operand) if _truth(operand):
            yield _exactly(operand, Texts(frozenset({False})))
        case _ if _truth(expr):
            yield _exactly(expr, Texts(frozenset({True})))


def meet(one: Domain, other: Domain) -> Domain:
    """What two facts of one value leave over."""
    if isinstance(one, Texts) and isinstance(other, Texts):
        return one.meet(other)
    if isinstance(one, Interval) and isinstance(other, Interval):
        return one.meet(other)
    return one


def within(one: Domain, other: Domain) -> bool:
    """Whether whatever the one leaves over passes the other."""
    if isinstance(one, Texts) and isinstance(other, Texts):
        return one.within(other)
    if isinstance(one, Interval) and isinstance(other, Interval):
        return one.within(other)
    return False


def _exactly(subject: Expr, domain: Domain) -> Fact:
    return Fact(canonical(subject), subject, domain, domain)


def _truth(expr: Expr) -> bool:
    named = nodes.Column | nodes.FeatureRef | nodes.Call | nodes.ListMember | nodes.TextTest
    return expr.type == BOOL and isinstance(expr, named)


def _listed(operand: Expr, values: tuple[Expr, ...], *, excluded: bool) -> Iterator[Fact]:
    if all(isinstance(value, Literal) for value in values) and _textual(operand):
        held = frozenset(value.value for value in values if isinstance(value, Literal))
        yield _exactly(operand, Texts(held, excluded=excluded))


def _textual(node: Expr) -> bool:
    return node.type.kind in {Kind.TEXT, Kind.BOOL}


def _compared(expr: Compare, ranges: Ranges) -> Iterator[Fact]:
    left, op, right = expr.left, expr.op, expr.right
    if _constant(left) and not _constant(right):
        left, op, right = right, MIRRORED[op], left
    if _constant(left):
        return
    if _textual(left):
        if isinstance(right, Literal) and op in {"==", "!="}:
            yield _exactly(left, Texts(frozenset({right.value}), excluded=op == "!="))
        return
    if _constant(right):
        yield from _bounded(left, op, right, ranges)
        return
    share, base = _share(right)
    if ranges.of(base).low >= 0 and share is not None and left != base:
        key = f"{canonical(left)} / {canonical(base)}"
        limit = ranges.of(share)
        yield Fact(key, left, _passing(op, limit, most=True), _passing(op, limit, most=False))


def _constant(node: Expr) -> bool:
    return isinstance(node, Literal | Vary)


def _bounded(left: Expr, op: str, right: Expr, ranges: Ranges) -> Iterator[Fact]:
    limit = ranges.of(right)
    if limit == ANY or op == "!=":
        return
    most, least = _passing(op, limit, most=True), _passing(op, limit, most=False)
    if left.type.kind is Kind.INT:
        most, least = most.whole(), least.whole()
    yield Fact(canonical(left), left, most, least)


def _passing(op: str, limit: Interval, *, most: bool) -> Interval:
    """Which values pass ``value op limit``, for some limit of a range (``most``) or for all."""
    low, high = (limit.low, limit.high) if most else (limit.high, limit.low)
    match op:
        case ">" | ">=":
            return Interval(low, low_open=op == ">")
        case "<" | "<=":
            return Interval(high=high, high_open=op == "<")
    return Interval(low, high)


def _share(node: Expr) -> tuple[Expr | None, Expr]:
    """A constant share and what it is of."""
    if isinstance(node, nodes.Arithmetic) and node.op == "*":
        for share, base in ((node.left, node.right), (node.right, node.left)):
            if _constant(share) and not _constant(base):
                return share, base
    one = Literal(node.type, 10**node.type.scale)
    return (one, node) if node.type.exact and not _constant(node) else (None, node)


def _both(low: list[Fact], high: list[Fact]) -> Iterator[Fact]:
    """Two facts of one value as one."""
    if len(low) == len(high) == 1 and low[0].key == high[0].key:
        one, other = low[0], high[0]
        most, least = meet(one.most, other.most), meet(one.least, other.least)
        yield Fact(one.key, one.subject, most, least)
    else:
        yield from (*low, *high)
