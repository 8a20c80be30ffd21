"""The JSON Schema of mappings takes what is right and refuses what is plainly wrong."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from txmon.sources import mapping_schema
from txmon.sources.column_map import ColumnMap

DOCS = Path(__file__).parents[2] / "docs"
WORKED = sorted((DOCS / "mappings").glob("*.yaml"))
SHOWN = re.findall(r"```yaml\n(.*?)```", (DOCS / "files.md").read_text(encoding="utf-8"), re.DOTALL)
SCHEMA = mapping_schema()
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str, date),  # editors read a day as text
    "number": (int, float),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list, tuple),
}
KNOWN = {
    *("$schema", "$defs", "$ref", "title", "description", "type", "enum", "anyOf", "oneOf"),
    *("properties", "additionalProperties", "required", "items", "minProperties", "maxProperties"),
}


def fits(value: Any, schema: Any) -> bool:
    """Whether a value fits a schema of the few keywords that ours has."""
    if not isinstance(schema, dict):
        return bool(schema)
    assert set(schema) <= KNOWN, set(schema) - KNOWN
    if "$ref" in schema:
        return fits(value, SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    tests = [any(fits(value, some) for some in schema.get("anyOf", [True]))]
    tests.append(sum(fits(value, some) for some in schema.get("oneOf", [True])) == 1)
    if "enum" in schema:
        tests.append(any(value == one and type(value) is type(one) for one in schema["enum"]))
    if "type" in schema:
        names = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        tests.append(any(isinstance(value, TYPES[name]) for name in names))
    if isinstance(value, dict):
        tests.append(_fields_fit(value, schema))
    if isinstance(value, (list, tuple)):
        tests += [fits(item, schema.get("items", True)) for item in value]
    return all(tests)


def _fields_fit(value: dict[str, Any], schema: dict[str, Any]) -> bool:
    known, other = schema.get("properties", {}), schema.get("additionalProperties", True)
    return (
        all(fits(item, known.get(key, other)) for key, item in value.items())
        and all(key in value for key in schema.get("required", ()))
        and schema.get("minProperties", 0) <= len(value) <= schema.get("maxProperties", 99)
    )


def read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize("path", WORKED, ids=lambda path: path.stem)
def test_it_takes_the_worked_mappings(path: Path) -> None:
    assert fits(read(path.read_text(encoding="utf-8")), SCHEMA)


@pytest.mark.parametrize("text", SHOWN, ids=range(len(SHOWN)))
def test_it_takes_the_mappings_of_the_page(text: str) -> None:
    assert fits(read(text), SCHEMA)


def test_texts_may_look_like_numbers_and_truth_values() -> None:
    text = "columns:\n  kind: {column: 7, values: {1: true}, missing: 2.5}\ncsv: {header: true}\n"

    assert fits(read(text), SCHEMA)


@pytest.mark.parametrize(
    "text",
    [
        "colums: {}",
        "columns: {amount: {colum: a}}",
        "columns: {amount: {column: a, constant: b}}",
        "columns: {amount: {decimal: ','}}",
        "columns: {amount: {column: a, round: up}}",
        "columns: {sequence: {row_number: no}}",
        "columns: {amount: {column: a, thousands: x}}",
        "columns: [a]",
        "source: {a: cash}",
        "source: {a: {column: b}}",
        "join: {file: a.csv, on: {account: id}}",
        "join: {file: a.csv, on: {account: id, kind: k}, columns: {segment: s}}",
        "csv: {separator: [a]}",
    ],
)
def test_it_refuses_what_is_plainly_wrong(text: str) -> None:
    assert not fits(read(text), SCHEMA)


def test_every_key_is_described() -> None:
    keys = SCHEMA["$defs"]["ColumnMap"]["properties"]

    assert set(keys) == {field.alias or name for name, field in ColumnMap.model_fields.items()}
    assert [name for name, key in keys.items() if not key.get("description")] == []


def test_the_published_schema_is_this_one() -> None:
    published = (DOCS / "mapping.schema.json").read_text(encoding="utf-8")

    assert json.loads(published) == SCHEMA, "txmon map --schema > docs/mapping.schema.json"
