"""A pack on disk -> a checked pack, or every error of every file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from txmon.errors import Finding, Location, PackError
from txmon.language.checked import ExceptionEntry, ListTable, Pack, Rate, Rule
from txmon.language.names import NAME
from txmon.language.problems import Code, closest
from txmon.language.rule import check_rule
from txmon.language.strata import fits, with_sources
from txmon.model import SEVERITIES, PackDocument, RuleDocument
from txmon.packs.documents import Scalar, Tree, read_document
from txmon.packs.exceptions import read_exceptions
from txmon.packs.folder import PackFiles, find_files, shipped_pack
from txmon.packs.header import holidays, read_header
from txmon.packs.readers import check_readers, files_read
from txmon.packs.reference import read_list, read_rates
from txmon.packs.settings import apply_settings
from txmon.packs.validate import find, locate, salvage, validate

if TYPE_CHECKING:
    from txmon.language.scope import PackScope

Settings = Mapping[str, str]


_HEADER = {
    "version": "0.0.0",
    "title": "?",
    "typology": "unknown",
    "severity": "info",
    "status": "draft",
}
"""Stand-ins for faulty header keys of a rule whose logic is checked all the same."""

_ASIDE = frozenset(
    {"id", *_HEADER, "description", "references", "false_positives", "alert"},
)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule's document with the tree that it was read from."""

    path: Path
    tree: Tree
    document: RuleDocument


@dataclass(slots=True)
class _Loading:
    """One load: its files, settings, and findings so far."""

    files: PackFiles
    settings: Settings
    findings: list[Finding] = field(default_factory=list)
    _asked: frozenset[str] = frozenset()

    def pack(self) -> Pack | None:
        self.findings += self.files.findings
        header = self._header()
        if header is None:
            return None
        document, scope, tables = header
        rates = self._rates(document.currency)
        rules = self._rules(scope)
        exceptions = self._exceptions(rules, scope)
        if any(not finding.warning for finding in self.findings):
            return None
        return Pack(
            name=document.name,
            version=document.version,
            currency=document.currency,
            timezone=document.timezone,
            columns=scope.schema.columns,
            values=document.values,
            rules=tuple(sorted(rules, key=lambda rule: rule.id)),
            lists=tables,
            rates=rates,
            content_hash=self.files.content_hash(),
            path=str(self.files.root),
            asked=self._asked,
            exceptions=exceptions,
            holidays=holidays(document, scope),
        )

    def _header(self) -> tuple[PackDocument, PackScope, dict[str, ListTable]] | None:
        if not self.files.pack.is_file():
            return None
        tables, broken = self._lists()
        document, scope, findings = read_header(self.files.pack, tables, broken)
        self.findings += findings
        if document is None:
            # Without pack.yaml the rules' names mean nothing: their shape can still be checked.
            for path in self.files.rules:
                self._rule_file(path)
            return None
        return document, scope, tables

    def _lists(self) -> tuple[dict[str, ListTable], frozenset[str]]:
        tables: dict[str, ListTable] = {}
        for path in self.files.lists:
            table, findings = read_list(path)
            self.findings += findings
            if not NAME.fullmatch(path.stem):
                self.findings.append(_unnamable(path))
            if table is not None:
                tables[path.stem] = table
        return tables, frozenset(path.stem for path in self.files.lists) - set(tables)

    def _rates(self, currency: str) -> tuple[Rate, ...]:
        if self.files.rates is None:
            return ()
        rates, findings = read_rates(self.files.rates, currency)
        self.findings += findings
        return rates

    def _exceptions(self, rules: Sequence[Rule], scope: PackScope) -> tuple[ExceptionEntry, ...]:
        path = self.files.exceptions
        # Where a rule is wrong its exceptions would seem so too.
        if path is None or any(not finding.warning for finding in self.findings):
            return ()
        whole = not set(self.files.others) - set(self.files.rules)
        entries, findings = read_exceptions(path, rules, scope, whole=whole)
        self.findings += findings
        return entries

    def _rules(self, scope: PackScope) -> list[Rule]:
        read = [self._rule_file(path) for path in self.files.rules]
        files = [file for file in read if file is not None]
        if self.files.single:
            self._asked = frozenset(file.document.id for file in files)
        files += self._read_by(files)
        self._ids(files)
        self.findings += check_readers(files)
        documents, findings = apply_settings([file.document for file in files], self.settings)
        self.findings += findings
        rules: list[Rule] = []
        for file, document in zip(files, documents, strict=True):
            rule, faults = check_rule(document, scope, str(file.path))
            self.findings += [locate(file.tree, fault) for fault in faults.found]
            if rule is not None:
                rules.append(rule)
        return rules

    def _read_by(self, files: Sequence[RuleFile]) -> list[RuleFile]:
        """The other rules of the pack that those asked for read."""
        paths = files_read([file.document for file in files], self.files.others)
        self.files = replace(self.files, rules=(*self.files.rules, *paths))
        read = [self._rule_file(path) for path in paths]
        return [file for file in read if file is not None]

    def _rule_file(self, path: Path) -> RuleFile | None:
        tree, findings = read_document(path)
        self.findings += findings
        if tree is None:
            return None
        document, faults = validate(tree, RuleDocument)
        self.findings += faults
        document = document or salvage(
            tree, RuleDocument, {"id": f"{path.stem}-", **_HEADER}, _ASIDE
        )
        return None if document is None else RuleFile(path, tree, document)

    def _ids(self, files: Sequence[RuleFile]) -> None:
        first: dict[str, Path] = {}
        for file in files:
            name = file.document.id
            if name in first:
                message = f"a second rule '{name}'; the first is in {first[name]}"
                self.findings.append(_at_id(file, message))
            first.setdefault(name, file.path)


