"""What alerts found of payments whose every fraud is labelled, and the story of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

DAYS_A_MONTH = 365.25 / 12
HALF = 0.5
SHARED = ("device_id", "phone", "ip_address", "card_id")
"""What tells a group behind accounts: columns whose values may be an alert's subject."""

PARTIES = ("debtor_account", "creditor_account")
VICTIM = pl.lit("victim")


@dataclass(frozen=True)
class Labelled:
    """Payments and what is known of them: the tables of ``sample_data/labels``."""

    payments: pl.DataFrame
    transactions: pl.DataFrame
    accounts: pl.DataFrame
    victims: pl.DataFrame

    @classmethod
    def read(cls, folder: Path) -> Labelled:
        """Of a folder that ``txmon simulate`` wrote."""
        tables = (
            pl.read_parquet(folder / "labels" / f"{name}.parquet")
            for name in ("transactions", "accounts", "victims")
        )
        return cls(pl.read_parquet(folder / "payments" / "*.parquet"), *tables)

    @cached_property
    def sides(self) -> pl.DataFrame:
        """Every labelled transaction once a party: ``account``, ``event_time``."""
        found = self.payments.join(self.transactions.select("transaction_id"), on="transaction_id")
        sides = [found.select(pl.col(side).alias("account"), "event_time") for side in PARTIES]
        return pl.concat(sides).drop_nulls()

    @cached_property
    def criminals(self) -> pl.Series:
        """The accounts that take part and are no victims."""
        return self.accounts.filter(pl.col("role") != "victim")["account"].unique().sort()

    @cached_property
    def known_since(self) -> pl.DataFrame:
        """``subject``, ``since``: whose fraud it is, and its first labelled transaction.

        Subjects are accounts, and what criminals pay or log in with.
        """
        guilty = self.payments.filter(pl.col("debtor_account").is_in(self.criminals.implode()))
        guilty = guilty.join(self.transactions.select("transaction_id"), on="transaction_id")
        shared = [guilty.select(pl.col(name).alias("subject"), "event_time") for name in SHARED]
        accounts = self.sides.filter(pl.col("account").is_in(self.accounts["account"].implode()))
        every = pl.concat([accounts.rename({"account": "subject"}), *shared]).drop_nulls()
        return every.group_by("subject").agg(since=pl.col("event_time").min())

    @cached_property
    def honest_accounts(self) -> int:
        """How many private accounts the bank holds of which nothing is labelled."""
        held = [
            self.payments.filter(
                pl.col(f"{side}_balance").is_not_null(), pl.col(f"{side}_segment") == "retail"
            )[f"{side}_account"]
            for side in ("debtor", "creditor")
        ]
        return len(set(pl.concat(held)) - set(self.accounts["account"]))

    @cached_property
    def months(self) -> float:
        """How long the payments go on."""
        times = self.payments["event_time"]
        days = (times.max() - times.min()).total_seconds() / 86_400  # type: ignore[operator, union-attr]
        return days / DAYS_A_MONTH

    @cached_property
    def losses(self) -> pl.DataFrame:
        """What victims paid: ``account``, ``event_time``, ``moved``."""
        return self.transactions.filter(pl.col("lost") > 0).select(
            pl.col("victim").alias("account"), "event_time", moved=pl.col("lost").cast(pl.Float64)
        )

    @cached_property
    def passed_on(self) -> pl.DataFrame:
        """What criminals passed on, took out and spent of it: as ``losses``."""
        out = self.payments.join(self.transactions.select("transaction_id"), on="transaction_id")
        out = out.filter(pl.col("debtor_account").is_in(self.criminals.implode()))
        return out.drop_nulls("amount").select(
            pl.col("debtor_account").alias("account"),
            "event_time",
            moved=pl.col("amount").cast(pl.Float64),
        )


