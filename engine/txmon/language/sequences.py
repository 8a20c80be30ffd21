"""The sequence of a rule document -> checked steps, and every error with its place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from txmon.language import syntax
from txmon.language.algebra import boolean
from txmon.language.check import Checker
from txmon.language.checked import Sequence, Step
from txmon.language.conditions import read_condition
from txmon.language.lengths import read_length, read_whole
from txmon.language.links import why_limited
from txmon.language.names import step_name
from txmon.language.problems import Code
from txmon.language.scope import Place
from txmon.language.windows import read_count

if TYPE_CHECKING:
    from txmon.language.nodes import Expr
    from txmon.language.problems import Faults, Path
    from txmon.language.scope import Scope
    from txmon.model import SequenceDocument, StepDocument

STEP = re.compile(r"(absent )?([A-Za-z][A-Za-z0-9_]*)(?:\{(\w+),(\w*)\})?")
STEPS: Path = ("sequence", "steps")
WITHIN_ADVICE = "write within: 24h beside steps, or {when: ..., within: 24h} at each later step"
_NEVER = boolean(False)  # stands for a condition that was reported


def step_names(document: SequenceDocument | None) -> tuple[tuple[str, Path], ...]:
    """The keys of a sequence's steps with their paths."""
    steps = () if document is None else document.steps
    return tuple((key, (*STEPS, at, key)) for at, step in enumerate(steps) for key in step)


def with_steps(scope: Scope, document: SequenceDocument | None) -> Scope:
    """The scope of what is asked of a whole chain: every step that takes rows can be read."""
    if document is None:
        return scope
    seen = _seen(document)
    return replace(scope, steps=seen.steps, closed_steps=seen.closed)


def check_sequence(document: SequenceDocument, scope: Scope, faults: Faults) -> Sequence | None:
    """The checked sequence, or None; what is wrong with it is reported."""
    return _Reader(document, scope, faults).read()


@dataclass(slots=True)
class _Seen:
    """Which steps can be read, and of those that cannot, why."""

    steps: dict[str, bool] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)

    def add(self, key: str) -> None:
        name = step_name(key)
        if key.startswith("absent "):
            self.closed[name] = f"step '{name}' is absent, so it has no row to read"
        else:
            self.steps[name] = "{" in key


def _seen(document: SequenceDocument) -> _Seen:
    seen = _Seen()
    for key, _ in step_names(document):
        seen.add(key)
    return seen


