"""A sound rule read again for lint: each condition taken apart, with its places in the file."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from txmon.language import syntax
from txmon.language.aggregates import FeatureChecker
from txmon.language.conditions import OPPOSITE
from txmon.language.graphs import shape_of
from txmon.language.measures import MEASURES, MEASURES_OF
from txmon.language.names import step_name
from txmon.language.nodes import Compare, Logic, Not
from txmon.language.over_alerts import ALERTS, alert_scope
from txmon.language.params import ParamReader
from txmon.language.parse import parse_expression
from txmon.language.parse_feature import parse_feature
from txmon.language.problems import WHOLE, Fault, Faults, Problem
from txmon.language.scope import FeatureInfo, Place, Scope
from txmon.language.sequences import STEPS, with_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.authoring.lint.codes import Lint
    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import Expr
    from txmon.language.problems import Path
    from txmon.language.scope import PackScope
    from txmon.model import RuleDocument
    from txmon.packs.load import RuleFile

WHERE, NEEDS, WHEN, STEP, FEATURE, THROUGH = (
    "where",
    "needs",
    "when",
    "step",
    "feature",
    "through",
)


@dataclass(frozen=True, slots=True)
class Leaf:
    """One comparison or truth value of a condition, with its place in the text at ``path``.

    A ``not`` around it is part of ``expr``. ``tunable`` says that it reads a param.
    """

    path: Path
    start: int
    end: int
    text: str
    expr: Expr
    tunable: bool
    node: syntax.Node

    def fault(self, code: Lint, message: str, advice: str = "") -> Fault:
        """A finding at the leaf."""
        return Fault(self.path, Problem(code, message, self.start, self.end, advice))


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions joined by ``and`` or ``or``; a part is never a group with the same word."""

    op: str
    parts: tuple[Leaf | Group, ...]


Condition = Leaf | Group


@dataclass(frozen=True, slots=True)
class Asked:
    """A condition of a rule: which part of it, and of which feature, level or step."""

    part: str
    path: Path
    condition: Condition
    name: str = ""