@dataclass(frozen=True)
class Found:
    """What some alerts found of what is labelled.

    An alert is *right* if its transaction is labelled, or its subject takes part and has begun to;
    any other is *honest*. It finds its subject and the two parties of its transaction, if they
    take part and have begun to.
    """

    data: Labelled
    alerts: pl.DataFrame

    @cached_property
    def judged(self) -> pl.DataFrame:
        """The alerts with ``right``."""
        labelled = self.data.transactions["transaction_id"].implode()
        alerts = self.alerts.join(self.data.known_since, on="subject", how="left")
        begun = (pl.col("since") <= pl.col("event_time")).fill_null(value=False)
        return alerts.with_columns(right=pl.col("transaction_id").is_in(labelled) | begun)

    @property
    def honest(self) -> int:
        """How many alerts are honest."""
        return self.judged.filter(~pl.col("right")).height

    @cached_property
    def honest_rate(self) -> float:
        """Honest alerts per 1,000 honest accounts a month."""
        return self.rate(self.judged)

    def rate(self, judged: pl.DataFrame) -> float:
        """Honest alerts among some, per 1,000 honest accounts a month."""
        honest = judged.filter(~pl.col("right")).height
        return honest * 1000 / self.data.honest_accounts / self.data.months

    @cached_property
    def meetings(self) -> pl.DataFrame:
        """``account``, ``rule_id``, ``event_time``: which alert finds whom."""
        parties = [pl.col("transaction").struct.field(name) for name in PARTIES]
        met = [
            self.alerts.select("rule_id", "event_time", party.alias("account"))
            for party in (pl.col("subject"), *parties)
        ]
        known = self.data.known_since.rename({"subject": "account"})
        every = pl.concat(met).drop_nulls("account").unique().join(known, on="account")
        return every.filter(pl.col("event_time") >= pl.col("since"))

    def fate(self, moved: pl.DataFrame, meetings: pl.DataFrame | None = None) -> pl.DataFrame:
        """Per account that moved money: ``total``, ``gone``, ``gone_with``, ``found``, ``in_time``.

        ``gone`` is what had been moved before the first alert, ``gone_with`` includes the payment
        that raised it; both are all of it where no alert came. In time is before half is gone.
        """
        met = self.meetings if meetings is None else meetings
        first = met.group_by("account").agg(first=pl.col("event_time").min())
        rows = moved.join(first, on="account", how="left")
        never, time = pl.col("first").is_null(), pl.col("event_time")
        return (
            rows.group_by("account")
            .agg(
                total=pl.col("moved").sum(),
                gone=pl.col("moved").filter(never | (time < pl.col("first"))).sum(),
                gone_with=pl.col("moved").filter(never | (time <= pl.col("first"))).sum(),
                found=pl.col("first").is_not_null().first(),
            )
            .with_columns(
                in_time=pl.col("found") & (pl.col("gone") < HALF * pl.col("total")),
                in_time_with=pl.col("found") & (pl.col("gone_with") < HALF * pl.col("total")),
            )
            .sort("account")
        )

    @cached_property
    def victims(self) -> pl.DataFrame:
        """The fate of each victim's money, with scheme, syndicate and difficulty."""
        told = self.data.victims.select("account", "scheme", "syndicate", "difficulty")
        return self.fate(self.data.losses).join(told, on="account").with_columns(role=VICTIM)

    @cached_property
    def mules(self) -> pl.DataFrame:
        """The fate of the money in each criminal account; an account once a scheme and role."""
        told = self.data.accounts.filter(pl.col("role") != "victim")
        told = told.select("account", "scheme", "syndicate", "role", "difficulty").unique()
        return self.fate(self.data.passed_on).join(told, on="account")

    @cached_property
    def in_time(self) -> float:
        """The share of victims and mules found before half of their money was gone."""
        both = [self.fate(moved) for moved in (self.data.losses, self.data.passed_on)]
        return mean(pl.concat(both)["in_time"])


def mean(flags: pl.Series) -> float:
    """The share of true ones; 0 of none."""
    return float(flags.cast(pl.Float64).mean() or 0.0)  # type: ignore[arg-type]


def story(alerts: pl.DataFrame, data: Labelled) -> list[str]:
    """What a run found, told to someone who has not seen it before."""
    found = Found(data, alerts)
    victims, mules = found.victims, found.fate(found.data.passed_on)
    met = data.accounts.filter(pl.col("account").is_in(found.meetings["account"].implode()))
    rings, known = data.accounts["syndicate"].n_unique(), met["syndicate"].n_unique()
    ring = found.mules.group_by("syndicate").agg(share=pl.col("found").mean())
    least = percent(float(ring["share"].min() or 0.0))  # type: ignore[arg-type]
    lost, kept = victims["total"].sum(), (victims["total"] - victims["gone"]).sum()
    return [
        "What was found, by the labels beside the payments",
        _told("victims", f"{victims['found'].sum()} of {victims.height}", victims),
        _told("accounts", f"{mules['found'].sum()} of {mules.height} that passed money on", mules),
        f"syndicates  {known} of {rings}; {least} of the accounts of the least known one",
        f"money       {kept / 1e6:.1f} of {lost / 1e6:.1f} million yuan had not gone at the alert",
        f"honest      {found.honest_rate:.1f} alerts per 1,000 honest accounts a month",
    ]


def _told(who: str, count: str, fate: pl.DataFrame) -> str:
    early = fate["in_time"].sum()
    return f"{who:<12}{count}; {early} of them before half of their money was gone"


def percent(share: float) -> str:
    """A share as it is shown."""
    return f"{100 * share:.0f} %" if share in {0, 1} else f"{100 * share:.1f} %"
