"""A Hypothesis strategy: streams of payments that come near the edges of a pack's rules.

What a rule compares with is mined from it: amounts at, just below and just above its thresholds,
times its windows apart, the texts it asks for. Few accounts make the streams collide.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from txmon.language.nodes import Aggregate, Column, Compare, Literal, Member, Point, Span, walk
from txmon.plan import compile_plan
from txmon.plan.parts import operands
from txmon.schema import ACCOUNTS, Schema
from txmon.sources.currencies import MINOR_DIGITS
from txmon.testing.factories import START
from txmon.types import MONEY_SCALE, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import Expr

NAMES = ("A", "B", "C")
"""The accounts of a stream."""

_MONEY = ("amount", "original_amount", "currency")
_MADE = frozenset({"transaction_id", "event_time", *_MONEY, *ACCOUNTS})
_MICROSECOND = timedelta(microseconds=1)
_USUAL_GAPS = (timedelta(0), timedelta(hours=1))
_USUAL_AMOUNTS = (Decimal(1), Decimal(100))
_USUAL_TEXTS = ("x", "y")
_SPAN_LIMIT = timedelta(days=4_000)


@dataclass(slots=True)
class _Mined:
    """What the rules of a pack compare with."""

    numbers: set[Decimal] = field(default_factory=set)
    gaps: set[timedelta] = field(default_factory=set)
    texts: dict[str, set[str]] = field(default_factory=dict)

    def rule(self, rule: Rule) -> None:
        for node in _expressions(rule):
            for part in walk(node):
                self._part(part)
        for feature in rule.features.values():
            window = feature.window if isinstance(feature, Aggregate | Point) else None
            if window is not None and window.span is Span.TIME:
                self.gaps.add(timedelta(microseconds=window.length))
        if rule.suppress is not None:
            self.gaps.add(timedelta(microseconds=rule.suppress.span))

    def _part(self, part: Expr) -> None:
        match part:
            case Literal(type=Type(kind=Kind.DURATION), value=int() as value):
                self.gaps.add(timedelta(microseconds=value))
            case Literal(type=Type(kind=Kind.MONEY | Kind.NUMBER | Kind.INT) as type_):
                self.numbers.add(Decimal(int(part.value)).scaleb(-type_.scale))
            case Compare(left=Column(name=name), right=Literal(value=str() as text)):
                self.texts.setdefault(name, set()).add(text)
            case Member(operand=Column(name=name), values=values):
                found = (one.value for one in values if isinstance(one, Literal))
                self.texts.setdefault(name, set()).update(map(str, found))


def _expressions(rule: Rule) -> Iterator[Expr]:
    """Everything that a rule says of rows."""
    steps = () if rule.sequence is None else rule.sequence.steps
    yield from (one for one in (rule.where, rule.needs) if one is not None)
    yield from (level.when for level in rule.levels)
    yield from (step.when for step in steps)
    for feature in rule.features.values():
        yield from operands(feature)


def streams(
    pack: Pack, *, least: int = 1, most: int = 14
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Streams of payments for a pack, each a list of rows for ``transactions``.

    Args:
        pack: a loaded pack.
        least: how many rows at least.
        most: how many rows at most.
    """
    mined = _Mined()
    for rule in pack.rules:
        mined.rule(rule)
    schema = Schema.with_columns(pack.columns)
    read = compile_plan(pack, schema.columns).columns
    columns = {name: schema.columns[name] for name in read if name in schema.columns}
    gap = st.sampled_from(_gaps(mined))
    row = st.fixed_dictionaries(
        {"gap": gap, **_payment(pack, mined)},
        optional={
            name: st.sampled_from(_values(name, type_, pack, mined))
            for name, type_ in columns.items()
            if name not in _MADE
        },
    )
    return st.lists(row, min_size=least, max_size=most).map(_timed)


def _timed(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with their times, each so long after the one before as its gap says."""
    time = START
    timed = []
    for row in rows:
        time += row["gap"]
        timed.append({"at": time, **{name: value for name, value in row.items() if name != "gap"}})
    return timed


def _gaps(mined: _Mined) -> list[timedelta]:
    edges = (span + by for span in mined.gaps for by in (timedelta(0), -_MICROSECOND, _MICROSECOND))
    return sorted({*_USUAL_GAPS, *(one for one in edges if timedelta(0) <= one < _SPAN_LIMIT)})


def _payment(pack: Pack, mined: _Mined) -> dict[str, st.SearchStrategy[Any]]:
    digits = MINOR_DIGITS[pack.currency]
    cent = Decimal(1).scaleb(-digits)
    near = (one + by for one in mined.numbers for by in (Decimal(0), -cent, cent))
    amounts = sorted({_rounded(one, digits) for one in (*_USUAL_AMOUNTS, *near) if one >= 0})
    account = st.sampled_from(NAMES)
    return {
        ACCOUNTS[0]: account,
        ACCOUNTS[1]: account,
        "amount": st.sampled_from(amounts),
        "currency": st.just(pack.currency),
    }


def _rounded(value: Decimal, digits: int) -> Decimal:
    return round(value, digits) if digits else Decimal(int(value))


def _values(name: str, type_: Type, pack: Pack, mined: _Mined) -> list[Any]:
    """What may stand in a column that some rule reads; a row may lack it as well."""
    numbers = sorted(mined.numbers)
    match type_.kind:
        case Kind.TEXT:
            declared = pack.values.get(name, ())
            mine = {text for own in _own_names(name) for text in mined.texts.get(own, ())}
            return sorted({*declared, *mine}) if declared else sorted({*mine, *_USUAL_TEXTS})
        case Kind.BOOL:
            return [False, True]
        case Kind.INT:
            return sorted({int(one) + by for one in numbers for by in (-1, 0, 1)} or {0, 1})
        case Kind.DATE:
            return [START.date()]
        case Kind.TIME:
            return [START]
        case _:
            scale = min(type_.scale, MONEY_SCALE)
            digits = MINOR_DIGITS[pack.currency] if type_.kind is Kind.MONEY else scale
            return sorted({_rounded(one, digits) for one in (*numbers, *_USUAL_AMOUNTS)})


def _own_names(name: str) -> tuple[str, ...]:
    """The names under which rules read a column, those of a side included."""
    stem = name.removeprefix("debtor_").removeprefix("creditor_")
    return name, f"own_{stem}", f"counterparty_{stem}"
