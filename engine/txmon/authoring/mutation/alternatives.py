"""What else a part of a rule could have said: a table of small changes by kind of node."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from txmon.language.checked import Level, Rule, Sequence, Step, Suppress
from txmon.language.nodes import (
    Aggregate,
    Arithmetic,
    Compare,
    Expr,
    Inner,
    Literal,
    Logic,
    Member,
    Not,
    Point,
    Range,
    Span,
    TextTest,
    Window,
)
from txmon.language.patterns import Count, Graph, Shape
from txmon.language.text import render, render_duration, render_window
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

MILLISECOND = 1_000
"""The shortest time that rules and cases can write, in microseconds."""

DROPPED = "(dropped)"
_SHARE_SCALE = 2
_HIGHEST_SEVERITY = 4
_NEIGHBOURS = {">=": ">", ">": ">=", "<=": "<", "<": "<=", "==": "!=", "!=": "=="}
_OPPOSITES = {"+": "-", "-": "+", "*": "/", "/": "*"}
_TESTS = {"starts_with": "contains", "ends_with": "contains"}
_FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "count": (),
    "distinct": ("count",),
    "sum": ("max",),
    "min": ("max",),
    "max": ("min", "sum"),
    "mean": ("max",),
    "first": ("last",),
    "last": ("first",),
    "time_since_first": ("time_since_previous",),
    "time_since_previous": ("time_since_first",),
}
_SIZES = {Shape.SCATTER_GATHER: "middles", Shape.SHARED: "others"}


@dataclass(frozen=True, slots=True)
class Context:
    """What a change depends on beside the node.

    ``minor_digits`` are the decimals of the pack's currency; ``is_sided`` says whether a column
    belongs to a side of a payment.
    """

    minor_digits: int
    is_sided: Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class Other:
    """Another node in the place of one.

    ``before`` and ``after`` are texts of what changes, empty where the nodes speak for themselves;
    ``key`` is the key of the file that it is about, if the node is of several; ``about`` the part
    of the node that it is about, if that is not all of it.
    """

    node: Any
    before: str = ""
    after: str = ""
    key: str = ""
    about: Any = None


def alternatives(node: Any, context: Context) -> Iterator[Other]:
    """Every small change to a node itself; what is below it is not looked at.

    A change may be ill typed.
    """
    make = _MAKERS.get(type(node))
    if make is not None:
        yield from make(node, context)


def _compare(node: Compare, _: Context) -> Iterator[Other]:
    yield Other(replace(node, op=_NEIGHBOURS[node.op]))


def _range(node: Range, _: Context) -> Iterator[Other]:
    yield Other(replace(node, low_open=not node.low_open))
    yield Other(replace(node, high_open=not node.high_open))


def _member(node: Member, _: Context) -> Iterator[Other]:
    if len(node.values) > 1:
        for left in _without_each(node.values):
            yield Other(replace(node, values=left))


def _text_test(node: TextTest, _: Context) -> Iterator[Other]:
    if node.op in _TESTS:
        yield Other(replace(node, op=_TESTS[node.op]))


def _logic(node: Logic, _: Context) -> Iterator[Other]:
    op, first = "or" if node.op == "and" else "and", render(node.operands[0])
    yield Other(replace(node, op=op), f"{first} {node.op} ...", f"{first} {op} ...")
    for place, left in enumerate(_without_each(node.operands)):
        whole = left[0] if len(left) == 1 else replace(node, operands=left)
        operand = node.operands[place]
        yield Other(whole, render(operand), DROPPED, about=operand)


def _not(node: Not, _: Context) -> Iterator[Other]:
    yield Other(node.operand)


def _arithmetic(node: Arithmetic, _: Context) -> Iterator[Other]:
    left, right = node.left, node.right
    if node.op == "*" and left.type.kind in {Kind.NUMBER, Kind.INT}:
        left, right = right, left  # a number cannot be divided by money, money by a number can
    yield Other(replace(node, op=_OPPOSITES[node.op], left=left, right=right))


def _literal(node: Literal, context: Context) -> Iterator[Other]:
    for value, scale in _nearby(node, context):
        bits = max(node.type.bits, abs(value).bit_length())
        yield Other(Literal(replace(node.type, scale=scale, bits=bits), value))


def _nearby(node: Literal, context: Context) -> Iterator[tuple[int, int]]:
    """Values one smallest unit away, with the scale that they are held at."""
    kind, scale, value = node.type.kind, node.type.scale, node.value
    if isinstance(value, str | bool):
        return
    if kind is Kind.NUMBER and scale < _SHARE_SCALE:
        value, scale = value * 10 ** (_SHARE_SCALE - scale), _SHARE_SCALE
    unit = 1
    if kind is Kind.MONEY:
        unit = 10 ** max(scale - context.minor_digits, 0)
    elif kind is Kind.DURATION:
        unit = MILLISECOND
    highest = _HIGHEST_SEVERITY if kind is Kind.SEVERITY else value + unit
    for near in (value - unit, value + unit):
        if kind is not Kind.SEVERITY or 0 <= near <= highest:
            yield near, scale


def _window(node: Window, _: Context) -> Iterator[Other]:
    if node.span is Span.TIME:
        for length in _times(node.length):
            yield Other(replace(node, length=length), *_lengths("over ", node.length, length))
        for ending in _times(node.ending) if node.ending else ():
            yield Other(replace(node, ending=ending), *_lengths("ending ", node.ending, ending))
    elif node.span is not Span.ALL:
        for length in _counts(node.length):
            other = replace(node, length=length)
            yield Other(other, f"over {render_window(node)}", f"over {render_window(other)}")
    for flag in ("excluding_this", "matching", "previous"):
        if getattr(node, flag):
            yield Other(_with(node, **{flag: False}), flag.replace("_", " "), DROPPED)


def _with(node: Any, **changes: Any) -> Any:
    """The node with other values in fields whose names are known when it runs."""
    return replace(node, **changes)


def _lengths(word: str, old: int, new: int) -> tuple[str, str]:
    """Two lengths of time, the second as its distance from the first."""
    sign, apart = "-" if new < old else "+", render_duration(abs(new - old))
    before = word + render_duration(old)
    return before, f"{before} {sign} {apart}"


def _times(length: int) -> Iterator[int]:
    if length > MILLISECOND:
        yield length - MILLISECOND
    yield length + MILLISECOND


def _counts(count: int, lowest: int = 1, highest: int | None = None) -> Iterator[int]:
    if count > lowest:
        yield count - 1
    if highest is None or count < highest:
        yield count + 1


def _aggregate(node: Aggregate, context: Context) -> Iterator[Other]:
    yield from _of_rows(node, context)
    if node.inner is not None and node.inner.bucket.length:
        block, length = node.inner.bucket.length, node.window.length
        for other in (length - block, length + block):
            if other > 0:
                window = replace(node.window, length=other)
                yield Other(replace(node, window=window), *_lengths("over ", length, other))


def _point(node: Point, context: Context) -> Iterator[Other]:
    yield from _of_rows(node, context)
    if node.window is not None:
        yield Other(replace(node, window=None), f"over {render_window(node.window)}", DROPPED)


def _of_rows(node: Aggregate | Point, context: Context) -> Iterator[Other]:
    """Changes that aggregates and points have in common."""
    yield from _functions(node)
    if node.where is not None:
        yield Other(replace(node, where=None), f"where {render(node.where)}", DROPPED)
    for place, keys in _fewer_keys(node.keys, context):
        probes = node.probes and _without_each(node.probes)[place]
        if not node.probes or any(probe is not None for probe in probes):
            other = replace(node, keys=keys, probes=probes)
            yield Other(other, f"by {', '.join(node.keys)}", f"by {', '.join(keys)}")


def _functions(node: Aggregate | Point | Inner) -> Iterator[Other]:
    for function in _FUNCTIONS.get(node.function, ()):
        left = {"arguments": ()} if function == "count" else {}
        other = _with(node, function=function, **left)
        yield Other(other, f"{node.function}()", f"{function}()")


def _fewer_keys(keys: tuple[str, ...], context: Context) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Keys without one of them that are still of sides where they were of sides."""
    sided = any(map(context.is_sided, keys))
    for place, left in enumerate(_without_each(keys) if len(keys) > 1 else ()):
        if any(map(context.is_sided, left)) == sided:
            yield place, left


