"""Boundaries of rules: every stream is where it says, and the rule does there what is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from txmon.authoring import run_cases
from txmon.authoring.probing import run_probes, write_cases
from txmon.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.authoring.probing import Boundary, Probe

PACK = "name: test\nversion: 1.0.0\ncurrency: CNY\ntimezone: UTC\n"
HEADER = """\
version: 1.0.0
title: A rule
typology: test.rule
severity: low
status: stable
"""
RULES = {
    "large": 'by: debtor_account\nwhere: kind == "transfer"\nwhen: amount > 500\n',
    "many": (
        "by: debtor_account\nfeatures: {n: count() over 24h}\nwhen: n >= 3\nalert: {suppress: 7d}\n"
    ),
    "steps": (
        "by: debtor_account\nsequence:\n  within: 6h\n  steps:\n    - small: amount <= 5\n"
        "    - large: amount >= 100\n"
    ),
    "band": "by: debtor_account\nwhen: amount in 100..200\n",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "pack.yaml").write_text(PACK)
    for name, text in RULES.items():
        (tmp_path / f"{name}.yaml").write_text(f"id: {name}\n{HEADER}{text}")
    return tmp_path


def probed(home: Path, rule: str) -> Probe:
    probes, findings = run_probes(home / f"{rule}.yaml")
    assert not findings
    (found,) = probes
    return found


def told(boundary: Boundary) -> list[tuple[str, bool]]:
    return [(point.value, point.fires) for point in boundary.points]


def test_a_strict_threshold_is_silent_at_its_limit(home: Path) -> None:
    found = {one.text: told(one) for one in probed(home, "large").boundaries}

    assert found == {
        'kind == "transfer"': [("true", True), ("false", False)],
        "amount > 500": [("500.01", True), ("500", False), ("499.99", False)],
    }


def test_counts_windows_and_suppression(home: Path) -> None:
    found = {one.kind: told(one) for one in probed(home, "many").boundaries}

    assert found == {
        "threshold": [("4", True), ("3", True), ("2", False)],
        "window": [("24h - 1ms", True), ("24h", False), ("24h + 1ms", False)],
        "suppression": [("7d - 1ms", False), ("7d", True), ("7d + 1ms", True)],
    }


def test_steps_hold_the_end_of_their_time(home: Path) -> None:
    steps = [one for one in probed(home, "steps").boundaries if one.text == "within 6h"]

    assert [told(one) for one in steps] == [[("6h - 1ms", True), ("6h", True), ("6h + 1ms", False)]]


def test_both_ends_of_a_range(home: Path) -> None:
    assert [told(one) for one in probed(home, "band").boundaries] == [
        [("100.01", True), ("100", True), ("99.99", False)],
        [("199.99", True), ("200", True), ("200.01", False)],
    ]


def test_it_is_the_same_every_time(home: Path) -> None:
    assert run_probes(home) == run_probes(home)


def test_written_cases_hold_and_leave_the_file_as_it_was(home: Path) -> None:
    before = (
        "# ours\nrule: many\nstart: 2026-03-01T00:00:00Z\nrow: {debtor_account: V, currency: CNY, "
        "channel: app}\ncases:\n  - name: fires  # by hand\n    events: |\n      at    amount\n"
        "      +0h/1h*3 10\n    expect: [{at: +2h}]\n"
    )
    (home / "many.cases.yaml").write_text(before)

    file, added = write_cases(probed(home, "many"))

    assert added > 5
    assert file.read_text().startswith(before)
    assert "confirm" in file.read_text().removeprefix(before)
    report = run_cases(home)
    assert report.passed, (report.failed, report.findings)
    assert len(report.results) == added + 1


def test_a_stream_that_is_a_case_is_not_written_again(home: Path) -> None:
    _, added = write_cases(probed(home, "large"))
    assert added == 5

    again = probed(home, "large")

    assert sum(point.known for one in again.boundaries for point in one.points) == added
    assert write_cases(again)[1] == 0


def test_a_rule_that_cannot_fire_is_told(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = f"id: never\n{HEADER}by: debtor_account\nwhen: amount > 5 and amount < 4\n"
    (home / "never.yaml").write_text(text)

    assert main(["probe", str(home / "never.yaml")]) == 1
    assert "no stream was found on which it fires" in capsys.readouterr().out


def test_what_is_no_path_and_no_rule_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", "no-such-rule"]) == 2
    assert "no-such-rule" in capsys.readouterr().err
