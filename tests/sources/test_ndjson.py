"""NDJSON: values as they are written, and lines that are none."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from polars.testing import assert_frame_equal

from sources.payments import NOON, frame, pack, row, told, zstd
from txmon.errors import InputError
from txmon.sources import intake

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.sources import Intake

GOOD = json.dumps(row())


def take(tmp_path: Path, *lines: str | bytes) -> Intake:
    path = tmp_path / "p.ndjson"
    path.write_bytes(b"".join((x.encode() if isinstance(x, str) else x) + b"\n" for x in lines))
    return intake(path, pack())


def line(**fields: object) -> str:
    """A good payment with other fields; a text that begins with ! is written without quotes."""
    text = json.dumps(row(**fields))
    for value in fields.values():
        if isinstance(value, str) and value.startswith("!"):
            text = text.replace(json.dumps(value), value[1:])
    return text


def test_an_object_is_a_row(tmp_path: Path) -> None:
    result = take(tmp_path, GOOD, line(transaction_id="t2", branch="北京", vip=True))

    assert result.accepted.select("transaction_id", "amount", "branch", "vip").rows() == [
        ("t1", 125_000, None, None),
        ("t2", 125_000, "北京", True),
    ]


def test_blank_lines_windows_ends_and_a_byte_order_mark_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "p"
    path.write_bytes(f"\ufeff\r\n{GOOD}\r\n\r\n  {line(transaction_id='t2')} \r\n".encode())

    result = intake(path, pack())

    assert (result.counts.read, result.counts.accepted) == (2, 2)


@pytest.mark.parametrize("packed", [gzip.compress, zstd], ids=["gzip", "zstd"])
def test_packed_lines_are_known_by_their_content(packed: object, tmp_path: Path) -> None:
    path = tmp_path / "ledger.dat"
    path.write_bytes(packed(f"{GOOD}\n".encode()))  # type: ignore[operator]

    assert intake(path, pack()).counts.accepted == 1


def test_the_name_tells_where_the_content_does_not(tmp_path: Path) -> None:
    result = take(tmp_path, "what a day", GOOD)

    assert result.rejected["reason"].to_list() == ["broken_line"]
    assert result.counts.accepted == 1


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("!12.50", 125_000),
        ("12.50", 125_000),
        ("!9999999999999.99", 99_999_999_999_999_900),
        ("!-0.01", -100),
        ("!7", 70_000),
    ],
)
def test_an_amount_is_the_digits_that_are_written(
    written: str, stored: int, tmp_path: Path
) -> None:
    assert take(tmp_path, line(amount=written)).accepted["amount"].to_list() == [stored]


@pytest.mark.parametrize(
    ("wrong", "detail"),
    [
        ('{"transaction_id": "t1",', "Expecting property name enclosed in double quotes at"),
        ('{"transaction_id": "t1"', "Expecting ',' delimiter at character 24"),
        ('{"a": 1} {"b": 2}', "more follows at character 9"),
        ('{"a": 1},', "more follows at character 9"),
        ('{"a": 1, "b": 2, "a": 3}', '"a" stands twice in it'),
        ('{"a": "x\ty"}', "Invalid control character at at character 9"),
        ('{"a": 01}', "Expecting ',' delimiter at character 8"),
        ("{'a': 1}", "Expecting property name enclosed in double quotes at character 2"),
        ("[1, 2]", "it is a single value or a list"),
        ("null", "it is a single value or a list"),
        ("17", "it is a single value or a list"),
        ("what a day", "Expecting value at character 1"),
        ('{"a": ' + "[" * 100_000, "it is nested too deeply"),
    ],
)
def test_a_line_that_is_no_object_is_rejected_with_its_text(
    wrong: str, detail: str, tmp_path: Path
) -> None:
    result = take(tmp_path, GOOD, wrong, line(transaction_id="t3"))

    (rejected,) = result.rejected.to_dicts()
    assert (rejected["row"], rejected["column"], rejected["reason"]) == (2, None, "broken_line")
    assert rejected["value"] == wrong[:1000]
    assert rejected["detail"].startswith(f"the line is no JSON object: {detail}")
    assert result.accepted["transaction_id"].to_list() == ["t1", "t3"]
    assert (result.counts.read, result.counts.rejected) == (3, 1)


@pytest.mark.parametrize("value", [{"iban": "X"}, ["X", "Y"], {}, []])
def test_an_object_or_list_where_a_value_belongs(value: object, tmp_path: Path) -> None:
    wrong = line(debtor_account=value, transaction_id="t2")

    result = take(tmp_path, GOOD, wrong)

    assert told(result) == [("debtor_account", wrong, "nested_value")]
    assert result.rejected["detail"].to_list() == [
        "debtor_account is an object or a list, not one value"
    ]


def test_what_is_nested_and_not_used_does_no_harm(tmp_path: Path) -> None:
    result = take(tmp_path, line(geo={"a": [1, {"b": 2}]}))

    assert result.counts.accepted == 1
    assert result.ignored == ("geo",)


@pytest.mark.parametrize(
    ("fields", "wanted"),
    [
        ({"amount": "!true"}, ("amount", "true", "invalid_amount")),
        ({"amount": "!1e3"}, ("amount", "1e3", "invalid_amount")),
        ({"amount": "!0.30000000000000004"}, ("amount", "0.30000000000000004", "too_many_digits")),
        ({"amount": "!NaN"}, ("amount", None, "missing_amount")),
        ({"amount": "!Infinity"}, ("amount", "Infinity", "invalid_amount")),
        ({"event_time": "!1772366400"}, ("event_time", "1772366400", "invalid_time")),
        ({"transaction_id": None}, ("transaction_id", None, "missing_id")),
        ({"debtor_account": ""}, ("debtor_account", "", "empty_id")),
        ({"branch": "\ud800"}, ("branch", "\ufffd", "invalid_encoding")),
        ({"sequence": "!1.0"}, ("sequence", "1.0", "invalid_integer")),
    ],
)
def test_wrong_values_are_told_as_they_are_written(
    fields: dict[str, object], wanted: tuple[str | None, ...], tmp_path: Path
) -> None:
    assert told(take(tmp_path, line(**fields))) == [wanted]


def test_bytes_that_are_no_text_reject_their_row_only(tmp_path: Path) -> None:
    torn = line(transaction_id="t2", branch="x").encode().replace(b'"x"', b'"x\xff"')

    result = take(tmp_path, GOOD, torn)

    assert told(result) == [("branch", "x\ufffd", "invalid_encoding")]
    assert result.counts.accepted == 1


def test_half_a_character_in_a_name_is_no_crash(tmp_path: Path) -> None:
    result = take(tmp_path, GOOD[:-1] + r', "\ud800": 1}')

    assert result.counts.accepted == 1
    assert result.ignored == ("?",)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("\n\n", "has no line at all"),
        ("1\n2\n", "has no line that is a JSON object: it is a single"),
    ],
)
def test_a_file_without_any_object_is_refused(content: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        take(tmp_path, content)


def test_lines_give_what_their_frame_gives(tmp_path: Path) -> None:
    given = frame(row(latitude="31.2304"), row(transaction_id="t2", amount="x"), row(kind=None))
    path = tmp_path / "p.ndjson"
    given.write_ndjson(path)

    result = intake(path, pack())

    wanted = intake(given, pack())
    assert_frame_equal(result.accepted, wanted.accepted)
    assert_frame_equal(result.rejected.drop("source"), wanted.rejected.drop("source"))


def test_a_mapping_reads_json_numbers_like_texts(tmp_path: Path) -> None:
    path = tmp_path / "p.ndjson"
    path.write_text(f'{{"id": 7, "at": 1772366400, "from": 42, "sum": 1.5}}\n{GOOD}\n')

    result = intake(
        path,
        pack(),
        mapping={
            "columns": {
                "transaction_id": "id",
                "event_time": {
                    "column": "at",
                    "steps": "second",
                    "start": "1970-01-01",
                    "zone": "UTC",
                },
                "debtor_account": "from",
                "amount": "sum",
                "currency": {"constant": "CNY"},
            }
        },
    )

    assert result.accepted.select("transaction_id", "debtor_account", "amount").rows() == [
        ("7", "42", 15_000)
    ]
    assert str(result.accepted["event_time"][0]) == NOON.replace("T", " ").replace("Z", "+00:00")
    assert result.counts.rejected == 1
