"""What a value can be: kinds, exact scales and the width of an integer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

MONEY_SCALE = 4
"""Decimal places that every amount of money is held at, whatever its currency."""

MONEY_LIMIT = 10**13 * 10**MONEY_SCALE
"""Largest |amount| accepted, at MONEY_SCALE: 10**13 units, which are 10**15 cents."""

MONEY_BITS = MONEY_LIMIT.bit_length()
INT64_BITS = 63
EXACT_BITS = 126
"""Widest exact value an expression may reach; wider ones are refused at load."""


class Kind(StrEnum):
    """The kinds of value a rule can talk about."""

    MONEY = "money"
    NUMBER = "number"
    INT = "int"
    DURATION = "duration"
    TIME = "time"
    DATE = "date"
    TEXT = "text"
    BOOL = "bool"
    SEVERITY = "severity"
    LIST = "list"


ARITHMETIC = frozenset({Kind.MONEY, Kind.NUMBER, Kind.INT, Kind.DURATION})


@dataclass(frozen=True, slots=True)
class Type:
    """The static type of an expression.

    An exact value is an integer ``v`` that means ``v / 10**scale``: units of money, a plain
    number, or microseconds of a duration or time; a date is days since 1970-01-01, a text is
    text, a severity its rank from 0 (info) to 4 (critical).

    An inexact value (``exact=False``: a mean, a standard deviation, a division) is one
    float64 of the same unit, but money counts ``10**-MONEY_SCALE`` (ten-thousandths).
    ``bits`` bounds ``|v| < 2**bits`` for exact arithmetic values.
    """

    kind: Kind
    scale: int = 0
    bits: int = INT64_BITS
    exact: bool = True

    @property
    def base_scale(self) -> int:
        """Scale of the unit that an inexact value of this kind counts."""
        return MONEY_SCALE if self.kind is Kind.MONEY else 0

    @property
    def wide(self) -> bool:
        """Whether an exact value may need more than 64 bits."""
        return self.exact and self.bits > INT64_BITS

    def __str__(self) -> str:
        return self.kind.value


MONEY = Type(Kind.MONEY, MONEY_SCALE, MONEY_BITS)
MONEY_SUM = Type(Kind.MONEY, MONEY_SCALE)
INT = Type(Kind.INT)
DURATION = Type(Kind.DURATION)
TIME = Type(Kind.TIME)
DATE = Type(Kind.DATE)
TEXT = Type(Kind.TEXT)
BOOL = Type(Kind.BOOL)
SEVERITY = Type(Kind.SEVERITY, bits=3)
NUMBER = Type(Kind.NUMBER, exact=False)
