"""What can never hold, always holds, or says nothing beside another condition."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from authoring.lint.packs import codes, told

if TYPE_CHECKING:
    from pathlib import Path

FEATURES = """\
by: account
params:
  least: {type: int, default: 5}
  most: {type: int, default: 3}
  limit: {type: money, default: 100.00, vary: {own_segment: {corporate: 5_000.00}}}
features:
  n: count() where direction == "in" over 24h
  seen: count() over last 5
  here: count() over 24h
  part: count() where direction == "in" and amount < 50 over 24h
  cash: sum(amount) where direction == "in" over 24h
  small: sum(amount) where direction == "in" and amount < 50 over 24h
  idle: time_since_previous()
  last_in: last(event_time) where direction == "in" over 7d
  held: event_time - last_in
  ratio: small / cash
  new: is_first(counterparty) over 90d
alert: {suppress: 24h, message: "{n} {seen} {here} {part} {cash} {small}"}
"""

WRONG = [
    ("n < 0", "L101"),
    ("n >= -1", "L102"),
    ("here < 1", "L101"),
    ("here >= 1", "L102"),
    ("seen > 5", "L101"),
    ("seen <= 5", "L102"),
    ("hour(event_time) > 23", "L101"),
    ("weekday(event_time) in (0, 8)", "L101"),
    ("weekday(event_time) in 1..7", "L102"),
    ("weekday(event_time) == 0", "L101"),
    ("idle < 0s", "L101"),
    ("held < 0s", "L101"),
    ("similarity(debtor_name, creditor_name) > 80", "L101"),
    ("length(debtor_name) < 0", "L101"),
    ('lower(debtor_name) == "SMITH"', "L101"),
    ('lower(debtor_name) in ("Smith", "JONES")', "L101"),
    ('debtor_name contains ""', "L102"),
    ("amount > amount", "L101"),
    ("part > n", "L101"),
    ("small > 110% * cash", "L101"),
    ("ratio > 110%", "L101"),
    ("amount in 500..100", "L101"),
    ("abs(amount - 500) < 0", "L101"),
    ("n > 5 and n < 3", "L103"),
    ("n >= least and n < most", "L103"),
    ("n > 5 and n < 6", "L103"),
    ('kind == "card" and kind == "transfer"', "L103"),
    ('kind in ("card", "login") and kind == "transfer"', "L103"),
    ('kind == "card" and kind != "card"', "L103"),
    ("amount < limit and amount > 6_000", "L103"),
    ("new and not new", "L103"),
    ("n >= 5 and n >= 3", "L104"),
    ("n >= 3 and n >= 5", "L104"),
    ("n >= 5 or n >= 3", "L104"),
    ('kind == "card" and kind in ("card", "login")', "L104"),
    ("n >= least and (n >= least or amount > 5)", "L104"),
    ("cash > 10 and small >= 80% * cash and small >= 50% * cash", "L104"),
]
RIGHT = [
    "amount < 0",
    "n >= 0 + 1",
    "n >= least and n >= 2",
    "idle >= 0s",
    "seen >= 5",
    "n > 5 and n < 7",
    "amount > limit and amount < 4_000",
    "amount >= limit and amount >= 200",
    'kind == "card" or kind == "transfer"',
    'not (kind == "card" and amount < 5)',
    "n >= 5 or cash >= 3",
    "cash >= 5 and small >= 3",
    "new or idle > 90d",
    "small >= cash",
    "held < 2h and idle < 2h",
    'lower(debtor_name) == "straße"',
    "amount < 50 or amount > 5_000",
    "n >= 3 and (n >= 5 or amount > 10)",
]


@pytest.mark.parametrize(("condition", "code"), WRONG)
def test_what_cannot_be_meant(condition: str, code: str, tmp_path: Path) -> None:
    rule = f"{FEATURES}when: '{condition} and direction != \"\"'\n"
    if " or " in condition:
        rule = f"{FEATURES}when: '({condition}) and direction != \"\"'\n"
    rule = rule.replace(' and direction != ""', ' and direction == "in"')
    found = [one for one in codes(tmp_path, rule) if one.startswith("L1") and one != "L107"]
    assert found == [code]


@pytest.mark.parametrize("condition", RIGHT)
def test_what_may_well_be_meant(condition: str, tmp_path: Path) -> None:
    rule = f"{FEATURES}when: '({condition}) and direction == \"in\"'\n"
    found = [one for one in codes(tmp_path, rule) if one.startswith("L10") and one != "L107"]
    assert found == []


def test_the_very_words_are_underlined(tmp_path: Path) -> None:
    rule = "by: debtor_account\nfeatures:\n  n: count() over 24h\n"
    rule += "when: >-\n  amount > 500 and\n  (n >= 5\n  and n >= 3)\nalert: {suppress: 24h}\n"
    (finding,) = told(tmp_path, rule)
    assert (finding.code, finding.source) == ("L104", "  and n >= 3)")
    assert (finding.location.line, finding.location.column, finding.location.length) == (13, 7, 6)
    assert finding.message == "'n >= 3' says nothing beside 'n >= 5'"


def test_where_and_needs_are_known_in_when(tmp_path: Path) -> None:
    rule = 'where: kind == "card"\nby: debtor_account\nfeatures: {n: count() over 7d}\n'
    rule += "needs: n >= 3\nwhen: n < 2\nalert: {suppress: 7d}\n"
    assert codes(tmp_path, rule) == ["L103"]
    assert codes(tmp_path, rule.replace("n < 2", 'amount > 5 and kind != "card"')) == ["L103"]


def test_levels_that_vary_are_not_taken_for_one_another(tmp_path: Path) -> None:
    rule = "by: debtor_account\nparams:\n"
    rule += "  a: {type: money, default: 50.00, vary: {debtor_segment: {corporate: 5_000.00}}}\n"
    rule += "features: {n: count() over 7d}\nlevels:\n  - when: amount > a and n >= 2\n"
    rule += "  - when: amount > 100 and n >= 2\nalert: {suppress: 7d}\n"
    assert codes(tmp_path, rule) == []
    assert codes(tmp_path, rule.replace("amount > 100", "amount > 6_000")) == ["L105"]
    assert codes(tmp_path, rule.replace("amount > 100", "amount > a")) == ["L105"]


def test_a_level_is_covered_by_one_with_or(tmp_path: Path) -> None:
    rule = "by: debtor_account\nfeatures: {n: count() over 7d}\nlevels:\n"
    rule += "  - when: amount > 900 or n >= 3\n  - when: n >= 5 and amount > 5\n"
    rule += "alert: {suppress: 7d}\n"
    assert codes(tmp_path, rule) == ["L105"]
    assert codes(tmp_path, rule.replace("n >= 5", "n >= 2")) == []


def test_measures_of_paths_have_their_bounds(tmp_path: Path) -> None:
    rule = "graph:\n  cycle: {hops: 3..5, within: 72h}\nwhen: amount_cv < 0.25 and hops <= 2\n"
    assert codes(tmp_path, rule) == ["L101"]
    assert codes(tmp_path, rule.replace("hops <= 2", "middles >= 2")) == ["L102"]
    assert codes(tmp_path, rule.replace("hops <= 2", "hops >= 4")) == []
