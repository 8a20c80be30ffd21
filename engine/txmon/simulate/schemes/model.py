"""What a scheme is given and what it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy as np
    from numpy.typing import NDArray

    from txmon.simulate.rows import Rows

    Codes = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part in one incident and when it starts.

    ``start`` is midnight of its first day (UTC microseconds); ``rented`` are accounts of
    criminals, nobody else's; ``people`` are customers with their balances on that morning in
    cents (``wealth``) and their own phones (``phones``); ``device`` is the criminals' own;
    ``abroad`` are foreign accounts with the codes of their currencies; ``shops`` are some shops.
    """

    start: int
    rented: Codes
    people: Codes
    wealth: NDArray[np.int64]
    phones: Codes
    device: int
    abroad: Codes
    currencies: NDArray[np.int8]
    shops: Codes


@dataclass(frozen=True, slots=True)
class Staged:
    """The payments of one incident, and (account, role) of those who took part."""

    rows: Rows
    accounts: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Scheme:
    """A way to defraud people: how many rented accounts and customers one incident needs at
    most, and the function that stages it.
    """

    name: str
    rented: int
    people: int
    stage: Callable[[np.random.Generator, Cast], Staged]
