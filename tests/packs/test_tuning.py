"""tuning.yaml: a bank's own values over a pack, in order of who has the last word."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from txmon.authoring import run_cases
from txmon.packs import check_pack, load_pack

if TYPE_CHECKING:
    from pathlib import Path

PACK = (
    "name: base\nversion: 1.0.0\ncurrency: CNY\ntimezone: Asia/Shanghai\nvalues: {kind: [card]}\n"
)
RULE = """\
id: big
version: 1.0.0
title: Big payments
typology: test.big
severity: low
status: stable
params:
  limit: {type: money, default: 500, vary: {debtor_segment: {corporate: 1_000}}}
  kinds: {type: list, default: [card]}
  span: {type: duration, default: 24h}
by: debtor_account
features: {total: sum(amount) over span}
levels:
  - when: amount > limit and kind in kinds
  - when: total > limit
    severity: info
alert: {score: 10, suppress: span}
"""
OTHER = RULE.replace("id: big", "id: other")
CASES = """\
rule: big
start: 2026-03-01T09:00:00+08:00
row: {debtor_account: A, creditor_account: B, currency: CNY, kind: card}
cases:
  - name: over the limit as it is written
    events: |
      at  amount
      +0h 501
    expect: [{at: +0h}]
"""


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "pack"
    folder.mkdir()
    for name, text in {"pack": PACK, "big": RULE, "other": OTHER}.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def _tune(folder: Path, text: str, name: str = "tuning.yaml") -> Path:
    path = folder / name
    path.write_text(f"rules:\n  big:\n{text}")
    return path


def _codes(folder: Path, **extra: Path) -> list[tuple[str, str]]:
    findings = check_pack(folder, **extra)[1]  # type: ignore[arg-type]
    return [(str(one.location).removeprefix(f"{folder}/"), one.code) for one in findings]


def test_values_take_the_place_of_the_rules_own(pack: Path) -> None:
    _tune(
        pack,
        "    params: {limit: 800, kinds: [card]}\n    severity: critical\n    score: 90\n"
        "    status: experimental\n    owner: Kim\n    reason: too many alerts\n",
    )

    big, other = load_pack(pack).rules

    assert big.parameters["limit"] == "800 (debtor_segment corporate: 1_000)"
    assert (big.severity, big.status) == ("critical", "experimental")
    assert [(str(level.severity), level.score) for level in big.levels] == [
        ("critical", 90),
        ("info", 90),
    ]
    assert (other.parameters["limit"], other.severity) == (
        "500 (debtor_segment corporate: 1_000)",
        "low",
    )


def test_default_and_vary_are_tuned_apart(pack: Path) -> None:
    _tune(pack, "    params:\n      limit: {vary: {debtor_segment: {private: 100}}}\n")
    assert load_pack(pack).rules[0].parameters["limit"] == "500 (debtor_segment private: 100)"

    _tune(pack, "    params:\n      limit: {default: 7, vary: {}}\n")
    assert load_pack(pack).rules[0].parameters["limit"] == "7"


def test_a_rule_may_be_switched_off(pack: Path) -> None:
    _tune(pack, "    enabled: false\n")

    assert [rule.id for rule in load_pack(pack).rules] == ["other"]


def test_a_rule_that_is_off_is_checked_all_the_same(pack: Path) -> None:
    _tune(pack, "    enabled: false\n")
    (pack / "big.yaml").write_text(RULE.replace("total > limit", "totl > limit"))

    assert _codes(pack) == [("big.yaml:15:11", "E201")]


def test_a_file_for_the_run_comes_after_the_packs_and_settings_last(pack: Path) -> None:
    _tune(pack, "    params: {limit: 1, span: 1h}\n    score: 1\n")
    extra = _tune(pack.parent, "    params: {limit: 2, span: 2h}\n    enabled: true\n", "mine.yaml")

    rule = load_pack(pack, tuning=extra, settings={"big.span": "3h"}).rules[0]

    assert rule.parameters["limit"].startswith("2 ")
    assert rule.parameters["span"] == "3h"
    assert rule.levels[0].score == 1


def test_the_content_hash_covers_every_tuning(pack: Path) -> None:
    hashes = {load_pack(pack).content_hash}
    _tune(pack, "    score: 20\n")
    hashes.add(load_pack(pack).content_hash)
    extra = _tune(pack.parent, "    score: 30\n", "mine.yaml")
    hashes.add(load_pack(pack, tuning=extra).content_hash)
    _tune(pack.parent, "    score: 40\n", "mine.yaml")
    hashes.add(load_pack(pack, tuning=extra).content_hash)

    assert len(hashes) == 4


@pytest.mark.parametrize(
    ("text", "place", "code"),
    [
        ("    params: {limit: much}\n", "tuning.yaml:3:21", "E501"),
        ("    params: {limit: [1, 2]}\n", "tuning.yaml:3:14", "E501"),
        ("    params: {kinds: card}\n", "tuning.yaml:3:21", "E501"),
        ("    params: {limt: 5}\n", "tuning.yaml:3:14", "E503"),
        ("    params:\n      limit: {defalt: 5}\n", "tuning.yaml:4:15", "E006"),
        (
            "    params:\n      limit: {vary: {debtor_segmnt: {x: 5}}}\n",
            "tuning.yaml:4:22",
            "E201",
        ),
        (
            "    params:\n      limit: {vary: {debtor_segment: {x: y}}}\n",
            "tuning.yaml:4:42",
            "E501",
        ),
        ("    severity: hihg\n", "tuning.yaml:3:15", "E009"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    text: str, place: str, code: str, pack: Path
) -> None:
    _tune(pack, text)

    assert (place, code) in _codes(pack)
    assert {name.partition(":")[0] for name, _ in _codes(pack)} == {"tuning.yaml"}


def test_values_with_which_the_rule_is_wrong_are_told_with_its_place(pack: Path) -> None:
    _tune(pack, "    params: {span: 0h, kinds: [crad]}\n")

    findings = check_pack(pack)[1]

    assert {finding.location.path for finding in findings} == {str(pack / "tuning.yaml")}
    assert any("with these values the rule is wrong" in finding.message for finding in findings)
    assert any(f"{pack}/big.yaml:12:" in finding.message for finding in findings)


def test_a_rule_that_is_wrong_by_itself_is_not_blamed_on_its_values(pack: Path) -> None:
    _tune(pack, "    params: {span: 1h}\n")
    (pack / "big.yaml").write_text(RULE.replace("total > limit", "totl > limit"))

    assert _codes(pack) == [("big.yaml:15:11", "E201")]


def test_a_single_rule_is_tuned_and_others_of_the_file_are_no_error(pack: Path) -> None:
    path = _tune(pack, "    score: 77\n")
    path.write_text(path.read_text() + "  other: {score: 5}\n")

    (rule,) = load_pack(pack / "big.yaml").rules

    assert rule.levels[0].score == 77


def test_cases_hold_for_a_rule_as_it_is_written(pack: Path) -> None:
    (pack / "big.cases.yaml").write_text(CASES)
    _tune(pack, "    params: {limit: 9_000}\n    enabled: false\n")

    report = run_cases(pack)

    assert report.passed
    assert len(report.results) == 1
