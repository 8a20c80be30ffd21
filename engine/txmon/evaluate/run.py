"""One evaluation from end to end: stage after stage, lane by lane, part by part."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from txmon.evaluate.alerts import ALERT_SCHEMA, AlertBuilder
from txmon.evaluate.decimals import as_decimal
from txmon.evaluate.exports import Exports
from txmon.evaluate.feature_rows import feature_rows
from txmon.evaluate.frame import LaneFrame
from txmon.evaluate.judge import LEVEL, Verdict, judge
from txmon.evaluate.lanes import cut
from txmon.evaluate.retain import retain
from txmon.evaluate.sequences import PASSED, judge_sequence
from txmon.evaluate.suppression import ALERT_ID, RAISED, suppress
from txmon.evaluate.table import TIME, encode_table, gathered
from txmon.evaluate.windows import windowed
from txmon.language.display import Display
from txmon.plan import Windowed
from txmon.results import CAUSES, OUTCOMES
from txmon.types import MONEY_SCALE, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polars._typing import PolarsDataType

    from txmon.evaluate.carry import Carry
    from txmon.evaluate.table import Table
    from txmon.plan import Condition, Lane, Plan, Stage

HIT_COLUMNS = ("rule_id", ALERT_ID, "transaction_id", "side", TIME, "timeline", LEVEL, RAISED)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one evaluation found.

    Attributes:
        alerts: one row an alert, columns of ``ALERT_SCHEMA`` and ``transaction``, in order of
            event time, row, rule and side.
        hits: one row a hit with the alert it raised (``raised``) or folded into.
        outcomes: per rule, rows (or sided rows) by outcome; they add up.
        causes: per rule, unknown rows by cause.
        skipped: per rule and feature, rows its ``where`` could not decide.
        features: every feature of every rule at every row, if asked for.
        carry: the state to go on from, if asked for.
    """

    alerts: pl.DataFrame
    hits: pl.DataFrame
    outcomes: Mapping[str, Mapping[str, int]]
    causes: Mapping[str, Mapping[str, int]]
    skipped: Mapping[str, Mapping[str, int]]
    features: pl.DataFrame | None
    carry: Carry | None


def evaluate(
    plan: Plan,
    carry: Carry,
    rows: pl.DataFrame,
    *,
    digits: int = 2,
    data_start: int | Mapping[int, int] | None = None,
    partitions: int | None = None,
    keep_carry: bool = False,
    features: bool = False,
) -> Evaluation:
    """Evaluate a plan over rows that come after those already in the carry.

    A pure function: no files, no clock, no global state.

    Args:
        plan: the compiled pack.
        carry: the state after earlier rows; ``Carry()`` before the first.
        rows: accepted rows in the contract's order, storage form.
        digits: decimals of the reporting currency, for texts.
        data_start: where the data begins (microseconds; with cases, per case); by default the
            carry's, else the earliest row.
        partitions: parts that each lane is cut into; by default by size.
        keep_carry: whether to work out the next carry.
        features: whether to hand out every feature at every row.
    """
    run = _Run(plan, carry, rows, partitions)
    run.visit_stages(keep=keep_carry or features)
    return run.finish(digits, data_start, keep_carry=keep_carry, features=features)


