"""Settings: texts that take the place of params' defaults."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.errors import Finding, Location
from txmon.language.problems import Code, ExpressionError, did_you_mean
from txmon.language.values import read_value
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.model import ParamDocument, RuleDocument


def apply_settings(
    documents: Sequence[RuleDocument], settings: Mapping[str, str]
) -> tuple[list[RuleDocument], list[Finding]]:
    """The documents with the settings put in, and what is wrong with the settings."""
    by_id = {document.id: document for document in documents}
    findings: list[Finding] = []
    for name, text in settings.items():
        rule, _, param = name.partition(".")
        problem = _problem(by_id, rule, param, text)
        if problem is not None:
            findings.append(_finding(f"{name}={text}", *problem))
        else:
            by_id[rule] = _with(by_id[rule], param, text)
    return [by_id[document.id] for document in documents], findings


def _finding(shown: str, start: int, message: str, advice: str) -> Finding:
    location = Location("settings", 1, start + 1, max(1, len(shown) - start))
    return Finding(Code.SETTING, message, location, shown, advice)


def _problem(
    by_id: Mapping[str, RuleDocument], rule: str, param: str, text: str
) -> tuple[int, str, str] | None:
    if rule not in by_id:
        return 0, f"there is no rule '{rule}'", did_you_mean(rule, by_id)
    params = by_id[rule].params
    start = len(rule) + 1
    if param not in params:
        message = f"rule '{rule}' has no param '{param}'"
        return start, message, did_you_mean(param, params) or _known(params)
    kind = Kind(params[param].type)
    if kind is Kind.LIST:
        return None
    try:
        read_value(kind, text)
    except ExpressionError as error:
        return start + len(param) + 1, error.problem.message, error.problem.help
    return None


def _known(params: Mapping[str, ParamDocument]) -> str:
    return f"its params are: {', '.join(params)}" if params else "it has no params"


def _with(document: RuleDocument, param: str, text: str) -> RuleDocument:
    old = document.params[param]
    value = tuple(part.strip() for part in text.split(",")) if old.type == Kind.LIST else text
    params = {**document.params, param: old.model_copy(update={"default": value})}
    return document.model_copy(update={"params": params})
