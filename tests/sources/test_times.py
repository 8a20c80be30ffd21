"""Times of any spelling become the same microsecond in UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txmon.sources.faults import Reason
from txmon.sources.times import TimeForm, to_time

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
NAIVE_NOON = NOON.replace(tzinfo=None)
SHANGHAI = TimeForm(zone="Asia/Shanghai")
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 29))  # noqa: DTZ001


def read(raw: pl.Series, form: TimeForm = TimeForm()) -> datetime | Reason:  # noqa: B008
    parsed = to_time("event_time", raw, form)
    assert parsed.values.dtype == pl.Datetime("us", "UTC")
    if parsed.faults:
        (fault,) = parsed.faults
        assert parsed.values.to_list() == [None]
        return fault.reason
    (value,) = parsed.values.to_list()
    assert isinstance(value, datetime)
    return value


@given(moments, offsets)
def test_an_offset_says_which_moment_is_meant(moment: datetime, zone: timezone) -> None:
    zoned = moment.replace(tzinfo=zone)

    assert read(pl.Series([zoned.isoformat()])) == zoned


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00z",
        "2026-03-01T12:00:00.000Z",
        "2026-03-01T12:00:00.000000000Z",
        "2026-03-01T20:00:00+08:00",
        "2026-03-01 20:00:00+08:00",
        "2026-03-01T20:00:00+0800",
        "2026-03-01T11:59:60Z",
    ],
)
def test_spellings_of_one_moment(text: str) -> None:
    assert read(pl.Series([text])) == NOON


@pytest.mark.parametrize("text", ["", "noon", "2026-02-30T12:00:00Z", "12:00", "20260301"])
def test_what_is_no_time(text: str) -> None:
    assert read(pl.Series([text])) is Reason.INVALID_TIME


@pytest.mark.parametrize(
    "text", ["2026-03-01T12:00:00", "2026-03-01 12:00", "2026-03-01 12:00:00.5", "2026-03-01"]
)
def test_naive_texts_need_a_zone(text: str) -> None:
    assert read(pl.Series([text])) is Reason.NAIVE_TIME
    wanted = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Shanghai"))
    assert read(pl.Series([text]), SHANGHAI) == wanted


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_datetimes_of_any_unit_and_zone(unit: str) -> None:
    raw = pl.Series([NOON]).cast(pl.Datetime(unit, "UTC"))  # type: ignore[arg-type]

    assert read(raw) == NOON
    assert read(raw.dt.convert_time_zone("America/New_York")) == NOON
    assert read(raw.dt.replace_time_zone(None)) is Reason.NAIVE_TIME
    assert read(raw.dt.replace_time_zone(None), TimeForm(zone="UTC")) == NOON


def test_nanoseconds_are_never_cut() -> None:
    noon = pl.Series([NOON]).cast(pl.Datetime("ns", "UTC"))
    later = (noon.to_physical() + 1, noon.to_physical() + 1000)

    assert read(later[0].cast(noon.dtype)) is Reason.TIME_PRECISION
    assert read(later[1].cast(noon.dtype)) == NOON + timedelta(microseconds=1)
    assert read(pl.Series(["2026-03-01T12:00:00.0000001Z"])) is Reason.TIME_PRECISION


def test_dates_are_midnight_of_their_zone() -> None:
    raw = pl.Series([date(2026, 3, 1)])

    assert read(raw) is Reason.NAIVE_TIME
    assert read(raw, SHANGHAI) == datetime(2026, 2, 28, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    "raw",
    [
        pl.Series([10**18], dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
        pl.Series([10**18], dtype=pl.Int64).cast(pl.Datetime("ms", "UTC")),
        pl.Series([-(10**17)], dtype=pl.Int64).cast(pl.Datetime("us", "UTC")),
        pl.Series(["+12026-03-01T12:00:00Z"]),
    ],
)
def test_times_beyond_the_calendar(raw: pl.Series) -> None:
    assert read(raw) is Reason.TIME_OUT_OF_RANGE


def test_clocks_that_go_back_and_forward() -> None:
    berlin = TimeForm(zone="Europe/Berlin")

    assert read(pl.Series(["2026-10-25 02:30:00"]), berlin) is Reason.AMBIGUOUS_TIME
    assert read(pl.Series(["2026-03-29 02:30:00"]), berlin) is Reason.NONEXISTENT_TIME
    assert read(pl.Series(["2026-10-25T02:30:00+02:00"]), berlin) == datetime(
        2026, 10, 25, 0, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("raw", "form", "wanted"),
    [
        (pl.Series(["930101"]), "%y%m%d", datetime(1992, 12, 31, 16, tzinfo=UTC)),
        (pl.Series([930101]), "%y%m%d", datetime(1992, 12, 31, 16, tzinfo=UTC)),
        (pl.Series(["01.03.2026 20:00"]), "%d.%m.%Y %H:%M", NOON),
        (pl.Series(["01/03/2026 20:00:00.25"]), "%d/%m/%Y %H:%M:%S%.f", NOON),
        (pl.Series(["2026-03-01 12:00:00 +0000"]), "%Y-%m-%d %H:%M:%S %z", NOON),
        (pl.Series(["1.3.26"]), "%y%m%d", Reason.INVALID_TIME),
    ],
)
def test_formats(raw: pl.Series, form: str, wanted: datetime | Reason) -> None:
    found = read(raw, TimeForm(format=form, zone="Asia/Shanghai"))

    same = found.replace(microsecond=0) if isinstance(found, datetime) else found
    assert same == wanted


@pytest.mark.parametrize(
    ("step", "count", "wanted"),
    [
        ("microsecond", 1, NOON + timedelta(microseconds=1)),
        ("millisecond", -1, NOON - timedelta(milliseconds=1)),
        ("second", 90, NOON + timedelta(seconds=90)),
        ("minute", 0, NOON),
        ("hour", 24, NOON + timedelta(days=1)),
        ("day", 31, NOON + timedelta(days=31)),
        ("week", 2, NOON + timedelta(weeks=2)),
        ("week", 10**9, Reason.TIME_OUT_OF_RANGE),
        ("day", 4 * 10**6, Reason.TIME_OUT_OF_RANGE),
    ],
)
def test_steps_from_a_start(step: str, count: int, wanted: datetime | Reason) -> None:
    form = TimeForm(zone="UTC", steps=step, start=NAIVE_NOON)

    assert read(pl.Series([count]), form) == wanted
    assert read(pl.Series([str(count)]), form) == wanted


def test_days_are_counted_on_the_calendar_and_hours_exactly() -> None:
    start = datetime(2026, 3, 28, 12)  # noqa: DTZ001  the day before clocks go forward
    zone = "Europe/Berlin"

    assert read(pl.Series([1]), TimeForm(None, zone, "day", start)) == datetime(
        2026, 3, 29, 12, tzinfo=ZoneInfo(zone)
    )
    assert read(pl.Series([24]), TimeForm(None, zone, "hour", start)) == datetime(
        2026, 3, 29, 13, tzinfo=ZoneInfo(zone)
    )


def test_steps_that_are_no_integers() -> None:
    form = TimeForm(zone="UTC", steps="day", start=NAIVE_NOON)

    assert read(pl.Series(["x"]), form) is Reason.INVALID_INTEGER
    assert read(pl.Series([1.5]), form) is Reason.INVALID_INTEGER
