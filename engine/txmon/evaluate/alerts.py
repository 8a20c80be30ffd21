"""Raised hits -> alert rows: message, feature values, clauses, evidence and the transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.alert_rows import kind_of_subject
from txmon.evaluate.evidence import EVIDENCE_LIMIT, Evidence, gather, true_features
from txmon.evaluate.history import judged_from
from txmon.evaluate.judge import LEVEL, PATH_CUT, shown
from txmon.evaluate.measured import compiler_of
from txmon.evaluate.sequences import chain_fields, with_chains
from txmon.evaluate.suppression import ALERT, KEYS, ROW, SIDE, TRANSACTION
from txmon.evaluate.table import TIME, gathered
from txmon.language.compile import evaluated, measure_column, step_column
from txmon.language.display import UNKNOWN, Display
from txmon.language.nodes import Compare, Expr, Range
from txmon.language.numbers import plain_numbers
from txmon.schema import TIME_DTYPE
from txmon.types import BOOL, Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polars._typing import PolarsDataType

    from txmon.evaluate.frame import LaneFrame
    from txmon.language.checked import Level
    from txmon.plan import Condition, Lane, Plan

Array = np.ndarray[Any, Any]
SCHEMA_VERSION = 2

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
    "alert_id": pl.String,
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
    "level": pl.Int32,
    "window_start": TIME_DTYPE,
    "window_end": TIME_DTYPE,
    "message": pl.String,
    "features": pl.List(FEATURE),
    "clauses": pl.List(CLAUSE),
    "evidence": pl.List(EVIDENCE),
    "evidence_count": pl.Int64,
    "evidence_cut": pl.Boolean,
    "evidence_alerts": pl.List(pl.String),
    "history_complete": pl.Boolean,
    "schema_version": pl.Int32,
}
"""Columns of the alerts in order; ``transaction``, a struct of the trigger's columns, stands last.

``level`` counts from 1, the highest. A clause's margin and a feature's number are in units of
money, plain numbers or seconds; a margin is positive where the clause is true. The evidence of a
rule over alerts is the triggers of the alerts it counted; ``evidence_alerts`` has their ids, place
by place, and is null for a rule over transactions.

