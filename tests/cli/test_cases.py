"""``txmon test``: cases to do, coverage and its gate, JUnit XML."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Any]

CASE = """\
  - name: {name}
    events: |
      at   amount
      +0h  {amount}
    expect: {expect}
"""


@pytest.fixture
def file(pack: Path) -> Path:
    """The case file of the small pack, with a failing case and two to do."""
    file = pack / "large_payment.cases.yaml"
    cases = (
        CASE.format(name="wrong & <odd>", amount=1, expect="[{at: +0h}]"),
        CASE.format(name="not yet", amount=2, expect="[{at: +0h}]") + "    todo: later & more\n",
        CASE.format(name="by now", amount=3, expect="[]") + "    todo: done\n",
    )
    file.write_text(file.read_text(encoding="utf-8") + "".join(cases), encoding="utf-8")
    return file


def test_cases_to_do_are_told_and_fail_nothing(txmon: Run, pack: Path, file: Path) -> None:
    ran = txmon("test", pack, "-k", "yet")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("TODO large-payment: not yet\n")
    assert f"  {file}:" in ran.out
    assert "  later & more\n  expected {at: +0h}\n" in ran.out
    assert ran.out.endswith("\n0 cases passed, 1 to do\n")
    done = txmon("test", pack, "-k", "by now")
    assert (done.code, "  it gives what it expects by now: take todo away\n" in done.out) == (
        0,
        True,
    )
    told = json.loads(txmon("test", pack, "--format", "json").out)
    assert (told["passed"], told["failed"], told["todo"]) == (2, 1, 2)
    assert [one["todo"] for one in told["results"]] == [None, None, None, "later & more", "done"]
    assert (
        told["results"][2]["line"]
        == file.read_text().splitlines().index("  - name: wrong & <odd>") + 1
    )


def test_junit_xml_is_well_formed_and_the_same_each_time(
    txmon: Run, pack: Path, file: Path, tmp_path: Path
) -> None:
    ran = txmon("test", pack, "--junit", tmp_path / "one.xml")
    txmon("test", pack, "--junit", tmp_path / "two.xml", "--format", "json")
    assert ran.code == 1
    text = (tmp_path / "one.xml").read_bytes()
    assert text == (tmp_path / "two.xml").read_bytes()
    root = ET.fromstring(text)  # noqa: S314 - our own file
    assert dict(root.attrib) == {
        "name": "txmon",
        "tests": "5",
        "failures": "1",
        "errors": "0",
        "skipped": "1",
    }
    (suite,) = root
    assert suite.get("name") == "large-payment"
    wrong, later = suite[2], suite[3]
    assert (wrong.get("classname"), wrong.get("name")) == ("large-payment", "wrong & <odd>")
    assert wrong.get("file") == str(file)
    assert wrong[0].get("message") == "expected {at: +0h}"
    assert "\n  but no such alert came\n" in str(wrong[0].text)
    assert [(part.tag, part.get("message")) for part in later] == [
        ("skipped", "todo: later & more")
    ]
    assert not any("time" in case.attrib for case in suite)


def test_findings_are_errors_of_a_suite_of_files(txmon: Run, pack: Path, tmp_path: Path) -> None:
    cases = pack / "large_payment.cases.yaml"
    cases.write_text(cases.read_text().replace("expect: []", "expect: [{subjekt: x}]"))
    ran = txmon("test", pack, "--junit", tmp_path / "out.xml")
    assert ran.code == 1
    root = ET.parse(tmp_path / "out.xml").getroot()  # noqa: S314 - our own file
    suite = root[-1]
    assert (suite.get("name"), root.get("errors")) == ("files", "1")
    assert suite[0][0].get("type") == "E006"
    assert "no 'subjekt' to compare" in str(suite[0][0].get("message"))


def test_a_file_that_cannot_be_written_is_told(txmon: Run, pack: Path, tmp_path: Path) -> None:
    ran = txmon("test", pack, "--junit", tmp_path / "no" / "out.xml")
    assert ran.code == 2
    assert "out.xml cannot be written: No such file or directory" in ran.err


def test_coverage_is_a_table_and_a_gate(txmon: Run, pack: Path) -> None:
    ran = txmon("test", pack, "--coverage")
    assert ran.code == 0
    assert "large-payment  2 cases, 2 of 2 outcomes seen\n" in ran.out
    assert "when  amount >= limit" in ran.out
    assert "coverage 100.0 %: 2 of 2 outcomes seen\n2 cases passed\n" in ran.out
    assert txmon("test", pack, "--min-coverage", "100%").code == 0
    less = txmon("test", pack, "--min-coverage", "90%", "-k", "at the limit")
    assert less.code == 1
    assert "never false" in less.out
    assert less.err == "txmon: coverage 50.0 %, below --min-coverage 90%\n"
    told = json.loads(txmon("test", pack, "--coverage", "--format", "json").out)["coverage"]
    assert told == {
        "percent": 100.0,
        "rules": [
            {
                "rule": "large-payment",
                "cases": 2,
                "seen": 2,
                "possible": 2,
                "parts": [
                    {
                        "part": "when",
                        "text": "amount >= limit",
                        "true": 1,
                        "false": 1,
                        "unknown": 0,
                    }
                ],
            }
        ],
    }
    assert json.loads(txmon("test", pack, "--format", "json").out)["coverage"] is None


@pytest.mark.parametrize("text", ["much", "101%", "-1", ""])
def test_a_gate_that_cannot_be_read(txmon: Run, pack: Path, text: str) -> None:
    ran = txmon("test", pack, "--min-coverage", text)
    assert ran.code == 2
    assert f"write a percentage like 90%, found '{text}'" in ran.err
