"""The scenario at its natural size has the proportions of the police report."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import polars as pl
import pytest

from txmon.simulate.vocabulary import AccountRole, Difficulty, Role, texts

if TYPE_CHECKING:
    from collections.abc import Callable

CRIMINAL = pl.col("role") != "victim"


def test_the_police_report(victims: pl.DataFrame, accounts: pl.DataFrame) -> None:
    rented = accounts.filter(CRIMINAL)["account"].n_unique()

    assert victims["syndicate"].n_unique() == 11
    assert len(victims) == 800
    assert 180 <= rented <= 190
    assert Decimal(55_000_000) < victims["lost"].sum() < Decimal(65_000_000)


def test_most_lose_five_to_thirty_thousand_and_some_far_more(victims: pl.DataFrame) -> None:
    lost = victims["lost"]

    assert lost.is_between(5_000, 30_000).mean() > 0.6  # type: ignore[operator]
    assert (lost > 150_000).sum() > 40
    assert (lost <= 0).sum() == 0


@pytest.mark.parametrize("role", texts(Role))
def test_every_role_of_a_transaction_is_played(labels: pl.DataFrame, role: str) -> None:
    assert labels.filter(role=role).height >= 5


@pytest.mark.parametrize("part", texts(AccountRole))
def test_every_part_of_an_account_is_played(accounts: pl.DataFrame, part: str) -> None:
    assert accounts.filter(role=part).height >= 20


@pytest.mark.parametrize("difficulty", texts(Difficulty))
def test_every_difficulty_has_its_share(victims: pl.DataFrame, difficulty: str) -> None:
    assert victims.filter(difficulty=difficulty).height > 0.12 * len(victims)


@pytest.mark.parametrize("scheme", ["safe_account", "click_farm", "coached_loan", "rented_cards"])
def test_every_scheme_takes_money_by_several_syndicates(victims: pl.DataFrame, scheme: str) -> None:
    assert victims.filter(scheme=scheme)["syndicate"].n_unique() >= 3


def test_losses_add_up_and_have_their_times(
    payments: pl.DataFrame, labels: pl.DataFrame, victims: pl.DataFrame
) -> None:
    told = labels.join(payments, on="transaction_id", suffix="_booked")
    took = told.filter(pl.col("lost") > 0)
    again = took.group_by(account="victim").agg(
        pl.col("event_time_booked").min().alias("first"), pl.len().alias("count")
    )
    seen = victims.join(again, on="account", validate="1:1")

    assert (took["amount"] == took["lost"]).all()
    assert (took["debtor_account"] == took["victim"]).all()
    assert len(seen) == len(victims)
    assert (seen["first"] == seen["first_loss"]).all()
    assert (seen["count"] == seen["payments"]).all()
    assert (victims["first_loss"] <= victims["last_loss"]).all()
    assert labels["lost"].sum() == victims["lost"].sum()


def test_mules_pass_on_no_more_than_they_got(payments: pl.DataFrame, labels: pl.DataFrame) -> None:
    away = labels.filter(pl.col("role").is_in(["pass_on", "cash_out", "spend_abroad"]))
    rows = payments.join(away, on="transaction_id").filter(currency="CNY")

    assert rows.height > 1_000
    assert (rows["debtor_balance"] >= rows["amount"]).mean() > 0.999  # type: ignore[operator]


def test_money_goes_through_several_layers(payments: pl.DataFrame, labels: pl.DataFrame) -> None:
    def parties(role: str, side: str) -> set[str]:
        ids = labels.filter(role=role)["transaction_id"].implode()
        return set(payments.filter(pl.col("transaction_id").is_in(ids))[side].drop_nulls())

    first = parties("payment", "creditor_account")
    second = parties("pass_on", "creditor_account")

    assert parties("pass_on", "debtor_account") & first
    assert parties("pass_on", "debtor_account") & second
    assert parties("cash_out", "debtor_account") & second


def test_cards_are_spent_abroad_in_foreign_money(
    payments: pl.DataFrame, labels: pl.DataFrame
) -> None:
    spent = payments.join(labels.filter(role="spend_abroad"), on="transaction_id")

    assert (spent["currency"] != "CNY").all()
    assert spent["currency"].n_unique() >= 3


def test_some_syndicates_share_mules_and_devices(
    payments: pl.DataFrame, labels: pl.DataFrame, accounts: pl.DataFrame
) -> None:
    of_mule = accounts.filter(CRIMINAL).group_by("account").agg(pl.col("syndicate").n_unique())
    moved = payments.join(labels.filter(role="pass_on"), on="transaction_id")
    of_device = moved.drop_nulls("device_id").group_by("device_id")

    assert (of_mule["syndicate"] > 1).sum() > 3
    assert (of_device.agg(pl.col("syndicate").n_unique())["syndicate"] > 1).any()


def test_fake_identities_share_phones_and_devices(
    payments: pl.DataFrame, accounts: pl.DataFrame
) -> None:
    fake = accounts.filter(role="identity")["account"].implode()
    sessions = payments.filter(pl.col("debtor_account").is_in(fake), kind="login")

    for shared in ("device_id", "phone", "ip_address"):
        most = sessions.group_by(shared).agg(pl.col("debtor_account").n_unique())
        assert most["debtor_account"].max() >= 3  # type: ignore[operator]


def _first_use(payments: pl.DataFrame, side: str) -> Callable[[str], pl.DataFrame]:
    return lambda name: payments.group_by(pl.col(side).alias("account")).agg(
        pl.col("event_time").min().alias(name)
    )


def test_rented_accounts_are_fresh_or_dormant_or_lived_in(
    payments: pl.DataFrame, accounts: pl.DataFrame, labels: pl.DataFrame
) -> None:
    rented = accounts.filter(CRIMINAL).select("account").unique()
    guilty = payments.join(labels, on="transaction_id", how="semi")
    own = payments.join(labels, on="transaction_id", how="anti")
    used = rented.join(_first_use(guilty, "debtor_account")("used"), on="account")
    lived = used.join(_first_use(own, "debtor_account")("lived"), on="account", how="left")

    fresh = lived["lived"].is_null() | (lived["lived"] > lived["used"])
    assert 0.2 < fresh.mean() < 0.8  # type: ignore[operator]
