"""Mappings: what each option does, what is refused, and the worked examples."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from sources.payments import COLUMNS, frame, pack, row, told, write_csv
from txmon.errors import InputError, PackError
from txmon.schema import Schema
from txmon.sources import InputMapping, intake, load_mapping

SCHEMA = Schema.with_columns(COLUMNS)
PROJECT = Path(__file__).parents[2]
EXAMPLES = PROJECT / "docs" / "mappings"
DATA = PROJECT.parent / "shared" / "data"


def accepted(given: pl.DataFrame, **columns: object) -> dict[str, object]:
    """The one row that a mapping of columns makes."""
    result = intake(given, pack(), mapping={"columns": columns})
    (only,) = result.accepted.to_dicts()
    return only


def test_a_name_is_short_for_its_column() -> None:
    given = frame(row()).rename({"transaction_id": "ref"})

    assert accepted(given, transaction_id="ref")["transaction_id"] == "t1"
    assert accepted(given, transaction_id={"column": "ref"})["transaction_id"] == "t1"


def test_columns_that_a_mapping_does_not_mention_keep_their_names() -> None:
    found = accepted(frame(row(kind="card", branch="x")), kind={"constant": "transfer"})

    assert (found["kind"], found["branch"], found["debtor_account"]) == ("transfer", "x", "A")


def test_a_column_taken_under_another_name_is_not_taken_twice() -> None:
    found = accepted(frame(row(branch="x")), debtor_name="branch")

    assert found["debtor_name"] == "x"
    assert "branch" not in found


def test_ids_are_joined_and_null_if_a_part_is() -> None:
    given = frame(row(bank=7, number="0012"), row(transaction_id="t2", bank=7))
    mapping = {"columns": {"creditor_account": {"join": ["bank", "number"], "with": "-"}}}

    found = intake(given, pack(), mapping=mapping).accepted

    assert found["creditor_account"].to_list() == ["7-0012", None]


def test_values_are_renamed_with_a_default_and_a_name_for_missing_ones() -> None:
    rows = [row(transaction_id=name, kind=name) for name in ("in", "NO", "010", "x")]
    given = frame(*rows, row(transaction_id="y", kind=None))
    spec = {"column": "kind", "values": {"NO": "norway", "010": "octal"}}

    strict = intake(given, pack(), mapping={"columns": {"kind": spec}})
    named = {**spec, "default": "other", "missing": "none"}
    lenient = intake(given, pack(), mapping={"columns": {"kind": named}}).accepted

    assert told(strict) == [("kind", "in", "unmapped_value"), ("kind", "x", "unmapped_value")]
    assert dict(lenient.select("transaction_id", "kind").rows()) == {
        "in": "other",
        "NO": "norway",
        "010": "octal",
        "x": "other",
        "y": "none",
    }


def test_values_of_any_type_are_renamed_by_their_text() -> None:
    found = accepted(frame(row(code=2)), kind={"column": "code", "values": {"2": "card"}})

    assert found["kind"] == "card"


def test_times_have_a_format_and_a_zone() -> None:
    given = frame(row(event_time="01.03.26 20:00"))

    found = accepted(
        given, event_time={"column": "event_time", "format": "%d.%m.%y %H:%M", "zone": "UTC"}
    )

    assert found["event_time"] == datetime(2026, 3, 1, 20, tzinfo=UTC)


def test_steps_become_times() -> None:
    spec = {"column": "step", "steps": "day", "start": "2020-01-01", "zone": "Asia/Shanghai"}

    found = accepted(frame(row(step=3)), event_time=spec)

    assert found["event_time"] == datetime(2020, 1, 3, 16, tzinfo=UTC)


def test_amounts_may_be_rounded_and_written_with_a_comma() -> None:
    given = frame(row(amount="1234,565", fee=0.125))

    found = accepted(
        given,
        amount={"column": "amount", "decimal": ",", "round": "half_even"},
        fee={"column": "fee", "round": "half_even"},
    )

    assert (found["amount"], found["fee"]) == (12_345_600, 1_200)


def test_a_comma_is_the_only_mark_if_it_is_the_mark() -> None:
    mapping = {"columns": {"amount": {"column": "amount", "decimal": ","}}}
    rows = [row(amount="1.234,50"), row(amount="1.25"), row(amount="1,2,3"), row(amount="0,5")]

    result = intake(frame(*rows), pack(), mapping=mapping)

    assert result.rejected["row"].to_list() == [1, 2, 3]


def test_row_numbers_are_those_of_the_file(tmp_path: Path) -> None:
    header = "transaction_id,event_time,debtor_account"
    lines = [f"{name},2026-03-01T12:00:00Z,A" for name in ("c", "b", "a")]
    path = write_csv(tmp_path / "p.csv", header, lines[0], "ragged", *lines[1:])

    found = intake(path, pack(), mapping={"columns": {"sequence": {"row_number": True}}}).accepted

    assert found.select("transaction_id", "sequence").rows() == [("c", 1), ("b", 3), ("a", 4)]


LEDGER = {
    "direction": {"column": "type", "values": {"C": "in", "D": "out"}},
    "account": "own",
    "counterparty": "other",
    "own_balance": "before",
    "counterparty_name": "who",
}


def test_a_ledger_of_one_account_becomes_debtor_and_creditor() -> None:
    rows = [
        {"transaction_id": "1", "type": "C", "own": 7, "other": "X", "before": "5", "who": "Ann"},
        {"transaction_id": "2", "type": "D", "own": 7, "other": None, "before": "9", "who": None},
    ]
    given = frame(*(row(**each) for each in rows)).drop("debtor_account", "creditor_account")

    found = intake(given, pack(), mapping={"columns": LEDGER}).accepted

    sides = ("debtor_account", "creditor_account", "debtor_balance", "creditor_balance")
    assert found.select(*sides, "debtor_name", "creditor_name").rows() == [
        ("X", "7", None, 50_000, "Ann", None),
        ("7", None, 90_000, None, None, None),
    ]


@pytest.mark.parametrize("direction", [None, "IN", "sideways"])
def test_a_direction_is_in_or_out(direction: str | None) -> None:
    given = frame(row(way=direction, own="7"))

    result = intake(given, pack(), mapping={"columns": {"direction": "way", "account": "own"}})

    assert told(result) == [("direction", direction, "invalid_direction")]


def test_an_account_without_counterparty_is_one_side() -> None:
    given = frame(row(way="in", own="7"))

    found = accepted(given, direction="way", account="own")

    assert found["creditor_account"] == "7"
    assert found["debtor_account"] is None


def test_a_column_that_the_mapping_names_must_be_there() -> None:
    mapping = {"columns": {"kind": "operatoin", "channel": "device"}}

    with pytest.raises(InputError) as caught:
        intake(frame(row(operation="x")), pack(), mapping=mapping)

    assert str(caught.value) == (
        "frame: the mapping names device, operatoin, which the input does not have (did you mean"
        ' "operation"?); it has transaction_id, event_time, debtor_account, creditor_account,'
        " amount, currency, operation"
    )


WRONG = {
    "an unknown key": ("colums:\n  kind: x\n", "1:1 E006 unknown key 'colums'"),
    "an unknown option": (
        "columns:\n  amount: {column: a, rounde: half_even}\n",
        "2:23 E006 unknown key 'rounde'",
    ),
    "a key twice": (
        "columns:\n  kind: x\n  kind: y\n",
        "3:3 E005 the key 'kind' stands twice; the first is on line 2",
    ),
    "an unknown column": (
        "columns:\n  amuont: x\n",
        "2:3 E201 no column is called 'amuont'",
    ),
    "no source": (
        "columns:\n  kind: {default: x}\n",
        "2:3 E009 name exactly one of column, constant, join, expression and row_number",
    ),
    "two sources": (
        "columns:\n  kind: {column: x, constant: y}\n",
        "2:3 E009 name exactly one of column, constant, join, expression and row_number",
    ),
    "a join of one": (
        "columns:\n  branch: {join: [x]}\n",
        "2:12 E009 a join takes two columns or more",
    ),
    "with without join": (
        "columns:\n  branch: {column: x, with: '-'}\n",
        "2:3 E009 with belongs beside join",
    ),
    "a default without values": (
        "columns:\n  kind: {column: x, default: y}\n",
        "2:3 E009 default belongs beside values",
    ),
    "a zone that is none": (
        "columns:\n  event_time: {column: x, zone: Peking}\n",
        "2:33 E009 'Peking' is no time zone; write one like Asia/Shanghai or UTC",
    ),
    "steps without a start": (
        "columns:\n  event_time: {column: x, steps: day}\n",
        "2:3 E009 steps and start belong together",
    ),
    "steps without a zone": (
        "columns:\n  event_time: {column: x, steps: day, start: 2020-01-01}\n",
        "2:3 E009 steps take a start and a zone, and no format",
    ),
    "an unknown step": (
        "columns:\n  event_time: {column: x, steps: month, start: 2020-01-01, zone: UTC}\n",
        "2:34 E009 expected one of microsecond, millisecond, second, minute, hour, day, week",
    ),
    "a start with an offset": (
        "columns:\n  event_time: {column: x, steps: day, start: 2020-01-01T00:00Z, zone: UTC}\n",
        "2:46 E009 '2020-01-01T00:00Z' is no wall-clock time; write 2020-01-01 or 2020-01-01T09:00",
    ),
    "another rounding": (
        "columns:\n  amount: {column: x, round: up}\n",
        "2:30 E009 expected half_even, found 'up'",
    ),
    "a decimal mark": (
        "columns:\n  amount: {column: x, decimal: ';'}\n",
        """2:32 E009 expected "." or ",", found ';'""",
    ),
    "a zone for a text": (
        "columns:\n  kind: {column: x, zone: UTC}\n",
        "2:3 E009 zone, epoch and steps tell a time, and kind is a text",
    ),
    "a format for an amount": (
        "columns:\n  amount: {column: x, format: '%d'}\n",
        "2:3 E009 a format reads a time, and amount is a money",
    ),
    "a decimal mark for a text": (
        "columns:\n  kind: {column: x, decimal: ','}\n",
        "2:3 E009 decimal and thousands read an amount, and kind is a text",
    ),
    "a rounded number": (
        "columns:\n  latitude: {column: x, round: half_even}\n",
        "2:3 E009 round is for amounts, and latitude is a number",
    ),
    "a joined amount": (
        "columns:\n  amount: {join: [x, y]}\n",
        "2:3 E009 a join makes a text or a time, and amount is a money",
    ),
    "a numbered id": (
        "columns:\n  transaction_id: {row_number: true}\n",
        "2:3 E009 a row number makes a sequence and nothing else",
    ),
    "a row number that is no": (
        "columns:\n  sequence: {row_number: no}\n",
        "2:26 E009 expected true, found 'no'",
    ),
    "an original amount": (
        "columns:\n  original_amount: x\n",
        "2:3 E009 original_amount is made from amount: map the amount as booked to amount",
    ),
    "an account without direction": (
        "columns:\n  account: x\n",
        "2:3 E007 account needs a direction, which says whose account it is",
    ),
    "a direction without account": (
        "columns:\n  direction: x\n",
        "2:3 E007 a direction needs account, the own account of each row",
    ),
    "a side twice": (
        "columns:\n  direction: x\n  account: y\n  debtor_account: z\n",
        "4:3 E009 debtor_account is made from account and the direction already",
    ),
    "a long separator": (
        "csv:\n  separator: ';;'\n",
        "2:14 E009 a separator is one character, no quote and no line break",
    ),
    "an encoding that is none": (
        "csv:\n  encoding: klingon\n",
        "2:13 E009 'klingon' is no text encoding; write one like gb18030",
    ),
    "an encoding of bytes": (
        "csv:\n  encoding: hex\n",
        "2:13 E009 'hex' is no text encoding; write one like gb18030",
    ),
    "no header and no names": (
        "csv:\n  header: false\n",
        "2:11 E009 a file without a header needs the names of its columns: header: [id, ...]",
    ),
    "a header with a name twice": (
        "csv:\n  header: [id, id]\n",
        "2:3 E009 the name 'id' stands twice",
    ),
    "an alias": ("columns: &a\n  kind: x\n", "1:10 E003 an anchor &a; packs use none"),
    "a list": ("- kind\n", "1:3 E008 the file must hold keys with values"),
}


@pytest.mark.parametrize(("text", "wanted"), WRONG.values(), ids=WRONG.keys())
def test_a_wrong_mapping_is_told_with_its_place(text: str, wanted: str, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(text)

    with pytest.raises(PackError) as caught:
        load_mapping(path, SCHEMA)

    (finding,) = caught.value.findings
    place = finding.location
    found = f"{place.line}:{place.column} {finding.code} {finding.message}"
    assert found.startswith(wanted)
    assert place.path == str(path)


def test_a_wrong_mapping_given_as_a_dict_is_told_in_its_yaml() -> None:
    with pytest.raises(PackError, match=r"mapping:3:5: E006 unknown key 'colour'"):
        load_mapping({"columns": {"kind": {"colour": "x"}}}, SCHEMA)


def test_a_mapping_that_is_ready_is_checked_against_the_pack() -> None:
    ready = InputMapping.model_validate({"columns": {"branch": "x"}})

    assert load_mapping(ready, SCHEMA) is ready
    with pytest.raises(PackError, match="no column is called 'branch'"):
        load_mapping(ready, Schema.with_columns({}))


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_loads(path: Path) -> None:
    assert load_mapping(path, Schema.with_columns({})).columns


def test_the_berka_example_on_a_ledger_of_its_shape(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "trans.asc",
        '"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";"account"',
        '9;70;930101;"PRIJEM";"VKLAD";700.00;700.00;"";;',
        '8;70;930105;"PRIJEM";"PREVOD Z UCTU";5123.00;5823.00;"DUCHOD";"YZ";"62457513"',
        '7;70;930105;"VYDAJ";"PREVOD NA UCET";23.50;5799.50;"SIPO";"AB";"114"',
        '6;70;930105;"VYBER";"VYBER";100.00;5699.50;" ";"";"0"',
        '5;70;930131;"PRIJEM";"";12.30;5711.80;"UROK";;',
    )

    result = intake(path, pack(currency="CZK"), mapping=EXAMPLES / "berka.yaml")

    columns = ("transaction_id", "kind", "debtor_account", "creditor_account", "amount")
    assert result.rejected.is_empty()
    assert result.accepted.select(columns).rows() == [
        ("9", "cash_deposit", None, "70", 7_000_000),
        ("8", "transfer", "YZ-62457513", "70", 51_230_000),
        ("7", "transfer", "70", "AB-114", 235_000),
        ("6", "cash_withdrawal", "70", None, 1_000_000),
        ("5", "interest", None, "70", 123_000),
    ]
    assert result.accepted["event_time"][0] == datetime(1992, 12, 31, 23, tzinfo=UTC)


def test_the_amlsim_example_on_a_frame_of_its_shape() -> None:
    given = pl.DataFrame(
        {
            "tran_id": [1, 2],
            "orig_acct": [26, 11],
            "bene_acct": [24, 12],
            "tx_type": ["TRANSFER", "TRANSFER"],
            "base_amt": [145.42, 768.52],
            "tran_timestamp": [datetime(2024, 1, 1), datetime(2024, 1, 1)],  # noqa: DTZ001
            "is_sar": [False, True],
        }
    )

    result = intake(given, pack(currency="USD"), mapping=EXAMPLES / "amlsim.yaml")

    assert result.accepted["amount"].to_list() == [1_454_200, 7_685_200]
    assert result.ignored == ("is_sar",)


def test_the_amlgentex_example_on_a_frame_of_its_shape() -> None:
    given = pl.DataFrame(
        {
            "tx_id": [14_968, 14_969],
            "step": [0, 1],
            "type": pl.Series(["TRANSFER", "CASH"], dtype=pl.Categorical),
            "amount": [939.312907, 0.0003486725294415577],
            "nameOrig": [7_408, 9_290],
            "nameDest": [8_615, 2_077],
            "bankOrig": ["a", "a"],
            "bankDest": ["a", "b"],
            "oldbalanceOrig": [281_787.221866, 0.0],
            "oldbalanceDest": [141_638.922568, 1.0],
        }
    )

    result = intake(given, pack(currency="SEK"), mapping=EXAMPLES / "amlgentex.yaml")

    found = result.accepted.select("kind", "amount", "debtor_balance", "event_time").rows()
    assert found == [
        ("transfer", 9_393_100, 2_817_872_200, datetime(2020, 1, 1, tzinfo=UTC)),
        ("cash_deposit", 0, 0, datetime(2020, 1, 2, tzinfo=UTC)),
    ]


@pytest.mark.skipif(not DATA.is_dir(), reason="the third-party data is not at hand")
@pytest.mark.parametrize(
    ("name", "file", "currency", "rows"),
    [
        ("berka", "berka/trans_clean.asc.gz", "CZK", 49_102),
        ("amlsim", "amlsim_s0/transactions.parquet", "USD", 62_591),
        ("amlgentex", "amlgentex_a/transactions_account_to_account.parquet", "SEK", 111_377),
    ],
)
def test_the_examples_take_the_real_files_whole(
    name: str, file: str, currency: str, rows: int
) -> None:
    result = intake(DATA / file, pack(currency=currency), mapping=EXAMPLES / f"{name}.yaml")

    assert (result.counts.read, result.counts.accepted) == (rows, rows)
