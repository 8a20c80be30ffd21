"""Hypothesis strategies: small colliding tables of transactions, and random packs to judge them.

Both draw from small alphabets: three accounts, two devices, times a whole window apart, amounts
on the thresholds, nulls wherever a null may stand. So windows, ties and edges really collide.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from hypothesis import strategies as st

from txmon.testing.factories import DEFAULT_CURRENCY, START
from txmon.testing.random_rules import random_graph_pack, random_pack, random_sequence_pack
from txmon.testing.random_trees import DEVICES, KINDS_OF_VALUE, SEGMENTS, Maker
from txmon.types import MONEY_LIMIT, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.language.checked import Pack
    from txmon.language.nodes import Expr

T = TypeVar("T")
UNIT = 10_000
MICROSECOND, HOUR, DAY = timedelta(microseconds=1), timedelta(hours=1), timedelta(days=1)
GAPS = (timedelta(0), timedelta(0), HOUR, MICROSECOND, DAY, HOUR - MICROSECOND, 6 * DAY, 7 * DAY)
AMOUNTS = tuple(round(amount * UNIT) for amount in (100, 500, 1000, 999.995, 0, -100))
NEAR = (timedelta(0), HOUR, MICROSECOND, HOUR - MICROSECOND, DAY)
PASSED_ON = tuple(amount * UNIT for amount in (100, 100, 90, 80, 500))
REVERSED = ("t00", "t01", "t02", "t05")
"""Ids of transactions that others say they reverse, earlier or not."""

HUGE = (MONEY_LIMIT, -MONEY_LIMIT)
HUGE_INTEGERS = (2**62, 2**62 - 1, 2**62, -(2**62), None)
OPENED = (date(2026, 3, 1), date(2024, 2, 29), date(2025, 3, 1))


PAIRS = (
    *(("A", "B"), ("A", "B"), ("B", "A"), ("A", "C"), ("C", "B")),
    *(("A", "A"), ("A", None), (None, "B")),
)
"""Debtor and creditor: payments, a self-transfer, cash with one account."""


class _Drawn:
    """Choices drawn by Hypothesis."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def pick(self, options: Sequence[T]) -> T:
        """One of the options; it shrinks to the first."""
        return self._draw(st.sampled_from(options))


@st.composite
def rows(
    draw: st.DrawFn, *, most: int = 14, history: bool = False, vast: bool | None = None
) -> list[dict[str, Any]]:
    """Accepted transactions in storage form, in any order.

    Args:
        draw: given by Hypothesis.
        most: how many rows at most.
        history: whether some rows may be history.
        vast: whether most values are so large that sums and squares overflow; None for now
            and then.
    """
    vast = draw(st.sampled_from((False, False, True))) if vast is None else vast
    least = draw(st.sampled_from((1, most // 2)))  # by itself Hypothesis seldom draws long lists
    drawn = draw(st.lists(_row(history=history, vast=vast), min_size=least, max_size=most))
    numbers = draw(st.permutations(range(len(drawn))))
    time = START
    for row, number in zip(drawn, numbers, strict=True):
        time += row.pop("gap")
        row |= {"transaction_id": f"t{number:02d}", "event_time": time}
    return drawn


@st.composite
def packs(
    draw: st.DrawFn,
    *,
    most: int = 3,
    spelling: bool = True,
    clock: bool = True,
    late: bool = True,
) -> Pack:
    """Packs of one to ``most`` random rules that the language would accept.

    Args:
        draw: given by Hypothesis.
        most: how many rules at most.
        spelling: whether a rule may depend on how a text is spelt.
        clock: whether a rule may depend on hours, weekdays, dates and fixed times.
        late: whether a sequence may end with an absent step, so that its alert comes later.
    """
    number = draw(st.integers(1, most))
    return random_pack(_Drawn(draw), number, spelling=spelling, clock=clock, late=late)


@st.composite
def sequence_packs(draw: st.DrawFn) -> Pack:
    """Packs of one rule with a sequence that often completes."""
    return random_sequence_pack(_Drawn(draw))


@st.composite
def payments(draw: st.DrawFn, *, most: int = 14) -> list[dict[str, Any]]:
    """Rows that are mostly payments among few accounts, near each other, so that paths occur."""
    drawn = draw(rows(most=most))
    accounts = draw(st.sampled_from(("ABC", "ABCD")))
    time = START
    for row in drawn:
        time += draw(st.sampled_from(NEAR))
        pair = [draw(st.sampled_from(accounts)) for _ in range(2)]
        amount = draw(st.sampled_from(PASSED_ON))
        row |= {"event_time": time, "debtor_account": pair[0], "creditor_account": pair[1]}
        row |= {"amount": amount, "original_amount": amount, "currency": DEFAULT_CURRENCY}
    return drawn


@st.composite
def graph_packs(draw: st.DrawFn, *, clock: bool = True) -> Pack:
    """Packs of two random graph rules; ``clock`` as ``packs`` has it."""
    return random_graph_pack(_Drawn(draw), clock=clock)


@st.composite
def expressions(draw: st.DrawFn, *, depth: int = 3, kinds: Sequence[Kind] = KINDS_OF_VALUE) -> Expr:
    """Expressions over the columns of whole payments, of every kind or of some."""
    maker = Maker(_Drawn(draw), sided=False)
    return maker.expr(draw(st.sampled_from(kinds)), depth)


@st.composite
def _row(draw: st.DrawFn, *, history: bool, vast: bool) -> dict[str, Any]:
    amount = draw(st.sampled_from((*AMOUNTS, None, *(HUGE if vast else ()))))
    debtor, creditor = draw(st.sampled_from(PAIRS))
    money = {
        "amount": amount,
        "original_amount": amount,
        "currency": None if amount is None else DEFAULT_CURRENCY,
    }
    return {
        "gap": draw(st.sampled_from(GAPS)),
        "sequence": draw(st.sampled_from((None, None, 1, 2))),
        "kind": draw(st.sampled_from(("transfer", "card", "login", None))),
        "reverses": draw(st.sampled_from((None, None, None, *REVERSED))),
        "debtor_account": debtor,
        "creditor_account": creditor,
        **money,
        **_details(draw, vast=vast),
        "history": draw(st.booleans()) if history else False,
    }


def _details(draw: st.DrawFn, *, vast: bool) -> dict[str, Any]:
    choices: dict[str, tuple[Any, ...]] = {
        "device_id": (*DEVICES, None),
        "debtor_segment": (*SEGMENTS, None),
        "creditor_segment": (*SEGMENTS, None),
        "debtor_balance": (None, *AMOUNTS),
        "creditor_balance": (None, *AMOUNTS),
        "risk": HUGE_INTEGERS if vast else (None, 0, 50, 80, -200),
        "tries": HUGE_INTEGERS if vast else (None, 0, 1, 2),
        "flag": (None, False, True),
        "opened": (None, *OPENED),
        "seen_at": (None, START, START - DAY),
        "debtor_tier": (None, 0, 1),
        "creditor_tier": (None, 0, 1),
    }
    return {name: draw(st.sampled_from(options)) for name, options in choices.items()}
