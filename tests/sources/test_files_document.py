"""docs/files.md says what is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from txmon.schema import STANDARD, Schema
from txmon.sources import Reason, load_mapping
from txmon.sources.column_map import ColumnMap

DOCUMENT = (Path(__file__).parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
MAPPINGS = re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL)


@pytest.mark.parametrize("text", MAPPINGS, ids=range(len(MAPPINGS)))
def test_every_mapping_shown_loads(text: str, tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text(text)

    assert load_mapping(path, Schema.with_columns({})).columns


def test_every_reason_is_explained() -> None:
    assert [reason for reason in Reason if f"`{reason}`" not in DOCUMENT] == []


def test_every_column_and_mapping_key_is_named() -> None:
    keys = {field.alias or name for name, field in ColumnMap.model_fields.items()}

    assert [name for name in (*STANDARD, *sorted(keys)) if f"`{name}" not in DOCUMENT] == []
