"""Files that cannot be read: the run stops and names them, or goes on and lists them."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from sources.payments import frame, pack, row, write_csv, zstd
from txmon.errors import InputError, PackError
from txmon.results import Counts
from txmon.sources import Skipped, intake

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "transaction_id,event_time,debtor_account\n"
LINE = "t9,2026-03-01T12:00:00Z,A\n"


def cut_parquet(path: Path) -> None:
    many = frame(*(row(transaction_id=f"c{at}") for at in range(100)))
    many.write_parquet(path)
    path.write_bytes(path.read_bytes()[:-200])


BAD = {
    "cut.parquet": (cut_parquet, "cannot be read: parquet: "),
    "empty.parquet": (b"", "is empty"),
    "no.parquet": (b"a,b\n", "is no Parquet file, whatever its name says"),
    "zeros.parquet": (b"PAR1" + bytes(500) + b"PAR1", "cannot be read: "),
    "empty.csv": (b"", "is empty"),
    "empty.csv.gz": (gzip.compress(b""), "is empty"),
    "blank.csv": (b"\n\n", "is empty"),
    "cut.csv.gz": (gzip.compress(f"{HEADER}{LINE}".encode())[:-9], "cannot be read: Compressed"),
    "torn.csv.gz": (b"\x1f\x8b\x08\x00garbage", "cannot be read: "),
    "cut.csv.zst": (zstd(f"{HEADER}{LINE}".encode())[:-4], "cannot be read: Truncated"),
    "binary.csv": (b"\x7fELF\x00\x00", "is binary"),
    "other.csv": (b"name,age\nAnna,7\n", "has no column transaction_id"),
    "separator.csv": (b"a;b\n1;2\n", "has one column, 'a;b'; is it separated otherwise?"),
    "sheet.csv": (b"PK\x03\x04....", "is a zip archive or spreadsheet"),
    "none.ndjson": (b"1\n2\n", "has no line that is a JSON object"),
    "array.ndjson": (b'[{"a": 1}]', "is a JSON array; give NDJSON, one object a line"),
    "cut.xml": (b"<Document><FIToFICstmrCdtTrf>", "is no well-formed XML: no element found"),
    "other.xml": (b"<html/>", "is XML without a message of "),
    "laughs.xml": (b"<!DOCTYPE a []><a/>", "has a DOCTYPE"),
}


def write(folder: Path, name: str) -> Path:
    path = folder / name
    content, _ = BAD[name]
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        content(path)
    return path


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_among_good_ones_stops_the_run_by_name(name: str, tmp_path: Path) -> None:
    frame(row()).write_parquet(tmp_path / "a.parquet")
    path = write(tmp_path, name)

    with pytest.raises(InputError) as caught:
        intake(tmp_path, pack())

    assert str(caught.value).startswith(f"{path} {BAD[name][1]}")


def test_bad_files_are_listed_and_skipped_if_asked(tmp_path: Path) -> None:
    frame(row(transaction_id="a")).write_parquet(tmp_path / "a.parquet")
    write_csv(tmp_path / "z.csv", f"{HEADER}{LINE}t8,x,A")
    bad = sorted(str(write(tmp_path, name)) for name in BAD)

    result = intake(tmp_path, pack(), skip_bad_files=True)

    assert [skipped.name for skipped in result.skipped] == bad
    for skipped in result.skipped:
        said = BAD[skipped.name.removeprefix(f"{tmp_path}/")][1]
        assert skipped.reason.startswith(f"{skipped.name} {said}")
    assert result.accepted["transaction_id"].to_list() == ["a", "t9"]
    assert result.counts == Counts(read=3, accepted=2, rejected=1)
    assert [stamp.name for stamp in result.fingerprints] == [
        str(tmp_path / "a.parquet"),
        str(tmp_path / "z.csv"),
    ]


def test_nothing_is_skipped_where_nothing_is_bad() -> None:
    assert intake(frame(row()), pack(), skip_bad_files=True).skipped == ()


def test_bad_history_is_skipped_too(tmp_path: Path) -> None:
    path = write(tmp_path, "empty.csv")

    result = intake(frame(row()), pack(), history=path, skip_bad_files=True)

    assert result.skipped == (Skipped(str(path), f"{path} is empty", history=True),)


def test_an_input_of_bad_files_only_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path, "empty.csv")

    with pytest.raises(InputError, match=f"every file of the input is skipped: {path} is empty"):
        intake(path, pack(), history=frame(row()), skip_bad_files=True)


def test_what_is_not_there_and_frames_and_mappings_are_never_skipped(tmp_path: Path) -> None:
    good = write_csv(tmp_path / "z.csv", f"{HEADER}{LINE}")

    with pytest.raises(InputError, match="does not exist"):
        intake([good, tmp_path / "x.csv"], pack(), skip_bad_files=True)
    with pytest.raises(InputError, match="frame has no column"):
        intake([good, frame(row()).drop("event_time")], pack(), skip_bad_files=True)
    with pytest.raises(PackError):
        intake(good, pack(), mapping={"columns": {"nothing": "x"}}, skip_bad_files=True)


def test_a_file_that_may_not_be_read_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_csv(tmp_path / "z.csv", f"{HEADER}{LINE}")

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.open", refused)

    with pytest.raises(InputError, match=f"{path} cannot be read: Permission denied"):
        intake(path, pack())
