"""A law: whatever happens to the text of a pack, loading gives a pack or findings in the text."""

from __future__ import annotations

import re
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from language.grammar import WORDS
from txmon.packs import check_pack

TINY = Path(__file__).parent / "tiny"
FOLDER = Path(__file__).parents[1] / "language" / "worked_rules"
HEADER = "id: x\nversion: 1.0.0\ntitle: x\ntypology: x\nseverity: low\nstatus: draft\n"
RULES = [
    (TINY / "scams" / "safe_account_drip.yaml").read_text(encoding="utf-8"),
    *(
        HEADER + text
        for text in re.split(r"^=== .+\n", (FOLDER / "rules.txt").read_text(), flags=re.MULTILINE)
    ),
]
PIECES = (*WORDS, "\n", "\n  ", ": ", "- ", "{", "}", "null", "levels:\n  - when: amount > 5\n")


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, str]:
    """The texts of pack.yaml and of a rule, with pieces lost, moved and put in."""
    header, rule = (TINY / "pack.yaml").read_text(encoding="utf-8"), draw(st.sampled_from(RULES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(rule)))
        length = draw(st.sampled_from([0, 0, 1, 3, 12]))
        piece = draw(st.sampled_from(["", "", *PIECES, rule[:40]]))
        rule = rule[:start] + piece + rule[start + length :]
    if draw(st.booleans()):
        start = draw(st.integers(0, len(header)))
        header = header[:start] + draw(st.sampled_from(PIECES)) + header[start + 2 :]
    return header, rule


@given(damaged())
def test_a_damaged_pack_is_a_pack_or_findings(texts: tuple[str, str]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, text in zip(("pack.yaml", "rule.yaml"), texts, strict=True):
            (folder / file).write_text(text, encoding="utf-8")
        (folder / "lists").mkdir()
        (folder / "lists" / "holidays.csv").write_text("day:date\n2026-01-01\n")

        pack, findings = check_pack(folder)

    assert (pack is None) == bool(findings)
    for finding in findings:
        place = finding.location
        lines = dict(zip(("pack.yaml", "rule.yaml"), texts, strict=True))[Path(place.path).name]
        assert 1 <= place.line <= lines.count("\n") + 1
        assert finding.message
        if finding.source:
            assert finding.source == lines.split("\n")[place.line - 1]
            assert place.column + place.length <= len(finding.source) + 2
