"""``txmon check`` and ``txmon test``: findings, case results, exit codes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

Run = Callable[..., Any]
ROOT = Path(__file__).parents[2]


def _break(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_sound_pack(txmon: Run, pack: Path) -> None:
    ran = txmon("check", pack)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out == "small 1.0.0, 1 rule: nothing is wrong\n"


def test_the_shipped_pack_is_sound_and_its_cases_hold(txmon: Run) -> None:
    assert txmon("check", ROOT / "rules").code == 0
    ran = txmon("test")
    assert ran.code == 0
    assert ran.out.endswith(" cases passed\n")


def test_every_finding_of_every_file(txmon: Run, pack: Path) -> None:
    _break(pack / "large_payment.yaml", "amount >= limit", "amont >= limit")
    _break(pack / "large_payment.yaml", "severity: high", "severity: hihg")
    _break(pack / "large_payment.cases.yaml", "expect: []", "expects: []")
    ran = txmon("check", pack)
    assert (ran.code, ran.err) == (1, "")
    told = json.loads(txmon("check", pack, "--format", "json").out)
    assert told["pack"] is None
    files = [Path(finding["path"]).name for finding in told["findings"]]
    assert set(files) == {"large_payment.yaml", "large_payment.cases.yaml"}
    for finding in told["findings"]:
        place = f"{finding['path']}:{finding['line']}:{finding['column']}"
        assert f"{place}: {finding['code']} {finding['message']}" in ran.out
    assert ran.out.endswith(f"{len(files)} findings in 2 files\n")


def test_a_case_file_that_names_what_is_not_there(txmon: Run, pack: Path) -> None:
    _break(pack / "large_payment.cases.yaml", "rule: large-payment", "rule: larg-payment")
    cases = pack / "large_payment.cases.yaml"
    ran = txmon("check", pack / "large_payment.yaml", "--format", "json")
    assert ran.code == 1
    assert json.loads(ran.out)["findings"] == [
        {
            "code": "E201",
            "severity": "error",
            "message": "the pack has no rule 'larg-payment'",
            "path": str(cases),
            "line": 1,
            "column": 7,
            "length": 12,
            "end": 19,
            "source": "rule: larg-payment",
            "help": "did you mean 'large-payment'?",
        }
    ]


def test_the_json_of_a_sound_pack(txmon: Run, pack: Path) -> None:
    told = json.loads(txmon("check", pack, "--format", "json").out)
    named = {"name": "small", "version": "1.0.0", "rules": ["large-payment"]}
    assert told == {"pack": named, "findings": [], "costs": []}


def test_what_looks_at_rows_one_by_one_is_told(txmon: Run, pack: Path) -> None:
    _break(
        pack / "large_payment.yaml",
        "when:",
        "features:\n  far: max(amount - this.amount) by debtor_account over 24h\nwhen:",
    )
    ran = txmon("check", pack)
    said = "large-payment.far looks at each row of its window, at most 10,000"
    assert ran.code == 0
    assert f"note: {said} (more: unknown, search_bound)\n" in " ".join(ran.out.split()) + "\n"
    (told,) = json.loads(txmon("check", pack, "--format", "json").out)["costs"]
    assert told.startswith(said)


def test_cases_that_hold(txmon: Run, pack: Path) -> None:
    ran = txmon("test", pack)
    assert (ran.code, ran.out, ran.err) == (0, "2 cases passed\n", "")
    assert txmon("test", pack, "-k", "at the limit").out == "1 case passed\n"


def test_a_case_that_differs_says_where(txmon: Run, pack: Path) -> None:
    _break(pack / "large_payment.cases.yaml", "score: 70", "score: 71")
    ran = txmon("test", pack)
    assert ran.code == 1
    assert "FAILED large-payment: fires at the limit\n" in ran.out
    assert str(pack / "large_payment.cases.yaml") in ran.out
    assert "71" in ran.out
    assert ran.out.endswith("\n1 case passed, 1 failed\n")
    told = json.loads(txmon("test", pack, "--format", "json").out)
    assert (told["passed"], told["failed"], told["findings"]) == (1, 1, [])
    assert [result["passed"] for result in told["results"]] == [False, True]
    assert set(told["results"][0]) == {"file", "line", "rule", "name", "passed", "lines", "todo"}


def test_findings_fail_the_cases_too(txmon: Run, pack: Path) -> None:
    _break(pack / "large_payment.yaml", "amount >= limit", "amont >= limit")
    ran = txmon("test", pack)
    assert ran.code == 1
    assert "did you mean 'amount'?" in ran.out
    assert ran.out.endswith("0 cases passed, 1 finding\n")
