"""``txmon map``: a draft on stdout or in a file, and the schema of mappings."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from txmon.sources import mapping_schema

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Any]
PAYMENTS = "ref,booked,payer,payee,amount\n1,2026-03-01 09:00:00,A,B,1.50\n"


def payments(folder: Path) -> Path:
    path = folder / "p.csv"
    path.write_text(PAYMENTS, encoding="utf-8")
    return path


def test_a_draft_is_printed_and_its_questions_are_counted(txmon: Run, tmp_path: Path) -> None:
    ran = txmon("map", payments(tmp_path))

    assert ran.code == 0
    assert "  debtor_account: payer\n" in ran.out
    assert "# QUESTION: its times name no zone (2026-03-01 09:00:00)" in ran.out
    assert ran.err == "txmon: 5 columns mapped, 2 questions to answer\n"


def test_a_draft_is_written_once(txmon: Run, tmp_path: Path) -> None:
    path, out = payments(tmp_path), tmp_path / "m.yaml"

    first, again = (txmon("map", path, "--out", out) for _ in range(2))

    assert (first.code, first.out) == (0, "")
    assert "transaction_id: ref" in out.read_text(encoding="utf-8")
    assert again.code == 2
    assert "is there already" in again.err


def test_the_schema_is_printed(txmon: Run) -> None:
    assert json.loads(txmon("map", "--schema").out) == mapping_schema()


def test_a_file_is_needed(txmon: Run, tmp_path: Path) -> None:
    assert "give the file" in txmon("map").err
    missing = txmon("map", tmp_path / "no.csv")
    assert (missing.code, "does not exist" in missing.err) == (2, True)
