"""Lists: every type of column, dated rows, and files of many rows."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from txmon.language.checked import FIRST_DAY, LAST_DAY, ListTable
from txmon.language.lookup import places
from txmon.language.problems import ExpressionError
from txmon.language.values import EPOCH, read_value
from txmon.packs.cells import read_cells
from txmon.packs.lists import read_list
from txmon.types import TEXT, Kind, Type

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.language.nodes import Literal

NEW_YEAR = date(2026, 1, 1).toordinal() - EPOCH


def _read(folder: Path, text: str) -> ListTable:
    path = folder / "some.csv"
    path.write_text(text, encoding="utf-8")
    table, findings = read_list(path)
    assert findings == []
    assert table is not None
    return table


def test_columns_of_every_type(tmp_path: Path) -> None:
    header = "account,limit:money,share:number,rank:int,opened:date,risky:bool,grace:duration,note"
    table = _read(tmp_path, f"{header}\nA,5.5,80%,1_000,2026-01-01,true,24h,x\nB,,,,,,,\n")

    assert table.keys.to_list() == ["A", "B"]
    assert {name: str(type_) for name, type_ in table.columns.items()} == {
        "limit": "money",
        "share": "number",
        "rank": "int",
        "opened": "date",
        "risky": "bool",
        "grace": "duration",
        "note": "text",
    }
    assert table.attributes.row(0) == (55_000, 8, 1_000, NEW_YEAR, True, 86_400_000_000, "x")
    assert set(table.attributes.row(1)) == {None}
    assert table.since is None


def test_the_days_of_a_dated_list_hold_both_ends(tmp_path: Path) -> None:
    text = (
        "account,limit:int,valid_from,valid_to\nB,9,,\nA,2,2026-01-01,2026-01-31\nA,1,,2025-12-31\n"
    )
    table = _read(tmp_path, text)
    days = pl.Series([NEW_YEAR - 1, NEW_YEAR, NEW_YEAR + 30, NEW_YEAR + 31, None])

    found = places(table, [pl.Series(["A"] * 5), days])

    assert table.attributes["limit"].gather(found).to_list() == [1, 2, 2, None, None]
    assert table.attributes["valid_to"].null_count() == 1
    assert [table.since.min(), table.until.max()] == [FIRST_DAY, LAST_DAY]  # type: ignore[union-attr]


def test_one_end_is_enough(tmp_path: Path) -> None:
    table = _read(tmp_path, "account,valid_from\nA,2026-01-01\n")

    found = places(table, [pl.Series(["A", "A"]), pl.Series([NEW_YEAR - 1, NEW_YEAR + 10_000])])

    assert found.to_list() == [None, 0]


def test_a_list_without_rows_holds_nothing(tmp_path: Path) -> None:
    table = _read(tmp_path, "account,valid_from\n")

    assert places(table, [pl.Series(["A"]), pl.Series([0])]).to_list() == [None]


def test_quotes_keep_commas_quotes_breaks_and_spaces(tmp_path: Path) -> None:
    text = 'name,note\n"Smith, ""J""" , " x "\n\n  Doe  ,"two\nlines"\n'

    table = _read(tmp_path, text)

    assert table.keys.to_list() == ['Smith, "J"', "Doe"]
    assert table.attributes["note"].to_list() == [" x ", "two\nlines"]


def test_a_wrong_cell_is_told_where_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    rows = [f'A{number},"{number}"' for number in range(3_000)]
    rows[2_000] = 'A2000,"20x0"'
    path.write_text("\n".join(["account,rank:int", *rows]))

    table, findings = read_list(path)

    assert table is None
    assert [str(finding.location) for finding in findings] == [f"{path}:2002:7"]


