"""Rules from the text of their parts, for tests of what they become."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING

from language.wrong_rules import HEADER, PACK
from txmon.errors import PackError
from txmon.packs import load_pack

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.language.checked import Pack, Rule


def pack_of(folder: Path, *rules: str, header: str = PACK) -> Pack:
    """A pack with these rules, each with a header of its own unless it begins with ``id:``."""
    (folder / "pack.yaml").write_text(header)
    (folder / "lists").mkdir(exist_ok=True)
    (folder / "lists" / "watched.csv").write_text("account,since:date\nA1,2026-01-01\n")
    for number, rule in enumerate(rules):
        text = dedent(rule)
        full = text if text.startswith("id:") else HEADER.replace("wrong", f"r{number}") + text
        (folder / f"r{number}.yaml").write_text(full)
    return load_pack(folder)


def rule_of(folder: Path, text: str) -> Rule:
    """One rule of a pack of its own."""
    return pack_of(folder, text).rules[0]


def codes(folder: Path, text: str, *others: str) -> list[str]:
    """The codes of what is wrong with a rule, in a pack with others."""
    try:
        pack_of(folder, text, *others)
    except PackError as error:
        return [finding.code for finding in error.findings]
    return []
