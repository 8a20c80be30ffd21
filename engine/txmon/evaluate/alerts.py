"""Raised hits -> alert rows: message, feature values, clauses, evidence and the transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.evidence import EVIDENCE_LIMIT, Evidence, gather, true_features
from txmon.evaluate.judge import LEVEL, shown
from txmon.evaluate.suppression import ALERT_ID
from txmon.evaluate.table import TIME
from txmon.language.compile import Compiler, evaluated
from txmon.language.display import Display, plain_number
from txmon.language.nodes import Compare, Expr, Level, Range
from txmon.schema import TIME_DTYPE, subject_kind
from txmon.types import BOOL, Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars._typing import PolarsDataType

    from txmon.evaluate.frame import LaneFrame
    from txmon.plan import Condition, Lane, Plan

Array = np.ndarray[Any, Any]
SCHEMA_VERSION = 1

FEATURE = pl.Struct({"name": pl.String, "value": pl.String, "number": pl.Float64})
CLAUSE = pl.Struct(
    {
        "text": pl.String,
        "result": pl.Boolean,
        "value": pl.String,
        "threshold": pl.String,
        "margin": pl.Float64,
    }
)
EVIDENCE = pl.Struct({"transaction_id": pl.String, "event_time": TIME_DTYPE})

ALERT_SCHEMA: Mapping[str, PolarsDataType] = {
    ALERT_ID: pl.String,
    "rule_id": pl.String,
    "rule_version": pl.String,
    "logic_hash": pl.String,
    "pack": pl.String,
    "typology": pl.String,
    "severity": pl.String,
    "score": pl.Int32,
    "subject": pl.String,
    "subject_kind": pl.String,
    "timeline": pl.List(pl.String),
    "side": pl.String,
    TIME: TIME_DTYPE,
    "transaction_id": pl.String,
    LEVEL: pl.Int32,
    "window_start": TIME_DTYPE,
    "window_end": TIME_DTYPE,
    "message": pl.String,
    "features": pl.List(FEATURE),
    "clauses": pl.List(CLAUSE),
    "evidence": pl.List(EVIDENCE),
    "evidence_count": pl.Int64,
    "evidence_cut": pl.Boolean,
    "history_complete": pl.Boolean,
    "schema_version": pl.Int32,
}
"""Columns of the alerts in order; ``transaction``, a struct of the trigger's columns, stands last.

``level`` counts from 1, the highest. A clause's margin and a feature's number are in units of
money, plain numbers or seconds; a margin is positive where the clause is true.
"""


@dataclass(frozen=True, slots=True)
class AlertBuilder:
    """Builds the alert rows of a plan's rules over one table.

    ``rows`` are the table's rows in storage form, ``data_start`` microseconds (or per case).
    """

    plan: Plan
    rows: pl.DataFrame
    frames: Mapping[Lane, Sequence[LaneFrame]]
    display: Display
    data_start: int | Mapping[int, int]

    def build(self, condition: Condition, hits: pl.DataFrame) -> pl.DataFrame:
        """The alert rows of a rule's raised hits, in any order; without ``transaction``."""
        values = _Values(self.plan, condition, hits, self.display)
        clauses = values.clause_truths()
        reads = true_features(self.plan, condition, clauses)
        evidence = gather(self.plan, condition, hits, reads, self.frames)
        columns = {
            **self._identity(condition, hits),
            **values.described(),
            **self._evidence(evidence),
            "history_complete": self._complete(condition),
            "schema_version": pl.lit(SCHEMA_VERSION),
        }
        frame = hits.select([columns[name].alias(name) for name in ALERT_SCHEMA])
        return frame.cast(pl.Schema(ALERT_SCHEMA)).with_columns(hits["row"])

    def _identity(self, condition: Condition, hits: pl.DataFrame) -> dict[str, pl.Expr]:
        rule, pack = condition.rule, self.plan.pack
        constants = {
            "rule_id": rule.id,
            "rule_version": rule.version,
            "logic_hash": condition.logic_hash,
            "pack": f"{pack.name} {pack.version}",
            "typology": rule.typology,
            "subject_kind": subject_kind(rule.subject),
        }
        by_level = {level.position: level for level in condition.levels}
        chosen = [by_level[position] for position in hits[LEVEL]]
        return {
            **{name: pl.lit(value) for name, value in constants.items()},
            ALERT_ID: pl.col(ALERT_ID),
            "severity": pl.lit(
                pl.Series([str(level.severity) for level in chosen], dtype=pl.String)
            ),
            "score": pl.lit(pl.Series([level.score for level in chosen], dtype=pl.Int32)),
            "subject": pl.col(rule.subject).cast(pl.String),
            "timeline": pl.col("keys"),
            "side": pl.col("side"),
            TIME: _time(pl.col(TIME)),
            "transaction_id": pl.col("transaction_id"),
            LEVEL: pl.col(LEVEL) + 1,
        }

    def _evidence(self, evidence: Evidence) -> dict[str, pl.Expr]:
        chosen = self.rows.select("transaction_id", TIME)[evidence.rows.tolist()]
        listed = pl.DataFrame({"evidence": chosen.to_struct()})
        owner = np.repeat(np.arange(evidence.counts.size), np.diff(evidence.offsets))
        lists = listed.group_by(pl.Series("owner", owner), maintain_order=True).agg("evidence")
        return {
            "evidence": pl.lit(lists["evidence"]),
            "evidence_count": pl.lit(pl.Series(evidence.counts)),
            "evidence_cut": pl.lit(pl.Series(evidence.counts > EVIDENCE_LIMIT)),
            "window_start": _time(pl.lit(evidence.starts)),
            "window_end": _time(pl.lit(evidence.ends)),
        }

    def _complete(self, condition: Condition) -> pl.Expr:
        if isinstance(self.data_start, int):
            begin: pl.Expr = pl.lit(self.data_start)
        else:
            cases = list(self.data_start)
            starts = [self.data_start[case] for case in cases]
            begin = pl.col(str(self.plan.case_key)).replace_strict(cases, starts)
        return (pl.col(TIME) - condition.reach >= begin) | (condition.reach == 0)


