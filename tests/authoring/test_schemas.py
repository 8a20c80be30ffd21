"""JSON Schemas: committed as they are printed, kept by every file here, strict on others."""

from __future__ import annotations

import json
import re
from datetime import date
from os.path import relpath
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from txmon.authoring.schemas import KINDS, schema_of, schema_text

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "docs" / "schemas"
BESIDE = {"pack.yaml": "pack", "tuning.yaml": "tuning", "exceptions.yaml": "exceptions"}
SHIPPED = sorted([*(ROOT / "rules").rglob("*.yaml"), *(ROOT / "docs/mappings").glob("*.yaml")])
YARDSTICK = sorted((ROOT / "tests/yardstick").rglob("*.yaml"))
RULE = {
    "id": "a-rule",
    "version": "1.0.0",
    "title": "A rule",
    "typology": "test.rule",
    "severity": "low",
    "status": "draft",
    "when": "amount > 5",
}


def kind_of(path: Path) -> str:
    if path.parent.name == "mappings":
        return "mapping"
    return BESIDE.get(path.name, "cases" if path.name.endswith(".cases.yaml") else "rule")


def as_json(value: Any) -> Any:
    """A document as JSON can hold it: days are texts to an editor."""
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_json(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def read(text: str) -> Any:
    return as_json(YAML(typ="safe", pure=True).load(text))


def faults(kind: str, document: Any) -> list[str]:
    found = Draft202012Validator(schema_of(kind)).iter_errors(document)
    return [f"{'.'.join(map(str, one.absolute_path))}: {one.message}" for one in found]


@pytest.mark.parametrize("kind", KINDS)
def test_the_committed_schema_is_what_the_command_prints(kind: str) -> None:
    committed = (SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(kind), "txmon schema --out docs/schemas"
    Draft202012Validator.check_schema(json.loads(committed))


def test_there_is_no_other_schema() -> None:
    assert {path.name for path in SCHEMAS.iterdir()} == {f"{kind}.schema.json" for kind in KINDS}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "mapping"])
def test_every_key_is_explained(kind: str) -> None:
    schema = schema_of(kind)
    parts = [schema, *schema.get("$defs", {}).values()]
    bare = [
        key
        for part in parts
        for key, shape in part.get("properties", {}).items()
        if not shape.get("description") and "$ref" not in shape
    ]
    assert bare == []


@pytest.mark.parametrize("path", [*SHIPPED, *YARDSTICK], ids=lambda path: path.stem)
def test_every_file_keeps_its_schema(path: Path) -> None:
    assert faults(kind_of(path), read(path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_file_names_its_schema(path: Path) -> None:
    first = path.read_text(encoding="utf-8").splitlines()[0]
    target = relpath(SCHEMAS / f"{kind_of(path)}.schema.json", path.parent)
    assert first == f"# yaml-language-server: $schema={target}"
    assert (path.parent / target).is_file()


@pytest.mark.parametrize(
    "change",
    [
        {"whn": "amount > 5"},
        {"severity": "hihg"},
        {"status": "live"},
        {"id": "A Rule"},
        {"version": "1.0"},
        {"typology": "Test"},
        {"params": {"x": {"type": "money"}}},
        {"params": {"x": {"type": "euro", "default": 5}}},
        {"alert": {"supress": "24h"}},
        {"alert": {"suppress": {"by": "subject"}}},
        {"graph": {"cycle": {"hops": "3..5"}}},
        {"graph": {"cycle": {"hops": "3..5", "within": "3d", "middles": "3.."}}},
        {"sequence": {"within": "3d"}},
        {"lint": [{"code": "L107"}]},
        {"lint": [{"code": "L999", "reason": "x"}]},
        {"levels": [{"severity": "low"}]},
    ],
)
def test_what_is_wrong_is_underlined_while_it_is_typed(change: dict[str, Any]) -> None:
    assert faults("rule", RULE) == []
    assert len(faults("rule", {**RULE, **change})) >= 1


def test_a_rule_asks_something() -> None:
    assert faults("rule", {key: value for key, value in RULE.items() if key != "when"})


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("rule", "alert: {suppress: 24h, score: 40, exceptable: creditor_account}"),
        ("rule", "alert: {suppress: {for: span, by: subject}}\nreferences: [A1]"),
        ("rule", "params: {on: {type: bool, default: true}, n: {type: int, default: 4}}"),
        ("rule", "params: {day: {type: date, default: 2026-01-31}}"),
        ("rule", "params: {l: {type: list, default: ['7995', 6051]}}\nby: [a, b]"),
        ("rule", "sequence: {within: 3d, steps: [{'bait{2,5}': amount > 5}]}"),
        ("rule", "sequence: {steps: [{a: amount > 5}, {b: {when: amount > 5, within: 1d}}]}"),
        ("rule", "graph: {shared: {via: phone, others: 2.., within: 3d}}"),
        ("tuning", "rules: {a-rule: {enabled: false, params: {x: 5, y: {default: 3}}}}"),
        (
            "exceptions",
            "exceptions: [{rule: x, for: {a: L1}, owner: o, reason: r, until: 2026-01-31}]",
        ),
    ],
)
def test_what_is_right_is_not(kind: str, text: str) -> None:
    document = read(text)
    assert faults(kind, {**RULE, **document} if kind == "rule" else document) == []


def test_patterns_of_the_models_are_in_the_schema() -> None:
    pattern = schema_of("rule")["properties"]["id"]["pattern"]
    assert re.search(pattern, "a-rule")
    assert not re.search(pattern, "a-rule and more")
