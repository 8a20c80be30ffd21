"""The oracle's alerts as a frame: a second, naive engine to hold the first one against."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.schema import TIME_DTYPE
from txmon.sources import intake
from txmon.testing.oracle_judge import judge
from txmon.testing.oracle_values import EPOCH

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from polars._typing import PolarsDataType

    from txmon.language.checked import Pack
    from txmon.sources.files import Sources
    from txmon.testing.oracle_verdicts import Alert

COLUMNS: Mapping[str, PolarsDataType] = {
    "rule_id": pl.String,
    "transaction_id": pl.String,
    "side": pl.String,
    "timeline": pl.List(pl.String),
    "event_time": TIME_DTYPE,
    "level": pl.Int32,
    "window_start": TIME_DTYPE,
    "window_end": TIME_DTYPE,
    "evidence": pl.List(pl.String),
    "evidence_count": pl.Int64,
    "evidence_cut": pl.Boolean,
    "history_complete": pl.Boolean,
}
"""Columns of the oracle's alerts; they mean what they mean in the engine's, but that ``evidence``
has the ids of the transactions only."""


def oracle(pack: Pack, rows: Sources, *, data_start: datetime | None = None) -> pl.DataFrame:
    """The alerts that a pack must raise over some payments, worked out row by row.

    It shares nothing with the engine but the checked rules: each window is collected anew from
    all rows, so a thousand rows are many. Rules in shadow and drafts are left out, as in
    ``txmon.score(...).alerts``.

    Args:
        pack: a loaded pack.
        rows: payments as ``txmon.score`` takes them, such as a frame of ``transactions``.
        data_start: when the data begins; by default the earliest payment.

    Returns:
        A row an alert, in order of event time and rule, with the columns of ``COLUMNS``.
    """
    running = pack.running()
    accepted = intake(rows, running).accepted.to_dicts()
    verdicts = judge(running, accepted, data_start=data_start)
    names = {_name(alert): alert for alert in verdicts.alerts}
    quiet = {rule.id for rule in running.rules if rule.shadow}
    graphs = {rule.id for rule in running.rules if rule.graph is not None}
    found = [_row(alert, names, graphs) for alert in verdicts.alerts if alert.rule_id not in quiet]
    table = pl.DataFrame(found, pl.Schema(COLUMNS), orient="row")
    return table.sort("event_time", "rule_id", "transaction_id", maintain_order=True)


def _name(alert: Alert) -> str:
    """What the rules over alerts know an alert by."""
    return "|".join(map(str, (alert.rule_id, alert.transaction_id, alert.side)))


def _row(alert: Alert, names: Mapping[str, Alert], graphs: set[str]) -> dict[str, Any]:
    return {
        "rule_id": alert.rule_id,
        "transaction_id": _trigger(alert.transaction_id, names),
        "side": None if alert.rule_id in graphs else alert.side,
        "timeline": [str(value) for value in alert.timeline],
        "event_time": _time(alert.event_time),
        "level": alert.level + 1,
        "window_start": _time(alert.window_start),
        "window_end": _time(alert.window_end),
        "evidence": [_trigger(name, names) for name in alert.evidence],
        "evidence_count": alert.evidence_count,
        "evidence_cut": alert.evidence_cut,
        "history_complete": alert.history_complete,
    }


def _trigger(name: str, names: Mapping[str, Alert]) -> str:
    """The transaction that raised an alert, or the transaction itself."""
    return _trigger(names[name].transaction_id, names) if name in names else name


def _time(microseconds: int | None) -> datetime | None:
    return None if microseconds is None else EPOCH + timedelta(microseconds=microseconds)
