"""Hits -> alerts: which hit raises one, and which folds into an open one."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.frame import joined_text
from txmon.evaluate.judge import LEVEL
from txmon.evaluate.outcome_rows import REF
from txmon.evaluate.table import TIME
from txmon.schema import IN, OUT

if TYPE_CHECKING:
    from txmon.plan import Condition

Array = np.ndarray[Any, Any]
GROUP, ALERT, RAISED = "#group", "#alert", "#raised"
ROW, SIDE, KEYS = "#row", "#side", "#keys"
TRANSACTION, TRIGGER, EXCEPTION = "#transaction", "#trigger", "#exception"
OPEN = {GROUP: pl.String, "time": pl.Int64, LEVEL: pl.Int32, ALERT: pl.String}


def suppress(
    condition: Condition,
    hits: pl.DataFrame,
    rows: pl.DataFrame,
    before: pl.DataFrame | None,
    case_key: str | None,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Raise alerts from a rule's hits.

    Args:
        condition: the rule.
        hits: the rule's hits from every part, in any order; ``EXCEPTION`` names the exception that
            takes one out, which then neither raises nor folds.
        rows: the table's rows in storage form.
        before: the rule's open alerts from earlier evaluations.
        case_key: the column that parts every timeline, if there is one.

    Returns:
        The hits in order of group and row with ``ALERT`` (the id), ``RAISED``, ``TRANSACTION``,
        ``SIDE``, ``KEYS`` (the timeline's key as list of text) and ``TRIGGER`` (the alert judged,
        null where the rule reads transactions), and the open alerts after them.
    """
    hits = identified(condition, hits, rows, case_key)
    if EXCEPTION in hits.columns and hits[EXCEPTION].is_not_null().any():
        live = hits.filter(pl.col(EXCEPTION).is_null())
        kept, opened = _suppressed(condition, live, before, case_key)
        aside = hits.filter(pl.col(EXCEPTION).is_not_null()).with_columns(
            pl.lit(value=False).alias(RAISED), pl.lit(None, pl.String).alias(ALERT)
        )
        return pl.concat([kept.select(aside.columns), aside]), opened
    return _suppressed(condition, hits, before, case_key)


def _suppressed(
    condition: Condition, hits: pl.DataFrame, before: pl.DataFrame | None, case_key: str | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The hits that no exception takes out, raised or folded, and the open alerts after them."""
    policy = condition.rule.suppress
    if policy is None:
        raised = hits.with_columns(pl.lit(value=True).alias(RAISED))
        return _with_ids(condition, raised), pl.DataFrame(schema=OPEN)
    groups = suppression_groups(condition, hits, case_key, by_subject=policy.by_subject)
    hits = hits.with_columns(groups.alias(GROUP)).sort(GROUP, TIME, REF)
    return _folded(condition, hits, pl.DataFrame(schema=OPEN) if before is None else before)


def identified(
    condition: Condition, hits: pl.DataFrame, table: pl.DataFrame, case_key: str | None
) -> pl.DataFrame:
    """The hits with ``ROW``, ``TRANSACTION``, ``TRIGGER``, ``SIDE`` and ``KEYS``."""
    sided = condition.lane.sided
    rows = hits[REF] // 2 if sided else hits[REF]
    side = pl.when(pl.col(REF) % 2 == 0).then(pl.lit(OUT)).otherwise(pl.lit(IN))
    keys = [key for key in condition.timeline if key != case_key]
    texts = pl.concat_list([pl.col(key).cast(pl.String) for key in keys]) if keys else None
    return hits.with_columns(
        rows.cast(pl.Int64).alias(ROW),
        table["transaction_id"].gather(rows).alias(TRANSACTION),
        (
            table["alert_id"].gather(rows) if condition.rule.sources else pl.lit(None, pl.String)
        ).alias(TRIGGER),
        (side if sided else pl.lit(None, pl.String)).alias(SIDE),
        (pl.lit(None, pl.List(pl.String)) if texts is None else texts).alias(KEYS),
    )


def suppression_groups(
    condition: Condition, hits: pl.DataFrame, case_key: str | None, *, by_subject: bool
) -> pl.Series:
    """Per hit a text that is equal for those that fold into one another."""
    timeline = joined_text([hits[key] for key in condition.timeline], hits.height)
    if not by_subject:
        return timeline
    subject = [hits[name] for name in condition.subject]
    parts = [*([] if case_key is None else [hits[case_key]]), *subject]
    texts = pl.DataFrame({"subject": joined_text(parts, hits.height), "timeline": timeline})
    known = subject[-1].is_not_null()
    chosen = pl.when(known).then("s" + pl.col("subject")).otherwise("t" + pl.col("timeline"))
    return texts.select(chosen).to_series()


def _folded(
    condition: Condition, hits: pl.DataFrame, before: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    policy = condition.rule.suppress
    assert policy is not None  # noqa: S101 - the caller has looked
    change = hits[GROUP].ne_missing(hits[GROUP].shift()).to_numpy().copy()
    change[:1] = True
    starts = np.append(np.flatnonzero(change), hits.height).astype(np.int32)
    groups = hits.select(GROUP)[starts[:-1].tolist()] if hits.height else hits.select(GROUP)
    opened = groups.join(before, on=GROUP, how="left", maintain_order="left")
    owner = kernels.raise_alerts(
        starts,
        hits[TIME].to_numpy(),
        hits[LEVEL].to_numpy(),
        policy.span,
        opened["time"].fill_null(0).to_numpy(),
        opened[LEVEL].fill_null(0).to_numpy(),
        np.ascontiguousarray(opened["time"].is_not_null().to_numpy()),
    )
    raised = owner == np.arange(hits.height)
    hits = _with_ids(condition, hits.with_columns(pl.Series(RAISED, raised)))
    earlier = opened[ALERT].gather(pl.Series(np.where(owner < 0, -1 - owner, 0)))
    own = hits[ALERT].gather(pl.Series(np.where(owner < 0, 0, owner)))
    ids = pl.select(pl.when(pl.Series(owner < 0)).then(earlier).otherwise(own)).to_series()
    hits = hits.with_columns(ids.alias(ALERT))
    return hits, _still_open(before, hits)


def _still_open(before: pl.DataFrame, hits: pl.DataFrame) -> pl.DataFrame:
    raised = hits.filter(RAISED).select(GROUP, pl.col(TIME).alias("time"), LEVEL, ALERT)
    return pl.concat([before, raised]).unique(GROUP, keep="last", maintain_order=True)


def _with_ids(condition: Condition, hits: pl.DataFrame) -> pl.DataFrame:
    """Add the ids of the alerts that hits raise; null where a hit raises none."""
    rule = condition.rule
    head = [rule.id, condition.logic_hash]
    trigger = pl.coalesce(TRIGGER, TRANSACTION)
    rows = hits.select(RAISED, KEYS, SIDE, trigger).iter_rows()
    ids = [alert_id([*head, *rest]) if raised else None for raised, *rest in rows]
    return hits.with_columns(pl.Series(ALERT, ids, dtype=pl.String))


def alert_id(parts: list[Any]) -> str:
    """SHA-256, first 128 bits in hex, of rule id, logic hash, timeline key, side and trigger.

    The trigger is a transaction's id, or the id of the alert that a rule over alerts judged.
    """
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
