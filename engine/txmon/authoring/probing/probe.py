"""For each boundary of a rule the streams around it, and what the rule does on each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, islice, zip_longest
from typing import TYPE_CHECKING

from txmon.authoring.probing.edges import AT, INSIDE, OUTSIDE, Edge, Spot, edges
from txmon.authoring.streams.climb import Climber
from txmon.authoring.streams.draft import of_case
from txmon.authoring.streams.edit import edited
from txmon.authoring.streams.editor import Editor
from txmon.authoring.streams.lab import Lab
from txmon.authoring.streams.reading import constants_of, decision
from txmon.authoring.streams.search import combined
from txmon.authoring.streams.stream import stream_of
from txmon.language.strata import with_sources

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from txmon.authoring.cases.case import Case
    from txmon.authoring.streams.draft import Draft
    from txmon.authoring.streams.edit import Edit
    from txmon.authoring.streams.lab import Alerts
    from txmon.authoring.streams.stream import Stream
    from txmon.language.checked import Pack, Rule

POSITIONS = (INSIDE, AT, OUTSIDE)
_BASES = 3
_RULE, _AWAKE = "rule", "rule without suppression"
_ROWS = 12_000
"""So many rows are judged in a round at most, by some dozens of variants."""


@dataclass(frozen=True, slots=True)
class Point:
    """One side of a boundary: the value there, whether the rule fires, and the stream.

    ``value`` is against the threshold that the boundary names. ``known`` says that a case of the
    rule has the very same rows.
    """

    position: str
    value: str
    fires: bool
    stream: Stream
    known: bool = False


@dataclass(frozen=True, slots=True)
class Boundary:
    """A boundary of a rule: its kind, where it stands, its text, and the points that were reached.

    ``asked`` are the positions that such a boundary has: a list has no middle.
    """

    kind: str
    place: str
    text: str
    points: tuple[Point, ...]
    asked: tuple[str, ...]

    @property
    def missing(self) -> tuple[str, ...]:
        """The positions for which no stream was found."""
        reached = {point.position for point in self.points}
        return tuple(position for position in self.asked if position not in reached)


@dataclass(frozen=True, slots=True)
class Probe:
    """The boundaries of one rule; ``fired`` says whether any stream was found on which it fires."""

    rule: str
    path: str
    boundaries: tuple[Boundary, ...]
    fired: bool

    @property
    def reached(self) -> int:
        """How many points have a stream."""
        return sum(len(one.points) for one in self.boundaries)

    @property
    def asked(self) -> int:
        """How many points there are."""
        return sum(len(one.asked) for one in self.boundaries)


def probe_rules(
    rules: Iterable[Rule], pack: Pack, seeds: Mapping[str, Sequence[Case]], *, tries: int = 3_000
) -> tuple[Probe, ...]:
    """The boundaries of rules, with a stream just inside, at and just outside each.

    Args:
        rules: rules of the pack.
        pack: the pack they stand in.
        seeds: their cases by rule id; a rule without any gets streams made from itself.
        tries: how many streams are judged for a rule at most.
    """
    return tuple(_Prober(rule, pack, tries).probe(seeds.get(rule.id, ())) for rule in rules)


class _Prober:
    """Probes one rule: all variants of all its boundaries in one evaluation."""

    def __init__(self, rule: Rule, pack: Pack, tries: int) -> None:
        self._rule = rule
        self._pack = pack
        self._tries = tries
        self._edges = edges(rule)
        self._names: dict[int, str] = {}
        self._own: frozenset[Draft] = frozenset()
        self._lab = Lab(self._variants(), pack)
        rules = with_sources([rule], [rule, *pack.rules])
        self._editor = Editor.of(pack, constants_of(rules, pack))

    def _variants(self) -> dict[str, Rule]:
        """The different rules of all spots, after the rule itself and the rule that never folds."""
        found = {_RULE: self._rule, _AWAKE: replace(self._rule, suppress=None)}
        known = {decision(self._rule): _RULE, decision(found[_AWAKE]): _AWAKE}
        for edge in self._edges:
            for spot in edge.spots.values():
                for one in (spot.first, spot.second):
                    name = known.setdefault(decision(one), f"variant {len(found)}")
                    found.setdefault(name, one)
                    self._names[id(one)] = name
        return found

    def probe(self, seeds: Sequence[Case]) -> Probe:
        """The rule's boundaries with what was found."""
        own = [of_case(case, self._lab.columns) for case in seeds if case.rows]
        self._own = frozenset(own)
        bases = self._bases(own)
        best: dict[tuple[int, str], Draft] = {}
        if bases:
            self._look(own, best)
            self._look(self._singles(bases), best)
            near = self._near(best)
            if near:
                self._look(self._singles(near), best)
            if len(best) < sum(len(edge.spots) for edge in self._edges):
                self._look(self._several(bases), best)
        boundaries = [self._boundary(number, edge, best) for number, edge in enumerate(self._edges)]
        return Probe(self._rule.id, self._rule.path, tuple(boundaries), bool(bases))

    def _near(self, best: Mapping[tuple[int, str], Draft]) -> list[Draft]:
        """The drafts on one side of boundaries of which another side was not found."""
        found = [
            best[number, position]
            for number, edge in enumerate(self._edges)
            for position in edge.spots
            if (number, position) in best
            and any((number, other) not in best for other in edge.spots)
        ]
        return list(dict.fromkeys(found))[: 2 * _BASES]

    def _bases(self, own: Sequence[Draft]) -> list[Draft]:
        """Simple drafts on which the rule fires: of its cases, else made from it."""
        alone = Lab({_RULE: self._rule}, self._pack, self._lab.columns)
        alerts = alone.alerts(own)
        firing = [draft for draft, one in zip(own, alerts, strict=True) if one and one[_RULE]]
        firing = firing or Climber.of(self._rule, self._pack, self._lab.columns).firing(
            own[:_BASES]
        )
        return sorted(firing, key=lambda draft: draft.weight)[:_BASES]

    def _edits(self, bases: Sequence[Draft]) -> list[tuple[Draft, list[Edit]]]:
        return [(draft, list(self._editor.all(draft))) for draft in bases]

    def _fitting(self, bases: Sequence[Draft]) -> int:
        return min(self._tries, _ROWS // max(len(draft.rows) for draft in bases))

    def _singles(self, bases: Sequence[Draft]) -> list[Draft]:
        pairs = [[(draft, edit) for edit in some] for draft, some in self._edits(bases)]
        turns = chain.from_iterable(zip_longest(*pairs))
        drafts = (edited(pair[0], (pair[1],)) for pair in turns if pair is not None)
        return list(dict.fromkeys((*bases, *islice(drafts, self._fitting(bases)))))

    def _several(self, bases: Sequence[Draft]) -> list[Draft]:
        return combined(self._edits(bases), self._fitting(bases))

    def _look(self, drafts: Sequence[Draft], best: dict[tuple[int, str], Draft]) -> None:
        """Note for each spot the simplest draft that is there, or one that is a case already."""
        for draft, alerts in zip(drafts, self._lab.alerts(drafts), strict=True):
            for number, edge in enumerate(self._edges) if alerts is not None else ():
                for position, spot in edge.spots.items():
                    if self._fires(spot, alerts or {}) is None:
                        continue
                    known = best.get((number, position))
                    if known is None or (known not in self._own and draft.weight < known.weight):
                        best[number, position] = draft

    def _fires(self, spot: Spot, alerts: Mapping[str, Alerts]) -> bool | None:
        """Whether the rule fires where two others differ first; None if they nowhere do.

        None, too, where the rule hits and its alert folds into an earlier one: that would not show
        what a stream is there to show.
        """
        first, second = (set(alerts[self._names[id(one)]]) for one in (spot.first, spot.second))
        where = min(first ^ second, default=None)
        if where is None:
            return None
        fires, awake = where in alerts[_RULE], where in alerts[_AWAKE]
        folds = spot.first.suppress is not None
        return fires if folds or fires == awake else None

    def _boundary(self, number: int, edge: Edge, best: Mapping[tuple[int, str], Draft]) -> Boundary:
        points = [
            self._point(position, edge.spots[position], best[number, position])
            for position in POSITIONS
            if (number, position) in best
        ]
        asked = tuple(position for position in POSITIONS if position in edge.spots)
        return Boundary(edge.kind, edge.place, edge.text, tuple(points), asked)

    def _point(self, position: str, spot: Spot, draft: Draft) -> Point:
        alerts = self._lab.alerts([draft])[0]
        assert alerts is not None  # noqa: S101 - what was judged could be booked
        stream = stream_of(draft, alerts[_RULE], alerts[_RULE])
        fires = bool(self._fires(spot, alerts))
        return Point(position, spot.value, fires, stream, draft in self._own)
