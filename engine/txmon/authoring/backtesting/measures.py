"""Figures of alerts: volume, what they find of known cases, how early, and where rules overlap.

They work on any alerts that say who, which transaction and when, ours or those of a simpler rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.authoring.known import FIGURES, NUMBER, UNIT, figures, places_of
from txmon.evaluate.table import gathered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars._typing import PolarsDataType

    from txmon.authoring.known import KnownCases, Meetings

Array = np.ndarray[Any, Any]
SUBJECT = ("subject_kind", "subject")
EARLINESS: Mapping[str, PolarsDataType] = {"lead": pl.Duration("us"), "gone": pl.Float64}
"""How early cases are found; see ``found_by``."""

MONTH = 30
"""Days of a month."""


def placed(alerts: pl.DataFrame, data: pl.DataFrame) -> pl.DataFrame:
    """Alerts as figures read them: who, which transaction, when, and its ``place`` in the data.

    ``alerts`` has ``rule_id``, ``transaction_id``, ``event_time``, ``subject`` and
    ``subject_kind``; further columns are kept. In the order of the data.
    """
    return alerts.with_columns(places_of(alerts, data)).sort("place", maintain_order=True)


def widened(alerts: pl.DataFrame) -> pl.DataFrame:
    """The alerts once for each typology they are of: ``scam.romance`` is ``scam``, too."""
    words = alerts["typology"].unique().to_list()
    wide = [
        (word, word.rsplit(".", cut)[0]) for word in words for cut in range(word.count(".") + 1)
    ]
    kinds = pl.DataFrame(wide, dict.fromkeys(("typology", "wide"), pl.String), orient="row")
    joined = alerts.join(kinds, on="typology", maintain_order="left")
    return joined.drop("typology").rename({"wide": "typology"})


def volume(alerts: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """``alerts`` and different ``subjects`` of each group, in order of its name."""
    known = pl.struct(SUBJECT).filter(pl.col("subject").is_not_null())
    counted = [pl.len().cast(pl.Int64).alias("alerts"), known.n_unique().cast(pl.Int64)]
    return alerts.group_by(by).agg(counted[0], counted[1].alias("subjects")).sort(by)


def found_by(alerts: pl.DataFrame, known: KnownCases, met: Meetings, by: str) -> pl.DataFrame:
    """What the alerts of each group find of known cases: columns as of ``figures``.

    ``met`` are the meetings of all the alerts. Beside them stand ``lead``, the median time from
    the first alert of a case to the last of its losses, and ``gone``, the median share of a loss
    that had gone before the first alert, over the cases that are found and lost something.
    """
    names = alerts[by]
    rows = []
    for name in sorted(names.unique().to_list()):
        chosen = (names == name).to_numpy()
        mine = met.of(chosen)
        row = figures(known, mine, int(chosen.sum())) | earliness(alerts, known, mine)
        rows.append({by: name, **row})
    return pl.DataFrame(rows, pl.Schema({by: pl.String, **FIGURES, **EARLINESS}))


def earliness(alerts: pl.DataFrame, known: KnownCases, met: Meetings) -> dict[str, Any]:
    """``lead`` and ``gone`` of some meetings; None where no case that lost something is found."""
    finds = first_finds(alerts, known, met).filter(pl.col("lost") > 0)
    gone = finds.select((pl.col("lost_before") / pl.col("lost")).median()).item()
    return {"lead": finds["lead"].median(), "gone": gone}


def first_finds(alerts: pl.DataFrame, known: KnownCases, met: Meetings) -> pl.DataFrame:
    """The first alert of each case that is found, in order of the cases.

    ``number``, ``case``, ``typology``, ``lost``, the alert's ``rule_id``, ``transaction_id`` and
    ``event_time``; ``lost_before`` and ``lost_at`` its transaction, in units of money; ``lead``.
    """
    first = met.first()
    of_alert, of_case = ("rule_id", "transaction_id", "event_time"), ("case", "typology", "lost")
    told = gathered(alerts, of_alert, pl.Series(first.alerts))
    cases = gathered(known.cases, (NUMBER, *of_case, "last"), pl.Series(first.cases))
    money = {"lost_before": first.before / UNIT, "lost_at": first.at / UNIT}
    return pl.concat([cases, told], how="horizontal").select(
        NUMBER,
        "case",
        "typology",
        pl.col("lost") / UNIT,
        "rule_id",
        "transaction_id",
        "event_time",
        *(pl.Series(name, values, pl.Float64) for name, values in money.items()),
        lead=pl.col("last") - pl.col("event_time"),
    )


def meetings_by_rule(alerts: pl.DataFrame, met: Meetings) -> pl.DataFrame:
    """The first alert of each rule in each case: ``rule_id``, ``number`` and ``place``."""
    told = gathered(alerts, ("rule_id", "place"), pl.Series(met.alerts))
    pairs = told.with_columns(pl.Series(NUMBER, met.cases, pl.Int64))
    return pairs.group_by("rule_id", NUMBER).agg(pl.col("place").min()).sort("rule_id", NUMBER)


def added(first: pl.DataFrame) -> pl.DataFrame:
    """What each rule adds to the others: ``rule_id``, cases found ``alone``, and ``first``.

    A rule is first in a case if every other that finds it does so at a later transaction.
    """
    least = pl.col("place").min().over(NUMBER)
    holders = (pl.col("place") == least).sum().over(NUMBER)
    told = first.with_columns(
        alone=pl.len().over(NUMBER) == 1, first=(pl.col("place") == least) & (holders == 1)
    )
    sums = [pl.col(name).sum().cast(pl.Int64) for name in ("alone", "first")]
    return told.group_by("rule_id").agg(sums).sort("rule_id")


def overlap(alerts: pl.DataFrame, first: pl.DataFrame | None) -> pl.DataFrame:
    """Pairs of rules that alert on the same: a row for each rule and other.

    ``subjects`` and ``transactions`` on which both alert, ``share`` of the rule's own subjects;
    against known cases, ``cases`` that both find and their share of those the rule finds.
    """
    found = _both(alerts, list(SUBJECT), "subjects").join(
        _both(alerts, ["transaction_id"], "transactions").drop("share"),
        on=["rule_id", "other"],
        how="full",
        coalesce=True,
    )
    if first is not None:
        cases = _both(first, [NUMBER], "cases").rename({"share": "case_share"})
        found = found.join(cases, on=["rule_id", "other"], how="full", coalesce=True)
    counts = pl.col(pl.UInt32, pl.Int64).cast(pl.Int64).fill_null(0)
    return found.with_columns(counts, pl.col(pl.Float64).fill_null(0)).sort("rule_id", "other")


def _both(table: pl.DataFrame, keys: list[str], name: str) -> pl.DataFrame:
    """For each rule and other how many keys they share, and the share of the rule's own."""
    own = table.drop_nulls(keys[-1]).select("rule_id", *keys).unique()
    others = own.rename({"rule_id": "other"})
    pairs = own.join(others, on=keys).filter(pl.col("rule_id") != pl.col("other"))
    sizes = own.group_by("rule_id").agg(pl.len().alias("size"))
    counted = pairs.group_by("rule_id", "other").agg(pl.len().cast(pl.Int64).alias(name))
    share = (pl.col(name) / pl.col("size")).alias("share")
    return counted.join(sizes, on="rule_id").select("rule_id", "other", name, share)


def per_thousand(alerts: int, subjects: int, days: float) -> float | None:
    """Alerts per 1,000 subjects a month of 30 days; None where there are none, or no time."""
    if not subjects or days <= 0:
        return None
    return alerts / subjects * 1_000 / (days / MONTH)
