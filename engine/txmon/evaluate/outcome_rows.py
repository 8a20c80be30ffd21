"""What a rule said at each row, for those who ask why: its outcome, and the cause of an unknown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.schema import IN, OUT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars._typing import PolarsDataType

    from txmon.evaluate.frame import LaneFrame
    from txmon.plan import Condition

Array = np.ndarray[Any, Any]
REF = "#ref"

OUTCOME_SCHEMA: Mapping[str, PolarsDataType] = {
    "rule_id": pl.String,
    "transaction_id": pl.String,
    "alert_id": pl.String,
    "side": pl.String,
    "outcome": pl.String,
    "cause": pl.String,
}
"""Columns of the outcomes in order. ``alert_id`` is the alert that a rule over alerts judged; rows
that the rule does not apply to are left out."""


def outcomes_at(
    frame: LaneFrame, seen: Array, ready: Array, hit: Array, unknown: tuple[Array, pl.Series]
) -> pl.DataFrame:
    """The outcome at each emitted row of a part that a rule sees, by row reference.

    ``unknown`` has the positions that are unknown, and the cause at each.
    """
    names = np.where(ready, "no_hit", "insufficient_history").astype(object)
    names[hit] = "hit"
    at, causes = unknown
    names[at] = "unknown"
    why = np.full(frame.height, None, dtype=object)
    why[at] = causes.to_numpy()
    chosen = np.flatnonzero(seen & frame.emitted)
    return pl.DataFrame(
        {
            REF: frame.part.refs[chosen],
            "outcome": pl.Series(names[chosen].tolist(), dtype=pl.String),
            "cause": pl.Series(why[chosen].tolist(), dtype=pl.String),
        }
    )


def outcome_rows(
    condition: Condition, parts: Sequence[pl.DataFrame], rows: pl.DataFrame
) -> pl.DataFrame:
    """The outcomes of all parts in order of row and side, with the rows they are of."""
    found = pl.concat(parts).sort(REF)
    sided = condition.lane.sided
    index = found[REF] // 2 if sided else found[REF]
    side = pl.when(pl.col(REF) % 2 == 0).then(pl.lit(OUT)).otherwise(pl.lit(IN))
    over_alerts = bool(condition.rule.sources)
    alerts = pl.lit(rows["alert_id"].gather(index)) if over_alerts else pl.lit(None)
    named = found.with_columns(
        pl.lit(condition.rule.id).alias("rule_id"),
        rows["transaction_id"].gather(index).alias("transaction_id"),
        alerts.alias("alert_id"),
        (side if sided else pl.lit(None)).alias("side"),
    )
    return named.select(*OUTCOME_SCHEMA).cast(pl.Schema(OUTCOME_SCHEMA))
