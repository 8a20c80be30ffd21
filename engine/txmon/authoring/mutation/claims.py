"""Mutants that somebody says mean the same as their rule, with the reason: NAME.mutants.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from txmon.language.problems import WHOLE, Code, Fault, Problem, did_you_mean
from txmon.model import ClaimFileDocument
from txmon.packs import read_document
from txmon.packs.folder import MUTANTS_SUFFIX
from txmon.packs.validate import locate, validate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from txmon.authoring.mutation.mutants import Mutant
    from txmon.errors import Finding
    from txmon.language.checked import Rule
    from txmon.packs.tree import Tree


@dataclass(frozen=True, slots=True)
class Claim:
    """A mutant's id and change as the file says them, the reason, and its place in the file."""

    id: str
    change: str
    reason: str
    tree: Tree
    position: int

    def finding(self, key: str, message: str, advice: str = "") -> Finding:
        """A finding about one key of the claim."""
        problem = Problem(Code.BAD_VALUE, message, 0, WHOLE, advice)
        return locate(self.tree, Fault(("equivalent", self.position, key), problem))


def claims_beside(rule: str | Path) -> Path:
    """The file of claims that belongs to a rule file, whether or not it exists."""
    path = Path(rule)
    return path.with_name(path.stem + MUTANTS_SUFFIX)


def read_claims(rule: Rule) -> tuple[tuple[Claim, ...], tuple[Finding, ...]]:
    """The claims beside a rule's file, and what is wrong with them; none without a file."""
    file = claims_beside(rule.path)
    if not file.is_file():
        return (), ()
    tree, findings = read_document(file)
    if tree is None:
        return (), findings
    document, wrong = validate(tree, ClaimFileDocument)
    if document is None or findings:
        return (), (*findings, *wrong)
    if document.rule != rule.id:
        message = f"the rule beside this file is '{rule.id}'"
        fault = Fault(("rule",), Problem(Code.UNKNOWN_NAME, message, 0, WHOLE))
        return (), (locate(tree, fault),)
    claims = enumerate(document.equivalent)
    return tuple(Claim(one.id, one.change, one.reason, tree, place) for place, one in claims), ()


def check_claims(
    claims: Sequence[Claim], rule: Rule, mutants: Sequence[Mutant], killed: Mapping[str, str]
) -> Iterator[Finding]:
    """What is wrong with claims: stale ones, and those that a case disproves.

    ``killed`` has the case that notices a mutant, by the mutant's id.
    """
    known = {mutant.id: mutant for mutant in mutants}
    seen: set[str] = set()
    for claim in claims:
        mutant = known.get(claim.id)
        if mutant is None:
            message = f"rule '{rule.id}' has no mutant '{claim.id}' any more"
            advice = did_you_mean(claim.id, known) or "take the claim out: the rule has changed"
            yield claim.finding("id", message, advice)
        elif claim.id in seen:
            yield claim.finding("id", "this mutant is claimed twice")
        elif claim.id in killed:
            message = f"this mutant is not the same: the case '{killed[claim.id]}' tells it apart"
            yield claim.finding("id", message, "take the claim out")
        elif claim.change != mutant.change:
            yield claim.finding("change", "this is not what the mutant changes", mutant.change)
        seen.add(claim.id)