@dataclass(frozen=True)
class RuleReading:
    """A rule with its document, and every condition in it."""

    file: RuleFile
    rule: Rule
    pack: Pack
    scope: Scope
    asked: tuple[Asked, ...]

    @property
    def document(self) -> RuleDocument:
        """The rule as it is written."""
        return self.file.document

    def conditions(self, *parts: str) -> Iterator[Asked]:
        """The conditions of some parts of the rule."""
        return (one for one in self.asked if one.part in parts)

    @cached_property
    def context(self) -> tuple[Leaf, ...]:
        """What holds wherever the rule is judged: what ``where`` and ``needs`` ask for."""
        found = (conjuncts(one.condition) for one in self.conditions(WHERE, NEEDS))
        return tuple(leaf for leaves in found for leaf in leaves)

    @cached_property
    def seen(self) -> tuple[Leaf, ...]:
        """What holds of every row that the rule sees: what ``where`` asks for."""
        found = (conjuncts(one.condition) for one in self.conditions(WHERE))
        return tuple(leaf for leaves in found for leaf in leaves)


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Every leaf of a condition, left to right."""
    if isinstance(condition, Leaf):
        yield condition
        return
    for part in condition.parts:
        yield from leaves(part)


def conjuncts(condition: Condition) -> tuple[Leaf, ...]:
    """The leaves that must all be true for the condition to be."""
    if isinstance(condition, Leaf):
        return (condition,)
    if condition.op == "or":
        return ()
    return tuple(part for part in condition.parts if isinstance(part, Leaf))


def beside(condition: Condition) -> Iterator[tuple[Leaf, tuple[Leaf, ...]]]:
    """Each leaf with all leaves that are true wherever it decides: those joined to it by and."""
    yield from _beside(condition, ())


def _beside(
    condition: Condition, around: tuple[Leaf, ...]
) -> Iterator[tuple[Leaf, tuple[Leaf, ...]]]:
    if isinstance(condition, Leaf):
        yield condition, tuple(leaf for leaf in around if leaf is not condition)
        return
    more = (*around, *conjuncts(condition))
    for part in condition.parts:
        yield from _beside(part, more)


def whole(path: Path, code: Lint, message: str, advice: str = "") -> Fault:
    """A finding about the whole value at a path."""
    return Fault(path, Problem(code, message, 0, WHOLE, advice))


def at_key(path: Path, code: Lint, message: str, advice: str = "") -> Fault:
    """A finding about the last key of a path."""
    return Fault(path, Problem(code, message, 0, WHOLE, advice), on_key=True)


def read_rule(file: RuleFile, rule: Rule, pack: Pack, scope: PackScope) -> RuleReading:
    """Read a rule that was checked without errors."""
    reader = _Reader(file.document, rule, scope)
    asked = tuple(reader.read())
    return RuleReading(file, rule, pack, reader.scope, asked)


class _Recorder(FeatureChecker):
    """A check that remembers the typed node of each piece of syntax."""

    def __init__(self, scope: Scope, by: tuple[str, ...]) -> None:
        super().__init__(scope, by)
        self.typed: dict[int, Expr] = {}

    def expr(self, node: syntax.Node) -> Expr | None:
        made = super().expr(node)
        if made is not None:
            self.typed[id(node)] = made
        return made


class _Reader:
    """Reads one rule; ``scope`` is that of its conditions."""

    def __init__(self, document: RuleDocument, rule: Rule, pack: PackScope) -> None:
        self.document = document
        self.rule = rule
        own = alert_scope(pack) if document.input == ALERTS else pack
        params = ParamReader(own, Faults()).read(document.params)
        self.scope = Scope(own, rule.sided, Place.CONDITION, params.values)

    def read(self) -> Iterator[Asked]:
        document = self.document
        if document.where is not None:
            narrow = self.scope.at(Place.RULE_WHERE, sided=False)
            yield self._asked(WHERE, ("where",), document.where, narrow)
        yield from self._features()
        if document.needs is not None:
            yield self._asked(NEEDS, ("needs",), document.needs, self.scope)
        yield from self._graph()
        yield from self._steps()
        scope = with_steps(self.scope, document.sequence)
        if document.when is not None:
            yield self._asked(WHEN, ("when",), document.when, scope)
        for position, level in enumerate(document.levels or ()):
            yield self._asked(WHEN, ("levels", position, "when"), level.when, scope)

    def _features(self) -> Iterator[Asked]:
        known: dict[str, FeatureInfo] = {}
        sided = self.rule.sided or self.rule.graph is not None
        for name, text in self.document.features.items():
            place = replace(self.scope.at(Place.FEATURE, sided=sided), features=dict(known))
            recorder, node = _Recorder(place, self.rule.by), parse_feature(text)
            made = recorder.feature(node)
            known[name] = FeatureInfo(None if made is None else made.type, sided=recorder.sided)
            for part in _asked_of(node):
                condition = self._condition(part, ("features", name), text, recorder)
                yield Asked(FEATURE, ("features", name), condition, name)
        self.scope = replace(self.scope, features=known)

    def _graph(self) -> Iterator[Asked]:
        shape = shape_of(self.document)
        if shape is None or self.document.graph is None:
            return
        text = (getattr(self.document.graph, shape.value) or {}).get("through")
        if text is not None:
            inside = self.scope.at(Place.CONDITION, sided=True)
            yield self._asked(THROUGH, ("graph", shape.value, "through"), text, inside)
        own = {name: MEASURES[name] for name in MEASURES_OF[shape]}
        self.scope = replace(self.scope, measures=own)

    def _steps(self) -> Iterator[Asked]:
        sequence = self.document.sequence
        scope = with_steps(self.scope, sequence)
        for position, item in enumerate(() if sequence is None else sequence.steps):
            for key, step in item.items():
                # A repeated step may read the rows that it has, and a sound rule reads no other.
                own = {step_name(key): "{" in key}
                seen = replace(scope.at(Place.STEP), steps={**scope.steps, **own})
                path = (*STEPS, position, key, "when")
                yield self._asked(STEP, path, step.when, seen, step_name(key))

    def _asked(self, part: str, path: Path, text: str, scope: Scope, name: str = "") -> Asked:
        recorder, node = _Recorder(scope, self.rule.by), parse_expression(text)
        recorder.expr(node)
        return Asked(part, path, self._condition(node, path, text, recorder), name)

    def _condition(
        self, node: syntax.Node, path: Path, text: str, recorder: _Recorder
    ) -> Condition:
        return _taken_apart(node, path, text, recorder, frozenset(self.document.params))


def _asked_of(node: syntax.Node) -> Iterator[syntax.Node]:
    """The conditions within a feature."""
    if isinstance(node, syntax.Aggregate | syntax.Point) and node.where is not None:
        yield node.where
    inner = node.arguments[0] if isinstance(node, syntax.Aggregate) and node.arguments else None
    if isinstance(inner, syntax.Inner) and inner.where is not None:
        yield inner.where


def _taken_apart(
    node: syntax.Node,
    path: Path,
    text: str,
    recorder: _Recorder,
    params: frozenset[str],
    *,
    negated: bool = False,
) -> Condition:
    if isinstance(node, syntax.Not):
        return _taken_apart(node.operand, path, text, recorder, params, negated=not negated)
    if isinstance(node, syntax.Logic):
        op = {"and": "or", "or": "and"}[node.op] if negated else node.op
        parts: list[Condition] = []
        for operand in node.operands:
            part = _taken_apart(operand, path, text, recorder, params, negated=negated)
            same = isinstance(part, Group) and part.op == op
            parts.extend(part.parts if isinstance(part, Group) and same else (part,))
        return Group(op, tuple(parts))
    expr = recorder.typed[id(node)]
    tunable = any(isinstance(one, syntax.Name) and one.name in params for one in syntax.walk(node))
    tunable |= any(isinstance(one, syntax.InList) and not one.named for one in syntax.walk(node))
    written = re.sub(r"\s*\n\s*", " ", text[node.start : node.end])
    shown = f"not ({written})" if negated else written
    return Leaf(
        path, node.start, node.end, shown, _contrary(expr) if negated else expr, tunable, node
    )


def _contrary(expr: Expr) -> Expr:
    if isinstance(expr, Compare):
        return replace(expr, op=OPPOSITE[expr.op])
    return expr.operand if isinstance(expr, Not) else Not(expr)


def joined(exprs: tuple[Expr, ...]) -> Expr:
    """All of some conditions as one."""
    return exprs[0] if len(exprs) == 1 else Logic("and", exprs)