def _time(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


class _Values:
    """Clauses, features and message of a rule at its raised hits."""

    def __init__(
        self, plan: Plan, condition: Condition, hits: pl.DataFrame, display: Display
    ) -> None:
        self._plan = plan
        self._condition = condition
        self._hits = hits.select([*shown(condition), LEVEL])
        self._display = display
        self._compiler = Compiler(plan.pack.timezone, plan.pack.lists)

    def clause_truths(self) -> pl.DataFrame:
        """A Boolean column ``LEVEL:CLAUSE`` for every clause, and the level that raised."""
        truths = [
            self._series(clause.node).alias(f"{level.position}:{number}")
            for level in self._condition.levels
            for number, clause in enumerate(level.clauses)
        ]
        return self._hits.with_columns(truths)

    def described(self) -> dict[str, pl.Expr]:
        """The columns ``features``, ``clauses`` and ``message``."""
        by_level = {level.position: level for level in self._condition.levels}
        features = self._features()
        clauses = {level.position: self._clauses(level) for level in by_level.values()}
        messages = {level.position: self._messages(level) for level in by_level.values()}
        levels = self._hits[LEVEL].to_list()
        return {
            "features": _literal(features, pl.List(FEATURE)),
            "clauses": _literal([clauses[lv][i] for i, lv in enumerate(levels)], pl.List(CLAUSE)),
            "message": _literal([messages[lv][i] for i, lv in enumerate(levels)], pl.String),
        }

    def _series(self, node: Expr) -> pl.Series:
        return evaluated(self._hits, self._compiler.expression(node))

    def _column(self, node: Expr) -> list[Any]:
        return self._series(node).to_list()

    def _features(self) -> list[list[dict[str, Any]]]:
        columns = []
        for name, key in self._condition.features.items():
            type_ = self._plan.features[key].type
            values = self._hits[key].to_list()
            columns.append([self._feature(name, value, type_) for value in values])
        return [list(row) for row in zip(*columns, strict=True)] or [[]] * self._hits.height

    def _feature(self, name: str, value: Any, type_: Type) -> dict[str, Any]:
        shown_value = None if value is None else self._display.show(value, type_)
        return {"name": name, "value": shown_value, "number": plain_number(value, type_)}

    def _clauses(self, level: Level) -> list[list[dict[str, Any]]]:
        columns = [self._clause(clause.text, clause.node) for clause in level.clauses]
        return [list(row) for row in zip(*columns, strict=True)]

    def _clause(self, text: str, node: Expr) -> list[dict[str, Any]]:
        results = self._column(node)
        values, thresholds, margins = self._sides(node, results)
        return [
            {"text": text, "result": result, "value": value, "threshold": bound, "margin": margin}
            for result, value, bound, margin in zip(
                results, values, thresholds, margins, strict=True
            )
        ]

    def _sides(self, node: Expr, results: list[Any]) -> tuple[list[Any], list[Any], list[Any]]:
        none: list[Any] = [None] * len(results)
        if isinstance(node, Compare):
            left, right = self._shown(node.left), self._shown(node.right)
            sign = 1.0 if node.op in {">", ">="} else -1.0
            ordered = node.op not in {"==", "!="}
            margins = self._margins(node.left, node.right, sign) if ordered else none
            return left, right, margins
        if isinstance(node, Range):
            low, high = self._shown(node.low), self._shown(node.high)
            bounds = [f"{a}..{b}" for a, b in zip(low, high, strict=True)]
            above = self._margins(node.operand, node.low, 1.0)
            below = self._margins(node.operand, node.high, -1.0)
            margins = [_least(a, b) for a, b in zip(above, below, strict=True)]
            return self._shown(node.operand), bounds, margins
        return [self._display.show(result, BOOL) for result in results], none, none

    def _shown(self, node: Expr) -> list[str]:
        return [self._display.show(value, node.type) for value in self._column(node)]

    def _margins(self, left: Expr, right: Expr, sign: float) -> list[float | None]:
        lefts = [plain_number(value, left.type) for value in self._column(left)]
        rights = [plain_number(value, right.type) for value in self._column(right)]
        return [
            None if a is None or b is None else sign * (a - b) + 0.0
            for a, b in zip(lefts, rights, strict=True)
        ]

    def _messages(self, level: Level) -> list[str | None]:
        if level.message is None:
            return [None] * self._hits.height
        parts = [
            [part] * self._hits.height if isinstance(part, str) else self._shown(part)
            for part in level.message.parts
        ]
        return ["".join(row) for row in zip(*parts, strict=True)]


def _least(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else min(a, b)


def _literal(values: list[Any], dtype: PolarsDataType) -> pl.Expr:
    return pl.lit(pl.Series(values, dtype=dtype, strict=False))
