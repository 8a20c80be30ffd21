"""The quick way to read and the careful one agree on whatever the quick one takes."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal, assert_series_equal

from sources.payments import NOON, frame, pack, row
from txmon.schema import Schema
from txmon.sources import csv_scan, decimals, delimited, json_lines, money, plain, times
from txmon.sources.column_map import ColumnMap
from txmon.sources.conform import conform
from txmon.sources.currencies import MINOR_DIGITS
from txmon.sources.decimals import DecimalColumn, Form, to_decimals
from txmon.sources.faults import Reason, rejections
from txmon.sources.files import Piece
from txmon.sources.json_objects import clean, parsed, text_of
from txmon.sources.mapping import CsvForm
from txmon.sources.raw import RawField
from txmon.sources.spans import blocks_of
from txmon.sources.stretches import conform_all
from txmon.sources.times import TimeForm, to_time

if TYPE_CHECKING:
    from txmon.sources.faults import Parsed

NEAR_NUMBERS = [
    "+1", " 1", "1 ", "1e3", "1E3", "1_000", "\uff10\uff10", "-0", "1.", ".5", "-.5", "", "-",
    ".", "--1",
    "0", "00.10", "-000012.3400", "12.50", "12,50", "1.234,5", "1,234.5", "1.2.3", "0x1F", "NaN",
    "inf", "9" * 20, "9" * 18, "9" * 17, "-" + "9" * 14 + ".9999", "0." + "0" * 30, "1.00000",
    "9999999999999.9999", "10000000000000", "10000000000000.0001", "-10000000000000", "\x001",
    "1\n", "\u0663", "\u22121", "1.5\u00a0",
]  # fmt: skip
NEAR_TIMES = [
    NOON, "2026-03-01T12:00:00", "2026-03-01 12:00:00Z", "2026-03-01T12:00:00z",
    "2026-03-01t12:00:00Z", "2026-03-01T12:00Z", "2026-03-01", "2026-03-01T12:00:00.Z",
    "2026-03-01T12:00:00.1Z", "2026-03-01T12:00:00.123456+08:00", "2026-03-01T12:00:00,5Z",
    "2026-03-01T12:00:00.1234560Z", "2026-03-01T12:00:00.1234567Z", "2026-03-01T12:00:00+0800",
    "2026-03-01T12:00:00-23:59", "2026-03-01T12:00:00+24:00", "2026-03-01T12:00:00+08:60",
    "2026-03-01T12:00:00 +08:00", "2026-02-29T00:00:00Z", "2024-02-29T00:00:00Z",
    "1900-02-29T00:00:00Z", "2000-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-13-01T00:00:00Z",
    "2026-00-01T00:00:00Z", "2026-03-00T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T23:59:60Z",
    "2026-03-01T12:60:00Z", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+01:00",
    "0001-01-02T00:00:00Z", "9998-12-31T23:59:59Z", "9999-12-31T23:59:59Z",
    "1969-12-31T23:59:59.5Z",
    "-2026-03-01T12:00:00Z", "+2026-03-01T12:00:00Z", " " + NOON, NOON + " ", NOON + "Z", "",
    "2026-03-29T02:30:00", "2026-10-25T02:30:00", "\uff12026-03-01T12:00:00Z",
    "2026/03/01T12:00:00Z",
]  # fmt: skip


def mangled(seeds: list[str], alphabet: str) -> st.SearchStrategy[str | None]:
    """A text of the list, or one with a character or two put in or taken out."""

    @st.composite
    def change(draw: st.DrawFn) -> str:
        text = draw(st.sampled_from(seeds))
        for _ in range(draw(st.integers(1, 2))):
            at, skip = draw(st.integers(0, len(text))), draw(st.integers(0, 1))
            put = draw(st.sampled_from(["", *alphabet]))
            text = text[:at] + put + text[at + skip :]
        return text

    return st.none() | st.sampled_from(seeds) | change()


numbers = mangled(NEAR_NUMBERS, "0123456789.,-+ eE_") | st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**15), max_value=10**15, places=5
).map(str)
moments = mangled(NEAR_TIMES, "0123456789-:.TZ+ ") | st.datetimes().map(
    lambda t: f"{t.isoformat()}Z"
)


def shown(result: Parsed) -> list[object]:
    faults = [
        (f.column, f.reason, f.rows.to_list(), f.values.to_list(), f.notes.to_list())
        for f in result.faults
    ]
    return [result.values.to_list(), result.values.dtype, faults]


def decimal_column(raw: pl.Series, digits: list[int], *, rounded: bool, mark: str) -> DecimalColumn:
    form = Form(4, 10**17, rounded, Reason.INVALID_AMOUNT, Reason.AMOUNT_TOO_LARGE, mark)
    notes = pl.Series([f"note {at}" for at in range(len(raw))], dtype=pl.String)
    if len(digits) == 1:
        return DecimalColumn("amount", raw, digits[0], form, "CNY")
    return DecimalColumn("amount", raw, pl.Series(digits[: len(raw)]), form, notes)


@given(
    texts=st.lists(numbers, min_size=1, max_size=12),
    digits=st.sampled_from([[4], [2], [0], [0, 2, 3, 4] * 3]),
    rounded=st.booleans(),
    mark=st.sampled_from(".,"),
)
@example(NEAR_NUMBERS[:12], [2], False, ".")
@example(NEAR_NUMBERS[12:24], [4], True, ",")
def test_decimals(texts: list[str | None], digits: list[int], rounded: bool, mark: str) -> None:  # noqa: FBT001
    raw = pl.Series("amount", texts, dtype=pl.String)
    column = decimal_column(raw, digits, rounded=rounded, mark=mark)

    with patch.object(plain, "_MOST_CAREFUL", 2):
        quick = to_decimals(column)

    with patch.object(decimals, "read_plainly", lambda *_: None):
        assert shown(quick) == shown(to_decimals(column))


@given(
    values=st.lists(st.none() | st.integers(-(10**20), 10**20), min_size=1, max_size=12),
    scale=st.integers(0, 6),
    digits=st.sampled_from([[4], [2], [0, 2, 3, 4] * 3]),
    rounded=st.booleans(),
)
def test_decimals_of_parquet(
    values: list[int | None],
    scale: int,
    digits: list[int],
    rounded: bool,  # noqa: FBT001
) -> None:
    given_values = [None if v is None else Decimal(v).scaleb(-scale) for v in values]
    raw = pl.Series("amount", given_values, dtype=pl.Decimal(38, scale))
    column = decimal_column(raw, digits, rounded=rounded, mark=".")

    with patch.object(plain, "_MOST_CAREFUL", 2):
        quick = to_decimals(column)

    with patch.object(decimals, "shift_plainly", lambda *_: None):
        assert shown(quick) == shown(to_decimals(column))


@given(st.lists(moments, min_size=1, max_size=12), st.sampled_from([None, "Europe/Berlin"]))
@example(NEAR_TIMES[:22], None)
@example(NEAR_TIMES[22:], "Europe/Berlin")
def test_times(texts: list[str | None], zone: str | None) -> None:
    raw = pl.Series("event_time", texts, dtype=pl.String)

    with patch.object(plain, "_MOST_CAREFUL", 2):
        quick = to_time("event_time", raw, TimeForm(zone=zone))

    with patch.object(times, "read_plainly", lambda *_: None):
        assert shown(quick) == shown(to_time("event_time", raw, TimeForm(zone=zone)))


def by_row(digits: int | pl.Series, texts: list[str | None]) -> list[int]:
    return [digits] * len(texts) if isinstance(digits, int) else digits.to_list()


@given(st.lists(st.sampled_from([*MINOR_DIGITS, "AAA", "cny", "EU", "EURO", "", "É1", None])))
def test_currency_codes(texts: list[str | None]) -> None:
    field = RawField(pl.Series("currency", texts, dtype=pl.String), ColumnMap(column="currency"))

    quick = money._currency(field)  # noqa: SLF001 - what the kernel is called by

    def nothing(ends: np.ndarray, *_: object) -> tuple[np.ndarray, np.ndarray]:
        return np.zeros(len(ends) - 1, np.int64), np.zeros(len(ends), np.bool_)

    with patch.object(money.text_scan, "codes", nothing):
        slow = money._currency(field)  # noqa: SLF001
    assert by_row(quick.digits, texts) == by_row(slow.digits, texts)
    assert [fault.reason for fault in quick.faults] == [fault.reason for fault in slow.faults]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("a,b\n1,2\n\n3,4\n", [("1", "2"), ("3", "4")]),
        ('"a","b"\r\n"1","x, ""y"""\r\n\r\n,"two\nlines"', [("1", 'x, "y"'), (None, "two\nlines")]),
        ('a,b\nno "quotes" here,long enough a text', [('no "quotes" here', "long enough a text")]),
        ('a,b\n"",é\n', [(None, "é")]),
    ],
)
def test_plain_csv_is_read_the_quick_way(text: str, fields: list[tuple[str | None, ...]]) -> None:
    data = np.frombuffer(text.encode(), np.uint8)

    found = csv_scan.read_plain(data, [0, 1], ",", '"')

    assert found is not None
    assert found.rows()[1:] == fields


