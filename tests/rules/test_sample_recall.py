"""What the shipped rules find in the sample, whose every fraud is labelled.

The rules were tuned on this sample, so it proves little that they find much in it; each rule has to
find something, and each syndicate must be found by something.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from txmon.evaluate import Carry, evaluate
from txmon.packs import load_pack
from txmon.plan import compile_plan
from txmon.sources import intake

ROOT = Path(__file__).parents[2]
README = (ROOT / "rules" / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def payments() -> pl.DataFrame:
    return pl.read_parquet(ROOT / "sample_data" / "payments" / "*.parquet")


@pytest.fixture(scope="module")
def accounts() -> pl.DataFrame:
    return pl.read_parquet(ROOT / "sample_data" / "labels" / "accounts.parquet")


@pytest.fixture(scope="module")
def alerts(payments: pl.DataFrame) -> pl.DataFrame:
    pack = load_pack(ROOT / "rules")
    taken = intake(payments, pack)
    assert taken.counts.accepted == len(payments)
    plan = compile_plan(pack, taken.accepted.columns)
    return evaluate(plan, Carry(), taken.accepted).alerts


def test_every_syndicate_is_met_by_some_alert(accounts: pl.DataFrame, alerts: pl.DataFrame) -> None:
    met = accounts.filter(pl.col("account").is_in(alerts["subject"].implode()))

    assert met["syndicate"].n_unique() == accounts["syndicate"].n_unique() == 11


def test_every_rule_finds_some_fraud(
    payments: pl.DataFrame, accounts: pl.DataFrame, alerts: pl.DataFrame
) -> None:
    criminal = accounts.filter(pl.col("role") != "victim")["account"]
    used = payments.filter(pl.col("debtor_account").is_in(criminal.implode()))
    shared = [used[name].drop_nulls().unique() for name in ("device_id", "phone", "ip_address")]
    guilty = pl.concat([accounts["account"], *shared])

    right = alerts.filter(pl.col("subject").is_in(guilty.implode()))

    assert right["rule_id"].n_unique() == len(load_pack(ROOT / "rules").rules)


def test_the_figures_of_the_sample_are_those_of_the_readme(
    alerts: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    found = import_module("found")
    data = found.Labelled.read(ROOT / "sample_data")
    told = found.Found(data, alerts)
    figures = (
        f"{alerts.height:,}",
        f"{told.honest_rate:.1f}",
        found.percent(found.mean(told.victims["in_time"])),
        found.percent(found.mean(told.fate(data.passed_on)["in_time"])),
        found.percent(told.in_time),
    )

    assert f"| 7 (tuned on) | {' | '.join(figures)} |" in README
