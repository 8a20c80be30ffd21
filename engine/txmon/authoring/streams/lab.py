"""Drafts judged by several rules, thousands of them in one evaluation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.authoring.cases.bench import CASE, VARIANT, judge, lay_out
from txmon.authoring.streams.draft import Draft, as_case, kept_columns
from txmon.authoring.streams.reading import columns_read
from txmon.language.strata import with_sources
from txmon.schema import Schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from txmon.language.checked import Pack, Rule

    Told = Mapping[str, Any]
    """What the clauses of a rule say at one row: an alert of the rule that always fires."""

SHOWN = ("subject", "event_time", "level", "severity", "side")
"""What makes two alerts the same one."""


@dataclass(frozen=True, slots=True, order=True)
class Raised:
    """What is compared of an alert; ``side`` is empty for a rule over whole payments."""

    event_time: datetime
    subject: str
    level: int
    severity: str
    side: str


Alerts = tuple[Raised, ...]


@dataclass(slots=True)
class Lab:
    """Judges drafts by rules under names; what was judged once is remembered.

    ``columns`` are those of its drafts: by default what the rules read, also through others.
    """

    rules: Mapping[str, Rule]
    pack: Pack
    columns: tuple[str, ...] = ()
    _known: dict[Draft, Mapping[str, Alerts] | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.columns = self.columns or columns_for(list(self.rules.values()), self.pack)

    def alerts(self, drafts: Sequence[Draft]) -> list[Mapping[str, Alerts] | None]:
        """The alerts on each draft by rule; None where no bank could book a row of it."""
        new = [draft for draft in dict.fromkeys(drafts) if draft not in self._known]
        if new:
            self._judge(new)
        return [self._known[draft] for draft in drafts]

    def _judge(self, drafts: Sequence[Draft]) -> None:
        bench = lay_out([as_case(draft) for draft in drafts], self.pack)
        table = judge(bench, self.rules, self.pack).alerts.select(*SHOWN, VARIANT, CASE)
        found: dict[tuple[int, str], list[Raised]] = {}
        for row in table.to_dicts():
            one = Raised(
                row["event_time"],
                row["subject"] or "",
                row["level"],
                row["severity"],
                row["side"] or "",
            )
            found.setdefault((row[CASE], row[VARIANT]), []).append(one)
        for place, draft in enumerate(drafts):
            alerts = {name: tuple(sorted(found.get((place, name), ()))) for name in self.rules}
            self._known[draft] = None if place in bench.refused else alerts

    def told(
        self, drafts: Sequence[Draft], rules: Mapping[str, Rule]
    ) -> list[dict[str, list[Told]]]:
        """What the clauses of rules that always fire say at each row of each draft."""
        bench = lay_out([as_case(draft) for draft in drafts], self.pack)
        wanted = ("event_time", "transaction_id", "side", "subject", "clauses", VARIANT, CASE)
        found: list[dict[str, list[Told]]] = [{name: [] for name in rules} for _ in drafts]
        table = judge(bench, rules, self.pack).alerts
        for row in table.select(*wanted, pl.col("features")).to_dicts():
            found[row[CASE]][row[VARIANT]].append(row)
        return found


def columns_for(chosen: Sequence[Rule], pack: Pack, *, booked: bool = True) -> tuple[str, ...]:
    """The columns that rules read, and those that the rules read whose alerts they read.

    ``booked``: and the accounts, without which no bank books a row.
    """
    rules = [*chosen, *(one for one in with_sources(chosen, pack.rules) if one not in chosen)]
    schema = Schema.with_columns(pack.columns)
    ids = {rule.id for rule in rules}
    excepted = {name for one in pack.exceptions for name in one.values if ids & set(one.rules)}
    read = {name for rule in rules for name in columns_read(rule)} | excepted
    whole = {source for name in read for source in schema.sources(name)}
    return kept_columns(rules, schema.columns, whole, booked=booked)