@dataclass(frozen=True, slots=True)
class _Reader:
    document: SequenceDocument
    scope: Scope
    faults: Faults

    def read(self) -> Sequence | None:
        document, before = self.document, len(self.faults.found)
        within = self._length(document.within, ("sequence", "within"))
        limit = self._limit()
        if not document.steps:
            self.faults.whole(STEPS, Code.SEQUENCE, "a sequence needs steps")
        steps = self._steps()
        if len(self.faults.found) > before:
            return None
        sequence = Sequence(tuple(steps), within, limit)
        for position, step in enumerate(steps):
            self._order(sequence, position, step)
        if len(self.faults.found) == before:
            self._bounded(sequence)
            self._searched(sequence)
        return sequence

    def _length(self, text: str | None, path: Path) -> int | None:
        if text is None:
            return None
        length, problems = read_length(text, self.scope)
        self.faults.extend(path, problems)
        return length

    def _limit(self) -> int | None:
        if self.document.search_limit is None:
            return None
        limit, problems = read_whole(self.document.search_limit, self.scope)
        self.faults.extend(("sequence", "search_limit"), problems)
        return limit

    def _steps(self) -> list[Step]:
        seen, found = _Seen(), []
        below = [step_name(key) for key, _ in step_names(self.document)]
        for position, item in enumerate(self.document.steps):
            if len(item) != 1:
                message = "a step is one name with its condition"
                advice = "begin each step with a - of its own"
                self.faults.whole((*STEPS, position), Code.SEQUENCE, message, advice)
            for key, value in item.items():
                below.remove(step_name(key))
                found.append(self._step((*STEPS, position, key), key, value, seen, below))
        return found

    def _step(
        self, path: Path, key: str, value: StepDocument, seen: _Seen, below: list[str]
    ) -> Step:
        match = STEP.fullmatch(key)
        if match is None:
            message, advice = (
                f"'{key}' cannot name a step",
                "write: name, name{2,5}, name{2,} or absent name",
            )
            self.faults.key(path, Code.SEQUENCE, message, advice)
            return Step(key, _NEVER, key)
        absent, name = match[1] is not None, match[2]
        least, most = self._counts(path, match)
        if absent and match[3]:
            message = "an absent step happens not once, so it has no count"
            self.faults.key(path, Code.SEQUENCE, message, f"write: absent {name}")
        when = self._when(path, value, name, seen, below, repeated=match[3] is not None)
        within = self._length(value.within, (*path, "within"))
        seen.add(key)
        return Step(name, when, f"{key}: {value.when}", least, most, within, absent)

    def _counts(self, path: Path, match: re.Match[str]) -> tuple[int, int | None]:
        if match[3] is None:
            return 1, 1
        least = self._count(path, match[3])
        most = self._count(path, match[4]) if match[4] else None
        if least is not None and most is not None and most < least:
            message = f"'{match[0]}' asks for at least {least} and at most {most} rows"
            self.faults.key(path, Code.SEQUENCE, message)
        return least or 1, most

    def _count(self, path: Path, text: str) -> int | None:
        checker = Checker(self.scope)
        node: syntax.Node = syntax.Name(0, len(text), text)
        if text.isdigit():
            node = syntax.Number(0, len(text), int(text[:10]), 0, whole=True)
        count = read_count(checker, node)
        for problem in checker.problems:
            self.faults.key(path, Code.SEQUENCE, f"'{text}': {problem.message}", problem.help)
        return count

    def _when(
        self,
        path: Path,
        value: StepDocument,
        name: str,
        seen: _Seen,
        below: list[str],
        *,
        repeated: bool,
    ) -> Expr:
        later = {other: f"step '{other}' stands below and has no row yet" for other in below}
        own = {} if repeated else {name: f"step '{name}' is this row: leave '{name}.' out"}
        steps = {**seen.steps, **({name: True} if repeated else {})}
        closed = {**later, **seen.closed, **own}
        scope = replace(self.scope.at(Place.STEP), steps=steps, closed_steps=closed)
        when, problems = read_condition(value.when, scope, "a step's condition")
        self.faults.extend((*path, "when"), problems)
        return when or _NEVER

    def _path(self, position: int) -> Path:
        return (*STEPS, position, next(iter(self.document.steps[position])))

    def _order(self, sequence: Sequence, position: int, step: Step) -> None:
        """Report a step that has no meaning where it stands."""
        path, last = self._path(position), position == len(sequence.steps) - 1
        if not step.absent:
            if position == 0 and step.within is not None:
                message = "the first step has no step before it to count from"
                self.faults.key((*path, "within"), Code.SEQUENCE, message)
            return
        if position == 0:
            message = "a sequence begins with a step that happens"
            advice = "what did not happen before is a feature: is_first(), time_since_previous()"
            self.faults.key(path, Code.SEQUENCE, message, advice)
        elif sequence.steps[position - 1].absent:
            message = "two absent steps stand side by side"
            advice = "join their conditions with or into one absent step"
            self.faults.key(path, Code.SEQUENCE, message, advice)
        elif not last and step.within is not None:
            message = "an absent step between two others lasts from the one to the other"
            advice = "leave its within out"
            self.faults.key((*path, "within"), Code.SEQUENCE, message, advice)

    def _bounded(self, sequence: Sequence) -> None:
        """Report a sequence that could wait for ever."""
        if sequence.within is not None:
            return
        first, *others = sequence.present
        ending = [] if sequence.ending is None else [sequence.ending]
        if first.repeated:
            message = f"'{first.name}' is repeated, so the sequence needs a within of its own"
            self.faults.key(("sequence",), Code.SEQUENCE, message, "write within: 24h beside steps")
        for step in (*others, *ending):
            if step.within is None:
                path = self._path(sequence.steps.index(step))
                message = f"within how long must '{step.name}' come?"
                self.faults.key(path, Code.SEQUENCE, message, WITHIN_ADVICE)

    def _searched(self, sequence: Sequence) -> None:
        """Report a step that needs a bound on how far it is searched for."""
        found = why_limited(sequence)
        if found is None or sequence.search_limit is not None:
            return
        step, reason = found
        message = f"step '{step.name}' {reason}, so the sequence needs a search_limit"
        advice = "write search_limit: 1000 beside steps: so many rows are looked at before the last"
        self.faults.key(self._path(sequence.steps.index(step)), Code.SEQUENCE, message, advice)
