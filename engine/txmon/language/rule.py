"""A rule document -> a checked rule: every part read, typed and put together."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from txmon.language.aggregates import check_feature, key_problem
from txmon.language.alert import AlertPolicy, AlertReader
from txmon.language.algebra import boolean
from txmon.language.checked import Clause, Level, Message, Rule, Sequence, Severity
from txmon.language.circles import circles, whole_circles
from txmon.language.conditions import clauses, read_condition
from txmon.language.graphs import check_graph, hidden_names, shape_of
from txmon.language.measures import MEASURES, MEASURES_OF
from txmon.language.message import read_message
from txmon.language.names import check_clashes, check_name
from txmon.language.over_alerts import ALERTS, alert_scope, check_input, with_subject_kind
from txmon.language.params import ParamReader, Params
from txmon.language.problems import Code, Faults, Path, did_you_mean
from txmon.language.reversals import LEAVE_OUT, check_reversals
from txmon.language.scope import FeatureInfo, PackScope, Place, Scope
from txmon.language.sequences import check_sequence, step_names, with_steps

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.language.nodes import Expr, FeatureNode
    from txmon.model import LevelDocument, RuleDocument

BROKEN = FeatureInfo(None, sided=False)
_NEVER = boolean(False)  # stands for a condition that was reported


def check_rule(document: RuleDocument, pack: PackScope, path: str) -> tuple[Rule | None, Faults]:
    """The checked rule of a document, or None, and everything that is wrong with it."""
    scope = alert_scope(pack) if document.input == ALERTS else pack
    checker = _RuleChecker(document, scope, with_subject_kind(document.by, scope))
    rule = checker.rule(path)
    return (None if checker.faults.found else rule), checker.faults


@dataclass(slots=True)
class _RuleChecker:
    """Checks one document part by part; ``scope`` grows as params and features are read.

    ``by`` is the rule's key list, a subject with its kind.
    """

    document: RuleDocument
    pack: PackScope
    by: tuple[str, ...]
    faults: Faults = field(default_factory=Faults)

    def rule(self, path: str) -> Rule | None:
        document = self.document
        self._names()
        check_input(document, self.pack, self.faults)
        params = ParamReader(self.pack, self.faults).read(document.params)
        sided = any(self.pack.is_sided(name) for name in document.by)
        scope = self._with_others(Scope(self.pack, sided, Place.CONDITION, params.values))
        self._by(scope)
        self._events()
        where = self._condition(("where",), document.where, self._narrow(scope), "where")
        features, scope = self._features(scope)
        check_reversals(document, features, self.faults)
        needs = self._condition(("needs",), document.needs, scope, "needs")
        sequence = self._sequence(scope)
        levels = self._levels(with_steps(self._on_paths(scope), document.sequence))
        graph = check_graph(document, scope, self.faults)
        alert = AlertReader(scope, self.faults).read(document)
        if self.faults.found:
            return None
        rule = self._assembled(path, params, sided, where, features, needs, levels, alert)
        rule = replace(
            rule,
            graph=graph,
            where_clauses=_clauses(document.where, self._narrow(scope)),
            needs_clauses=_clauses(document.needs, scope),
        )
        return rule if sequence is None else _with_sequence(rule, sequence)

    def _assembled(
        self,
        path: str,
        params: Params,
        sided: bool,  # noqa: FBT001 - a field of the rule
        where: Expr | None,
        features: dict[str, FeatureNode],
        needs: Expr | None,
        levels: tuple[Level, ...],
        alert: AlertPolicy,
    ) -> Rule:
        document = self.document
        return Rule(
            id=document.id,
            version=document.version,
            title=document.title,
            typology=document.typology,
            severity=Severity(document.severity),
            status=document.status,
            by=self.by,
            sided=sided,
            where=where,
            events=document.events,
            features=features,
            needs=needs,
            levels=levels,
            subject=alert.subject,
            suppress=alert.suppress,
            exceptable=document.alert.exceptable,
            parameters=params.shown,
            feature_texts=document.features,
            description=document.description,
            references=document.references,
            false_positives=document.false_positives,
            path=path,
            sources=tuple(sorted(document.sources)),
            unreversed=document.reversals == LEAVE_OUT,
        )

    def _names(self) -> None:
        names = list(self._declared())
        for what, path in names:
            if what != "step":
                check_name(path, self.faults)
        check_clashes(names, self.pack, self.faults)
        self._measures_taken(names)

    def _measures_taken(self, names: list[tuple[str, Path]]) -> None:
        for what, path in names if self.document.graph is not None else ():
            if path[-1] in MEASURES:
                message = f"{what} '{path[-1]}' clashes with the measure of graph patterns"
                advice = "one name means one thing: rename it"
                self.faults.key(path, Code.NAME_CLASH, message, advice)

    def _declared(self) -> Iterator[tuple[str, Path]]:
        yield from (("param", ("params", name)) for name in self.document.params)
        yield from (("feature", ("features", name)) for name in self.document.features)
        yield from (("step", path) for _, path in step_names(self.document.sequence))

    def _with_others(self, scope: Scope) -> Scope:
        return replace(scope, hidden=hidden_names(self.document))

    def _on_paths(self, scope: Scope) -> Scope:
        """The scope of conditions that are asked of each path of a graph pattern."""
        shape = shape_of(self.document)
        if shape is None:
            return scope
        own = {name: MEASURES[name] for name in MEASURES_OF[shape]}
        hidden = {name: why for name, why in scope.hidden.items() if name not in own}
        return replace(scope, measures=own, hidden=hidden)

    def _narrow(self, scope: Scope) -> Scope:
        # The rule's where is asked before sides and features exist; naming a feature is explained.
        named = dict.fromkeys(self.document.features, BROKEN)
        return replace(scope.at(Place.RULE_WHERE, sided=False), features=named)

    def _by(self, scope: Scope) -> None:
        for position, name in enumerate(self.document.by):
            if problem := key_problem(scope, name, 0):
                self.faults.add(("by", position), problem)
            elif name in self.document.by[:position]:
                message = f"key '{name}' stands twice"
                self.faults.whole(("by", position), Code.KEY, message)

    def _events(self) -> None:
        allowed = self.pack.declared_values("kind")
        for position, kind in enumerate(self.document.events):
            if allowed and kind not in allowed:
                message = f"'{kind}' is not a declared value of kind"
                advice = did_you_mean(kind, allowed) or f"declared are: {', '.join(allowed)}"
                self.faults.whole(("events", position), Code.UNKNOWN_VALUE, message, advice)

    def _condition(self, path: Path, text: str | None, scope: Scope, what: str) -> Expr | None:
        if text is None:
            return None
        expr, problems = read_condition(text, scope, what)
        self.faults.extend(path, problems)
        return expr

    def _features(self, scope: Scope) -> tuple[dict[str, FeatureNode], Scope]:
        texts = self.document.features
        round_about = circles(texts)
        for way in whole_circles(round_about):
            message = f"feature '{way[0]}' needs itself: {' -> '.join(way)}"
            self.faults.key(("features", way[0]), Code.CIRCLE, message)
        found: dict[str, FeatureNode] = {}
        known = dict.fromkeys(round_about, BROKEN)
        below = list(texts)
        for name, text in texts.items():
            below.remove(name)
            later = frozenset(below) - set(known)
            # Features of a graph rule are read where a middle account pays on: on its side.
            sided = scope.sided or self.document.graph is not None
            place = scope.at(Place.FEATURE, sided=sided)
            seen = replace(place, features=dict(known), later=later)
            checked = check_feature(text, seen, self.by)
            self.faults.extend(("features", name), checked.problems)
            known[name] = BROKEN if name in round_about else checked.info
            if checked.node is not None:
                found[name] = checked.node
        return found, replace(scope, features=known)

    def _levels(self, scope: Scope) -> tuple[Level, ...]:
        document = self.document
        if document.when is not None and document.levels is not None:
            message = "a rule has when or levels, not both"
            self.faults.key(("levels",), Code.BAD_VALUE, message)
        shared = self._message(("alert", "message"), document.alert.message, scope)
        severity = Severity(document.severity)
        levels: list[Level] = []
        if document.when is not None:
            level = self._level(("when",), document.when, scope, "when")
            levels.append(replace(level, severity=severity, message=shared))
        for position, item in enumerate(document.levels or ()):
            levels.append(self._band(position, item, scope, shared))
        if not levels and (document.graph is not None or document.sequence is not None):
            levels.append(Level(0, boolean(True), (), severity, None, shared))
        elif not levels:
            self._nothing_asked()
        score = document.alert.score
        return tuple(replace(x, score=score) if x.score is None else x for x in levels)

    def _sequence(self, scope: Scope) -> Sequence | None:
        document = self.document
        if document.sequence is None:
            return None
        for name, other in (("levels", document.levels), ("graph", document.graph)):
            if other is not None:
                message = f"{name} cannot stand beside a sequence; when can"
                self.faults.key((name,), Code.BAD_VALUE, message)
        return check_sequence(document.sequence, scope, self.faults)

    def _nothing_asked(self) -> None:
        if self.document.levels is not None:
            self.faults.whole(("levels",), Code.BAD_VALUE, "levels needs at least one level")
            return
        message = "missing key 'when': a rule asks something"
        advice = "write when: with a condition, or levels:"
        self.faults.key((), Code.MISSING_KEY, message, advice)

    def _band(
        self, position: int, item: LevelDocument, scope: Scope, shared: Message | None
    ) -> Level:
        path: Path = ("levels", position)
        level = self._level((*path, "when"), item.when, scope, "when")
        own = self._message((*path, "message"), item.message, scope)
        return replace(
            level,
            position=position,
            severity=Severity(item.severity or self.document.severity),
            score=item.score,
            message=own if item.message is not None else shared,
        )

    def _level(self, path: Path, text: str, scope: Scope, what: str) -> Level:
        expr = self._condition(path, text, scope, what)
        severity = Severity(self.document.severity)
        if expr is None:
            return Level(0, _NEVER, (), severity, None, None)
        return Level(0, expr, clauses(text, scope), severity, None, None)

    def _message(self, path: Path, text: str | None, scope: Scope) -> Message | None:
        if text is None:
            return None
        message, problems = read_message(text, scope.at(Place.MESSAGE))
        self.faults.extend(path, problems)
        return message


def _clauses(text: str | None, scope: Scope) -> tuple[Clause, ...]:
    return () if text is None else clauses(text, scope)


def _with_sequence(rule: Rule, sequence: Sequence) -> Rule:
    """The rule with its steps, which its alert tells as clauses that were true."""
    told = tuple(Clause(step.text, boolean(True)) for step in sequence.steps)
    levels = tuple(replace(level, clauses=(*told, *level.clauses)) for level in rule.levels)
    return replace(rule, sequence=sequence, levels=levels)
