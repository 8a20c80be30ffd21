"""Object stores by their URLs; a folder on disk stands for the store, its readers are the same."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import polars as pl
import pytest

from sources.payments import frame, pack, row
from txmon.errors import InputError
from txmon.sources import intake
from txmon.sources.files import locate
from txmon.sources.stores import fetch_text, holds_text, scan_store

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("s3://bank/a.csv", True),
        ("s3://bank/a.ndjson.zst", True),
        ("https://bank.example/a.csv.gz?signature=x.parquet", True),
        ("s3://bank/a.parquet", False),
        ("s3://bank/2026/", False),
        ("s3://bank/**/*.parquet", False),
    ],
)
def test_a_url_is_a_piece_and_its_ending_says_how_it_is_read(url: str, text: bool) -> None:  # noqa: FBT001  what is expected
    (piece,) = locate(url)

    assert (piece.name, piece.url, piece.path) == (url, url, None)
    assert holds_text(url) is text


def test_a_file_url_is_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a b.csv"
    path.write_text("x")

    (piece,) = locate(f"file://{tmp_path}/a%20b.csv")

    assert piece.path == path


def test_a_store_of_parquet_has_partitions_as_text_and_schemas_that_differ(tmp_path: Path) -> None:
    for branch, number, dtype in (("007", "a", pl.Int64), ("north", "b", pl.Int32)):
        folder = tmp_path / f"branch={branch}"
        folder.mkdir()
        given = frame(row(transaction_id=number, sequence=1), sequence=dtype())
        given.write_parquet(folder / "p.parquet")

    for url in (f"{tmp_path}/", f"{tmp_path}/*/*.parquet"):
        rows = scan_store(url, {}).select("transaction_id", "branch", "sequence").collect()

        assert sorted(rows.rows()) == [("a", "007", 1), ("b", "north", 1)]


def test_a_store_without_partitions(tmp_path: Path) -> None:
    frame(row()).write_parquet(tmp_path / "p.parquet")

    assert scan_store(str(tmp_path / "p.parquet"), {}).collect().height == 1


def test_a_text_of_a_store_is_its_lines(tmp_path: Path) -> None:
    path = tmp_path / "p.csv.gz"
    path.write_bytes(gzip.compress(b'a,b\r\n"x\n1",2\n'))

    assert fetch_text(str(path), {}) == b'a,b\n"x\n1",2'


def test_storage_options_of_the_mapping_reach_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []

    def scanned(url: str, options: dict[str, str]) -> pl.LazyFrame:
        seen.append((url, options))
        return frame(row()).lazy()

    def fetched(url: str, options: dict[str, str]) -> bytes:
        seen.append((url, options))
        return frame(row(transaction_id="t2")).write_csv().encode()

    monkeypatch.setattr("txmon.sources.reading.scan_store", scanned)
    monkeypatch.setattr("txmon.sources.reading.fetch_text", fetched)
    options = {"aws_region": "eu-central-1"}

    result = intake(["s3://bank/p", "s3://bank/p.csv"], pack(), mapping={"storage": options})

    assert seen == [("s3://bank/p", options), ("s3://bank/p.csv", options)]
    assert result.accepted["transaction_id"].to_list() == ["t1", "t2"]
    assert [(stamp.name, stamp.bytes, stamp.sha256) for stamp in result.fingerprints] == [
        ("s3://bank/p", None, None),
        ("s3://bank/p.csv", None, None),
    ]


@pytest.mark.parametrize("url", ["nowhere://bank/p.parquet", "nowhere://bank/p.csv"])
def test_a_store_that_is_none_is_refused_in_words(url: str) -> None:
    with pytest.raises(InputError, match=f"{url} cannot be read: "):
        intake(url, pack())
