"""Numbers, times and texts from outside as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

_UNKNOWN_CHARACTER = "\N{REPLACEMENT CHARACTER}"
_KIBI = 1024


def count(number: int) -> str:
    """A number with its thousands apart: 12,345."""
    return f"{number:,}"


def several(number: int, one: str, many: str = "") -> str:
    """A number and its noun: 1 alert, 2 alerts."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(number: int) -> str:
    """Bytes in the largest unit that leaves one or more: 1.4 MiB."""
    amount = float(number)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < _KIBI:
            return f"{amount:,.0f} {unit}" if unit == "B" else f"{amount:,.1f} {unit}"
        amount /= _KIBI
    return f"{amount:,.1f} TiB"


def seconds(number: float) -> str:
    """A time span in seconds, finer the shorter it is."""
    return f"{number:.2f} s" if number < 10 else f"{number:,.1f} s"  # noqa: PLR2004


def moment(instant: datetime, zone: str) -> str:
    """An instant on the clocks of a zone, to the second: Sat 2026-03-28 01:23:30."""
    return instant.astimezone(ZoneInfo(zone)).strftime("%a %Y-%m-%d %H:%M:%S")


def listed(counts: Mapping[str, int]) -> str:
    """Names with their counts, the largest first: 4 naive_time, 1 missing_id."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{number:,} {name}" for name, number in ranked)


def clean(text: str) -> str:
    """Text from outside, safe to show: what a terminal would obey is replaced, one for one.

    Payments and file names are written by strangers; an escape sequence in them must not
    move the cursor or hide a line.
    """
    return "".join(_shown(letter) for letter in text)


def _shown(letter: str) -> str:
    if letter.isprintable() or letter == "\n":
        return letter
    return " " if letter.isspace() else _UNKNOWN_CHARACTER
