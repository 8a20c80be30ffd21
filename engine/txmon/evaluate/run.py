"""The rules over one kind of row from end to end: stage by stage, lane by lane, part by part."""

from __future__ import annotations

import os
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from txmon.evaluate.alert_rows import alert_rows
from txmon.evaluate.alerts import ALERT_SCHEMA, AlertBuilder
from txmon.evaluate.decimals import as_decimal
from txmon.evaluate.exceptions import excepted
from txmon.evaluate.exports import Exports
from txmon.evaluate.feature_rows import feature_rows
from txmon.evaluate.frame import LaneFrame
from txmon.evaluate.graphs import judge_paths
from txmon.evaluate.judge import HANDED_OUT, LEVEL, Verdict, judge
from txmon.evaluate.lanes import Part, cut
from txmon.evaluate.outcome_rows import OUTCOME_SCHEMA, outcome_rows
from txmon.evaluate.probing import Asking, cut_asked, everyone
from txmon.evaluate.retain import retain
from txmon.evaluate.sequences import judge_sequence
from txmon.evaluate.suppression import (
    ALERT,
    EXCEPTION,
    KEYS,
    RAISED,
    ROW,
    SIDE,
    TRANSACTION,
    TRIGGER,
    suppress,
)
from txmon.evaluate.table import TIME, encode_table, gathered, named
from txmon.evaluate.windows import windowed
from txmon.language.display import Display
from txmon.language.nodes import feature_names
from txmon.plan import Lane, Windowed
from txmon.plan.parts import closure
from txmon.results import CAUSES, OUTCOMES
from txmon.types import MONEY_SCALE, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from polars._typing import PolarsDataType

    from txmon.evaluate.carry import Carry
    from txmon.evaluate.table import Clock, Table
    from txmon.plan import Condition, Plan, Stage

    Judged = Callable[[LaneFrame, Sequence[Condition]], dict[str, Verdict]]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What one evaluation found.

    Attributes:
        alerts: one row an alert, columns of ``ALERT_SCHEMA`` and ``transaction``, in order of
            event time, row, rule and side; those of rules over alerts behind those they read.
        shadow_alerts: those of rules in shadow, likewise.
        hits: one row a hit with the alert it raised (``raised``) or folded into.
        outcomes: per rule, rows (or sided rows) by outcome; they add up.
        causes: per rule, unknown rows by cause.
        skipped: per rule and feature, rows its ``where`` could not decide.
        features: every feature of every rule at every row, if asked for.
        carry: the state to go on from, if asked for.
        told: the outcome at each row that a rule applies to, ``OUTCOME_SCHEMA``, of the rules
            that the plan says are told.
    """

    alerts: pl.DataFrame
    shadow_alerts: pl.DataFrame
    hits: pl.DataFrame
    outcomes: Mapping[str, Mapping[str, int]]
    causes: Mapping[str, Mapping[str, int]]
    skipped: Mapping[str, Mapping[str, int]]
    features: pl.DataFrame | None
    carry: Carry | None
    told: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Layer:
    """What the rules over one kind of row found: transactions, or the alerts of a stratum below.

    ``raised`` holds per rule its alerts as rows that rules over alerts read, history included;
    ``data_start`` is where the data begins, ``clock`` how time passes.
    """

    evaluation: Evaluation
    raised: Mapping[str, pl.DataFrame]
    data_start: int | Mapping[int, int] | None
    clock: Clock


def evaluate_layer(
    plan: Plan,
    carry: Carry,
    rows: pl.DataFrame,
    *,
    digits: int = 2,
    data_start: int | Mapping[int, int] | None = None,
    partitions: int | None = None,
    keep_carry: bool = False,
    features: bool = False,
    evidence: bool = True,
    clock: Clock | None = None,
) -> Layer:
    """Evaluate a plan without its strata over rows; arguments as of ``evaluate``.

    ``clock`` is that of the transactions, where the rows are alerts.
    """
    run = LayerRun(plan, carry, rows, partitions, clock)
    run.visit_stages(keep=keep_carry or features)
    return run.finish(
        digits, data_start, keep_carry=keep_carry, features=features, evidence=evidence
    )


class LayerRun:
    """The working state of one evaluation of a plan without its strata.

    ``table`` holds its ``rows``, ``frames`` the parts of every lane visited so far, and
    ``verdicts`` per rule what was judged on each part.
    """

    def __init__(
        self,
        plan: Plan,
        carry: Carry,
        rows: pl.DataFrame,
        partitions: int | None,
        clock: Clock | None,
    ) -> None:
        self.plan = plan
        self._carry = carry
        self.rows = rows if carry.rows is None else _joined(carry.rows, rows)
        self.table: Table = encode_table(plan, self.rows, carry.height, clock)
        self._partitions = partitions
        self._exports = Exports(self.rows.height)
        self.frames: dict[Lane, list[LaneFrame]] = {}
        self._askings: dict[bool, Asking] = {}
        self.verdicts: dict[str, list[Verdict]] = {}
        self._nested = _nested(plan)

    def visit_stages(self, *, keep: bool, judged: Judged | None = None) -> None:
        """Compute every stage; free what nothing later reads unless ``keep``.

        ``judged`` judges the rules of a stage on a part, by default one by one.
        """
        lanes = [stage.lane for stage in self.plan.stages]
        for number, stage in enumerate(self.plan.stages):
            frames = self._lane_frames(stage)
            with ThreadPoolExecutor(min(len(frames), os.cpu_count() or 1)) as pool:
                results = list(pool.map(partial(_visit, stage, judged or each_judged), frames))
            self._exports.add(frames, stage.features)
            for verdicts in results:
                for rule_id, verdict in verdicts.items():
                    self.verdicts.setdefault(rule_id, []).append(verdict)
            if not keep and stage.lane not in lanes[number + 1 :]:
                for frame in frames:
                    frame.release()

    def _lane_frames(self, stage: Stage) -> list[LaneFrame]:
        lane = stage.lane
        if lane.probes:
            for key in stage.features:
                self._asking(lane).prepare(self.plan.windowed(key).questions)
        if lane not in self.frames:
            self.frames[lane] = [self._frame(part) for part in self._parts(lane)]
        if lane.probes:
            for frame in self.frames[lane]:
                frame.asking_frame = self._asking(lane)
        return self.frames[lane]

    def _frame(self, part: Part) -> LaneFrame:
        sources = (self._exports, self._carry)
        return LaneFrame(self.plan, self.table, part, sources, windowed)

    def _parts(self, lane: Lane) -> list[Part]:
        arguments = (self.plan, self.table, lane)
        if lane.probes:
            return cut_asked(*arguments, self._asking(lane), self._partitions)
        return cut(*arguments, self._partitions)

    def _asking(self, lane: Lane) -> Asking:
        """What the payments say that ask a lane, of all rows or of all sides of them."""
        sided = lane.asks_sided
        if sided not in self._askings:
            refs = everyone(self.table, sided=sided)
            starts = np.array([0, refs.size], np.int32)
            part = Part(Lane((), sided), refs, refs >> 1 if sided else refs, starts)
            self._askings[sided] = Asking(self._frame(part))
        return self._askings[sided]

    def finish(
        self,
        digits: int,
        data_start: int | Mapping[int, int] | None,
        *,
        keep_carry: bool,
        features: bool,
        evidence: bool,
    ) -> Layer:
        """Alerts and counts from the verdicts."""
        begin = self._data_start(data_start)
        display = Display(digits, self.plan.pack.timezone)
        builder = AlertBuilder(
            self.plan, self.rows, self.frames, display, begin or 0, evidence=evidence
        )
        alerts, hits, opened, rows = [], [], {}, {}
        for condition in self.plan.conditions:
            mine, opened[condition.rule.id] = self.suppressed(condition)
            emitted = mine.filter(self._handed_out(mine))
            hits.append(_listed(condition, emitted))
            rows[condition.rule.id] = alert_rows(condition, mine, self.rows)
            raised = emitted.filter(RAISED)
            if raised.height:
                alerts.append(builder.build(condition, raised))
        carry = replace(self._next_carry(), open=opened, data_start=begin) if keep_carry else None
        found = self._alert_rows(alerts)
        shadow = [c.rule.id for c in self.plan.conditions if c.rule.shadow]
        aside = found["rule_id"].is_in(shadow)
        evaluation = Evaluation(
            alerts=found.filter(~aside),
            shadow_alerts=found.filter(aside),
            hits=_ordered_hits(hits),
            outcomes={c.rule.id: self._outcomes(c) for c in self.plan.conditions},
            causes={c.rule.id: self._causes(c) for c in self.plan.conditions},
            skipped={c.rule.id: self._skipped(c) for c in self.plan.conditions},
            features=self._feature_rows() if features else None,
            carry=carry,
            told=self._told(),
        )
        return Layer(evaluation, rows, begin, self.table.clock)

    def _handed_out(self, hits: pl.DataFrame) -> pl.Series:
        if HANDED_OUT in hits.columns:
            return hits[HANDED_OUT]
        return pl.Series(self.table.emitted[hits[ROW].to_numpy()])

    def _data_start(
        self, data_start: int | Mapping[int, int] | None
    ) -> int | Mapping[int, int] | None:
        times = self.table.frame[TIME]
        key = self.plan.case_key
        if key is None:
            if data_start is not None:
                return data_start
            return self._carry.data_start if self._carry.data_start is not None else times.min()  # type: ignore[return-value]
        first = self.table.frame.group_by(key).agg(pl.col(TIME).min())
        named = data_start if not isinstance(data_start, int) and data_start else {}
        return {**dict(first.iter_rows()), **named}

    def suppressed(self, condition: Condition) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The hits of a rule, raised, folded or excepted, and its open alerts after them."""
        verdicts = self.verdicts[condition.rule.id]
        hits = pl.concat([verdict.hits for verdict in verdicts])
        ids = excepted(condition, hits, self.plan.pack.timezone)
        hits = hits.with_columns(ids.alias(EXCEPTION))
        before = self._carry.open.get(condition.rule.id)
        return suppress(condition, hits, self.rows, before, self.plan.case_key)

    def _next_carry(self) -> Carry:
        if self.rows.height == 0:
            return self._carry
        return retain(self.plan, self._carry, self.rows, self.frames, self._nested)

    def _outcomes(self, condition: Condition) -> dict[str, int]:
        total = sum((v.outcomes for v in self.verdicts[condition.rule.id]), Counter())
        rows = self._seen_rows(condition) * (2 if condition.lane.sided else 1)
        counts = {name: total[name] for name in OUTCOMES}
        return counts | {"not_applicable": rows - total["applicable"]}

    def _seen_rows(self, condition: Condition) -> int:
        """How many rows are handed out that a rule is asked about: of alerts, those it reads."""
        emitted = self.table.emitted
        if condition.rule.sources:
            emitted = emitted & named(self.table.frame, condition.rule.sources)
        return int(emitted.sum())

    def _causes(self, condition: Condition) -> dict[str, int]:
        total = sum((v.causes for v in self.verdicts[condition.rule.id]), Counter())
        return {name: total[name] for name in CAUSES if total[name]}

    def _told(self) -> pl.DataFrame:
        """The outcome at each row, of the rules that are told."""
        tables = [pl.DataFrame(schema=pl.Schema(OUTCOME_SCHEMA))]
        for condition in self.plan.conditions:
            verdicts = self.verdicts[condition.rule.id]
            parts = [verdict.told for verdict in verdicts if verdict.told is not None]
            if parts:
                tables.append(outcome_rows(condition, parts, self.rows))
        return pl.concat(tables)

    def _skipped(self, condition: Condition) -> dict[str, int]:
        counts = {}
        for name, key in condition.features.items():
            feature = self.plan.features[key]
            if isinstance(feature, Windowed):
                frames = self.frames.get(feature.lane, [])
                counts[name] = sum(frame.skipped.get(key, 0) for frame in frames)
        return {name: count for name, count in counts.items() if count}

    def _alert_rows(self, alerts: list[pl.DataFrame]) -> pl.DataFrame:
        empty = pl.DataFrame(schema=pl.Schema({**ALERT_SCHEMA, ROW: pl.Int64}))
        frame = pl.concat([empty, *alerts]).sort(
            *(TIME, ROW, "rule_id", "side", "subject"),
            descending=[False, False, False, True, False],
        )
        trigger = _outward(self.plan, gathered(self.rows, self.rows.columns, frame[ROW]))
        return frame.drop(ROW).with_columns(trigger.to_struct("transaction"))

    def _feature_rows(self) -> pl.DataFrame:
        return feature_rows(self.plan, self.table, self.rows, self.frames)