CSV_PARTS = [
    "a",
    "bc",
    ",",
    ",",
    "\n",
    "\n",
    "\r\n",
    "\r",
    '"',
    '""',
    '"x,y"',
    " ",
    "é",
    "x" * 13,
    ";",
]


@given(st.lists(st.sampled_from(CSV_PARTS), max_size=40), st.integers(1, 30), st.booleans())
def test_csv(parts: list[str], size: int, quotes: bool) -> None:  # noqa: FBT001
    form = CsvForm(header=("a", "b", "c"), quote='"' if quotes else "none")
    written = "".join(["1,2,3\n", *parts, "\n"])
    file = delimited.CsvFile("p.csv", buffer(written), form.header, form, broken=False)
    data = np.frombuffer(file.data, np.uint8)

    quick = csv_scan.read_plain(data, [1, -1, 0], ",", form.quote or None, size)

    if quick is not None:
        slow = delimited.read_carefully(file, ("c", "a"))
        assert slow.unread.numbers.is_empty()
        assert_frame_equal(quick.rename({"0": "c", "1": "a"}), slow.frame)


def buffer(text: str) -> pa.Buffer:
    return pa.py_buffer(text.encode())


JSON_VALUES = [
    "1", "-0", "0.50", "01", "1.", ".5", "1e5", "1E-05", "-", "+1", "NaN", "Infinity", "true",
    "True", "false", "null", '""', '"x"', '"long enough a text é"', r'"\u0041\n\"\\ \/"',
    r'"\ud83d\ude00"', r'"\ud800"', r'"\x"', '"a\tb"', '"open', "[1]", '{"a": 1}', "{}", "",
    "12345678901234567890123",
]  # fmt: skip
JSON_NAMES = ['"a"', '"b"', '"c"', '"long enough a name"', '"é"', r'"\u0061"', '""', "a"]
pairs = st.tuples(st.sampled_from(JSON_NAMES), st.sampled_from(JSON_VALUES))
lines = st.builds(
    lambda found, mark, end: "{" + mark.join(f"{n}:{mark[1:]}{v}" for n, v in found) + end,
    st.lists(pairs, max_size=4),
    st.sampled_from([",", ", ", ",\t", ";"]),
    st.sampled_from(["}", "}", "} ", " }\r", "} x", ""]),
) | st.sampled_from(["", " ", "[]", "1", "\ufeff", "{", "}"])


