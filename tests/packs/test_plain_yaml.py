"""What is read plainly is read as by the careful reader, places and all."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from txmon.packs.documents import LIMITS, read_carefully, read_tree
from txmon.packs.plain_yaml import read_plainly
from txmon.packs.tree import Fields, Items, Scalar, Source, Tree

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "rules").rglob("*.yaml"))
TEXT = """\
# a comment
rule: big
start: 2026-03-01T08:00:00+08:00
row: {debtor_account: V1, amount: 5, note: "a: b, c"}
empty: []
cases:
  - name: it's one, isn't it
    events: |
      at   amount
      +0h  50

      +1h  "6 0"
    expect: [{at: +1h, subject: V1}, {}]
  - name: 'two'
    list:
    - a
    - b: c
      d: 'e'
    deep:
      deeper: x:y#z
"""
ALPHABET = "\n -:,#[]{}|>'\"ab.+&*!?%@`~=\\"


def described(tree: Tree | None) -> list[object]:
    match tree:
        case Scalar():
            return [tree.start, tree.end, tree.text, tree.style]
        case Items():
            return ["items", tree.start, tree.end, *map(described, tree.items)]
        case Fields():
            pairs = [(described(key), described(value)) for key, value in tree.entries]
            return ["fields", tree.start, tree.end, tree.flow, *pairs]
        case _:
            return [None]


def assert_alike(text: str) -> bool:
    source = Source("file.yaml", text)
    plain = read_plainly(source, **LIMITS)
    if plain is not None:
        careful, findings = read_carefully(source)
        assert (described(plain), ()) == (described(careful), findings), text
    return plain is not None


@pytest.mark.parametrize("file", FILES, ids=[file.name for file in FILES])
def test_the_shipped_files_are_read_alike(file: Path) -> None:
    plain = assert_alike(file.read_text(encoding="utf-8"))
    assert plain or not file.name.endswith(".cases.yaml"), "a case file is plain"


@settings(max_examples=400)
@given(
    st.lists(
        st.tuples(st.integers(0, len(TEXT)), st.integers(0, 2), st.text(ALPHABET, max_size=3)),
        max_size=3,
    )
)
def test_a_text_with_random_edits_is_read_alike_or_left_alone(
    edits: list[tuple[int, int, str]],
) -> None:
    text = TEXT.replace("\n\n", "\n")
    for place, cut, put in edits:
        text = text[:place] + put + text[place + cut :]
    assert_alike(text)


@pytest.mark.parametrize(
    "text",
    [
        "a: b # comment\n",
        "a: |-\n  b\n",
        "a: >\n  b\n",
        "a: |\n  b\n\n  c\n",
        "a: b\n  c\n",
        "a: 1\na: 2\n",
        'a: "\\x41"\n',
        "a: {b: 1, }\n",
        "a:\n",
        "- a\nb: c\n",
        "a: &x b\n",
        "---\na: b\n",
        "",
        "a: [b\n",
    ],
)
def test_what_is_not_plain_is_left_to_the_careful_reader(text: str) -> None:
    source = Source("file.yaml", text)
    assert read_plainly(source, **LIMITS) is None
    assert described(read_tree(source)[0]) == described(read_carefully(source)[0])


def test_what_is_too_large_is_left_to_the_careful_reader() -> None:
    source = Source("file.yaml", TEXT.replace("\n\n", "\n"))
    assert read_plainly(source, **LIMITS) is not None
    for name, least in (("values", 10), ("depth", 3), ("longest", 5)):
        assert read_plainly(source, **{**LIMITS, name: least}) is None
