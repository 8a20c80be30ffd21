"""Conditions that say nothing or can never hold: never true, always true, contrary, shadowed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.authoring.lint.codes import Lint
from txmon.authoring.lint.facts import MIRRORED, facts, meet, within
from txmon.authoring.lint.intervals import Interval
from txmon.authoring.lint.missing import may_be_missing, passed
from txmon.authoring.lint.ranges import Ranges
from txmon.authoring.lint.reading import (
    WHEN,
    WHERE,
    Group,
    Leaf,
    conjuncts,
    leaves,
)
from txmon.authoring.lint.subsets import never_more
from txmon.language import nodes
from txmon.language.nodes import Compare, Member, Not, Range, TextTest
from txmon.language.text import canonical
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from txmon.authoring.lint.facts import Domain, Fact
    from txmon.authoring.lint.reading import Asked, Condition, RuleReading
    from txmon.language.nodes import Expr
    from txmon.language.problems import Fault

_NEVER_HELP = "the rule can never fire here; see which end was meant"
_ALWAYS_HELP = "leave it out, or see which end was meant"


def lint_conditions(rule: RuleReading) -> Iterator[Fault]:
    """Every condition of a rule that cannot be what was meant."""
    checker = _Checker(rule, Ranges(rule.rule), Ranges(rule.rule, usual=True))
    for asked in rule.asked:
        yield from checker.asked(asked)
    yield from checker.levels()


@dataclass(frozen=True, slots=True)
class _Checker:
    rule: RuleReading
    ranges: Ranges
    usual: Ranges

    def asked(self, asked: Asked) -> Iterator[Fault]:
        decided: set[int] = set()
        for leaf in leaves(asked.condition):
            if (fault := self._alone(leaf)) is not None:
                decided.add(id(leaf))
                yield fault
        yield from self._together(asked.condition, self._context(asked), decided)

    def _context(self, asked: Asked) -> tuple[Leaf, ...]:
        if asked.part == WHERE:
            return ()
        return self.rule.context if asked.part == WHEN else self.rule.seen

    def _alone(self, leaf: Leaf) -> Fault | None:
        says = verdict(leaf.expr, self.ranges)
        if says is None and never_more(leaf.expr, self.rule.rule, self.usual):
            says = False
        if says is False:
            message = f"'{leaf.text}' is never true{self._because(leaf.expr)}"
            return leaf.fault(Lint.NEVER, message, _NEVER_HELP)
        if says and not leaf.tunable and not self._asks_presence(leaf.expr):
            message = f"'{leaf.text}' is always true{self._because(leaf.expr)}"
            return leaf.fault(Lint.ALWAYS, message, _ALWAYS_HELP)
        return None

    def _asks_presence(self, expr: Expr) -> bool:
        """Whether a condition that is true of every value asks, in effect, for there to be one."""
        compares = isinstance(expr, Compare | Range)
        return compares and any(may_be_missing(self.rule, name, set()) for name in passed(expr))

    def _because(self, expr: Expr) -> str:
        if not isinstance(expr, Compare):
            return ""
        for side in (expr.left, expr.right):
            found = self.ranges.of(side)
            if not isinstance(side, nodes.Literal | nodes.Vary) and found != Interval():
                return f": {_named(side)} is {_spoken(found, side)}"
        return ""

    def _together(
        self, condition: Condition, context: tuple[Leaf, ...], decided: set[int]
    ) -> Iterator[Fault]:
        if isinstance(condition, Leaf):
            if id(condition) not in decided:
                yield from self._against((*context, condition), len(context))
            return
        own = tuple(one for one in conjuncts(condition) if id(one) not in decided)
        if condition.op == "and":
            yield from self._against((*context, *own), len(context))
        else:
            yield from self._either(
                [one for one in condition.parts if isinstance(one, Leaf)], decided
            )
        for part in condition.parts:
            if isinstance(part, Group):
                yield from self._together(part, (*context, *own), decided)
            elif condition.op == "or" and id(part) not in decided:
                yield from self._against((*context, part), len(context))

    def _against(self, all_of: Sequence[Leaf], first: int) -> Iterator[Fault]:
        for position in range(first, len(all_of)):
            leaf = all_of[position]
            found = list(self._contrary(all_of[:position], leaf))
            yield from found or self._shadowed(all_of, position)

    def _facts(self, leaf: Leaf) -> list[Fact]:
        return list(facts(leaf.expr, self.usual))

    def _contrary(self, before: Sequence[Leaf], leaf: Leaf) -> Iterator[Fault]:
        for fact in self._facts(leaf):
            left: Domain = fact.most
            for other in before:
                for known in self._facts(other):
                    if known.key == fact.key:
                        left = meet(left, known.most)
                if left.empty and not fact.most.empty:
                    message = f"'{leaf.text}' and '{other.text}' are never true together"
                    yield leaf.fault(Lint.EXCLUDED, message, _NEVER_HELP)
                    return

    def _shadowed(self, all_of: Sequence[Leaf], position: int) -> Iterator[Fault]:
        leaf = all_of[position]
        for at, other in enumerate(all_of):
            if (
                at != position
                and self._says(other, leaf)
                and (at < position or not self._says(leaf, other))
            ):
                message = f"'{leaf.text}' says nothing beside '{other.text}'"
                yield leaf.fault(Lint.SHADOWED, message, "leave it out, or see which was meant")
                return

    def _says(self, one: Leaf, other: Leaf) -> bool:
        """Whether the other is true wherever the one is, whatever params are set to."""
        if canonical(one.expr) == canonical(other.expr):
            return one.tunable == other.tunable
        return not (one.tunable or other.tunable) and self._implies(one.expr, other.expr)

    def _implies(self, one: Expr, other: Expr) -> bool:
        if canonical(one) == canonical(other):
            return True
        known = list(facts(one, self.usual))
        asked = list(facts(other, self.usual))
        understood = len(asked) == 1 and not isinstance(other, nodes.Logic)
        return understood and any(
            fact.key == asked[0].key and within(fact.most, asked[0].least) for fact in known
        )

    def _either(self, parts: Sequence[Leaf], decided: set[int]) -> Iterator[Fault]:
        rest = [part for part in parts if id(part) not in decided]
        for position, leaf in enumerate(rest):
            for at, other in enumerate(rest):
                twice = self._says(other, leaf)
                if at != position and self._says(leaf, other) and (at < position or not twice):
                    message = f"'{leaf.text}' says nothing: 'or {other.text}' covers it"
                    yield leaf.fault(Lint.SHADOWED, message, "leave it out, or see which was meant")
                    break

    def levels(self) -> Iterator[Fault]:
        bands = [one for one in self.rule.conditions(WHEN) if one.path[0] == "levels"]
        for position, band in enumerate(bands):
            for above in bands[:position]:
                if self._covers(above.condition, band.condition):
                    message = (
                        f"this level is never reached: level {int(above.path[1]) + 1} "
                        "above it is true wherever this one is"
                    )
                    yield next(leaves(band.condition)).fault(
                        Lint.UNREACHABLE,
                        message,
                        "the gravest level comes first, with the highest threshold",
                    )
                    break

    def _covers(self, above: Condition, below: Condition) -> bool:
        """Whether one condition is true wherever another is."""
        if isinstance(below, Group) and below.op == "or":
            return all(self._covers(above, part) for part in below.parts)
        if isinstance(above, Group):
            every = all if above.op == "and" else any
            return every(self._covers(part, below) for part in above.parts)
        known = conjuncts(below)
        return any(self._implies(one.expr, above.expr) for one in known)


def verdict(expr: Expr, ranges: Ranges) -> bool | None:
    """Whether a condition is true at every row where it is known, or false; None if neither."""
    match expr:
        case Compare():
            said = _compared(expr, ranges)
        case Range():
            said = _ranged(expr, ranges)
        case Member(operand=nodes.Call(function="lower")):
            said = None if any(map(_lowered, expr.values)) else False
        case Member():
            each = [verdict(Compare("==", expr.operand, one), ranges) for one in expr.values]
            said = False if all(one is False for one in each) else None
        case TextTest(right=nodes.Literal(value="")) if expr.op != "matches":
            said = True
        case Not():
            inside = verdict(expr.operand, ranges)
            said = None if inside is None else not inside
        case _:
            said = None
    return said


def _ranged(expr: Range, ranges: Ranges) -> bool | None:
    low = Compare("<" if expr.low_open else "<=", expr.low, expr.operand)
    high = Compare("<" if expr.high_open else "<=", expr.operand, expr.high)
    ends = Compare("<" if expr.low_open or expr.high_open else "<=", expr.low, expr.high)
    said = [verdict(one, ranges) for one in (low, high, ends)]
    if False in said:
        return False
    return True if said[:2] == [True, True] else None


def _compared(expr: Compare, ranges: Ranges) -> bool | None:
    if expr.left == expr.right:
        return expr.op in {"==", "<=", ">="}
    if expr.left.type.kind is Kind.TEXT:
        sides = (expr.left, expr.right)
        lower = any(isinstance(one, nodes.Call) and one.function == "lower" for one in sides)
        odd = lower and not all(_lowered(one) for one in sides)
        return {"==": False, "!=": True}[expr.op] if odd else None
    left, op, right = ranges.of(expr.left), expr.op, ranges.of(expr.right)
    if op in {">", ">="}:
        left, op, right = right, MIRRORED[op], left
    if op in {"<", "<="}:
        return _ordered(left, op, right)
    apart = left.meet(right).empty
    return {"==": False, "!=": True}[op] if apart else None


def _ordered(left: Interval, op: str, right: Interval) -> bool | None:
    touching = left.high == right.low
    strict = touching and (left.high_open or right.low_open)
    if left.high < right.low or strict or (touching and op == "<="):
        return True
    meets = left.low == right.high
    if left.low > right.high or (meets and (op == "<" or left.low_open or right.high_open)):
        return False
    return None


def _lowered(node: Expr) -> bool:
    """Whether a text may stay as it is when its letters are made small."""
    return not isinstance(node, nodes.Literal) or str(node.value).lower() == node.value


def _named(node: Expr) -> str:
    named = nodes.Column | nodes.FeatureRef | nodes.Measure
    if isinstance(node, named):
        return f"'{node.name}'"
    return f"{node.function}()" if isinstance(node, nodes.Call) else "it"


def _spoken(found: Interval, node: Expr) -> str:
    unit = 1_000_000 if node.type.kind is Kind.DURATION else 1
    low, high = (float(end) / unit for end in (found.low, found.high))
    ends = [f"{end:g}" for end in (low, high)]
    if found.high == float("inf"):
        return f"{'above' if found.low_open else 'never below'} {ends[0]}"
    return f"from {ends[0]} to {ends[1]}"
