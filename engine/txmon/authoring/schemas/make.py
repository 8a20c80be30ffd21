"""Documents -> JSON Schemas: keys, patterns and choices from the models, with words beside them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from txmon.authoring.lint.codes import TITLES, Lint
from txmon.authoring.schemas.hover import FILES, PARTS
from txmon.language.graphs import KEYS, NEEDED
from txmon.model import (
    CaseFileDocument,
    Document,
    ExceptionsDocument,
    PackDocument,
    RuleDocument,
    TuningDocument,
)
from txmon.schema import DECLARABLE
from txmon.sources.mapping_schema import SCHEMA_ID, loosened, mapping_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

MAPPING = "mapping"
_MODELS: dict[str, type[Document]] = {
    "rule": RuleDocument,
    "pack": PackDocument,
    "tuning": TuningDocument,
    "cases": CaseFileDocument,
    "exceptions": ExceptionsDocument,
}
KINDS = (*_MODELS, MAPPING)
"""Kinds of files that have a schema."""

_TITLES = {
    "rule": "A rule of txmon",
    "pack": "The pack.yaml of txmon",
    "tuning": "The tuning.yaml of txmon",
    "cases": "A case file of txmon",
    "exceptions": "The exceptions.yaml of txmon",
}
_LOGIC = ("when", "levels", "sequence", "graph")


def schema_of(kind: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a kind of file.

    Texts may be written as YAML writes a number or a truth value: each is taken as it stands. What
    a schema cannot know (names, types, expressions) is left to ``txmon check``.

    Args:
        kind: one of ``KINDS``.
    """
    if kind == MAPPING:
        return mapping_schema()
    made: dict[str, Any] = loosened(_MODELS[kind].model_json_schema(by_alias=True))
    parts: dict[str, Any] = made.get("$defs", {})
    _describe(made["properties"], FILES[kind])
    for name, part in parts.items():
        _describe(part["properties"], PARTS.get(name, {}))
    if kind == "rule":
        made["anyOf"] = [{"required": [key]} for key in _LOGIC]
        parts["GraphDocument"]["properties"] = _patterns(parts["GraphDocument"]["properties"])
    if kind == "tuning":
        parts["TunedRuleDocument"]["properties"]["enabled"]["enum"] += [True, False]
    if kind == "pack":
        parts["ColumnDocument"]["properties"]["type"] |= {"enum": [*DECLARABLE, "number"]}
    if "LintDocument" in parts:
        parts["LintDocument"]["properties"]["code"] = _codes()
    return {"$schema": SCHEMA_ID, "title": _TITLES[kind], **made}


def schema_text(kind: str) -> str:
    """The schema as its file has it."""
    return json.dumps(schema_of(kind), ensure_ascii=False, indent=2) + "\n"


def _describe(properties: dict[str, Any], words: Mapping[str, str]) -> None:
    for key, part in properties.items():
        if key in words:
            told = {name: value for name, value in part.items() if name != "description"}
            properties[key] = {"description": words[key], **told}


def _patterns(properties: dict[str, Any]) -> dict[str, Any]:
    """The four patterns with the keys that each takes."""
    text = {"type": ["string", "number", "boolean"]}
    return {
        shape.value: {
            "description": properties[shape.value]["description"],
            "type": "object",
            "properties": dict.fromkeys(keys, text),
            "required": list(NEEDED[shape]),
            "additionalProperties": False,
        }
        for shape, keys in KEYS.items()
    }


def _codes() -> dict[str, Any]:
    """The codes of lints, each with what it is about."""
    told = [{"const": code.value, "description": TITLES[code]} for code in Lint]
    return {"description": PARTS["LintDocument"]["code"], "oneOf": told}
