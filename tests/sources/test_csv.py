"""CSV as people write it: quotes, breaks, encodings, and lines that do not fit."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

import pytest

from sources.payments import pack, told, write_csv, zstd
from txmon.errors import InputError, PackError
from txmon.sources import delimited, intake

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "transaction_id,event_time,debtor_account,creditor_account,amount,currency,branch"
GOOD = "t1,2026-03-01T12:00:00Z,A,B,12.50,CNY,north"


def good(name: str, branch: str = "north") -> str:
    return f"{name},2026-03-01T12:00:00Z,A,B,12.50,CNY,{branch}"


def branches(path: Path, **mapping: object) -> list[str | None]:
    result = intake(path, pack(), mapping=mapping or None)
    assert result.rejected.is_empty()
    return result.accepted["branch"].to_list()


@pytest.mark.parametrize(
    ("field", "branch"),
    [
        ("north", "north"),
        ('"north"', "north"),
        ('"a,b"', "a,b"),
        ('"a ""quoted"" word"', 'a "quoted" word'),
        ('"two\nlines"', "two\nlines"),
        (" padded ", " padded "),
        ("NULL", "NULL"),
        ("NA", "NA"),
        ("012", "012"),
        ("1e5", "1e5"),
        ("", None),
        ('""', None),
        ("東京", "東京"),
        ("#1", "#1"),
    ],
)
def test_a_field_is_its_text(field: str, branch: str | None, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.csv", HEADER, good("t1", field))

    assert branches(path) == [branch]


@pytest.mark.parametrize(
    "content",
    [
        f"{HEADER}\n{GOOD}\n",
        f"{HEADER}\n{GOOD}",
        f"{HEADER}\r\n{GOOD}\r\n",
        f"\ufeff{HEADER}\n{GOOD}\n",
        f"\n\n{HEADER}\n\n{GOOD}\n\n\n",
    ],
    ids=["plain", "no last break", "windows", "byte order mark", "blank lines"],
)
def test_line_ends_and_blank_lines_do_not_matter(content: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(content.encode())

    result = intake(path, pack())

    assert (result.counts.read, result.counts.accepted) == (1, 1)


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "ledger.asc"
    path.write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode()))

    assert branches(path) == ["north"]


def test_zstd_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "ledger.asc"
    half, rest = (f"{HEADER}\n{GOOD}\n"[part].encode() for part in (slice(20), slice(20, None)))
    path.write_bytes(zstd(half) + zstd(rest))

    assert branches(path) == ["north"]


def test_a_cut_zstd_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "p.csv.zst"
    path.write_bytes(zstd(f"{HEADER}\n{GOOD}\n".encode())[:-12])

    with pytest.raises(InputError, match="cannot be read: Truncated"):
        intake(path, pack())


def test_a_cut_gzip_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "p.csv.gz"
    path.write_bytes(gzip.compress(f"{HEADER}\n{GOOD}\n".encode())[:-12])

    with pytest.raises(InputError, match="cannot be read"):
        intake(path, pack())


def test_ragged_rows_are_rejected_with_their_numbers(tmp_path: Path) -> None:
    lines = (HEADER, GOOD, "t2,short", "", good("t3"), f"{good('t4')},more", good("t5", '"x\ny"'))
    path = write_csv(tmp_path / "p.csv", *lines, "t6")

    result = intake(path, pack())

    assert result.accepted["transaction_id"].to_list() == ["t1", "t3", "t5"]
    assert result.rejected.select("row", "column", "value", "reason", "detail").rows() == [
        (2, None, "t2,short", "ragged_row", "the row has 2 fields and the header 7"),
        (4, None, f"{good('t4')},more", "ragged_row", "the row has 8 fields and the header 7"),
        (6, None, "t6", "ragged_row", "the row has 1 field and the header 7"),
    ]
    assert (result.counts.read, result.counts.rejected) == (6, 3)


def test_rows_after_ragged_ones_keep_their_numbers(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.csv", HEADER, "x", GOOD, "y", good(""), good("t2"))

    rejected = intake(path, pack()).rejected

    assert rejected["row"].to_list() == [1, 3, 4]
    assert rejected["reason"].to_list() == ["ragged_row", "ragged_row", "missing_id"]


def test_an_open_quote_is_told(tmp_path: Path) -> None:
    lines = (HEADER, f'"{GOOD}', good("t2"), '"t3",2026-03-01T12:00:00Z,A,B,1,CNY,north')
    path = write_csv(tmp_path / "p.csv", *lines)

    result = intake(path, pack())

    assert result.rejected["reason"].to_list()[0] in ("line_break", "ragged_row")
    assert result.counts.accepted == 0


def test_an_id_with_a_line_break_is_rejected(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.csv", HEADER, f'"t0\nt1"{GOOD[2:]}')

    assert told(intake(path, pack())) == [("transaction_id", "t0\nt1", "line_break")]


def test_a_quote_left_open_over_more_than_a_block_is_no_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", 1 << 10)
    many = [good(f"t{number}") for number in range(100)]
    path = write_csv(tmp_path / "p.csv", HEADER, *many, f'"{GOOD}', *many)

    result = intake(path, pack())

    assert result.counts.accepted == 100
    assert result.rejected["reason"].to_list() == ["ragged_row"]


def test_bytes_that_are_no_text_reject_their_row_only(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    lines = [HEADER.encode(), GOOD.encode(), good("t2").encode() + b"\xff", good("t3").encode()]
    path.write_bytes(b"\n".join(lines))

    result = intake(path, pack())

    assert result.accepted["transaction_id"].to_list() == ["t1", "t3"]
    assert told(result) == [("branch", "north\ufffd", "invalid_encoding")]


def test_bytes_that_are_no_text_in_a_ragged_row(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(f"{HEADER}\n{GOOD}\n".encode() + b"t2,\xff\n")

    assert told(intake(path, pack())) == [(None, "t2,\ufffd", "ragged_row")]


@pytest.mark.parametrize("encoding", ["gb18030", "latin-1", "utf-16", "cp1250", "utf-8-sig"])
def test_encodings_are_named_by_the_mapping(encoding: str, tmp_path: Path) -> None:
    word = "北京" if encoding in {"gb18030", "utf-16", "utf-8-sig"} else "é"
    path = tmp_path / "p.csv"
    path.write_bytes(f"{HEADER}\n{good('t1', word)}\n".encode(encoding))

    assert branches(path, csv={"encoding": encoding}) == [word]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig"])
def test_a_byte_order_mark_tells_the_encoding(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(f"{HEADER}\n{good('t1', '北京')}\n".encode(encoding))

    assert branches(path) == ["北京"]


def test_half_a_character_of_utf_16_rejects_its_row(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(f"{HEADER}\n{GOOD}".encode("utf-16") + b"x")

    assert told(intake(path, pack())) == [("branch", "north\ufffd", "invalid_encoding")]


@pytest.mark.parametrize(
    ("quote", "field", "branch"),
    [("'", "'a,b'", "a,b"), ("'", "'it''s'", "it's"), ("'", '"x"', '"x"'), ("none", '"x', '"x')],
)
def test_quotes_are_named_by_the_mapping(
    quote: str, field: str, branch: str, tmp_path: Path
) -> None:
    path = write_csv(tmp_path / "p.csv", HEADER, good("t1", field), good("t2", "z"))

    assert branches(path, csv={"quote": quote}) == [branch, "z"]


@pytest.mark.parametrize("form", [{"quote": "''"}, {"quote": ";", "separator": ";"}])
def test_a_quote_is_one_character_of_its_own(form: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(PackError, match="quote"):
        intake(write_csv(tmp_path / "p.csv", HEADER), pack(), mapping={"csv": form})


def test_a_header_without_a_line_end_is_no_rows(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_text(HEADER)

    assert intake(path, pack()).counts.read == 0


def test_separators_are_named_by_the_mapping(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.csv", HEADER.replace(",", ";"), GOOD.replace(",", ";"))

    assert branches(path, csv={"separator": ";"}) == ["north"]


def test_a_tsv_is_separated_by_tabs(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.tsv", HEADER.replace(",", "\t"), GOOD.replace(",", "\t"))

    assert branches(path) == ["north"]


@pytest.mark.parametrize(("mark", "written"), [(";", ";"), ("\t", "tab"), ("|", "|")])
def test_another_separator_is_guessed_in_the_error(mark: str, written: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.csv", HEADER.replace(",", mark))

    with pytest.raises(InputError) as caught:
        intake(path, pack())

    assert f'Give `csv: {{separator: "{written}"}}` in a mapping' in str(caught.value)


def test_a_file_without_header_takes_its_names_from_the_mapping(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.csv", GOOD, good("t2", "south"))
    names = HEADER.split(",")

    assert branches(path, csv={"header": names}) == ["north", "south"]
    with pytest.raises(InputError, match="has 7 fields; the mapping's header names 6"):
        intake(path, pack(), mapping={"csv": {"header": names[:6]}})


def test_a_repeated_name_gets_its_count(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "p.csv", HEADER.replace("branch", "currency"), good("t1", "x"))

    result = intake(path, pack(), mapping={"columns": {"branch": "currency_2"}})

    assert result.accepted["branch"].to_list() == ["x"]


def test_a_header_alone_is_no_rows(tmp_path: Path) -> None:
    result = intake(write_csv(tmp_path / "p.csv", HEADER), pack())

    assert result.counts.read == 0
    assert result.accepted.columns[-1] == "history"


@pytest.mark.parametrize("content", [b"\n\n", gzip.compress(b"")], ids=["blank lines", "gzip"])
def test_a_file_of_nothing_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(content)

    with pytest.raises(InputError, match="is empty"):
        intake(path, pack())


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(b"\x7fELF\x00\x00")

    with pytest.raises(InputError, match="is binary"):
        intake(path, pack())