class _Run:
    """The working state of one call of ``evaluate``."""

    def __init__(
        self, plan: Plan, carry: Carry, rows: pl.DataFrame, partitions: int | None
    ) -> None:
        self._plan = plan
        self._carry = carry
        self._rows = rows if carry.rows is None else _joined(carry.rows, rows)
        self._table: Table = encode_table(plan, self._rows, carry.height)
        self._partitions = partitions
        self._exports = Exports(self._rows.height)
        self._frames: dict[Lane, list[LaneFrame]] = {}
        self._verdicts: dict[str, list[Verdict]] = {}
        self._nested = _nested(plan)

    def visit_stages(self, *, keep: bool) -> None:
        """Compute every stage; free what nothing later reads unless ``keep``."""
        lanes = [stage.lane for stage in self._plan.stages]
        for number, stage in enumerate(self._plan.stages):
            frames = self._lane_frames(stage.lane)
            with ThreadPoolExecutor(min(len(frames), os.cpu_count() or 1)) as pool:
                results = list(pool.map(partial(_visit, stage), frames))
            self._exports.add(frames, stage.features)
            for verdicts in results:
                for rule_id, verdict in verdicts.items():
                    self._verdicts.setdefault(rule_id, []).append(verdict)
            if not keep and stage.lane not in lanes[number + 1 :]:
                for frame in frames:
                    frame.release()

    def _lane_frames(self, lane: Lane) -> list[LaneFrame]:
        if lane not in self._frames:
            sources = (self._exports, self._carry)
            self._frames[lane] = [
                LaneFrame(self._plan, self._table, part, sources, windowed)
                for part in cut(self._plan, self._table, lane, self._partitions)
            ]
        return self._frames[lane]

    def finish(
        self,
        digits: int,
        data_start: int | Mapping[int, int] | None,
        *,
        keep_carry: bool,
        features: bool,
    ) -> Evaluation:
        """Alerts and counts from the verdicts."""
        begin = self._data_start(data_start)
        display = Display(digits, self._plan.pack.timezone)
        builder = AlertBuilder(self._plan, self._rows, self._frames, display, begin or 0)
        alerts, hits, opened = [], [], {}
        for condition in self._plan.conditions:
            mine, opened[condition.rule.id] = self._suppressed(condition)
            at = mine[PASSED if PASSED in mine.columns else "row"]
            emitted = mine.filter(pl.Series(self._table.emitted[at.to_numpy()]))
            hits.append(_listed(condition, emitted))
            raised = emitted.filter(RAISED)
            if raised.height:
                alerts.append(builder.build(condition, raised))
        carry = replace(self._next_carry(), open=opened, data_start=begin) if keep_carry else None
        return Evaluation(
            alerts=self._alert_rows(alerts),
            hits=_ordered_hits(hits),
            outcomes={c.rule.id: self._outcomes(c) for c in self._plan.conditions},
            causes={c.rule.id: self._causes(c) for c in self._plan.conditions},
            skipped={c.rule.id: self._skipped(c) for c in self._plan.conditions},
            features=self._feature_rows() if features else None,
            carry=carry,
        )

    def _data_start(
        self, data_start: int | Mapping[int, int] | None
    ) -> int | Mapping[int, int] | None:
        times = self._table.frame[TIME]
        key = self._plan.case_key
        if key is None:
            if data_start is not None:
                return data_start
            return self._carry.data_start if self._carry.data_start is not None else times.min()  # type: ignore[return-value]
        first = self._table.frame.group_by(key).agg(pl.col(TIME).min())
        named = data_start if not isinstance(data_start, int) and data_start else {}
        return {**dict(first.iter_rows()), **named}

    def _suppressed(self, condition: Condition) -> tuple[pl.DataFrame, pl.DataFrame]:
        verdicts = self._verdicts[condition.rule.id]
        hits = pl.concat([verdict.hits for verdict in verdicts])
        ids = self._rows["transaction_id"]
        before = self._carry.open.get(condition.rule.id)
        return suppress(condition, hits, ids, before, self._plan.case_key)

    def _next_carry(self) -> Carry:
        if self._rows.height == 0:
            return self._carry
        return retain(self._plan, self._carry, self._rows, self._frames, self._nested)

    def _outcomes(self, condition: Condition) -> dict[str, int]:
        total = sum((v.outcomes for v in self._verdicts[condition.rule.id]), Counter())
        rows = int(self._table.emitted.sum()) * (2 if condition.lane.sided else 1)
        counts = {name: total[name] for name in OUTCOMES}
        return counts | {"not_applicable": rows - total["applicable"]}

    def _causes(self, condition: Condition) -> dict[str, int]:
        total = sum((v.causes for v in self._verdicts[condition.rule.id]), Counter())
        return {name: total[name] for name in CAUSES if total[name]}

    def _skipped(self, condition: Condition) -> dict[str, int]:
        counts = {}
        for name, key in condition.features.items():
            feature = self._plan.features[key]
            if isinstance(feature, Windowed):
                frames = self._frames.get(feature.lane, [])
                counts[name] = sum(frame.skipped.get(key, 0) for frame in frames)
        return {name: count for name, count in counts.items() if count}

    def _alert_rows(self, alerts: list[pl.DataFrame]) -> pl.DataFrame:
        empty = pl.DataFrame(schema=pl.Schema({**ALERT_SCHEMA, "row": pl.Int64}))
        frame = pl.concat([empty, *alerts]).sort(
            TIME, "row", "rule_id", "side", descending=[False, False, False, True]
        )
        trigger = _outward(self._plan, gathered(self._rows, self._rows.columns, frame["row"]))
        return frame.drop("row").with_columns(trigger.to_struct("transaction"))

    def _feature_rows(self) -> pl.DataFrame:
        return feature_rows(self._plan, self._table, self._rows, self._frames)


def _visit(stage: Stage, frame: LaneFrame) -> dict[str, Verdict]:
    """Compute a stage on one part."""
    for key in stage.features:
        frame.column(key)
    return {condition.rule.id: _judged(frame, condition) for condition in stage.rules}


def _judged(frame: LaneFrame, condition: Condition) -> Verdict:
    return (judge if condition.sequence is None else judge_sequence)(frame, condition)


def _joined(kept: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([kept, rows], how="diagonal")


def _nested(plan: Plan) -> list[str]:
    """Keys of aggregates and points that other features read at past rows."""
    return sorted(
        {
            key
            for feature in plan.features.values()
            if isinstance(feature, Windowed)
            for key in plan.behind(feature.inputs)
        }.union(*(plan.behind(condition.kept_features) for condition in plan.conditions))
    )


def _listed(condition: Condition, hits: pl.DataFrame) -> pl.DataFrame:
    return hits.select(
        pl.lit(condition.rule.id).alias("rule_id"),
        ALERT_ID,
        "transaction_id",
        "side",
        pl.col(TIME).cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
        pl.col("keys").alias("timeline"),
        pl.col(LEVEL) + 1,
        RAISED,
        "row",
    )


def _ordered_hits(hits: list[pl.DataFrame]) -> pl.DataFrame:
    schema: dict[str, PolarsDataType] = {
        "rule_id": pl.String,
        ALERT_ID: pl.String,
        "transaction_id": pl.String,
        "side": pl.String,
        TIME: pl.Datetime("us", "UTC"),
        "timeline": pl.List(pl.String),
        LEVEL: pl.Int32,
        RAISED: pl.Boolean,
        "row": pl.Int64,
    }
    frame = pl.concat([pl.DataFrame(schema=schema), *hits])
    order = [TIME, "row", "rule_id", "side"]
    return frame.sort(order, descending=[False, False, False, True]).drop("row")


def _outward(plan: Plan, rows: pl.DataFrame) -> pl.DataFrame:
    """Rows in storage form as they leave the engine: scaled integers as decimals."""
    columns = []
    for name in rows.columns:
        type_ = plan.schema.columns.get(name)
        if type_ is not None:
            scaled = type_.kind is Kind.MONEY or (type_.kind is Kind.NUMBER and type_.scale)
            scale = MONEY_SCALE if type_.kind is Kind.MONEY else type_.scale
            columns.append(as_decimal(rows[name], scale) if scaled else rows[name])
    return pl.DataFrame(columns)
