"""A rule with params set for one case: checked as it would be if the rule's file said so."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from txmon.language.problems import WHOLE, Code, Problem, did_you_mean
from txmon.packs import check_pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.errors import Finding
    from txmon.language.checked import Rule

    Wrong = tuple[str | None, Problem]
    """The param that a problem is with, None for all of them together."""


@dataclass(slots=True)
class Variants:
    """One rule with other values of its params; each different set of values is loaded once."""

    rule: Rule
    _found: dict[tuple[tuple[str, str], ...], tuple[Rule | None, list[Wrong]]] = field(
        default_factory=dict
    )

    def with_settings(self, settings: Mapping[str, str]) -> tuple[Rule | None, list[Wrong]]:
        """The rule with some params set, or None and what is wrong with the settings.

        The other params have the values that the rule's file gives them.
        """
        key = tuple(sorted(settings.items()))
        if key not in self._found:
            self._found[key] = self._load(settings)
        return self._found[key]

    def _load(self, settings: Mapping[str, str]) -> tuple[Rule | None, list[Wrong]]:
        params = list(self.rule.parameters)
        missing = [name for name in settings if name not in params]
        if missing:
            return None, [(name, self._no_param(name, params)) for name in missing]
        id_ = self.rule.id
        texts = {f"{id_}.{name}": text for name, text in settings.items()}
        pack, findings = check_pack(self.rule.path, settings=texts, tuned=False)
        if pack is None:
            wrong = [one for one in findings if not one.warning]
            return None, [_placed(one, id_, settings) for one in wrong]
        return next(rule for rule in pack.rules if rule.id == id_), []

    def _no_param(self, name: str, params: list[str]) -> Problem:
        message = f"rule '{self.rule.id}' has no param '{name}'"
        known = f"its params are: {', '.join(params)}" if params else "it has no params"
        return Problem(Code.SETTING, message, 0, WHOLE, did_you_mean(name, params) or known)


def _placed(finding: Finding, id_: str, settings: Mapping[str, str]) -> Wrong:
    """A finding of loading the rule as a problem with the setting that it is about."""
    for name, text in settings.items():
        if finding.source == f"{id_}.{name}={text}":
            return name, Problem(Code.SETTING, finding.message, 0, WHOLE, finding.help)
    message = f"with these values the rule is wrong: {finding.message} ({finding.location})"
    return None, Problem(Code.SETTING, message, 0, WHOLE, finding.help)
