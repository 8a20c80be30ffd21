"""Case files -> their documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from txmon.model import CaseFileDocument
from txmon.packs.documents import Tree, read_document
from txmon.packs.folder import CASES_SUFFIX
from txmon.packs.validate import validate

if TYPE_CHECKING:
    from txmon.errors import Finding


def load_cases(
    path: str | Path,
) -> tuple[CaseFileDocument | None, Tree | None, tuple[Finding, ...]]:
    """A case file's document and located tree, or None, and what is wrong with its shape."""
    tree, findings = read_document(path)
    if tree is None:
        return None, None, findings
    document, wrong = validate(tree, CaseFileDocument)
    return (None if findings else document), tree, (*findings, *wrong)


def cases_beside(rule: str | Path) -> Path:
    """The case file that belongs to a rule file, whether or not it exists."""
    path = Path(rule)
    return path.with_name(path.stem + CASES_SUFFIX)
