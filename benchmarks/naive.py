"""Rules as they are written without thinking, loosened until they alert as often as others do."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import txmon

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import polars as pl

    from txmon.language.checked import Pack

PACK = """\
name: naive
version: 1.0.0
currency: CNY
timezone: Asia/Shanghai
"""
RULE = """\
id: naive
version: 1.0.0
title: Many counterparties, many payments or much money
typology: naive.any
severity: medium
status: stable
by: account
params:
  parties: {{type: int, default: {parties}}}
  payments: {{type: int, default: {payments}}}
  limit: {{type: money, default: {limit}}}
features:
  counterparties: distinct(counterparty) over 24h
  made: count() over 24h
when: counterparties >= parties or made >= payments or amount >= limit
alert: {{subject: account, suppress: {{for: 7d, by: subject}}, message: "{{account}}"}}
"""
NEVER = {"parties": 10**6, "payments": 10**6, "limit": 10**9}
NAIVE: Mapping[str, tuple[str, ...]] = {
    "counterparties": ("parties",),
    "payments": ("payments",),
    "amount": ("limit",),
    "any of the three": ("parties", "payments", "limit"),
}
"""The forms a naive rule takes, by name: the params that it uses."""

STEPS = 12


def naive_alerts(
    payments: pl.DataFrame, form: str, wanted: int, size: Callable[[pl.DataFrame], int]
) -> pl.DataFrame:
    """The alerts of a naive rule, with the thresholds at which their size is nearest to ``wanted``.

    The thresholds that the form uses are the same quantile of what is seen in the payments.
    """
    seen = _seen(payments)
    low, high = 0.0, 1.0
    nearest, distance = payments.clear(), float("inf")
    for _ in range(STEPS):
        middle = (low + high) / 2
        alerts = _alerts(payments, {name: _at(seen[name], middle) for name in NAIVE[form]})
        found = size(alerts)
        if abs(found - wanted) < distance:
            nearest, distance = alerts, abs(found - wanted)
        low, high = (middle, high) if found > wanted else (low, middle)
    return nearest


def _seen(payments: pl.DataFrame) -> dict[str, pl.Series]:
    features = txmon.features(payments, _pack(NEVER))
    return {
        "parties": features["naive.counterparties"].drop_nulls(),
        "payments": features["naive.made"].drop_nulls(),
        "limit": payments["amount"].drop_nulls(),
    }


def _at(values: pl.Series, quantile: float) -> int:
    # Thresholds matter where they are rare: the quantile is counted in powers of ten.
    return int(values.quantile(1 - 10 ** (-6 * quantile), "higher") or 0)


def _alerts(payments: pl.DataFrame, thresholds: Mapping[str, int]) -> pl.DataFrame:
    return txmon.score(payments, _pack({**NEVER, **thresholds})).alerts


def _pack(thresholds: Mapping[str, int]) -> Pack:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "pack.yaml").write_text(PACK)
        (home / "naive.yaml").write_text(RULE.format(**thresholds))
        (home / "rates.csv").write_text((RULES / "rates.csv").read_text())
        return txmon.load_pack(home)


RULES = Path(__file__).parents[1] / "rules"
