"""Raised alerts as rows that rules over alerts read: the trigger's columns and the alert's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.evaluate.judge import HANDED_OUT, LEVEL
from txmon.evaluate.outcome_rows import REF
from txmon.evaluate.suppression import ALERT, KEYS, RAISED, ROW, SIDE
from txmon.evaluate.table import TIME, gathered
from txmon.language.over_alerts import SUBJECT_KIND
from txmon.schema import ALERT_COLUMNS, IN, TIME_DTYPE, stored_dtype

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.plan import Condition

MARKS = ("keep:", "value:", "#")
"""How the columns begin that a carry adds to its rows."""

_LATE, _KEYS, _IN = "__late", "__keys", "__in"


def alert_rows(condition: Condition, hits: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The alerts that a rule raised as rows in storage form, in order of the rows it judged.

    Args:
        condition: the rule.
        hits: its hits after suppression, columns of ``suppress``.
        rows: the rows that it judged, in storage form.
    """
    raised = hits.filter(RAISED).sort(TIME, REF)
    names = [name for name in rows.columns if not name.startswith(MARKS)]
    triggers = gathered(rows, names, raised[ROW])
    moments = raised[TIME].cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    if HANDED_OUT in raised.columns:
        triggers = triggers.with_columns((~raised[HANDED_OUT]).alias("history"))
    late = moments != triggers[TIME]
    return triggers.with_columns(
        moments.alias(TIME),
        *_own(condition, raised),
        (late | triggers[_LATE] if _LATE in names else late).alias(_LATE),
        raised[KEYS].alias(_KEYS),
        (raised[SIDE] == IN).alias(_IN),
    )


def _own(condition: Condition, raised: pl.DataFrame) -> list[pl.Series]:
    """The columns that are the alert's and not its trigger's."""
    rule = condition.rule
    chosen = [condition.levels[position] for position in raised[LEVEL]]
    values: dict[str, Any] = {
        "alert_id": raised[ALERT],
        "rule_id": [rule.id] * raised.height,
        "typology": [rule.typology] * raised.height,
        "severity": [level.severity.rank for level in chosen],
        "score": [level.score for level in chosen],
        "level": [level.position + 1 for level in chosen],
        "subject": raised[rule.subject].cast(pl.String),
        "subject_kind": kind_of_subject(condition, raised),
    }
    return [pl.Series(name, values[name], stored_dtype(ALERT_COLUMNS[name])) for name in values]


def kind_of_subject(condition: Condition, hits: pl.DataFrame) -> pl.Series:
    """What kind of thing each hit's subject is; one that is an alert's own has that alert's."""
    if SUBJECT_KIND in condition.subject:
        return hits[SUBJECT_KIND].cast(pl.String)
    kind = condition.rule.subject_kind
    return pl.Series(SUBJECT_KIND, [kind], dtype=pl.String).new_from_index(0, hits.height)


def in_order(found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Alerts of several rules in the order in which rules over alerts see them.

    That is (event time, the trigger's place in the order of transactions, rule id, key); the
    alerts of a deadline, and those raised on them, stand behind those that a transaction of that
    time raised.
    """
    rows = pl.concat(found, how="diagonal")
    sequence = [] if "sequence" not in rows.columns else ["sequence"]
    keys = [TIME, _LATE, *sequence, "transaction_id", "rule_id", _KEYS, _IN]
    ordered = rows.sort(keys, nulls_last=False, maintain_order=True).drop(_KEYS, _IN)
    return ordered.cast({TIME: TIME_DTYPE})


def no_alerts(rows: pl.DataFrame) -> pl.DataFrame:
    """The frame of alerts on these rows where no rule below could raise any."""
    own = [pl.Series(name, [], stored_dtype(type_)) for name, type_ in ALERT_COLUMNS.items()]
    return rows.clear().with_columns(own)
