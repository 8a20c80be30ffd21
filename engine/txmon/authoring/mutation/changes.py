"""Every rule that differs from a rule in one small place: a walk over all that it is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING, Any

from txmon.authoring.mutation.alternatives import alternatives
from txmon.language.checked import Level, Rule, Step
from txmon.language.nodes import (
    Aggregate,
    Arithmetic,
    Bucket,
    Call,
    Column,
    Compare,
    FeatureRef,
    GroupValue,
    If,
    ListMember,
    Literal,
    Logic,
    Lookup,
    Measure,
    Member,
    Negate,
    Not,
    Point,
    Range,
    StepField,
    TextTest,
    This,
    Vary,
)
from txmon.language.text import render
from txmon.types import Type

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.authoring.mutation.alternatives import Context, Other

_TESTS = Compare | Range | Member | ListMember | TextTest | Logic | Not
"""What is shown of a change: the test that it is in, or the whole feature."""

_SHOWN = (
    _TESTS
    | (Literal | Column | FeatureRef | Negate | Arithmetic | If | Vary | Call | This)
    | (GroupValue | Lookup | StepField | Measure | Aggregate | Point)
)
_WALKED: Mapping[type, tuple[str, ...]] = {
    Rule: ("where", "features", "needs", "levels", "suppress", "graph", "sequence"),
    Level: ("when",),
    Step: ("when",),
}
_LEAVES = Type | Enum | Bucket | str | int | bool | None


@dataclass(frozen=True, slots=True)
class Change:
    """One small change to a node.

    ``at`` leads to it: fields, keys and places from the node down, then the number of the change
    among those of its place. It is the same for the same rule with other values of its params.
    ``node`` is the whole with the change in. ``old`` is the smallest part that is shown whole;
    ``before`` and ``after`` say what changes, ``told`` that they do so without what is around it;
    ``key`` is the key of the file that it is about, if ``at`` does not tell.
    """

    at: tuple[str | int, ...]
    node: Any
    old: Any
    before: str
    after: str
    told: bool
    key: str = ""


def changes(node: Any, context: Context) -> Iterator[Change]:
    """Every change to a node or to a part of it, well typed or not; in the order of the rule."""
    for number, other in enumerate(alternatives(node, context)):
        yield _own(number, node, other)
    for name in _names(node):
        for place, part, put in _parts(getattr(node, name)):
            for inner in changes(part, context):
                whole = replace(node, **{name: put(inner.node)})
                yield _raised(inner, (name, *place), node, whole)


def _own(number: int, node: Any, other: Other) -> Change:
    old = node if other.about is None else other.about
    if other.before:
        return Change((number,), other.node, old, other.before, other.after, True, other.key)
    told = isinstance(node, _TESTS)
    before, after = _texts(node, other.node) if isinstance(node, _SHOWN) else ("", "")
    return Change((number,), other.node, old, before, after, told, other.key)


def _texts(old: Any, new: Any) -> tuple[str, str]:
    return render(old), render(new)


def _names(node: Any) -> tuple[str, ...]:
    named = _WALKED.get(type(node))
    return tuple(item.name for item in fields(node)) if named is None else named


def _parts(value: Any) -> Iterator[tuple[tuple[str | int, ...], Any, Any]]:
    """The nodes in a field: the way to each, the node, and what puts another in its place."""
    if isinstance(value, _LEAVES):
        return
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield (name,), part, lambda other, name=name: {**value, name: other}
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            for way, part, put in _parts(item):
                yield (
                    (place, *way),
                    part,
                    lambda other, place=place, put=put: (
                        *value[:place],
                        put(other),
                        *value[place + 1 :],
                    ),
                )
    elif is_dataclass(value):
        yield (), value, lambda other: other


def _raised(inner: Change, way: tuple[str | int, ...], node: Any, whole: Any) -> Change:
    """A change to a part as a change to the whole, shown with as much around it as tells it."""
    at = (*way, *inner.at)
    if inner.told or not isinstance(node, _SHOWN):
        return replace(inner, at=at, node=whole)
    told = isinstance(node, _TESTS)
    return Change(at, whole, node, *_texts(node, whole), told, inner.key)
