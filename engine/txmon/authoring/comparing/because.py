"""Why one pack raised an alert and the other did not: what the other's rule saw at that row."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.authoring.reasons.telling import Telling, telling
from txmon.authoring.reasons.words import Speaker
from txmon.evaluate import Carry, evaluate
from txmon.language.checked import ListTable
from txmon.language.display import Display
from txmon.language.nodes import Column, ListMember
from txmon.language.strata import with_sources
from txmon.plan import compile_plan
from txmon.sources.currencies import MINOR_DIGITS
from txmon.types import TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.authoring.comparing.judged import Judged
    from txmon.authoring.reasons.results import ClauseSeen
    from txmon.language.checked import Pack

Reason = tuple[str, str]
"""In words, and the clauses behind it, which are equal for alerts of one kind."""

_ASKED = "#asked"


@dataclass(frozen=True, slots=True)
class Other:
    """The pack that did not raise some alerts, with what it did find; ``when``: before or now."""

    pack: Pack
    judged: Judged
    rows: pl.DataFrame
    when: str

    def reasons(self, alerts: Sequence[Mapping[str, Any]]) -> list[Reason]:
        """Why the pack raised none of some alerts of the other."""
        hits = {_place(hit): hit for hit in self._hits(alerts)}
        raised = {hit["alert_id"]: hit for hit in hits.values() if hit["raised"]}
        silent = [alert for alert in alerts if _place(alert) not in hits]
        told = self._told(silent)
        return [self._reason(alert, hits, raised, told) for alert in alerts]

    def _hits(self, alerts: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The hits at the rows of some alerts, and those that raised what they folded into."""
        ids = pl.Series([alert["transaction_id"] for alert in alerts], dtype=pl.String)
        found = self.judged.hits.filter(pl.col("transaction_id").is_in(ids.implode()))
        raised = pl.col("alert_id").is_in(found["alert_id"].drop_nulls().implode())
        openers = self.judged.hits.filter(raised & pl.col("raised"))
        return pl.concat([found, openers]).unique(maintain_order=True).to_dicts()

    def _reason(
        self,
        alert: Mapping[str, Any],
        hits: Mapping[Any, Mapping[str, Any]],
        raised: Mapping[str, Mapping[str, Any]],
        told: Mapping[Any, tuple[Telling, Mapping[str, Any]]],
    ) -> Reason:
        id_, when = alert["rule_id"], self.when
        rule = next((one for one in self.pack.rules if one.id == id_), None)
        hit = hits.get(_place(alert))
        if rule is None:
            words = "the rule is new" if when == "before" else "the rule is gone"
            return words, words
        if id_ in self.judged.lacking:
            return f"{when} the rule lacks a column and does not run", "did not run"
        if hit is not None:
            return _of_hit(hit, raised, when)
        if _place(alert) in told:
            return self._of_clauses(alert, *told[_place(alert)])
        if rule.sequence is not None or rule.graph is not None:
            what = "chain" if rule.sequence is not None else "path"
            return f"{when} no {what} that the rule asks for ends here", f"no {what}"
        return f"{when} the rule does not see this row", "not seen"

    def _of_clauses(
        self, alert: Mapping[str, Any], how: Telling, told: Mapping[str, Any]
    ) -> Reason:
        """The clauses that are not true here, with the values of both sides."""
        display = Display(MINOR_DIGITS.get(self.pack.currency, 2), self.pack.timezone)
        seen = how.clauses_at(told, Speaker(how.rule, display))
        theirs = {clause["text"]: clause for clause in alert["clauses"]}
        words, texts = [], []
        for number in how.lacking(seen):
            clause = seen[number]
            prefix = "needs " if clause.part == "needs" else ""
            texts.append(f"{prefix}{clause.text}")
            words.append(f"{prefix}{clause.text}: {self._values(clause, theirs)}")
        if not words:
            return f"{self.when} its other side fired", "its other side"
        return "; ".join(words), " and ".join(texts)

    def _values(self, clause: ClauseSeen, theirs: Mapping[str, Mapping[str, Any]]) -> str:
        """What a false clause compared, and what it did in the pack that raised the alert."""
        own = f"{clause.value} against {clause.threshold}" if clause.threshold else clause.short
        other = theirs.get(clause.text)
        if other is None or other["threshold"] is None:
            return f"{own} {self.when}"
        value = "" if other["value"] == clause.value else f"{other['value']} against "
        return f"{own} {self.when}, {value}{other['threshold']} {_opposite(self.when)}"

    def _told(
        self, alerts: Sequence[Mapping[str, Any]]
    ) -> dict[Any, tuple[Telling, Mapping[str, Any]]]:
        """What plain rules say at the rows of some alerts."""
        wanted = {alert["rule_id"] for alert in alerts}
        rules = [rule for rule in self.pack.rules if rule.id in wanted]
        how = {rule.id: telling(rule) for rule in rules if not (rule.sequence or rule.graph)}
        if not how:
            return {}
        only = ListMember(Column(TEXT, "transaction_id"), _ASKED)
        variants = {one.variant("seen", only).id: one for one in how.values()}
        made = tuple(one.variant("seen", only) for one in how.values())
        readers = [rule for rule in rules if rule.sources]
        heard = with_sources(readers, self.pack.rules)
        ids = {alert["transaction_id"] for alert in alerts}
        lists = {**self.pack.lists, _ASKED: ListTable.of(TEXT, ids)}
        pack = replace(self.pack, rules=(*heard, *made), lists=lists)
        plan = compile_plan(pack, self.rows.columns)
        found = evaluate(plan, Carry(), self.rows, evidence=False)
        both = pl.concat([found.alerts, found.shadow_alerts])
        return {
            (one.rule.id, *_place(row)[1:]): (one, row)
            for row in both.filter(pl.col("rule_id").is_in(list(variants))).to_dicts()
            for one in [variants[row["rule_id"]]]
        }


def _place(row: Mapping[str, Any]) -> tuple[Any, ...]:
    """What an alert and a hit on the same row of a rule have in common."""
    return row["rule_id"], row["transaction_id"], row["side"], tuple(row["timeline"] or ())


def _opposite(when: str) -> str:
    return "now" if when == "before" else "before"


def _of_hit(hit: Mapping[str, Any], raised: Mapping[str, Mapping[str, Any]], when: str) -> Reason:
    """A hit that raised nothing."""
    if hit["exception"] is not None:
        return f"{when} excepted by {hit['exception']}", "excepted"
    opener = raised.get(hit["alert_id"])
    of = "of the history" if opener is None else f"of {opener['transaction_id']}"
    return f"{when} folded into the alert {of}", "folded"
