"""The JSON Schema of mappings, for editors that complete and check YAML."""

from __future__ import annotations

import re
from typing import Any

from txmon.sources.column_map import SOURCE_TYPES
from txmon.sources.mapping import InputMapping

SCHEMA_ID = "https://json-schema.org/draft/2020-12/schema"
_ALIASES = {"joiner": "with"}
_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)
_SCALAR = ["string", "number", "boolean"]


def mapping_schema() -> dict[str, Any]:
    """The JSON Schema of a mapping's file.

    Every text may be written as YAML writes a number or a truth value, for each is taken as it
    stands. What a schema cannot know (columns of a pack, expressions) is left to ``load_mapping``.
    """
    schema = loosened(InputMapping.model_json_schema(by_alias=True))
    parts = schema["$defs"]
    for part in (*parts.values(), schema):
        _describe(part)
    _offer(parts["ColumnMap"]["properties"], "row_number", {"enum": [True, "true"]})
    header = parts["CsvForm"]["properties"]
    _offer(header, "header", {"anyOf": [{"enum": [True, "true"]}, header["header"]]})
    named = schema["properties"]["source"]["additionalProperties"]
    named["anyOf"] = [named["anyOf"][0], {"enum": list(SOURCE_TYPES)}]
    return {"$schema": SCHEMA_ID, "title": "A mapping of txmon", **schema}


def _describe(part: dict[str, Any]) -> None:
    """Move the lines of a docstring's ``Attributes`` to the keys that they are about."""
    whole, _, attributes = part["description"].partition("\n\nAttributes:\n")
    part["description"] = whole
    for name, text in _ATTRIBUTE.findall(attributes):
        key = _ALIASES.get(name, name)
        part["properties"][key]["description"] = " ".join(text.split())


def _offer(properties: dict[str, Any], key: str, choices: dict[str, Any]) -> None:
    """Put another choice of values at a key, its description kept."""
    told = {"description": properties[key]["description"]}
    choices.get("anyOf", [{}])[-1].pop("description", None)
    properties[key] = {**told, **choices}


def loosened(node: Any) -> Any:
    """A schema whose texts may look like numbers, without titles and defaults that say nothing."""
    if isinstance(node, list):
        return [loosened(item) for item in node]
    if not isinstance(node, dict):
        return node
    if "enum" in node:
        return {"enum": node["enum"]}
    kept = {key: value for key, value in node.items() if key not in {"title", "default"}}
    if kept.get("type") in {"string", "integer"}:
        return {**kept, "type": _SCALAR}
    return _without_null(kept) if "anyOf" in kept else _partsloosened(kept)


def _without_null(node: dict[str, Any]) -> dict[str, Any]:
    """A choice without the null of a key that may be left out; a choice of one is that one."""
    some = [loosened(item) for item in node.pop("anyOf") if item != {"type": "null"}]
    return {**node, **some[0]} if len(some) == 1 else {**node, "anyOf": some}


def _partsloosened(node: dict[str, Any]) -> dict[str, Any]:
    named = {"properties", "$defs"}
    return {
        key: {name: loosened(part) for name, part in value.items()}
        if key in named
        else loosened(value)
        for key, value in node.items()
    }
