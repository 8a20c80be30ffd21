"""Event times: zoned datetimes, texts with an offset, naive ones with a zone, integer steps."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

import polars as pl

from txmon.schema import TIME_DTYPE
from txmon.sources import text_scan
from txmon.sources.decimals import DecimalColumn, Form, accepts, to_decimals
from txmon.sources.faults import Fault, Parsed, Reason, find
from txmon.sources.plain import read_plainly
from txmon.sources.values import refuse_type, to_integer

STEPS = {
    "microsecond": 1,
    "millisecond": 10**3,
    "second": 10**6,
    "minute": 60 * 10**6,
    "hour": 3600 * 10**6,
    "day": 24 * 3600 * 10**6,
    "week": 7 * 24 * 3600 * 10**6,
}
"""Step name -> microseconds; days and weeks are counted on the zone's calendar."""

EPOCHS = {"second": 6, "millisecond": 3, "microsecond": 0, "nanosecond": -3}
"""Unit of an epoch -> decimal places that reach a microsecond; negative if it is finer."""

CALENDAR_STEPS = frozenset({"day", "week"})

_RFC3339 = "%+"
_NAIVE = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M")
_DAY = "%Y-%m-%d"
_MICROSECOND_TEXT = len("2026-03-01T09:00:00.123456Z")
_FINER = r"\.\d{6}0*[1-9]"
_EARLIEST = int((datetime(1, 1, 2, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds())
_LATEST = int(
    (datetime(9999, 12, 31, tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()
)
_SECOND = 10**6


@dataclass(frozen=True, slots=True)
class TimeForm:
    """How a column tells time.

    Attributes:
        format: strptime format of texts; None reads RFC 3339.
        zone: zone of naive values; None refuses them.
        steps: the integers count these from ``start``.
        start: naive wall-clock time in ``zone``.
        epoch: the numbers count this unit from 1970-01-01 UTC.
    """

    format: str | None = None
    zone: str | None = None
    steps: str | None = None
    start: datetime | None = None
    epoch: str | None = None


def to_time(name: str, raw: pl.Series, form: TimeForm) -> Parsed:
    """The column as UTC microseconds, null where missing or wrong.

    Raises:
        InputError: the type tells no time, or numbers come without ``steps``.
    """
    parsed = _read(name, raw, form)
    return _in_range(name, raw, parsed)


def _read(name: str, raw: pl.Series, form: TimeForm) -> Parsed:
    dtype = raw.dtype
    if form.steps is not None and form.start is not None:
        return _from_steps(name, raw, form)
    if dtype == pl.Null:
        return Parsed(raw.cast(TIME_DTYPE))
    if form.epoch is not None and not dtype.is_temporal():
        return _from_epoch(name, raw, EPOCHS[form.epoch])
    if isinstance(dtype, pl.Datetime):
        return _from_datetime(name, raw, form, dtype)
    if dtype == pl.Date:
        return _localised(name, raw, raw.cast(pl.Datetime("us")), form)
    if form.format is not None and dtype.is_integer():
        raw = raw.cast(pl.String)
    if raw.dtype != pl.String:
        raise refuse_type(name, dtype, "time")
    return _from_text(name, raw, form) if form.format is not None else _standard(name, raw, form)


def _standard(name: str, raw: pl.Series, form: TimeForm) -> Parsed:
    """Texts in RFC 3339, most of them as plain as can be."""
    read = read_plainly(raw, text_scan.times, lambda rows: _from_text(name, raw.gather(rows), form))
    if read is None:
        return _from_text(name, raw, form)
    return Parsed(read.values.cast(TIME_DTYPE), read.faults)


def _in_range(name: str, raw: pl.Series, parsed: Parsed) -> Parsed:
    """Without the times that no calendar of ours can show, one day kept for any zone."""
    ticks = parsed.values.to_physical()
    low, high = ticks.min(), ticks.max()
    if not isinstance(low, int) or not isinstance(high, int):
        return parsed
    if low >= _EARLIEST * _SECOND and high < _LATEST * _SECOND:
        return parsed
    wrong = ~ticks.is_between(_EARLIEST * _SECOND, _LATEST * _SECOND, closed="left")
    faults = find(name, Reason.TIME_OUT_OF_RANGE, wrong, raw)
    return Parsed(parsed.values.set(wrong, None), parsed.faults + faults)


def _from_datetime(name: str, raw: pl.Series, form: TimeForm, dtype: pl.Datetime) -> Parsed:
    exact, faults = _microseconds(name, raw, dtype)
    if dtype.time_zone is None:
        located = _localised(name, raw, exact, form)
        return Parsed(located.values, faults + located.faults)
    return Parsed(exact.dt.convert_time_zone("UTC"), faults)


def _microseconds(
    name: str, raw: pl.Series, dtype: pl.Datetime
) -> tuple[pl.Series, tuple[Fault, ...]]:
    """Any unit as microseconds; finer or unrepresentable values become null faults."""
    if dtype.time_unit == "us":
        return raw, ()
    ticks = raw.to_physical()
    if dtype.time_unit == "ns":
        wrong, reason = ticks % 1000 != 0, Reason.TIME_PRECISION
    else:
        limit = _LATEST * 1000
        wrong, reason = ~ticks.is_between(-limit, limit), Reason.TIME_OUT_OF_RANGE
    faults = find(
        name,
        reason,
        wrong,
        raw.dt.timestamp(dtype.time_unit) if reason is Reason.TIME_OUT_OF_RANGE else raw,
    )
    if faults:
        raw = raw.set(wrong, None)
    return raw.dt.cast_time_unit("us"), faults


def _from_text(name: str, raw: pl.Series, form: TimeForm) -> Parsed:
    zoned = form.format is None or "%z" in form.format or "%#z" in form.format
    if form.format is None:
        values = raw.str.to_datetime(_RFC3339, time_unit="us", strict=False)
        parsed = _unread(name, raw, values, form)
    elif zoned:
        values = raw.str.to_datetime(form.format, time_unit="us", strict=False)
        parsed = Parsed(values, find(name, Reason.INVALID_TIME, _lost(values, raw), raw))
    else:
        parsed = _naive_text(name, raw, (form.format,), form)
    return _not_finer(name, raw, parsed)


def _unread(name: str, raw: pl.Series, values: pl.Series, form: TimeForm) -> Parsed:
    """RFC 3339 done, the rest is naive or wrong; naive ones are read if there is a zone."""
    if values.null_count() == raw.null_count():
        return Parsed(values)
    rest = raw.set(values.is_not_null(), None)
    naive = _naive_text(name, rest, (*_NAIVE, _DAY), form)
    return Parsed(values.fill_null(naive.values), naive.faults)


def _naive_text(name: str, raw: pl.Series, formats: tuple[str, ...], form: TimeForm) -> Parsed:
    wall = _first_format(raw, formats)
    unread = find(name, Reason.INVALID_TIME, _lost(wall, raw), raw)
    located = _localised(name, raw, wall, form)
    return Parsed(located.values, unread + located.faults)


def _first_format(raw: pl.Series, formats: tuple[str, ...]) -> pl.Series:
    wall = pl.Series(raw.name, [], dtype=pl.Datetime("us")).extend_constant(None, len(raw))
    for form in formats:
        if wall.null_count() == raw.null_count():
            break
        rest = raw.set(wall.is_not_null(), None)
        wall = wall.fill_null(_strptime(rest, form))
    return wall


def _strptime(raw: pl.Series, form: str) -> pl.Series:
    if any(mark in form for mark in ("%H", "%I", "%M", "%s", "%T", "%R", "%c")):
        return raw.str.to_datetime(form, time_unit="us", strict=False, ambiguous="null")
    return raw.str.to_date(form, strict=False).cast(pl.Datetime("us"))


def _lost(values: pl.Series, raw: pl.Series) -> pl.Series:
    return values.is_null() & raw.is_not_null()


def _not_finer(name: str, raw: pl.Series, parsed: Parsed) -> Parsed:
    longest = raw.str.len_bytes().max()
    if not isinstance(longest, int) or longest <= _MICROSECOND_TEXT - 1:
        return parsed
    finer = raw.str.contains(_FINER) & parsed.values.is_not_null()
    faults = find(name, Reason.TIME_PRECISION, finer, raw)
    if not faults:
        return parsed
    return Parsed(parsed.values.set(finer, None), parsed.faults + faults)


def _localised(name: str, raw: pl.Series, wall: pl.Series, form: TimeForm) -> Parsed:
    """Wall-clock times of the form's zone as UTC; without a zone each is a fault."""
    if form.zone is None:
        empty = wall.dt.replace_time_zone("UTC").clear(len(wall))
        return Parsed(empty, find(name, Reason.NAIVE_TIME, wall.is_not_null(), raw))
    zoned = wall.dt.replace_time_zone(form.zone, ambiguous="null", non_existent="null")
    values = zoned.dt.convert_time_zone("UTC")
    if values.null_count() == wall.null_count():
        return Parsed(values)
    once = wall.dt.replace_time_zone(form.zone, ambiguous="earliest", non_existent="null")
    twice = values.is_null() & once.is_not_null()
    never = once.is_null() & wall.is_not_null()
    faults = (
        *find(name, Reason.AMBIGUOUS_TIME, twice, raw, form.zone),
        *find(name, Reason.NONEXISTENT_TIME, never, raw, form.zone),
    )
    return Parsed(values, faults)


def _from_steps(name: str, raw: pl.Series, form: TimeForm) -> Parsed:
    counts = to_integer(name, raw)
    size = STEPS[str(form.steps)]
    bound = _LATEST * _SECOND // size
    far = counts.values.abs() > bound
    faults = counts.faults + find(name, Reason.TIME_OUT_OF_RANGE, far, raw)
    ticks = (counts.values.set(far, None) if far.any() else counts.values) * size
    start = pl.Series([form.start], dtype=pl.Datetime("us"))
    if form.steps in CALENDAR_STEPS:
        wall = (start.to_physical()[0] + ticks).cast(pl.Datetime("us"))
        located = _localised(name, raw, wall, form)
        return Parsed(located.values, faults + located.faults)
    origin = _localised(name, start, start, form).values.to_physical()[0]
    return Parsed((origin + ticks).cast(TIME_DTYPE), faults)


def _from_epoch(name: str, raw: pl.Series, places: int) -> Parsed:
    """Numbers since 1970, fractions included, as UTC microseconds."""
    if not accepts(raw.dtype):
        raise refuse_type(name, raw.dtype, "time")
    form = Form(
        target=max(places, 0),
        limit=_LATEST * _SECOND * 10 ** max(-places, 0),
        rounded=False,
        invalid=Reason.INVALID_TIME,
        too_large=Reason.TIME_OUT_OF_RANGE,
    )
    counted = to_decimals(DecimalColumn(name, raw, form.target, form))
    finer = (Reason.TOO_MANY_DIGITS, Reason.INEXACT_FLOAT)
    faults = tuple(
        replace(fault, reason=Reason.TIME_PRECISION) if fault.reason in finer else fault
        for fault in counted.faults
    )
    ticks = counted.values
    if places < 0:
        cut = ticks % 10**-places != 0
        faults += find(name, Reason.TIME_PRECISION, cut, raw)
        ticks = (ticks.set(cut, None) if cut.any() else ticks) // 10**-places
    return Parsed(ticks.cast(TIME_DTYPE), faults)
