"""The whole way from payments to alerts: take in, compile, evaluate, sum up."""

from __future__ import annotations

import platform
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.metadata import version
from typing import TYPE_CHECKING

import polars as pl

from txmon.errors import DataError, InputError
from txmon.evaluate import Carry, evaluate
from txmon.evaluate.decimals import as_decimal
from txmon.language.strata import hears
from txmon.model import SEVERITIES
from txmon.packs import load_pack
from txmon.plan import compile_plan
from txmon.results import OUTCOMES, ExceptionSummary, RuleSummary, SkippedFile, Summary, Versions
from txmon.sources import intake
from txmon.sources.currencies import MINOR_DIGITS
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from txmon.evaluate import Evaluation
    from txmon.language.checked import ExceptionEntry, Pack, Rule
    from txmon.language.nodes import FeatureNode
    from txmon.plan import Condition, Plan
    from txmon.sources import Intake
    from txmon.sources.files import Sources
    from txmon.sources.mapping import InputMapping

    Mapped = str | Path | Mapping[str, object] | InputMapping | None

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Result:
    """What a run found.

    Attributes:
        alerts: one row an alert (``txmon.evaluate.alerts.ALERT_SCHEMA`` and ``transaction``), in
            order of event time.
        shadow_alerts: those of rules in shadow, likewise: nobody works on them.
        hits: one row a hit: rule, transaction, side, level, and the alert it raised or folded into,
            or the exception that took it out.
        rejected: one row a rejected input row, with the reason.
        summary: counts, outcomes per rule, and how long each stage took.
    """

    alerts: pl.DataFrame
    shadow_alerts: pl.DataFrame
    hits: pl.DataFrame
    rejected: pl.DataFrame
    summary: Summary


@dataclass(slots=True)
class Stages:
    """Seconds that each stage took, and who is told when one begins."""

    told: Callable[[str], None] | None = None
    seconds: dict[str, float] = field(default_factory=dict)

    def tell(self, what: str) -> None:
        """Pass on what begins."""
        if self.told is not None:
            self.told(what)

    @contextmanager
    def stage(self, name: str, detail: str = "") -> Iterator[None]:
        """Time one stage."""
        self.tell(f"{name} {detail}".rstrip())
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = time.perf_counter() - begin


