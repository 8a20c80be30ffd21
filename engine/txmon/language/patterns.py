"""Graph patterns of checked rules: what of the payments between accounts is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from txmon.language.nodes import Expr, Literal

MAX_HOPS = 20
MAX_COUNT = 1_000_000
DEFAULT_SEARCH = 10_000


class Shape(StrEnum):
    """The four patterns."""

    CYCLE = "cycle"
    CHAIN = "chain"
    SCATTER_GATHER = "scatter_gather"
    SHARED = "shared"


@dataclass(frozen=True, slots=True)
class Count:
    """A whole number in ``low..high``, both ends held."""

    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Share:
    """A share in ``low..high`` as exact decimals, both ends held; ``high`` None: no upper end."""

    low: Literal
    high: Literal | None


@dataclass(frozen=True, slots=True)
class Graph:
    """One pattern with its bounds.

    ``size`` counts hops (cycle, chain), middle accounts (scatter_gather) or other accounts
    (shared). ``within`` and ``hold`` are microseconds, inclusive; ``hold`` is at most ``within``.
    ``keep`` is the share that a middle account passes on. ``through`` is asked where a middle
    account pays on. ``via`` and ``common`` belong to ``shared``. ``search_limit`` bounds how many
    payments are looked at for one closing transaction.
    """

    shape: Shape
    size: Count
    within: int
    hold: int
    search_limit: int
    keep: Share | None = None
    through: Expr | None = None
    via: str = ""
    common: Count = Count(1, MAX_COUNT)

    @property
    def columns(self) -> frozenset[str]:
        """Columns that the pattern itself reads, sided names included."""
        if self.shape is Shape.SHARED:
            return frozenset({self.via, *self.accounts})
        return frozenset({"amount", *self.accounts})

    @property
    def accounts(self) -> tuple[str, ...]:
        """Columns of the accounts that the pattern joins."""
        return ("debtor_account", "creditor_account")
