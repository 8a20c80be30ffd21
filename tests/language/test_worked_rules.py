"""Rules of every group of the catalogue are taken."""

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


RULES = _rules("rules")
READ = tuple(
    f"id: {name}\nversion: 1.0.0\ntitle: Read\ntypology: {typology}\nseverity: low\n"
    "status: draft\nwhen: amount > 500\n"
    for name, typology in (("pass-through", "mule"), ("drip", "scam.safe-account"))
)
"""Rules that rules over alerts read."""


@pytest.mark.parametrize("name", RULES)
def test_the_rule_is_taken(name: str, tmp_path: Path) -> None:
    assert codes(tmp_path, RULES[name], *READ) == []
