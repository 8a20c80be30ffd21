"""Random sequences that the rule language would accept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.checked import Sequence, Step
from txmon.language.links import why_limited
from txmon.language.nodes import Column, FeatureRef, StepField, replaced
from txmon.testing import trees
from txmon.testing.random_trees import ORDERED, SPANS, sound
from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.language.nodes import Expr
    from txmon.testing.random_trees import Maker

COUNTS: tuple[tuple[int, int | None], ...] = (
    *((1, 1), (1, 1), (1, 1), (2, 2), (1, 3), (2, 3)),
    *((2, None), (1, None), (3, None)),
)
NAMES = ("s0", "s1", "s2", "s3", "s4", "s5")
LINKED = (Kind.TEXT, Kind.MONEY, Kind.MONEY, Kind.TEXT, *ORDERED, Kind.BOOL)


def random_sequence(maker: Maker, *, late: bool) -> Sequence:
    """A random sequence of one to three steps; ``late``: an absent step may stand at its end."""
    whole = maker.pick("24h", "7d", "1h", None)
    steps: list[Step] = []
    for number in range(maker.pick(2, 2, 3, 1)):
        if number and maker.pick(False, False, False, True):
            steps.append(_absent(maker, steps, None))
        steps.append(_step(maker, steps, whole, first=number == 0))
    if late and (len(steps) == 1 or maker.pick(False, False, True)):
        lasting = whole is not None and maker.pick(False, True)
        steps.append(_absent(maker, steps, None if lasting else maker.chooser.pick(SPANS)))
    sequence = Sequence(tuple(steps), None if whole is None else trees.span(whole), None)
    limited = why_limited(sequence) is not None
    limits: tuple[int | None, ...] = (3, 1000) if limited else (None, None, None, 2, 1000)
    return replace(sequence, search_limit=maker.chooser.pick(limits))


def random_when(maker: Maker, sequence: Sequence) -> Expr:
    """What may be asked of a whole chain."""
    if maker.pick(True, True, False):
        return trees.boolean(value=True)
    return _linked(maker, list(sequence.present), "")


def _step(maker: Maker, before: list[Step], whole: str | None, *, first: bool) -> Step:
    least, most = (1, 1) if first and whole is None else maker.pick(*COUNTS)
    name, within = NAMES[len(before)], None
    if not first and (whole is None or maker.pick(False, False, True)):
        within = trees.span(maker.chooser.pick(SPANS))
    when = _when(maker, before, name if most != 1 else "")
    return Step(name, when, name, least, most, within)


def _absent(maker: Maker, before: list[Step], within: str | None) -> Step:
    length = None if within is None else trees.span(within)
    when = _simple(maker)
    if maker.pick(False, True):
        when = trees.both(when, maker.expr(Kind.BOOL))
    if maker.pick(False, True):
        when = trees.both(when, _linked(maker, before, ""))
    return Step(NAMES[len(before)], when, "", 1, 1, length, absent=True)


def _when(maker: Maker, before: list[Step], own: str) -> Expr:
    """A condition that is often true, often linked to earlier steps."""
    links = maker.pick(0, 1, 1, 2) if before or own else 0
    parts = [_simple(maker), *(_linked(maker, before, own) for _ in range(links))]
    return trees.both(*parts) if len(parts) > 1 else parts[0]


def _simple(maker: Maker) -> Expr:
    kind = maker.pick("true", "true", "side", "amount", "amount", "any")
    if kind == "side" and maker.sided:
        side = trees.text(maker.pick("out", "in"))
        return trees.compare(trees.column("direction"), "==", side)
    if kind == "any":
        return maker.expr(Kind.BOOL)
    if kind == "amount":
        value = maker.constant(Kind.MONEY)
        return trees.compare(trees.column("amount"), maker.pick(">=", "<", "!="), value)
    return trees.boolean(value=True)


def _linked(maker: Maker, before: list[Step], own: str) -> Expr:
    """A comparison with the row of an earlier step, or any condition over several rows."""
    fields = _targets(before, own)
    nearest = _targets(before, "")[-1:] or fields
    read = maker.pick(nearest, nearest, [maker.chooser.pick(fields)])
    shape = maker.pick("same", "same", "same", "compare", "mixed", "coalesced")
    if shape == "mixed":
        return _sound(_elsewhere(maker, maker.expr(Kind.BOOL, 3), fields))
    amount = trees.column("amount")
    if shape == "coalesced":
        earlier = _elsewhere(maker, trees.call("coalesce", amount, amount), fields)
        return _sound(trees.compare(amount, maker.pick(">=", "<="), earlier))
    kind = maker.chooser.pick(LINKED)
    left = maker.leaf(kind)
    right = left if shape == "same" else maker.expr(kind)
    if shape == "same" and kind in ORDERED:
        left = right = maker.pick(amount, amount, left)
    ops = ("==", ">=", "<=", "!=", "<") if kind in ORDERED else ("==", "==", "==", "!=")
    node = trees.compare(left, maker.pick(*ops), _elsewhere(maker, right, read))
    turned = maker.pick(False, False, True)
    return _sound(replace(node, left=node.right, right=node.left) if turned else node)


def _sound(node: Expr) -> Expr:
    return node if sound(node) else trees.boolean(value=True)


def _targets(before: list[Step], own: str) -> list[tuple[str, str]]:
    """What can be read: of repeated steps the first and last row, this one's own among them."""
    found: list[tuple[str, str]] = [(own, "first"), (own, "last")] if own else []
    for step in before:
        if not step.absent:
            edges = ("first", "last") if step.repeated else ("",)
            found += [(step.name, edge) for edge in edges]
    return found


def _elsewhere(maker: Maker, node: Expr, fields: list[tuple[str, str]]) -> Expr:
    """The expression with its columns and features read at rows of earlier steps."""

    def moved(part: Expr) -> Expr | None:
        if not isinstance(part, Column | FeatureRef):
            return None
        if len(fields) > 1 and maker.pick(False, True):
            return None
        step, edge = maker.chooser.pick(fields)
        return StepField(part.type, step, part.name, edge)

    return replaced(node, moved)
