"""Checking a pack with the case files beside its rules, and lint, without running anything."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from txmon.authoring.cases.files import read_cases
from txmon.authoring.lint.run import lint_pack
from txmon.authoring.lock import check_lock
from txmon.packs import load_cases, read_pack
from txmon.packs.cases import cases_beside
from txmon.packs.exceptions import ended
from txmon.packs.folder import CASES_SUFFIX, find_files, shipped_pack

FIRST_DAY = date(1970, 1, 1)

if TYPE_CHECKING:
    from txmon.errors import Finding
    from txmon.language.checked import Pack
    from txmon.packs.load import Read


def check_files(
    path: str | Path | None = None, *, day: date | None = None, lint: bool = True
) -> tuple[Pack | None, tuple[Finding, ...]]:
    """The pack at a path, and every finding of its files, lock file and case files, by place.

    The pack is None if anything is wrong; warnings let it stand. With a ``day``, exceptions that
    ended before it are warned of: nothing here reads a clock. Where the pack itself is broken, only
    the shape of the case files can be checked. ``None`` as path means the shipped pack. With
    ``lint`` the findings have the lints of a sound pack's own rules, too.
    """
    where = shipped_pack() if path is None else Path(path)
    read = read_pack(where)
    pack, findings = read.pack, read.findings
    as_written = read if pack is None else _as_written(where, read)
    written = None if pack is None else as_written.pack
    if pack is not None and written is not None:
        findings += check_lock(where, written)
        findings += _ended(where, day)
        findings += lint_pack(as_written) if lint else ()
    for file in _case_files(where):
        wrong = load_cases(file)[2] if written is None else read_cases(file, written)[1]
        findings += wrong
    ordered = sorted(findings, key=lambda finding: (finding.location, finding.code))
    broken = any(not finding.warning for finding in ordered)
    return (None if broken else pack), tuple(dict.fromkeys(ordered))


def _as_written(where: Path, read: Read) -> Read:
    """The pack without its tuning, of which neither the lock, the cases nor the lints speak."""
    tuned = any(member.files.tuning is not None for member in read.members)
    return read_pack(where, tuned=False) if tuned else read


def _ended(where: Path, day: date | None) -> tuple[Finding, ...]:
    file = find_files(where).exceptions
    if file is None or day is None:
        return ()
    return tuple(ended(file, (day - FIRST_DAY).days))


def _case_files(where: Path) -> list[Path]:
    if where.is_dir():
        return sorted(where.rglob(f"*{CASES_SUFFIX}"))
    file = where if where.name.endswith(CASES_SUFFIX) else cases_beside(where)
    return [file] if file.is_file() else []