def _inner(node: Inner, _: Context) -> Iterator[Other]:
    yield from _functions(node)
    if node.where is not None:
        yield Other(replace(node, where=None), f"where {render(node.where)}", DROPPED)
    if node.having is not None:
        yield Other(replace(node, having=None), f"having {render(node.having)}", DROPPED)


def _suppress(node: Suppress, _: Context) -> Iterator[Other]:
    for span in _times(node.span):
        yield Other(replace(node, span=span), *_lengths("for ", node.span, span))


def _rule(node: Rule, context: Context) -> Iterator[Other]:
    for key in ("where", "needs"):
        condition: Expr | None = getattr(node, key)
        if condition is not None:
            yield Other(_with(node, **{key: None}), render(condition), DROPPED, key)
    for place, kinds in enumerate(_without_each(node.events)):
        yield Other(replace(node, events=kinds), node.events[place], DROPPED, "events")
    for place, keys in _fewer_keys(node.by, context):
        yield Other(replace(node, by=keys), node.by[place], DROPPED, "by")
    for place, words in enumerate(_without_each(node.sources) if len(node.sources) > 1 else ()):
        yield Other(replace(node, sources=words), node.sources[place], DROPPED, "from")
    if node.unreversed:
        yield Other(replace(node, unreversed=False), "leave_out", DROPPED, "reversals")
    yield from _of_levels(node)
    yield from _of_suppression(node)


