"""``backtest``: payments, a pack and known cases -> what each rule costs, finds and adds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.authoring.backtesting.measures import (
    EARLINESS,
    SUBJECT,
    added,
    earliness,
    first_finds,
    found_by,
    meetings_by_rule,
    overlap,
    per_thousand,
    placed,
    volume,
    widened,
)
from txmon.authoring.known import FIGURES, NUMBER, UNIT, LabelCount, figures, known_cases
from txmon.authoring.labels import Labelling, Labels
from txmon.errors import Finding, InputError, Location, PackError
from txmon.evaluate import Carry, evaluate
from txmon.language.problems import Code
from txmon.packs import load_pack
from txmon.plan import compile_plan
from txmon.schema import ACCOUNTS
from txmon.sources import intake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from txmon.authoring.known import KnownCases, Meetings
    from txmon.authoring.labels import Labelled
    from txmon.evaluate import Evaluation
    from txmon.language.checked import Pack, Rule
    from txmon.plan import Plan
    from txmon.scoring import Mapped
    from txmon.sources import Intake
    from txmon.sources.files import Sources

_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True, eq=False)
class Backtest:
    """What the rules of a pack find in payments, against known cases if there are any.

    Attributes:
        pack: name and version.
        currency: of money.
        zone: the pack's time zone.
        rows: payments that were judged; history is not among them.
        rejected: payments that were not accepted.
        days: from the first payment to the last.
        rules: one row a rule: ``rule_id``, ``typology``, ``severity``, ``status``, ``alerts``,
            ``hits``, ``subjects``, ``per_1000`` (alerts per 1,000 subjects a month); against known
            cases also the columns of ``measures.found_by``, ``alone``, ``first`` and ``adds``
            (whether it is ever first; None for rules that read alerts or find no case). Where what
            has no label is innocent, ``false_per_1000`` counts the alerts without one.
        whole: the same figures of all alerts together.
        rule_typologies: one row a typology of rules, wide ones too (``scam`` beside
            ``scam.safe-account``): volume, and what they find.
        case_typologies: one row a typology of cases: ``cases``, and what all rules find of them.
        overlap: pairs of rules, as of ``measures.overlap``.
        finds: the first alert of each case that is found, as of ``measures.first_finds``.
        missed: the cases that no rule finds, the largest loss first.
        by: one row for each value of each label column that was asked for: ``column``, ``value``,
            and what is found of the labels that have it.
        unavailable: rules that could not run, with the columns they lack.
        labels: the known cases, or None if there were no labels; then the frames about cases are
            None too.
        honest: whether what has no label was said to be innocent.
        drafts: rules that did not run because they are drafts that nobody selected by id.
    """

    pack: str
    currency: str
    zone: str
    rows: int
    rejected: int
    days: float
    rules: pl.DataFrame
    whole: Mapping[str, Any]
    rule_typologies: pl.DataFrame
    overlap: pl.DataFrame
    unavailable: Mapping[str, tuple[str, ...]]
    labels: LabelCount | None = None
    case_typologies: pl.DataFrame | None = None
    finds: pl.DataFrame | None = None
    missed: pl.DataFrame | None = None
    by: pl.DataFrame | None = None
    honest: bool = False
    drafts: tuple[str, ...] = ()


def backtest(
    source: Sources,
    *,
    rules: str | Path | None = None,
    settings: Mapping[str, str] | None = None,
    tuning: str | Path | None = None,
    select: Sequence[str] = (),
    history: Sources | None = None,
    mapping: Mapped = None,
    labels: Labelled | None = None,
    by: Sequence[str] = (),
    progress: Callable[[str], None] | None = None,
) -> Backtest:
    """Hold the alerts of a pack against each other, and against known cases.

    Args:
        source: payments, as ``score`` takes them; ``history`` and ``mapping`` likewise.
        rules: a pack folder or a rule file; by default the shipped pack.
        settings: texts for params by ``rule.param``.
        tuning: a file like tuning.yaml.
        select: ids, typologies or severities of rules; all if empty.
        history: earlier payments.
        mapping: how source columns become canonical ones.
        labels: known cases: files, frames or a ``Labelling``. Without them nothing is said of
            which alerts are right.
        by: further columns of the labels to divide the cases by, such as ``role``.
        progress: called with each step as it begins.

    Raises:
        InputError: payments or labels cannot be read, or labels lack a column of ``by``.
        PackError: the pack is wrong, or none of its rules runs.
    """
    tell = progress or _unheard
    tell(f"load rules {rules or 'shipped'}")
    pack = load_pack(rules, settings=settings, tuning=tuning, select=select).running()
    _some_rule(pack)
    asked = None if labels is None else Labelling.of(labels)
    read = None if asked is None else _with_columns(asked.read(pack.timezone), by)
    taken = intake(source, pack, history=history, mapping=mapping, tell=tell)
    plan = compile_plan(pack, taken.accepted.columns)
    tell(f"evaluate {len(pack.rules)} rules over {taken.accepted.height:,} rows")
    evaluation = evaluate(plan, Carry(), taken.accepted)
    tell("measure")
    alerts = placed(pl.concat([evaluation.alerts, evaluation.shadow_alerts]), taken.accepted)
    found = _volumes(plan, taken, evaluation, alerts)
    if asked is None or read is None:
        return found
    return _against_cases(found, alerts, taken.accepted, asked, read, by)


def _unheard(_: str) -> None:
    """Nobody asked."""


def _some_rule(pack: Pack) -> None:
    """Refuse a pack of which nothing runs."""
    if pack.rules:
        return
    message, advice = f"no rule of {pack.name} runs: it has none", "txmon new writes one"
    if pack.drafts:
        message = f"no rule of {pack.name} runs, for all are drafts: {', '.join(pack.drafts)}"
        advice = f"a draft runs if it is selected by its id: --select {pack.drafts[0]}"
    raise PackError([Finding(Code.SELECTION, message, Location("select", 1, 1), "", advice)])


def _with_columns(labels: Labels, by: Sequence[str]) -> Labels:
    for name in by:
        if name not in labels.rows.columns:
            known = ", ".join(labels.rows.columns)
            raise InputError(f"the labels have no column '{name}'; they have: {known}")
    return labels


def _volumes(plan: Plan, taken: Intake, evaluation: Evaluation, alerts: pl.DataFrame) -> Backtest:
    """What can be said without labels: how many alerts, on how many, by which rules together."""
    pack, new = plan.pack, taken.accepted.filter(~pl.col("history"))
    times = new["event_time"].to_physical()
    days = (int(times.max() or 0) - int(times.min() or 0)) / _DAY  # type: ignore[arg-type]
    ran = [condition.rule for condition in plan.every_condition]
    rules = pl.DataFrame([_named(rule) for rule in ran], schema=_RULE, orient="row").sort("rule_id")
    rules = rules.join(_hits(evaluation), on="rule_id", how="left")
    rules = rules.join(volume(alerts, ["rule_id"]), on="rule_id", how="left").with_columns(
        pl.col("alerts", "hits", "subjects").fill_null(0)
    )
    sizes = {rule.id: _population(rule, new, plan) for rule in ran}
    rates = [per_thousand(row["alerts"], sizes[row["rule_id"]], days) for row in rules.to_dicts()]
    return Backtest(
        pack=f"{pack.name} {pack.version}",
        currency=pack.currency,
        zone=pack.timezone,
        rows=new.height,
        rejected=taken.counts.rejected,
        days=days,
        rules=rules.sort("rule_id").with_columns(pl.Series("per_1000", rates, pl.Float64)),
        whole=_whole(alerts, new, days),
        rule_typologies=volume(widened(alerts), ["typology"]),
        overlap=overlap(alerts, None),
        unavailable={one.rule.id: one.missing for one in plan.every_unavailable},
        drafts=pack.drafts,
    )


_RULE = ("rule_id", "typology", "severity", "status", "over_alerts")


def _named(rule: Rule) -> tuple[str, str, str, str, bool]:
    return rule.id, rule.typology, str(rule.severity), rule.status, bool(rule.sources)


def _hits(evaluation: Evaluation) -> pl.DataFrame:
    live = evaluation.hits.filter(pl.col("exception").is_null())
    return live.group_by("rule_id").agg(pl.len().cast(pl.Int64).alias("hits"))


def _population(rule: Rule, rows: pl.DataFrame, plan: Plan) -> int:
    """How many different subjects the rule could have alerted on."""
    graph = rule.graph is not None
    names = ACCOUNTS if graph else plan.schema.sources(rule.subject)
    return _different(rows, names)


def _different(rows: pl.DataFrame, names: Sequence[str]) -> int:
    columns = [rows[name].drop_nulls().unique() for name in names if name in rows.columns]
    return pl.concat(columns).n_unique() if columns else 0


def _whole(alerts: pl.DataFrame, rows: pl.DataFrame, days: float) -> dict[str, Any]:
    size = alerts.height
    subjects = alerts.drop_nulls("subject").select(SUBJECT).n_unique()
    rate = per_thousand(size, _different(rows, ACCOUNTS), days)
    return {"alerts": size, "subjects": subjects, "per_1000": rate}


def _against_cases(
    found: Backtest,
    alerts: pl.DataFrame,
    data: pl.DataFrame,
    asked: Labelling,
    labels: Labels,
    by: Sequence[str],
) -> Backtest:
    """The same with what is found of known cases."""
    known = known_cases(labels, data, typologies=asked.typologies)
    met = known.meet(alerts)
    wide = widened(alerts)
    first = meetings_by_rule(alerts, met)
    finds = first_finds(alerts, known, met)
    lost = known.cases.select(pl.exclude("lost"), pl.col("lost") / UNIT)
    missed = lost.join(finds, on=NUMBER, how="anti").sort("lost", "case", descending=[True, False])
    return replace(
        found,
        rules=_adding(found.rules, alerts, known, met, first, honest=asked.honest),
        whole=_all_found(found.whole, alerts, known, met, honest=asked.honest),
        rule_typologies=found.rule_typologies.join(
            found_by(wide, known, known.meet(wide), "typology"), on="typology", how="left"
        ),
        overlap=overlap(alerts, first),
        labels=LabelCount.of(known),
        case_typologies=_by_value(labels, data, alerts, "typology", asked),
        finds=finds.drop(NUMBER),
        missed=missed.drop(NUMBER),
        by=_by_columns(labels, data, alerts, by, asked),
        honest=asked.honest,
    )


def _adding(
    rules: pl.DataFrame,
    alerts: pl.DataFrame,
    known: KnownCases,
    met: Meetings,
    first: pl.DataFrame,
    *,
    honest: bool,
) -> pl.DataFrame:
    """The figures of each rule, and whether it is ever the first to find a case."""
    found = rules.join(found_by(alerts, known, met, "rule_id"), on="rule_id", how="left")
    found = found.join(added(first), on="rule_id", how="left").with_columns(
        pl.col("labelled", "found", "recall", "alone", "first", *_MONEY).fill_null(0)
    )
    asked = (pl.col("found") > 0) & ~pl.col("over_alerts")
    adds = pl.when(asked).then(pl.col("first") > 0).alias("adds")
    false = pl.col("per_1000") * (1 - pl.col("precision").fill_null(1))
    told = [adds, *([false.alias("false_per_1000")] if honest else [])]
    return found.sort("rule_id").with_columns(told)


def _all_found(
    volumes: Mapping[str, Any],
    alerts: pl.DataFrame,
    known: KnownCases,
    met: Meetings,
    *,
    honest: bool,
) -> dict[str, Any]:
    told = dict(volumes) | figures(known, met, alerts.height) | earliness(alerts, known, met)
    if honest and told["per_1000"] is not None:
        told["false_per_1000"] = told["per_1000"] * (1 - (told["precision"] or 0))
    return told


_MONEY = ("lost_before", "lost_at", "lost_after")


def _by_columns(
    labels: Labels, data: pl.DataFrame, alerts: pl.DataFrame, by: Sequence[str], asked: Labelling
) -> pl.DataFrame | None:
    tables = [
        _by_value(labels, data, alerts, name, asked)
        .rename({name: "value"})
        .with_columns(pl.lit(name).alias("column"))
        .select("column", pl.exclude("column"))
        for name in by
    ]
    return pl.concat(tables) if tables else None


def _by_value(
    labels: Labels, data: pl.DataFrame, alerts: pl.DataFrame, name: str, asked: Labelling
) -> pl.DataFrame:
    """What all rules find of the labels with each value of a column: a row a value."""
    rows = []
    for value in sorted(labels.rows[name].drop_nulls().unique().to_list()):
        some = Labels(labels.rows.filter(pl.col(name) == value))
        known = known_cases(some, data, typologies=asked.typologies)
        if known.cases.height:
            met = known.meet(alerts)
            told = figures(known, met, alerts.height) | earliness(alerts, known, met)
            size = {"cases": known.cases.height, "lost": known.lost / UNIT}
            rows.append({name: value, **size, **told})
    size_of = {name: pl.String, "cases": pl.Int64, "lost": pl.Float64}
    return pl.DataFrame(rows, pl.Schema({**size_of, **FIGURES, **EARLINESS})).drop("precision")
