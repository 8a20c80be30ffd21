"""``txmon schema``: to the screen, or to a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from txmon.authoring.schemas import KINDS, schema_of
from txmon.cli.schema import Kind

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Any]


def test_each_kind_is_printed(txmon: Run) -> None:
    assert sorted(Kind) == sorted(KINDS)
    for kind in KINDS:
        assert json.loads(txmon("schema", kind).out) == schema_of(kind)


def test_all_of_them_into_a_folder(txmon: Run, tmp_path: Path) -> None:
    ran = txmon("schema", "--out", tmp_path / "new")
    assert (ran.code, len(ran.out.splitlines())) == (0, len(KINDS))
    assert {path.name for path in (tmp_path / "new").iterdir()} == {
        f"{kind}.schema.json" for kind in KINDS
    }
    assert txmon("schema", "cases", "--out", tmp_path / "one").code == 0
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["cases.schema.json"]


def test_wrong_use(txmon: Run, tmp_path: Path) -> None:
    assert (txmon("schema").code, "give --out for all" in txmon("schema").err) == (2, True)
    assert txmon("schema", "rules").code == 2
    (tmp_path / "file").write_text("")
    assert txmon("schema", "--out", tmp_path / "file").code == 2
