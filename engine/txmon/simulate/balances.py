"""Running balances: what stood on each account before each payment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.exchange import to_home
from txmon.simulate.vocabulary import NONE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.rows import Rows

    Cents = NDArray[np.int64]

_PLACE_BITS = 32


def settle(ordered: Rows, balances: Cents) -> tuple[Cents, Cents]:
    """Book payments in their order; returns the debtor's and the creditor's balance before each.

    ``balances`` (cents of the home currency, by account code) is brought up to date in place.
    The balance of a missing account is 0.
    """
    size = len(ordered)
    worth = to_home(ordered.cents, ordered.currency)
    account = np.concatenate((ordered.debtor, ordered.creditor)).astype(np.int64)
    change = np.concatenate((-worth, worth))
    # Both sides of a payment stand side by side, the debtor's first.
    place = np.concatenate((np.arange(size) * 2, np.arange(size) * 2 + 1))
    packed = np.sort((account[account != NONE] << _PLACE_BITS) | place[account != NONE])
    side = packed & ((1 << _PLACE_BITS) - 1)
    before = np.zeros(2 * size, np.int64)
    before[side] = _running(packed >> _PLACE_BITS, change[_unfold(side, size)], balances)
    return before[0::2], before[1::2]


def _unfold(side: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """The place in (debtors, creditors) of a side counted payment by payment."""
    return (side >> 1) + (side & 1) * size


def _running(account: NDArray[np.int64], change: Cents, balances: Cents) -> Cents:
    """Balance before each change, the changes being sorted by account and then by order."""
    if not len(account):
        return change
    total = np.cumsum(change)
    first = np.flatnonzero(np.diff(account, prepend=account[0] - 1))
    base = np.repeat(total[first] - change[first], np.diff(first, append=len(account)))
    before = balances[account] + total - change - base
    last = np.append(first[1:], len(account)) - 1
    balances[account[last]] = before[last] + change[last]
    return before
