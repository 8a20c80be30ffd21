"""What a single row may hold so that a condition on it is true: texts by column, by inversion."""

from __future__ import annotations

from fractions import Fraction
from itertools import islice, product
from typing import TYPE_CHECKING

from txmon.authoring.streams.amounts import shown, smallest
from txmon.language.nodes import (
    Call,
    Column,
    Compare,
    Expr,
    ListMember,
    Literal,
    Logic,
    Member,
    Not,
    Range,
    TextTest,
)
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from txmon.language.checked import Pack

    Assignment = Mapping[str, str | None]
    """Texts by column, sided names included; None is null."""

_MOST = 8
_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", ">=": "<", ">": "<=", "<=": ">"}
_MIRRORED = {"==": "==", "!=": "!=", "<": ">", ">": "<", "<=": ">=", ">=": "<="}
_OTHER = "other"
_LOOKED_THROUGH = frozenset({"coalesce", "lower", "abs", "round"})


def satisfied(node: Expr | None, pack: Pack, *, want: bool = True) -> list[Assignment]:
    """A few ways to make a condition true (or false) at a row.

    What cannot be inverted, such as a feature, asks for nothing: the result is a beginning.
    """
    return [{}] if node is None else list(islice(_ways(node, pack, want=want), _MOST))


def _ways(node: Expr, pack: Pack, *, want: bool) -> Iterator[Assignment]:
    match node:
        case Logic(op=op, operands=operands) if (op == "and") is want:
            yield from _together([satisfied(one, pack, want=want) for one in operands])
        case Logic(operands=operands):
            for one in operands:
                yield from satisfied(one, pack, want=want)
        case Not(operand=operand):
            yield from _ways(operand, pack, want=not want)
        case Literal(value=bool(value)):
            yield from [{}] if value is want else []
        case Column(type=type_, name=name) if type_.kind is Kind.BOOL:
            yield {name: "true" if want else "false"}
        case _:
            yield from _leaf(node, pack, want=want) or [{}]


def _together(parts: list[list[Assignment]]) -> Iterator[Assignment]:
    """Every choice of one way of each part, but those that give a column two values."""
    for chosen in product(*parts):
        merged: dict[str, str | None] = {}
        if all(
            merged.setdefault(name, text) == text for one in chosen for name, text in one.items()
        ):
            yield merged


def _leaf(  # noqa: PLR0911 - a table of the forms of a leaf
    node: Expr, pack: Pack, *, want: bool
) -> list[Assignment]:
    match node:
        case Compare(op=op, left=left, right=right):
            return _compared(op if want else _OPPOSITE[op], left, right)
        case Range(operand=operand, low=low) if want:
            return _compared(">" if node.low_open else ">=", operand, low)
        case Member(operand=operand, values=values):
            texts = [str(one.value) for one in values if isinstance(one, Literal)]
            return _named(operand, texts if want else [_OTHER])
        case ListMember(operand=operand, name=name):
            keys = [str(key) for key in pack.lists[name].keys.head(2).to_list()]
            return _named(operand, keys if want else [_OTHER])
        case TextTest(left=left, right=Literal(value=value)):
            return _named(left, [str(value)] if want else [_OTHER])
        case Call(function="is_null", arguments=arguments):
            return _named(arguments[0], [None] if want else [_OTHER])
        case _:
            return []


def _column(node: Expr) -> Column | None:
    """The column that a side of a comparison is, perhaps inside a function."""
    if isinstance(node, Call) and node.function in _LOOKED_THROUGH:
        return _column(node.arguments[0])
    return node if isinstance(node, Column) else None


def _named(node: Expr, texts: Sequence[str | None]) -> list[Assignment]:
    column = _column(node)
    return [] if column is None else [{column.name: text} for text in texts]


def _compared(op: str, left: Expr, right: Expr) -> list[Assignment]:
    if isinstance(left, Literal):
        left, right, op = right, left, _MIRRORED[op]
    column = _column(left)
    if column is None or not isinstance(right, Literal) or isinstance(right.value, bool):
        return []
    if isinstance(right.value, str):
        return [{column.name: right.value if op == "==" else _OTHER}]
    if column.type.kind not in {Kind.MONEY, Kind.INT, Kind.NUMBER}:
        return []
    value, unit = Fraction(right.value, 10**right.type.scale), smallest(column.type)
    steps = {"<": -unit, ">": unit, "!=": unit}.get(op, Fraction(0))
    return [{column.name: shown(value + steps)}]
