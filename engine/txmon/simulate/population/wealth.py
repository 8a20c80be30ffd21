"""How much people have and earn: log-normal amounts with a long tail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.vocabulary import YUAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from txmon.simulate.population.ranges import Ranges

    Cents = NDArray[np.int64]


def money(rng: np.random.Generator, median: float, sigma: float, size: int) -> Cents:
    """Log-normal amounts in cents around a median in yuan."""
    return np.round(rng.lognormal(np.log(median * YUAN), sigma, size)).astype(np.int64)


def openings(rng: np.random.Generator, ranges: Ranges, joined: NDArray[np.int64]) -> Cents:
    """Balances on the first morning; who joins later has nothing yet."""
    opening = np.zeros(ranges.total, np.int64)
    for part, median, sigma in (
        (ranges.persons, 19_000, 1.35),
        (ranges.savings, 70_000, 1.3),
        (ranges.shops, 30_000, 1.0),
        (ranges.firms, 60_000_000, 0.8),
        (ranges.utilities, 50_000_000, 0.5),
        (ranges.institutions, 5_000_000, 0.8),
        (ranges.markets, 90_000_000, 0.5),
        (ranges.lenders, 400_000_000, 0.5),
        (ranges.rented, 160, 1.6),
    ):
        opening[part.start : part.stop] = money(rng, median, sigma, len(part))
    opening[: len(joined)][joined > 0] = 0
    return opening
