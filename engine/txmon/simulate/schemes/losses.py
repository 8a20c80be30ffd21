"""What victims lose: mostly 5,000 to 30,000 yuan, some far more, 75,000 on average."""

from __future__ import annotations

from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from txmon.simulate.scenario import STOLEN_FROM_EACH
from txmon.simulate.vocabulary import YUAN

if TYPE_CHECKING:
    from numpy.typing import NDArray

_FAR_MORE = 0.22
_LOWEST, _HIGHEST = 5_000, 30_000
_MEDIAN, _SIGMA, _MOST = 150_000, 1.15, 3_000_000
_UNEVEN = 1.6


def losses(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """One loss in cents for each victim, in random order.

    Drawn evenly over the ranks, so that a few victims already show the whole distribution.
    """
    heavy = round(size * _FAR_MORE)
    ranks = (np.arange(size - heavy) + rng.random(size - heavy)) / max(1, size - heavy)
    body = _LOWEST + (_HIGHEST - _LOWEST) * ranks**_UNEVEN
    both = np.concatenate((body, _tail(rng, heavy, size * STOLEN_FROM_EACH - body.sum())))
    return rng.permutation(np.round(both).astype(np.int64) * YUAN)


def _tail(rng: np.random.Generator, size: int, total: float) -> NDArray[np.float64]:
    """Log-normal losses that make up a total between them."""
    ranks = (np.arange(size) + rng.uniform(0.05, 0.95, size)) / max(1, size)
    normal = NormalDist()
    drawn = _MEDIAN * np.exp(_SIGMA * np.array([normal.inv_cdf(rank) for rank in ranks.tolist()]))
    bounded = np.clip(drawn, _HIGHEST, _MOST)
    scale = total / bounded.sum() if size else 1.0
    return np.asarray(bounded * scale)
