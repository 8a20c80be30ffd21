"""What ``why`` says: records of rows, their clauses and features, and how far from firing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

CAUSES_IN_WORDS: Mapping[str, str] = {
    "nothing_in_window": "nothing in the window yet",
    "missing_value": "a value is missing",
    "zero_denominator": "a division by zero",
    "overflow": "a total is too large",
    "search_bound": "more rows than the search may look at",
}
"""Why an outcome is unknown, for people."""


@dataclass(frozen=True, slots=True)
class ClauseSeen:
    """One clause at one row.

    Attributes:
        text: the clause as the rule has it.
        part: ``where``, ``needs``, ``when``, ``step`` (of a sequence) or ``path`` (of a graph).
        level: of several levels its number from 1, the highest; else None.
        result: true, false or None for unknown.
        value: the left side, as text; None where there is nothing to show.
        threshold: the right side, likewise.
        number: the left side as a number: units of money, plain numbers or seconds.
        limit: the right side likewise; of a range the end that is nearer.
        short: what is missing in words, such as ``3 of 4 payments``; empty if the clause is true.
        gap: 0 if true, else what is missing as a share, up to 1.
    """

    text: str
    part: str
    level: int | None
    result: bool | None
    value: str | None
    threshold: str | None
    number: float | None = None
    limit: float | None = None
    short: str = ""
    gap: float = 0.0


@dataclass(frozen=True, slots=True)
class Counted:
    """A transaction in a feature's window; ``amount`` is a text in the pack's currency."""

    transaction_id: str
    event_time: datetime
    amount: str | None = None


@dataclass(frozen=True, slots=True)
class FeatureSeen:
    """A feature at one row; ``number`` in units of money, plain numbers or seconds.

    ``counted`` are the transactions in its window, the latest 100 of ``count``; they are looked
    up for one row only, and are None elsewhere and for what has no finite window. ``outside`` is
    how many seconds before the window's start the latest row lies that would else have counted.
    """

    name: str
    text: str
    value: str | None
    number: float | None
    outside: float | None = None
    count: int | None = None
    counted: tuple[Counted, ...] | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """The alert that a hit raised or folded into.

    Of an alert that history raised only the id is known. ``event_time`` is the alert's: of a rule
    that waits for an absence the deadline.
    """

    alert_id: str
    transaction_id: str | None = None
    event_time: datetime | None = None
    subject: str | None = None
    severity: str | None = None
    score: int | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class RowSeen:
    """What a rule saw at one transaction (or side of it, or alert).

    Attributes:
        event_time: when, UTC.
        transaction_id: the transaction; of a rule over alerts the one that raised the alert.
        side: ``out`` or ``in`` of two-sided rules.
        timeline: the values of the rule's ``by``; empty where there are none.
        alert: of a rule over alerts, the id of the alert that it judged.
        source: of a rule over alerts, the rule that raised that alert.
        outcome: ``not_applicable``, ``insufficient_history``, ``unknown``, ``hit`` or ``no_hit``.
        hit: ``raised``, ``folded`` or ``excepted`` of a hit, else empty.
        level: of a hit, the level from 1, the highest.
        cause: of an unknown, why.
        reasons: in words: why it did not apply, what was unknown, how far it was from firing.
        clauses: each clause that was asked.
        features: each feature of the rule.
        raised: the alert that a hit raised or folded into.
        exception: of an excepted hit, the exception's id.
        missing: how many clauses would have to change; None where that cannot be said.
        gap: by how much, as a share of each, added up.
        transaction: the columns of the transaction.
    """

    event_time: datetime
    transaction_id: str
    side: str | None
    alert: str | None
    source: str | None
    outcome: str
    hit: str = ""
    level: int | None = None
    cause: str | None = None
    reasons: tuple[str, ...] = ()
    clauses: tuple[ClauseSeen, ...] = ()
    features: tuple[FeatureSeen, ...] = ()
    raised: Raised | None = None
    exception: str | None = None
    missing: int | None = None
    gap: float | None = None
    transaction: Mapping[str, object] = field(default_factory=dict)
    timeline: tuple[str, ...] = ()

    @property
    def nearness(self) -> tuple[int, float]:
        """The smaller, the nearer the rule was to firing."""
        return (self.missing or 0, self.gap or 0.0)


@dataclass(frozen=True, slots=True)
class Why:
    """What a rule saw of an entity.

    Attributes:
        rule: the rule's id; ``title`` its title, ``condition`` its ``when`` as text.
        entity: whom it was asked about.
        zone: the pack's zone, for showing times.
        currency: the pack's currency.
        outcomes: rows of the entity by outcome.
        rows: what it saw, in order of time; the latest, if only some were asked for.
        left_out: how many earlier rows are not among ``rows``.
        nearest: places in ``rows`` of the nearest misses, the nearest first.
        detail: the one row that was asked for, or None.
        notes: what the answer cannot tell, in words.
    """

    rule: str
    title: str
    entity: str
    zone: str
    currency: str
    outcomes: Mapping[str, int]
    rows: tuple[RowSeen, ...]
    left_out: int = 0
    nearest: tuple[int, ...] = ()
    detail: RowSeen | None = None
    notes: tuple[str, ...] = ()

    @property
    def closest(self) -> RowSeen | None:
        """The nearest miss, if there is one."""
        return self.rows[self.nearest[0]] if self.nearest else None
