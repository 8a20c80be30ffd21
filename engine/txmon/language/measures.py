"""What can be asked of a path that a graph pattern found: its measures and its roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.patterns import Shape
from txmon.types import DURATION, INT, MONEY, MONEY_SUM, NUMBER

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.types import Type

MEASURES: Mapping[str, Type] = {
    **dict.fromkeys(("hops", "middles", "others"), INT),
    **dict.fromkeys(("first_amount", "last_amount", "min_amount"), MONEY),
    **dict.fromkeys(("amount_in", "amount_out"), MONEY_SUM),
    "amount_cv": NUMBER,
    "duration": DURATION,
}
"""Measure -> its type; money and durations are exact, ``amount_cv`` is a float."""

_AMOUNTS = ("first_amount", "last_amount", "min_amount", "amount_cv", "amount_in", "amount_out")
MEASURES_OF: Mapping[Shape, tuple[str, ...]] = {
    Shape.CYCLE: ("hops", "middles", *_AMOUNTS, "duration"),
    Shape.CHAIN: ("hops", "middles", *_AMOUNTS, "duration"),
    Shape.SCATTER_GATHER: ("middles", *_AMOUNTS, "duration"),
    Shape.SHARED: ("others", "duration"),
}
"""Pattern -> the measures that mean something there."""

FIRST, MIDDLE, LAST = "first", "middle", "last"
ROLES = (FIRST, MIDDLE, LAST)
ROLES_OF: Mapping[Shape, tuple[str, ...]] = {
    Shape.CYCLE: ROLES,
    Shape.CHAIN: ROLES,
    Shape.SCATTER_GATHER: ROLES,
    Shape.SHARED: (LAST, MIDDLE),
}
"""Pattern -> the roles its alert can be about, the default one first."""
