"""Rules of every group of the catalogue are read; what they need of later releases is named."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from language.rules import codes

FOLDER = Path(__file__).parent / "worked_rules"


def _rules(name: str) -> dict[str, str]:
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8")
    parts = re.split(r"^=== (.+)\n", text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


NOW, LATER = _rules("now"), _rules("later")
READ = tuple(
    f"id: {name}\nversion: 1.0.0\ntitle: Read\ntypology: {typology}\nseverity: low\n"
    "status: draft\nwhen: amount > 500\n"
    for name, typology in (("pass-through", "mule"), ("drip", "scam.safe-account"))
)
"""Rules that rules over alerts read."""


@pytest.mark.parametrize("name", NOW)
def test_this_release_takes_the_rule(name: str, tmp_path: Path) -> None:
    assert codes(tmp_path, NOW[name], *READ) == []


@pytest.mark.parametrize("name", LATER)
def test_a_later_release_is_all_that_the_rule_needs(name: str, tmp_path: Path) -> None:
    assert set(codes(tmp_path, LATER[name], *READ)) == {"E901"}
