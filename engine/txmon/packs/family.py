"""Packs over packs: a pack with those that it extends, each before what is built on it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from os.path import normpath
from pathlib import Path
from typing import TYPE_CHECKING

from txmon.language.problems import WHOLE, Code, Fault, Problem
from txmon.model import PackDocument
from txmon.packs.documents import read_document
from txmon.packs.folder import PACK_FILE, PackFiles, find_files, shipped_pack
from txmon.packs.validate import locate, validate

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from txmon.errors import Finding
    from txmon.packs.documents import Tree

    Way = dict[Path, str]

SHIPPED = "telefraud"
"""The name under which the pack that comes with txmon is extended."""


@dataclass(frozen=True, slots=True)
class Member:
    """One pack of a family: its files, and pack.yaml as it was read."""

    files: PackFiles
    tree: Tree
    document: PackDocument

    def with_rules(self, paths: Collection[Path]) -> Member:
        """The pack with those of its other rules that are among the paths."""
        more = tuple(path for path in self.files.others if path in paths)
        return replace(self, files=replace(self.files, rules=(*self.files.rules, *more)))


@dataclass(slots=True)
class _Gathering:
    """Follows ``extends`` from pack to pack; ``way`` are the packs that led here, with names."""

    with_rules: bool
    members: dict[Path, Member] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    files: list[PackFiles] = field(default_factory=list)
    complete: bool = True

    def visit(self, files: PackFiles, way: Way | None = None) -> None:
        self.files.append(files)
        tree, document = self._read(files)
        if tree is None or document is None:
            self.complete = False
            return
        here = files.root.resolve()
        further = {**(way or {}), here: document.name}
        for position, text in enumerate(document.extends):
            self._base(files, text, Fault(("extends", position), _NOTHING), tree, further)
        self.members[here] = Member(files, tree, document)

    def _read(self, files: PackFiles) -> tuple[Tree | None, PackDocument | None]:
        tree, findings = read_document(files.pack)
        self.findings += findings
        if tree is None:
            return None, None
        document, wrong = validate(tree, PackDocument)
        self.findings += wrong
        return tree, document

    def _base(self, files: PackFiles, text: str, fault: Fault, tree: Tree, way: Way) -> None:
        folder = _folder(files.root, text)
        if folder is None or not (folder / PACK_FILE).is_file():
            self.complete = False
            self.findings.append(locate(tree, replace(fault, problem=_no_pack(text, folder))))
        elif folder.resolve() in way:
            self.complete = False
            self.findings.append(locate(tree, replace(fault, problem=_circle(folder, way))))
        elif folder.resolve() not in self.members:
            base = find_files(folder)
            self.findings += base.findings
            self.visit(base if self.with_rules else replace(base, rules=(), others=base.rules), way)


_NOTHING = Problem(Code.BAD_VALUE, "", 0, WHOLE)


@dataclass(frozen=True, slots=True)
class Family:
    """The packs that a pack is built on, the lowest first, the pack itself last.

    ``complete`` if every pack.yaml could be read; ``findings`` say what was wrong. ``files`` are
    also of packs whose pack.yaml could not.
    """

    members: tuple[Member, ...]
    files: tuple[PackFiles, ...]
    complete: bool
    findings: tuple[Finding, ...]


def gather(files: PackFiles) -> Family:
    """The family of a pack; where not all of it was asked for, without the others' rules."""
    gathering = _Gathering(with_rules=files.whole and not files.single)
    gathering.visit(files)
    members = tuple(gathering.members.values())
    return Family(members, tuple(gathering.files), gathering.complete, tuple(gathering.findings))


def content_hash(members: Sequence[Member], tuning: Path | None) -> str:
    """One hash over the content of all packs and of the tuning of a run, wherever they stand."""
    hashes = [member.files.content_hash() for member in members]
    if tuning is not None:
        hashes.append(sha256(tuning.read_bytes()).hexdigest())
    return hashes[0] if len(hashes) == 1 else sha256("\n".join(hashes).encode()).hexdigest()


def _folder(root: Path, text: str) -> Path | None:
    """The folder of ``telefraud``, or of a path from a pack's folder; None for other names."""
    if text == SHIPPED:
        return shipped_pack()
    return Path(normpath(root / text)) if "/" in text or text.startswith(".") else None


def _no_pack(text: str, folder: Path | None) -> Problem:
    if folder is None:
        message = f"there is no pack '{text}'"
        advice = f"write {SHIPPED}, or a path from this file's folder such as ../{text}"
    else:
        message = f"there is no {PACK_FILE} in {text}"
        advice = "the path starts at the folder of this file"
    return Problem(Code.UNREADABLE, message, 0, WHOLE, advice)


def _circle(folder: Path, way: Way) -> Problem:
    places = list(way)
    names = [way[place] for place in places[places.index(folder.resolve()) :]]
    message = f"packs extend each other in a circle: {' -> '.join([*names, names[0]])}"
    return Problem(Code.CIRCLE, message, 0, WHOLE)