def _unnamable(path: Path) -> Finding:
    message = f"'{path.stem}' cannot be a list's name, so no rule could use it"
    advice = "a name is a letter, then letters, digits and _"
    return Finding(Code.BAD_NAME, message, Location(str(path), 1, 1), "", advice)


def _at_id(file: RuleFile, message: str) -> Finding:
    scalar = find(file.tree, ("id",))
    if not isinstance(scalar, Scalar):
        return Finding(Code.DUPLICATE_RULE, message, Location(str(file.path), 1, 1))
    return scalar.finding(Code.DUPLICATE_RULE, message, 0, len(scalar.text))


def check_pack(
    path: str | Path | None = None, *, settings: Settings | None = None
) -> tuple[Pack | None, tuple[Finding, ...]]:
    """The pack of a folder, or of one rule file, and every finding in order of file and place.

    The pack is None if anything is wrong; warnings let it stand. ``None`` as path means
    the shipped pack; ``settings`` are texts for params by ``rule.param``.
    """
    where = shipped_pack() if path is None else Path(path)
    loading = _Loading(find_files(where), settings or {})
    pack = loading.pack()
    ordered = sorted(loading.findings, key=lambda finding: (finding.location, finding.code))
    return pack, tuple(dict.fromkeys(ordered))


def load_pack(
    path: str | Path | None = None,
    *,
    settings: Settings | None = None,
    select: Sequence[str] = (),
) -> Pack:
    """The pack of a folder, or of one rule file; by default the shipped pack.

    Args:
        path: a pack folder, or a rule file within one.
        settings: texts for params by ``rule.param``; they take the place of the default.
        select: rule ids, typologies (with all below them) or severities; all rules if empty.
            Rules over alerts bring the rules that they read.

    Raises:
        PackError: with every error of every file.
    """
    pack, findings = check_pack(path, settings=settings)
    if pack is None:
        raise PackError(findings)
    chosen = (select,) if isinstance(select, str) else select
    return _selected(pack, chosen) if chosen else pack


def _selected(pack: Pack, select: Sequence[str]) -> Pack:
    empty = [word for word in select if not any(_chosen(rule, word) for rule in pack.rules)]
    if empty:
        raise PackError([_matches_nothing(pack, word) for word in empty])
    chosen = [rule for rule in pack.rules if any(_chosen(rule, word) for word in select)]
    asked = pack.asked | {rule.id for rule in chosen if rule.id in select}
    return replace(pack, rules=with_sources(chosen, pack.rules), asked=asked)


def _chosen(rule: Rule, word: str) -> bool:
    return fits(word, rule) or word == rule.severity.value


def _matches_nothing(pack: Pack, word: str) -> Finding:
    known = [name for rule in pack.rules for name in (rule.id, rule.typology)]
    match = closest(word, [*known, *SEVERITIES])
    advice = f"did you mean '{match}'?" if match else "select an id, a typology or a severity"
    message = f"'{word}' matches no rule of the pack"
    location = Location("select", 1, 1, max(1, len(word)))
    return Finding(Code.SELECTION, message, location, word, advice)
