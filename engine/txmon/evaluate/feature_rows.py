"""Every feature of every rule at every row that the rule applies to, as one table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.table import decoded
from txmon.schema import IN, OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.table import Table
    from txmon.plan import Lane, Plan


def feature_rows(
    plan: Plan, table: Table, rows: pl.DataFrame, frames: Mapping[Lane, list[LaneFrame]]
) -> pl.DataFrame:
    """Every feature of every rule at the rows the rule applies to, one row a (row, side)."""
    pieces: list[Any] = []
    for condition in plan.conditions:
        for frame in frames[condition.lane]:
            names = [f"{condition.rule.id}.{name}" for name in condition.features]
            values = [
                frame.column(key).alias(name)
                for name, key in zip(names, condition.features.values(), strict=True)
            ]
            applies = pl.Series(frame.base(condition.base) & frame.emitted)
            refs = pl.Series("ref", frame.part.refs).cast(pl.Int64)
            sided = condition.lane.sided
            piece = pl.DataFrame([refs * (1 if sided else 2), *values]).with_columns(
                pl.lit(sided).alias("sided")
            )
            types = [plan.features[key].type for key in condition.features.values()]
            shown = [decoded(pl.col(name), type_) for name, type_ in zip(names, types, strict=True)]
            pieces.append(piece.filter(applies).select("ref", "sided", *shown))
    return _spread(plan, table, rows, pieces)


def _spread(
    plan: Plan, table: Table, rows: pl.DataFrame, pieces: list[pl.DataFrame]
) -> pl.DataFrame:
    names = [
        f"{condition.rule.id}.{name}"
        for condition in plan.conditions
        for name in condition.features
    ]
    index = pl.Series("ref", np.flatnonzero(table.emitted)) * 2
    wanted = [index.to_frame().with_columns(pl.lit(value=False).alias("sided"))]
    if any(condition.lane.sided for condition in plan.conditions):
        wanted += [
            (index + side).to_frame().with_columns(pl.lit(value=True).alias("sided"))
            for side in range(2)
        ]
    frame = pl.concat(wanted).sort("ref", "sided")
    for name in names:
        parts = [piece.select("ref", "sided", name) for piece in pieces if name in piece.columns]
        frame = frame.join(pl.concat(parts), on=["ref", "sided"], how="left", maintain_order="left")
    side = pl.when(pl.col("ref") % 2 == 0).then(pl.lit(OUT)).otherwise(pl.lit(IN))
    ids = rows["transaction_id"].gather(frame["ref"] // 2)
    return frame.select(
        ids.alias("transaction_id"),
        pl.when("sided").then(side).alias("side"),
        *names,
    )
