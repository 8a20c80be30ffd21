"""How far a sequence came at a row: which step was reached, when, and which is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from txmon.authoring.reasons.results import ClauseSeen
from txmon.authoring.reasons.telling import UNHEARD
from txmon.authoring.reasons.variants import PREFIX
from txmon.types import DURATION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime, timedelta

    from txmon.authoring.reasons.results import RowSeen
    from txmon.language.checked import Sequence as Steps
    from txmon.language.display import Display

    Key = tuple[str, str | None, str | None]


@dataclass(frozen=True)
class StepReader:
    """Reads the hits of a sequence's beginnings: a chain up to a step was complete there."""

    sequence: Steps
    display: Display
    hits: Mapping[str, Sequence[Mapping[str, Any]]]
    alerts: Mapping[str, Mapping[str, Any]]

    def told(self, row: RowSeen, key: Key, timeline: Sequence[str] | None) -> RowSeen:
        """The row with how far the chain was, and what is missing."""
        steps = self.sequence.present
        here = max((n for n in self._numbers if key in self._at[n]), default=0)
        if here == len(steps):
            return self._complete(row, key)
        reached, since = self._before(row.event_time, timeline)
        best = max(here, reached)
        words = self._words(here, best, since)
        missing = len(steps) - here if here else None
        return replace(
            row, reasons=(*words, *self._late(row, timeline)), missing=missing, gap=missing
        )

    @property
    def _numbers(self) -> range:
        return range(1, len(self.sequence.present) + 1)

    @cached_property
    def _at(self) -> dict[int, dict[Key, Mapping[str, Any]]]:
        """By step, the rows that complete a chain up to it."""
        return {
            number: {
                (hit["transaction_id"], hit["side"], hit["trigger_alert_id"]): hit
                for hit in self.hits.get(f"{UNHEARD}{PREFIX}{number}", ())
            }
            for number in self._numbers
        }

    @cached_property
    def _moments(self) -> dict[int, dict[tuple[str, ...], list[datetime]]]:
        """By step and timeline, when a chain up to it was complete."""
        found: dict[int, dict[tuple[str, ...], list[datetime]]] = {n: {} for n in self._numbers}
        for number, hits in self._at.items():
            for hit in hits.values():
                name = tuple(hit["timeline"] or ())
                found[number].setdefault(name, []).append(hit["event_time"])
        return found

    def _last(
        self, number: int, until: datetime, timeline: Sequence[str] | None
    ) -> datetime | None:
        moments = self._moments[number].get(tuple(timeline or ()), [])
        return max((moment for moment in moments if moment <= until), default=None)

    def _before(
        self, until: datetime, timeline: Sequence[str] | None
    ) -> tuple[int, timedelta | None]:
        """The furthest step that a chain still open had reached, and how long ago."""
        for number in reversed(self._numbers[:-1]):
            last = self._last(number, until, timeline)
            if last is not None and _microseconds(until - last) <= self.sequence.span:
                return number, until - last
        return 0, None

    def _words(self, here: int, best: int, since: timedelta | None) -> tuple[str, ...]:
        steps = self.sequence.present
        if not best:
            return (f"no chain was begun; missing: {steps[0].text}",)
        of = f"step {best} of {len(steps)}"
        if here == best:
            return (f"{of} here; missing: {steps[best].text}",)
        ago = self._long(since)
        return (f"{of} was reached {ago} before; missing: {steps[best].text}",)

    def _late(self, row: RowSeen, timeline: Sequence[str] | None) -> tuple[str, ...]:
        """Whether the row would be the last step, had the one before not been too long ago."""
        number = len(self.sequence.present) - 1
        fits = [clause for clause in row.clauses if clause.part == "step"]
        if not number or not fits or not fits[-1].result:
            return ()
        last = self._last(number, row.event_time, timeline)
        if last is None or _microseconds(row.event_time - last) <= self.sequence.span:
            return ()
        limit = self.display.show(self.sequence.span, DURATION)
        ago = self._long(row.event_time - last)
        return (
            f"it fits the last step, but the one before was {ago} ago, at most {limit} allowed",
        )

    def _complete(self, row: RowSeen, key: Key) -> RowSeen:
        """A row at which the chain is complete: what ``when`` says, or what is waited for."""
        alert = self.alerts[self._at[len(self.sequence.present)][key]["alert_id"]]
        clauses = tuple(_of_chain(clause) for clause in alert["clauses"])
        false = [clause for clause in clauses if not clause.result]
        words = [f"the chain is complete; {clause.text}: {clause.short}" for clause in false]
        ending = self.sequence.ending
        if ending is not None:
            words.append(f"the chain is complete; it waits for {ending.text}")
        elif not false and row.outcome == "no_hit":
            words.append("the chain is complete; its other side fired already")
        return replace(
            row,
            clauses=(*row.clauses, *clauses),
            reasons=tuple(words),
            missing=len(false),
            gap=float(len(false)),
        )

    def _long(self, since: timedelta | None) -> str:
        return self.display.show(0 if since is None else _microseconds(since), DURATION)


def _microseconds(since: timedelta) -> int:
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def _of_chain(clause: Mapping[str, Any]) -> ClauseSeen:
    against = (
        "" if clause["threshold"] is None else f"{clause['value']} against {clause['threshold']}"
    )
    short = "" if clause["result"] else against or "false"
    return ClauseSeen(
        clause["text"],
        "when",
        None,
        clause["result"],
        clause["value"],
        clause["threshold"],
        short=short if clause["result"] is not None else "unknown",
        gap=0.0 if clause["result"] else 1.0,
    )
