"""Case results as JUnit XML, which build servers show: a suite a rule, a test a case."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from txmon.report.words import clean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.authoring import CaseReport, CaseResult
    from txmon.errors import Finding

FILES = "files"
"""The suite of what is wrong with case files, pack and rules."""


def junit_report(report: CaseReport) -> str:
    """The XML of a report; the same for the same cases, so it tells no times.

    A case to do that differs is skipped, for its reason. What is wrong with the files is an error
    each, in a suite of its own.
    """
    root = ET.Element("testsuites", name="txmon")
    suites: dict[str, list[CaseResult]] = {}
    for result in report.results:
        suites.setdefault(result.rule, []).append(result)
    for rule, results in suites.items():
        _suite(root, rule, results)
    if report.findings:
        _findings(root, report.findings)
    for name in ("tests", "failures", "errors", "skipped"):
        root.set(name, str(sum(int(suite.get(name, "0")) for suite in root)))
    ET.indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, rule: str, results: Sequence[CaseResult]) -> None:
    skipped = sum(not result.passed and not result.failed for result in results)
    failed = sum(result.failed for result in results)
    suite = _counted(root, rule, len(results), failures=failed, skipped=skipped)
    for result in results:
        case = _case(suite, rule, result.name, result.file, result.line)
        if result.failed:
            told = ET.SubElement(case, "failure", message=clean(result.lines[0]))
            told.text = clean("\n".join(result.lines))
        elif not result.passed:
            ET.SubElement(case, "skipped", message=clean(f"todo: {result.todo}"))


def _findings(root: ET.Element, findings: Sequence[Finding]) -> None:
    suite = _counted(root, FILES, len(findings), errors=len(findings))
    for finding in findings:
        place = finding.location
        name = f"{place.path}:{place.line}:{place.column}"
        case = _case(suite, FILES, name, place.path, place.line)
        error = ET.SubElement(case, "error", message=clean(finding.message), type=finding.code)
        error.text = clean(str(finding))


def _counted(
    root: ET.Element, name: str, tests: int, failures: int = 0, errors: int = 0, skipped: int = 0
) -> ET.Element:
    counts = {"tests": tests, "failures": failures, "errors": errors, "skipped": skipped}
    told = {key: str(number) for key, number in counts.items()}
    return ET.SubElement(root, "testsuite", {"name": clean(name), **told})


def _case(suite: ET.Element, rule: str, name: str, file: str, line: int) -> ET.Element:
    told = {"classname": rule, "name": name, "file": file, "line": str(line)}
    return ET.SubElement(suite, "testcase", {key: clean(text) for key, text in told.items()})
