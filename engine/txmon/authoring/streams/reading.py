"""What stands in a rule: the columns it reads, and its constants by what they are compared with."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING

from txmon.language.nodes import (
    Aggregate,
    Call,
    Column,
    Compare,
    Expr,
    ListMember,
    Literal,
    Lookup,
    Member,
    Point,
    Range,
    Span,
    TextTest,
    Vary,
    children,
    column_names,
    feature_names,
    step_fields,
    walk,
)
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import FeatureNode, Window

DAY = 86_400_000_000
_DAYS_OF = {"calendar day": 1, "business day": 1, "calendar week": 7, "calendar month": 30}
_LIST_KEYS = 3
_CLOCKS = {"hour": 24, "weekday": 7}


def expressions(rule: Rule) -> Iterator[Expr]:
    """Every expression that decides over a rule's alerts; of its message none."""
    yield from _asked(rule)
    for feature in deciding_features(rule).values():
        yield from _of_feature(feature)


def _asked(rule: Rule) -> Iterator[Expr]:
    """What is asked of a row or a path, features by name."""
    yield from (one for one in (rule.where, rule.needs) if one is not None)
    yield from (level.when for level in rule.levels)
    if rule.sequence is not None:
        yield from (step.when for step in rule.sequence.steps)
    if rule.graph is not None and rule.graph.through is not None:
        yield rule.graph.through


def _of_feature(feature: FeatureNode) -> Iterator[Expr]:
    if not isinstance(feature, Aggregate | Point):
        yield feature
        return
    yield from feature.expressions
    yield from (probe for probe in feature.probes if probe is not None)
    if isinstance(feature, Aggregate) and feature.inner is not None:
        yield from () if feature.inner.having is None else (feature.inner.having,)


def deciding_features(rule: Rule) -> dict[str, FeatureNode]:
    """The features that the rule's conditions read, also through others, in the file's order."""
    waiting = list(_asked(rule))
    found: set[str] = set()
    while waiting:
        node = waiting.pop()
        read = feature_names(node) | {one.name for one in step_fields(node)}
        for name in read & set(rule.features) - found:
            found.add(name)
            waiting += _of_feature(rule.features[name])
    return {name: node for name, node in rule.features.items() if name in found}


def decision(rule: Rule) -> tuple[object, ...]:
    """All of a rule that decides over its alerts; rules for which it is equal alert alike."""
    levels = tuple((level.when, level.severity, level.position) for level in rule.levels)
    asked = (rule.where, rule.events, rule.needs, levels, rule.sequence, rule.graph)
    whose = (rule.by, rule.sided, rule.subject, rule.suppress, rule.sources, rule.unreversed)
    return (*asked, *whose, tuple(deciding_features(rule).items()))


def columns_read(rule: Rule) -> set[str]:
    """Every column that decides over a rule's alerts, sided names included."""
    names = set(rule.named_columns) | {rule.subject} - {"first", "middle", "last"}
    for node in expressions(rule):
        names |= column_names(node) | {one.name for one in step_fields(node)}
    for feature in deciding_features(rule).values():
        if isinstance(feature, Aggregate | Point):
            names |= set(feature.keys)
    return names - set(rule.features)


@dataclass(slots=True)
class Constants:
    """The constants of some rules: what an edit may put where.

    ``texts`` are by column, sided names included. ``money`` is in units of money, ``numbers`` are
    shares, factors and whole numbers, ``spans`` and ``gaps`` are microseconds of windows and of
    durations. ``hours`` says whether the time of day or the weekday matters.
    """

    texts: dict[str, list[str]] = field(default_factory=dict)
    money: list[Fraction] = field(default_factory=list)
    numbers: list[Fraction] = field(default_factory=list)
    spans: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    hours: bool = False

    def add_text(self, column: str, text: str) -> None:
        """Note a text that stands beside a column."""
        known = self.texts.setdefault(column, [])
        if text not in known:
            known.append(text)


def constants_of(rules: Iterable[Rule], pack: Pack) -> Constants:
    """The constants of all the rules, each once, in the order in which they are met."""
    found = Constants()
    for rule in rules:
        for node in expressions(rule):
            for part in walk(node):
                _note(part, pack, found)
        _windows(rule, found)
        for kind in rule.events:
            found.add_text("kind", kind)
    found.money = list(dict.fromkeys(found.money))
    found.numbers = list(dict.fromkeys(found.numbers))
    found.spans = [one for one in dict.fromkeys(found.spans) if one > 0]
    found.counts = [one for one in dict.fromkeys(found.counts) if one >= 0]
    return found


def _note(part: Expr, pack: Pack, found: Constants) -> None:
    match part:
        case Literal(type=type_, value=value) if not isinstance(value, str | bool):
            _literal(type_.kind, value, type_.scale, found)
        case Compare() | Member() | TextTest() | Range():
            _beside(children(part), found)
        case Call(function=name, arguments=arguments):
            found.hours |= name in _CLOCKS or "business" in name
            _beside(arguments, found)
        case ListMember(operand=key, name=name) | Lookup(key=key, name=name):
            keys = [str(one) for one in pack.lists[name].keys.head(_LIST_KEYS).to_list()]
            for column in sorted(column_names(key)):
                for text in keys:
                    found.add_text(column, text)
        case Vary(column=column, cases=cases):
            for text, _ in cases:
                found.add_text(column, text)
        case _:
            pass


def _literal(kind: Kind, value: int, scale: int, found: Constants) -> None:
    if kind is Kind.MONEY:
        found.money.append(Fraction(value, 10**scale))
    elif kind is Kind.DURATION:
        found.spans.append(abs(value))
    elif kind in {Kind.NUMBER, Kind.INT}:
        number = Fraction(value, 10**scale)
        found.numbers.append(number)
        if number.denominator == 1:
            found.counts.append(int(number))


def _beside(parts: Iterable[Expr], found: Constants) -> None:
    """The texts that columns are compared with."""
    nodes = [one for part in parts for one in walk(part)]
    texts = [str(one.value) for one in nodes if isinstance(one, Literal) and _is_text(one)]
    for node in nodes:
        if isinstance(node, Column):
            for text in texts:
                found.add_text(node.name, text)


def _is_text(node: Literal) -> bool:
    return node.type.kind is Kind.TEXT


def _windows(rule: Rule, found: Constants) -> None:
    for feature in deciding_features(rule).values():
        if isinstance(feature, Aggregate | Point) and feature.window is not None:
            _window(feature.window, found)
        if isinstance(feature, Aggregate) and feature.inner is not None:
            found.spans.append(feature.inner.bucket.length)
            found.hours |= feature.inner.bucket.unit is not None
    if rule.suppress is not None:
        found.spans.append(rule.suppress.span)
    if rule.sequence is not None:
        found.spans += [rule.sequence.span, *(step.within or 0 for step in rule.sequence.steps)]
        found.counts += [
            one for step in rule.sequence.steps for one in (step.least, step.most or 0)
        ]
    if rule.graph is not None:
        found.spans += [rule.graph.within, rule.graph.hold]
        found.counts.append(rule.graph.size.low)


def _window(window: Window, found: Constants) -> None:
    if window.span is Span.TIME:
        found.spans += [window.length, window.ending, window.length + window.ending]
    elif window.span is Span.ROWS:
        found.counts.append(window.length)
    elif window.span is Span.PERIODS and window.unit is not None:
        found.hours = True
        found.spans.append(window.length * _DAYS_OF.get(window.unit.value, 365) * DAY)
