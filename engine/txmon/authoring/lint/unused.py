"""What a rule or pack declares and nothing reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from txmon.authoring.lint.codes import Lint
from txmon.authoring.lint.reading import at_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.authoring.lint.reading import RuleReading
    from txmon.language.problems import Fault
    from txmon.model import Document, RuleDocument

_WORD = re.compile(r"[A-Za-z]\w*")
_PLACE = re.compile(r"\{([^{}]*)\}")
_PROSE = {"title", "description", "references", "false_positives", "lint"}
_OWN = {"params", "features", "alert", "levels"}


def lint_unused(rule: RuleReading) -> Iterator[Fault]:
    """Params and features of a rule that nothing in it reads."""
    document = rule.document
    read = words(document)
    for name in document.params:
        if name not in read:
            message = f"nothing reads the param '{name}'"
            advice = "use its name instead of the number that it stands for, or take it out"
            yield at_key(("params", name), Lint.UNUSED_PARAM, message, advice)
    for name in document.features:
        if name not in read:
            message = f"nothing reads the feature '{name}'"
            advice = "put it into when or into the message, or take it out"
            yield at_key(("features", name), Lint.UNUSED_FEATURE, message, advice)


def words(document: RuleDocument) -> frozenset[str]:
    """Every name that the logic of a rule and its messages mention."""
    rest = [*_texts(document, _PROSE | _OWN), *_messages(document)]
    rest += [text for item in document.levels or () for text in _texts(item, {"message"})]
    if document.alert.suppress is not None:
        rest.append(document.alert.suppress.span)
    features = {name: set(_WORD.findall(text)) for name, text in document.features.items()}
    return frozenset(word for text in rest for word in _WORD.findall(text)).union(
        *(found - {name} for name, found in features.items())
    )


def _messages(document: RuleDocument) -> Iterator[str]:
    texts = [document.alert.message, *(level.message for level in document.levels or ())]
    for text in texts:
        yield from _PLACE.findall(text or "")


def _texts(document: Document, without: set[str]) -> Iterator[str]:
    dumped = document.model_dump(exclude=without, exclude_defaults=True)
    yield from _strings(dumped)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
