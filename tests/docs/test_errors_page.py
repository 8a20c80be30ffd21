"""docs/errors.md has every code with its title, and shows messages as they really are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from language.wrong_rules import FOLDER
from txmon.language.problems import TITLES, Code

PAGE = (Path(__file__).parents[2] / "docs" / "errors.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"^```text\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize("code", list(Code))
def test_every_code_has_a_paragraph(code: Code) -> None:
    assert PAGE.count(f"### {code}: {TITLES[code]}\n") == 1


@pytest.mark.parametrize("shown", SHOWN)
def test_messages_are_shown_as_they_are(shown: str) -> None:
    table = "\n".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.txt"))

    assert shown in table
