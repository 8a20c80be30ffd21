"""A draft on which a rule fires, reached by edits that make more of its clauses true."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, islice, zip_longest
from math import log1p
from typing import TYPE_CHECKING, Any

from txmon.authoring.cases.explain import always
from txmon.authoring.streams.construct import Builder
from txmon.authoring.streams.edit import edited
from txmon.authoring.streams.editor import Editor
from txmon.authoring.streams.lab import Lab
from txmon.authoring.streams.reading import constants_of
from txmon.language.strata import read_by, with_sources

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from txmon.authoring.streams.draft import Draft
    from txmon.language.checked import Pack, Rule

RULE, TOLD = "rule", "told"
_ROUNDS = 8
_BEAM = 6
_BATCH = 600
_ROWS = 6_000
"""So many rows are judged in a round at most: every one of them has its clauses told."""
_KEPT = 4
_UNKNOWN = 100.0
"""How far an unknown clause is from true, on the scale of logarithms."""


@dataclass(slots=True)
class Climber:
    """Looks for drafts on which a rule fires; ``lab`` judges it and itself made to tell."""

    rule: Rule
    pack: Pack
    lab: Lab
    editor: Editor

    @classmethod
    def of(cls, rule: Rule, pack: Pack, columns: tuple[str, ...] = ()) -> Climber:
        """The climber of one rule, over the columns that it reads or over others."""
        rules = with_sources([rule], [rule, *pack.rules])
        editor = Editor.of(pack, constants_of(rules, pack))
        return cls(rule, pack, Lab({RULE: rule}, pack, columns), editor)

    def firing(self, begun: Sequence[Draft] = ()) -> list[Draft]:
        """A few drafts on which the rule fires, simple ones first; empty if none was reached.

        Args:
            begun: drafts to begin with, beside those that are built from the rule.
        """
        drafts = [*begun, *islice(self._built(), _BATCH)]
        for _ in range(_ROUNDS):
            fires = self._fires(drafts)
            if fires:
                return sorted(fires, key=lambda draft: draft.weight)[:_KEPT]
            best = self._best(drafts)
            if not best:
                return []
            size = min(_BATCH, _ROWS // max(len(draft.rows) for draft in best))
            drafts = [*dict.fromkeys(islice(self._edited(best), size)), *best]
        return []

    def _built(self) -> Sequence[Draft]:
        if self.rule.sources:
            return self._of_sources()
        rules = [self.rule]
        builder = Builder(self.rule, self.pack, self.lab.columns, constants_of(rules, self.pack))
        return builder.drafts()

    def _of_sources(self) -> list[Draft]:
        """What makes the rules fire whose alerts are read, also two of them after each other."""
        alone: list[Draft] = []
        for source in read_by(self.rule, self.pack.rules)[:_KEPT]:
            alone += Climber.of(source, self.pack, self.lab.columns).firing()[:1]
        return alone + [one.with_rows([*one.rows, *other.rows]) for one in alone for other in alone]

    def _fires(self, drafts: Sequence[Draft]) -> list[Draft]:
        alerts = self.lab.alerts(drafts)
        return [draft for draft, one in zip(drafts, alerts, strict=True) if one and one[RULE]]

    def _edited(self, drafts: Sequence[Draft]) -> Iterator[Draft]:
        edits = [((draft, edit) for edit in self.editor.all(draft)) for draft in drafts]
        turns = chain.from_iterable(zip_longest(*edits))
        return (edited(pair[0], (pair[1],)) for pair in turns if pair is not None)

    def _best(self, drafts: Sequence[Draft]) -> list[Draft]:
        """The drafts of which a row comes nearest to an alert."""
        different = list(dict.fromkeys(drafts))
        told = self.lab.told(different, {TOLD: always(self.rule)})
        scored = [
            (score(self.rule, one[TOLD]), draft.weight, draft)
            for draft, one in zip(different, told, strict=True)
        ]
        scored.sort(key=lambda item: (item[0], item[1]))
        return [draft for _, _, draft in scored[:_BEAM]]


def score(rule: Rule, told: Sequence[Mapping[str, Any]]) -> tuple[float, ...]:
    """How far from an alert the nearest row is; smaller is nearer.

    Of a sequence it is how many of its steps no row fits.
    """
    if rule.sequence is not None:
        fitted = {clause["text"] for row in told for clause in row["clauses"] if clause["result"]}
        return (float(len(rule.sequence.present) - len(fitted)), -float(len(told)))
    return min((_far(row["clauses"]) for row in told), default=(_UNKNOWN, _UNKNOWN))


def _far(clauses: Sequence[Mapping[str, Any]]) -> tuple[float, ...]:
    wrong = [clause for clause in clauses if not clause["result"]]
    return float(len(wrong)), sum(_distance(clause) for clause in wrong)


def _distance(clause: Mapping[str, Any]) -> float:
    if clause["result"] is None or clause["margin"] is None:
        return _UNKNOWN
    return log1p(abs(clause["margin"]))
