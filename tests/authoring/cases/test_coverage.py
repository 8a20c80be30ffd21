"""What cases saw of their rules: each clause true, false and unknown, in rows."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from txmon.authoring import RuleCoverage, run_cases
from txmon.authoring.cases.bench import lay_out
from txmon.authoring.cases.explain import Explainer
from txmon.authoring.cases.files import read_cases
from txmon.packs import load_pack

if TYPE_CHECKING:
    from pathlib import Path

PACK = """\
name: test
version: 1.0.0
currency: CNY
timezone: UTC
"""
HEADER = """\
version: 1.0.0
title: A rule
typology: test.rule
severity: low
status: stable
"""
HEAD = """\
rule: {rule}
start: 2026-03-01T00:00:00Z
row: {{debtor_account: V1, creditor_account: S1, kind: transfer, currency: CNY}}
cases:
"""
RULES = {
    "plain": f"""\
id: plain
{HEADER}by: debtor_account
where: kind == "transfer"
params: {{least: {{type: int, default: 2}}}}
features:
  payments: count() over 24h
needs: debtor_balance > 0
when: payments >= least and not (channel == "web" or amount > 90)
""",
    "bands": f"""\
id: bands
{HEADER}by: account
levels:
  - when: direction == "out" and amount >= 100
    severity: high
  - when: amount >= 50
""",
    "pair": f"""\
id: pair
{HEADER}by: debtor_account
sequence:
  within: 24h
  steps:
    - small: amount <= 5
    - large: amount >= 10 * small.amount and kind == "transfer"
    - same: amount == large.amount
when: same.amount < 1_000
""",
    "circle": f"""\
id: circle
{HEADER}graph:
  cycle: {{hops: 2..3, within: 24h}}
when: amount_out >= 100
""",
    "above": f"""\
id: above
{HEADER}input: alerts
from: [bands]
by: debtor_account
features:
  alerts: count() over 24h
when: alerts >= 2
""",
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "pack.yaml").write_text(PACK)
    for name, text in RULES.items():
        (tmp_path / f"{name}.yaml").write_text(text)
    return tmp_path


def covered(home: Path, rule: str, *tables: str) -> RuleCoverage:
    texts = []
    for number, table in enumerate(tables):
        settings, _, rows = table.rpartition("|")
        lines = "".join(f"      {line}\n" for line in rows.strip().splitlines())
        chosen = f"    set: {settings}\n" if settings else ""
        texts.append(f"  - name: case {number}\n{chosen}    events: |\n{lines}    expect: []\n")
    (home / f"{rule}.cases.yaml").write_text(HEAD.format(rule=rule) + "".join(texts))
    report = run_cases(home, coverage=True)
    assert not report.findings
    assert report.coverage is not None
    return next(one for one in report.coverage if one.rule == rule)


def counts(rule: RuleCoverage) -> dict[tuple[str, str], tuple[int, int, int]]:
    return {(one.part, one.text): (one.true, one.false, one.unknown) for one in rule.parts}


def test_clauses_are_counted_where_they_are_asked(home: Path) -> None:
    found = covered(
        home,
        "plain",
        "at amount debtor_balance channel kind\n"
        "+0h 5 1 web transfer\n+1h 5 1 - transfer\n+2h 99 0 app transfer\n+3h 5 1 app card\n"
        "+4h 5 - app transfer\n",
    )
    assert counts(found) == {
        ("where", 'kind == "transfer"'): (4, 1, 0),
        ("needs", "debtor_balance > 0"): (2, 1, 1),
        ("when", "payments >= least"): (1, 1, 0),
        ("when", 'not (channel == "web")'): (0, 1, 1),
        ("when", "not (amount > 90)"): (2, 0, 0),
    }
    assert (found.seen, found.possible, found.cases) == (8, 10, 1)
    missing = {part.text: part.missing for part in found.parts if part.missing}
    assert missing == {'not (channel == "web")': ("true",), "not (amount > 90)": ("false",)}


def test_params_that_a_case_sets_count_for_its_rows(home: Path) -> None:
    row = "at amount debtor_balance\n+0h 5 1\n"
    found = counts(covered(home, "plain", row, f"{{least: 1}}|{row}"))
    assert found["when", "payments >= least"] == (1, 1, 0)


def test_levels_and_sides(home: Path) -> None:
    found = counts(covered(home, "bands", "at amount\n+0h 100\n+1h 60\n"))
    assert found == {
        ("level 1", 'direction == "out"'): (2, 2, 0),
        ("level 1", "amount >= 100"): (2, 2, 0),
        ("level 2", "amount >= 50"): (4, 0, 0),
    }


def test_steps_ask_of_a_row_and_when_of_a_chain(home: Path) -> None:
    rows = "at amount kind\n+0h 5 transfer\n+1h 60 transfer\n+2h 60 transfer\n+3h 7 card\n"
    found = counts(covered(home, "pair", rows))
    assert found == {
        ("step", "small: amount <= 5"): (1, 3, 0),
        ("step", 'large: amount >= 10 * small.amount and kind == "transfer"'): (3, 1, 0),
        ("when", "same.amount < 1_000"): (1, 0, 0),
    }


def test_when_is_asked_of_each_path(home: Path) -> None:
    circle = "at debtor_account creditor_account amount\n+0h A B {0}\n+1h B A {0}\n"
    found = counts(covered(home, "circle", circle.format(100), circle.format(50)))
    assert found == {("when", "amount_out >= 100"): (1, 1, 0)}


def test_rules_over_alerts_are_asked_of_alerts(home: Path) -> None:
    found = counts(covered(home, "above", "at amount\n+0h 60\n+1h 60\n"))
    assert found == {("when", "alerts >= 2"): (3, 1, 0)}


def test_a_rule_without_cases_has_seen_nothing(home: Path) -> None:
    covered(home, "bands", "at amount\n+0h 100\n")
    report = run_cases(home, coverage=True)
    assert report.coverage is not None
    by_rule = {one.rule: (one.cases, one.seen, one.possible) for one in report.coverage}
    assert by_rule == {
        "above": (0, 0, 2),
        "bands": (1, 4, 6),
        "circle": (0, 0, 2),
        "pair": (0, 0, 6),
        "plain": (0, 0, 10),
    }
    assert report.covered == pytest.approx(100 * 4 / 26)
    chosen = run_cases(home, coverage=True, name="bands")
    assert chosen.coverage is not None
    assert [one.rule for one in chosen.coverage] == ["bands"]
    assert run_cases(home).coverage is None


def test_coverage_is_what_the_rule_that_always_fires_tells(home: Path) -> None:
    rows = "at amount debtor_balance channel\n+0h 5 1 web\n+1h 95 1 -\n+2h 99 1 app\n"
    found = counts(covered(home, "plain", rows))
    pack = load_pack(home)
    cases, _ = read_cases(home / "plain.cases.yaml", pack)
    rules = {rule.id: rule for rule in pack.rules}
    told = Explainer(pack, lay_out(cases, pack), rules, {"plain": [0]}).told("plain", 0)
    seen = Counter((one["text"], one["result"]) for row in told for one in row["clauses"])
    for (part, text), numbers in found.items():
        name = f"needs: {text}" if part == "needs" else text
        if part != "where":
            assert tuple(seen[name, result] for result in (True, False, None)) == numbers
