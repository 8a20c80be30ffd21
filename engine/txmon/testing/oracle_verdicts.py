"""What the oracle says: outcomes, alerts and hits of every rule, and how they are counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.results import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.testing.oracle_values import Value

NOT_APPLICABLE, INSUFFICIENT, UNKNOWN, HIT, NO_HIT = OUTCOMES

Spot = tuple[str, str | None]
"""A transaction id and the side, None for rules over whole payments. Of a rule over alerts an
alert's name stands for the transaction's id, here and in alerts, hits and evidence."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rule says at one row: one of OUTCOMES, the cause of an unknown, the level of a hit."""

    outcome: str
    cause: str | None = None
    level: int | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it is raised; times in microseconds since 1970, evidence in order."""

    rule_id: str
    transaction_id: str
    side: str | None
    timeline: tuple[Value, ...]
    event_time: int
    level: int
    window_start: int | None
    window_end: int | None
    history_complete: bool
    evidence: tuple[str, ...]
    evidence_count: int
    evidence_cut: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A hit and the row of the alert that it raised or folded into; an excepted one has none.

    A graph rule may hit for several accounts at one row: their names stand for the side.
    """

    rule_id: str
    transaction_id: str
    side: str | None
    level: int
    alert: Spot | None
    raised: bool
    exception: str | None = None


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Everything the oracle says. History rows are left out, as the engine leaves them out.

    ``outcomes`` has every (transaction, side); ``features`` the values at applicable rows, with
    None for unknown: exact values are integers at the feature's scale, times and durations
    microseconds, dates days since 1970-01-01, inexact values floats. ``alerts`` and ``hits`` are
    in order of rule, then of rows. ``late`` counts per rule the hits at deadlines, where an absent
    step did not happen: no row has them as its outcome.
    """

    outcomes: Mapping[str, Mapping[Spot, Outcome]]
    features: Mapping[str, Mapping[Spot, Mapping[str, Value | None]]]
    alerts: tuple[Alert, ...]
    hits: tuple[Hit, ...]
    late: Mapping[str, int]

    def counts(self, rule_id: str) -> dict[str, int]:
        """How many rows of a rule had each outcome; hits that came of an absence are added."""
        counts = Counter(one.outcome for one in self.outcomes[rule_id].values())
        return dict(counts + Counter({HIT: self.late[rule_id]}))

    def causes(self, rule_id: str) -> dict[str, int]:
        """How many rows of a rule were unknown for each cause."""
        found = (one.cause for one in self.outcomes[rule_id].values())
        return dict(Counter(cause for cause in found if cause is not None))
