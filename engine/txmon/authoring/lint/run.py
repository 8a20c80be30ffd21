"""Every lint of a pack: its rules one by one, then what concerns the pack as a whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from txmon.authoring.lint.alerts import lint_alert
from txmon.authoring.lint.amounts import lint_amounts
from txmon.authoring.lint.codes import Lint
from txmon.authoring.lint.conditions import lint_conditions
from txmon.authoring.lint.missing import lint_missing
from txmon.authoring.lint.prose import lint_prose
from txmon.authoring.lint.reading import at_key, leaves, read_rule
from txmon.authoring.lint.records import lint_records
from txmon.authoring.lint.rows import lint_rows, reads_text
from txmon.authoring.lint.silence import Silences
from txmon.authoring.lint.unused import lint_unused, words
from txmon.packs.validate import locate

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from txmon.authoring.lint.reading import Leaf, RuleReading
    from txmon.errors import Finding
    from txmon.language.problems import Fault
    from txmon.packs.family import Member
    from txmon.packs.load import Read

_LINTS = (
    lint_conditions,
    lint_missing,
    lint_amounts,
    lint_rows,
    lint_alert,
    lint_unused,
    lint_prose,
    lint_records,
)
_DECLARED = ("kind", "channel", "status")
_WORD = re.compile(r"[A-Za-z]\w*")


def lint_pack(read: Read) -> tuple[Finding, ...]:
    """The lints of a sound pack's own rules and of pack.yaml, without those that are silenced.

    ``read`` is the pack without its tuning. Rules of packs below it are not looked at.
    """
    if read.pack is None or read.scope is None:
        return ()
    own = read.members[-1]
    by_id = {rule.id: rule for rule in read.pack.rules}
    rules = [
        read_rule(file, by_id[file.document.id], read.pack, read.scope)
        for file in read.rules
        if file.path in own.files.rules and file.document.id in by_id
    ]
    whole = own.files.whole and not own.files.single
    shared = Silences(own.document.lint)
    found = [locate(rule.file.tree, fault) for rule in rules for fault in _of_rule(rule, shared)]
    for rule, fault in _undeclared(rules, own):
        if not Silences(rule.document.lint).takes(fault) and not shared.takes(fault):
            found.append(locate(rule.file.tree, fault))
    told = [fault for fault in _of_pack(rules, own) if not shared.takes(fault)] if whole else []
    told += [*shared.idle()] if whole else []
    return (*found, *(locate(own.tree, fault) for fault in told))


def _of_rule(rule: RuleReading, shared: Silences) -> Iterator[Fault]:
    own = Silences(rule.document.lint)
    for lint in _LINTS:
        for fault in lint(rule):
            if not own.takes(fault) and not shared.takes(fault):
                yield fault
    for fault in own.idle():
        if rule.document.lint and not _said_of_pack(rule, fault):
            yield fault


def _said_of_pack(rule: RuleReading, fault: Fault) -> bool:
    """Whether an entry is about a lint that is told once for the whole pack."""
    entry = rule.document.lint[int(fault.path[1])]
    return entry.code == Lint.UNDECLARED


def _undeclared(rules: Sequence[RuleReading], own: Member) -> Iterator[tuple[RuleReading, Fault]]:
    for name in _DECLARED:
        for rule in rules:
            found = [] if rule.scope.pack.values.get(name) else list(_texts_of(rule, name))
            if found:
                message = f"'{name}' is compared with texts, and {own.document.name} declares none"
                advice = f"list them in pack.yaml under values: {name}, and typing errors are found"
                yield rule, found[0].fault(Lint.UNDECLARED, message, advice)
                break


def _texts_of(rule: RuleReading, name: str) -> Iterator[Leaf]:
    for asked in rule.asked:
        yield from (one for one in leaves(asked.condition) if reads_text(one.expr, name))


def _of_pack(rules: Sequence[RuleReading], own: Member) -> Iterator[Fault]:
    document = own.document
    read = frozenset().union(*(words(rule.document) for rule in rules))
    texts = {name: set(_WORD.findall(text)) for name, text in document.define.items()}
    holidays = set(_WORD.findall(document.holidays or ""))
    in_others = set().union(*texts.values(), holidays)
    for name in document.define:
        if name not in read | in_others:
            message = f"no rule reads the definition '{name}'"
            yield at_key(("define", name), Lint.UNUSED_DEFINITION, message, "take it out")
    for file in own.files.lists:
        if file.stem not in read | in_others:
            message = f"no rule looks anything up in lists.{file.stem}"
            advice = f"take {file.name} out, or write: x in lists.{file.stem}"
            yield at_key(("name",), Lint.UNUSED_LIST, message, advice)
