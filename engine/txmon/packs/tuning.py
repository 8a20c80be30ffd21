"""tuning.yaml: a bank's own values for the rules of a pack, and where they stand."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from txmon.language.problems import Code, Faults, did_you_mean
from txmon.model import TunedParamDocument, TuningDocument
from txmon.packs.documents import read_document
from txmon.packs.validate import locate, validate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from txmon.errors import Finding
    from txmon.language.problems import Fault
    from txmon.model import RuleDocument, TunedRuleDocument
    from txmon.packs.documents import Tree


@dataclass(frozen=True, slots=True)
class Tuning:
    """A tuning file: its content, and the tree that knows where everything stands."""

    tree: Tree
    document: TuningDocument

    def locate(self, rule: str, fault: Fault) -> Finding:
        """The finding of a fault in a param that this file gives a value."""
        return locate(self.tree, replace(fault, path=("rules", rule, *fault.path)))

    def blame(self, rule: str, finding: Finding) -> Finding:
        """That a rule is wrong with these values, where it is right with its own."""
        message = f"with these values the rule is wrong: {finding.message} ({finding.location})"
        faults = Faults()
        faults.key(("rules", rule), Code.SETTING, message, finding.help)
        return locate(self.tree, faults.found[0])


@dataclass(frozen=True, slots=True)
class Tuned:
    """A rule as tuned; ``owners`` are the files that the values of its params come from.

    They are known by the param's name and ``default`` or ``vary``; what is missing is the rule's.
    """

    document: RuleDocument
    enabled: bool = True
    owners: Mapping[tuple[str, str], Tuning] = field(default_factory=dict)

    def owner(self, fault: Fault) -> Tuning | None:
        """The file that gave the value a fault is in; None for the rule's own."""
        kind, *rest = fault.path or ("",)
        if kind != "params":
            return None
        found = (one for key, one in self.owners.items() if key[: len(rest)] == tuple(rest[:2]))
        return next(found, None)


def read_tuning(path: Path) -> tuple[Tuning | None, list[Finding]]:
    """A tuning file, or None, and what is wrong with its shape."""
    tree, findings = read_document(path)
    if tree is None:
        return None, list(findings)
    document, wrong = validate(tree, TuningDocument)
    return None if document is None else Tuning(tree, document), [*findings, *wrong]


def tune(
    rules: Sequence[Tuned], tuning: Tuning, *, whole: bool
) -> tuple[list[Tuned], list[Finding]]:
    """The rules with a file's values put in, and what does not fit them.

    If the rules are not the ``whole`` pack, those that the file names may be missing.
    """
    by_id = {rule.document.id: rule for rule in rules}
    faults = Faults()
    for name, wanted in tuning.document.rules.items():
        if name in by_id:
            by_id[name] = _tuned(by_id[name], wanted, tuning, faults)
        elif whole:
            message = f"there is no rule '{name}'"
            faults.key(("rules", name), Code.SETTING, message, did_you_mean(name, by_id))
    found = [locate(tuning.tree, fault) for fault in faults.found]
    return [by_id[rule.document.id] for rule in rules], found


def _tuned(rule: Tuned, wanted: TunedRuleDocument, tuning: Tuning, faults: Faults) -> Tuned:
    document = rule.document
    params, owners = dict(document.params), dict(rule.owners)
    for name, value in wanted.params.items():
        if name in params:
            changed = _changes(value)
            params[name] = params[name].model_copy(update=changed)
            owners |= dict.fromkeys(((name, key) for key in changed), tuning)
        else:
            path = ("rules", document.id, "params", name)
            message = f"rule '{document.id}' has no param '{name}'"
            known = f"its params are: {', '.join(params)}" if params else "it has no params"
            faults.key(path, Code.SETTING, message, did_you_mean(name, params) or known)
    changes: dict[str, object] = {"params": params}
    changes |= {
        key: value for key in ("severity", "status") if (value := getattr(wanted, key)) is not None
    }
    if wanted.score is not None:
        changes["alert"] = document.alert.model_copy(update={"score": wanted.score})
    return Tuned(document.model_copy(update=changes), wanted.enabled == "true", owners)


def _changes(value: str | tuple[str, ...] | TunedParamDocument) -> dict[str, object]:
    """The keys of a param that a value replaces: plain ones replace the default."""
    if not isinstance(value, TunedParamDocument):
        return {"default": value}
    given = {"default": value.default, "vary": value.vary}
    return {key: new for key, new in given.items() if new is not None}
