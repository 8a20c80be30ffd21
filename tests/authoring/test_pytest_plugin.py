"""The plugin collects the cases of packs, tells what differs, and leaves all else alone."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

ENGINE = Path(__file__).parents[2] / "engine"
PACK = "name: test\nversion: 1.0.0\ncurrency: CNY\ntimezone: UTC\n"
RULE = """\
id: big
version: 1.0.0
title: A big payment
typology: test.big
severity: low
status: stable
by: debtor_account
when: amount >= 100
"""
CASES = """\
rule: big
start: 2026-03-01T00:00:00Z
row: {debtor_account: V1, creditor_account: S1, currency: CNY}
cases:
  - name: fires at the limit
    events: |
      at   amount
      +0h  100
    expect: [{at: +0h}]
  - name: a cent less
    events: |
      at   amount
      +0h  99.99
    expect: [{at: +0h}]
  - name: not yet
    todo: small ones are to count, too
    events: |
      at   amount
      +0h  1
    expect: [{at: +0h}]
  - name: by now
    todo: long done
    events: |
      at   amount
      +0h  1
    expect: []
"""


@dataclass(frozen=True)
class Ran:
    code: int
    out: str


def run(folder: Path, *arguments: str) -> Ran:
    plugin = ("-p", "no:txmon", "-p", "txmon.pytest_plugin")  # installed or not
    command = [sys.executable, "-m", "pytest", *plugin, *arguments]
    settings = {**os.environ, "PYTHONPATH": str(ENGINE), "PYTEST_ADDOPTS": ""}
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [*command, "-p", "no:cacheprovider"],
        cwd=folder,
        env=settings,
        capture_output=True,
        text=True,
        check=False,
    )
    return Ran(done.returncode, done.stdout + done.stderr)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "rules" / "sub"
    folder.mkdir(parents=True)
    (tmp_path / "rules" / "pack.yaml").write_text(PACK)
    (folder / "big.yaml").write_text(RULE)
    (folder / "big.cases.yaml").write_text(CASES)
    return tmp_path


def test_every_case_is_a_test_with_its_place_and_what_differs(home: Path) -> None:
    ran = run(home, "-v", "-rA", "--junitxml=out.xml")
    file = "rules/sub/big.cases.yaml"
    for name, word in (
        ("fires at the limit", "PASSED"),
        ("a cent less", "FAILED"),
        ("not yet", "XFAIL"),
        ("by now", "XPASS"),
    ):
        assert f"{file}::{name} {word}" in ran.out, ran.out
    told = (
        f"{home / file}:10: a cent less\n"
        "expected {at: +0h}\n"
        "  but no such alert came\n"
        "  at +0h: amount >= 100 is false, with 99.99 against 100.00\n"
    )
    assert told in ran.out
    assert "Traceback" not in ran.out
    assert ran.code == 1
    (suite,) = ET.parse(home / "out.xml").getroot()  # noqa: S314 - our own file
    assert {case.get("name"): [part.tag for part in case] for case in suite} == {
        "fires at the limit": [],
        "a cent less": ["failure"],
        "not yet": ["skipped"],
        "by now": [],
    }


def test_options_of_pytest_choose_and_stop(home: Path) -> None:
    chosen = run(home, "-k", "big and limit")
    assert (chosen.code, "1 passed, 3 deselected" in chosen.out) == (0, True), chosen.out
    stopped = run(home, "-x")
    assert "1 failed, 1 passed" in stopped.out
    listed = run(home, "--collect-only", "-q")
    assert "rules/sub/big.cases.yaml::a cent less" in listed.out


def test_a_file_that_is_wrong_is_told_as_txmon_tells_it(home: Path) -> None:
    (home / "rules" / "sub" / "big.cases.yaml").write_text(CASES.replace("amount", "amuont", 1))
    ran = run(home, "-k", "limit")
    assert "E201 there is no column 'amuont'" in ran.out, ran.out
    (home / "rules" / "sub" / "big.cases.yaml").write_text(CASES.replace("expect", "expects", 1))
    ran = run(home)
    assert "unknown key 'expects'" in ran.out
    assert (ran.code, "1 error" in ran.out) == (2, True)


def test_what_is_no_case_of_a_pack_is_left_alone_and_nothing_heavy_is_loaded(
    tmp_path: Path,
) -> None:
    (tmp_path / "other.cases.yaml").write_text("this: is something else\n")
    (tmp_path / "test_light.py").write_text(
        "import sys\n\n\ndef test_light():\n"
        "    assert 'txmon.pytest_plugin' in sys.modules\n"
        "    heavy = {'polars', 'numba', 'numpy', 'ruamel.yaml', 'txmon.packs', 'hypothesis'}\n"
        "    assert not {name for name in heavy if name in sys.modules}\n"
    )
    ran = run(tmp_path, "-p", "no:hypothesispytest", "-p", "no:cov")
    assert (ran.code, "1 passed" in ran.out) == (0, True), ran.out
