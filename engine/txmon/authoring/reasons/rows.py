"""An evaluation with a rule and its tellings -> what the rule saw at each row of an entity."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.authoring.reasons.asked import Distance, lacking, split
from txmon.authoring.reasons.paths import PathReader
from txmon.authoring.reasons.results import CAUSES_IN_WORDS, Counted, Raised, RowSeen
from txmon.authoring.reasons.steps import StepReader
from txmon.authoring.reasons.telling import UNHEARD
from txmon.authoring.reasons.variants import KEY, VISIBLE
from txmon.authoring.reasons.words import Speaker
from txmon.schema import OUT
from txmon.types import MONEY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from txmon.authoring.reasons.results import ClauseSeen
    from txmon.authoring.reasons.telling import Telling
    from txmon.evaluate import Evaluation
    from txmon.language.checked import Rule
    from txmon.language.display import Display

    Key = tuple[str, str | None, str | None]
    """Transaction, side, and the alert that a rule over alerts judged."""

    Told = Mapping[str, Any]
    """An alert of a variant, which tells what it saw."""


@dataclass(frozen=True)
class Reader:
    """Reads what an evaluation of a rule and its variants found about an entity."""

    rule: Rule
    told: Telling
    entity: str
    display: Display
    found: Evaluation
    accepted: pl.DataFrame

    def rows(self) -> list[RowSeen]:
        """Each row of the entity, in order of time."""
        return [self._row(key) for key in self._keys]

    def notes(self) -> tuple[str, ...]:
        """What the answer cannot tell."""
        if self.rule.graph is None:
            return ()
        here = "a graph rule is asked at payments to and from the entity"
        return (f"{here}; other alerts about it are shown where they were raised",)

    def windows(self, row: RowSeen, variants: Mapping[str, Rule]) -> RowSeen:
        """The row with the transactions in each window."""
        alerts = {alert["rule_id"]: alert for alert in self._alerts.values()}
        features = []
        for feature in row.features:
            alert = alerts.get(variants[feature.name].id) if feature.name in variants else None
            if alert is not None:
                counted = tuple(self._counted(one) for one in alert["evidence"])
                kept = _without_trigger(counted, alert, feature.number)
                feature = replace(  # noqa: PLW2901 - the same feature, told in full
                    feature, counted=kept, count=alert["evidence_count"]
                )
            features.append(feature)
        return replace(row, features=tuple(features))

    def _counted(self, one: Mapping[str, Any]) -> Counted:
        amount = self._amounts.get(one["transaction_id"])
        shown = None if amount is None else self.display.show(amount, MONEY)
        return Counted(one["transaction_id"], one["event_time"], shown)

    @cached_property
    def _amounts(self) -> dict[str, int]:
        """The amounts of the transactions in windows, as stored."""
        if "amount" not in self.accepted.columns:
            return {}
        ids = {one["transaction_id"] for row in self._alerts.values() for one in row["evidence"]}
        mine = self.accepted.filter(pl.col("transaction_id").is_in(sorted(ids)))
        return dict(mine.select("transaction_id", "amount").drop_nulls().iter_rows())

    @cached_property
    def _hits(self) -> pl.DataFrame:
        """The hits of the rule and its variants that are about the entity."""
        own = pl.col("rule_id") == self.rule.id
        variant = pl.col("rule_id").str.starts_with(f"{self.rule.id}{UNHEARD}")
        made = self.found.hits.filter(variant)
        ids = made["transaction_id"].unique().implode()
        about = pl.col("timeline").list.contains(self.entity)
        mine = self.found.hits.filter(own & (pl.col("transaction_id").is_in(ids) | about))
        return pl.concat([made, mine])

    @cached_property
    def _alerts(self) -> dict[str, dict[str, Any]]:
        """The alerts of those hits, and of rules below that they judged, by id."""
        both = pl.concat([self.found.alerts, self.found.shadow_alerts])
        wanted = pl.concat([self._hits["alert_id"], self._hits["trigger_alert_id"]]).drop_nulls()
        return {
            row["alert_id"]: row
            for row in both.filter(pl.col("alert_id").is_in(wanted.unique().implode())).to_dicts()
        }

    @cached_property
    def _by_variant(self) -> dict[str, list[dict[str, Any]]]:
        """The hits by what follows the rule's id: empty for the rule's own."""
        found: dict[str, list[dict[str, Any]]] = {}
        for hit in self._hits.to_dicts():
            found.setdefault(hit["rule_id"].removeprefix(self.rule.id), []).append(hit)
        return found

    def _told_at(self, kind: str) -> dict[Key, Told]:
        """The alerts of a variant, of both sides, by the row they tell of."""
        return {
            _key(hit): self._alerts[hit["alert_id"]]
            for name, hits in self._by_variant.items()
            if name.removeprefix(UNHEARD).partition("-")[0] == kind
            for hit in hits
        }

    @cached_property
    def _whole(self) -> dict[Key, Told]:
        return self._told_at("all")

    @cached_property
    def _seen(self) -> dict[Key, Told]:
        return self._told_at("seen")

    @cached_property
    def _own(self) -> dict[Key, list[dict[str, Any]]]:
        found: dict[Key, list[dict[str, Any]]] = {}
        for hit in self._by_variant.get("", ()):
            found.setdefault(_key(hit), []).append(hit)
        return found

    @cached_property
    def _outcomes(self) -> dict[Key, tuple[str, str | None]]:
        ids = self._hits["transaction_id"].unique().implode()
        told = self.found.told.filter(pl.col("transaction_id").is_in(ids))
        names = ("transaction_id", "side", "alert_id", "outcome", "cause")
        return {
            (row, side, alert): (outcome, cause)
            for row, side, alert, outcome, cause in told.select(names).rows()
        }

    @cached_property
    def _keys(self) -> list[Key]:
        """The rows of the entity in order: those it stands on, and those of alerts about it."""
        moments = {key: told["event_time"] for key, told in self._whole.items()}
        for key, hits in self._own.items():
            if key not in moments and any(self.entity in (hit["timeline"] or ()) for hit in hits):
                moments[key] = hits[0]["event_time"]
        places = {key[0]: place for place, key in reversed(list(enumerate(moments)))}
        return sorted(moments, key=lambda key: (moments[key], places[key[0]], key[1] != OUT))

    @cached_property
    def _speaker(self) -> Speaker:
        return Speaker(self.rule, self.display)

    @cached_property
    def _steps(self) -> StepReader | None:
        sequence = self.rule.sequence
        if sequence is None:
            return None
        return StepReader(sequence, self.display, self._by_variant, self._alerts)

    @cached_property
    def _paths(self) -> PathReader | None:
        graph = self.rule.graph
        return None if graph is None else PathReader(graph, self._by_variant, self._alerts)

    def _row(self, key: Key) -> RowSeen:
        outcome, cause = self._outcomes.get(key, ("not_applicable", None))
        told = self._whole.get(key)
        source = told or self._alerts[self._own[key][0]["alert_id"]]
        judged = self._alerts.get(key[2] or "")
        row = RowSeen(
            event_time=source["event_time"],
            transaction_id=key[0],
            side=key[1],
            alert=key[2],
            source=None if judged is None else judged["rule_id"],
            outcome=outcome,
            cause=cause,
            transaction=source["transaction"] or {},
        )
        if outcome == "not_applicable":
            reasons = () if told is None else tuple(self._hidden(told))
            return replace(row, reasons=reasons)
        return self._with_hit(self._with_clauses(row, key), key)

    def _hidden(self, told: Told) -> Iterator[str]:
        """Why the rule does not see a row."""
        tree, asked = split(self.rule.where, self.rule.where_clauses)
        before = len(told["clauses"]) - len(asked)
        for clause in told["clauses"][:before]:
            if clause["result"]:
                continue
            if clause["text"] == VISIBLE:
                yield "no money, and of no kind that events names"
            else:
                yield f"{clause['text'].removeprefix(KEY)} is missing, so it is on no timeline"
        own = told["clauses"][before:]
        of = {n: Distance(0 if one["result"] else 1) for n, one in enumerate(own)}
        for number in lacking(tree, of):
            yield f"where: {own[number]['text']} is {_said(own[number])}"

    def _with_clauses(self, row: RowSeen, key: Key) -> RowSeen:
        told = self._seen.get(key)
        if told is None:
            return row
        seen = self.told.clauses_at(told, self._speaker)
        line = tuple(told["timeline"] or ())
        row = replace(row, clauses=seen, features=self.told.features_at(told), timeline=line)
        if self._steps is not None:
            row = self._steps.told(row, key, told["timeline"])
        elif self._paths is not None:
            row = self._paths.told(row, key)
        else:
            far = self.told.distance(seen)
            row = replace(row, missing=far.clauses, gap=far.gap)
        return replace(row, reasons=(*self._reasons(row, seen), *row.reasons))

    def _reasons(self, row: RowSeen, seen: Sequence[ClauseSeen]) -> Iterator[str]:
        if row.outcome == "unknown" and row.cause is not None:
            yield f"unknown: {CAUSES_IN_WORDS[row.cause]}"
        if row.outcome == "hit":
            return
        short = self.told.lacking(seen)
        if self.told.plain and not short:
            yield "its other side fired already"
        names = Counter(self.told.left(number) for number in short)
        for number in short:
            clause, name = seen[number], self.told.left(number)
            prefix = "needs " if clause.part == "needs" else ""
            yield f"{prefix}{name if names[name] == 1 else clause.text}: {clause.short}"

    def _with_hit(self, row: RowSeen, key: Key) -> RowSeen:
        hits = self._own.get(key, [])
        if not hits:
            return row
        hit = min(hits, key=lambda one: self.entity not in (one["timeline"] or ()))
        raised = None if hit["alert_id"] is None else self._raised(hit["alert_id"])
        kind = "raised" if hit["raised"] else "excepted" if hit["exception"] else "folded"
        return replace(
            row,
            outcome="hit",
            hit=kind,
            level=hit["level"],
            exception=hit["exception"],
            raised=raised,
            missing=None,
            gap=None,
            reasons=(*_of_hit(kind, raised, hit["exception"], row), *row.reasons),
        )

    def _raised(self, alert_id: str) -> Raised:
        alert = self._alerts.get(alert_id)
        if alert is None:
            return Raised(alert_id)
        names = ("transaction_id", "event_time", "subject", "severity", "score", "message")
        return Raised(alert_id, **{name: alert[name] for name in names})


def _key(hit: Mapping[str, Any]) -> Key:
    return hit["transaction_id"], hit["side"], hit["trigger_alert_id"]


def _said(clause: Mapping[str, Any]) -> str:
    if clause["result"] is None:
        return "unknown"
    return "false" if clause["threshold"] is None else f"false, with {clause['value']}"


def _of_hit(kind: str, raised: Raised | None, exception: str | None, row: RowSeen) -> Iterator[str]:
    """What became of a hit, in words."""
    if kind == "excepted":
        yield f"excepted by {exception}"
    elif kind == "folded":
        known = raised is not None and raised.transaction_id is not None
        yield (
            f"folded into the alert of {raised.transaction_id}"
            if known and raised
            else ("folded into an alert of the history")
        )
    elif (
        raised is not None and raised.event_time is not None and raised.event_time > row.event_time
    ):
        yield "fired later, when the absence was sure"


def _without_trigger(
    counted: tuple[Counted, ...], alert: Told, number: float | None
) -> tuple[Counted, ...]:
    """The rows in a window; the judged one is always listed, and is taken out of an empty one."""
    own = alert["transaction_id"]
    alone = len(counted) == 1 and counted[0].transaction_id == own
    return () if alone and number == 0 else counted
