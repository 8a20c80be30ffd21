"""Checking a pack with the case files beside its rules, without running anything."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from txmon.authoring.casefiles import read_cases
from txmon.packs import check_pack, load_cases
from txmon.packs.cases import cases_beside
from txmon.packs.folder import CASES_SUFFIX, shipped_pack

if TYPE_CHECKING:
    from txmon.errors import Finding
    from txmon.language.checked import Pack


def check_files(path: str | Path | None = None) -> tuple[Pack | None, tuple[Finding, ...]]:
    """The pack at a path, and every finding of its files and of the case files, by place.

    The pack is None if anything is wrong. Where the pack itself is broken, only the shape of the
    case files can be checked. ``None`` as path means the shipped pack.
    """
    where = shipped_pack() if path is None else Path(path)
    pack, findings = check_pack(where)
    for file in _case_files(where):
        wrong = load_cases(file)[2] if pack is None else read_cases(file, pack)[1]
        findings += wrong
    ordered = sorted(findings, key=lambda finding: (finding.location, finding.code))
    broken = any(not finding.warning for finding in ordered)
    return (None if broken else pack), tuple(dict.fromkeys(ordered))


def _case_files(where: Path) -> list[Path]:
    if where.is_dir():
        return sorted(where.rglob(f"*{CASES_SUFFIX}"))
    file = where if where.name.endswith(CASES_SUFFIX) else cases_beside(where)
    return [file] if file.is_file() else []
