"""Many rules, and many variants of one, over many cases in one evaluation."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from txmon.authoring.cases.bench import CASE, VARIANT, Bench, judge, lay_out
from txmon.authoring.cases.files import read_cases
from txmon.language.nodes import Compare, Literal
from txmon.packs import load_pack

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.language.checked import Pack, Rule

PACK = """\
name: test
version: 1.0.0
currency: CNY
timezone: UTC
"""
BIG = """\
id: big
version: 1.0.0
title: A big payment
typology: test.big
severity: low
status: stable
by: debtor_account
when: amount >= 100
alert: {exceptable: [debtor_account], message: "{transaction_id}: {amount}"}
"""
ABOVE = """\
id: above
version: 1.0.0
title: Alerts of big payments
typology: test.above
severity: low
status: stable
input: alerts
from: [test.big]
by: debtor_account
features:
  alerts: count() over 24h
when: alerts >= 1
"""
EXCEPTIONS = """\
exceptions:
  - {rule: big, for: {debtor_account: [X]}, owner: me, reason: mine, until: 2030-01-01}
"""
CASES = """\
rule: big
start: 2026-03-01T00:00:00Z
row: {debtor_account: V1, creditor_account: S1, currency: CNY}
cases:
  - name: one
    events: |
      at   amount
      +0h  150
      +1h  99
    expect: []
  - name: two
    events: |
      at   amount
      +0h  100
    expect: []
  - name: excepted
    events: |
      at   amount debtor_account
      +0h  500    X
    expect: []
"""


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    for name, text in (("pack", PACK), ("big", BIG), ("above", ABOVE), ("exceptions", EXCEPTIONS)):
        (tmp_path / f"{name}.yaml").write_text(text)
    (tmp_path / "big.cases.yaml").write_text(CASES)
    return load_pack(tmp_path)


@pytest.fixture
def bench(pack: Pack, tmp_path: Path) -> Bench:
    cases, findings = read_cases(tmp_path / "big.cases.yaml", pack)
    assert not findings
    return lay_out(cases, pack)


def at_least(rule: Rule, limit: int) -> Rule:
    """The rule with another limit."""
    (level,) = rule.levels
    assert isinstance(level.when, Compare)
    assert isinstance(level.when.right, Literal)
    when = replace(level.when, right=replace(level.when.right, value=limit * 10_000))
    return replace(rule, levels=(replace(level, when=when),))


def test_variants_are_judged_side_by_side(pack: Pack, bench: Bench) -> None:
    big = next(rule for rule in pack.rules if rule.id == "big")
    rules = {f"at {limit}": at_least(big, limit) for limit in (50, 100, 120, 1_000)} | {"big": big}
    alerts = judge(bench, rules, pack).alerts
    found = sorted(alerts.select(VARIANT, CASE, "transaction_id").rows())
    assert found == [
        ("at 100", 0, "0001"),
        ("at 100", 1, "0001"),
        ("at 120", 0, "0001"),
        ("at 50", 0, "0001"),
        ("at 50", 0, "0002"),
        ("at 50", 1, "0001"),
        ("big", 0, "0001"),
        ("big", 1, "0001"),
    ]
    assert set(alerts["rule_id"]) == {"big"}
    assert set(alerts["typology"]) == {"test.big"}
    assert set(alerts["message"]) == {"0001: 150.00", "0001: 100.00", "0002: 99.00"}


def test_rules_over_alerts_do_not_hear_variants(pack: Pack, bench: Bench) -> None:
    rules = {rule.id: rule for rule in pack.rules}
    loud = at_least(rules["big"], 1)
    alone = judge(bench, {"above": rules["above"]}, pack).alerts
    beside = judge(bench, {"above": rules["above"], "loud": loud}, pack)
    assert alone.height == 2
    assert beside.by_case(beside.alerts)["above", 0] == alone.filter(alone[CASE] == 0).to_dicts()
    assert [row["transaction_id"] for row in beside.by_case(beside.alerts)["loud", 0]] == [
        "0001",
        "0002",
    ]


def test_features_stand_under_the_names_of_variants(pack: Pack, bench: Bench) -> None:
    big = next(rule for rule in pack.rules if rule.id == "big")
    (level,) = big.levels
    told = replace(big, features={"reached": level.when})
    features = judge(bench, {"told": told}, pack, features=True).features
    assert features is not None
    assert features.select(CASE, "transaction_id", "told.reached").rows() == [
        (0, "0001", True),
        (1, "0001", True),
        (2, "0001", True),
        (0, "0002", False),
    ]
