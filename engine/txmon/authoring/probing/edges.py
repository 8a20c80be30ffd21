"""The boundaries of a rule, each as pairs of changed rules that differ just there.

Where a rule that asks for ``>= t`` and one that asks for ``> t`` alert differently, some value is
exactly ``t`` and everything else holds. So the streams at a boundary are those on which two
variants differ, whatever the value is computed from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from txmon.authoring.probing.sites import Site, sites, with_feature
from txmon.authoring.streams.amounts import MILLISECOND
from txmon.authoring.streams.reading import deciding_features
from txmon.language.nodes import (
    Aggregate,
    Arithmetic,
    Compare,
    Expr,
    ListMember,
    Literal,
    Logic,
    Member,
    Point,
    Range,
    Span,
    TextTest,
    Vary,
    walk,
)
from txmon.language.text import render, render_duration
from txmon.types import BOOL, EXACT_BITS, MONEY_SCALE, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from txmon.language.checked import Rule, Step
    from txmon.language.nodes import Window

INSIDE, AT, OUTSIDE = "inside", "at", "outside"
_TRUE, _FALSE = Literal(BOOL, value=True), Literal(BOOL, value=False)


@dataclass(frozen=True, slots=True)
class Spot:
    """One side of a boundary: two rules that differ only there, and what the value is there."""

    first: Rule
    second: Rule
    value: str


@dataclass(frozen=True, slots=True)
class Edge:
    """A boundary: what it is a boundary of, where that stands, and its spots by position."""

    kind: str
    place: str
    text: str
    spots: dict[str, Spot]


def edges(rule: Rule) -> list[Edge]:
    """Every boundary of a rule: thresholds and lists, windows, suppression, steps and paths.

    All but that of suppression are those of the rule without it: an alert that folds into an
    earlier one would hide them.
    """
    awake = replace(rule, suppress=None)
    found = [edge for site in sites(awake) for edge in _of_site(site)]
    found += [*_windows(awake), *_sequence(awake), *_graph(awake)]
    if rule.suppress is not None:
        span = rule.suppress.span
        suppress = rule.suppress
        put = lambda size: replace(rule, suppress=replace(suppress, span=size))  # noqa: E731
        found.append(
            _open(("suppression", "alert", f"suppress {render_duration(span)}"), span, put)
        )
    return found


def _of_site(site: Site) -> Iterator[Edge]:
    for part in walk(site.node):
        match part:
            case Compare(op=op) if op not in {"==", "!="} and _unit(part.right) is not None:
                yield _threshold(site, part, part, lambda other: other)
            case Range():
                yield from _range(site, part)
            case Compare() | Member() | ListMember() | TextTest():
                yield _choice(site, part)
            case _:
                pass


def _unit(threshold: Expr) -> Literal | None:
    """The smallest step of a threshold, at its scale; None if it is no quantity."""
    type_ = threshold.type
    steps = {
        Kind.MONEY: 10 ** max(0, type_.scale - MONEY_SCALE // 2),
        Kind.DURATION: MILLISECOND,
        Kind.INT: 1,
        Kind.NUMBER: 1,
    }
    if type_.kind not in steps or not type_.exact:
        return None
    return Literal(type_, steps[type_.kind])


def _least(threshold: Expr) -> Literal:
    unit = _unit(threshold)
    assert unit is not None  # noqa: S101 - asked before
    return unit


def _shifted(threshold: Expr, steps: int) -> Expr:
    unit = _least(threshold)
    amount = int(unit.value) * steps
    if isinstance(threshold, Literal):
        return replace(threshold, value=int(threshold.value) + amount)
    type_ = replace(threshold.type, bits=min(threshold.type.bits + 1, EXACT_BITS))
    return Arithmetic(type_, "+", threshold, replace(unit, value=amount))


def _threshold(site: Site, part: Expr, compare: Compare, around: Callable[[Compare], Expr]) -> Edge:
    """The boundary of a comparison; ``around`` puts it back where it stands in ``part``."""
    above = compare.op in {">", ">="}
    loose, strict, outward = (">=", ">", -1) if above else ("<=", "<", 1)

    def variant(op: str, steps: int) -> Rule:
        right = _shifted(compare.right, steps) if steps else compare.right
        return site.exchanged(part, around(replace(compare, op=op, right=right)))

    spots = {
        INSIDE: Spot(variant(strict, 0), variant(strict, -outward), _beside(compare, -outward)),
        AT: Spot(variant(loose, 0), variant(strict, 0), _beside(compare, 0)),
        OUTSIDE: Spot(variant(loose, outward), variant(loose, 0), _beside(compare, outward)),
    }
    return Edge("threshold", site.place, site.text(part), spots)


def _beside(compare: Compare, steps: int) -> str:
    """The value a step from the threshold, in one number where the threshold is one."""
    threshold = compare.right.default if isinstance(compare.right, Vary) else compare.right
    single = isinstance(threshold, Literal) and threshold.type.kind is not Kind.DURATION
    if steps == 0 or single:
        return render(_shifted(threshold, steps))
    told = render(_least(threshold))
    return f"{render(threshold)} {'+' if steps > 0 else '-'} {told}"


def _range(site: Site, part: Range) -> Iterator[Edge]:
    """Both ends of a range, as two comparisons of which one is varied."""
    low = Compare(">" if part.low_open else ">=", part.operand, part.low)
    high = Compare("<" if part.high_open else "<=", part.operand, part.high)
    if _unit(part.low) is not None:
        yield _threshold(site, part, low, lambda other: Logic("and", (other, high)))
    if _unit(part.high) is not None:
        yield _threshold(site, part, high, lambda other: Logic("and", (low, other)))


def _choice(site: Site, part: Expr) -> Edge:
    """A text that is one of some, or is not: the rule as it is against one that does not ask."""
    as_it_is = site.put(site.node)
    spots = {
        INSIDE: Spot(as_it_is, site.exchanged(part, _FALSE), "true"),
        OUTSIDE: Spot(as_it_is, site.exchanged(part, _TRUE), "false"),
    }
    return Edge("list", site.place, site.text(part), spots)


def _open(what: tuple[str, str, str], size: int, put: Callable[[int], Rule]) -> Edge:
    """The end of a span that does not hold its end: a row exactly so old is outside."""
    step = MILLISECOND
    told = render_duration(size)
    spots = {
        INSIDE: Spot(put(size - step), put(size), f"{told} - 1ms"),
        AT: Spot(put(size), put(size + step), told),
        OUTSIDE: Spot(put(size + step), put(size + 2 * step), f"{told} + 1ms"),
    }
    return Edge(*what, spots)


def _closed(what: tuple[str, str, str], size: int, put: Callable[[int], Rule]) -> Edge:
    """The end of a span that holds its end."""
    step = MILLISECOND
    told = render_duration(size)
    spots = {
        INSIDE: Spot(put(max(0, size - 2 * step)), put(max(0, size - step)), f"{told} - 1ms"),
        AT: Spot(put(max(0, size - step)), put(size), told),
        OUTSIDE: Spot(put(size), put(size + step), f"{told} + 1ms"),
    }
    return Edge(*what, spots)


def _counted(what: tuple[str, str, str], size: int, put: Callable[[int], Rule], more: int) -> Edge:
    """A number of rows: the last one that is enough, and one that is not.

    ``more`` is 1 where more rows are inside, -1 where fewer are.
    """
    spots = {INSIDE: Spot(put(size), put(size + more), str(size))}
    if size - more >= 0:
        spots[OUTSIDE] = Spot(put(size - more), put(size), str(size - more))
    return Edge(*what, spots)


def _windows(rule: Rule) -> Iterator[Edge]:
    for name, feature in deciding_features(rule).items():
        if isinstance(feature, Aggregate | Point) and feature.window is not None:
            yield from _window(rule, name, feature, feature.window)


def _window(rule: Rule, name: str, feature: Aggregate | Point, window: Window) -> Iterator[Edge]:
    def put(size: int) -> Rule:
        return with_feature(rule, name, replace(feature, window=replace(window, length=size)))

    what = ("window", name, render(feature))
    divided = isinstance(feature, Aggregate) and feature.inner and feature.inner.bucket.length
    if window.span is Span.TIME and not divided:
        yield _open(what, window.length, put)
    if window.span is Span.ROWS and window.length > 1:
        yield _counted(what, window.length, put, -1)


def _sequence(rule: Rule) -> Iterator[Edge]:
    sequence = rule.sequence
    if sequence is None:
        return
    if sequence.within is not None:
        put = lambda size: replace(rule, sequence=replace(sequence, within=size))  # noqa: E731
        what = ("step", "sequence", f"within {render_duration(sequence.within)}")
        yield _closed(what, sequence.within, put)
    for number, step in enumerate(sequence.steps):
        yield from _step(rule, number, step)


def _step(rule: Rule, number: int, step: Step) -> Iterator[Edge]:
    place = f"step {step.name}"
    if step.within is not None:
        what = ("step", place, f"within {render_duration(step.within)}")
        yield _closed(
            what, step.within, lambda size: _put(rule, number, replace(step, within=size))
        )
    if step.least > 1:
        what = ("step", place, f"at least {step.least} rows")
        more = lambda size: _put(rule, number, replace(step, least=size))  # noqa: E731
        yield _counted(what, step.least, more, 1)


def _put(rule: Rule, number: int, step: Step) -> Rule:
    """The rule with another step in a place of its sequence."""
    assert rule.sequence is not None  # noqa: S101 - its steps are asked for
    steps = list(rule.sequence.steps)
    steps[number] = step
    return replace(rule, sequence=replace(rule.sequence, steps=tuple(steps)))


def _graph(rule: Rule) -> Iterator[Edge]:
    graph = rule.graph
    if graph is None:
        return
    put = lambda size: replace(rule, graph=replace(graph, within=size))  # noqa: E731
    yield _closed(("step", "graph", f"within {render_duration(graph.within)}"), graph.within, put)
    least = graph.size.low
    sized = lambda size: replace(rule, graph=replace(graph, size=replace(graph.size, low=size)))  # noqa: E731
    yield _counted(("step", "graph", f"at least {least}"), least, sized, 1)
