"""The values of a param that are to be tried: from ``4..8``, ``1h..3h:30min`` or ``1,2,5``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from txmon.errors import InputError
from txmon.language.habits import DURATION_UNITS
from txmon.language.problems import ExpressionError, did_you_mean
from txmon.language.values import EPOCH, EXAMPLES, read_date, read_value
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from txmon.model import ParamDocument

STEPS = 10
"""Into about how many steps a range is cut when nobody says how wide they are."""

MOST_VALUES = 1_000
_NICE = (1, 2, 5, 10)
_DURATION = re.compile(r"(-?\d+)([a-z]+)")
_NICE_DURATIONS = (
    *("1ms", "2ms", "5ms", "10ms", "20ms", "50ms", "100ms", "200ms", "500ms"),
    *("1s", "2s", "5s", "10s", "15s", "30s", "1min", "2min", "5min", "10min", "15min", "30min"),
    *("1h", "2h", "3h", "6h", "12h", "1d", "2d", "3d", "7d", "14d", "30d", "90d", "365d"),
)
_WHOLE = frozenset({Kind.TEXT, Kind.BOOL, Kind.LIST})


@dataclass(frozen=True, slots=True)
class Axis:
    """One param and the values of it that are tried.

    Attributes:
        param: its name.
        kind: what its values are.
        values: as a rule file would hold them, in order: numbers and times ascending, others as
            they were given. The present one is among them.
        present: place of the present value.
        numbers: the values as plain numbers for charts: units of money, seconds, days since
            1970-01-01; of texts and lists their places.
        varies: the column by which the param has other values, which are not tried; or empty.
    """

    param: str
    kind: Kind
    values: tuple[str, ...]
    present: int
    numbers: tuple[float, ...]
    varies: str = ""

    @property
    def ordered(self) -> bool:
        """Whether the values ascend."""
        return self.kind not in _WHOLE


def read_axis(param: str, wanted: str | Sequence[str], params: Mapping[str, ParamDocument]) -> Axis:
    """The values of a param to be tried, the present one among them.

    Args:
        param: the param's name.
        wanted: ``lo..hi``, ``lo..hi:step`` or values joined by commas; or the values. Of a list
            param, ``|`` stands between its values, which are lists joined by commas.
        params: the rule's params.

    Raises:
        InputError: there is no such param, or these are no values of it.
    """
    if param not in params:
        known = ", ".join(params) or "none"
        advice = did_you_mean(param, params) or f"its params are: {known}"
        raise InputError(f"the rule has no param '{param}'; {advice}")
    document = params[param]
    kind = Kind(document.type)
    texts = list(_texts(param, kind, wanted))
    present = document.default if isinstance(document.default, str) else ",".join(document.default)
    keys = {_key(param, kind, text): text for text in (*texts, present)}
    if kind not in _WHOLE:
        keys = dict(sorted(keys.items(), key=lambda item: Decimal(item[0])))
    order = list(keys)
    return Axis(
        param=param,
        kind=kind,
        values=tuple(keys.values()),
        present=order.index(_key(param, kind, present)),
        numbers=tuple(_number(kind, key, place) for place, key in enumerate(order)),
        varies=next(iter(document.vary), ""),
    )


def _texts(param: str, kind: Kind, wanted: str | Sequence[str]) -> Iterator[str]:
    if not isinstance(wanted, str):
        yield from wanted
    elif kind is Kind.LIST:
        yield from wanted.split("|")
    elif ".." in wanted and kind not in _WHOLE:
        low, _, rest = wanted.partition("..")
        high, _, step = rest.partition(":")
        yield from _range(param, kind, (low.strip(), high.strip(), step.strip()))
    else:
        yield from (text.strip() for text in wanted.split(","))


def _key(param: str, kind: Kind, text: str) -> str:
    """A text that is equal for equal values; of what can be ordered, a decimal number."""
    if kind is Kind.LIST:
        return ",".join(part.strip() for part in text.split(","))
    try:
        literal = read_value(kind, text)
    except ExpressionError as error:
        raise InputError(f"param '{param}': {error.problem.message}") from None
    if kind in _WHOLE:
        return str(literal.value)
    return format(Decimal(int(literal.value)).scaleb(-literal.type.scale).normalize(), "f")


def _number(kind: Kind, key: str, place: int) -> float:
    if kind in _WHOLE:
        return float(place)
    return float(Decimal(key) / (1_000_000 if kind is Kind.DURATION else 1))


def _range(param: str, kind: Kind, ends: tuple[str, str, str]) -> Iterator[str]:
    """The values from ``lo`` on, step by step, up to ``hi``."""
    low, high, step = ends
    if not (low and high):
        raise InputError(f"param '{param}': write lo..hi or lo..hi:step, found '{low}..{high}'")
    spelling = _spelling(param, kind, ends)
    first, last = (spelling.read(text) for text in (low, high))
    if first > last:
        raise InputError(f"param '{param}': {low}..{high} runs down; write {high}..{low}")
    if not step:
        yield from map(spelling.write, _round_values(first, last, spelling.nice))
        return
    width = spelling.read(step)
    if width <= 0:
        raise InputError(f"param '{param}': a step is larger than nothing, found '{step}'")
    count = int((last - first) / width) + 1
    if count > MOST_VALUES:
        raise InputError(f"param '{param}': {count:,} values are too many; take wider steps")
    yield from (spelling.write(first + width * place) for place in range(count))


def _round_values(
    first: Decimal, last: Decimal, nice: Callable[[Decimal], Decimal]
) -> Iterator[Decimal]:
    """Both ends, and between them the multiples of a round step."""
    yield first
    width = nice((last - first) / STEPS)
    value = (first // width + 1) * width if first >= 0 else -(-first // width) * width
    while value < last:
        if value > first:
            yield value
        value += width
    if last > first:
        yield last


@dataclass(frozen=True, slots=True)
class _Plain:
    """Numbers as they are written: whole, with decimals, or in percent."""

    param: str
    kind: Kind
    percent: bool
    decimals: int

    def read(self, text: str) -> Decimal:
        """The number of a text; of 80% that is 80."""
        bare = text.removesuffix("%")
        if (bare != text) is not self.percent:
            raise InputError(f"param '{self.param}': write both ends and the step with % or none")
        try:
            return Decimal(bare)
        except InvalidOperation:
            example = EXAMPLES[self.kind]
            raise InputError(f"param '{self.param}': expected {example}, found '{text}'") from None

    def nice(self, least: Decimal) -> Decimal:
        """The smallest round step that is no smaller; of whole numbers at least 1."""
        if least == 0:
            return Decimal(1)
        power = Decimal(1).scaleb(least.adjusted())
        step = next(power * digit for digit in _NICE if power * digit >= least)
        return max(step, Decimal(1)) if self.kind is Kind.INT else step

    def write(self, value: Decimal) -> str:
        """A value as a rule file would hold it."""
        exact = value.normalize()
        decimals = max(self.decimals, -int(exact.as_tuple().exponent))
        text = f"{value:,.{max(0, decimals)}f}".replace(",", "_")
        return f"{text}%" if self.percent else text


@dataclass(frozen=True, slots=True)
class _Durations:
    """Durations in the units of the ends of a range, as far as they are whole in them."""

    param: str
    units: tuple[str, ...]

    def read(self, text: str) -> Decimal:
        """Microseconds."""
        return Decimal(_microseconds(self.param, text))

    def nice(self, least: Decimal) -> Decimal:
        """The smallest round step that is no smaller."""
        sizes = [Decimal(_microseconds(self.param, text)) for text in _NICE_DURATIONS]
        return next((size for size in sizes if size >= least), sizes[-1])

    def write(self, value: Decimal) -> str:
        """A duration in the first unit that it is whole in."""
        others = sorted(DURATION_UNITS, key=DURATION_UNITS.__getitem__, reverse=True)
        for unit in (*self.units, *others):
            if value % DURATION_UNITS[unit] == 0:
                return f"{int(value) // DURATION_UNITS[unit]}{unit}"
        raise InputError(f"param '{self.param}': a step is a whole number of milliseconds")


@dataclass(frozen=True, slots=True)
class _Dates:
    """Days; a step is a duration of whole days."""

    param: str

    def read(self, text: str) -> Decimal:
        """Days since 1970-01-01, or in a step."""
        if _DURATION.fullmatch(text):
            return Decimal(_microseconds(self.param, text)) / DURATION_UNITS["d"]
        try:
            return Decimal(int(read_date(text).value))
        except ExpressionError as error:
            raise InputError(f"param '{self.param}': {error.problem.message}") from None

    def nice(self, least: Decimal) -> Decimal:
        """The smallest round number of days that is no smaller."""
        return max(Decimal(1), _Plain(self.param, Kind.INT, percent=False, decimals=0).nice(least))

    def write(self, value: Decimal) -> str:
        """The day as YYYY-MM-DD."""
        return _day(int(value))


def _day(days: int) -> str:
    return date.fromordinal(days + EPOCH).isoformat()


def _spelling(param: str, kind: Kind, ends: tuple[str, str, str]) -> _Plain | _Durations | _Dates:
    if kind is Kind.DATE:
        return _Dates(param)
    if kind is Kind.DURATION:
        units = [match[2] for text in ends if (match := _DURATION.fullmatch(text))]
        return _Durations(param, tuple(dict.fromkeys(units)))
    places = [len(text.removesuffix("%").partition(".")[2]) for text in ends]
    return _Plain(param, kind, ends[0].endswith("%"), max(places))


def _microseconds(param: str, text: str) -> int:
    match = _DURATION.fullmatch(text)
    if match is None or match[2] not in DURATION_UNITS:
        raise InputError(f"param '{param}': expected {EXAMPLES[Kind.DURATION]}, found '{text}'")
    return int(match[1]) * DURATION_UNITS[match[2]]
