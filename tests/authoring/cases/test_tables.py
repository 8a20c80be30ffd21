from __future__ import annotations

import pytest

from txmon.authoring.cases.tables import Grid, read_grid


def grid(text: str) -> Grid:
    read, problems = read_grid(text)
    assert not problems
    assert read is not None
    return read


def values(text: str) -> list[list[str | None]]:
    return [[cell.value for cell in line.cells] for line in grid(text).rows]


def test_cells_are_split_at_any_number_of_spaces() -> None:
    read = grid("at   amount\n\n+0h    50\n  +2h  60  \n")

    assert [cell.value for cell in read.header] == ["at", "amount"]
    assert values("at   amount\n\n+0h    50\n  +2h  60  \n") == [["+0h", "50"], ["+2h", "60"]]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("-", None),
        ('"-"', "-"),
        ('""', ""),
        ('"two words"', "two words"),
        ('"say ""hi"""', 'say "hi"'),
        ("-5", "-5"),
        ("a,b", "a,b"),
    ],
)
def test_a_cell_says(written: str, value: str | None) -> None:
    assert values(f"at x\n+0h {written}") == [["+0h", value]]


def test_every_cell_knows_its_place() -> None:
    text = 'at name\n+0h "a b"'

    cell = grid(text).rows[0].cells[1]

    assert text[cell.start : cell.end] == '"a b"'


def test_a_line_of_another_length_is_a_problem_with_its_place() -> None:
    text = "at x y\n+0h 1\n+1h 1 2 3"

    read, problems = read_grid(text)

    assert read is None
    assert [problem.message for problem in problems] == [
        "this line has 2 cells where the header has 3",
        "this line has 4 cells where the header has 3",
    ]
    assert text[problems[0].start : problems[0].end] == "+0h 1"


@pytest.mark.parametrize("written", ['"open', 'a"b', '"a"b"'])
def test_a_quote_without_partner_is_a_problem(written: str) -> None:
    _, problems = read_grid(f"at x\n+0h {written}")

    assert "has no partner" in problems[0].message


def test_a_table_needs_a_header() -> None:
    _, problems = read_grid("\n \n")

    assert [problem.message for problem in problems] == ["the table has no header"]


def test_a_table_may_have_no_rows() -> None:
    assert values("at x\n") == []
