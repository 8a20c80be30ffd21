"""Alerts and hits of two packs over the same payments, in one evaluation where that is possible."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import polars as pl

from txmon.authoring.reasons.telling import UNHEARD
from txmon.evaluate import Carry, evaluate
from txmon.evaluate.suppression import alert_id
from txmon.language.strata import with_sources
from txmon.plan import compile_plan
from txmon.sources.currencies import MINOR_DIGITS

if TYPE_CHECKING:
    from collections.abc import Collection

    from txmon.evaluate import Evaluation
    from txmon.language.checked import Pack

OLD, NEW = f"{UNHEARD}old", f"{UNHEARD}new"


@dataclass(frozen=True, slots=True)
class Judged:
    """Alerts, those in shadow too, and hits of one pack's compared rules; ``lacking`` are rules
    that could not run.
    """

    alerts: pl.DataFrame
    hits: pl.DataFrame
    lacking: frozenset[str]


def together(
    old: Pack, new: Pack, rules: Collection[str], rows: pl.DataFrame
) -> tuple[Judged, ...]:
    """Both packs in one evaluation, in which equal features are computed once.

    The packs mean the same by zone, days off and lists, and no rule that is compared is read by
    another or reads one.
    """
    marked = [_marked(pack, mark, rules) for pack, mark in ((old, OLD), (new, NEW))]
    both = replace(
        new,
        rules=tuple(rule for pack in marked for rule in pack.rules),
        exceptions=tuple(entry for pack in marked for entry in pack.exceptions),
        lists={**old.lists, **new.lists},
    )
    found, lacking = _evaluated(both, rows)
    return tuple(_unmarked(found, mark, lacking) for mark in (OLD, NEW))


def alone(pack: Pack, rules: Collection[str], rows: pl.DataFrame) -> Judged:
    """One pack: the compared rules and those that they read."""
    chosen = [rule for rule in pack.rules if rule.id in rules]
    found, lacking = _evaluated(replace(pack, rules=with_sources(chosen, pack.rules)), rows)
    mine = pl.col("rule_id").is_in(list(rules))
    alerts = pl.concat([found.alerts, found.shadow_alerts])
    return Judged(alerts.filter(mine), found.hits.filter(mine), lacking)


def _evaluated(pack: Pack, rows: pl.DataFrame) -> tuple[Evaluation, frozenset[str]]:
    plan = compile_plan(pack, rows.columns)
    digits = MINOR_DIGITS.get(pack.currency, 2)
    lacking = frozenset(condition.rule.id for condition in plan.every_unavailable)
    return evaluate(plan, Carry(), rows, digits=digits), lacking


def _marked(pack: Pack, mark: str, rules: Collection[str]) -> Pack:
    """The compared rules of a pack under marked ids."""
    kept = tuple(replace(one, id=f"{one.id}{mark}") for one in pack.rules if one.id in rules)
    exceptions = tuple(
        replace(entry, rules=tuple(f"{id_}{mark}" for id_ in entry.rules))
        for entry in pack.exceptions
    )
    return replace(pack, rules=kept, exceptions=exceptions)


def _unmarked(found: Evaluation, mark: str, lacking: frozenset[str]) -> Judged:
    """What was found of one pack, under its own ids: those of alerts are made from the rule's."""
    mine, bare = pl.col("rule_id").str.ends_with(mark), pl.col("rule_id").str.strip_suffix(mark)
    alerts = pl.concat([found.alerts, found.shadow_alerts]).filter(mine).with_columns(bare)
    hits = found.hits.filter(mine).with_columns(bare)
    names = ("rule_id", "logic_hash", "timeline", "side", "transaction_id")
    own = [alert_id(list(row)) for row in alerts.select(names).iter_rows()]
    ids = dict(zip(alerts["alert_id"].to_list(), own, strict=True))
    renamed = pl.col("alert_id").replace(ids)
    without = frozenset(one.removesuffix(mark) for one in lacking if one.endswith(mark))
    return Judged(alerts.with_columns(renamed), hits.with_columns(renamed), without)
