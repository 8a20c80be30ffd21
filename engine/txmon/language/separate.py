"""What an aggregate's ``where`` asks of the counted row, of the payment being judged, of both.

The parts decide how the aggregate is computed: ``x == this.x`` is one more key; comparisons that
have the row on one side and the judged payment on the other are ranges of the row's value;
whatever else asks of both is asked of every row of the window.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from txmon.language.algebra import raised_bits
from txmon.language.nodes import (
    Aggregate,
    Arithmetic,
    Call,
    Column,
    Compare,
    Expr,
    FeatureRef,
    ListMember,
    Logic,
    Lookup,
    Negate,
    Not,
    Range,
    Span,
    This,
    Vary,
    children,
    walk,
)
from txmon.types import EXACT_BITS, INT64_BITS, Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SEARCH_ROWS = 10_000
"""Rows that are looked at one by one for one value; with more to look at it is unknown, with the
cause ``search_bound``."""

KEYED = frozenset({Kind.TEXT, Kind.INT, Kind.BOOL, Kind.DATE})
RANGED = frozenset({"count", "sum", "mean"})
"""Aggregates that are computed from sums, so that a range of ranks can be taken of them."""
OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<"}
MIRRORED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
ATOMS = (Column, FeatureRef, Vary, ListMember, Lookup)
"""Nodes whose value belongs to a row of its own."""

Term = tuple[int, Expr]
"""A sign and a value."""


@dataclass(frozen=True, slots=True)
class Bound:
    """``row op judged``: the row's value against signed values of the judged payment, summed.

    One value of sign 1 may be of any type; several are exact. ``this`` is taken off them.
    """

    row: Expr
    op: str
    judged: tuple[Term, ...]


@dataclass(frozen=True, slots=True)
class Separated:
    """The parts of a ``where``; all of them true is the ``where`` true.

    ``plain`` asks of the row only, ``gate`` of the judged payment only (``this`` taken off),
    ``keys`` are columns that must equal the judged payment's, ``mixed`` asks of both. ``bounds``
    say what ``mixed`` says where that is a range of one value of the row; else they are empty.
    ``scans`` means that rows have to be looked at one by one.
    """

    plain: Expr | None
    gate: Expr | None
    keys: tuple[str, ...]
    mixed: Expr | None
    bounds: tuple[Bound, ...]
    scans: bool


def judged(node: Expr) -> Expr:
    """The node asked of the payment being judged: every value of a row in it becomes ``this``."""
    return This(node.type, node) if isinstance(node, ATOMS) else _each(node, judged)


def own(node: Expr) -> Expr:
    """The node with ``this`` taken off, to be asked of the judged payment itself."""
    return own(node.operand) if isinstance(node, This) else _each(node, own)


def _each(node: Expr, change: Any) -> Expr:
    """The node with its direct operands changed."""
    changed: dict[str, Any] = {}
    for item in fields(node):
        value = getattr(node, item.name)
        if isinstance(value, tuple):
            changed[item.name] = tuple(_one(part, change) for part in value)
        elif item.name != "type":
            changed[item.name] = _one(value, change)
    return replace(node, **changed)


def _one(value: Any, change: Any) -> Any:
    return value if isinstance(value, str | bool | int | tuple) else change(value)


def reads_judged(node: Expr) -> bool:
    """Whether a node reads the payment being judged."""
    return any(isinstance(part, This) for part in walk(node))


def of_row(node: Expr) -> Iterator[Expr]:
    """The node and what is below it, without what belongs to the judged payment."""
    if not isinstance(node, This):
        yield node
        for child in children(node):
            yield from of_row(child)


def reads_row(node: Expr) -> bool:
    """Whether a node reads the counted row."""
    return any(isinstance(part, ATOMS) for part in of_row(node))


def past_features(node: Expr) -> set[str]:
    """The features that a node reads at the counted row."""
    return {part.name for part in of_row(node) if isinstance(part, FeatureRef)}


def judged_parts(node: Expr) -> Iterator[Expr]:
    """What a node reads of the judged payment, ``this`` taken off."""
    return (part.operand for part in walk(node) if isinstance(part, This))


def row_arguments(feature: Aggregate) -> tuple[Expr, ...]:
    """The arguments that are asked of each counted row: the others are asked once."""
    return feature.arguments[:1] if feature.function == "legs" else feature.arguments


def asked_once(feature: Aggregate) -> tuple[Expr, ...]:
    """The arguments that are asked of the judged payment, ``this`` taken off."""
    return tuple(own(part) for part in feature.arguments[len(row_arguments(feature)) :])


def separated(feature: Aggregate) -> Separated:
    """The parts of an aggregate's ``where``, and whether its rows are looked at one by one."""
    parts = list(conjuncts(feature.where))
    keys = tuple(dict.fromkeys(name for part in parts if (name := _key(feature, part)) is not None))
    rest = [part for part in parts if _key(feature, part) is None]
    mixed = [part for part in rest if reads_judged(part) and reads_row(part)]
    gates = [own(part) for part in rest if reads_judged(part) and not reads_row(part)]
    plain = [part for part in rest if not reads_judged(part)]
    arguments = any(map(reads_judged, row_arguments(feature)))
    bounds = () if arguments or feature.function not in RANGED else _one_range(mixed)
    return Separated(
        plain=_all(plain),
        gate=_all(gates),
        keys=tuple(name for name in keys if name not in feature.keys),
        mixed=_all(mixed),
        bounds=bounds,
        scans=arguments or (bool(mixed) and not bounds),
    )


