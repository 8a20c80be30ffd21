"""Why a rule fired at an entity, or did not: one evaluation with the rule and its tellings."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from txmon.authoring.reasons.entity import nobody, of_entity
from txmon.authoring.reasons.results import Why
from txmon.authoring.reasons.rows import Reader
from txmon.authoring.reasons.telling import UNHEARD, Telling, telling
from txmon.authoring.reasons.variants import every, of_windows, patterns
from txmon.errors import DataError, InputError
from txmon.evaluate import Carry, evaluate
from txmon.language.display import Display
from txmon.language.nodes import Column, Compare, Literal, Logic
from txmon.language.problems import did_you_mean
from txmon.language.strata import with_sources
from txmon.packs import load_pack
from txmon.plan import compile_plan
from txmon.schema import IN, OUT
from txmon.sources import intake
from txmon.sources.currencies import MINOR_DIGITS
from txmon.types import TEXT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from txmon.authoring.reasons.results import RowSeen
    from txmon.evaluate import Evaluation
    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import Expr
    from txmon.sources.files import Sources
    from txmon.sources.mapping import InputMapping

    Mapped = str | Path | Mapping[str, object] | InputMapping | None

MISSES = 3
"""How many nearest misses are marked."""


def why(
    source: Sources,
    pack: Pack | None = None,
    *,
    rule: str,
    entity: str,
    at: str | datetime | None = None,
    last: int | None = None,
    history: Sources | None = None,
    mapping: Mapped = None,
    skip_bad_files: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Why:
    """What a rule saw at each transaction of an entity, and how far it was from firing.

    The rows are those of timelines whose key holds the entity and those it is the subject of;
    of a graph rule the payments to and from it, and those that raised an alert about it.

    Args:
        source: payments, as in ``txmon.score``.
        pack: a loaded pack; by default the shipped one.
        rule: the id of one of its rules, a draft too.
        entity: an account, or whatever the rule's timelines are of.
        at: a transaction's id, or a time (of the pack's zone, if it names none): the entity's
            last row at or before it is told in full, with the transactions in each window.
        last: how many of its latest rows are told; by default all.
        history: earlier payments, as in ``txmon.score``.
        mapping: how source columns become canonical ones, as in ``txmon.score``.
        skip_bad_files: as in ``txmon.score``.
        progress: called with each stage as it begins.

    Raises:
        InputError: there is no such rule, entity or transaction, or the input cannot be read.
        DataError: the data lacks a column that the rule needs.
    """
    tell = progress or (lambda _: None)
    used = load_pack() if pack is None else pack
    chosen = _chosen(used, rule)
    taken = intake(
        source,
        used,
        history=history,
        mapping=mapping,
        skip_bad_files=skip_bad_files,
        tell=tell,
    )
    tell(f"ask {rule} about {entity}")
    return Asker(used, chosen, entity, taken.accepted).why(at, last)


def _chosen(pack: Pack, name: str) -> Rule:
    for rule in pack.rules:
        if rule.id == name:
            return rule
    names = [rule.id for rule in pack.rules]
    advice = did_you_mean(name, names) or f"the pack has: {', '.join(names)}"
    raise InputError(f"there is no rule '{name}': {advice}")


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks one rule of a pack about an entity, over accepted rows in the contract's order."""

    pack: Pack
    rule: Rule
    entity: str
    rows: pl.DataFrame

    def why(self, at: str | datetime | None = None, last: int | None = None) -> Why:
        """The answer, as ``txmon.authoring.why`` tells it."""
        mine = of_entity(self.pack, self.rule, self.entity)
        if mine is None:
            raise InputError(nobody(self.pack, self.rule, self.entity, self.rows))
        told = telling(self.rule)
        variants = self._variants(told, mine)
        found = self._evaluated(variants, evidence=False)
        reader = self._reader(told, found)
        seen = reader.rows()
        if not seen:
            raise InputError(nobody(self.pack, self.rule, self.entity, self.rows))
        detail = None if at is None else self._in_full(told, mine, self._at(seen, at))
        kept = seen if last is None else seen[max(0, len(seen) - last) :]
        return Why(
            rule=self.rule.id,
            title=self.rule.title,
            entity=self.entity,
            zone=self.pack.timezone,
            currency=self.pack.currency,
            outcomes=dict(Counter(row.outcome for row in seen)),
            rows=tuple(kept),
            left_out=len(seen) - len(kept),
            nearest=_nearest(kept),
            detail=detail,
            notes=reader.notes(),
        )

    @property
    def _display(self) -> Display:
        return Display(MINOR_DIGITS.get(self.pack.currency, 2), self.pack.timezone)

    def _variants(self, told: Telling, mine: Expr) -> list[Rule]:
        kinds = _moneyless(self.rows)
        found = [*patterns(self.rule, mine)]
        for name, only in self._sides(mine):
            found.append(every(self.rule, f"all{name}", only, kinds))
            found.append(told.variant(f"seen{name}", only))
        return found

    def _sides(self, only: Expr) -> Sequence[tuple[str, Expr]]:
        """Each side apart: of a self-transfer a timeline's first row would hide the second."""
        if not self.rule.sided:
            return [("", only)]
        return [(f"-{side}", Logic("and", (only, _is("direction", side)))) for side in (OUT, IN)]

    def _evaluated(self, variants: Sequence[Rule], *, evidence: bool) -> Evaluation:
        """The rule and its variants over all rows."""
        below = with_sources([self.rule], self.pack.rules)
        running = {one.id for one in replace(self.pack, asked=frozenset()).running().rules}
        heard = tuple(one for one in below if one.id in running or one.id == self.rule.id)
        pack = replace(self.pack, rules=(*heard, *variants))
        plan = compile_plan(pack, self.rows.columns, told={self.rule.id})
        for condition in plan.every_unavailable:
            if condition.rule.id.partition(UNHEARD)[0] == self.rule.id:
                lacking = ", ".join(condition.missing)
                raise DataError(f"{self.rule.id} cannot run: the data lacks {lacking}; map it")
        digits = MINOR_DIGITS.get(self.pack.currency, 2)
        return evaluate(plan, Carry(), self.rows, digits=digits, evidence=evidence)

    def _at(self, seen: Sequence[RowSeen], at: str | datetime) -> RowSeen:
        """The row that was asked for: of a transaction, or the last one until a time."""
        named = [row for row in seen if row.transaction_id == at]
        if named:
            return min(
                named, key=lambda row: (row.outcome != "hit", row.outcome == "not_applicable")
            )
        until = _moment(at, self.pack.timezone)
        if until is None:
            raise InputError(
                f"'{at}' is no transaction of {self.entity} that {self.rule.id} could see, and no"
                " time; write a transaction's id or a time like 2026-03-01T09:00"
            )
        before = [row for row in seen if row.event_time <= until]
        if not before:
            first = seen[0].event_time.astimezone(ZoneInfo(self.pack.timezone))
            when = first.isoformat(sep=" ", timespec="seconds")
            raise InputError(f"{self.entity} has no row up to {at}; its first is of {when}")
        return before[-1]

    def _in_full(self, told: Telling, mine: Expr, row: RowSeen) -> RowSeen:
        """A row with the transactions in each window."""
        name = "alert_id" if row.alert else "transaction_id"
        side = () if row.side is None else (_is("direction", row.side),)
        asked = (mine, _is(name, row.alert or row.transaction_id), *side)
        variants = of_windows(self.rule, Logic("and", asked))
        if not variants or row.outcome == "not_applicable":
            return row
        found = self._evaluated(list(variants.values()), evidence=True)
        return self._reader(told, found).windows(row, variants)

    def _reader(self, told: Telling, found: Evaluation) -> Reader:
        return Reader(self.rule, told, self.entity, self._display, found, self.rows)


def _is(name: str, value: str) -> Expr:
    return Compare("==", Column(TEXT, name), Literal(TEXT, value))


def _moneyless(rows: pl.DataFrame) -> tuple[str, ...]:
    """The kinds of rows without money."""
    if "kind" not in rows.columns or "amount" not in rows.columns:
        return ()
    return tuple(rows.filter(pl.col("amount").is_null())["kind"].unique().drop_nulls().sort())


def _moment(at: str | datetime, zone: str) -> datetime | None:
    """An instant; one without a zone is of the pack's, and a day is until its end."""
    if isinstance(at, datetime):
        moment = at
    else:
        try:
            moment = datetime.fromisoformat(at)
        except ValueError:
            return None
        if _is_day(at):
            moment += timedelta(days=1) - timedelta(microseconds=1)
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _nearest(rows: Sequence[RowSeen]) -> tuple[int, ...]:
    """The nearest misses, the nearest first; of equally near ones the earliest."""
    missed = [
        place
        for place, row in enumerate(rows)
        if row.missing is not None and row.outcome not in {"hit", "not_applicable"}
    ]
    ranked = sorted(missed, key=lambda place: (rows[place].nearness, place))
    return tuple(ranked[:MISSES])
