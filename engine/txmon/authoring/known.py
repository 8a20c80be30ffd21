"""Known cases met by alerts: which alert belongs to which case, and what was lost before it.

An alert belongs to a case if the transaction that raised it is labelled with the case; or if its
subject is, and its time lies between the first and the last of the case's labelled transactions of
that subject. A subject labelled without transactions has its own ``from`` and ``until``; where it
has none, those of the case.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.schema import ACCOUNTS
from txmon.types import MONEY_SCALE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars._typing import PolarsDataType

    from txmon.authoring.labels import Labels

Array = np.ndarray[Any, Any]
UNIT = 10**MONEY_SCALE
"""A unit of money as it is counted."""

FIGURES: Mapping[str, PolarsDataType] = {
    "labelled": pl.Int64,
    "precision": pl.Float64,
    "found": pl.Int64,
    "recall": pl.Float64,
    "lost_before": pl.Float64,
    "lost_at": pl.Float64,
    "lost_after": pl.Float64,
}
"""What is told of alerts against known cases; see ``figures``."""

NUMBER = "number"
"""The column that numbers cases from 0."""


@dataclass(frozen=True, slots=True, eq=False)
class Meetings:
    """Alerts that belong to cases, pair by pair, in the order of the alerts' transactions.

    ``alerts`` are row numbers of the alerts asked about, ``cases`` numbers of cases, ``before`` and
    ``at`` what the case had lost before the alert's transaction and by it.
    """

    alerts: Array
    cases: Array
    before: Array
    at: Array

    def of(self, chosen: Array) -> Meetings:
        """The meetings of some alerts: those for which a mask says so."""
        kept = chosen[self.alerts]
        return Meetings(self.alerts[kept], self.cases[kept], self.before[kept], self.at[kept])

    def first(self) -> Meetings:
        """Of each case the earliest meeting, in order of the cases' numbers."""
        cases, at = np.unique(self.cases, return_index=True)
        return Meetings(self.alerts[at], cases, self.before[at], self.at[at])


@dataclass(frozen=True, slots=True, eq=False)
class KnownCases:
    """The labelled cases that lie in some data.

    Attributes:
        cases: ``number``, ``case``, ``typology``, ``transactions`` labelled, ``lost`` (Int64,
            ten-thousandths), ``first`` and ``last`` (times of its labels, ``last`` of its last
            loss if it has any).
        outside: how many labelled cases do not lie in the data.
        rows: the labels in the data, one row each, with the ``number`` of the case and ``place``,
            the row of the transaction in the data.
    """

    cases: pl.DataFrame
    outside: int
    rows: pl.DataFrame
    spans: pl.DataFrame
    times: Array

    @property
    def lost(self) -> int:
        """What all cases lost."""
        return int(self.cases["lost"].sum())

    def meet(self, alerts: pl.DataFrame) -> Meetings:
        """Which alerts belong to which cases.

        ``alerts`` has ``transaction_id``, ``subject``, ``event_time`` and ``place``, in any order.
        """
        asked = alerts.select("transaction_id", "subject", "event_time", "place")
        asked = asked.with_row_index("alert")
        marked = self.rows.filter(pl.col("transaction_id").is_not_null())
        by_row = asked.join(marked.select("transaction_id", NUMBER), on="transaction_id")
        within = pl.col("event_time").is_between("from", "until")
        by_subject = asked.join(self.spans, on="subject").filter(within)
        names = ["place", "alert", NUMBER]
        pairs = pl.concat([by_row.select(names), by_subject.select(names)]).unique().sort(names)
        places, found, cases = (pairs[name].to_numpy().astype(np.int64) for name in names)
        before, until = self._moved(cases, places), self._moved(cases, places + 1)
        return Meetings(found, cases, before, until - before)

    def _moved(self, cases: Array, places: Array) -> Array:
        """What each case had lost before a place in the data."""
        losses = self.rows.filter(pl.col("lost").is_not_null()).sort(NUMBER, "place")
        width = self.times.size + 2
        keys = losses[NUMBER].to_numpy().astype(np.int64) * width + losses["place"].to_numpy()
        total = np.append(0, np.cumsum(losses["lost"].to_numpy()))
        begin, end = (np.searchsorted(keys, cases * width + at) for at in (0 * places, places))
        moved: Array = total[end] - total[begin]
        return moved


@dataclass(frozen=True, slots=True)
class LabelCount:
    """The known cases that something was held against.

    ``cases`` lie in the data, ``outside`` do not; ``lost`` is what the former lost.
    """

    cases: int
    outside: int
    lost: float

    @classmethod
    def of(cls, known: KnownCases) -> LabelCount:
        """How many there are."""
        return cls(known.cases.height, known.outside, known.lost / UNIT)


