"""Findings as SARIF 2.1.0, which code hosts show beside the changed lines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from txmon.authoring.lint.codes import PAGE, Lint
from txmon.authoring.lint.codes import TITLES as LINTS
from txmon.language.problems import TITLES, Code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.errors import Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
ERRORS_PAGE = "docs/errors.md"
_TITLES: dict[str, str] = {
    **{code.value: title for code, title in TITLES.items()},
    **{code.value: title for code, title in LINTS.items()},
}


def help_page(code: str) -> str:
    """Where a code is explained: a page and its part, from the repository's root."""
    page = PAGE if code in set(Lint) else ERRORS_PAGE
    heading = f"{code}: {_TITLES.get(code, '')}".lower()
    slug = re.sub(r"[^\w\- ]", "", heading).strip().replace(" ", "-")
    return f"{page}#{slug}"


def sarif(findings: Sequence[Finding], version: str) -> dict[str, Any]:
    """One run of the tool with its findings; ``version`` is the tool's.

    Paths are as they were given, so run it from the root of the repository.
    """
    codes = sorted({str(finding.code) for finding in findings})
    driver = {
        "name": "txmon",
        "semanticVersion": version,
        "informationUri": "https://pypi.org/project/txmon/",
        "rules": [_rule(code) for code in codes],
    }
    results = [_result(finding, codes) for finding in findings]
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(code: str) -> dict[str, Any]:
    title = _TITLES.get(code, code)
    level = "error" if code in {one.value for one in Code} and code.startswith("E") else "warning"
    return {
        "id": code,
        "shortDescription": {"text": title},
        "helpUri": help_page(code),
        "help": {"text": f"{title}; see {help_page(code)}"},
        "defaultConfiguration": {"level": level},
    }


def _result(finding: Finding, codes: Sequence[str]) -> dict[str, Any]:
    place = finding.location
    region: dict[str, Any] = {
        "startLine": place.line,
        "startColumn": place.column,
        "endColumn": place.column + place.length,
    }
    if finding.source:
        region["snippet"] = {"text": finding.source}
    text = f"{finding.message}. {finding.help}" if finding.help else finding.message
    uri = Path(place.path).as_posix()
    return {
        "ruleId": str(finding.code),
        "ruleIndex": codes.index(str(finding.code)),
        "level": finding.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": uri}, "region": region}}],
    }
