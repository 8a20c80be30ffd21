"""Expressions, declared names, joined tables and the ways amounts and times are written."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from sources.payments import COLUMNS, frame, pack, row, told, write_csv
from txmon.errors import InputError, PackError
from txmon.schema import Schema
from txmon.sources import Intake, intake, load_mapping

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = Schema.with_columns(COLUMNS)
MONEY = {"debit": "money", "credit": "money", "side": "text"}


def mapped(given: pl.DataFrame, source: dict[str, object], **columns: object) -> Intake:
    return intake(given, pack(), mapping={"source": source, "columns": columns})


def test_an_expression_makes_an_amount_exactly() -> None:
    rows = [
        row(transaction_id="1", side="D", debit="12.50", credit=None),
        row(transaction_id="2", side="C", debit=None, credit="0.10"),
        row(transaction_id="3", side="C", debit="1", credit=None),
    ]
    given = frame(*rows).drop("amount")

    result = mapped(
        given, dict(MONEY), amount={"expression": 'if side == "D" then debit else credit'}
    )

    assert result.accepted["amount"].to_list() == [125_000, 1_000]
    assert told(result) == [("amount", None, "missing_amount")]


def test_negative_amounts_decide_the_side() -> None:
    rows = [row(transaction_id="1", amount="-1.234,50"), row(transaction_id="2", amount="7,00")]
    given = frame(*rows).with_columns(own=pl.lit("A"))
    source = {"booked": {"column": "amount", "type": "money", "decimal": ",", "thousands": "."}}

    found = mapped(
        given,
        source,
        amount={"expression": "abs(booked)"},
        direction={"expression": 'if booked < 0 then "out" else "in"'},
        account="own",
    ).accepted

    assert found.select("debtor_account", "creditor_account", "amount").rows() == [
        ("A", None, 12_345_000),
        (None, "A", 70_000),
    ]


def test_expressions_make_every_type() -> None:
    given = frame(row(n="3", price="2.5", flag="true", day="2026-02-28", at="2026-03-01T08:00:00Z"))
    source = {
        "n": "int",
        "price": {"type": "number", "scale": 3},
        "flag": "bool",
        "day": "date",
        "at": "time",
    }

    found = mapped(
        given,
        source,
        event_time={"expression": "at + 90min"},
        attempts={"expression": "n + 1"},
        vip={"expression": "not flag"},
        born={"expression": "day"},
        risk={"expression": "price * 2"},
        region={"expression": 'if hour(at) == 16 then "shanghai" else "elsewhere"'},
    ).accepted.to_dicts()[0]

    assert found["event_time"] == datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    assert (found["attempts"], found["vip"], found["risk"]) == (4, False, 500)
    assert (found["born"], found["region"]) == (date(2026, 2, 28), "shanghai")


def test_an_expression_is_as_fine_as_its_currency_allows() -> None:
    given = frame(row(transaction_id="1", cents="1250"), row(transaction_id="2", cents="0.5"))

    result = mapped(given, {"cents": "money"}, amount={"expression": "cents * 0.01"})

    assert result.accepted["amount"].to_list() == [125_000]
    assert told(result) == [("amount", "0.005000", "too_many_digits")]


def test_what_is_wrong_with_a_declared_column_is_told_once_under_its_name() -> None:
    given = frame(row(debit="ten", side="D"), row(transaction_id="t2", debit="1", side="D"))

    result = mapped(
        given,
        {"debit": "money"},
        amount={"expression": "abs(debit)"},
        fee={"expression": "debit * 2"},
    )

    assert told(result) == [("debit", "ten", "invalid_amount")]
    assert result.rejected["others"].to_list() == [[]]


def test_a_declared_name_stands_for_its_values_wherever_a_column_is_named() -> None:
    given = frame(row(day=20_260_301, at=93_005))
    source = {"clock": {"column": "at", "type": "text", "width": "6"}}

    found = mapped(
        given,
        source,
        event_time={"join": ["day", "clock"], "format": "%Y%m%d%H%M%S", "zone": "UTC"},
        region="clock",
    ).accepted

    assert found["event_time"][0] == datetime(2026, 3, 1, 9, 30, 5, tzinfo=UTC)
    assert found["region"][0] == "093005"


def test_a_day_and_a_time_of_day_are_joined() -> None:
    given = frame(row(day=date(2026, 3, 1), at=time(9, 30, 0, 500)))

    found = mapped(given, {}, event_time={"join": ["day", "at"], "with": " ", "zone": "UTC"})

    assert found.accepted["event_time"][0] == datetime(2026, 3, 1, 9, 30, 0, 500, tzinfo=UTC)


@pytest.mark.parametrize(
    ("unit", "value"),
    [
        ("second", 1_772_355_600),
        ("second", "1772355600"),
        ("second", 1_772_355_600.0),
        ("millisecond", 1_772_355_600_000),
        ("microsecond", "1772355600000000"),
        ("nanosecond", 1_772_355_600_000_000_000),
    ],
)
def test_an_epoch_counts_any_unit(unit: str, value: object) -> None:
    found = mapped(
        frame(row(event_time=value)), {}, event_time={"column": "event_time", "epoch": unit}
    )

    assert found.accepted["event_time"].to_list() == [datetime(2026, 3, 1, 9, tzinfo=UTC)]


def test_an_epoch_may_have_fractions_down_to_a_microsecond() -> None:
    values = ["1.000001", "1.0000001", "x", "-62135600000", "300000000000"]
    given = frame(*(row(transaction_id=f"t{at}", event_time=v) for at, v in enumerate(values)))

    result = mapped(given, {}, event_time={"column": "event_time", "epoch": "second"})

    assert result.accepted["event_time"].to_list() == [datetime(1970, 1, 1, 0, 0, 1, 1, tzinfo=UTC)]
    assert [reason for _, _, reason in told(result)] == [
        "time_precision",
        "invalid_time",
        "time_out_of_range",
        "time_out_of_range",
    ]


def test_nanoseconds_are_never_cut_off() -> None:
    given = frame(row(event_time=1_000), row(transaction_id="t2", event_time=1_001))

    result = mapped(given, {}, event_time={"column": "event_time", "epoch": "nanosecond"})

    assert result.accepted.height == 1
    assert told(result) == [("event_time", "1001", "time_precision")]


def test_minor_units_are_those_of_each_currency() -> None:
    rows = [
        row(transaction_id="1", amount="1250", currency="CNY"),
        row(transaction_id="2", amount=None, currency=None, fee=None),
        row(transaction_id="3", amount="1250", currency="JPY"),
        row(transaction_id="4", amount="1250", currency="KWD"),
        row(transaction_id="5", amount="12.5", currency="CNY"),
        row(transaction_id="6", amount="1000000000000001", currency="CNY"),
        row(transaction_id="7", amount="99999999999999999999", currency="CNY"),
        row(transaction_id="8", amount="-1000000000000000", currency="CNY"),
    ]

    result = mapped(frame(*rows), {}, amount={"column": "amount", "unit": "minor"})

    found = dict(result.accepted.select("transaction_id", "original_amount").rows())
    assert found == {
        "1": 125_000,
        "2": None,
        "3": 12_500_000,
        "4": 12_500,
        "8": -(10**17),
    }
    assert [reason for _, _, reason in told(result)] == [
        "too_many_digits",
        "amount_too_large",
        "amount_too_large",
    ]


@pytest.mark.parametrize(
    ("mark", "decimal", "text", "amount"),
    [
        (",", ".", "1,234,567.80", 12_345_678_000),
        (",", ".", "12,34,567.80", 12_345_678_000),
        (",", ".", "567.8", 5_678_000),
        (".", ",", "-1.234,50", -12_345_000),
        ("'", ".", "1\u2019234.50", 12_345_000),
        (" ", ",", "1\u00a0234\u202f567,80", 12_345_678_000),
        (",", ".", "1,23", None),
        (",", ".", ",123", None),
        (",", ".", "1,2345", None),
        (",", ".", "1,,234", None),
        (".", ",", "1.234.5", None),
        (",", ".", "1.234,567", None),
    ],
)
def test_thousands_marks_stand_where_they_should(
    mark: str, decimal: str, text: str, amount: int | None
) -> None:
    spec = {"column": "amount", "thousands": mark, "decimal": decimal}

    result = mapped(frame(row(amount=text)), {}, amount=spec)

    assert result.accepted["amount"].to_list() == ([] if amount is None else [amount])
    if amount is None:
        assert told(result) == [("amount", text, "invalid_amount")]


def test_texts_are_emptied_and_cut_by_a_pattern() -> None:
    rows = [
        row(transaction_id="1", party="/DE89370400440532013000\nMUSTER GMBH"),
        row(transaction_id="2", party="NONREF"),
        row(transaction_id="3", party="MUSTER GMBH"),
    ]
    spec = {"column": "party", "empty": ["NONREF", "-"], "extract": "^/([A-Z0-9]+)"}

    result = mapped(frame(*rows), {}, creditor_account=spec)

    assert dict(result.accepted.select("transaction_id", "creditor_account").rows()) == {
        "1": "DE89370400440532013000",
        "2": None,
    }
    assert told(result) == [("creditor_account", "MUSTER GMBH", "unmatched_text")]


def test_a_part_of_a_join_that_is_no_text_rejects_the_row() -> None:
    given = frame(row(number=1.5, bank="a"))

    result = mapped(given, {}, creditor_account={"join": ["bank", "number"]})

    assert told(result) == [("number", "1.5", "invalid_text")]


ACCOUNTS = ("id;segment;branch", "A;retail;north", "B;corporate;")


def test_a_table_is_joined_on_both_sides(tmp_path: Path) -> None:
    write_csv(tmp_path / "accounts.csv", *ACCOUNTS)
    path = tmp_path / "m.yaml"
    path.write_text(
        "join:\n  file: accounts.csv\n  on: {account: id}\n  csv: {separator: ';'}\n"
        "  columns:\n    segment: segment\n    debtor_name: {column: branch, missing: none}\n"
    )
    rows = [
        row(transaction_id="1"),
        row(transaction_id="2", debtor_account="B"),
        row(transaction_id="3", debtor_account=None),
    ]

    result = intake(frame(*rows), pack(), mapping=path)

    found = result.accepted.select("debtor_segment", "creditor_segment", "debtor_name")
    assert found.rows() == [
        ("retail", "corporate", "north"),
        ("corporate", "corporate", "none"),
        (None, "corporate", "none"),
    ]
    table = result.fingerprints[-1]
    assert (table.name, table.rows) == (str(tmp_path / "accounts.csv"), 2)
    assert table.sha256 is not None


def test_a_table_may_be_joined_on_any_text_of_ours(tmp_path: Path) -> None:
    table = tmp_path / "merchants.parquet"
    pl.DataFrame({"id": [7, 8], "mcc": [5411, 7995], "fee": ["1.00", "2"]}).write_parquet(table)
    mapping = {
        "columns": {"merchant_id": "shop"},
        "join": [
            {
                "file": str(table),
                "on": {"merchant_id": "id"},
                "columns": {
                    "merchant_category": {"column": "mcc", "values": {"5411": "grocery"}},
                    "fee": "fee",
                },
            }
        ],
    }
    rows = [row(transaction_id="1", shop=7), row(transaction_id="2", shop=8), row(shop=9)]

    result = intake(frame(*rows), pack(), mapping=mapping)

    found = result.accepted.select("transaction_id", "merchant_category", "fee").rows()
    assert found == [("1", "grocery", 10_000), ("t1", None, None)]
    assert told(result) == [("merchant_category", "7995", "unmapped_value")]


def test_a_joined_column_takes_the_place_of_the_files_own(tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", "id,segment", "A,retail")
    mapping = {
        "join": {
            "file": str(tmp_path / "a.csv"),
            "on": {"account": "id"},
            "columns": {"debtor_segment": "segment"},
        }
    }

    result = intake(frame(row(debtor_segment="old")), pack(), mapping=mapping)

    assert result.accepted["debtor_segment"].to_list() == ["retail"]
    assert result.ignored == ("debtor_segment",)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (("id,segmnt", "A,x"), 'has no column segment (did you mean "segmnt"?); it has id, segmnt'),
        (("id,segment", "A,x", "A,y"), "the id 'A' stands twice"),
        (("id,segment", "A,x,y"), "row 1 has 3 fields and the header 2"),
    ],
)
def test_a_table_that_cannot_be_joined_stops_the_run(
    lines: tuple[str, ...], message: str, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "a.csv", *lines)
    mapping = {
        "join": {"file": str(path), "on": {"account": "id"}, "columns": {"segment": "segment"}}
    }

    with pytest.raises(InputError) as caught:
        intake(frame(row()), pack(), mapping=mapping)

    assert str(caught.value).startswith(str(path))
    assert message in str(caught.value)


AMOUNT = "source: {debit: money, n: int}\ncolumns:\n  amount: {expression: '"
TABLE = "join:\n  file: FILE\n  on: {account: id}\n  columns: "
WRONG = {
    "an unknown name": (f"{AMOUNT}debit + credit'}}\n", "3:33 E201 unknown name 'credit'"),
    "a name of ours": (f"{AMOUNT}direction'}}\n", "3:25 E201 unknown name 'direction'"),
    "a syntax error": (f"{AMOUNT}debit +'}}\n", "3:32 E104"),
    "two types": (f"{AMOUNT}debit + n'}}\n", "3:25 E302 cannot calculate money + a whole number"),
    "a text for an amount": (f"{AMOUNT}n'}}\n", "3:24 E009 amount is a money, and this is a int"),
    "a division": (f"{AMOUNT}debit / 3'}}\n", "3:24 E009 a division gives no exact amount"),
    "an aggregate": (f"{AMOUNT}sum(debit)'}}\n", "3:25 E110"),
    "a list": (f"{AMOUNT}if n in lists.x then debit else debit'}}\n", "3:39 E205"),
    "options on an expression": (
        "source: {n: int}\ncolumns:\n  sequence: {expression: n, missing: '0'}\n",
        "3:3 E009 what an expression makes is no text: write the options under source:",
    ),
    "minor units of an expression": (
        "source: {m: money}\ncolumns:\n  amount: {expression: m, unit: minor}\n",
        "3:3 E009 an expression makes whole units",
    ),
    "an unknown type": ("source: {a: cash}\n", "1:13 E009 expected one of text, int, bool"),
    "a number without scale": ("source: {a: number}\n", "1:13 E009 a number needs a scale"),
    "a scale without number": ("source: {a: {type: int, scale: 2}}\n", "1:10 E009 a number needs"),
    "a word as a name": ("source: {where: text}\n", "1:10 E203 'where' is a word of the language"),
    "a declared expression": (
        "source: {a: {type: int, expression: b}}\n",
        "1:10 E009 under source: a name reads a column, a constant or a join",
    ),
    "a declared rounding": (
        "source: {a: {type: money, round: half_even}}\n",
        "1:10 E009 round and unit depend on the currency",
    ),
    "a declared name of a declared name": (
        "source: {a: int, b: {column: a, type: int}}\n",
        "1:18 E009 'a' is declared here itself",
    ),
    "a zone of a declared text": (
        "source: {a: {type: text, zone: UTC}}\n",
        "1:10 E009 zone, epoch and steps tell a time, and a is a text",
    ),
    "an epoch that is none": (
        "columns:\n  event_time: {column: a, epoch: hour}\n",
        "2:34 E009 epoch: expected one of second, millisecond, microsecond, nanosecond",
    ),
    "an epoch with a zone": (
        "columns:\n  event_time: {column: a, epoch: second, zone: UTC}\n",
        "2:3 E009 an epoch counts from 1970 in UTC",
    ),
    "a unit that is none": (
        "columns:\n  amount: {column: a, unit: cents}\n",
        "2:29 E009 unit: expected one of major, minor, found 'cents'",
    ),
    "a unit of a text": (
        "columns:\n  kind: {column: a, unit: minor}\n",
        "2:3 E009 unit is for amounts, and kind is a text",
    ),
    "a thousands mark": (
        "columns:\n  amount: {column: a, thousands: x}\n",
        """2:34 E009 expected one of "," "." "'" " ", found 'x'""",
    ),
    "one mark for both": (
        "columns:\n  amount: {column: a, thousands: '.'}\n",
        "2:3 E009 the thousands mark and the decimal mark are the same",
    ),
    "a pattern without group": (
        "columns:\n  kind: {column: a, extract: '[A-Z]+'}\n",
        "2:30 E009 '[A-Z]+' is no regular expression with a group ( )",
    ),
    "a pattern that looks ahead": (
        "columns:\n  kind: {column: a, extract: '(?=b)(a)'}\n",
        "2:30 E009 '(?=b)(a)' is no regular expression with a group ( )",
    ),
    "a width of words": (
        "columns:\n  kind: {column: a, width: six}\n",
        "2:28 E009 expected a whole number from 0 to 100, found 'six'",
    ),
    "a table that is not there": (
        "join: {file: no.csv, on: {account: id}, columns: {segment: s}}\n",
        "1:14 E001 there is no file",
    ),
    "a table on two columns": (
        "join: {file: FILE, on: {account: id, kind: k}, columns: {segment: s}}\n",
        "1:21 E008",
    ),
    "a table on an amount": (
        "join: {file: FILE, on: {amount: id}, columns: {segment: s}}\n",
        "1:26 E201 a table is joined on account or on a text of ours, and 'amount' is none",
    ),
    "a joined column that is none": (
        f"{TABLE}{{segmnt: s}}\n",
        "4:13 E201 no column is called 'debtor_segmnt'",
    ),
    "a joined column of no side": (
        f"{TABLE}{{kind: s}}\n",
        "4:13 E009 'kind' is on no side: join it on a column of its own",
    ),
    "a joined constant": (
        f"{TABLE}{{segment: {{constant: s}}}}\n",
        "4:13 E009 a joined column names a column of the table",
    ),
    "a joined column twice": (
        f"{TABLE}{{segment: s, debtor_segment: s}}\n",
        "4:25 E009 debtor_segment is made twice",
    ),
}


@pytest.mark.parametrize(("text", "wanted"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_mapping_is_told_with_its_place(text: str, wanted: str, tmp_path: Path) -> None:
    write_csv(tmp_path / "a.csv", "id,s")
    path = tmp_path / "m.yaml"
    path.write_text(text.replace("FILE", "a.csv"))

    with pytest.raises(PackError) as caught:
        load_mapping(path, SCHEMA)

    finding = caught.value.findings[0]
    place = finding.location
    found = f"{place.line}:{place.column} {finding.code} {finding.message}"
    assert found.startswith(wanted)


def test_an_unknown_name_is_advised_in_terms_of_mappings() -> None:
    with pytest.raises(PackError, match=r"help: expressions read the names declared under source:"):
        load_mapping({"columns": {"amount": {"expression": "payer"}}}, SCHEMA)


def test_a_declared_column_of_a_wrong_type_names_the_input() -> None:
    given = frame(row(debit=[1]))

    with pytest.raises(InputError, match="frame: column debit has type"):
        mapped(given, {"debit": "money"}, amount={"expression": "debit"})


def test_a_column_that_a_declared_name_reads_must_be_there() -> None:
    with pytest.raises(InputError, match="the mapping names debit, which the input does not have"):
        mapped(frame(row()), {"debit": "money"}, amount={"expression": "debit"})


def test_a_constant_expression_fills_every_row() -> None:
    given = frame(row(), row(transaction_id="t2"))

    found = mapped(given, {}, kind={"expression": '"x"'})

    assert found.accepted["kind"].to_list() == ["x", "x"]


def test_decimals_of_a_frame_are_read_as_they_are() -> None:
    given = frame(row(debit=Decimal("1.25")))

    found = mapped(given, {"debit": "money"}, amount={"expression": "debit"})

    assert found.accepted["amount"].to_list() == [12_500]
