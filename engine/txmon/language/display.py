"""Values as people read them, and as plain numbers for charts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from txmon.model import SEVERITIES
from txmon.types import MONEY_SCALE, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Callable

Value = int | float | str | bool | None
UNKNOWN = "unknown"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND = 1_000_000
UNITS = (("d", 86_400 * SECOND), ("h", 3_600 * SECOND), ("min", 60 * SECOND))
DAYS_FROM = 48 * 3_600 * SECOND
WIDE = Context(prec=60)


@dataclass(frozen=True, slots=True)
class Display:
    """How one pack shows values: decimals of its currency, and its zone."""

    digits: int
    zone: str

    def show(self, value: Value, type_: Type) -> str:
        """A stored value as text: money to the currency's decimals, times in the pack's zone."""
        if value is None:
            return UNKNOWN
        return _SHOW.get(type_.kind, _as_text)(self, value, type_)

    def money(self, value: Value, type_: Type) -> str:
        """Money with thousands marks, half-even to the currency's decimals."""
        step = Decimal(1).scaleb(-self.digits)
        amount = _decimal(value, type_).quantize(step, ROUND_HALF_EVEN, WIDE)
        return f"{amount:,}"

    def time(self, value: Value, _type: Type) -> str:
        """A time to the second (or finer where it is finer), with the zone's offset."""
        moment = EPOCH + timedelta(microseconds=int(value or 0))
        return moment.astimezone(ZoneInfo(self.zone)).isoformat(sep=" ")


def _decimal(value: Value, type_: Type) -> Decimal:
    if type_.exact:
        return Decimal(int(value or 0)).scaleb(-type_.scale, WIDE)
    scale = MONEY_SCALE if type_.kind is Kind.MONEY else 0
    return Decimal(repr(float(value or 0))).scaleb(-scale, WIDE)


def _number(_display: Display, value: Value, type_: Type) -> str:
    number = _decimal(value, type_)
    text = f"{number:,f}" if type_.exact else f"{number:,.4f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _duration(_display: Display, value: Value, type_: Type) -> str:
    left = int(_decimal(value, type_))
    sign, left = "-" if left < 0 else "", abs(left)
    if 0 < left < SECOND:
        return f"{sign}{left / 1000:g}ms"
    parts = []
    for unit, size in UNITS if left >= DAYS_FROM else UNITS[1:]:
        whole, left = divmod(left, size)
        parts += [f"{whole}{unit}"] if whole else []
    parts += [f"{left / SECOND:.3f}".rstrip("0").rstrip(".") + "s"] if left else []
    return sign + (" ".join(parts) or "0s")


def _as_text(_display: Display, value: Value, type_: Type) -> str:
    if type_.kind is Kind.BOOL:
        return "true" if value else "false"
    if type_.kind is Kind.SEVERITY:
        return SEVERITIES[int(value or 0)]
    if type_.kind is Kind.DATE:
        return (date(1970, 1, 1) + timedelta(days=int(value or 0))).isoformat()
    return str(value)


_SHOW: dict[Kind, Callable[[Display, Value, Type], str]] = {
    Kind.MONEY: Display.money,
    Kind.NUMBER: _number,
    Kind.INT: _number,
    Kind.DURATION: _duration,
    Kind.TIME: Display.time,
}
