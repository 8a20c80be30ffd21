"""Honest life that would fool a careless rule, counted by its name."""

from __future__ import annotations

import polars as pl
import pytest

from txmon.simulate.occasions import OCCASIONS


@pytest.mark.parametrize("occasion", OCCASIONS, ids=lambda occasion: occasion.name)
def test_every_occasion_happens_as_often_as_it_says(honest: pl.DataFrame, occasion: object) -> None:
    name, times = occasion.name, occasion.times  # type: ignore[attr-defined]
    seen = honest.filter(occasion=name)["incident"].n_unique()

    assert 0.8 * times <= seen <= times


def test_the_honest_are_not_labelled(honest: pl.DataFrame, labels: pl.DataFrame) -> None:
    assert honest.join(labels, on="transaction_id").is_empty()


@pytest.mark.parametrize(
    ("note", "count"),
    [
        ("Salary", 10_000), ("Pension", 1_000), ("Rent", 3_000), ("Utility bill", 10_000),
        ("Own account", 2_000), ("Refund of order", 500), ("Online order", 3_000),
        ("Loan instalment", 1_000), ("Loan disbursement", 500), ("Donation", 100),
        ("Tuition fee", 50), ("Wedding gift", 200), ("Daily takings", 500),
        ("Invoice payment", 1_000), ("Wallet top up", 1_000), ("Overseas purchase", 1_000),
    ],
)  # fmt: skip
def test_daily_life_is_there(
    payments: pl.DataFrame, labels: pl.DataFrame, note: str, count: int
) -> None:
    own = payments.join(labels, on="transaction_id", how="anti")

    assert own.filter(remittance_information=note).height >= count


def test_families_share_devices_and_carriers_share_addresses(
    payments: pl.DataFrame, accounts: pl.DataFrame
) -> None:
    own = payments.join(accounts, left_on="debtor_account", right_on="account", how="anti")
    users = own.group_by("device_id").agg(pl.col("debtor_customer").n_unique()).drop_nulls()
    behind = own.group_by("ip_address").agg(pl.col("debtor_customer").n_unique()).drop_nulls()

    assert (users["debtor_customer"] > 1).sum() > 500
    assert (behind["debtor_customer"] > 50).sum() > 20


def test_some_sellers_have_thousands_of_payers(payments: pl.DataFrame) -> None:
    payers = payments.group_by("creditor_account").agg(pl.col("debtor_account").n_unique())

    assert (payers.drop_nulls()["debtor_account"] > 2_000).sum() >= 1


def test_salaries_come_on_a_few_days(payments: pl.DataFrame) -> None:
    local = pl.col("event_time").dt.convert_time_zone("Asia/Shanghai").dt.day()
    days = payments.filter(remittance_information="Salary").select(local).to_series().unique()

    assert sorted(days) == [5, 10, 15, 25, 28]


def test_accounts_are_seldom_overdrawn(payments: pl.DataFrame) -> None:
    known = payments.filter(pl.col("debtor_balance").is_not_null(), debtor_segment="retail")

    assert (known["debtor_balance"] >= known["amount"]).mean() > 0.99  # type: ignore[operator]
