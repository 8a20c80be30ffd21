"""A pack on disk -> a checked pack, or every error of every file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from txmon.errors import Finding, Location, PackError
from txmon.language.checked import ExceptionEntry, ListTable, Pack, Rate, Rule
from txmon.language.problems import Code, closest
from txmon.language.rule import check_rule
from txmon.language.strata import fits, with_sources
from txmon.model import SEVERITIES, RuleDocument
from txmon.packs.documents import Scalar, Tree, read_document
from txmon.packs.exceptions import read_exceptions
from txmon.packs.family import Member, content_hash, gather
from txmon.packs.folder import PackFiles, find_files, shipped_pack
from txmon.packs.header import holidays, read_header
from txmon.packs.readers import check_readers, files_read
from txmon.packs.reference import family_rates, read_lists
from txmon.packs.settings import apply_settings
from txmon.packs.tuning import Tuned, read_tuning, tune
from txmon.packs.validate import find, locate, salvage, validate

if TYPE_CHECKING:
    from txmon.language.problems import Fault
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
    {"id", *_HEADER, "description", "references", "false_positives", "alert", "lint"},
)


@dataclass(frozen=True, slots=True)
class RuleFile:
    """A rule's document with the tree that it was read from."""

    path: Path
    tree: Tree
    document: RuleDocument


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of a pack: the pack itself, what is wrong, and what it was made from.

    ``pack`` and ``scope`` are None where they cannot be had. ``rules`` are the files of the rules
    that were asked for and of those that they read; ``members`` the packs, the lowest first.
    """

    pack: Pack | None
    findings: tuple[Finding, ...]
    rules: tuple[RuleFile, ...] = ()
    scope: PackScope | None = None
    members: tuple[Member, ...] = ()


@dataclass(slots=True)
class Loading:
    """One load: its files, what is changed for it, and findings so far.

    Once ``pack`` was asked for, ``scope`` is what its rules could name, and ``tuned_rules`` are
    their files with their documents as tuned and set.
    """

    files: PackFiles
    settings: Settings
    tuning: Path | None = None
    tuned: bool = True
    findings: list[Finding] = field(default_factory=list)
    scope: PackScope | None = None
    tuned_rules: tuple[tuple[RuleFile, Tuned], ...] = ()
    _asked: frozenset[str] = frozenset()
    _members: tuple[Member, ...] = ()

    def read(self) -> Read:
        """The pack, and what it was made from."""
        pack = self.pack()
        ordered = sorted(self.findings, key=lambda finding: (finding.location, finding.code))
        findings = tuple(dict.fromkeys(ordered))
        rules = tuple(file for file, _ in self.tuned_rules)
        return Read(pack, findings, rules, self.scope, self._members)

    def pack(self) -> Pack | None:
        """The pack, or None if something among the findings is wrong with it."""
        self.findings += self.files.findings
        if not self.files.pack.is_file():
            return None
        family = gather(self.files)
        self._members = family.members
        self.findings += family.findings
        if not family.complete:
            self._shapes(family.files)
            return None
        tables, broken = self._lists()
        header, findings = read_header(self._members, tables, broken)
        self.findings += findings
        self.scope = header.scope
        rates, max_age = self._rates()
        rules, off = self._rules(header.scope)
        exceptions = self._exceptions(rules, header.scope)
        if self._broken():
            return None
        document = header.document
        return Pack(
            name=document.name,
            version=document.version,
            currency=document.currency,
            timezone=document.timezone,
            columns=header.scope.schema.columns,
            values=document.values,
            rules=tuple(sorted((r for r in rules if r.id not in off), key=lambda rule: rule.id)),
            lists=tables,
            rates=rates,
            content_hash=content_hash(self._members, self.tuning),
            path=str(self.files.root),
            max_rate_age=max_age,
            asked=self._asked,
            exceptions=exceptions,
            holidays=holidays(document, header.scope),
        )

    def _shapes(self, packs: Sequence[PackFiles]) -> None:
        """Without every pack.yaml the rules' names mean nothing: only their shape is checked."""
        for path in (path for files in packs for path in files.rules):
            self._rule_file(path)

    def _broken(self) -> bool:
        return any(not finding.warning for finding in self.findings)

    def _lists(self) -> tuple[dict[str, ListTable], frozenset[str]]:
        tables, broken, findings = read_lists(self._members)
        self.findings += findings
        return tables, broken

    def _rates(self) -> tuple[tuple[Rate, ...], int | None]:
        rates, max_age, findings = family_rates(self._members)
        self.findings += findings
        return rates, max_age

    def _exceptions(self, rules: Sequence[Rule], scope: PackScope) -> tuple[ExceptionEntry, ...]:
        paths = [one.files.exceptions for one in self._members]
        # Where a rule is wrong its exceptions would seem so too.
        if self._broken():
            return ()
        left = {path for one in self._members for path in one.files.others}
        loaded = {path for one in self._members for path in one.files.rules}
        entries: list[ExceptionEntry] = []
        for path in filter(None, paths):
            read, findings = read_exceptions(
                path, rules, scope, whole=left <= loaded, before=entries
            )
            entries += read
            self.findings += findings
        return tuple(entries)

    def _rules(self, scope: PackScope) -> tuple[list[Rule], frozenset[str]]:
        """Every rule that is right, and the ids of those that are switched off."""
        read = [self._rule_file(path) for one in self._members for path in one.files.rules]
        files = [file for file in read if file is not None]
        if self.files.single:
            self._asked = frozenset(file.document.id for file in files)
        files += self._read_by(files)
        self._ids(files)
        changed = self._changed(files)
        pairs = list(zip(files, changed, strict=True))
        self.tuned_rules = tuple(pairs)
        self.findings += check_readers(
            [replace(file, document=tuned.document) for file, tuned in pairs]
        )
        rules: list[Rule] = []
        for file, tuned in pairs:
            rule, faults = check_rule(tuned.document, scope, str(file.path))
            self.findings += _located(file, tuned, faults.found, scope)
            if rule is not None:
                rules.append(rule)
        return rules, frozenset(one.document.id for one in changed if not one.enabled)

    def _changed(self, files: Sequence[RuleFile]) -> list[Tuned]:
        """The rules with every tuning put in, the lowest pack's first, and then the settings."""
        rules = [Tuned(file.document) for file in files]
        paths = [*(one.files.tuning for one in self._members), self.tuning] if self.tuned else []
        whole = self.files.whole and not self.files.single
        for path in filter(None, paths):
            tuning, findings = read_tuning(path)
            self.findings += findings
            if tuning is not None:
                rules, findings = tune(rules, tuning, whole=whole)
                self.findings += findings
        documents, findings = apply_settings([rule.document for rule in rules], self.settings)
        self.findings += findings
        pairs = zip(rules, documents, strict=True)
        return [replace(rule, document=document) for rule, document in pairs]

    def _read_by(self, files: Sequence[RuleFile]) -> list[RuleFile]:
        """The other rules of the packs that those asked for read."""
        others = [path for one in self._members for path in one.files.others]
        paths = files_read([file.document for file in files], others)
        self._members = tuple(member.with_rules(paths) for member in self._members)
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
                self.findings.append(_at_id(file, message, _tuning_advice(file, first[name])))
            first.setdefault(name, file.path)


