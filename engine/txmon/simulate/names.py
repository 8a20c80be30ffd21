"""The texts behind the codes: names that tell nothing about what stands behind them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from txmon.simulate.population.places import CASH_MACHINES, CITIES, coordinates
from txmon.simulate.vocabulary import CATEGORIES, COUNTRIES, NONE, Segment, Trade, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike, NDArray

    from txmon.simulate.population import Population
    from txmon.simulate.scenario import Scenario

DEVICES_PER_ACCOUNT = 3
"""Codes of devices: each account's own, the one it may change to, and those bought for one call."""

_AGENTS = (
    *("TXMNCNBJ", "HUAXCNSH", "DONGCNSZ", "BEIHCNBJ", "XIHUCNHZ"),
    *("NANJCNNJ", "CHUACNCD", "MINHCNXM", "LIAOCNSY"),
)
_ELSEWHERE = ("5262", "8299")
"""Categories of marketplaces and of institutions."""

_ABROAD = ("5311", "5812", "7011", "5944", "7995", "5411", "4722", "5732")

# Odd and no multiple of 5, so that it turns the numbers below 10**9 into each other.
_SHUFFLE, _OFFSET, _NAMES = 387_420_489, 123_456_789, 10**9
_NAMING = 7


@dataclass(frozen=True, slots=True)
class Names:
    """Texts (and coordinates) by code; the last entry of each is null, which NONE leads to."""

    account: pl.Series
    customer: pl.Series
    device: pl.Series
    phone: pl.Series
    card: pl.Series
    ip: pl.Series
    agent: pl.Series
    country: pl.Series
    segment: pl.Series
    category: pl.Series
    region: pl.Series
    latitude: pl.Series
    longitude: pl.Series


def names(scenario: Scenario, people: Population) -> Names:
    """A text for every code of a population."""
    rng = scenario.stream(_NAMING)
    total = people.ranges.total
    city = _place_cities(people)
    latitude, longitude = coordinates(rng, city)
    # A session has a region and no coordinates.
    located = np.ones(len(city), bool)
    located[total : total + len(CITIES)] = False
    customer = _scrambled(rng, "C", total)
    return Names(
        account=_scrambled(rng, "A", total),
        customer=_with_null(_of(customer, people.customer)),
        device=_scrambled(rng, "D", DEVICES_PER_ACCOUNT * total),
        phone=_with_null(_of(_scrambled(rng, "P", total), people.phone)),
        card=_scrambled(rng, "K", total),
        ip=_addresses(rng, people),
        agent=_with_null(words(_AGENTS, people.agent)),
        country=_with_null(words(COUNTRIES, people.country)),
        segment=_with_null(words(texts(Segment), people.segment)),
        category=_with_null(words((*CATEGORIES, *_ELSEWHERE, *_ABROAD), _categories(people))),
        region=_with_null(words([one.region for one in CITIES], city)),
        latitude=_with_null(pl.Series(np.where(located, latitude, np.nan)).fill_nan(None)),
        longitude=_with_null(pl.Series(np.where(located, longitude, np.nan)).fill_nan(None)),
    )


def pick(known: pl.Series, codes: NDArray[np.integer]) -> pl.Series:
    """The entries at these codes; null at NONE."""
    return known.gather(np.where(codes == NONE, len(known) - 1, codes))


def words(vocabulary: Sequence[str], codes: ArrayLike) -> pl.Series:
    """The words at these codes; null at NONE."""
    return pick(pl.Series([*vocabulary, None], dtype=pl.String), np.asarray(codes))


def _with_null(known: pl.Series) -> pl.Series:
    return pl.concat([known, pl.Series([None], dtype=known.dtype)])


def _of(known: pl.Series, codes: NDArray[np.integer]) -> pl.Series:
    return pick(known, codes)


def _scrambled(rng: np.random.Generator, letter: str, size: int) -> pl.Series:
    """Different names in no order."""
    numbers = _turned(rng, size) % _NAMES
    return _with_null(letter + pl.Series(numbers).cast(pl.String).str.zfill(9))


def _turned(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    """Whole numbers that stay different modulo 10**9 or a power of two, in no order."""
    return rng.permutation(size) * _SHUFFLE + _OFFSET


def _addresses(rng: np.random.Generator, people: Population) -> pl.Series:
    """Private addresses for homes, those between carriers for mobile networks."""
    homes = pl.Series(_turned(rng, people.ranges.total) % (1 << 24))
    shared = pl.Series(_turned(rng, people.mobile_addresses) % (1 << 22))
    home = pl.select("10." + _dotted(pl.lit(homes), 16, 256)).to_series()
    mobile = pl.select("100." + _dotted(pl.lit(shared + (64 << 16)), 16, 256)).to_series()
    return _with_null(pl.concat([home, mobile]))


def _dotted(number: pl.Expr, bits: int, base: int) -> pl.Expr:
    parts = [number // (1 << bits) % base, number // base % base, number % base]
    return pl.concat_str(parts, separator=".")


def _place_cities(people: Population) -> NDArray[np.int8]:
    """The city of every place: accounts, then sessions, then cash machines."""
    cities = np.arange(len(CITIES), dtype=np.int8)
    return np.concatenate((people.city, cities, np.repeat(cities, CASH_MACHINES)))


def _categories(people: Population) -> NDArray[np.int64]:
    ranges = people.ranges
    category = np.full(ranges.total, NONE, np.int64)
    category[ranges.shops.start : ranges.shops.stop] = people.trade
    category[ranges.markets.start : ranges.markets.stop] = len(Trade)
    category[ranges.institutions.start : ranges.institutions.stop] = len(Trade) + 1
    abroad = np.arange(len(ranges.abroad)) // (len(COUNTRIES) - 1) % len(_ABROAD)
    category[ranges.abroad.start : ranges.abroad.stop] = len(Trade) + len(_ELSEWHERE) + abroad
    return category
