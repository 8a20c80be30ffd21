"""Every feature of every rule at every row that the rule applies to, as one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.table import decoded
from txmon.schema import ACCOUNTS, IN, OUT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.table import Table
    from txmon.plan import Condition, Lane, Plan

Array = np.ndarray[Any, Any]


def feature_rows(
    plan: Plan, table: Table, rows: pl.DataFrame, frames: Mapping[Lane, list[LaneFrame]]
) -> pl.DataFrame:
    """Every feature of every rule at the rows the rule applies to, in order of row and side.

    Each emitted row has a line for rules over whole payments and, where there are sided rules, a
    line a side.
    """
    sided = any(condition.lane.sided for condition in plan.conditions)
    lines = _Lines(np.flatnonzero(table.emitted), 3 if sided else 1)
    ids = rows["transaction_id"].gather(pl.Series(lines.rows)).gather(lines.of_row())
    sides = pl.Series([None, OUT, IN][: lines.each], dtype=pl.String)
    columns = [ids.alias("transaction_id"), sides.gather(lines.kinds()).alias("side")]
    if any(condition.rule.sources for condition in plan.conditions):
        alerts = rows["alert_id"].gather(pl.Series(lines.rows)).gather(lines.of_row())
        columns.append(alerts.alias("alert_id"))
    for condition in plan.conditions:
        parts = frames[condition.lane]
        refs = np.concatenate([frame.part.refs for frame in parts])
        applies = np.concatenate([_applies(frame, condition) for frame in parts])
        index = lines.index(refs, applies, table.height, sided=condition.lane.sided)
        for name, key in condition.features.items():
            values = pl.concat([frame.column(key) for frame in parts]).gather(index)
            shown = values.to_frame("value").select(
                decoded(pl.col("value"), plan.features[key].type)
            )
            columns.append(shown.to_series().alias(f"{condition.rule.id}.{name}"))
    return pl.DataFrame(columns)


def _applies(frame: LaneFrame, condition: Condition) -> Array:
    """Which rows have the rule's features; those of a graph rule are of the account that pays."""
    base = frame.base(condition.base)
    if condition.graph is None:
        return base
    pays: Array = frame.column(ACCOUNTS[0]).is_not_null().to_numpy()
    return base & pays


@dataclass(frozen=True, slots=True)
class _Lines:
    """The lines of the table: ``each`` a row, the first for the whole payment, then its sides."""

    rows: Array
    each: int

    def of_row(self) -> pl.Series:
        """Which row each line is of."""
        return pl.Series(np.repeat(np.arange(self.rows.size), self.each))

    def kinds(self) -> pl.Series:
        """0 for the line of a whole payment, 1 and 2 for its sides."""
        return pl.Series(np.tile(np.arange(self.each), self.rows.size))

    def index(self, refs: Array, applies: Array, height: int, *, sided: bool) -> pl.Series:
        """Where each line's values stand in a lane's parts, laid end to end; null for nowhere."""
        places = np.full(height * (2 if sided else 1), -1, np.int32)
        places[refs[applies]] = np.flatnonzero(applies)
        index = np.full(self.rows.size * self.each, -1, np.int32)
        if sided:
            index[1 :: self.each] = places[2 * self.rows]
            index[2 :: self.each] = places[2 * self.rows + 1]
        else:
            index[:: self.each] = places[self.rows]
        at = pl.Series(index)
        return pl.select(pl.when(at >= 0).then(at)).to_series()
