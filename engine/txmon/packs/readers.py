"""Rules that read the alerts of others: every name they give, and no circle among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.problems import WHOLE, Code, Fault, Problem, did_you_mean
from txmon.language.strata import SHADOW, circles, fits, with_sources
from txmon.model import RuleDocument
from txmon.packs.documents import read_document
from txmon.packs.validate import locate, validate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from txmon.errors import Finding
    from txmon.packs.load import RuleFile

DRAFT = "draft"


def files_read(asked: Sequence[RuleDocument], others: Iterable[Path]) -> list[Path]:
    """Those of the pack's other rule files that the rules asked for read, directly or not."""
    if not any(document.sources for document in asked):
        return []
    documents = {path: document for path in others if (document := _document(path)) is not None}
    known = [*asked, *documents.values()]
    found = {document.id for document in with_sources(asked, known)}
    return [path for path, document in documents.items() if document.id in found]


def _document(path: Path) -> RuleDocument | None:
    tree, _ = read_document(path)
    return None if tree is None else validate(tree, RuleDocument)[0]


def check_readers(files: Sequence[RuleFile]) -> list[Finding]:
    """What is wrong with what the rules of a pack read."""
    documents = [file.document for file in files]
    by_id = {file.document.id: file for file in files}
    findings = [finding for file in files for finding in _names(file, documents)]
    for way in circles(documents):
        message = f"rules read each other's alerts in a circle: {' -> '.join(way)}"
        advice = "a rule over alerts reads rules that do not read it, or a typology it is not in"
        problem = Problem(Code.CIRCLE, message, 0, WHOLE, advice)
        findings.append(locate(by_id[way[0]].tree, Fault(("from",), problem, on_key=True)))
    return findings


def _names(file: RuleFile, documents: Sequence[RuleDocument]) -> list[Finding]:
    reader, found = file.document, []
    for position, word in enumerate(reader.sources):
        read = [document for document in documents if fits(word, document)]
        problem = _problem(reader, word, read, documents)
        if problem is not None:
            found.append(locate(file.tree, Fault(("from", position), problem)))
    return found


def _problem(
    reader: RuleDocument,
    word: str,
    read: Sequence[RuleDocument],
    documents: Sequence[RuleDocument],
) -> Problem | None:
    if not read:
        known = [name for document in documents for name in (document.id, document.typology)]
        message = f"the pack has no rule and no typology '{word}'"
        advice = did_you_mean(word, known) or "name a rule's id, or a typology with all below it"
        return Problem(Code.SOURCE, message, 0, WHOLE, advice)
    silent = {DRAFT} if reader.status == SHADOW else {DRAFT, SHADOW}
    if reader.status == DRAFT or any(rule.status not in silent for rule in read):
        return None
    statuses = sorted({rule.status for rule in read})
    message = f"'{word}' names only rules in {' or '.join(statuses)}, whose alerts it does not get"
    advice = "a draft raises none" if statuses == [DRAFT] else "only a rule in shadow reads shadow"
    return Problem(Code.SILENT_SOURCE, message, 0, WHOLE, f"{advice}; give them another status")