def score(
    source: Sources,
    pack: Pack | None = None,
    *,
    history: Sources | None = None,
    mapping: Mapped = None,
    data_start: datetime | None = None,
    strict: bool = False,
    skip_bad_files: bool = False,
    partitions: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> Result:
    """Evaluate a pack over payments.

    Args:
        source: a path, glob or folder of Parquet, CSV, NDJSON or ISO 20022 XML, a URL of an object
            store, or ``-``; a frame of Polars, pandas, PyArrow, DuckDB or anything else with
            ``__arrow_c_stream__``; or a list of these.
        pack: a loaded pack; by default the shipped one.
        history: earlier payments. They are evaluated in full and fill the windows; their alerts
            suppress, but are not handed out.
        mapping: how source columns become canonical ones: a YAML file or its content.
        data_start: when the data begins, with a zone; by default the earliest accepted payment.
            Alerts whose windows reach before it say ``history_complete: false``.
        strict: whether a rule that needs a column the data lacks is an error.
        skip_bad_files: whether files that cannot be read are listed in the summary and left out,
            instead of stopping the run.
        partitions: parts that each lane is cut into; the alerts are the same for any number.
        progress: called with each stage, and each file, as it begins.

    Raises:
        InputError: an input cannot be read or lacks a required column.
        PackError: the pack or the mapping is wrong.
        DataError: in strict mode, the data lacks a column that a rule needs.
    """
    stages = Stages(progress)
    told = partial(intake, tell=stages.tell, skip_bad_files=skip_bad_files)
    read = partial(told, source, history=history, mapping=mapping)
    taken, plan = _prepared(read, pack, stages, strict=strict)
    with stages.stage("evaluate", _size(taken, plan)):
        evaluation = evaluate(
            plan,
            Carry(),
            taken.accepted,
            digits=MINOR_DIGITS[plan.pack.currency],
            data_start=_microseconds(data_start),
            partitions=partitions,
        )
    return Result(
        alerts=evaluation.alerts,
        shadow_alerts=evaluation.shadow_alerts,
        hits=evaluation.hits,
        rejected=taken.rejected,
        summary=_summary(plan, taken, evaluation, data_start, stages.seconds),
    )


def features(
    source: Sources,
    pack: Pack | None = None,
    *,
    history: Sources | None = None,
    mapping: Mapped = None,
    strict: bool = False,
    skip_bad_files: bool = False,
    partitions: int | None = None,
    progress: Callable[[str], None] | None = None,
) -> pl.DataFrame:
    """Every feature of every rule at every payment that the rule applies to.

    Rules over alerts have rows of their own below: one an alert (``alert_id``) and side.

    One row a (transaction_id, side); ``side`` is null for rules over whole payments. One column a
    feature, ``RULE.FEATURE``: money and numbers of fixed decimals as Decimal, inexact ones as
    Float64 in units, durations as Int64 microseconds, times as Datetime. Cells of rows that the
    rule does not apply to are null.

    Arguments and errors as in ``score``.
    """
    stages = Stages(progress)
    read = partial(
        intake,
        source,
        history=history,
        mapping=mapping,
        skip_bad_files=skip_bad_files,
        tell=stages.tell,
    )
    taken, plan = _prepared(read, pack, stages, strict=strict)
    with stages.stage("evaluate", _size(taken, plan)):
        evaluation = evaluate(plan, Carry(), taken.accepted, partitions=partitions, features=True)
    assert evaluation.features is not None  # noqa: S101 - they were asked for
    nodes = {
        f"{rule.id}.{name}": node
        for rule in plan.pack.rules
        for name, node in rule.features.items()
    }
    columns = [_outward(column, nodes) for column in evaluation.features]
    return pl.DataFrame(columns)


def _outward(column: pl.Series, nodes: Mapping[str, FeatureNode]) -> pl.Series:
    """A feature's values as they leave the engine."""
    if column.name not in nodes:
        return column
    type_ = nodes[column.name].type
    if type_.kind is Kind.SEVERITY:
        return column.replace_strict(range(len(SEVERITIES)), SEVERITIES, return_dtype=pl.String)
    if type_.kind not in {Kind.MONEY, Kind.NUMBER} or (type_.exact and not type_.scale):
        return column.cast(pl.Int64, strict=False) if column.dtype == pl.Int128 else column
    if type_.exact:
        return as_decimal(column.cast(pl.Int64, strict=False), type_.scale)
    return pl.Series(column.name, column.to_numpy() / 10**type_.base_scale).fill_nan(None)


def _prepared(
    read: Callable[[Pack], Intake], pack: Pack | None, stages: Stages, *, strict: bool
) -> tuple[Intake, Plan]:
    if pack is None:
        with stages.stage("load rules"):
            pack = load_pack()
    with stages.stage("read and validate"):
        taken = read(pack)
    with stages.stage("compile"):
        plan = compile_plan(pack.running(), taken.accepted.columns)
    if strict and plan.every_unavailable:
        raise DataError("\n".join(_unavailable(condition) for condition in plan.every_unavailable))
    return taken, plan


def _size(taken: Intake, plan: Plan) -> str:
    """How much there is to do: rules that can run x accepted rows."""
    return f"(rules: {len(plan.every_condition)}, rows: {taken.accepted.height:,})"


def _unavailable(condition: Condition) -> str:
    names = ", ".join(condition.missing)
    return f"{condition.rule.id}: the data lacks {names}; map it, or leave the rule out"


def _microseconds(moment: datetime | None) -> int | None:
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise InputError("data_start needs a zone, for example 2026-03-01T00:00:00+08:00")
    return (moment - EPOCH) // timedelta(microseconds=1)


def _summary(
    plan: Plan,
    taken: Intake,
    evaluation: Evaluation,
    data_start: datetime | None,
    seconds: dict[str, float],
) -> Summary:
    judged = taken.accepted["event_time"].filter(~taken.accepted["history"])
    pack = plan.pack
    return Summary(
        versions=_versions(),
        pack=pack.name,
        pack_version=pack.version,
        pack_hash=pack.content_hash,
        counts=taken.counts,
        history=taken.history_counts,
        data_start=data_start or taken.accepted["event_time"].min(),
        first_event_time=judged.min(),
        last_event_time=judged.max(),
        alerts=evaluation.alerts.height,
        hits=evaluation.hits.height,
        rules=(
            *(_rule_summary(condition, evaluation) for condition in plan.every_condition),
            *(
                _missing_summary(
                    condition, _rows_of(condition.rule, plan, evaluation, judged.len())
                )
                for condition in plan.every_unavailable
            ),
        ),
        seconds=dict(seconds),
        inputs=taken.fingerprints,
        mapping=taken.mapping,
        skipped=tuple(
            SkippedFile(name=file.name, reason=file.reason, history=file.history)
            for file in taken.skipped
        ),
        parameters={rule.id: dict(rule.parameters) for rule in pack.rules},
        shadow_alerts=evaluation.shadow_alerts.height,
        drafts=pack.drafts,
        exceptions=tuple(_exception_summary(entry, evaluation) for entry in pack.exceptions),
    )


def _versions() -> Versions:
    engine = {name: version(name) for name in ("txmon", "polars", "pyarrow", "numba")}
    return Versions(python=platform.python_version(), **engine)


def _rule_summary(condition: Condition, evaluation: Evaluation) -> RuleSummary:
    rule = condition.rule
    hits = evaluation.hits.filter(pl.col("rule_id") == rule.id)
    raised, excepted = hits["raised"], hits["exception"].is_not_null()
    return RuleSummary(
        rule_id=rule.id,
        version=rule.version,
        title=rule.title,
        typology=rule.typology,
        severity=str(rule.severity),
        outcomes=dict(evaluation.outcomes[rule.id]),
        unknown_causes=dict(evaluation.causes[rule.id]),
        skipped=dict(evaluation.skipped[rule.id]),
        alerts=int(raised.sum()),
        folded=int((~raised & ~excepted).sum()),
        excepted=int(excepted.sum()),
        status=rule.status,
    )


def _exception_summary(entry: ExceptionEntry, evaluation: Evaluation) -> ExceptionSummary:
    return ExceptionSummary(
        id=entry.id,
        rules=entry.rules,
        values={name: tuple(map(str, values)) for name, values in entry.values.items()},
        owner=entry.owner,
        reason=entry.reason,
        since=None if entry.since is None else (EPOCH + timedelta(days=entry.since)).date(),
        until=(EPOCH + timedelta(days=entry.until)).date(),
        hits=evaluation.hits.filter(pl.col("exception") == entry.id).height,
    )


def _rows_of(rule: Rule, plan: Plan, evaluation: Evaluation, transactions: int) -> int:
    """How many rows a rule is asked about: transactions, or the alerts that it reads."""
    if not rule.sources:
        return transactions
    read = [other.id for other in plan.pack.rules if hears(rule, other)]
    tables = (evaluation.alerts, evaluation.shadow_alerts)
    return sum(table.filter(pl.col("rule_id").is_in(read)).height for table in tables)


def _missing_summary(condition: Condition, rows: int) -> RuleSummary:
    """A rule that could not run: it applies to no row."""
    rule = condition.rule
    sides = 2 if rule.sided else 1
    return RuleSummary(
        rule_id=rule.id,
        version=rule.version,
        title=rule.title,
        typology=rule.typology,
        severity=str(rule.severity),
        outcomes={**dict.fromkeys(OUTCOMES, 0), "not_applicable": rows * sides},
        unknown_causes={},
        skipped={},
        alerts=0,
        folded=0,
        status=rule.status,
        unavailable=_unavailable(condition),
    )
