"""The lock file of a pack: which logic each rule's version stands for.

A rule whose logic changes without its version tells two stories under one name. ``rules.lock`` has
every rule's version and the hash of its logic, with the params as the rule itself has them:
tuning is no change of a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from txmon.errors import Finding, Location, OutputError
from txmon.language.problems import WHOLE, Code, Fault, Problem
from txmon.model import LockDocument
from txmon.packs import check_pack, read_document
from txmon.packs.folder import LOCK_FILE, find_files
from txmon.packs.validate import locate, validate
from txmon.plan import compile_plan
from txmon.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.language.checked import Pack, Rule
    from txmon.packs.documents import Tree

_HEAD = """\
# What logic each version of a rule stands for. Written by txmon lock: do not edit.
rules:
"""


@dataclass(frozen=True, slots=True)
class Locked:
    """What a rule's version stands for."""

    version: str
    logic: str


def write_lock(path: str | Path) -> tuple[Path | None, tuple[Finding, ...]]:
    """Write the lock file of a pack.

    Args:
        path: the pack's folder.

    Returns:
        The file, and every finding of the pack. The file is None, and none is written, where the
        pack is wrong, or a rule's logic has changed and its version has not.

    Raises:
        OutputError: the file cannot be written.
    """
    root = find_files(Path(path)).root
    pack, findings = check_pack(root, tuned=False)
    if pack is None:
        return None, findings
    stale = tuple(one for one in check_lock(root, pack) if one.code == Code.LOCK_LOGIC)
    if stale:
        return None, (*findings, *stale)
    target = root / LOCK_FILE
    draft = target.with_name(f".{LOCK_FILE}.draft")
    try:
        draft.write_text(lock_text(_locked(pack, root)), encoding="utf-8")
        draft.replace(target)
    except OSError as error:
        raise OutputError(f"the lock cannot be written to {target}: {error}") from error
    return target, findings


def lock_text(locked: Mapping[str, Locked]) -> str:
    """The text of a lock file, in order of rule."""
    lines = (
        f"  {id_}: {{version: {one.version}, logic: {one.logic}}}\n"
        for id_, one in sorted(locked.items())
    )
    return _HEAD + "".join(lines)


def check_lock(path: str | Path, pack: Pack) -> tuple[Finding, ...]:
    """What does not agree between a pack and its lock file; nothing where it has none.

    Args:
        path: the pack's folder, or a part of it: then only its rules are looked at.
        pack: the rules at the path, without any tuning.
    """
    files = find_files(Path(path))
    file = files.root / LOCK_FILE
    if not file.is_file():
        return ()
    tree, findings = read_document(file)
    if tree is None:
        return findings
    document, wrong = validate(tree, LockDocument)
    if document is None:
        return (*findings, *wrong)
    now = _locked(pack, files.root)
    asked = {rule.path for rule in pack.rules} & {str(rule) for rule in files.rules}
    rules = [rule for rule in pack.rules if rule.path in asked]
    found = [*findings, *_changed(rules, now, document)]
    if files.whole:
        found += [_gone(tree, id_) for id_ in document.rules if id_ not in now]
    return tuple(found)


def _locked(pack: Pack, root: Path) -> dict[str, Locked]:
    """What the versions of a pack's own rules stand for; not those of packs below it."""
    plan = compile_plan(pack, Schema.with_columns(pack.columns).columns)
    return {
        condition.rule.id: Locked(condition.rule.version, condition.logic_hash)
        for condition in plan.every_condition
        if root.resolve() in Path(condition.rule.path).resolve().parents
    }


def _changed(
    rules: Sequence[Rule], now: Mapping[str, Locked], document: LockDocument
) -> list[Finding]:
    found = []
    for rule in rules:
        before, after = document.rules.get(rule.id), now[rule.id]
        if before is None:
            message = f"rule '{rule.id}' is not in {LOCK_FILE}"
            found.append(_of_rule(rule, Code.LOCK, "id", message, "run txmon lock"))
        elif before.logic != after.logic and before.version == after.version:
            message = f"the logic of '{rule.id}' has changed, and its version has not"
            advice = "raise the version, then run txmon lock"
            found.append(_of_rule(rule, Code.LOCK_LOGIC, "version", message, advice))
        elif (before.version, before.logic) != (after.version, after.logic):
            message = f"{LOCK_FILE} has version {before.version} of '{rule.id}'"
            found.append(_of_rule(rule, Code.LOCK, "version", message, "run txmon lock"))
    return found


def _of_rule(rule: Rule, code: Code, key: str, message: str, advice: str) -> Finding:
    tree, _ = read_document(rule.path)
    if tree is None:
        return Finding(code, message, Location(rule.path, 1, 1), "", advice)
    return locate(tree, Fault((key,), Problem(code, message, 0, WHOLE, advice)))


def _gone(tree: Tree, id_: str) -> Finding:
    message = f"the pack has no rule '{id_}' any more"
    problem = Problem(Code.LOCK, message, 0, WHOLE, "run txmon lock")
    return locate(tree, Fault(("rules", id_), problem, on_key=True))
