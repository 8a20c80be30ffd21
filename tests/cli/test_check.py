"""``txmon check``: lints, which of them are told, when they fail, and as SARIF."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]
RULE = """\
id: few-payers
version: 1.0.0
title: Payers
typology: test.payers
severity: low
status: draft
by: creditor_account
features: {payers: count() over 24h}
when: payers >= 5 and payers >= 3 and merchant_category != "7995"
"""


@pytest.fixture
def linted(pack: Path) -> Path:
    (pack / "few_payers.yaml").write_text(RULE, encoding="utf-8")
    return pack


def codes(ran: Any) -> list[str]:
    return [finding["code"] for finding in json.loads(ran.out)["findings"]]


def test_lints_are_warnings(txmon: Run, linted: Path) -> None:
    ran = txmon("check", linted, "--format", "json")
    assert (ran.code, codes(ran)) == (0, ["L212", "L207", "L104", "L106"])
    assert {one["severity"] for one in json.loads(ran.out)["findings"]} == {"warning"}
    assert txmon("check", linted, "--strict").code == 1
    assert txmon("check", linted).out.endswith("\n4 warnings in 1 file\n")


def test_codes_are_chosen_by_their_beginning(txmon: Run, linted: Path) -> None:
    def some(*options: str) -> list[str]:
        return codes(txmon("check", linted, "--format", "json", *options))

    assert some("--only", "L2") == ["L212", "L207"]
    assert some("--only", "L104", "--only", "L106") == ["L104", "L106"]
    assert some("--ignore", "L2") == ["L104", "L106"]
    assert some("--only", "L2", "--ignore", "L212") == ["L207"]
    assert some("--ignore", "L") == []
    assert txmon("check", linted, "--ignore", "L", "--strict").code == 0


def test_errors_cannot_be_ignored(txmon: Run, linted: Path) -> None:
    (linted / "few_payers.yaml").write_text(RULE.replace("payers >= 5", "paiers >= 5"))
    ran = txmon("check", linted, "--only", "L9", "--ignore", "L", "--format", "json")
    assert (ran.code, codes(ran)) == (1, ["E201"])
    assert "L104" in txmon("check", linted, "--only", "E201").err


def test_sarif_has_what_its_readers_need(txmon: Run, linted: Path) -> None:
    (linted / "large_payment.cases.yaml").write_text("rule: large-payment\n")
    ran = txmon("check", linted, "--format", "sarif")
    log = json.loads(ran.out)
    assert (ran.code, log["version"], len(log["runs"])) == (1, "2.1.0", 1)
    assert log["$schema"].endswith("sarif-2.1.0.json")
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert run["tool"]["driver"]["name"] == "txmon"
    assert [rule["id"] for rule in rules] == ["E007", "L104", "L106", "L207", "L212"]
    for rule in rules:
        page, _, part = rule["helpUri"].partition("#")
        headings = [
            line.lower().strip("# ").replace(" ", "-")
            for line in (ROOT / page).read_text(encoding="utf-8").splitlines()
            if line.startswith("###")
        ]
        assert part.partition("-")[0] == rule["id"].lower()
        assert any(heading.startswith(rule["id"].lower()) for heading in headings)
        assert rule["shortDescription"]["text"]
        assert rule["defaultConfiguration"]["level"] == (
            "error" if rule["id"].startswith("E") else "warning"
        )
    assert len(run["results"]) >= 5
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["level"] in {"error", "warning"}
        assert result["message"]["text"]
        (place,) = result["locations"]
        region = place["physicalLocation"]["region"]
        uri = place["physicalLocation"]["artifactLocation"]["uri"]
        line = Path(uri).read_text(encoding="utf-8").splitlines()[region["startLine"] - 1]
        assert region["snippet"]["text"] == line
        assert 1 <= region["startColumn"] < region["endColumn"] <= len(line) + 2


def test_a_sound_pack_as_sarif(txmon: Run, pack: Path) -> None:
    (run,) = json.loads(txmon("check", pack, "--format", "sarif").out)["runs"]
    assert (run["results"], run["tool"]["driver"]["rules"]) == ([], [])


def test_check_loads_no_kernels(pack: Path) -> None:
    script = (
        "import sys; from txmon.cli import main; code = main(sys.argv[1:]); "
        "assert not [name for name in sys.modules if name.startswith(('numba', 'txmon.kernels'))]; "
        "sys.exit(code)"
    )
    command = [sys.executable, "-c", script, "check", str(pack)]
    assert subprocess.run(command, check=False, capture_output=True).returncode == 0  # noqa: S603


def test_the_hooks_run(txmon: Run, pack: Path) -> None:
    lines = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8").splitlines()
    entries = [line.partition(": ")[2] for line in lines if line.strip().startswith("entry:")]
    assert entries == ["txmon check", "txmon test"]
    for entry in entries:
        assert txmon(*entry.split()[1:], pack).code == 0
    assert lines.count("  pass_filenames: false") == len(entries)
