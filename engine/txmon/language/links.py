"""What a step asks of its own row alone, and what of the rows that earlier steps took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.language.nodes import (
    Column,
    Compare,
    Expr,
    FeatureRef,
    Logic,
    Range,
    StepField,
    Vary,
    replaced,
    step_fields,
    walk,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from txmon.language.checked import Sequence, Step

MIRRORED = {"==": "==", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

Target = tuple[str, str]
"""A step and the edge of it that is read: ``first``, ``last`` or neither."""


@dataclass(frozen=True, slots=True)
class Link:
    """``own op other``: this row compared with one row that an earlier step took."""

    own: Expr
    op: str
    other: Expr
    target: Target


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a step's condition, all of which must be true.

    ``own`` read this row alone. ``links`` compare it with one row of an earlier step. ``rest`` is
    what has another form.
    """

    own: tuple[Expr, ...]
    links: tuple[Link, ...]
    rest: tuple[Expr, ...]

    @property
    def linking(self) -> tuple[Expr, ...]:
        """The parts that read an earlier step."""
        links = (Compare(link.op, link.own, link.other) for link in self.links)
        return (*links, *self.rest)

    @property
    def linked(self) -> bool:
        """Whether any part reads an earlier step."""
        return bool(self.links or self.rest)

    @property
    def equalities(self) -> tuple[Link, ...]:
        """The links by ``==``."""
        return tuple(link for link in self.links if link.op == "==")

    @property
    def inequality(self) -> Link | None:
        """The first link by ``<``, ``<=``, ``>`` or ``>=``."""
        return next((link for link in self.links if link.op != "=="), None)

    @property
    def one_reference(self) -> bool:
        """Whether it is one earlier step by equalities and at most one inequality."""
        targets = {link.target for link in self.links}
        unequal = len(self.links) - len(self.equalities)
        return not self.rest and len(targets) <= 1 and unequal <= 1


def asked(when: Expr) -> Asked:
    """The condition of a step taken apart at its ``and``."""
    own, links, rest = [], [], []
    for part in _parts(when):
        link = _link(part)
        if not step_fields(part):
            own.append(part)
        elif link is not None:
            links.append(link)
        else:
            rest.append(part)
    return Asked(tuple(own), tuple(links), tuple(rest))


def _parts(node: Expr) -> list[Expr]:
    if isinstance(node, Logic) and node.op == "and":
        return [part for operand in node.operands for part in _parts(operand)]
    if isinstance(node, Range) and step_fields(node):
        low = Compare("<" if node.low_open else "<=", node.low, node.operand)
        high = Compare("<" if node.high_open else "<=", node.operand, node.high)
        return [low, high]
    return [node]


def _link(node: Expr) -> Link | None:
    if not isinstance(node, Compare) or node.op not in MIRRORED:
        return None
    for own, op, other in (
        (node.left, node.op, node.right),
        (node.right, MIRRORED[node.op], node.left),
    ):
        targets = {(field.step, field.edge) for field in step_fields(other)}
        if len(targets) == 1 and not step_fields(own) and not _reads_row(other):
            return Link(own, op, other, targets.pop())
    return None


def _reads_row(node: Expr) -> bool:
    return any(isinstance(part, Column | FeatureRef | Vary) for part in walk(node))


def at_its_row(node: Expr, features: Collection[str]) -> Expr:
    """An expression over the fields of one step, as it reads at the row which that step took."""

    def own(part: Expr) -> Expr | None:
        if not isinstance(part, StepField):
            return None
        kind = FeatureRef if part.name in features else Column
        return kind(part.type, part.name)

    return replaced(node, own)


def why_limited(sequence: Sequence) -> tuple[Step, str] | None:
    """The first step for which a sequence needs a search limit, and why; None if none does."""
    ending = sequence.ending
    if ending is not None and not asked(ending.when).one_reference:
        return ending, _TOO_MUCH
    return why_searched(sequence)


def why_searched(sequence: Sequence) -> tuple[Step, str] | None:
    """The first step whose rows must be searched for, and why; None if none has to be."""
    for position, step in enumerate(sequence.present):
        barrier = sequence.barrier(position)
        if barrier is not None and (reason := _why_between(barrier, step)):
            return barrier, reason
        before = sequence.present[position - 1] if position else None
        if reason := _why_step(step, before):
            return step, reason
    return None


_TOO_MUCH = "asks more than equalities and one inequality with one earlier row"


def _why_between(barrier: Step, after: Step) -> str:
    if asked(barrier.when).linked:
        return "is absent between two steps and reads an earlier step"
    return "is absent before a repeated step" if after.repeated else ""


def _why_step(step: Step, before: Step | None) -> str:
    parts = asked(step.when)
    if not parts.linked:
        return ""
    nearest = () if before is None else ((before.name, ""), (before.name, "last"))
    if not parts.one_reference:
        return _TOO_MUCH
    if parts.links[0].target not in nearest:
        return "reads a row that is not the one right before it"
    if step.repeated and parts.inequality:
        return "is repeated and compares with an earlier row by an inequality"
    return ""