def _visit(stage: Stage, judged: Judged, frame: LaneFrame) -> dict[str, Verdict]:
    """Compute a stage on one part."""
    for key in stage.features:
        frame.answered(key)
    return judged(frame, stage.rules)


def each_judged(frame: LaneFrame, conditions: Sequence[Condition]) -> dict[str, Verdict]:
    """The verdict of every rule on a part, by its id."""
    return {condition.rule.id: _judged(frame, condition) for condition in conditions}


def _judged(frame: LaneFrame, condition: Condition) -> Verdict:
    if condition.sequence is not None:
        return judge_sequence(frame, condition)
    return (judge if condition.graph is None else judge_paths)(frame, condition)


def _joined(kept: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([kept, rows], how="diagonal")


def _nested(plan: Plan) -> list[str]:
    """Keys of aggregates and points that features, paths or chains read at past rows."""
    features = [feature for feature in plan.features.values() if isinstance(feature, Windowed)]
    read = [*(feature.inputs for feature in features), *map(feature_names, plan.through)]
    read += [set(closure(plan.features, one.kept_features)) for one in plan.conditions]
    return sorted({key for keys in read for key in plan.behind(keys)})


def _listed(condition: Condition, hits: pl.DataFrame) -> pl.DataFrame:
    return hits.select(
        pl.lit(condition.rule.id).alias("rule_id"),
        pl.col(ALERT).alias("alert_id"),
        pl.col(TRANSACTION).alias("transaction_id"),
        pl.col(SIDE).alias("side"),
        pl.col(TIME).cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias(TIME),
        pl.col(KEYS).alias("timeline"),
        (pl.col(LEVEL) + 1).alias("level"),
        pl.col(RAISED).alias("raised"),
        pl.col(TRIGGER).alias("trigger_alert_id"),
        pl.col(EXCEPTION).alias("exception"),
        pl.lit(condition.rule.shadow).alias("shadow"),
        ROW,
    )


HIT_SCHEMA: Mapping[str, PolarsDataType] = {
    "rule_id": pl.String,
    "alert_id": pl.String,
    "transaction_id": pl.String,
    "side": pl.String,
    TIME: pl.Datetime("us", "UTC"),
    "timeline": pl.List(pl.String),
    "level": pl.Int32,
    "raised": pl.Boolean,
    "trigger_alert_id": pl.String,
    "exception": pl.String,
    "shadow": pl.Boolean,
}
"""Columns of the hits in order. ``trigger_alert_id`` is the alert that a rule over alerts judged,
``exception`` the id of the exception that took the hit out, ``shadow`` whether the rule is in
shadow. An excepted hit has no alert."""


def _ordered_hits(hits: list[pl.DataFrame]) -> pl.DataFrame:
    frame = pl.concat([pl.DataFrame(schema=pl.Schema({**HIT_SCHEMA, ROW: pl.Int64})), *hits])
    # On one row a graph rule may hit for several subjects, which are their timelines.
    order = [TIME, ROW, "rule_id", "side", pl.col("timeline").list.first()]
    return frame.sort(order, descending=[False, False, False, True, False]).drop(ROW)


def _outward(plan: Plan, rows: pl.DataFrame) -> pl.DataFrame:
    """Transactions in storage form as they leave the engine: scaled integers as decimals."""
    columns = []
    for name in rows.columns:
        type_ = plan.pack.columns.get(name)
        if type_ is not None:
            scaled = type_.kind is Kind.MONEY or (type_.kind is Kind.NUMBER and type_.scale)
            scale = MONEY_SCALE if type_.kind is Kind.MONEY else type_.scale
            columns.append(as_decimal(rows[name], scale) if scaled else rows[name])
    return pl.DataFrame(columns)
