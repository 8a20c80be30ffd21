"""What can be given as input, and what is said when it cannot be read."""

from __future__ import annotations

import gzip
import hashlib
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sources.payments import frame, pack, row, zstd
from txmon.errors import InputError
from txmon.sources import intake

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.sources.files import Sources


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files of one payment each, in two folders, beside things that are no payments."""
    inner = tmp_path / "2026" / "03"
    inner.mkdir(parents=True)
    frame(row(transaction_id="a")).write_parquet(tmp_path / "a.parquet")
    frame(row(transaction_id="b")).write_csv(tmp_path / "b.csv")
    frame(row(transaction_id="c")).write_parquet(inner / "c.pq")
    for name in ("README.md", "_SUCCESS", ".hidden.parquet", "_temporary.csv"):
        (tmp_path / name).write_text("no payment")
    return tmp_path


def ids(source: Sources) -> list[str]:
    return intake(source, pack()).accepted["transaction_id"].to_list()


def test_a_folder_is_read_with_all_below_it(folder: Path) -> None:
    assert ids(folder) == ["a", "b", "c"]
    assert ids(str(folder)) == ["a", "b", "c"]


def test_a_glob_is_every_file_that_matches(folder: Path) -> None:
    assert ids(f"{folder}/*.p*") == ["a"]
    assert ids(f"{folder}/**/*.p*") == ["a", "c"]


def test_a_list_mixes_files_and_frames_and_takes_a_file_once(folder: Path) -> None:
    more = [frame(row(transaction_id="x")), frame(row(transaction_id="y"))]
    source = [folder / "b.csv", f"{folder}/*.csv", *more]

    result = intake([folder / "b.csv", folder / "b.csv", *more], pack())

    assert ids([source[0], *more]) == ["b", "x", "y"]
    assert [stamp.name for stamp in result.fingerprints] == [
        str(folder / "b.csv"),
        "frame 1",
        "frame 2",
    ]


def test_fingerprints_say_what_was_read(folder: Path) -> None:
    path = folder / "a.parquet"

    (stamp,) = intake(path, pack()).fingerprints

    content = path.read_bytes()
    assert stamp.name == str(path)
    assert (stamp.rows, stamp.bytes) == (1, len(content))
    assert stamp.sha256 == hashlib.sha256(content).hexdigest()


def test_files_with_different_columns_are_one_input(tmp_path: Path) -> None:
    frame(row(transaction_id="a", kind="card")).write_parquet(tmp_path / "1.parquet")
    frame(row(transaction_id="b", amount=7, vip="true")).write_parquet(tmp_path / "2.parquet")

    accepted = intake(tmp_path, pack()).accepted

    assert accepted.select("transaction_id", "kind", "amount", "vip").rows() == [
        ("a", "card", 125_000, None),
        ("b", None, 70_000, True),
    ]


@pytest.mark.parametrize("kind", ["polars", "lazy", "pandas", "arrow", "reader", "duckdb"])
def test_every_kind_of_frame_gives_the_same(kind: str) -> None:
    given = frame(row(fee=None), row(transaction_id="t2", amount="7", kind="card"))
    connection = duckdb.connect()
    table = given.to_arrow()
    kinds = {
        "polars": given,
        "lazy": given.lazy(),
        "pandas": pd.DataFrame(given.to_dict(as_series=False)),
        "arrow": table,
        "reader": table.to_reader(),
        "duckdb": connection.from_arrow(table),
    }

    result = intake(kinds[kind], pack())

    wanted = intake(given, pack())
    assert_frame_equal(result.accepted, wanted.accepted)
    assert result.counts == wanted.counts


def test_pandas_gaps_and_float_ids_are_read() -> None:
    given = pd.DataFrame(
        {
            "transaction_id": [1, 2],
            "event_time": pd.to_datetime(["2026-03-01T12:00Z", "2026-03-01T13:00Z"]),
            "debtor_account": [17.0, float("nan")],
            "creditor_account": ["x", None],
            "amount": [0.29, 1234567.89],
            "currency": ["CNY", "CNY"],
        }
    )

    result = intake(given, pack())

    assert result.accepted.select("transaction_id", "debtor_account", "amount").rows() == [
        ("1", "17", 2900)
    ]
    assert result.rejected["reason"].to_list() == ["missing_account"]


def test_an_accepted_frame_has_the_stored_columns_in_order() -> None:
    given = frame(row(vip=True, branch="x", kind="card", sequence=4, colour="red"))

    result = intake(given, pack())

    assert result.accepted.schema == {
        "transaction_id": pl.String(),
        "event_time": pl.Datetime("us", "UTC"),
        "sequence": pl.Int64(),
        "kind": pl.String(),
        "debtor_account": pl.String(),
        "creditor_account": pl.String(),
        "amount": pl.Int64(),
        "original_amount": pl.Int64(),
        "currency": pl.String(),
        "branch": pl.String(),
        "vip": pl.Boolean(),
        "history": pl.Boolean(),
    }
    assert result.accepted.columns[-3:] == ["branch", "vip", "history"]
    assert result.ignored == ("colour",)


def test_events_need_no_money() -> None:
    given = frame(row(kind="login")).drop("amount", "currency", "creditor_account")

    accepted = intake(given, pack()).accepted

    assert accepted.columns == ["transaction_id", "event_time", "kind", "debtor_account", "history"]


def test_no_rows_at_all() -> None:
    result = intake(frame(row()).clear(), pack(), history=frame(row()).clear())

    assert result.accepted.is_empty()
    assert result.rejected.is_empty()
    assert result.counts.read == 0


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_a_file_gives_what_its_frame_gives(suffix: str, tmp_path: Path) -> None:
    given = frame(row(latitude="31.2304"), row(transaction_id="t2", amount="x"), row(kind=None))
    path = tmp_path / f"p{suffix}"
    given.write_csv(path) if suffix == ".csv" else given.write_parquet(path)

    result = intake(path, pack())

    wanted = intake(given, pack())
    assert_frame_equal(result.accepted, wanted.accepted)
    assert_frame_equal(result.rejected.drop("source"), wanted.rejected.drop("source"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (gzip.compress(b"", mtime=0), "is empty"),
        (b"PK\x03\x04....", "is a zip archive or spreadsheet; give Parquet, CSV, NDJSON or ISO"),
        (gzip.compress(b"PK\x03\x04....", mtime=0), "is a zip archive or spreadsheet"),
        (b"\x28\xb5\x2f\xfd....", "cannot be read: "),
        (b"ARROW1..", "is an Arrow IPC file"),
        (zstd(b"PAR1...."), "is a compressed Parquet file; unpack it first"),
        (b' [ {"a": 1} ]', "is a JSON array; give NDJSON, one object a line"),
    ],
)
def test_what_is_of_no_kind_that_is_read_is_named(
    content: bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "p.bin"
    path.write_bytes(content)

    with pytest.raises(InputError) as caught:
        intake(path, pack())

    assert said in str(caught.value)


def test_a_parquet_that_is_none(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    path.write_text("a,b")

    with pytest.raises(InputError, match="is no Parquet file, whatever its name says"):
        intake(path, pack())


def test_a_damaged_parquet_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    path.write_bytes(b"PAR1" + b"\x00" * 100 + b"PAR1")

    with pytest.raises(InputError, match="cannot be read"):
        intake(path, pack())


def test_nothing_there(tmp_path: Path) -> None:
    for source, said in (
        (tmp_path / "x.csv", "does not exist"),
        (f"{tmp_path}/*.csv", "no file matches"),
        (tmp_path, "holds no file that ends in"),
        ([], "the list of inputs is empty"),
        (7, "a int is no input"),
    ):
        with pytest.raises(InputError, match=said):
            intake(source, pack())  # type: ignore[arg-type]


def test_missing_columns_are_named_with_a_mapping_to_begin_with() -> None:
    given = pl.DataFrame({"tran_id": [1], "orig_acct": [2], "timestamp": ["x"], "base_amt": [1.0]})

    with pytest.raises(InputError) as caught:
        intake(given, pack())

    assert str(caught.value) == (
        "frame has no column transaction_id and no event_time and no debtor_account or "
        "creditor_account; it has tran_id, orig_acct, timestamp, base_amt. Give a mapping:\n"
        "  columns:\n"
        "    transaction_id: tran_id\n"
        "    event_time: timestamp\n"
        "    debtor_account: orig_acct\n"
        "    creditor_account: ..."
    )


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        ("currency", "has no column currency; "),
        ("amount", "has no column amount; "),
        ("event_time", "has no column event_time; "),
    ],
)
def test_amount_and_currency_come_together(dropped: str, said: str) -> None:
    given = frame(row()).drop(dropped)

    with pytest.raises(InputError) as caught:
        intake(given, pack())

    assert said in str(caught.value)


def test_an_original_amount_is_not_taken_for_the_amount() -> None:
    given = frame(row(original_amount="1"))

    with pytest.raises(InputError, match="original_amount is made from amount"):
        intake(given, pack())
    mapped = intake(given, pack(), mapping={"columns": {"amount": "original_amount"}})
    assert mapped.accepted["amount"].to_list() == [10_000]


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        ("amount", [True], "column amount has type Boolean, which is no amount"),
        ("event_time", [17], "column event_time has type Int64, which is no time"),
        ("branch", [[1]], r"column branch has type List\(Int64\), which is no text"),
        ("vip", [b"x"], "column vip has type Binary, which is no bool"),
        ("born", [1.5], "column born has type Float64, which is no date"),
        ("attempts", [True], "column attempts has type Boolean, which is no integer"),
        ("risk", [[1]], r"column risk has type List\(Int64\), which is no number"),
    ],
)
def test_a_column_of_a_wrong_type_is_refused(column: str, values: list[object], said: str) -> None:
    given = frame(row()).with_columns(pl.Series(column, values))

    with pytest.raises(InputError, match=said):
        intake(given, pack())
