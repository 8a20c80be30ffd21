"""Probing the rules at a path: a pack, a folder of it or a rule file, each with its cases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from txmon.authoring.cases.files import read_cases
from txmon.authoring.probing.probe import Probe, probe_rules
from txmon.packs import check_pack
from txmon.packs.cases import cases_beside
from txmon.packs.folder import shipped_pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from txmon.authoring.cases.case import Case
    from txmon.errors import Finding
    from txmon.language.checked import Pack, Rule


def _quiet(_text: str) -> None:
    """Nobody asked to be told."""


def run_probes(
    path: str | Path | None = None,
    *,
    name: str | None = None,
    tell: Callable[[str], None] = _quiet,
) -> tuple[tuple[Probe, ...], tuple[Finding, ...]]:
    """Probe the rules at a path, beginning with the cases beside them.

    Args:
        path: a pack, a folder of it, a rule file, or the id of a rule of the shipped pack; by
            default the whole shipped pack.
        name: only rules with this in their id.
        tell: is told which rule is probed.

    Returns:
        The rules' boundaries, and what is wrong with the files; with an error in the pack nothing
        is probed.
    """
    where = shipped_pack() if path is None or not Path(path).exists() else Path(path)
    pack, findings = check_pack(where, tuned=False)
    wrong = [finding for finding in findings if not finding.warning]
    if pack is None:
        return (), tuple(wrong)
    probes: list[Probe] = []
    for rule in pack.rules:
        if _chosen(rule, path, where) and (name is None or name in rule.id):
            tell(f"probe {rule.id}")
            cases, more = _cases(rule, pack)
            wrong += more
            probes += probe_rules([rule], pack, {rule.id: cases})
    return tuple(probes), tuple(wrong)


def _chosen(rule: Rule, path: str | Path | None, where: Path) -> bool:
    """Whether a rule of the pack is asked for, of which only the place is known."""
    if path is not None and not Path(path).exists():
        return rule.id == str(path)
    return not where.is_file() or Path(rule.path).resolve() == where.resolve()


def _cases(rule: Rule, pack: Pack) -> tuple[tuple[Case, ...], tuple[Finding, ...]]:
    """The cases beside a rule that are of the rule as it stands."""
    file = cases_beside(rule.path)
    if not file.is_file():
        return (), ()
    cases, findings = read_cases(file, pack)
    return tuple(one for one in cases if not one.settings and one.rule == rule.id), findings
