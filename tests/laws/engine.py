"""Engine and oracle asked the same question, their answers as plain data to compare."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from txmon.evaluate import Carry, evaluate
from txmon.plan import compile_plan
from txmon.testing.factories import frame
from txmon.testing.oracle_alerts import sources_of
from txmon.testing.oracle_judge import judge
from txmon.testing.oracle_values import EPOCH, FIRST_DAY
from txmon.testing.random_trees import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    import polars as pl

    from txmon.evaluate import Evaluation
    from txmon.language.checked import Pack
    from txmon.testing.oracle_verdicts import Verdicts

Rows = list[dict[str, Any]]
Place = tuple[str, str, str | None]
"""Rule, transaction (of a rule over alerts: the alert's name, as the oracle has it) and side.

A graph rule's hits and alerts have their subject for a side.
"""

NOT_SHOWN = "?"
"""What stands for an alert that was not emitted."""

ALERT_FIELDS = (
    *("event_time", "level", "window_start", "window_end", "history_complete"),
    *("evidence", "evidence_count", "evidence_cut", "timeline"),
)


@dataclass(frozen=True)
class Said:
    """What was said of some rows: times in microseconds, exact values as integers.

    A hit tells its level, whether it raised, and the transaction and side of its alert, which is
    None if that alert was not emitted; or the exception that took it out. ``whole`` has the
    engine's alert rows entire, ids and all.
    """

    outcomes: dict[str, dict[str, int]] = field(default_factory=dict)
    causes: dict[str, dict[str, int]] = field(default_factory=dict)
    alerts: dict[Place, dict[str, Any]] = field(default_factory=dict)
    hits: dict[Place, tuple[int, bool, tuple[str, str | None] | str | None]] = field(
        default_factory=dict
    )
    features: dict[Place, dict[str, Any]] = field(default_factory=dict)
    whole: dict[Place, dict[str, Any]] = field(default_factory=dict)


def plain(value: Any) -> Any:
    """A value of a frame or of the oracle in one form."""
    if isinstance(value, datetime):
        since = value - EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if isinstance(value, date):
        return (value - FIRST_DAY).days
    if isinstance(value, float):
        return value + 0.0  # a zero has no sign
    return value


def by_oracle(pack: Pack, rows: Rows, *, data_start: datetime | None = None) -> Said:
    """What the oracle says."""
    return _of_verdicts(judge(pack, rows, data_start=data_start))


def _of_verdicts(verdicts: Verdicts) -> Said:
    alerts = {
        (one.rule_id, one.transaction_id, one.side): {
            **{name: getattr(one, name) for name in ALERT_FIELDS},
            "timeline": tuple(str(value) for value in one.timeline),
        }
        for one in verdicts.alerts
    }
    shown = {"|".join(map(str, place)) for place in alerts}
    for alert in alerts.values():
        alert["evidence"] = tuple(_shown(name, shown) for name in alert["evidence"])
    hits = {
        (one.rule_id, one.transaction_id, one.side): (
            one.level,
            one.raised,
            one.exception
            or (one.alert if one.alert and (one.rule_id, *one.alert) in alerts else None),
        )
        for one in verdicts.hits
    }
    features = {
        (rule_id, *spot): {name: plain(value) for name, value in values.items()}
        for rule_id, rows in verdicts.features.items()
        for spot, values in rows.items()
    }
    return Said(
        {rule_id: verdicts.counts(rule_id) for rule_id in verdicts.outcomes},
        {rule_id: verdicts.causes(rule_id) for rule_id in verdicts.outcomes},
        alerts,
        hits,
        features,
    )


def _shown(name: str, shown: Collection[str]) -> str:
    """A transaction's id, or an alert's name if it was emitted."""
    return NOT_SHOWN if "|" in name and name not in shown else name


def in_order(rows: Rows) -> Rows:
    """The rows in the contract's order."""
    return frame(rows, columns=COLUMNS).to_dicts()


def without_outcomes(said: Said) -> Said:
    """What was said row by row, without the counts."""
    return replace(said, outcomes={}, causes={})


def by_engine(
    pack: Pack,
    rows: Rows,
    *,
    data_start: datetime | None = None,
    partitions: int | None = None,
    cuts: Sequence[int] = (),
) -> Said:
    """What the engine says, at once or in pieces that are cut before the rows numbered."""
    table = frame(rows, columns=COLUMNS)
    plan = compile_plan(pack, table.columns)
    edges = [0, *sorted(cuts), table.height]
    start = None if data_start is None else plain(data_start)
    carry = Carry()
    said = []
    for low, high in pairwise(edges):
        piece = evaluate(
            plan,
            carry,
            table[low:high],
            data_start=start,
            partitions=partitions,
            keep_carry=bool(cuts),
            features=True,
        )
        carry = piece.carry or carry
        said.append(piece)
    found = _of_evaluations(pack, said)
    rows_judged = sum(not row.get("history", False) for row in rows)
    for condition in plan.every_unavailable:
        rule = condition.rule
        read = {source.id for source in sources_of(pack, rule)}
        count = sum(place[0] in read for place in found.alerts) if rule.sources else rows_judged
        sides = 2 if rule.sided else 1
        found.outcomes[rule.id] = {"not_applicable": count * sides} if count else {}
    return found


def _of_evaluations(pack: Pack, pieces: Sequence[Evaluation]) -> Said:
    alerts = [
        row
        for piece in pieces
        for row in (*piece.alerts.to_dicts(), *piece.shadow_alerts.to_dicts())
    ]
    hits = [row for piece in pieces for row in piece.hits.to_dicts()]
    names = _Names(hits, {rule.id for rule in pack.rules if rule.graph is not None})
    ids = {row["alert_id"]: names.place(row["alert_id"])[1:] for row in alerts}
    assert len(ids) == len(alerts), "alert ids repeat"
    by_place = {names.place(row["alert_id"]): row for row in alerts}
    return Said(
        _totals(pack, [piece.outcomes for piece in pieces]),
        _totals(pack, [piece.causes for piece in pieces]),
        {place: _alert(row, names) for place, row in by_place.items()},
        {
            names.hit(row): (
                row["level"] - 1,
                row["raised"],
                row["exception"] or ids.get(row["alert_id"]),
            )
            for row in hits
        },
        {
            place: values
            for piece in pieces
            if piece.features is not None
            for place, values in _features(pack, piece.features, names).items()
        },
        by_place,
    )


class _Names:
    """The oracle's names of alerts, by the engine's ids."""

    def __init__(self, hits: Sequence[Mapping[str, Any]], graphs: set[str]) -> None:
        self._hits = {row["alert_id"]: row for row in hits if row["raised"]}
        self._graphs = graphs

    def place(self, alert_id: str) -> Place:
        return self.hit(self._hits[alert_id])

    def hit(self, row: Mapping[str, Any]) -> Place:
        trigger = row["trigger_alert_id"]
        side = row["timeline"][0] if row["rule_id"] in self._graphs else row["side"]
        return row["rule_id"], self.name(trigger) if trigger else row["transaction_id"], side

    def name(self, alert_id: str) -> str:
        return "|".join(map(str, self.place(alert_id))) if alert_id in self._hits else NOT_SHOWN


def _alert(row: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    evidence = tuple(one["transaction_id"] for one in row["evidence"])
    if row["evidence_alerts"] is not None:
        assert len(row["evidence_alerts"]) == len(evidence)
        evidence = tuple(map(names.name, row["evidence_alerts"]))
    level = row["level"] - 1  # people count from one
    return {name: plain(row[name]) for name in ALERT_FIELDS} | {
        "evidence": evidence,
        "level": level,
        "timeline": tuple(row["timeline"] or ()),
    }


def _totals(pack: Pack, counts: Sequence[Mapping[str, Mapping[str, int]]]) -> dict[str, Any]:
    """Counts of all pieces together, without those that are zero."""
    totals: dict[str, dict[str, int]] = {rule.id: {} for rule in pack.rules}
    for piece in counts:
        for rule_id, found in piece.items():
            for name, count in found.items():
                if count:
                    totals[rule_id][name] = totals[rule_id].get(name, 0) + count
    return totals


def _features(pack: Pack, table: pl.DataFrame, names: _Names) -> dict[Place, dict[str, Any]]:
    return {
        (rule.id, names.name(alert) if alert else row["transaction_id"], row["side"]): {
            name: plain(row[f"{rule.id}.{name}"]) for name in rule.features
        }
        for row in table.to_dicts()
        for rule in pack.rules
        for alert in [row.get("alert_id")]
        if rule.sided == (row["side"] is not None)
        and bool(rule.sources) == (alert is not None)
        and all(f"{rule.id}.{name}" in row for name in rule.features)
    }
