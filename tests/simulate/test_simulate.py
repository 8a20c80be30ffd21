from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from txmon.simulate import Scenario, Simulation, parts, simulate, write
from txmon.simulate.frames import (
    ACCOUNT_SCHEMA,
    HONEST_SCHEMA,
    LABEL_SCHEMA,
    PAYMENT_SCHEMA,
    VICTIM_SCHEMA,
)
from txmon.simulate.scenario import HOME_ZONE, NATURAL_SIZE

if TYPE_CHECKING:
    from pathlib import Path

SIZE = 20_000


@pytest.fixture(scope="module")
def simulation() -> Simulation:
    return simulate(transactions=SIZE, seed=5)


def assert_equal(one: Simulation, other: Simulation) -> None:
    assert_frame_equal(one.payments, other.payments)
    assert_frame_equal(one.labels, other.labels)
    assert_frame_equal(one.accounts, other.accounts)
    assert_frame_equal(one.victims, other.victims)
    assert_frame_equal(one.honest, other.honest)


def test_equal_arguments_give_equal_frames(simulation: Simulation) -> None:
    assert_equal(simulate(transactions=SIZE, seed=5), simulation)


def test_another_seed_gives_other_payments(simulation: Simulation) -> None:
    other = simulate(transactions=SIZE, seed=6)

    assert not other.payments.equals(simulation.payments)


def test_frames_have_the_promised_columns(simulation: Simulation) -> None:
    assert dict(simulation.payments.schema) == PAYMENT_SCHEMA
    assert dict(simulation.labels.schema) == LABEL_SCHEMA
    assert dict(simulation.accounts.schema) == ACCOUNT_SCHEMA
    assert dict(simulation.victims.schema) == VICTIM_SCHEMA
    assert dict(simulation.honest.schema) == HONEST_SCHEMA


@pytest.mark.parametrize(
    ("transactions", "days"), [(1_000, 7), (1_800, 90), (3_333, 30), (12_000, 400)]
)
def test_there_are_exactly_as_many_transactions_as_asked_for(transactions: int, days: int) -> None:
    made = simulate(transactions=transactions, days=days)

    assert len(made.payments) == transactions


def test_ids_are_unique_and_times_strictly_rise(simulation: Simulation) -> None:
    payments = simulation.payments

    assert payments["transaction_id"].n_unique() == SIZE
    assert payments["event_time"].diff().drop_nulls().min() > timedelta(0)  # type: ignore[operator]


def test_every_payment_lies_in_the_period() -> None:
    times = simulate(transactions=2_000, start=date(2025, 12, 30), days=9).payments["event_time"]
    first = datetime(2025, 12, 30, tzinfo=HOME_ZONE)

    assert times.min() >= first  # type: ignore[operator]
    assert times.max() < first + timedelta(days=9, seconds=1)  # type: ignore[operator]


def test_money_and_currency_come_together_and_every_row_has_an_account(
    simulation: Simulation,
) -> None:
    payments = simulation.payments
    amount, currency = pl.col("amount"), pl.col("currency")
    nobody = pl.col("debtor_account").is_null() & pl.col("creditor_account").is_null()

    assert payments.filter(amount.is_null() != currency.is_null()).is_empty()
    assert payments.filter(nobody).is_empty()
    assert payments.filter(amount <= 0).is_empty()
    assert payments.filter(amount.is_null())["kind"].unique().to_list() == ["login"]


def test_nobody_pays_themselves(simulation: Simulation) -> None:
    same = pl.col("debtor_account") == pl.col("creditor_account")

    assert simulation.payments.filter(same).is_empty()


def test_balances_run_on_from_payment_to_payment(simulation: Simulation) -> None:
    home = simulation.payments.filter(pl.col("currency") == "CNY").with_row_index()
    columns = ["index", "event_time", "account", "balance", "change"]
    out = home.select(
        "index", "event_time", account="debtor_account", balance="debtor_balance",
        change=-pl.col("amount"),
    )  # fmt: skip
    into = home.select(
        "index", "event_time", account="creditor_account", balance="creditor_balance",
        change="amount",
    )  # fmt: skip
    sides = pl.concat([out, into]).select(columns).drop_nulls().sort("account", "index")
    # Money from or to abroad moves a balance too, and has no line here.
    foreign = simulation.payments.filter(pl.col("currency") != "CNY")
    strangers = pl.concat([foreign["debtor_account"], foreign["creditor_account"]]).unique()
    known = sides.filter(~pl.col("account").is_in(strangers.drop_nulls().implode()))
    after = (pl.col("balance") + pl.col("change")).shift().over("account")

    assert known.filter(pl.col("balance") != after).is_empty()
    assert len(known) > SIZE / 2


def test_some_currencies_are_foreign_but_few(simulation: Simulation) -> None:
    share = simulation.payments["currency"].drop_nulls().ne("CNY").mean()

    assert 0.01 < share < 0.08  # type: ignore[operator]