def test_not_every_one_of_many_wrong_cells_is_told(tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text("account,rank:int\n" + "".join(f"A{n},x\n" for n in range(300)))

    assert len(read_list(path)[1]) == 100


@pytest.mark.parametrize("sign", ["\x1e", "\x1f"])
def test_control_characters_are_refused(sign: str, tmp_path: Path) -> None:
    path = tmp_path / "some.csv"
    path.write_text(f"account\nA{sign}\n")

    (finding,) = read_list(path)[1]

    assert (finding.code, finding.location.line, finding.location.column) == ("E010", 2, 2)


@pytest.mark.parametrize("kind", [Kind.INT, Kind.MONEY, Kind.NUMBER, Kind.DATE, Kind.BOOL])
@given(cells=st.lists(st.text("0123456789.-_% tru", max_size=12), min_size=1, max_size=6))
def test_columns_are_read_as_each_cell_is(kind: Kind, cells: list[str]) -> None:
    read = read_cells(kind, pl.Series(cells, dtype=pl.String))

    for row, cell in enumerate(cells):
        literal, message = _alone(kind, cell)
        assert read.faults.get(row) == message
        if literal is None:
            assert read.values[row] is None
        elif not read.wide:
            raised = int(literal.value) * 10 ** (read.type.scale - literal.type.scale)
            assert read.values[row] == raised


def _alone(kind: Kind, cell: str) -> tuple[Literal | None, str | None]:
    """A cell's value, or what is wrong with it."""
    try:
        return (read_value(kind, cell) if cell else None), None
    except ExpressionError as error:
        return None, error.problem.message


dates = st.dates(date(2026, 1, 1), date(2026, 1, 20))
texts = st.sampled_from(["A", "B", "C", "Ä"])


@given(
    rows=st.lists(st.tuples(texts, dates, st.integers(0, 5)), max_size=8),
    asked=st.lists(st.tuples(st.none() | texts, dates), min_size=1, max_size=8),
    dtype=st.sampled_from([pl.String(), pl.Categorical()]),
)
def test_looking_up_is_looking_through_all_rows(
    rows: list[tuple[str, date, int]], asked: list[tuple[str | None, date]], dtype: pl.DataType
) -> None:
    kept: list[tuple[str, int, int]] = []
    for key, first, length in sorted(rows):
        since = first.toordinal() - EPOCH
        if not any(key == other and since <= until for other, _, until in kept):
            kept.append((key, since, since + length))
    columns = [[row[part] for row in kept] for part in range(3)]
    keys = pl.Series("key", columns[0], dtype=pl.String)
    since, until = (pl.Series(days, dtype=pl.Int64) for days in columns[1:])
    table = ListTable(TEXT, keys, {}, pl.DataFrame(), since, until)
    wanted = pl.Series([key for key, _ in asked], dtype=pl.String).cast(dtype)
    days = [day.toordinal() - EPOCH for _, day in asked]

    found = places(table, [wanted, pl.Series(days)]).to_list()

    for place, (key, _), day in zip(found, asked, days, strict=True):
        valid = [
            row
            for row, (other, first, last) in enumerate(kept)
            if other == key and first <= day <= last
        ]
        assert [place] == (valid or [None])


def test_keys_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    table = ListTable.of(TEXT, {"A", "B", "C"})
    monkeypatch.setitem(vars(table), "hashes", table.hashes.with_columns(hash=pl.lit(7, pl.UInt64)))

    assert places(table, [pl.Series(["C", "X", None, "A"])]).to_list() == [2, None, None, 0]


def test_tables_are_equal_by_what_they_hold(tmp_path: Path) -> None:
    text = "account,limit:int,valid_from\nA,1,2026-01-01\n"

    assert _read(tmp_path, text) == _read(tmp_path, text)
    assert hash(_read(tmp_path, text)) == hash(_read(tmp_path, text))
    assert _read(tmp_path, text) != _read(tmp_path, text.replace(",1,", ",2,"))
    assert _read(tmp_path, text) != _read(tmp_path, text.replace("-01\n", "-02\n"))
    assert ListTable.of(Type(Kind.INT), {2, 1}).values == {1, 2}


def test_a_year_of_days_apart(tmp_path: Path) -> None:
    first = date(2026, 1, 1)
    lines = [
        f"A,{day},{first + timedelta(day)},{first + timedelta(day)}" for day in reversed(range(365))
    ]
    table = _read(tmp_path, "\n".join(["account,rank:int,valid_from,valid_to", *lines]))
    days = pl.Series(range(NEW_YEAR, NEW_YEAR + 365))

    found = places(table, [pl.Series(["A"]), days])

    assert table.attributes["rank"].gather(found).to_list() == list(range(365))
