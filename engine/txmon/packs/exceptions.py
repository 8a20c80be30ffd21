"""exceptions.yaml: who is excepted from what, by whom, until when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.language.aggregate_kinds import KEY_KINDS
from txmon.language.checked import ExceptionEntry
from txmon.language.over_alerts import alert_scope
from txmon.language.problems import Code, ExpressionError, Faults, Problem, did_you_mean
from txmon.language.strata import fits
from txmon.language.values import read_date, read_value
from txmon.model import ExceptionsDocument
from txmon.packs.documents import read_document
from txmon.packs.validate import locate, validate

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path as FilePath

    from txmon.errors import Finding
    from txmon.language.checked import Rule
    from txmon.language.problems import Path
    from txmon.language.scope import PackScope
    from txmon.model import ExceptionDocument
    from txmon.types import Type

Stored = tuple[int | str | bool, ...]


def read_exceptions(
    path: FilePath,
    rules: Sequence[Rule],
    scope: PackScope,
    *,
    whole: bool,
    before: Sequence[ExceptionEntry] = (),
) -> tuple[tuple[ExceptionEntry, ...], list[Finding]]:
    """The exceptions of a file, in its order, and what is wrong with it.

    Args:
        path: the file.
        rules: the rules that were loaded.
        scope: what the pack's rules may name.
        whole: whether these are all rules of the pack; if not, exceptions from others are left out.
        before: the exceptions of packs below, whose ids are taken.
    """
    tree, findings = read_document(path)
    if tree is None:
        return (), list(findings)
    document, wrong = validate(tree, ExceptionsDocument)
    if document is None:
        return (), [*findings, *wrong]
    reader = _Reader(rules, scope, whole, tuple(one.id for one in before), Faults())
    entries = [reader.entry(number, one) for number, one in enumerate(document.exceptions)]
    reader.same_ids([one.id for one in document.exceptions])
    found = [*findings, *(locate(tree, fault) for fault in reader.faults.found)]
    return tuple(entry for entry in entries if entry is not None), found


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the entries of one file."""

    rules: Sequence[Rule]
    scope: PackScope
    whole: bool
    taken: tuple[str, ...]
    faults: Faults

    def entry(self, number: int, document: ExceptionDocument) -> ExceptionEntry | None:
        path: Path = ("exceptions", number)
        since, until = self._days(path, document)
        named = [rule for rule in self.rules if fits(document.rule, rule)]
        if not named:
            self._unknown(path, document.rule)
            return None
        rules = [rule for rule in named if set(document.values) <= set(rule.exceptable)]
        if not rules:
            self._undeclared(path, document, named)
            return None
        if not document.values:
            message = "an exception names at least one column with its values"
            self.faults.whole((*path, "for"), Code.EXCEPTION, message)
        values = {name: self._values(path, name, document, rules[0]) for name in document.values}
        return ExceptionEntry(
            id=document.id or f"exception-{len(self.taken) + number + 1}",
            rules=tuple(rule.id for rule in rules),
            values=values,
            owner=document.owner,
            reason=document.reason,
            since=since,
            until=until,
        )

    def _days(self, path: Path, document: ExceptionDocument) -> tuple[int | None, int]:
        since = None if document.since is None else self._day((*path, "from"), document.since)
        until = self._day((*path, "until"), document.until)
        if since is not None and until is not None and until < since:
            message = f"the exception ends on {document.until}, before it begins"
            self.faults.whole((*path, "until"), Code.EXCEPTION, message)
        return since, until or 0

    def _day(self, path: Path, text: str) -> int | None:
        try:
            return int(read_date(text).value)
        except ExpressionError as error:
            problem = error.problem
            self.faults.add(path, Problem(Code.EXCEPTION, problem.message, 0, len(text)))
            return None

    def _unknown(self, path: Path, word: str) -> None:
        if self.whole:
            known = [name for rule in self.rules for name in (rule.id, rule.typology)]
            message = f"the pack has no rule and no typology '{word}'"
            self.faults.whole((*path, "rule"), Code.EXCEPTION, message, did_you_mean(word, known))

    def _undeclared(self, path: Path, document: ExceptionDocument, named: Sequence[Rule]) -> None:
        allowed = list(dict.fromkeys(name for rule in named for name in rule.exceptable))
        wrong = [name for name in document.values if name not in allowed]
        rule = f"rule '{named[0].id}'" if len(named) == 1 else f"no rule of '{document.rule}'"
        if wrong and len(named) == 1:
            message = f"{rule} allows no exceptions by '{wrong[0]}'"
        elif wrong:
            message = f"{rule} allows exceptions by '{wrong[0]}'"
        else:
            message = f"{rule} allows exceptions by all of {', '.join(document.values)}"
        listed = f"its author allows: {', '.join(allowed)}" if allowed else "its author allows none"
        advice = did_you_mean(wrong[0], allowed) if wrong else ""
        place = (*path, "for", wrong[0] if wrong else next(iter(document.values)))
        self.faults.key(place, Code.EXCEPTION, message, advice or f"{listed} (alert: exceptable)")

    def _values(self, path: Path, name: str, document: ExceptionDocument, rule: Rule) -> Stored:
        place = (*path, "for", name)
        scope = alert_scope(self.scope) if rule.sources else self.scope
        type_ = scope.column(name)
        if type_ is None or type_.kind not in KEY_KINDS:
            kind = "unknown" if type_ is None else type_.kind
            message = f"an exception names texts, whole numbers and dates; '{name}' is {kind}"
            self.faults.key(place, Code.EXCEPTION, message)
            return ()
        read = [
            self._value(place, type_, text, scope.declared_values(name))
            for text in document.values[name]
        ]
        return tuple(value for value in read if value is not None)

    def _value(
        self, place: Path, type_: Type, text: str, allowed: Sequence[str]
    ) -> int | str | bool | None:
        try:
            value = read_value(type_.kind, text).value
        except ExpressionError as error:
            self.faults.whole(place, Code.EXCEPTION, error.problem.message)
            return None
        if allowed and value not in allowed:
            message = f"'{text}' is not a declared value of {place[-1]}"
            self.faults.whole(place, Code.UNKNOWN_VALUE, message, did_you_mean(text, allowed))
        return value

    def same_ids(self, ids: Sequence[str | None]) -> None:
        """Report names that two exceptions have, here or in a pack below."""
        for number, name in enumerate(ids):
            if name is not None and name in (*self.taken, *ids[:number]):
                message = f"a second exception '{name}'"
                self.faults.whole(("exceptions", number, "id"), Code.EXCEPTION, message)


def ended(path: FilePath, day: int) -> list[Finding]:
    """A warning for each exception of a file that ended before a day (days since 1970-01-01)."""
    tree, _ = read_document(path)
    document = None if tree is None else validate(tree, ExceptionsDocument)[0]
    if tree is None or document is None:
        return []
    faults = Faults()
    for number, entry in enumerate(document.exceptions):
        if int(read_date(entry.until).value) < day:
            message = f"this exception of {entry.owner} has ended"
            advice = "take it out, or have its owner renew it"
            where = ("exceptions", number, "until")
            faults.whole(where, Code.ENDED_EXCEPTION, message, advice)
    return [locate(tree, fault) for fault in faults.found]