def known_cases(
    labels: Labels, data: pl.DataFrame, *, typologies: Sequence[str] = ()
) -> KnownCases:
    """The labelled cases that lie in some data.

    A case does if one of its transactions is accepted and no history; or, if it names no
    transactions, if its subject pays or is paid while it lasts.

    Args:
        labels: what is known.
        data: accepted rows in the contract's order.
        typologies: only cases of these, or of one below them (``scam`` has ``scam.romance``).
    """
    rows = labels.rows if not typologies else labels.rows.filter(_of(typologies))
    times = data["event_time"].to_physical().to_numpy()
    places = data.select("transaction_id", "history", place=pl.int_range(pl.len()), at="event_time")
    placed = rows.join(places, on="transaction_id", how="left", maintain_order="left")
    met = pl.concat([_by_transactions(placed), _by_subjects(placed, data)]).unique().sort("case")
    numbers = met.with_row_index(NUMBER)
    found = placed.join(numbers, on="case", maintain_order="left")
    found = found.filter(pl.col("place").is_not_null() | pl.col("transaction_id").is_null())
    found = found.with_columns(_places(found, times))
    outside = rows["case"].n_unique() - met.height
    return KnownCases(_cases(found), outside, found, _spans(found), times)


def places_of(alerts: pl.DataFrame, data: pl.DataFrame) -> pl.Series:
    """The row of the data in which each alert's transaction stands.

    Of an alert that is raised at a deadline, the last row up to its time.
    """
    places = data.select("transaction_id", place=pl.int_range(pl.len()), at="event_time")
    found = alerts.select("transaction_id", "event_time").join(
        places, on="transaction_id", how="left", maintain_order="left"
    )
    times = data["event_time"].to_physical().to_numpy()
    passed = np.searchsorted(times, found["event_time"].to_physical().to_numpy(), side="right") - 1
    late = (found["event_time"] != found["at"]).to_numpy()
    return pl.Series("place", np.where(late, passed, found["place"].to_numpy()))


def figures(known: KnownCases, meetings: Meetings, alerts: int) -> dict[str, Any]:
    """What some alerts find of the known cases; shares are None where there is nothing to share."""
    first = meetings.first()
    labelled = np.unique(meetings.alerts).size
    lost = known.cases["lost"].to_numpy()[first.cases]
    before, at = int(first.before.sum()), int(first.at.sum())
    return {
        "labelled": labelled,
        "precision": labelled / alerts if alerts else None,
        "found": first.cases.size,
        "recall": first.cases.size / known.cases.height if known.cases.height else None,
        "lost_before": before / UNIT,
        "lost_at": at / UNIT,
        "lost_after": (int(lost.sum()) - before - at) / UNIT,
    }


def _of(typologies: Sequence[str]) -> pl.Expr:
    typology = pl.col("typology")
    below = (typology.str.starts_with(f"{word}.") for word in typologies)
    return pl.any_horizontal(typology.is_in(list(typologies)), *below)


def _by_transactions(placed: pl.DataFrame) -> pl.DataFrame:
    """The cases of which a transaction is in the data and no history."""
    return placed.filter(~pl.col("history")).select("case")


def _by_subjects(placed: pl.DataFrame, data: pl.DataFrame) -> pl.DataFrame:
    """The cases without transactions whose subject pays or is paid while they last."""
    alone = pl.col("transaction_id").is_null().all().over("case")
    rows = placed.filter(alone).select("case", "subject", "from", "until")
    new = data.filter(~pl.col("history"))
    sides = [
        new.select("event_time", pl.col(name).alias("subject")).join(rows, on="subject")
        for name in ACCOUNTS
        if name in data.columns
    ]
    since, until = pl.col("from").fill_null(_EVER[0]), pl.col("until").fill_null(_EVER[1])
    lasts = pl.col("event_time").is_between(since, until)
    return pl.concat(
        [rows.clear().select("case"), *(s.filter(lasts).select("case") for s in sides)]
    )


def _places(found: pl.DataFrame, times: Array) -> pl.Series:
    """Where each label stands in the data; what has no transaction stands where it ends."""
    ends = found["until"].fill_null(_EVER[1]).to_physical().to_numpy()
    passed = np.maximum(np.searchsorted(times, ends, side="right") - 1, 0)
    own = found["place"].fill_null(-1).to_numpy()
    return pl.Series("place", np.where(own < 0, passed, own))


def _spans(found: pl.DataFrame) -> pl.DataFrame:
    """From when until when each subject belongs to each case."""
    first, last = pl.col("at").min().over(NUMBER), pl.col("at").max().over(NUMBER)
    dated = found.with_columns(
        pl.coalesce("at", "from", first).fill_null(_EVER[0]).alias("from"),
        pl.coalesce("at", "until", last).fill_null(_EVER[1]).alias("until"),
    )
    subjects = dated.filter(pl.col("subject").is_not_null())
    return subjects.group_by("subject", NUMBER, maintain_order=True).agg(
        pl.col("from").min(), pl.col("until").max()
    )


def _cases(found: pl.DataFrame) -> pl.DataFrame:
    lossy = pl.col("at").filter(pl.col("lost").is_not_null()).max()
    return (
        found.group_by(NUMBER, "case")
        .agg(
            pl.col("typology").drop_nulls().first(),
            pl.col("at").count().alias("transactions"),
            pl.col("lost").sum(),
            pl.min_horizontal(pl.col("at").min(), pl.col("from").min()).alias("first"),
            pl.coalesce(lossy, pl.col("until").max(), pl.col("at").max()).alias("last"),
        )
        .sort(NUMBER)
    )


_EVER = (datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC))
"""Before and after all times."""
