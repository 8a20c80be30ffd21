"""Payments that people make when they feel like it, of all flows in proportion."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.habits.business import (
    invoices,
    refunds,
    sent_abroad,
    takings,
    wallet_top_ups,
    wallet_withdrawals,
)
from txmon.simulate.habits.shopping import abroad, card, online, scan_to_pay
from txmon.simulate.habits.social import (
    at_branch,
    borrowing,
    deposits,
    friends,
    from_outside,
    logins,
    to_outside,
    withdrawals,
)
from txmon.simulate.rows import Rows, concat

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.simulate.today import Today

    Flow = Callable[[Today, np.random.Generator, int], Rows]

FLOWS: tuple[tuple[float, Flow], ...] = (
    (0.29, card),
    (0.19, scan_to_pay),
    (0.07, online),
    (0.17, friends),
    (0.04, to_outside),
    (0.035, from_outside),
    (0.05, withdrawals),
    (0.012, deposits),
    (0.01, takings),
    (0.08, logins),
    (0.012, abroad),
    (0.012, refunds),
    (0.009, wallet_withdrawals),
    (0.03, invoices),
    (0.012, sent_abroad),
    (0.014, wallet_top_ups),
    (0.007, at_branch),
    (0.006, borrowing),
)
"""Each flow with its share of the spontaneous payments."""


def spontaneous(morning: Today, rng: np.random.Generator, size: int) -> Rows:
    """That many payments of a day, of all flows in proportion."""
    shares = np.array([share for share, _ in FLOWS])
    sizes = rng.multinomial(size, shares / shares.sum()).tolist()
    flows = zip(FLOWS, sizes, strict=True)
    return concat([flow(morning, rng, part) for (_, flow), part in flows])
