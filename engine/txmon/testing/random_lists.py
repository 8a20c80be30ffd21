"""The lists of random packs: keyed by texts, numbers and money, one of them dated."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from txmon.language.checked import ListTable
from txmon.types import BOOL, DATE, DURATION, INT, TEXT, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

MARCH = 20_513
"""The first day of the random payments."""

_ATTRIBUTES = pl.DataFrame(
    {
        "limit": [5_000_000, None, 9_999_950, 0, -1_000_000],
        "share": [8, 10, None, -20, 5],
        "rank": [1, 2, 0, 3, None],
        "grace": [3_600_000_000, 0, None, 86_400_000_000, 1],
        "since": [MARCH, MARCH - 365, MARCH + 1, None, MARCH],
        "group": ["A", "gold", None, "d1", "Straße"],
        "risky": [True, False, True, None, False],
    },
    {
        "limit": pl.Int64,
        "share": pl.Int64,
        "rank": pl.Int64,
        "grace": pl.Int64,
        "since": pl.Int64,
        "group": pl.String,
        "risky": pl.Boolean,
    },
)
_TYPES = {
    "limit": Type(Kind.MONEY, 4),
    "share": Type(Kind.NUMBER, 1),
    "rank": INT,
    "grace": DURATION,
    "since": DATE,
    "group": TEXT,
    "risky": BOOL,
}
ATTRIBUTES: Mapping[Kind, str] = {type_.kind: name for name, type_ in _TYPES.items()}
"""The one attribute of each kind that every random list has."""


def _random_list(key: Type, keys: list[str] | list[int], days: list[tuple[int, int]]) -> ListTable:
    dtype = pl.String if key.kind is Kind.TEXT else pl.Int64
    since, until = (pl.Series([day[end] for day in days], dtype=pl.Int64) for end in (0, 1))
    named = pl.Series(keys, dtype=dtype)
    return ListTable(key, named, _TYPES, _ATTRIBUTES, *((since, until) if days else ()))


LISTS: Mapping[str, ListTable] = {
    "names": _random_list(TEXT, ["A", "C", "d1", "gold", "login"], []),
    "numbers": _random_list(INT, [-1, 0, 1, 2, 24], []),
    "amounts": _random_list(Type(Kind.MONEY, 4), [-100, 0, 100 * 10_000, 5_000_000, 9_999_950], []),
    "dated": _random_list(
        TEXT,
        ["A", "A", "B", "gold", "transfer"],
        [
            *((-(1 << 31), MARCH), (MARCH + 1, MARCH + 5), (MARCH + 2, (1 << 31) - 1)),
            *((MARCH + 3, MARCH + 3), (-(1 << 31), (1 << 31) - 1)),
        ],
    ),
}
LIST_KEYS: Mapping[str, Kind] = {
    "names": Kind.TEXT,
    "numbers": Kind.INT,
    "amounts": Kind.MONEY,
    "dated": Kind.TEXT,
}
