"""What keeps a row silent: the part of a rule that a case names, and the rule without it.

A part keeps a row silent if the rule is silent there and would not be, were the part met. So the
rule is made anew with the part turned round, and must hit at the row: with it, every other part
was met, and the named one was not.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.authoring.cases.case import Because
from txmon.language.conditions import negated
from txmon.language.nodes import Call, Literal, Logic, Not
from txmon.language.problems import WHOLE, Code, Problem, closest
from txmon.testing.offsets import read_offset
from txmon.types import BOOL

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from txmon.language.checked import Clause, Level, Rule, Step
    from txmon.language.nodes import Expr

SUPPRESSED = "suppressed"
_UNKNOWN = re.compile(r"(.*\S)\s+is\s+unknown", re.DOTALL)
_TRUE, _FALSE = Literal(BOOL, value=True), Literal(BOOL, value=False)


def read_because(text: str, at: str | None, rule: Rule) -> Because | Problem:
    """A ``because`` of a case file about a rule; a problem is with ``at``."""
    offset = None if at is None else read_offset(at)
    if isinstance(offset, Problem):
        return offset
    match = _UNKNOWN.fullmatch(text)
    part = tidy(match[1] if match else text)
    return Because(part, match is not None, offset, part in step_names(rule))


def tidy(text: str) -> str:
    """A clause on one line, blanks between its words alike."""
    return re.sub(r"\s+", " ", text.strip())


def check_because(because: Because, rule: Rule) -> Problem | None:
    """That a rule has no such part, if it has none."""
    names = part_names(rule)
    told = because.step or because.text == SUPPRESSED
    if because.text in names and not (because.unknown and told):
        return None
    message = f"rule '{rule.id}' has no clause '{because.text}'"
    if because.unknown and because.text in names:
        message = f"'{because.text}' is met or not, never unknown"
    near = closest(because.text, names)
    advice = f"did you mean '{near}'?" if near else f"it has: {'; '.join(names)}"
    return Problem(Code.UNKNOWN_NAME, message, 0, WHOLE, advice)


def part_names(rule: Rule) -> tuple[str, ...]:
    """What ``because`` may name: clauses, steps, and ``suppressed``."""
    levels = (clause.text for level in rule.levels for clause in own_clauses(rule, level))
    others = (clause.text for clause in (*rule.where_clauses, *rule.needs_clauses))
    found = (*map(tidy, others), *map(tidy, levels), *step_names(rule))
    folds = () if rule.suppress is None else (SUPPRESSED,)
    return tuple(dict.fromkeys((*found, *folds)))


def step_names(rule: Rule) -> tuple[str, ...]:
    """The names of a sequence's steps."""
    return () if rule.sequence is None else tuple(step.name for step in rule.sequence.steps)


def own_clauses(rule: Rule, level: Level) -> tuple[Clause, ...]:
    """The clauses of a level's condition, without the steps that a sequence's alert tells."""
    told = 0 if rule.sequence is None else len(rule.sequence.steps)
    return level.clauses[told:]


def relaxed(rule: Rule, because: Because) -> Rule:
    """The rule that hits where the named part, and nothing else, keeps ``rule`` silent.

    A clause of ``when`` and ``needs`` is turned round: it must be false there, or unknown. A
    clause of ``where`` and a step are put aside, since they decide about other rows, too.
    """
    if because.text == SUPPRESSED:
        return rule
    if because.step:
        return _without_step(rule, because.text)

    def turned(clause: Clause) -> Expr | None:
        if tidy(clause.text) != because.text:
            return None
        return _is_unknown(clause.node) if because.unknown else negated(clause.node)

    def aside(clause: Clause) -> Expr | None:
        if tidy(clause.text) != because.text:
            return None
        node = clause.node
        return Logic("or", (node, _is_unknown(node))) if because.unknown else _TRUE

    levels = tuple(
        replace(level, when=with_clauses(level.when, own_clauses(rule, level), turned))
        for level in rule.levels
    )
    needs, where = rule.needs, rule.where
    return replace(
        rule,
        levels=levels,
        needs=None if needs is None else with_clauses(needs, rule.needs_clauses, turned),
        where=None if where is None else with_clauses(where, rule.where_clauses, aside),
    )


def _is_unknown(node: Expr) -> Expr:
    return Call(BOOL, "is_null", (node,))


def _without_step(rule: Rule, name: str) -> Rule:
    """The rule with any row in the place of a step, or, if it is absent, none that can come."""
    assert rule.sequence is not None  # noqa: S101 - it has a step of this name

    def changed(step: Step) -> Step:
        if step.name != name:
            return step
        return replace(step, when=_FALSE if step.absent else _TRUE)

    steps = tuple(map(changed, rule.sequence.steps))
    return replace(rule, sequence=replace(rule.sequence, steps=steps))


def with_clauses(
    node: Expr, clauses: Sequence[Clause], change: Callable[[Clause], Expr | None]
) -> Expr:
    """A condition with some of its clauses changed; every ``not`` is carried down to them.

    Args:
        node: the condition.
        clauses: all its clauses, in order.
        change: what stands in the place of a clause; None leaves it.
    """
    left = list(clauses)

    def walk(part: Expr, *, turned: bool) -> Expr:
        own = negated(part) if turned else part
        if left and left[0].node == own:
            clause = left.pop(0)
            return change(clause) or own
        if isinstance(part, Not):
            return walk(part.operand, turned=not turned)
        if isinstance(part, Logic):
            op = {"and": "or", "or": "and"}[part.op] if turned else part.op
            return Logic(op, tuple(walk(one, turned=turned) for one in part.operands))
        return own

    return walk(node, turned=False)
