"""Small packs to lint: one rule of a few keys, and what is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.authoring import check_files

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.errors import Finding

HEADER = """\
id: example
version: 1.0.0
title: An example
typology: test.example
severity: medium
status: draft
"""
PACK = """\
name: example
version: 1.0.0
currency: EUR
timezone: Europe/Berlin
values: {kind: [transfer, card, login], channel: [app, web], status: [accepted, rejected]}
"""


def told(folder: Path, rule: str, pack: str = "") -> tuple[Finding, ...]:
    """What is told of a pack with one rule; ``pack`` is what stands below the usual pack.yaml."""
    (folder / "pack.yaml").write_text(PACK + pack, encoding="utf-8")
    own = {line.partition(":")[0] for line in rule.splitlines()}
    header = [
        line for line in HEADER.splitlines(keepends=True) if line.partition(":")[0] not in own
    ]
    (folder / "example.yaml").write_text("".join(header) + rule, encoding="utf-8")
    checked, findings = check_files(folder)
    assert checked is not None, "\n".join(map(str, findings))
    return findings


def codes(folder: Path, rule: str, pack: str = "") -> list[str]:
    """The codes of it."""
    return [str(finding.code) for finding in told(folder, rule, pack)]