Version 2 added ``evidence_alerts``.
"""


@dataclass(frozen=True, slots=True)
class AlertBuilder:
    """Builds the alert rows of a plan's rules over one table.

    ``rows`` are the table's rows in storage form, ``data_start`` microseconds (or per case).
    Without ``evidence`` the rows in the windows are not looked for.
    """

    plan: Plan
    rows: pl.DataFrame
    frames: Mapping[Lane, Sequence[LaneFrame]]
    display: Display
    data_start: int | Mapping[int, int]
    evidence: bool = True

    def build(self, condition: Condition, hits: pl.DataFrame) -> pl.DataFrame:
        """The alert rows of a rule's raised hits, in any order; without ``transaction``."""
        values = Values(self.plan, condition, hits, self.display)
        clauses = values.clause_truths()
        reads = true_features(self.plan, condition, clauses) if self.evidence else {}
        if condition.sequence is not None:
            hits = with_chains(condition, hits, self.frames[condition.lane])
        evidence = gather(self.plan, condition, hits, reads, self.frames)
        columns = {
            **self._identity(condition, hits),
            **{name: pl.lit(column) for name, column in values.described().items()},
            **self._evidence(evidence, hits, over_alerts=bool(condition.rule.sources)),
            "history_complete": self._complete(condition, hits),
            "schema_version": pl.lit(SCHEMA_VERSION),
        }
        frame = hits.select([columns[name].alias(name) for name in ALERT_SCHEMA])
        return frame.cast(pl.Schema(ALERT_SCHEMA)).with_columns(hits[ROW])

    def _identity(self, condition: Condition, hits: pl.DataFrame) -> dict[str, pl.Expr]:
        rule, pack = condition.rule, self.plan.pack
        constants = {
            "rule_id": rule.id,
            "rule_version": rule.version,
            "logic_hash": condition.logic_hash,
            "pack": f"{pack.name} {pack.version}",
            "typology": rule.typology,
        }
        chosen = [condition.levels[position] for position in hits[LEVEL]]
        return {
            **{name: pl.lit(value) for name, value in constants.items()},
            "alert_id": pl.col(ALERT),
            "severity": pl.lit(
                pl.Series([str(level.severity) for level in chosen], dtype=pl.String)
            ),
            "score": pl.lit(pl.Series([level.score for level in chosen], dtype=pl.Int32)),
            "subject": pl.col(rule.subject).cast(pl.String),
            "subject_kind": pl.lit(kind_of_subject(condition, hits)),
            "timeline": pl.col(KEYS),
            "side": pl.col(SIDE),
            TIME: _time(pl.col(TIME)),
            "transaction_id": pl.col(TRANSACTION),
            "level": pl.col(LEVEL) + 1,
        }

    def _evidence(
        self, evidence: Evidence, hits: pl.DataFrame, *, over_alerts: bool
    ) -> dict[str, pl.Expr]:
        cut = pl.Series(evidence.counts > EVIDENCE_LIMIT)
        cut = cut | hits[PATH_CUT] if PATH_CUT in hits.columns else cut
        chosen = gathered(self.rows, ["transaction_id", TIME], pl.Series(evidence.rows))
        none = pl.Series([None], dtype=pl.String).new_from_index(0, chosen.height)
        ids = self.rows["alert_id"].gather(pl.Series(evidence.rows)) if over_alerts else none
        listed = pl.DataFrame({"evidence": chosen.to_struct(), "alerts": ids})
        owner = np.repeat(np.arange(evidence.counts.size), np.diff(evidence.offsets))
        lists = listed.group_by(pl.Series("owner", owner), maintain_order=True).agg(pl.all())
        return {
            "evidence": pl.lit(lists["evidence"]),
            "evidence_alerts": pl.lit(lists["alerts"]) if over_alerts else pl.lit(None),
            "evidence_count": pl.lit(pl.Series(evidence.counts)),
            "evidence_cut": pl.lit(cut),
            "window_start": _time(pl.lit(evidence.starts)),
            "window_end": _time(pl.lit(evidence.ends)),
        }

    def _complete(self, condition: Condition, hits: pl.DataFrame) -> pl.Expr:
        triggered = self.rows[TIME].gather(hits[ROW]).to_physical().to_numpy()
        start = judged_from(self.plan, condition, triggered)
        if start is None:
            return pl.lit(value=True)
        if isinstance(self.data_start, int):
            begin: pl.Expr = pl.lit(self.data_start)
        else:
            cases = list(self.data_start)
            starts = [self.data_start[case] for case in cases]
            begin = pl.col(str(self.plan.case_key)).replace_strict(cases, starts)
        return pl.lit(pl.Series(start)) >= begin


def _time(value: pl.Expr) -> pl.Expr:
    return value.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


