"""Where files stand: partitions, pipes, standard input, and schemas that differ."""

from __future__ import annotations

import gzip
import io
import os
import threading
from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from sources.payments import frame, pack, row, write_csv, zstd
from txmon.errors import InputError
from txmon.sources import intake

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.sources import Intake

CSV = frame(row()).write_csv().encode()
LINES = frame(row()).write_ndjson().encode()


def parquet() -> bytes:
    stream = io.BytesIO()
    frame(row()).write_parquet(stream)
    return stream.getvalue()


def given_on_standard_input(content: bytes, monkeypatch: pytest.MonkeyPatch) -> Intake:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    return intake("-", pack())


@pytest.mark.parametrize(
    "content",
    [CSV, LINES, parquet(), gzip.compress(CSV, mtime=0), zstd(LINES)],
    ids=["csv", "ndjson", "parquet", "gzip", "zstd"],
)
def test_standard_input_is_any_format(content: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    result = given_on_standard_input(content, monkeypatch)

    assert result.accepted["transaction_id"].to_list() == ["t1"]
    (stamp,) = result.fingerprints
    assert (stamp.name, stamp.rows, stamp.bytes) == ("standard input", 1, len(content))
    assert stamp.sha256 is not None


def test_empty_standard_input_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="standard input is empty"):
        given_on_standard_input(b"", monkeypatch)


def test_a_pipe_is_read_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(CSV,))
    writer.start()

    result = intake(pipe, pack())

    writer.join()
    assert result.counts.accepted == 1


def test_folders_that_are_partitions_give_columns(tmp_path: Path) -> None:
    inner = tmp_path / "branch=a%20b" / "currency=CNY"
    other = tmp_path / "branch=__HIVE_DEFAULT_PARTITION__" / "currency=CNY"
    inner.mkdir(parents=True)
    other.mkdir(parents=True)
    frame(row(transaction_id="p")).drop("currency").write_parquet(inner / "1.parquet")
    frame(row(transaction_id="c")).drop("currency").write_csv(inner / "1.csv")
    frame(row(transaction_id="n")).drop("currency").write_ndjson(other / "1.ndjson")

    for source in (tmp_path, f"{tmp_path}/**/1.*"):
        accepted = intake(source, pack()).accepted.sort("transaction_id")

        assert accepted.select("transaction_id", "branch", "currency").rows() == [
            ("c", "a b", "CNY"),
            ("n", None, "CNY"),
            ("p", "a b", "CNY"),
        ]


def test_a_files_own_column_goes_before_its_folders(tmp_path: Path) -> None:
    folder = tmp_path / "currency=USD"
    folder.mkdir()
    path = write_csv(folder / "p.csv", CSV.decode().strip())

    assert intake(path, pack()).accepted["currency"].to_list() == ["CNY"]


def test_a_mapping_takes_a_partition(tmp_path: Path) -> None:
    folder = tmp_path / "day=2026-03-01"
    folder.mkdir()
    frame(row()).drop("event_time").write_csv(folder / "p.csv")
    mapping = {"columns": {"event_time": {"column": "day", "zone": "UTC"}}}

    accepted = intake(tmp_path, pack(), mapping=mapping).accepted

    assert accepted["event_time"].dt.date().cast(pl.String).to_list() == ["2026-03-01"]


def test_a_folder_holds_every_format(tmp_path: Path) -> None:
    contents = {
        "1.csv": CSV,
        "2.csv.gz": gzip.compress(CSV),
        "3.csv.zst": zstd(CSV),
        "4.ndjson": LINES,
        "5.jsonl.zst": zstd(LINES),
        "6.parquet": parquet(),
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)

    result = intake(tmp_path, pack())

    assert [stamp.name.rpartition("/")[2] for stamp in result.fingerprints] == list(contents)
    assert (result.counts.accepted, result.counts.duplicate) == (1, 5)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (pl.Series([7], dtype=pl.Int32), pl.Series([7], dtype=pl.Int64)),
        (pl.Series([7], dtype=pl.UInt8), pl.Series(["7.0"])),
        (
            pl.Series([Decimal("7.5")], dtype=pl.Decimal(12, 2)),
            pl.Series([Decimal("7.5")], dtype=pl.Decimal(18, 4)),
        ),
        (pl.Series([7.5], dtype=pl.Float32), pl.Series([7.5], dtype=pl.Float64)),
    ],
    ids=["int32 int64", "uint8 text", "decimals", "floats"],
)
def test_files_may_hold_the_same_numbers_in_other_types(
    one: pl.Series, two: pl.Series, tmp_path: Path
) -> None:
    for name, amount in (("1", one), ("2", two)):
        frame(row()).with_columns(amount=amount).write_parquet(tmp_path / f"{name}.parquet")

    counts = intake(tmp_path, pack()).counts

    assert (counts.read, counts.accepted, counts.duplicate) == (2, 1, 1)


def test_rows_are_counted_even_if_no_column_is_asked_for(tmp_path: Path) -> None:
    columns = {
        "transaction_id": {"constant": "same"},
        "event_time": {"constant": "2026-03-01T12:00:00Z"},
        "debtor_account": {"constant": "A"},
    }
    path = write_csv(tmp_path / "p.csv", "x,y", "1,2", "3,4")
    pl.read_csv(path).write_parquet(tmp_path / "p.parquet")
    pl.read_csv(path).write_ndjson(tmp_path / "p.ndjson")

    for name in ("p.csv", "p.parquet", "p.ndjson"):
        counts = intake(tmp_path / name, pack(), mapping={"columns": columns}).counts

        assert (counts.read, counts.accepted, counts.duplicate) == (2, 1, 1)
