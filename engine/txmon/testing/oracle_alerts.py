"""What rules over alerts read, for the oracle: alerts as rows, in the order that they are seen.

An alert's name stands for its id: ``RULE|TRIGGER|SIDE``, the trigger a transaction's id or an
alert's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.schema import IN
from txmon.testing.oracle_values import Unknown
from txmon.testing.oracle_windows import NAME

if TYPE_CHECKING:
    from collections.abc import Iterable

    from txmon.language.checked import Pack, Rule
    from txmon.testing.oracle_values import Value
    from txmon.testing.oracle_windows import Key, Row, Stand, World


LATE = "|late"
"""Where an alert's row says whether it is of a deadline; no column has such a name."""


@dataclass(frozen=True, slots=True)
class Raised:
    """An alert as a row: its trigger's columns and its own; ``order`` is where it stands."""

    row: Row
    order: tuple[object, ...]


def name_of(rule: Rule, stand: Stand) -> str:
    """The name of the alert that a rule raises at a stand."""
    return f"{rule.id}|{stand.name}|{stand.side}"


def sources_of(pack: Pack, rule: Rule) -> tuple[Rule, ...]:
    """The rules whose alerts a rule reads; those in shadow only if it is in shadow itself."""
    return tuple(
        other
        for other in pack.rules
        if any(_named(word, other) for word in rule.sources)
        and (rule.status == "shadow" or other.status != "shadow")
    )


def _named(word: str, rule: Rule) -> bool:
    parts = rule.typology.split(".")
    above = {".".join(parts[:count]) for count in range(1, len(parts) + 1)}
    return word == rule.id or word in above


def raised_at(
    world: World, stand: Stand, home: Key, level: int, moment: tuple[int, bool, int]
) -> Raised:
    """The alert that a rule raises at a stand on its timeline ``home``.

    ``moment`` is its event time, whether it belongs to the history, and a number that tells alerts
    of one rule on one transaction apart, in the order they were raised. Where it is later than its
    trigger, it stands behind all alerts of that time which are not.
    """
    time, history, number = moment
    rule, place = world.rule, world.at(stand)
    found = place.column(rule.subject) if rule.graph is None else home[0]
    inherited = bool(rule.sources) and rule.subject == "subject"
    kind = place.column("subject_kind") if inherited else rule.subject_kind
    raised = rule.levels[level]
    name = name_of(rule, stand)
    own: dict[str, Value | None] = {
        NAME: name,
        LATE: time != stand.time or bool(stand.row.get(LATE)),
        "event_time": time,
        "history": history,
        "alert_id": name,
        "rule_id": rule.id,
        "typology": rule.typology,
        "severity": ("info", "low", "medium", "high", "critical").index(raised.severity),
        "score": raised.score,
        "level": level + 1,
        "subject": None if isinstance(found, Unknown) else found,
        "subject_kind": None if isinstance(kind, Unknown) else kind,
    }
    tie = (rule.id, tuple(map(_text, home)), stand.side == IN, number)
    return Raised({**stand.row, **own}, (time, own[LATE], *_place(stand.row), *tie))


def _place(trigger: Row) -> tuple[object, ...]:
    """The place of the trigger in the order of transactions."""
    sequence = trigger.get("sequence")
    number = 0 if sequence is None else int(sequence)
    return sequence is not None, number, str(trigger["transaction_id"]).encode()


def _text(value: object) -> bytes:
    return (str(value).lower() if isinstance(value, bool) else str(value)).encode()


def in_order(alerts: Iterable[Raised]) -> list[Row]:
    """Alerts by event time, place of the trigger, rule, key and side."""
    return [alert.row for alert in sorted(alerts, key=lambda alert: alert.order)]
