"""YAML is read as texts with true places, and nothing else than a finding comes of bad files."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from txmon.model import CaseFileDocument, PackDocument, RuleDocument
from txmon.packs import read_document
from txmon.packs.documents import Fields, Items, Scalar, Source, Tree, read_tree
from txmon.packs.positions import offsets
from txmon.packs.validate import plain, validate

if TYPE_CHECKING:
    from pathlib import Path

SPLINTERS = (
    *("a", "id", "when", "amount", "x: y", ": ", "- ", "\n", "\n  ", "\n    ", "{", "}", "[", "]"),
    *(",", '"', "'", "''", "\\", '\\"', "\\n", "|", ">", ">-", "|+", "#", " # ", "&a", "*a", "!!b"),
    *("---\n", "...\n", "%YAML", "? ", "é", "\u4e2d", "\t", "\r\n", "\x00", "\u2028", "5", " "),
)
yaml_texts = st.lists(st.sampled_from(SPLINTERS), max_size=30).map("".join)


def scalars(tree: Tree | None) -> list[Scalar]:
    match tree:
        case Scalar():
            return [tree]
        case Items(items=items):
            return [scalar for item in items for scalar in scalars(item)]
        case Fields(entries=entries):
            return [scalar for pair in entries for part in pair for scalar in scalars(part)]
        case _:
            return []


@given(yaml_texts)
def test_any_text_is_a_tree_or_a_finding(text: str) -> None:
    tree, findings = read_tree(Source("x.yaml", text))

    assert tree is not None or findings
    for model in (RuleDocument, PackDocument, CaseFileDocument):
        if tree is not None:
            document, wrong = validate(tree, model)
            assert (document is None) == bool(wrong)


@given(yaml_texts)
def test_every_letter_of_a_text_stands_where_its_place_says(text: str) -> None:
    tree, _ = read_tree(Source("x.yaml", text))

    for scalar in scalars(tree):
        raw = scalar.source.text[scalar.start : scalar.end]
        places = offsets(raw, scalar.text, scalar.style) if scalar.text else []
        assert places == sorted(places)
        for character, place in zip(scalar.text, places, strict=True):
            if character.isalnum() and raw[place] != "\\":
                assert raw[place] == character


@pytest.mark.parametrize(
    "text", ["NO", "010", "12:30", "0.10", "1e3", "~", "null", "yes", "2026-01-01"]
)
def test_plain_scalars_stay_what_they_are_written_as(text: str) -> None:
    tree, findings = read_tree(Source("x.yaml", f"a: {text}\n"))

    assert not findings
    assert tree is not None
    assert plain(tree) == {"a": text}


BLOCKS = [
    ("a: one two\n", "two", (1, 8)),
    ("a: one\n  two\n", "two", (2, 3)),
    ("a: one\n\n  two\n", "two", (3, 3)),
    ("a: 'it''s two'\n", "two", (1, 11)),
    ('a: "q\\"q \\x41 two"\n', "two", (1, 15)),
    ('a: "one \\\n   two"\n', "two", (2, 4)),
    ("a: |\n  one\n    two\n", "two", (3, 5)),
    ("a: >- # why\n  one\n\n  two\n", "two", (4, 3)),
    ("a: |2\n   one\n  two\n", "two", (3, 3)),
    ("- {a: one, b: two}\n", "two", (1, 15)),
    ("\ufeffa: two\n", "two", (1, 4)),
    ("a: one\r\nb: two\r\n", "two", (2, 4)),
]


@pytest.mark.parametrize(("text", "word", "place"), BLOCKS)
def test_a_word_is_found_at_its_line_and_column(
    text: str, word: str, place: tuple[int, int], tmp_path: Path
) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(text.encode())
    tree, findings = read_document(path)

    found = next(scalar for scalar in scalars(tree) if word in scalar.text)
    start = found.text.index(word)
    location = found.source.location(*found.span(start, start + len(word)))

    assert not findings
    assert (location.line, location.column) == place
    assert location.length == len(word)


def test_a_missing_file_is_a_finding(tmp_path: Path) -> None:
    tree, findings = read_document(tmp_path / "none.yaml")

    assert tree is None
    assert [finding.code for finding in findings] == ["E001"]


def test_what_is_not_utf8_is_a_finding(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_bytes(b"a: b\nc: \xff\n")

    _, findings = read_document(path)

    assert [(finding.code, finding.location.line) for finding in findings] == [("E001", 2)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: " + "x" * 1_000_001, "at most 1000000"),
        ("a: " + "x" * 100_001, "at most 100000"),
        ("[" * 100_000, "more than 20 levels"),
        ("{a: " * 5_000, "more than 20 levels"),
        ("- " * 5_000 + "x", "more than 20 levels"),
        ("- x\n" * 50_001, "more than 50000 values"),
    ],
)
def test_absurd_sizes_are_refused_in_words(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(text)

    tree, findings = read_document(path)

    assert tree is None
    assert [finding.code for finding in findings] == ["E004"]
    assert words in findings[0].message


def test_a_very_long_line_is_shown_in_part(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: b\n" + "b: " + "x" * 100_001)

    shown = str(read_document(path)[1][0])

    assert max(len(line) for line in shown.splitlines()) < 220