@given(st.lists(lines, max_size=12), st.integers(1, 60))
def test_json_lines(written: list[str], size: int) -> None:
    content = "\n".join(['{"a": "1"}', *written]).encode()
    read = [parsed(line.strip(" \t\r")) for line in content.decode("utf-8-sig").split("\n")]
    filled = [line for line in content.decode("utf-8-sig").split("\n") if line.strip(" \t\r")]
    read = [parsed(line.strip(" \t\r")) for line in filled]
    objects = [found for found, _ in read if found is not None]
    names = dict.fromkeys(name for found in objects for name in found)

    with patch.object(json_lines, "blocks_of", lambda data: blocks_of(data, size)):
        file = json_lines.open_lines(Piece("p.ndjson", data=content))
    table = json_lines.read_lines(file, file.header)

    assert file.header == tuple(dict.fromkeys(map(clean, names)))
    assert file.unread.numbers.to_list() == [at for at, (o, _) in enumerate(read, 1) if o is None]
    assert file.unread.notes.to_list() == [wrong for found, wrong in read if found is None]
    for name in file.header:
        wanted = [text_of(found.get(name)) for found in objects]
        wanted = [None if text is None else clean(text, "\ufffd") for text in wanted]
        assert table.frame[name].to_list() == wanted
        nested = [
            at for at, found in enumerate(objects) if isinstance(found.get(name), dict | list)
        ]
        assert [m.rows.to_list() for m in table.marks if m.column == name] == [nested] * bool(
            nested
        )


def test_json_lines_that_are_plain_are_read_the_quick_way() -> None:
    content = "".join(json.dumps(row(transaction_id=f"é{at}", vip=True)) + "\n" for at in range(9))

    file = json_lines.open_lines(Piece("p.ndjson", data=content.encode()))

    assert [block.objects for block in file.blocks] == [{}]


def test_more_names_than_a_scan_knows() -> None:
    written = "\n".join(json.dumps({f"n{at}": at, "x": at}) for at in range(600))

    file = json_lines.open_lines(Piece("p.ndjson", data=written.encode()))
    table = json_lines.read_lines(file, ("x", "n599"))

    assert len(file.header) == 601
    assert table.frame["x"].to_list() == [str(at) for at in range(600)]
    assert table.frame["n599"].to_list() == [None] * 599 + ["599"]


ROWS = st.fixed_dictionaries(
    {
        "transaction_id": st.sampled_from(["t1", "t2", " ", None]),
        "event_time": st.sampled_from([NOON, "x", None, "2026-03-01"]),
        "debtor_account": st.sampled_from(["A", "", None]),
        "amount": st.sampled_from(["1", "0.001", "x", None]),
        "currency": st.sampled_from(["CNY", "USD", "KRW", "XXX", None]),
        "vip": st.sampled_from([None, "true", "perhaps"]),
    }
)


@given(st.lists(ROWS, min_size=1, max_size=9))
def test_stretches(rows: list[dict[str, object]]) -> None:
    table = frame(*rows, **dict.fromkeys(rows[0], pl.String()))
    fields = {name: RawField(table[name], ColumnMap(column=name)) for name in table.columns}
    tiny = pack()
    schema = Schema.with_columns(tiny.columns)

    with patch.object(os, "cpu_count", lambda: 4):
        quick = conform_all(fields, schema, tiny, least=1)

    slow = conform(fields, schema, tiny)
    for name, values in slow.columns.items():
        assert_series_equal(quick.columns[name], values, check_names=False)
    every = pl.int_range(1, len(rows) + 1, eager=True)
    assert_frame_equal(
        rejections(quick.faults, "p", every, history=False),
        rejections(slow.faults, "p", every, history=False),
    )
