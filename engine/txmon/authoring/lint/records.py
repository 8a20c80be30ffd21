"""What should stand beside a rule: its cases, and what people need to know about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.authoring.lint.codes import Lint
from txmon.authoring.lint.reading import at_key
from txmon.packs.cases import cases_beside, load_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.authoring.lint.reading import RuleReading
    from txmon.language.problems import Fault

STABLE = "stable"
DRAFT = "draft"


def lint_records(rule: RuleReading) -> Iterator[Fault]:
    """What a rule lacks beside its logic."""
    yield from _cases(rule)
    if rule.document.status == STABLE:
        yield from _prose(rule)


def _cases(rule: RuleReading) -> Iterator[Fault]:
    file = cases_beside(rule.file.path)
    if not file.is_file():
        if rule.document.status != DRAFT:
            message = f"there are no cases: {file.name} is not there"
            advice = "write one in which the rule fires and one in which it stays silent"
            yield at_key(("id",), Lint.NO_CASES, message, advice)
        return
    document, _, _ = load_cases(file)
    if document is None:
        return
    expected = [bool(case.expect) for case in document.cases]
    for there, code, what in (
        (any(expected), Lint.NO_FIRING_CASE, "fires"),
        (not all(expected), Lint.NO_SILENT_CASE, "stays silent"),
    ):
        if not there:
            message = f"{file.name} has no case in which the rule {what}"
            yield at_key(("id",), code, message, "txmon test is worth what its cases ask")


def _prose(rule: RuleReading) -> Iterator[Fault]:
    document, alert = rule.document, rule.document.alert
    levels = document.levels or ()
    graded = bool(levels) and all(level.score is not None for level in levels)
    told = bool(levels) and all(level.message is not None for level in levels)
    wanted = (
        (document.description, Lint.NO_DESCRIPTION, "description", "what to look at, and why"),
        (document.references, Lint.NO_REFERENCES, "references", "where the rule comes from"),
        (
            document.false_positives,
            Lint.NO_FALSE_POSITIVES,
            "false_positives",
            "which honest payments look the same",
        ),
        (alert.score is not None or graded, Lint.NO_SCORE, "alert.score", "which alert goes first"),
        (alert.message or told, Lint.NO_MESSAGE, "alert.message", "the investigator's sentence"),
    )
    for there, code, key, why in wanted:
        if not there:
            message = f"a stable rule has a {key.rpartition('.')[2]}"
            yield at_key(("id",), code, message, f"write {key}: {why}")
