"""What the values of a column look like: times, amounts, accounts, currencies, directions."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from txmon.sources.currencies import MINOR_DIGITS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FORMATS = (
    *("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"),
    *("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d"),
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y", "%d.%m.%y"),
    *("%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M", "%d/%m/%Y"),
    *("%m/%d/%Y %H:%M:%S", "%m/%d/%Y %H:%M", "%m/%d/%Y"),
    *("%Y%m%d%H%M%S", "%Y%m%d", "%y%m%d"),
    *("%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M:%S%z", "%Y%m%d%H%M%S%z"),
)
"""Formats of times that a draft tries, in this order."""

ISO_FORMATS = frozenset(FORMATS[:4])
"""Those that are read without being named."""

EPOCH_DIGITS: Mapping[int, str] = {
    10: "second",
    13: "millisecond",
    16: "microsecond",
    19: "nanosecond",
}
DIRECTIONS: Mapping[str, str] = {
    **dict.fromkeys(("in", "c", "cr", "credit", "crdt", "h", "+"), "in"),
    **dict.fromkeys(("out", "d", "dr", "debit", "dbit", "s", "-"), "out"),
}
"""What a flag's value in lower case most likely means."""

CURRENCY_WORDS: Mapping[str, str] = {
    "australian dollar": "AUD",
    "brazil real": "BRL",
    "canadian dollar": "CAD",
    "euro": "EUR",
    "mexican peso": "MXN",
    "ruble": "RUB",
    "rupee": "INR",
    "saudi riyal": "SAR",
    "shekel": "ILS",
    "swiss franc": "CHF",
    "uk pound": "GBP",
    "us dollar": "USD",
    "yen": "JPY",
    "yuan": "CNY",
}
_OFFSET = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")
_WHOLE = re.compile(r"[+-]?\d+")
_CODE = re.compile(r"[A-Z]{3}")
_COMMA = re.compile(r"[+-]?(\d+|\d{1,3}(\.\d{3})+),\d{1,3}")
_POINT_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
_BIC = re.compile(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?")
_MOST = 0.8
"""Share of the values that must look like something: a file has some wrong rows."""
_IP = re.compile(r"\d{1,3}(\.\d{1,3}){3}")
_FEW = 12
_TRIED = 200
_FIRST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class Shape:
    """A column of a sample: its name, its type and its values as texts."""

    name: str
    dtype: pl.DataType
    texts: tuple[str, ...]
    rows: int

    @classmethod
    def of(cls, column: pl.Series) -> Shape:
        """The shape of a column; one of lists or structs has no values."""
        nested = column.dtype.is_nested() or column.dtype == pl.Binary
        texts = () if nested else tuple(column.drop_nulls().cast(pl.String).to_list())
        return cls(column.name, column.dtype, texts, len(column))

    @property
    def distinct(self) -> tuple[str, ...]:
        """Its values, each once, in order of first appearance."""
        return tuple(dict.fromkeys(self.texts))

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return bool(self.texts) and len(self.distinct) == self.rows

    def most(self, pattern: re.Pattern[str]) -> bool:
        """Whether there are values and most match a pattern."""
        found = sum(pattern.fullmatch(text) is not None for text in self.texts)
        return bool(self.texts) and found >= _MOST * len(self.texts)

    @property
    def number(self) -> bool:
        """Whether it holds plain numbers."""
        return self.dtype.is_numeric() or self.most(_NUMBER)

    @property
    def whole(self) -> bool:
        """Whether it holds integers."""
        return self.dtype.is_integer() or self.most(_WHOLE)

    @property
    def negative(self) -> bool:
        """Whether some numbers are below zero."""
        return any(text.startswith("-") for text in self.texts)

    @property
    def marks(self) -> tuple[str, str | None] | None:
        """The decimal and the thousands mark of amounts; None if they are no amounts."""
        if self.number:
            return ".", None
        if self.most(re.compile(f"{_COMMA.pattern}|{_WHOLE.pattern}")):
            return ",", "." if any("." in text for text in self.texts) else None
        if self.most(re.compile(f"{_POINT_GROUPED.pattern}|{_NUMBER.pattern}")):
            return ".", ","
        return None

    @property
    def accounts(self) -> bool:
        """Whether the values are IBANs."""
        return self.most(_IBAN)

    @property
    def banks(self) -> bool:
        """Whether the values are BICs."""
        return self.most(_BIC)

    @property
    def addresses(self) -> bool:
        """Whether the values are IP addresses."""
        return self.most(_IP)

    @property
    def currencies(self) -> dict[str, str] | None:
        """Value -> code, empty if the values are codes already; None if they are no currencies."""
        if (
            self.most(_CODE)
            and sum(text in MINOR_DIGITS for text in self.texts) >= _MOST * self.rows
        ):
            return {}
        words = {text: CURRENCY_WORDS.get(text.lower(), "") for text in self.distinct}
        return {text: code for text, code in words.items() if code} or None

    @property
    def directions(self) -> dict[str, str] | None:
        """Value -> in or out; None if the values say no such thing."""
        found = {
            text: DIRECTIONS[text.lower()] for text in self.distinct if text.lower() in DIRECTIONS
        }
        known = sum(text in found for text in self.texts)
        return found if found and known >= _MOST * len(self.texts) else None

    @property
    def few(self) -> bool:
        """Whether the values are few enough to be listed."""
        return 0 < len(self.distinct) <= _FEW

    @property
    def zoned(self) -> bool:
        """Whether the times say their zone."""
        if isinstance(self.dtype, pl.Datetime):
            return self.dtype.time_zone is not None
        return self.most(_OFFSET)

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats that read every value as a time."""
        seen = self.distinct[:_TRIED]
        return tuple(form for form in FORMATS if seen and _reads(form, seen))

    @property
    def epoch(self) -> str | None:
        """The unit of integers that are times since 1970, told by their length."""
        lengths = Counter(len(text) for text in self.texts).most_common(1)
        usual = bool(lengths) and lengths[0][1] >= _MOST * len(self.texts) and self.whole
        return EPOCH_DIGITS.get(lengths[0][0]) if usual else None


def _reads(form: str, texts: Sequence[str]) -> bool:
    return sum(_read(form, text) for text in texts) >= _MOST * len(texts)


def _read(form: str, text: str) -> bool:
    try:
        time = datetime.strptime(text, form)  # noqa: DTZ007 - only whether it can be read
    except ValueError:
        return False
    return time.year >= _FIRST_YEAR  # 0026 was meant to be 26
