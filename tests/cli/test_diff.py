"""``txmon diff``: its report, its files, its gates and wrong use."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

    Run = Callable[..., Ran]


@pytest.fixture
def looser(pack: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "looser"
    folder.mkdir()
    for file in pack.iterdir():
        text = (
            file.read_text().replace("1_000.00", "700.00").replace("1.0.0\ntitle", "1.1.0\ntitle")
        )
        (folder / file.name).write_text(text)
    return folder


def test_it_tells_rules_alerts_and_reasons(
    txmon: Run, pack: Path, looser: Path, payments: Path, tmp_path: Path
) -> None:
    ran = txmon("diff", pack, looser, payments, "--by", "subject", "--out", tmp_path / "cmp")

    assert (ran.code, ran.err) == (0, "")
    assert "large-payment  1.0.0 -> 1.1.0  another logic" in ran.out
    assert "param limit: 1_000.00 -> 700.00" in ran.out
    assert "amount >= limit: 800.00 against 1,000.00 before, 700.00 now" in " ".join(
        ran.out.split()
    )
    gained = pl.read_parquet(tmp_path / "cmp" / "gained.parquet")
    assert gained["transaction_id"].to_list() == ["T2"]
    assert pl.read_parquet(tmp_path / "cmp" / "lost.parquet").is_empty()


@pytest.mark.parametrize(("gate", "code"), [("0", 1), ("1", 0), ("99%", 1), ("100%", 0)])
def test_gates(gate: str, code: int, txmon: Run, pack: Path, looser: Path, payments: Path) -> None:
    ran = txmon("diff", pack, looser, payments, "--max-gained", gate, "-q")

    told = f"txmon: 1 alert gained, 1 before; --max-gained allows {gate}\n"
    assert (ran.code, ran.out, ran.err) == (code, "", told if code else "")


def test_without_payments_it_looks_for_a_stream(txmon: Run, pack: Path, looser: Path) -> None:
    ran = txmon("diff", pack, looser, "--format", "json")

    apart = json.loads(ran.out)["apart"]["large-payment"]
    assert apart["cases"] >= 2
    assert apart["old"] == "[]"
    assert "D1" in apart["new"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--max-gained", "5"], "there are no alerts without payments"),
        (["--max-lost", "many"], "write a number like 500 or 0.5%"),
        (["--by", "channel"], "there are no alerts without payments"),
    ],
)
def test_wrong_use(more: list[str], words: str, txmon: Run, pack: Path, looser: Path) -> None:
    ran = txmon("diff", pack, looser, *more)
    assert ran.code == 2
    assert words in ran.err
    assert txmon("diff", pack, pack / "none").code == 2
