"""Two versions of rules compared: on payments, and without any."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given

from evaluate.small_packs import BIG_IN, CASE, HEADER, PASSED_ON, payments
from txmon.authoring import diff
from txmon.authoring.comparing.judged import alone, together
from txmon.authoring.comparing.matching import paired
from txmon.authoring.comparing.rules import same_world
from txmon.errors import InputError
from txmon.report import diff_report, plain
from txmon.testing.factories import frame
from txmon.testing.random_trees import COLUMNS
from txmon.testing.strategies import packs, rows

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    import polars as pl

    from txmon.language.checked import Pack, Rule

FEW = """\
id: few
typology: test.few
severity: high
status: stable
by: debtor_account
params:
  least: {type: int, default: 3}
features:
  paid: count() over 24h
when: paid >= least
alert: {suppress: 6h}
"""
CASES = """\
rule: few
start: 2026-03-01T00:00:00Z
row: {debtor_account: A, creditor_account: B, currency: CNY, amount: 10, kind: transfer}
cases:
  - name: fires
    events: |
      at
      +0h
      +1h
      +2h
    expect: [{subject: A, at: +2h}]
"""
TABLE = ("0 A B 10", "1 A B 10", "2 A B 10", "3 A B 10", "30 C B 10", "31 C B 10")


def folder(place: Path, *rules: str) -> Path:
    place.mkdir()
    head = "name: small\nversion: 1.0.0\ncurrency: CNY\ntimezone: Asia/Shanghai\n"
    (place / "pack.yaml").write_text(head)
    for number, rule in enumerate(rules):
        (place / f"r{number}.yaml").write_text(HEADER + rule)
    return place


def test_gained_lost_and_moved_alerts_say_why(tmp_path: Path) -> None:
    old = folder(tmp_path / "old", FEW)
    new = folder(tmp_path / "new", FEW.replace("default: 3", "default: 2"))
    found = diff(old, new, payments(*TABLE))

    assert found.rules[0].kind == "logic"
    assert [(one.what, one.old, one.new) for one in found.rules[0].params] == [("least", "3", "2")]
    assert "raise it" in found.rules[0].hint
    assert found.gained.select("transaction_id", "reason").rows() == [
        ("6", "paid >= least: 2 against 3 before, 2 now")
    ]
    (moved,) = found.changed.to_dicts()
    assert (moved["old"]["transaction_id"], moved["new"]["transaction_id"]) == ("3", "2")
    assert moved["fields"][0] == "transaction"
    back = diff(new, old, payments(*TABLE))
    assert back.lost["reason"].to_list() == ["paid >= least: 2 against 3 now, 2 before"]
    text = plain(diff_report(found))
    assert "1 x few: paid >= least" in text
    assert "raised by 3 before" in text


def test_longer_suppression_folds(tmp_path: Path) -> None:
    old = folder(tmp_path / "old", FEW.replace("6h", "30min"))
    new = folder(tmp_path / "new", FEW)
    found = diff(old, new, payments(*TABLE))

    assert found.lost.select("transaction_id", "reason", "because").rows() == [
        ("4", "now folded into the alert of 3", "folded")
    ]
    assert found.changed.is_empty()


def test_other_severity_changes_alerts_and_not_the_logic(tmp_path: Path) -> None:
    old = folder(tmp_path / "old", FEW)
    new = folder(tmp_path / "new", FEW.replace("severity: high", "severity: low"))
    found = diff(old, new, payments(*TABLE), by="severity")

    assert found.rules[0].kind == "told"
    assert found.changed["fields"].to_list() == [["severity"]]
    assert (found.segments["high"].old, found.segments["low"].new) == (1, 1)


def test_rules_that_come_and_go(tmp_path: Path) -> None:
    old = folder(tmp_path / "old", FEW, BIG_IN)
    new = folder(tmp_path / "new", FEW, PASSED_ON)
    found = diff(old, new, payments("0 A B 2000", "1 B C 1900"))

    assert [(one.rule, one.kind) for one in found.rules] == [
        ("big-in", "removed"),
        ("few", "same"),
        ("passed-on", "added"),
    ]
    assert found.compared == ("big-in", "passed-on")
    assert set(found.lost["reason"]) == {"the rule is gone"}
    assert set(found.gained["reason"]) == {"the rule is new"}


def test_rules_over_alerts_follow_the_rules_that_they_read(tmp_path: Path) -> None:
    table = payments("0 V M 1000", "1 M X 900")
    old = folder(tmp_path / "old", BIG_IN, PASSED_ON, CASE)
    new = folder(tmp_path / "new", BIG_IN.replace("1000", "1001"), PASSED_ON, CASE)
    found = diff(old, new, table)

    assert found.compared == ("big-in", "victim-then-mule")
    lost = dict(found.lost.select("rule_id", "reason").iter_rows())
    assert lost["big-in"] == "amount >= 1001: 1,000.00 against 1,001.00 now"
    assert lost["victim-then-mule"].startswith("scammed >= 1: 0 against 1 now")


def test_clauses_put_together_otherwise_are_told(tmp_path: Path) -> None:
    either = FEW.replace("when: paid >= least", "when: paid >= least and amount > 5")
    old = folder(tmp_path / "old", either)
    new = folder(tmp_path / "new", either.replace(" and ", " or "))
    found = diff(old, new, payments(*TABLE))

    (change,) = found.rules[0].texts
    assert (change.old, change.new) == ("paid >= 3 and amount > 5", "paid >= 3 or amount > 5")
    assert found.gained.height > 0


def test_equal_packs_are_equal_in_meaning(tmp_path: Path) -> None:
    old = folder(tmp_path / "old", FEW)
    new = folder(tmp_path / "new", FEW)
    found = diff(old, new, payments(*TABLE))

    assert found.compared == ()
    assert "Equal in meaning" in plain(diff_report(found))


def test_a_draft_in_both_versions_is_compared(tmp_path: Path) -> None:
    draft = FEW.replace("stable", "draft")
    old = folder(tmp_path / "old", draft)
    new = folder(tmp_path / "new", draft.replace("default: 3", "default: 2"))
    found = diff(old, new, payments(*TABLE))

    assert found.compared == ("few",)
    assert found.gained["transaction_id"].to_list() == ["6"]
    assert "Equal in meaning" not in plain(diff_report(diff(old, new)))


def test_a_draft_in_one_version_does_not_run_there_and_is_told(tmp_path: Path) -> None:
    draft = folder(tmp_path / "draft", FEW.replace("stable", "draft"))
    live = folder(tmp_path / "live", FEW)
    woken, put_back = diff(draft, live, payments(*TABLE)), diff(live, draft, payments(*TABLE))

    assert (woken.rules[0].kind, woken.gained.height) == ("added", 1)
    assert "it was a draft" in woken.rules[0].hint
    assert (put_back.rules[0].kind, put_back.lost.height) == ("removed", 1)
    assert "note: it is a draft now" in plain(diff_report(put_back))


def test_without_data_the_shortest_stream_tells_them_apart(tmp_path: Path) -> None:
    old = folder(tmp_path / "old", FEW)
    new = folder(tmp_path / "new", FEW.replace("default: 3", "default: 4"))
    (new / "r0.cases.yaml").write_text(CASES)
    stream = diff(old, new).apart["few"].stream

    assert stream is not None
    assert len(stream.rows) == 3
    assert (len(stream.old), len(stream.new)) == (1, 0)
    assert "the shortest stream found" in plain(diff_report(diff(old, new)))


def test_a_column_that_is_not_there_is_told(tmp_path: Path) -> None:
    old = folder(tmp_path / "old", FEW)
    new = folder(tmp_path / "new", FEW.replace("default: 3", "default: 2"))
    with pytest.raises(InputError, match="did you mean 'kind'"):
        diff(old, new, payments(*TABLE), by="knid")


@given(rows(), packs(), packs())
def test_two_packs_in_one_evaluation_find_what_they_find_alone(
    table: list[dict[str, Any]], old: Pack, new: Pack
) -> None:
    old = replace(old, rules=without_readers(old), lists={**new.lists, **old.lists})
    new = replace(old, rules=without_readers(new))
    assert same_world(old, new)
    accepted = frame(table, columns=COLUMNS)
    ids = {rule.id for pack in (old, new) for rule in pack.rules}
    both = together(old, new, ids, accepted)
    apart = [alone(pack, ids, accepted) for pack in (old, new)]
    for one, other in zip(both, apart, strict=True):
        order = ["event_time", "rule_id", "alert_id"]
        left, right = (each.alerts.drop("pack").sort(order) for each in (one, other))
        assert left.equals(right)
        assert one.hits.height == other.hits.height
    assert_paired(both[0].alerts, both[1].alerts)


def without_readers(pack: Pack) -> tuple[Rule, ...]:
    return tuple(rule for rule in pack.rules if not rule.sources)


def assert_paired(old: pl.DataFrame, new: pl.DataFrame) -> None:
    pairs = paired(old, new)
    places = pairs.both["#old"].to_list() + pairs.lost.to_list()
    assert sorted(places) == list(range(old.height))
    places = pairs.both["#new"].to_list() + pairs.gained.to_list()
    assert sorted(places) == list(range(new.height))
    assert paired(old, old).gained.is_empty()
