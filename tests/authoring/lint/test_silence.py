"""Lints are silenced with a reason, at one place or everywhere, and no silence stays unused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from authoring.lint.packs import HEADER, PACK, codes, told
from txmon.authoring import check_files
from txmon.packs import check_pack
from txmon.plan import compile_plan
from txmon.schema import Schema

if TYPE_CHECKING:
    from pathlib import Path

RULE = """\
by: creditor_account
features:
  payers: count() over 24h
  senders: count() over 24h
when: payers >= 5 and senders >= 5
alert: {suppress: 24h}
"""
ENTRY = "lint:\n  - code: {}\n    reason: the source calls them so\n"


def test_in_the_rule_and_in_the_pack(tmp_path: Path) -> None:
    assert codes(tmp_path, RULE) == ["L207", "L207"]
    assert codes(tmp_path, RULE + ENTRY.format("L207")) == []
    assert codes(tmp_path, RULE, ENTRY.format("L207")) == []


def test_at_one_place(tmp_path: Path) -> None:
    entry = ENTRY.format("L207\n    at: features.payers")
    (left,) = told(tmp_path, RULE + entry)
    assert (left.code, left.location.line) == ("L207", 10)
    idle = codes(tmp_path, RULE + entry.replace("payers", "nobody"))
    assert idle == ["L207", "L207", "L901"]


def test_what_silences_nothing_is_told_where_it_stands(tmp_path: Path) -> None:
    (finding,) = told(tmp_path, "when: amount > 5\n", ENTRY.format("L207"))
    assert (finding.code, finding.location.path) == ("L901", str(tmp_path / "pack.yaml"))
    assert finding.source == "  - code: L207"
    assert codes(tmp_path, "when: amount > 5\n", ENTRY.format("L901")) == ["L901"]


def test_a_part_of_a_pack_says_nothing_of_what_the_pack_silences(tmp_path: Path) -> None:
    codes(tmp_path, "when: amount > 5\n", ENTRY.format("L207"))
    (tmp_path / "other.yaml").write_text(HEADER.replace("example", "other") + RULE)
    assert check_files(tmp_path / "example.yaml")[1] == ()
    assert check_files(tmp_path)[1] == ()


def test_without_a_reason_it_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pack.yaml").write_text(PACK)
    for entry, code in (
        ("lint:\n  - code: L207\n", "E007"),
        ("lint:\n  - code: 207\n    reason: x\n", "E009"),
        ("lint:\n  - {code: L207, reason: x, why: y}\n", "E006"),
    ):
        (tmp_path / "example.yaml").write_text(HEADER + RULE + entry)
        pack, findings = check_files(tmp_path)
        assert pack is None
        assert [finding.code for finding in findings] == [code]


def test_the_logic_stays_the_same(tmp_path: Path) -> None:
    def logic() -> list[str]:
        pack, _ = check_pack(tmp_path)
        assert pack is not None
        plan = compile_plan(pack, Schema.with_columns(pack.columns).columns)
        return [condition.logic_hash for condition in plan.conditions]

    codes(tmp_path, RULE.replace("draft", "stable"))
    before = logic()
    codes(tmp_path, RULE + ENTRY.format("L207"))
    assert logic() == before


def test_rules_of_packs_below_are_not_linted(tmp_path: Path) -> None:
    below, above = tmp_path / "below", tmp_path / "above"
    below.mkdir()
    above.mkdir()
    codes(below, RULE)
    (above / "pack.yaml").write_text(
        PACK.replace("name: example", "name: above\nextends: [../below]")
    )
    (above / "own.yaml").write_text(HEADER.replace("example", "own") + RULE)
    _, findings = check_files(above)
    assert {finding.location.path for finding in findings} == {str(above / "own.yaml")}


def test_tuning_changes_no_lint(tmp_path: Path) -> None:
    rule = "params: {limit: {type: money, default: 10.00}}\nwhen: amount > limit\n"
    (tmp_path / "tuning.yaml").write_text("rules:\n  example: {params: {limit: 0}}\n")
    assert codes(tmp_path, rule) == []
