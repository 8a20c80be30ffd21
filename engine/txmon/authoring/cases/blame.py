"""Whether the part of a rule that a case names is what keeps its row silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.authoring.cases.because import SUPPRESSED, relaxed
from txmon.authoring.cases.bench import CASE, VARIANT
from txmon.authoring.cases.explain import VERDICTS
from txmon.testing.offsets import show_offset

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import timedelta

    from txmon.authoring.cases.bench import Bench, Judged
    from txmon.authoring.cases.case import Because, Case
    from txmon.authoring.cases.explain import Part, Seen
    from txmon.language.checked import Pack, Rule

    Hits = Sequence[Mapping[str, Any]]
    Look = Callable[[timedelta], Seen]
    """What the rule says of the row at a time."""


def variants(bench: Bench, pack: Pack) -> dict[str, Rule]:
    """The rules that the cases ask for, by their names: those of the pack, and with params set."""
    rules = {rule.id: rule for rule in pack.rules}
    cases = (bench.cases[place] for place in bench.sound)
    return {case.variant: case.changed or rules[case.rule] for case in cases}


def without_parts(bench: Bench, rules: Mapping[str, Rule]) -> dict[str, Rule]:
    """The rules that each ``because`` needs, by their names."""
    cases = (bench.cases[place] for place in bench.sound)
    return {
        _name(case, case.because): relaxed(rules[case.variant], case.because)
        for case in cases
        if case.because is not None and case.because.text != SUPPRESSED
    }


def _name(case: Case, because: Because) -> str:
    folds = because.text == SUPPRESSED
    return case.variant if folds else f"{case.variant} but for {because}"


def hits_without(bench: Bench, judged: Judged) -> dict[int, list[dict[str, Any]]]:
    """For each case with a ``because``, the hits of the rule made for it, but excepted ones."""
    names = {
        place: _name(case, case.because)
        for place, case in enumerate(bench.cases)
        if case.because is not None
    }
    some = judged.hits.filter(pl.col(CASE).is_in(list(names)), pl.col("exception").is_null())
    found: dict[int, list[dict[str, Any]]] = {}
    for hit in some.select("event_time", CASE, VARIANT).to_dicts():
        if hit[VARIANT] == names[hit[CASE]]:
            found.setdefault(hit[CASE], []).append(hit)
    return found


@dataclass(frozen=True, slots=True)
class Blame:
    """A ``because`` held against what happened.

    ``alerts`` are those of the case, ``hits`` those of the rule made for the ``because``.
    """

    case: Case
    because: Because
    alerts: Hits
    hits: Hits

    def lines(self, seen: Look) -> tuple[str, ...]:
        """What is wrong with the reason that the case gives; empty if it is right."""
        if self._right():
            return ()
        lines = (f"  at {show_offset(self._offset)}: {line}" for line in self._told(seen))
        return (f"because: {self.because}", *lines)

    @property
    def _offset(self) -> timedelta:
        """When the row is that is asked about."""
        if self.because.at is not None:
            return self.because.at
        return max((row.event_time for row in self.case.rows), default=self.case.start) - (
            self.case.start
        )

    def _times(self, rows: Hits) -> set[timedelta]:
        return {row["event_time"] - self.case.start for row in rows}

    def _right(self) -> bool:
        alerts, hits = self._times(self.alerts), self._times(self.hits)
        if self.because.step and self.because.at is None:
            return bool(hits - alerts)
        return self._offset in hits - alerts

    def _told(self, seen: Look) -> Iterator[str]:
        if self._offset in self._times(self.alerts):
            yield "an alert came"
            return
        if self.because.text == SUPPRESSED:
            yield "the rule does not hit here, so there was nothing to suppress"
        found = seen(self._offset)
        told = [*found.remarks, *self._of_parts(found.parts)]
        yield from told or ["put aside it changes nothing: the rule would be silent all the same"]

    def _of_parts(self, parts: Sequence[Part]) -> Iterator[str]:
        """The named clause if it is not what the case says, and the others that are not true."""
        named = [part for part in parts if part.text == self.because.text]
        wanted = None if self.because.unknown else False
        wrong = [part for part in named if part.result is not wanted]
        for part in wrong:
            yield f"{VERDICTS[part.result]}, not {VERDICTS[wanted]}: {part.shown}"
        too = ", too" if named and not wrong else ""
        for part in parts:
            if part not in named and not part.result:
                yield f"{VERDICTS[part.result]}{too}: {part.shown}"