def _of_levels(node: Rule) -> Iterator[Other]:
    levels = node.levels
    for place, left in enumerate(_without_each(levels) if len(levels) > 1 else ()):
        whole = replace(node, levels=_placed(left))
        yield Other(whole, f"level {place + 1}", DROPPED, "levels")
    for place in range(len(levels) - 1):
        turned = (*levels[:place], levels[place + 1], levels[place], *levels[place + 2 :])
        names = f"level {place + 1}, level {place + 2}"
        yield Other(replace(node, levels=_placed(turned)), names, "(exchanged)", "levels")


def _placed(levels: tuple[Level, ...]) -> tuple[Level, ...]:
    return tuple(replace(level, position=place) for place, level in enumerate(levels))


def _of_suppression(node: Rule) -> Iterator[Other]:
    suppress = node.suppress
    if suppress is None:
        return
    span = render_duration(suppress.span)
    yield Other(replace(node, suppress=None), span, DROPPED, "suppress")
    if node.by and node.graph is None and node.by != (node.subject,):
        words = ("by subject", "by timeline")
        before, after = words if suppress.by_subject else reversed(words)
        other = replace(suppress, by_subject=not suppress.by_subject)
        yield Other(replace(node, suppress=other), before, after, "suppress")


def _sequence(node: Sequence, _: Context) -> Iterator[Other]:
    if node.within is not None:
        for within in _times(node.within):
            texts = _lengths("", node.within, within)
            yield Other(replace(node, within=within), *texts, "within")
    for place, left in enumerate(_without_each(node.steps)):
        if left:
            yield Other(replace(node, steps=left), node.steps[place].text, DROPPED, "steps")


def _step(node: Step, _: Context) -> Iterator[Other]:
    if node.within is not None:
        for within in _times(node.within):
            yield Other(replace(node, within=within), *_lengths("within ", node.within, within))
    if not node.repeated:
        return
    before = _times_taken(node)
    for least in _counts(node.least, highest=node.most):
        other = replace(node, least=least)
        yield Other(other, before, _times_taken(other))
    for most in () if node.most is None else _counts(node.most, lowest=max(node.least, 2)):
        other = replace(node, most=most)
        yield Other(other, before, _times_taken(other))


def _times_taken(step: Step) -> str:
    return f"{step.name}{{{step.least},{'' if step.most is None else step.most}}}"


def _graph(node: Graph, _: Context) -> Iterator[Other]:
    for within in _times(node.within):
        if within >= node.hold or node.hold == node.within:
            hold = within if node.hold == node.within else node.hold
            texts = _lengths("", node.within, within)
            yield Other(replace(node, within=within, hold=hold), *texts, "within")
    for hold in _times(node.hold) if node.hold < node.within else ():
        texts = _lengths("", node.hold, hold)
        yield Other(replace(node, hold=hold), *texts, "hold")
    if node.keep is not None:
        ends = f"{render(node.keep.low)}..{render(node.keep.high) if node.keep.high else ''}"
        yield Other(replace(node, keep=None), ends, DROPPED, "keep")
    if node.through is not None:
        yield Other(replace(node, through=None), render(node.through), DROPPED, "through")
    lowest = 2 if node.shape in {Shape.CYCLE, Shape.CHAIN} else 1
    for size in _nearby_counts(node.size, lowest):
        key = _SIZES.get(node.shape, "hops")
        yield Other(replace(node, size=size), _ends(node.size), _ends(size), key)
    for common in _nearby_counts(node.common, 1) if node.shape is Shape.SHARED else ():
        yield Other(replace(node, common=common), _ends(node.common), _ends(common), "common")


def _nearby_counts(count: Count, lowest: int) -> Iterator[Count]:
    for low in _counts(count.low, lowest, count.high):
        yield replace(count, low=low)
    for high in _counts(count.high, count.low, _highest(count)):
        yield replace(count, high=high)


def _highest(count: Count) -> int:
    """The upper end is left as it is where it is so high that nobody can have meant it."""
    return count.high + 1 if count.high < _MEANT else 0


_MEANT = 20


def _ends(count: Count) -> str:
    return f"{count.low}..{count.high}"


def _without_each(items: tuple[Any, ...]) -> list[tuple[Any, ...]]:
    return [(*items[:place], *items[place + 1 :]) for place in range(len(items))]


_MAKERS: dict[type, Callable[[Any, Context], Iterator[Other]]] = {
    Compare: _compare,
    Range: _range,
    Member: _member,
    TextTest: _text_test,
    Logic: _logic,
    Not: _not,
    Arithmetic: _arithmetic,
    Literal: _literal,
    Window: _window,
    Aggregate: _aggregate,
    Point: _point,
    Inner: _inner,
    Suppress: _suppress,
    Rule: _rule,
    Sequence: _sequence,
    Step: _step,
    Graph: _graph,
}