def test_yen_have_no_smaller_coin(simulation: Simulation) -> None:
    yen = simulation.payments.filter(pl.col("currency") == "JPY")["amount"]

    assert len(yen) > 0
    assert (yen % 1 == 0).all()


@pytest.mark.parametrize("transactions", [50_000, 120_000])
def test_the_share_of_fraud_does_not_depend_on_size(transactions: int) -> None:
    made = simulate(transactions=transactions, seed=2)

    assert 0.07 < len(made.labels) / transactions < 0.125
    assert len(made.victims) == pytest.approx(transactions * 800 / NATURAL_SIZE, abs=1)


def test_labels_name_transactions_and_accounts_that_exist(simulation: Simulation) -> None:
    payments, labels, accounts = simulation.payments, simulation.labels, simulation.accounts
    parties = pl.concat([payments["debtor_account"], payments["creditor_account"]])

    assert labels.join(payments, on="transaction_id", how="anti").is_empty()
    assert set(accounts["account"]) <= set(parties)
    assert set(labels["incident"]) <= set(accounts["incident"])
    assert labels["transaction_id"].is_unique().all()


def test_nobody_is_robbed_twice(simulation: Simulation) -> None:
    assert simulation.victims["account"].is_unique().all()


def test_an_account_has_one_part_in_an_incident(simulation: Simulation) -> None:
    assert simulation.accounts.select("account", "incident").is_unique().all()


def test_an_unknown_scenario_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no scenario 'heist', only telefraud"):
        Scenario(2_000, name="heist")


def test_activity_is_skewed_and_follows_day_and_week(simulation: Simulation) -> None:
    local = simulation.payments.with_columns(
        local=pl.col("event_time").dt.convert_time_zone("Asia/Shanghai")
    )
    payers = local.group_by("creditor_account").agg(n=pl.col("debtor_account").n_unique())
    hours = local.group_by(pl.col("local").dt.hour()).len().sort("local")["len"]
    days = local.group_by(pl.col("local").dt.date()).len()
    weekday = pl.col("local").dt.weekday()

    assert payers.drop_nulls()["n"].max() > 20 * payers["n"].median()  # type: ignore[operator]
    assert hours[18] > 5 * hours[3]
    assert (
        days.filter(weekday == 6)["len"].mean() > days.filter(weekday == 2)["len"].mean()  # type: ignore[operator]
    )


def test_parts_of_a_day_put_together_are_the_whole(simulation: Simulation) -> None:
    days = list(parts(Scenario(SIZE, seed=5)))

    assert len(days) == 90
    assert_frame_equal(pl.concat([day.payments for day in days]), simulation.payments)


def test_written_files_hold_the_same_simulation(tmp_path: Path, simulation: Simulation) -> None:
    stale = tmp_path / "payments" / "part-0007.parquet"
    stale.parent.mkdir()
    stale.write_bytes(b"left over")

    written = write(tmp_path, transactions=SIZE, seed=5)

    assert [path.name for path in written.files] == ["part-0000.parquet"]
    assert not stale.exists()
    assert written.labelled == len(simulation.labels)
    assert written.victims == len(simulation.victims) > 0
    on_disk = Simulation(
        pl.read_parquet(tmp_path / "payments" / "*.parquet"),
        pl.read_parquet(tmp_path / "labels" / "transactions.parquet"),
        pl.read_parquet(tmp_path / "labels" / "accounts.parquet"),
        pl.read_parquet(tmp_path / "labels" / "victims.parquet"),
        pl.read_parquet(tmp_path / "labels" / "honest.parquet"),
    )
    assert_equal(on_disk, simulation)


@pytest.mark.parametrize(("transactions", "days"), [(999, 7), (1_799, 90), (5_000, 6)])
def test_too_small_a_scenario_is_refused(transactions: int, days: int) -> None:
    with pytest.raises(ValueError, match="at least"):
        Scenario(transactions, days=days)


def test_streams_of_one_seed_are_independent_of_each_other() -> None:
    scenario = Scenario(2_000, seed=9)

    assert scenario.stream(1).random() == scenario.stream(1).random()
    assert scenario.stream(1).random() != scenario.stream(2).random()
    assert np.unique([Scenario(2_000, seed=s).stream(1).random() for s in range(9)]).size == 9


def test_written_files_are_the_same_to_the_byte(tmp_path: Path) -> None:
    one, other = (
        write(tmp_path / name, transactions=2_000, seed=3, days=14) for name in ("one", "other")
    )
    files = sorted(
        path.relative_to(one.payments.parent) for path in tmp_path.glob("one/**/*.parquet")
    )

    assert len(files) == 5
    for file in files:
        mine, its = (written.payments.parent / file for written in (one, other))
        assert mine.read_bytes() == its.read_bytes()
