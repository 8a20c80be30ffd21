"""Rows and windows: what a rule does not see, sees twice, or counts as something else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from txmon.authoring.lint.codes import Lint
from txmon.authoring.lint.facts import facts
from txmon.authoring.lint.intervals import Interval
from txmon.authoring.lint.ranges import Ranges
from txmon.authoring.lint.reading import (
    FEATURE,
    NEEDS,
    STEP,
    WHEN,
    WHERE,
    beside,
    leaves,
    whole,
)
from txmon.language import nodes
from txmon.language.nodes import (
    Aggregate,
    Column,
    Compare,
    FeatureRef,
    Member,
    Point,
    Range,
    Span,
    column_names,
    feature_names,
)
from txmon.language.separate import reads_judged

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from txmon.authoring.lint.reading import Leaf, RuleReading
    from txmon.language.nodes import Expr
    from txmon.language.problems import Fault

_INITIATORS = frozenset({"device_id", "ip_address", "phone", "card_id", "latitude", "longitude"})
_KINDS_OF_PEOPLE = re.compile(
    r"(^|_)(payers|payees|senders|receivers|recipients|counterparties|accounts|customers|devices"
    r"|merchants|victims|people|persons|countries|debtors|creditors|beneficiaries)$"
)


def lint_rows(rule: RuleReading) -> Iterator[Fault]:
    """What is odd about the rows that a rule looks at."""
    yield from _hiding_where(rule)
    if rule.rule.sided:
        yield from _both_sides(rule)
        yield from _other_side(rule)
    for name, feature in rule.rule.features.items():
        if isinstance(feature, Aggregate):
            yield from _last_then_where(name, feature)
            yield from _counted(rule, name, feature)
    yield from _no_history(rule)


def _hiding_where(rule: RuleReading) -> Iterator[Fault]:
    stateful = any(isinstance(one, Aggregate | Point) for one in rule.rule.features.values())
    if not stateful and rule.rule.sequence is None:
        return
    for asked in rule.conditions(WHERE):
        for leaf in leaves(asked.condition):
            if isinstance(leaf.expr, Compare | Range) and _reads_amount(leaf.expr):
                message = (
                    f"'{leaf.text}' hides payments from every feature, not from the alert only"
                )
                advice = "move it into when, and into the where of the features that mean it"
                yield leaf.fault(Lint.HIDING_WHERE, message, advice)


def _reads_amount(expr: Expr) -> bool:
    return bool(column_names(expr) & {"amount", "original_amount"})


def _reads_direction(expr: Expr) -> bool:
    return "direction" in column_names(expr)


def _both_sides(rule: RuleReading) -> Iterator[Fault]:
    """A rule whose conditions are the same for the payer and the payee of a payment."""
    asked = next(rule.conditions(WHEN), None)
    judged = [leaf for one in rule.conditions(WHEN, NEEDS) for leaf in leaves(one.condition)]
    own = any(
        feature_names(leaf.expr) or any(map(rule.scope.pack.is_sided, column_names(leaf.expr)))
        for leaf in judged
    )
    if asked is None or own or rule.rule.sources or rule.rule.sequence is not None:
        return
    leaf = next(leaves(asked.condition))
    message = "whatever this asks is true for the payer and the payee alike: two alerts a payment"
    advice = 'add direction == "out" (or "in"), or write by: debtor_account'
    yield leaf.fault(Lint.BOTH_SIDES, message, advice)


def _other_side(rule: RuleReading) -> Iterator[Fault]:
    pairs = rule.scope.pack.schema.pairs
    sided = {f"{side}_{name}" for side in ("debtor", "creditor") for name in pairs}
    for asked in rule.conditions(WHEN, STEP, FEATURE, NEEDS):
        for leaf, others in beside(asked.condition):
            facing = [*others, leaf]
            if asked.part == FEATURE:
                feature = rule.rule.features[asked.name]
                keys = feature.keys if isinstance(feature, Aggregate | Point) else ()
                if not any(rule.scope.pack.is_sided(key) for key in keys):
                    continue
            chosen = any(_reads_direction(one.expr) for one in facing)
            read = column_names(leaf.expr)
            for name in sorted(read & sided) if not chosen else ():
                stem = name.partition("_")[2]
                message = f"'{name}' is another account's on every second row of this rule"
                advice = f"read own_{stem} or counterparty_{stem}, or ask the direction beside it"
                if stem == "account":
                    advice = "read account or counterparty, or ask the direction beside it"
                yield leaf.fault(Lint.OTHER_SIDE, message, advice)
            yield from _initiators(leaf, facing)


def _initiators(leaf: Leaf, facing: Sequence[Leaf]) -> Iterator[Fault]:
    incoming = any(_incoming(one.expr) for one in facing)
    for name in sorted(column_names(leaf.expr) & _INITIATORS) if incoming else ():
        message = f"'{name}' belongs to whoever pays, not to the account that is paid"
        advice = 'ask it where direction == "out"'
        yield leaf.fault(Lint.INITIATOR, message, advice)


def _incoming(expr: Expr) -> bool:
    match expr:
        case Compare("==", Column(name="direction"), nodes.Literal(value="in")):
            return True
        case Compare("!=", Column(name="direction"), nodes.Literal(value="out")):
            return True
    return False


def _last_then_where(name: str, feature: Aggregate) -> Iterator[Fault]:
    window, where = feature.window, feature.passes
    rows = window.span is Span.ROWS and not window.matching
    if rows and where is not None and not reads_judged(where):
        message = f"'{name}' takes the last {window.length} rows and then those that pass where"
        advice = f"for the last {window.length} that pass write: last {window.length} matching"
        yield whole(("features", name), Lint.LAST_THEN_WHERE, message, advice)


def _counted(rule: RuleReading, name: str, feature: Aggregate) -> Iterator[Fault]:
    if feature.function != "count" or feature.inner is not None:
        return
    where = feature.where
    read = set() if where is None else column_names(where)
    kinds = read | (set() if rule.rule.where is None else column_names(rule.rule.where))
    if rule.rule.events and not kinds & {"kind", "amount", "original_amount"}:
        events = ", ".join(rule.rule.events)
        message = f"'{name}' counts {events} beside the payments"
        advice = "say which are meant: count() where kind == ..., or where not is_null(amount)"
        yield whole(("features", name), Lint.COUNTED_EVENTS, message, advice)
    match = _KINDS_OF_PEOPLE.search(name)
    if match and not (where is not None and feature_names(where)):
        message = f"'{name}' counts payments, and one of the {match[2]} may stand behind many"
        advice = "for different ones write distinct(x), else call it payments"
        yield whole(("features", name), Lint.COUNTED_ROWS, message, advice)


def _no_history(rule: RuleReading) -> Iterator[Fault]:
    """First times without anything that says how long the data go back."""
    if rule.rule.needs is not None or rule.rule.sources:
        return
    ranges = Ranges(rule.rule)
    for asked in rule.conditions(WHEN, STEP):
        for leaf, others in beside(asked.condition):
            name = _new(rule, leaf.expr)
            if name is None or any(_lasting(rule, one.expr, ranges) for one in others):
                continue
            message = f"'{leaf.text}' is true of all that stands at the beginning of the data"
            advice = "add a feature time_since_first() by the payer, and needs: it >= 30d"
            yield leaf.fault(Lint.NO_HISTORY, message, advice)


def _new(rule: RuleReading, expr: Expr) -> str | None:
    """The feature by which a condition asks for something new."""
    if isinstance(expr, FeatureRef):
        feature = rule.rule.features[expr.name]
        first = isinstance(feature, Point) and feature.function == "is_first"
        return expr.name if first and not (isinstance(feature, Point) and feature.window) else None
    if isinstance(expr, Compare) and expr.op in {"<", "<="} and isinstance(expr.left, FeatureRef):
        feature = rule.rule.features[expr.left.name]
        age = isinstance(feature, Point) and feature.function == "time_since_first"
        return expr.left.name if age else None
    return None


def _lasting(rule: RuleReading, expr: Expr, ranges: Ranges) -> bool:
    """Whether a condition asks that something has been there for long, or often."""
    for fact in facts(expr, ranges):
        feature = (
            rule.rule.features.get(fact.subject.name)
            if isinstance(fact.subject, FeatureRef)
            else None
        )
        ages = {"time_since_first", "time_since_previous", "count", "distinct"}
        old = isinstance(feature, Aggregate | Point) and feature.function in ages
        if old and isinstance(fact.most, Interval) and fact.most.positive:
            return True
    return False


def reads_text(expr: Expr, name: str) -> bool:
    """Whether a condition compares a column with texts as they are written."""
    match expr:
        case Compare(left=Column(name=found), right=nodes.Literal()):
            return found == name
        case Compare(left=nodes.Literal(), right=Column(name=found)):
            return found == name
        case Member(operand=Column(name=found)):
            return found == name
        case nodes.Not() | nodes.Logic():
            return any(reads_text(part, name) for part in nodes.children(expr))
    return False
