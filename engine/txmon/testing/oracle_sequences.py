"""What a sequence means on one timeline: every chain listed, and the latest of them taken.

It tries every row for every step, so it is slow beyond a dozen rows, and plain to read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from txmon.language.nodes import Compare, Literal, Logic, Range, StepField, step_fields, walk
from txmon.testing.oracle_values import MISSING, Unknown, is_true
from txmon.testing.oracle_windows import RowPlace, window_starts
from txmon.types import BOOL

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from txmon.language import checked
    from txmon.language.nodes import Expr, FeatureNode
    from txmon.testing.oracle_values import Answer
    from txmon.testing.oracle_windows import Key, Row, Stand, World

Taken = tuple[tuple[int, int], ...]
"""Of each row of a chain: its place on the timeline, and which of the present steps it fills."""


@dataclass(frozen=True, slots=True)
class ChainPlace(RowPlace):
    """A stand as a condition sees it that may read the rows of a chain."""

    taken: tuple[tuple[str, Stand], ...] = ()

    def step(self, node: StepField) -> Answer:
        """A field of the first or last row that a step took; unknown is a missing value."""
        rows = [stand for name, stand in self.taken if name == node.step]
        if not rows:
            return MISSING
        place = RowPlace(self.world, rows[0 if node.edge == "first" else -1])
        known = node.name in self.world.rule.features
        value = place.feature(node.name) if known else place.column(node.name)
        return MISSING if isinstance(value, Unknown) else value


@dataclass(frozen=True, slots=True)
class Completed:
    """The latest chain that ends in a stand: its rows in order, by name of step."""

    taken: tuple[tuple[str, Stand], ...]

    def at(self, world: World) -> ChainPlace:
        """The completing stand as ``when`` sees it."""
        return ChainPlace(world, self.taken[-1][1], taken=self.taken)


class Moment(NamedTuple):
    """When a hit is, and whether it belongs to the history."""

    time: int
    history: bool


@dataclass(frozen=True, slots=True)
class Chains:
    """Of a rule with a sequence: the latest chains, and the stands that its limit may have cut.

    ``late``: it ends with an absent step, so that hits are at deadlines.
    """

    latest: Mapping[Stand, tuple[Timeline, Completed]]
    bound: Collection[Stand] = ()
    late: bool = False

    def place(self, world: World, stand: Stand) -> RowPlace:
        """A stand as ``when`` sees it, with the chain that it completes."""
        if stand not in self.latest:
            return world.at(stand)
        return self.latest[stand][1].at(world)

    def rows(self, stand: Stand) -> list[Stand]:
        """The rows of the chain that a stand completes."""
        return [one for _, one in self.latest[stand][1].taken] if stand in self.latest else []

    def moments(self, hits: Iterable[Stand], clock: Sequence[Row]) -> dict[Stand, Moment]:
        """The hits in order of their moments; of absences those that ``clock`` has passed.

        ``clock`` are the transactions of the run, in order.
        """
        if not self.late:
            return {one: Moment(one.time, bool(one.row.get("history"))) for one in hits}
        found = {}
        for stand in hits:
            timeline, completed = self.latest[stand]
            time = timeline.deadline(completed)
            after = [row for row in clock if int(row["event_time"] or 0) > time]
            if after and timeline.quiet(completed):
                found[stand] = Moment(time, bool(after[0].get("history")))
        return dict(sorted(found.items(), key=lambda item: item[1].time))


def chains_of(world: World, homes: Mapping[Stand, Key]) -> Chains:
    """The chains of a rule, whose stands stand on these timelines, in order."""
    sequence = world.rule.sequence
    if sequence is None:
        return Chains({})
    timelines: dict[Key, list[Stand]] = {}
    for stand, home in homes.items():
        timelines.setdefault(home, []).append(stand)
    found = [Timeline(world, sequence, stands) for stands in timelines.values()]
    latest = {stand: (one, chain) for one in found for stand, chain in one.latest().items()}
    bound = {stand for one in found for stand in one.bound()} - set(latest)
    return Chains(latest, bound, late=sequence.ending is not None)


def chain_starts(world: World, time: int) -> list[int]:
    """Where a chain that ends at a time can begin, and the windows read from there."""
    sequence, rule = world.rule.sequence, world.rule
    if sequence is None:
        return []
    begin = time - sequence.span
    asked: list[FeatureNode] = [step.when for step in sequence.steps]
    conditions = [*(step.when for step in sequence.steps), *(one.when for one in rule.levels)]
    names = {field.name for node in conditions for field in step_fields(node)}
    asked += [rule.features[name] for name in sorted(names & set(rule.features))]
    return [begin, *(start for node in asked for start in window_starts(world, node, begin))]


@dataclass(frozen=True, slots=True)
class Timeline:
    """One timeline of a rule with a sequence."""

    world: World
    sequence: checked.Sequence
    stands: Sequence[Stand]

    def latest(self) -> dict[Stand, Completed]:
        """The latest chain of every stand that completes one."""
        best: dict[int, Taken] = {}
        for taken in self._complete():
            end = taken[-1][0]
            if taken[0][0] >= self._floor(end)[0] and taken[::-1] > best.get(end, ())[::-1]:
                best[end] = taken
        return {self.stands[end]: Completed(self._named(taken)) for end, taken in best.items()}

    def bound(self) -> set[Stand]:
        """The stands at which a chain may have been cut off by the search limit."""
        cut = {stand for at, stand in enumerate(self.stands) if self._floor(at)[1]}
        if not cut:
            return cut
        alone = Timeline(self.world, _alone(self.sequence), self.stands)
        return cut & set(alone.latest())

    def _named(self, taken: Taken) -> tuple[tuple[str, Stand], ...]:
        return tuple((self.sequence.present[step].name, self.stands[at]) for at, step in taken)

    def _complete(self) -> Iterator[Taken]:
        waiting: list[Taken] = [()]
        while waiting:
            taken = waiting.pop()
            if taken and self._is_whole(taken):
                yield taken
            begin = taken[-1][0] + 1 if taken else 0
            for at in range(begin, len(self.stands)):
                waiting.extend((*taken, (at, step)) for step in self._steps(taken, at))

    def _is_whole(self, taken: Taken) -> bool:
        step = taken[-1][1]
        last = len(self.sequence.present) - 1
        return step == last and _count(taken, step) >= self.sequence.present[step].least

    def _steps(self, taken: Taken, at: int) -> list[int]:
        """The steps that a row can fill after these."""
        now = taken[-1][1] if taken else -1
        steps = range(max(now, 0), min(now + 2, len(self.sequence.present)))
        return [step for step in steps if self._may(taken, at, step)]

    def _may(self, taken: Taken, at: int, step: int) -> bool:
        asked, stand = self.sequence.present[step], self.stands[at]
        count = _count(taken, step)
        if count == 0 and step:
            before = self.sequence.present[step - 1]
            if _count(taken, step - 1) < before.least or self._barred(taken, at, step):
                return False
        if asked.most is not None and count >= asked.most:
            return False
        first = self.stands[taken[0][0]].time if taken else stand.time
        whole = self.sequence.within
        if whole is not None and stand.time - first > whole:
            return False
        earlier = [self.stands[place].time for place, other in taken if other < step]
        if asked.within is not None and stand.time - earlier[-1] > asked.within:
            return False
        return is_true(asked.when, ChainPlace(self.world, stand, taken=self._named(taken)))

    def _barred(self, taken: Taken, at: int, step: int) -> bool:
        """Whether the absent step before a step happened between the two."""
        barrier = self.sequence.barrier(step)
        if barrier is None:
            return False
        named = self._named(taken)
        between = self.stands[taken[-1][0] + 1 : at]
        return any(is_true(barrier.when, ChainPlace(self.world, x, taken=named)) for x in between)

    def _floor(self, at: int) -> tuple[int, bool]:
        """The first place that a chain ending here may begin at, and whether the limit set it."""
        limit = self.sequence.search_limit
        since = self.stands[at].time - self.sequence.span
        near = [place for place in range(at) if self.stands[place].time >= since]
        parts = [_own_parts(step.when) for step in self.sequence.present]
        could = [p for p in near if any(self._passes_all(own, self.stands[p]) for own in parts)]
        if limit is None or len(could) <= limit:
            return 0, False
        return could[-limit], True

    def _passes_all(self, parts: Sequence[Expr], stand: Stand) -> bool:
        return all(is_true(part, self.world.at(stand)) for part in parts)

    def deadline(self, completed: Completed) -> int:
        """When the absent step at the end has not happened."""
        ending = self.sequence.ending
        stands = [stand for _, stand in completed.taken]
        if ending is not None and ending.within is not None:
            return stands[-1].time + ending.within
        return stands[0].time + self.sequence.span

    def quiet(self, completed: Completed) -> bool:
        """Whether nothing that the absent step at the end forbids came by the deadline."""
        ending = self.sequence.ending
        end, until = completed.taken[-1][1], self.deadline(completed)
        after = [x for x in self.stands if x.order > end.order and x.time <= until]
        places = (ChainPlace(self.world, stand, taken=completed.taken) for stand in after)
        return ending is None or not any(is_true(ending.when, place) for place in places)


def _alone(sequence: checked.Sequence) -> checked.Sequence:
    """The sequence by what each step asks of its row alone, without a limit.

    An absent step that reads another, or stands before a repeated one, is left out.
    """
    steps: list[checked.Step] = []
    for at, step in enumerate(sequence.steps):
        parts = (*_own_parts(step.when), Literal(BOOL, value=True))
        after = sequence.steps[at + 1 : at + 2]
        unclear = _reads_steps(step.when) or any(one.repeated for one in after)
        if not (step.absent and unclear):
            steps.append(replace(step, when=Logic("and", (*parts, *parts[-1:]))))
    return replace(sequence, steps=tuple(steps), search_limit=None)


def _count(taken: Taken, step: int) -> int:
    return sum(other == step for _, other in taken)


def _own_parts(when: Expr) -> list[Expr]:
    """What a step asks of its row alone: parts joined by ``and`` that read no other step.

    A range is two comparisons.
    """
    if isinstance(when, Logic) and when.op == "and":
        return [part for operand in when.operands for part in _own_parts(operand)]
    if not _reads_steps(when):
        return [when]
    if isinstance(when, Range):
        return [part for part in _halves(when) if not _reads_steps(part)]
    return []


def _halves(node: Range) -> list[Expr]:
    below, above = ("<" if open_ else "<=" for open_ in (node.low_open, node.high_open))
    return [Compare(below, node.low, node.operand), Compare(above, node.operand, node.high)]


def _reads_steps(node: Expr) -> bool:
    return any(isinstance(part, StepField) for part in walk(node))
