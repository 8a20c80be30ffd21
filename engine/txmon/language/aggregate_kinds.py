"""What each aggregate takes and gives, by the kinds of its values."""

from __future__ import annotations

from txmon.types import INT, NUMBER, Kind, Type

SUMMABLE = frozenset({Kind.MONEY, Kind.NUMBER, Kind.INT, Kind.DURATION})
RANKED = SUMMABLE | {Kind.TIME, Kind.DATE, Kind.SEVERITY}
KEY_KINDS = frozenset({Kind.TEXT, Kind.INT, Kind.BOOL, Kind.DATE})
NEED_EXACT = frozenset({"sum", "mean", "std", "distinct", "median", "benford", "legs"})
TAKES: dict[str, frozenset[Kind]] = {
    **dict.fromkeys(("sum", "mean", "std", "median", "benford", "legs"), SUMMABLE),
    **dict.fromkeys(("min", "max", "percentile"), RANKED),
}
"""Aggregate -> kinds of its first argument; any kind where it is not named."""

FIXED: dict[str, Type] = {"count": INT, "distinct": INT, "legs": INT, "benford": NUMBER}
"""Aggregate -> its type, where that does not follow from the argument's."""
