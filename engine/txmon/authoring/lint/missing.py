"""Missing values: negated tests that a null does not pass, and messages that would say unknown."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import TYPE_CHECKING

from txmon.authoring.lint.codes import Lint
from txmon.authoring.lint.facts import facts
from txmon.authoring.lint.intervals import Interval
from txmon.authoring.lint.ranges import Ranges, holds_itself
from txmon.authoring.lint.reading import (
    FEATURE,
    NEEDS,
    WHEN,
    WHERE,
    Leaf,
    beside,
    conjuncts,
    leaves,
    whole,
)
from txmon.language import nodes
from txmon.language.nodes import Aggregate, Call, Column, Compare, FeatureRef, Not, Point, walk
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.authoring.lint.reading import Condition, RuleReading
    from txmon.language.nodes import Expr
    from txmon.language.problems import Fault, Path

ALWAYS_THERE = frozenset(
    {"transaction_id", "event_time", "amount", "original_amount", "currency", "direction"}
    | {"kind", "status", "account", "counterparty", "debtor_account", "creditor_account"}
    | {"alert_id", "rule_id", "typology", "severity", "level", "subject", "subject_kind"}
)
"""Columns that a payment has in practice; a rule of cash knows itself that a side is missing."""

_PLACE = re.compile(r"\{(\w+)\}")


def lint_missing(rule: RuleReading) -> Iterator[Fault]:
    """Where a missing value decides what nobody meant."""
    for asked in rule.conditions(WHERE, WHEN, FEATURE, NEEDS):
        guarded = {name for leaf in leaves(asked.condition) for name in _asked_for(leaf.expr)}
        for leaf, others in beside(asked.condition):
            around = (*others, *(rule.seen if asked.part != WHERE else ()))
            known = guarded | {name for one in around for name in passed(one.expr)}
            yield from _negated(rule, leaf, known)
    yield from _messages(rule)


def _negated(rule: RuleReading, leaf: Leaf, known: set[str]) -> Iterator[Fault]:
    name = _denied(leaf.expr)
    if name is not None and not (name in known or name in rule.rule.by or name in ALWAYS_THERE):
        message = f"'{leaf.text}' is not true where '{name}' is missing"
        empty = f'write coalesce({name}, ""), or ask is_null({name}) beside it'
        yield leaf.fault(Lint.NEGATED_NULL, message, empty)


def _denied(expr: Expr) -> str | None:
    """The text column that an expression says something constant is not."""
    match expr:
        case Compare("!=", Column() as one, nodes.Literal()):
            found = one
        case Compare("!=", nodes.Literal(), Column() as one):
            found = one
        case Not(operand=nodes.Member(operand=Column() as one)):
            found = one
        case Not(operand=nodes.ListMember(operand=Column() as one)):
            found = one
        case Not(operand=nodes.TextTest(left=Column() as one, right=nodes.Literal())):
            found = one
        case _:
            return None
    return found.name if found.type.kind is Kind.TEXT else None


def _asked_for(expr: Expr) -> Iterator[str]:
    """Names whose being missing is asked for."""
    for part in walk(expr):
        if isinstance(part, Call) and part.function in {"is_null", "coalesce"}:
            yield from (one.name for one in walk(part) if isinstance(one, Column | FeatureRef))


def passed(expr: Expr) -> set[str]:
    """Names that have a value wherever an expression is true."""
    match expr:
        case Not(operand=Call(function="is_null", arguments=(Column() | FeatureRef() as one,))):
            return {one.name}
        case nodes.Logic(op="or"):
            return set.intersection(*map(passed, expr.operands))
        case nodes.Logic():
            return set.union(*map(passed, expr.operands))
        case nodes.If() | Call(function="is_null" | "coalesce"):
            return set()
        case Column() | FeatureRef():
            return {expr.name}
    parts = nodes.children(expr)
    return set().union(*map(passed, parts))


def _true_names(condition: Condition) -> set[str]:
    if isinstance(condition, Leaf):
        return passed(condition.expr)
    parts = [_true_names(part) for part in condition.parts]
    return set.intersection(*parts) if condition.op == "or" else set().union(*parts)


def _messages(rule: RuleReading) -> Iterator[Fault]:
    document = rule.document
    around = {name for leaf in rule.context for name in passed(leaf.expr)}
    conditions = [
        _true_names(one.condition) | _reached(rule, one.condition) for one in rule.conditions(WHEN)
    ]
    shared = conditions
    if document.levels is not None:
        own = [level.message for level in document.levels]
        shared = [one for one, text in zip(conditions, own, strict=True) if text is None]
        for position, (text, known) in enumerate(zip(own, conditions, strict=True)):
            path: Path = ("levels", position, "message")
            yield from _message(rule, text, path, around | known)
    if shared or not conditions:
        fires = set.intersection(*shared) if shared else set()
        path = ("alert", "message")
        yield from _message(rule, document.alert.message, path, around | fires)


def _known(rule: RuleReading, names: set[str]) -> set[str]:
    """The names, and what must have a value for them to have one: keys, and parts of features."""
    known, waiting = set(names), list(names)
    while waiting:
        feature = rule.rule.features.get(waiting.pop())
        more: set[str] = set()
        if isinstance(feature, Aggregate | Point):
            pairs = zip_longest(feature.keys, feature.probes)
            more = {key for key, probe in pairs if probe is None}
        elif feature is not None:
            more = passed(feature)
        waiting += more - known
        known |= more
    return known


def _reached(rule: RuleReading, condition: Condition) -> set[str]:
    """Aggregates of the rows that another counts, where that must reach more than nothing."""
    ranges, found = Ranges(rule.rule), set()
    for leaf in conjuncts(condition):
        for fact in facts(leaf.expr, ranges):
            above = isinstance(fact.most, Interval) and fact.most.positive
            if above and isinstance(fact.subject, FeatureRef) and " / " not in fact.key:
                found |= _same_rows(rule, fact.subject.name)
    return found


def _same_rows(rule: RuleReading, name: str) -> set[str]:
    of = rule.rule.features[name]
    return {
        other
        for other, feature in rule.rule.features.items()
        if isinstance(of, Aggregate)
        and isinstance(feature, Aggregate)
        and (of.where, of.keys, of.window, of.probes, None)
        == (feature.where, feature.keys, feature.window, feature.probes, feature.inner)
        and feature.function != "std"
        and all(passed(part) <= ALWAYS_THERE for part in feature.arguments)
    }


def _message(rule: RuleReading, text: str | None, path: Path, fires: set[str]) -> Iterator[Fault]:
    known = _known(rule, fires)
    for name in dict.fromkeys(_PLACE.findall(text or "")):
        if name in known or not may_be_missing(rule, name, known):
            continue
        message = f"'{name}' may be unknown when the rule fires, and the message says so"
        advice = f"leave it out, ask not is_null({name}) in when, or silence this with a reason"
        yield whole(path, Lint.UNKNOWN_IN_MESSAGE, message, advice)


def may_be_missing(rule: RuleReading, name: str, known: set[str]) -> bool:
    """Whether a column or feature may have no value, though the known ones have theirs."""
    feature = rule.rule.features.get(name)
    if feature is None:
        column = name in rule.scope.pack.schema.columns or rule.scope.pack.column(name) is not None
        return column and name not in ALWAYS_THERE and name not in rule.rule.by
    match feature:
        case Aggregate(function="count" | "sum" | "distinct"):
            return False
        case Aggregate():
            steady = {"min", "max", "mean", "median", "percentile"}
            there = holds_itself(feature) and feature.function in steady
            return not (there and passed(feature.arguments[0]) <= ALWAYS_THERE)
        case Point():
            return feature.function != "time_since_first" or feature.where is not None
    named = passed(feature)
    return any(one not in known and may_be_missing(rule, one, known) for one in named)
