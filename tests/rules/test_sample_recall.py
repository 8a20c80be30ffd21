"""What the shipped rules find in the sample, whose every fraud is labelled."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from txmon.evaluate import Carry, evaluate
from txmon.packs import load_pack
from txmon.plan import compile_plan
from txmon.sources import intake

ROOT = Path(__file__).parents[2]
MONTHS = 2
MOST_HONEST_ALERTS = 5
"""Per 1,000 accounts a month."""


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


def found(accounts: pl.DataFrame, alerts: pl.DataFrame, role: str) -> float:
    """Share of the accounts of a role that some alert is about."""
    wanted = accounts.filter(role=role)["account"]
    return wanted.is_in(alerts["subject"].implode()).mean()  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("role", "share"),
    [("safe_account", 1.0), ("collector", 1.0), ("mule", 0.8), ("identity", 0.5)],
)
def test_accounts_of_criminals_are_found(
    accounts: pl.DataFrame, alerts: pl.DataFrame, role: str, share: float
) -> None:
    assert found(accounts, alerts, role) >= share


@pytest.mark.parametrize(
    ("scheme", "rules"),
    [
        ("safe_account", ["safe-account-drip"]),
        ("identity_ring", ["new-payee-drain", "stranger-device"]),
    ],
)
def test_victims_are_found_by_the_rules_made_for_them(
    accounts: pl.DataFrame, alerts: pl.DataFrame, scheme: str, rules: list[str]
) -> None:
    victims = accounts.filter(scheme=scheme, role="victim")

    for rule in rules:
        assert found(victims, alerts.filter(rule_id=rule), "victim") >= 0.8


def test_every_rule_finds_some_fraud(
    payments: pl.DataFrame, accounts: pl.DataFrame, alerts: pl.DataFrame
) -> None:
    criminal = accounts.filter(scheme="identity_ring", role="identity")["account"]
    devices = payments.filter(pl.col("debtor_account").is_in(criminal.implode()))["device_id"]
    guilty = pl.concat([accounts["account"], devices.drop_nulls().unique()])

    right = alerts.filter(pl.col("subject").is_in(guilty.implode()))

    assert right["rule_id"].n_unique() == len(load_pack(ROOT / "rules").rules)


def test_honest_alerts_are_rare(
    payments: pl.DataFrame, accounts: pl.DataFrame, alerts: pl.DataFrame
) -> None:
    on_accounts = alerts.filter(subject_kind="account")
    honest = on_accounts.filter(~pl.col("subject").is_in(accounts["account"].implode()))
    size = payments["debtor_account"].n_unique()

    assert len(honest) / MONTHS / size * 1_000 <= MOST_HONEST_ALERTS
