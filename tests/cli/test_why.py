"""``txmon why`` in a pipe, as JSON and as a picture."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from txmon.authoring import why
from txmon.packs import load_pack
from txmon.report import plain, why_report

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from cli.conftest import Ran

    Run = Callable[..., Ran]


def arguments(pack: Path, payments: Path, *more: object) -> tuple[object, ...]:
    return ("why", payments, "--rules", pack, "--rule", "large-payment", "--entity", "D1", *more)


def test_it_tells_each_row_and_the_nearest_miss(txmon: Run, pack: Path, payments: Path) -> None:
    ran = txmon(*arguments(pack, payments))

    assert (ran.code, ran.err) == (0, "")
    assert "D1: 1 hit (1 alert), 1 no hit; times of Asia/Shanghai" in ran.out
    assert "ALERT   1,200.00 to C1" in ran.out
    assert "closest it came without firing: Sun 2026-03-01 11:00:00  T3: amount: 995.00" in ran.out
    assert "\x1b" not in ran.out


def test_json_has_everything(txmon: Run, pack: Path, payments: Path) -> None:
    ran = txmon(*arguments(pack, payments, "--at", "T3", "--format", "json"))

    answer = json.loads(ran.out)
    assert [row["hit"] for row in answer["rows"]] == ["raised", ""]
    assert answer["rows"][0]["raised"]["message"] == "1,200.00 to C1"
    assert answer["detail"]["clauses"][0]["short"] == "995.00 short"
    assert answer["detail"]["transaction"]["amount"] == "5.0000"


def test_params_of_the_run_hold(txmon: Run, pack: Path, payments: Path) -> None:
    ran = txmon(*arguments(pack, payments, "--set", "large-payment.limit=5", "--last", "1"))

    assert "5.00 to C2" in ran.out
    assert "1 row not shown here" in ran.out


@pytest.mark.parametrize("suffix", [".png", ".svg", ".html"])
def test_a_picture_is_drawn_the_same_each_time(
    suffix: str, txmon: Run, pack: Path, payments: Path, tmp_path: Path
) -> None:
    pictures = []
    for name in ("one", "two"):
        file = tmp_path / f"{name}{suffix}"
        ran = txmon(*arguments(pack, payments, "--plot", file, "-q"))
        assert (ran.code, ran.out, ran.err) == (0, "", f"txmon: {file} is drawn\n")
        pictures.append(file.read_bytes())
    assert pictures[0] == pictures[1]
    begins = {".png": b"\x89PNG", ".svg": b"<?xml", ".html": b"<!doctype html>"}[suffix]
    assert pictures[0].startswith(begins)
    assert suffix == ".png" or b"amount" in pictures[0]


def test_wrong_use_is_told_before_the_work(txmon: Run, pack: Path, payments: Path) -> None:
    ran = txmon(*arguments(pack, payments, "--plot", "p.pdf"))
    assert (ran.code, ran.out) == (2, "")
    assert "ends in .png, .svg, .html" in ran.err
    ran = txmon("why", payments, "--rules", pack, "--rule", "large-paymnt", "--entity", "D1")
    assert ran.code == 2
    assert "did you mean 'large-payment'" in ran.err


def test_a_narrow_page_holds_it_too(pack: Path, payments: Path) -> None:
    answer = why(str(payments), load_pack(pack), rule="large-payment", entity="D1")

    lines = plain(why_report(answer, width=50), width=50).splitlines()
    assert max(map(len, lines)) <= 50
    assert any("ALERT" in line for line in lines)
