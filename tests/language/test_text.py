"""Typed nodes in words: readable for people, canonical for hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from language.rules import rule_of
from txmon.language.text import canonical, render, render_duration

if TYPE_CHECKING:
    from pathlib import Path

FEATURES = {
    "count() over 24h": (
        "count() by account over 24h",
        "(count () where - by account over [time 86400000000 0 ])",
    ),
    'sum(amount) where kind == "card" by [account, direction] over 30d ending 1d ago': (
        'sum(amount) where kind == "card" by [account, direction] over 30d ending 24h ago',
        (
            '(sum (amount) where (== kind text:"card") by account,direction'
            " over [time 2592000000000 86400000000 ])"
        ),
    ),
    "distinct(kind, branch) over last 10 matching excluding this": (
        "distinct(kind, branch) by account over last 10 matching excluding this",
        "(distinct (kind branch) where - by account over [rows 10 0 mx])",
    ),
    "max(amount) over all time": (
        "max(amount) by account over all time",
        "(max (amount) where - by account over [all 0 0 ])",
    ),
    "previous(amount) where amount > limit": (
        "previous(amount) where amount > 500 by account",
        "(previous (amount) where (> amount money:500) by account over -)",
    ),
    "is_first(kind) over 7d": (
        "is_first(kind) by account over 7d",
        "(is_first (kind) where - by account over [time 604800000000 0 ])",
    ),
    "amount > limit or not (5 <= amount < 9)": (
        "amount > 500 or not 5 <= amount < 9",
        "(or (> amount money:500) (not (range[) amount money:5 money:9)))",
    ),
    "if is_null(branch) then -amount else round(amount / 3, 2)": (
        "if is_null(branch) then -amount else round(amount / 3, 2)",
        "(if (is_null branch) (neg amount) (round.4 (/ amount int:3) int:2))",
    ),
    "debtor_account in lists.watched or kind in kinds": (
        'debtor_account in lists.watched or kind in ("card", "login")',
        '(or (in debtor_account lists.watched) (in kind text:"card" text:"login"))',
    ),
    "opened >= launch and amount <= varied": (
        "opened >= 2026-01-31 and amount <= {channel: {app: 9.50}, else: 5}",
        '(and (>= opened date:2026-01-31) (<= amount (vary channel "app":money:9.50 money:5)))',
    ),
    "amount * (risk_score - (1 - risk_score)) / 2": (
        "amount * (risk_score - (1 - risk_score)) / 2",
        "(/ (* amount (- risk_score (- int:1 risk_score))) int:2)",
    ),
    "count() over 3 calendar weeks excluding this": (
        "count() by account over 3 calendar weeks excluding this",
        "(count () where - by account over [periods 3 calendar week x])",
    ),
    "count() over previous calendar month": (
        "count() by account over previous calendar month",
        "(count () where - by account over [periods 1 previous calendar month ])",
    ),
    "count() over previous 10 business days": (
        "count() by account over previous 10 business days",
        "(count () where - by account over [periods 10 previous business day ])",
    ),
    "mean(count() per 24h) over 90d ending 24h ago": (
        "mean(count() per 24h) by account over 90d ending 24h ago",
        (
            "(groups (count () where - per 86400000000    having -)"
            " (mean () where - by account over [time 7776000000000 86400000000 ]))"
        ),
    ),
    "count(sum(amount) where amount > 5 per active calendar day having value < limit) over 9d": (
        (
            "count(sum(amount) where amount > 5 per active calendar day having value < 500)"
            " by account over 9d"
        ),
        (
            "(groups (sum (amount) where (> amount money:5) per 0 calendar day active "
            " having (< value money:500))"
            " (count () where - by account over [time 777600000000 0 ]))"
        ),
    ),
    'max(sum(amount) per counterparty) where kind == "card" over 2 business days': (
        'max(sum(amount) per counterparty) where kind == "card" by account over 2 business days',
        (
            "(groups (sum (amount) where - per 0   counterparty having -)"
            ' (max () where (== kind text:"card") by account over [periods 2 business day ]))'
        ),
    ),
}
PARAMS = """\
params:
  limit: {type: money, default: 500}
  launch: {type: date, default: 2026-01-31}
  kinds: {type: list, default: [card, login]}
  varied: {type: money, default: 5, vary: {channel: {app: 9.5}}}
"""


@pytest.mark.parametrize(("text", "forms"), FEATURES.items())
def test_features_in_words(text: str, forms: tuple[str, str], tmp_path: Path) -> None:
    rule = rule_of(tmp_path, f"by: account\n{PARAMS}features:\n  x: {text}\nwhen: is_null(x)\n")

    assert (render(rule.features["x"]), canonical(rule.features["x"])) == forms


@pytest.mark.parametrize(
    ("microseconds", "text"),
    [
        (0, "0s"),
        (7, "7us"),
        (1_500_000, "1500ms"),
        (90_000_000, "90s"),
        (5_400_000_000, "90min"),
        (86_400_000_000, "24h"),
        (129_600_000_000, "36h"),
        (604_800_000_000, "7d"),
        (-3_600_000_000, "-1h"),
    ],
)
def test_durations_in_their_largest_whole_unit(microseconds: int, text: str) -> None:
    assert render_duration(microseconds) == text
