"""Prose that gives a number or a duration which the rule does not have."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from txmon.authoring.lint.codes import Lint
from txmon.authoring.lint.reading import whole
from txmon.language.habits import DURATION_UNITS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.authoring.lint.reading import RuleReading
    from txmon.language.problems import Fault, Path

_NUMBERS = dict(
    zip(
        ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
        range(1, 11),
        strict=True,
    )
)
_NUMBERS |= {
    "a": 1,
    "an": 1,
    "eleven": 11,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "sixty": 60,
    "ninety": 90,
}
_SECOND = 1_000_000
_UNITS = {
    "second": _SECOND,
    "minute": 60 * _SECOND,
    "hour": 3_600 * _SECOND,
    "day": 86_400 * _SECOND,
    "week": 7 * 86_400 * _SECOND,
}
_SPAN = re.compile(
    rf"\b(?:within|in the last|for at least|over)\s+(\d{{1,4}}|{'|'.join(_NUMBERS)})"
    rf"[ -]({'|'.join(_UNITS)})s?\b",
    re.IGNORECASE,
)
_SHORT = re.compile(r"\bwithin\s+(\d{1,4})(min|h|d|w)\b")
_AMOUNT = re.compile(
    r"\b(?:at least|more than|above|below|at most|less than|under)\s+"
    r"(\d{1,3}(?:[,_]\d{3})+|\d{4,})(?:\.\d+)?\b(?![-/]| (?:payments|accounts|days))"
)
_WRITTEN = re.compile(r"(?<![\w.])(\d+)(ms|s|min|h|d|w)(?!\w)")
_DIGITS = re.compile(r"(?<![\w.])\d[\d_]*(?:\.\d+)?")


def lint_prose(rule: RuleReading) -> Iterator[Fault]:
    """Title and description against params and written numbers; only what can be told surely.

    Durations are compared if the rule has any of its own, amounts likewise.
    """
    document = rule.document
    written = [*document.features.values(), *_conditions(rule)]
    written += [text for param in document.params.values() for text in _values(param.default)]
    written += [
        text
        for param in document.params.values()
        for cases in param.vary.values()
        for value in cases.values()
        for text in _values(value)
    ]
    spans = {
        int(number) * DURATION_UNITS[unit]
        for text in written
        for number, unit in _WRITTEN.findall(text)
    }
    amounts = {float(one.replace("_", "")) for text in written for one in _DIGITS.findall(text)}
    texts: list[tuple[Path, str]] = [
        (("title",), document.title),
        (("description",), document.description),
    ]
    texts += [(("false_positives", at), text) for at, text in enumerate(document.false_positives)]
    for path, text in texts:
        yield from _durations(path, text, spans)
        if path[0] != "false_positives":
            yield from _amounts(path, text, amounts)


def _values(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _conditions(rule: RuleReading) -> Iterator[str]:
    document = rule.document
    yield from filter(None, (document.where, document.needs, document.when))
    yield from (level.when for level in document.levels or ())
    if document.alert.suppress is not None:
        yield document.alert.suppress.span
    if document.sequence is not None:
        yield from filter(None, (document.sequence.within,))
        for step in document.sequence.steps:
            yield from (text for one in step.values() for text in (one.when, one.within or ""))
    if document.graph is not None:
        yield str(document.graph.model_dump())


def _durations(path: Path, text: str, spans: set[int]) -> Iterator[Fault]:
    told = [(found[0], _spoken(found[1], found[2])) for found in _SPAN.finditer(text)]
    told += [
        (found[0], int(found[1]) * DURATION_UNITS[found[2]]) for found in _SHORT.finditer(text)
    ]
    for words, span in told:
        if spans and span not in spans:
            message = f"'{words}' is no duration of this rule"
            yield whole(path, Lint.PROSE, message, "say what the params say, or leave it out")


def _spoken(number: str, unit: str) -> int:
    count = int(number) if number.isdigit() else _NUMBERS[number.lower()]
    return count * _UNITS[unit.lower()]


def _amounts(path: Path, text: str, amounts: set[float]) -> Iterator[Fault]:
    for found in _AMOUNT.finditer(text):
        value = float(found[1].replace(",", "").replace("_", ""))
        if amounts and value not in amounts:
            message = f"'{found[0]}' is no amount of this rule"
            yield whole(path, Lint.PROSE, message, "say what the params say, or leave it out")