class Values:
    """Clauses, features and message of a rule at its raised hits."""

    def __init__(
        self, plan: Plan, condition: Condition, hits: pl.DataFrame, display: Display
    ) -> None:
        self._plan = plan
        self._condition = condition
        measures = map(measure_column, condition.measures)
        fields = map(step_column, chain_fields(condition))
        self._hits = hits.select([*shown(condition), *measures, *fields, LEVEL])
        self._display = display
        self._compiler = compiler_of(plan.pack)

    def clause_truths(self) -> pl.DataFrame:
        """A Boolean column ``LEVEL:CLAUSE`` for every clause, and the level that raised."""
        truths = [
            self._series(clause.node).alias(f"{level.position}:{number}")
            for level in self._condition.levels
            for number, clause in enumerate(level.clauses)
        ]
        return self._hits.with_columns(truths)

    def described(self) -> dict[str, pl.Series]:
        """The columns ``features``, ``clauses`` and ``message``."""
        levels = self._condition.levels
        return {
            "features": self._features(),
            "clauses": self._by_level([self._clauses(level) for level in levels]),
            "message": self._by_level([self._message(level) for level in levels]),
        }

    def _by_level(self, columns: list[pl.Series]) -> pl.Series:
        """Of one column a level, at each hit that of the level which raised."""
        chosen = pl.lit(None, columns[0].dtype)
        for position, column in enumerate(columns):
            chosen = pl.when(pl.col(LEVEL) == position).then(pl.lit(column)).otherwise(chosen)
        return evaluated(self._hits, chosen)

    def _series(self, node: Expr) -> pl.Series:
        return evaluated(self._hits, self._compiler.expression(node))

    def _features(self) -> pl.Series:
        structs = []
        for name, key in self._condition.features.items():
            type_, values = self._plan.features[key].type, self._hits[key]
            shown_values = self._texts(values, type_, unknown=None)
            number = plain_numbers(values, type_)
            structs.append(self._struct({"name": name, "value": shown_values, "number": number}))
        return self._listed(structs, FEATURE)

    def _clauses(self, level: Level) -> pl.Series:
        clauses = [self._clause(clause.text, clause.node) for clause in level.clauses]
        return self._listed(clauses, CLAUSE)

    def _struct(self, fields: dict[str, pl.Series | str | None]) -> pl.Series:
        columns = [
            (value if isinstance(value, pl.Series) else self._constant(value)).alias(name)
            for name, value in fields.items()
        ]
        return pl.DataFrame(columns).to_struct()

    def _constant(self, value: str | None) -> pl.Series:
        return pl.Series([value], dtype=pl.String).new_from_index(0, self._hits.height)

    def _listed(self, structs: list[pl.Series], dtype: pl.Struct) -> pl.Series:
        """One list a hit, of one struct each."""
        if not structs:
            empty = pl.Series([[]], dtype=pl.List(dtype))
            return empty.new_from_index(0, self._hits.height)
        columns = [struct.cast(dtype).alias(str(i)) for i, struct in enumerate(structs)]
        return pl.DataFrame(columns).select(pl.concat_list(pl.all())).to_series()

    def _clause(self, text: str, node: Expr) -> pl.Series:
        result = self._series(node)
        value, threshold, margin = self._sides(node, result)
        return self._struct(
            {
                "text": text,
                "result": result,
                "value": value,
                "threshold": threshold,
                "margin": margin,
            }
        )

    def _sides(
        self, node: Expr, result: pl.Series
    ) -> tuple[pl.Series, pl.Series | None, pl.Series | None]:
        """What a clause compares, with what, and how far inside it is."""
        if isinstance(node, Compare):
            margin = None if node.op in {"==", "!="} else self._inside(node)
            return self._shown(node.left), self._shown(node.right), margin
        if isinstance(node, Range):
            bounds = self._shown(node.low) + ".." + self._shown(node.high)
            above, below = (
                self._margin(node.operand, node.low),
                self._margin(node.high, node.operand),
            )
            both = pl.DataFrame({"above": above, "below": below})
            least = both.select(
                pl.when(pl.all_horizontal(pl.all().is_not_null())).then(pl.min_horizontal(pl.all()))
            )
            return self._shown(node.operand), bounds, least.to_series()
        return self._texts(result, BOOL), None, None

    def _inside(self, node: Compare) -> pl.Series:
        """How far the left side is beyond the right, in the direction of the comparison."""
        above = node.op in {">", ">="}
        return self._margin(*((node.left, node.right) if above else (node.right, node.left)))

    def _margin(self, left: Expr, right: Expr) -> pl.Series:
        return plain_numbers(self._series(left), left.type) - plain_numbers(
            self._series(right), right.type
        )

    def _shown(self, node: Expr) -> pl.Series:
        return self._texts(self._series(node), node.type)

    def _texts(self, values: pl.Series, type_: Type, unknown: str | None = UNKNOWN) -> pl.Series:
        """Values as texts; each different value is rendered once."""
        known = values.unique().drop_nulls()
        texts = {value: self._display.show(value, type_) for value in known.to_list()}
        rendered = [unknown if value is None else texts[value] for value in values.to_list()]
        return pl.Series(rendered, dtype=pl.String)

    def _message(self, level: Level) -> pl.Series:
        if level.message is None:
            return self._constant(None)
        parts = [
            self._constant(part) if isinstance(part, str) else self._shown(part)
            for part in level.message.parts
        ]
        columns = [part.alias(str(i)) for i, part in enumerate(parts)]
        return pl.DataFrame(columns).select(pl.concat_str(pl.all())).to_series()
