"""Names and values give nothing away: only behaviour does."""

from __future__ import annotations

import math

import polars as pl
import pytest

SIGMAS = 4.5

NAMES = {
    "debtor_account": "debtor_account",
    "debtor_customer": "debtor_account",
    "device_id": "debtor_account",
    "phone": "debtor_account",
    "card_id": "debtor_account",
    "creditor_account": "creditor_account",
}
"""Column of names -> whose guilt it could betray."""


def guilt(payments: pl.DataFrame, accounts: pl.DataFrame, name: str) -> pl.DataFrame:
    """Every name of a column in order, and whether an account behind it took part."""
    return (
        payments.select(name=name, account=NAMES[name])
        .drop_nulls()
        .unique()
        .with_columns(guilty=pl.col("account").is_in(accounts["account"].implode()))
        .group_by("name")
        .agg(pl.col("guilty").any())
        .sort("name")
    )


@pytest.mark.parametrize("name", NAMES)
def test_neighbours_of_guilty_names_are_not_guiltier(
    payments: pl.DataFrame, accounts: pl.DataFrame, name: str
) -> None:
    known = guilt(payments, accounts, name)["guilty"]
    share = float(known.mean())  # type: ignore[arg-type]
    pairs = int((known & known.shift()).sum())
    expected = share * share * len(known)

    assert known.sum() > 100
    assert abs(pairs - expected) < SIGMAS * math.sqrt(expected)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("part", [(1, 2), (-1, 1), (0, 2)], ids=["prefix", "last", "first"])
def test_no_prefix_or_ending_is_guiltier(
    payments: pl.DataFrame, accounts: pl.DataFrame, name: str, part: tuple[int, int]
) -> None:
    known = guilt(payments, accounts, name)
    share = float(known["guilty"].mean())  # type: ignore[arg-type]
    groups = known.group_by(pl.col("name").str.slice(*part)).agg(pl.len(), pl.col("guilty").sum())
    spread = (pl.col("len") * share * (1 - share)).sqrt() + 1
    far = groups.select(((pl.col("guilty") - pl.col("len") * share).abs() / spread).max()).item()

    assert far < SIGMAS


def test_transaction_ids_only_count(payments: pl.DataFrame) -> None:
    numbers = payments["transaction_id"].str.slice(1).cast(pl.Int64)

    assert (numbers.diff().drop_nulls() == 1).all()


@pytest.mark.parametrize(
    "column",
    ["kind", "channel", "currency", "region", "remittance_information", "merchant_category"],
)
def test_no_word_is_used_by_criminals_alone(
    payments: pl.DataFrame, labels: pl.DataFrame, column: str
) -> None:
    guilty = pl.col("transaction_id").is_in(labels["transaction_id"].implode())
    shares = payments.group_by(column).agg(guilty.mean(), pl.len()).filter(pl.col("len") > 20)

    assert shares["transaction_id"].max() < 0.8  # type: ignore[operator]


def test_victims_and_mules_look_like_others_in_what_is_known_of_them(
    payments: pl.DataFrame, accounts: pl.DataFrame
) -> None:
    known = payments.select("debtor_account", "debtor_segment", "debtor_country").drop_nulls()
    guilty = known.filter(pl.col("debtor_account").is_in(accounts["account"].implode()))

    assert set(guilty["debtor_segment"]) == {"retail"}
    assert known.filter(debtor_segment="retail").height > 3 * guilty.height