def conjuncts(node: Expr | None, *, negated: bool = False) -> Iterator[Expr]:
    """Conditions that are all true exactly where the node (or its contrary) is true."""
    match node:
        case None:
            return
        case Not():
            yield from conjuncts(node.operand, negated=not negated)
        case Logic(op=op) if op == ("or" if negated else "and"):
            for operand in node.operands:
                yield from conjuncts(operand, negated=negated)
        case Compare() if negated:
            yield replace(node, op=OPPOSITE[node.op])
        case Range() if not negated and reads_judged(node):
            yield Compare("<" if node.low_open else "<=", node.low, node.operand)
            yield Compare("<" if node.high_open else "<=", node.operand, node.high)
        case _:
            yield Not(node) if negated else node


def _all(parts: list[Expr]) -> Expr | None:
    if len(parts) > 1:
        return Logic("and", tuple(parts))
    return parts[0] if parts else None


def _key(feature: Aggregate, part: Expr) -> str | None:
    """The column of ``x == this.x``, where it may be one more key.

    Not of a window of rows: its rows are those of the whole timeline, ``where`` comes after. Not
    of a column that is already a key of another timeline: there it is not the payment's own.
    """
    window = feature.window
    if window.span is Span.ROWS and not window.matching:
        return None
    match part:
        case Compare("==", Column(_, name), This(_, Column(type_, other))) if name == other:
            pass
        case Compare("==", This(_, Column(type_, other)), Column(_, name)) if name == other:
            pass
        case _:
            return None
    probed = bool(feature.probes) and name in feature.keys
    return name if type_.kind in KEYED and not probed else None


def _one_range(mixed: list[Expr]) -> tuple[Bound, ...]:
    """What the conditions ask of one value of the row; nothing if it is more than that."""
    found = [_bounds(part) for part in mixed]
    bounds = tuple(bound for one in found for bound in one or ())
    whole = all(one is not None for one in found) and len({bound.row for bound in bounds}) == 1
    apart = any(bound.op == "!=" for bound in bounds) and len(bounds) > 1
    return bounds if whole and not apart else ()


def _bounds(part: Expr) -> tuple[Bound, ...] | None:
    if not isinstance(part, Compare):
        return None
    left, op, right = part.left, part.op, part.right
    if not reads_row(left):
        left, op, right = right, MIRRORED[op], left
    if not reads_judged(left) and not reads_row(right):
        narrow = not left.type.wide and not (left.type.exact and left.type.bits > INT64_BITS)
        return (Bound(left, op, ((1, own(right)),)),) if narrow else None
    if isinstance(left, Call) and left.function == "abs" and not reads_row(right):
        return _around(left.arguments[0], op, right)
    both = _linear([*_terms(left, 1), *_terms(right, -1)], op)
    return None if both is None else (both,)


def _around(inside: Expr, op: str, distance: Expr) -> tuple[Bound, ...] | None:
    """``abs(inside) op distance`` as two bounds, where it is one range."""
    if op not in {"<", "<="}:
        return None
    above = _linear([*_terms(inside, 1), *_terms(distance, -1)], op)
    below = _linear([*_terms(inside, 1), *_terms(distance, 1)], MIRRORED[op])
    return None if above is None or below is None else (above, below)


def _terms(node: Expr, sign: int) -> Iterator[Term]:
    match node:
        case Negate():
            yield from _terms(node.operand, -sign)
        case Arithmetic(op="+" | "-") if node.type.exact:
            yield from _terms(node.left, sign)
            yield from _terms(node.right, sign if node.op == "+" else -sign)
        case _:
            yield sign, node


def _linear(terms: list[Term], op: str) -> Bound | None:
    """``sum of terms op 0`` as a bound of the one term that reads the row, if all is exact."""
    rows = [term for term in terms if reads_row(term[1])]
    if len(rows) != 1 or not all(node.type.exact for _, node in terms):
        return None
    (sign, row) = rows[0]
    if reads_judged(row) or row.type.bits > INT64_BITS or not _fits(terms):
        return None
    rest = tuple((-sign * other, own(node)) for other, node in terms if node is not row)
    return Bound(row, op if sign > 0 else MIRRORED[op], rest)


def _fits(terms: Iterable[Term]) -> bool:
    """Whether the exact sum of the terms can be held."""
    types = [node.type for _, node in terms]
    scale = max(type_.scale for type_ in types)
    widest = max(raised_bits(type_, scale) for type_ in types)
    return widest + len(types).bit_length() <= EXACT_BITS


def searches(feature: Aggregate) -> bool:
    """Whether a value may be given up after ``SEARCH_ROWS`` rows."""
    return feature.function == "legs" or separated(feature).scans


def one_by_one(feature: Aggregate) -> str:
    """Why an aggregate looks at every row of its window, in words; empty if it need not."""
    if feature.inner is not None or not separated(feature).scans:
        return ""
    return f"looks at each row of its window, at most {SEARCH_ROWS:,} (more: unknown, search_bound)"
