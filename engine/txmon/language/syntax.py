"""The syntax tree: what an expression or feature says, before names and types are looked up.

Every node knows where it stands: the offsets ``start`` to ``end`` in its text.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class Node:
    """Base of all nodes: a piece of the text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number(Node):
    """An exact decimal ``value / 10**scale``; ``whole`` if written without ``.`` and ``%``."""

    value: int
    scale: int
    whole: bool
    percent: bool = False


@dataclass(frozen=True, slots=True)
class Duration(Node):
    """A duration in microseconds."""

    value: int


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A text, without its quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Boolean(Node):
    """``true`` or ``false``."""

    value: bool


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A column, param, feature or definition."""

    name: str


@dataclass(frozen=True, slots=True)
class This(Node):
    """``this.NAME``: the payment being judged, inside an aggregate."""

    name: str


@dataclass(frozen=True, slots=True)
class Value(Node):
    """``value``: the group's result, after ``having``."""


@dataclass(frozen=True, slots=True)
class StepField(Node):
    """``step.field``, or ``first(step.field)`` and ``last(step.field)`` of a repeated step."""

    step: str
    name: str
    pick: str = ""


@dataclass(frozen=True, slots=True)
class ListAttribute(Node):
    """``lists.NAME[key].column``."""

    name: str
    key: Node
    column: str


@dataclass(frozen=True, slots=True)
class Call(Node):
    """A row function and its arguments; ``name_end`` ends the function's name."""

    function: str
    arguments: tuple[Node, ...]
    name_end: int


@dataclass(frozen=True, slots=True)
class Minus(Node):
    """Minus a value."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Binary(Node):
    """``+ - * /``."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """``== != < <= > >=``."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """``low < operand <= high`` and its like, or ``operand in low..high``."""

    operand: Node
    low: Node
    high: Node
    low_open: bool
    high_open: bool


@dataclass(frozen=True, slots=True)
class InValues(Node):
    """``operand in (a, b)``."""

    operand: Node
    values: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class InList(Node):
    """``operand in lists.NAME``, or ``in NAME`` of a list param (``named`` is then false)."""

    operand: Node
    name: str
    named: bool
    name_start: int


@dataclass(frozen=True, slots=True)
class TextTest(Node):
    """``contains starts_with ends_with matches``."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Logic(Node):
    """``and`` or ``or`` of two or more operands."""

    op: str
    operands: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """``not``, and the ``not`` of ``not in``."""

    operand: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    """``if condition then yes else no``."""

    condition: Node
    yes: Node
    no: Node


@dataclass(frozen=True, slots=True)
class Key(Node):
    """One key of ``by``; ``value`` is the expression of ``KEY = EXPR``."""

    name: str
    value: Node | None = None


@dataclass(frozen=True, slots=True)
class Period(Node):
    """``calendar day`` and its like; ``unit`` is ``day week month year`` or ``business day``."""

    unit: str


@dataclass(frozen=True, slots=True)
class Window(Node):
    """What stands after ``over``.

    ``span``: ``time``, ``rows``, ``all``, ``periods`` (so far) or ``previous`` (complete ones).
    ``length`` and ``ending`` are a Duration, a whole Number or the Name of a param.
    """

    span: str
    length: Node | None = None
    ending: Node | None = None
    period: Period | None = None
    matching: bool = False
    excluding_this: bool = False


@dataclass(frozen=True, slots=True)
class Bucket(Node):
    """What stands after ``per``: a Duration, a Period (``active`` or not) or a column's Name."""

    of: Node
    active: bool = False


@dataclass(frozen=True, slots=True)
class Inner(Node):
    """An aggregate per bucket, inside another aggregate."""

    function: str
    argument: Node | None
    where: Node | None
    bucket: Bucket
    having: Node | None
    name_end: int


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """An aggregate with its clauses; ``arguments`` may be one Inner."""

    function: str
    arguments: tuple[Node, ...]
    where: Node | None
    keys: tuple[Key, ...]
    window: Window
    name_end: int


@dataclass(frozen=True, slots=True)
class Point(Node):
    """A point function with its clauses."""

    function: str
    arguments: tuple[Node, ...]
    where: Node | None
    keys: tuple[Key, ...]
    window: Window | None
    name_end: int


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below a node."""
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            yield from (part for part in value if isinstance(part, Node))


def walk(node: Node) -> Iterator[Node]:
    """A node and all below it, without recursion."""
    waiting = [node]
    while waiting:
        current = waiting.pop()
        yield current
        waiting.extend(children(current))


def depth(node: Node) -> int:
    """How many nodes stand on the longest way down, without recursion."""
    deepest, waiting = 0, [(node, 1)]
    while waiting:
        current, level = waiting.pop()
        deepest = max(deepest, level)
        waiting.extend((child, level + 1) for child in children(current))
    return deepest
