"""A rule of a pack, to be had with other values of its params without loading the pack again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from txmon.errors import Finding, Location, PackError
from txmon.language.problems import Code, did_you_mean
from txmon.language.rule import check_rule
from txmon.packs.folder import find_files, shipped_pack
from txmon.packs.load import Loading
from txmon.packs.settings import apply_settings
from txmon.packs.validate import locate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.checked import Pack, Rule
    from txmon.language.scope import PackScope
    from txmon.model import RuleDocument
    from txmon.packs.documents import Tree


@dataclass(frozen=True, slots=True)
class TunableRule:
    """One rule of a loaded pack, with what its document was checked against.

    Attributes:
        pack: the whole pack, the rule among its rules.
        rule: the rule as it stands: tuning and settings are in it.
        document: its document, likewise.
    """

    pack: Pack
    rule: Rule
    document: RuleDocument
    scope: PackScope
    tree: Tree

    def changed(self, values: Mapping[str, str]) -> Rule:
        """The rule as a setting of each of these params would make it.

        Raises:
            PackError: a param cannot have the value, or the rule is wrong with it.
        """
        settings = {f"{self.rule.id}.{param}": text for param, text in values.items()}
        (document,), findings = apply_settings([self.document], settings)
        if findings:
            raise PackError(findings)
        rule, faults = check_rule(document, self.scope, self.rule.path)
        if rule is None:
            told = ", ".join(f"{param}={text}" for param, text in values.items())
            found = [locate(self.tree, fault) for fault in faults.found]
            raise PackError([_blamed(one, told) for one in found if not one.warning])
        return rule


def load_tunable(
    path: str | Path | None,
    rule_id: str,
    *,
    settings: Mapping[str, str] | None = None,
    tuning: str | Path | None = None,
) -> TunableRule:
    """A rule of the pack at a path, ready to be changed.

    Args:
        path: a pack folder, or a rule file within one; by default the shipped pack.
        rule_id: which rule.
        settings: texts for params by ``rule.param``, of any rule.
        tuning: a file like tuning.yaml, which comes before the settings.

    Raises:
        PackError: with every error of every file, or because there is no such rule.
    """
    files = find_files(shipped_pack() if path is None else Path(path))
    loading = Loading(files, settings or {}, None if tuning is None else Path(tuning))
    pack = loading.pack()
    if pack is None or loading.scope is None:
        wrong = sorted(loading.findings, key=lambda one: (one.location, one.code))
        raise PackError(tuple(dict.fromkeys(wrong)))
    rules = {rule.id: rule for rule in pack.rules}
    if rule_id not in rules:
        raise PackError([_no_rule(rule_id, rules)])
    documents = {tuned.document.id: (file, tuned) for file, tuned in loading.tuned_rules}
    file, tuned = documents[rule_id]
    return TunableRule(pack, rules[rule_id], tuned.document, loading.scope, file.tree)


def _blamed(finding: Finding, told: str) -> Finding:
    return replace(finding, message=f"with {told} the rule is wrong: {finding.message}")


def _no_rule(rule_id: str, rules: Mapping[str, Rule]) -> Finding:
    location = Location("rule", 1, 1, max(1, len(rule_id)))
    advice = did_you_mean(rule_id, rules) or f"its rules are: {', '.join(rules)}"
    return Finding(Code.SELECTION, f"there is no rule '{rule_id}'", location, rule_id, advice)