def _tuning_advice(file: RuleFile, first: Path) -> str:
    pack = find_files(file.path).root
    return "" if pack in first.parents else "a rule of a pack below is changed by tuning.yaml"


def _at_id(file: RuleFile, message: str, advice: str) -> Finding:
    scalar = find(file.tree, ("id",))
    if not isinstance(scalar, Scalar):
        return Finding(Code.DUPLICATE_RULE, message, Location(str(file.path), 1, 1), "", advice)
    return scalar.finding(Code.DUPLICATE_RULE, message, 0, len(scalar.text), advice)


def _located(
    file: RuleFile, tuned: Tuned, faults: Sequence[Fault], scope: PackScope
) -> list[Finding]:
    """Faults of a rule where they stand: in its file, or in the tuning that brought them."""
    findings = []
    for fault in faults:
        owner = tuned.owner(fault)
        if owner is not None:
            findings.append(owner.locate(file.document.id, fault))
        else:
            findings.append(locate(file.tree, fault))
    wrong = [finding for finding in findings if not finding.warning]
    if not wrong or not tuned.owners or any(map(tuned.owner, faults)):
        return findings
    if check_rule(file.document, scope, str(file.path))[0] is None:
        return findings
    *_, last = tuned.owners.values()
    return [last.blame(file.document.id, finding) for finding in findings]


def check_pack(
    path: str | Path | None = None,
    *,
    settings: Settings | None = None,
    tuning: str | Path | None = None,
    tuned: bool = True,
) -> tuple[Pack | None, tuple[Finding, ...]]:
    """The pack of a folder, or of one rule file, and every finding in order of file and place.

    The pack is None if anything is wrong; warnings let it stand. ``None`` as path means
    the shipped pack; ``settings`` are texts for params by ``rule.param``, ``tuning`` is a file
    like tuning.yaml. Where the pack is not to be ``tuned``, its rules are as they are written.
    """
    read = read_pack(path, settings=settings, tuning=tuning, tuned=tuned)
    return read.pack, read.findings


def read_pack(
    path: str | Path | None = None,
    *,
    settings: Settings | None = None,
    tuning: str | Path | None = None,
    tuned: bool = True,
) -> Read:
    """As ``check_pack``, with the documents that the pack was made from."""
    where = shipped_pack() if path is None else Path(path)
    extra = None if tuning is None else Path(tuning)
    return Loading(find_files(where), settings or {}, extra, tuned).read()


def load_pack(
    path: str | Path | None = None,
    *,
    settings: Settings | None = None,
    tuning: str | Path | None = None,
    select: Sequence[str] = (),
) -> Pack:
    """The pack of a folder, or of one rule file; by default the shipped pack.

    Args:
        path: a pack folder, or a rule file within one.
        settings: texts for params by ``rule.param``; they take the place of the default.
        tuning: a file like tuning.yaml, which comes after the pack's own and before settings.
        select: rule ids, typologies (with all below them) or severities; all rules if empty.
            Rules over alerts bring the rules that they read.

    Raises:
        PackError: with every error of every file.
    """
    pack, findings = check_pack(path, settings=settings, tuning=tuning)
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
