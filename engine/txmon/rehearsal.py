"""A run rehearsed: files, mapping, pack, history and output held against each other, unwritten."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from txmon.errors import Finding, Location, PackError
from txmon.evaluate.history import judged_from
from txmon.language.display import EPOCH
from txmon.packs import load_pack
from txmon.plan import compile_plan
from txmon.results import Frozen, MappingStamp
from txmon.schema import Schema
from txmon.sinks import Target, target
from txmon.sources import FileSeen, load_mapping, mapping_stamp, survey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from txmon.language.checked import Pack
    from txmon.plan import Plan
    from txmon.sources import InputMapping, Survey
    from txmon.sources.files import Sources


class Problem(Frozen):
    """Something that would stop the run; with a place where it stands in a file of ours."""

    message: str
    code: str | None = None
    path: str | None = None
    line: int | None = None
    column: int | None = None
    length: int | None = None
    source: str | None = None
    help: str | None = None

    def __str__(self) -> str:
        """As the errors of packs and mappings are written."""
        if self.path is None:
            return self.message
        place = Location(self.path, self.line or 1, self.column or 1, self.length or 1)
        finding = Finding(self.code or "", self.message, place, self.source or "", self.help or "")
        return str(finding)


class RuleSeen(Frozen):
    """A rule that would run, or the columns that it misses."""

    rule_id: str
    severity: str
    missing: tuple[str, ...] = ()


class PackSeen(Frozen):
    """The pack that would run."""

    name: str
    version: str
    hash: str
    timezone: str
    parameters: dict[str, dict[str, str]]


class Span(Frozen):
    """From the earliest to the latest time."""

    first: datetime
    last: datetime

    def meets(self, other: Span) -> bool:
        """Whether there is a time in both."""
        return self.first <= other.last and other.first <= self.last


class HistorySeen(Frozen):
    """How input and history meet.

    Attributes:
        input: the times of the input; None where only reading it all would tell.
        history: those of the history; None likewise, or without one.
        both: files given as both; their rows count as input.
        overlaps: whether the times of both meet; None if they are not known.
        data_start: when the data begins: as declared, or the earliest time, if known.
        wanted: the earliest time that the windows of the rules reach back to.
    """

    input: Span | None
    history: Span | None
    both: tuple[str, ...]
    overlaps: bool | None
    data_start: datetime | None
    wanted: datetime | None


class Rehearsal(Frozen):
    """What would become of a run.

    Attributes:
        would_run: whether it would get as far as reading every row.
        problems: what would stop it.
        pack: the pack; None if it is wrong.
        mapping: the mapping in force.
        files: the input as it looks from outside.
        rules: every rule of the pack; empty if no column is known.
        history: how input and history meet.
        outputs: where it would be written.
    """

    would_run: bool
    problems: tuple[Problem, ...]
    pack: PackSeen | None
    mapping: MappingStamp | None
    files: tuple[FileSeen, ...]
    rules: tuple[RuleSeen, ...]
    history: HistorySeen
    outputs: tuple[Target, ...]


def rehearse(
    source: Sources,
    rules: str | Path | None = None,
    *,
    settings: Mapping[str, str] | None = None,
    tuning: str | Path | None = None,
    select: Sequence[str] = (),
    history: Sources | None = None,
    mapping: str | Path | None = None,
    data_start: datetime | None = None,
    strict: bool = False,
    skip_bad_files: bool = False,
    outputs: Sequence[tuple[str, str | Path]] = (),
    progress: Callable[[str], None] | None = None,
) -> Rehearsal:
    """Say what a run would do, and write nothing.

    Everything that can be known without reading all rows is checked, and every problem is told at
    once. What only a row can show (a damaged page in the middle of a file, a duplicate) is not.

    Args:
        source: as ``score`` takes it.
        rules: a pack or a rule file; by default the shipped pack.
        settings: params, as ``load_pack`` takes them.
        tuning: a file of params and more, likewise.
        select: rules, likewise.
        history: earlier payments.
        mapping: how source columns become canonical ones.
        data_start: when the data begins, if that is declared.
        strict: whether a rule that needs a column the data lacks would stop the run.
        skip_bad_files: whether a file that cannot be read would not.
        outputs: where it is to be written: ``("run", folder)``, ``("table", file)`` or
            ``("delta", table)``.
        progress: called with each step as it begins.
    """
    tell = progress or _unheard
    tell(f"check rules {rules or 'shipped'}")
    problems: list[Problem] = []
    pack = _pack(rules, (settings, tuning), select, problems)
    chosen = None if pack is None else _mapping(mapping, pack, problems)
    found = survey(source, pack, chosen, history=history, tell=tell)
    problems += (Problem(message=message) for message in found.problems)
    problems += _bad_files(found, skip_bad_files=skip_bad_files)
    seen, plan = _rules(pack, found)
    if strict:
        problems += (_lacking(rule) for rule in seen if rule.missing)
    places = tuple(target(kind, path) for kind, path in outputs)
    problems += (Problem(message=place.problem) for place in places if place.problem)
    return Rehearsal(
        would_run=not problems,
        problems=tuple(problems),
        pack=None if pack is None else _pack_seen(pack),
        mapping=None if chosen is None else mapping_stamp(mapping),
        files=found.files,
        rules=seen,
        history=_history(found, plan, data_start),
        outputs=places,
    )


def _unheard(_: str) -> None:
    """Nobody asked."""


def _pack(
    rules: str | Path | None,
    changes: tuple[Mapping[str, str] | None, str | Path | None],
    select: Sequence[str],
    problems: list[Problem],
) -> Pack | None:
    try:
        settings, tuning = changes
        return load_pack(rules, settings=settings, tuning=tuning, select=select)
    except PackError as error:
        problems += map(_placed, error.findings)
        return None


def _mapping(
    mapping: str | Path | None, pack: Pack, problems: list[Problem]
) -> InputMapping | None:
    try:
        return load_mapping(mapping, Schema.with_columns(pack.columns))
    except PackError as error:
        problems += map(_placed, error.findings)
        return None


def _placed(finding: Finding) -> Problem:
    place = finding.location
    return Problem(
        message=finding.message,
        code=str(finding.code),
        path=place.path,
        line=place.line,
        column=place.column,
        length=place.length,
        source=finding.source or None,
        help=finding.help or None,
    )


def _bad_files(found: Survey, *, skip_bad_files: bool) -> Iterator[Problem]:
    """Files that stop the run; where they may be left out, only if nothing is left."""
    wrong = [seen for seen in found.files if seen.problem is not None]
    if skip_bad_files and any(seen.problem is None for seen in found.files if seen.role == "input"):
        return
    if skip_bad_files and wrong:
        yield Problem(message=f"every file of the input is skipped: {wrong[0].problem}")
        return
    yield from (Problem(message=str(seen.problem)) for seen in wrong)


def _rules(pack: Pack | None, found: Survey) -> tuple[tuple[RuleSeen, ...], Plan | None]:
    """Every rule with what it misses, and the plan of those that run."""
    if pack is None or not found.columns:
        return (), None
    running = pack.running()
    plan = compile_plan(running, found.columns)
    seen = {
        condition.rule.id: RuleSeen(
            rule_id=condition.rule.id,
            severity=str(condition.rule.severity),
            missing=condition.missing,
        )
        for condition in (*plan.every_condition, *plan.every_unavailable)
    }
    return tuple(seen[rule.id] for rule in running.rules), plan


def _lacking(rule: RuleSeen) -> Problem:
    names = ", ".join(rule.missing)
    return Problem(message=f"{rule.rule_id}: the data lacks {names}; map it, or leave the rule out")


def _pack_seen(pack: Pack) -> PackSeen:
    return PackSeen(
        name=pack.name,
        version=pack.version,
        hash=pack.content_hash,
        timezone=pack.timezone,
        parameters={rule.id: dict(rule.parameters) for rule in pack.rules},
    )


def _history(found: Survey, plan: Plan | None, data_start: datetime | None) -> HistorySeen:
    payments, past, whole = (
        _span(found, roles) for roles in (("input",), ("history",), ("input", "history"))
    )
    return HistorySeen(
        input=payments,
        history=past,
        both=found.both,
        overlaps=payments.meets(past) if payments and past else None,
        data_start=data_start or (whole.first if whole else None),
        wanted=_wanted(plan, payments.first) if plan and payments else None,
    )


def _wanted(plan: Plan, first: datetime) -> datetime | None:
    """The earliest time that the rules look back to from the first payment."""
    at = np.array([(first - EPOCH) // timedelta(microseconds=1)])
    plans = (plan, *(stratum.plan for stratum in plan.strata))
    found = (judged_from(one, condition, at) for one in plans for condition in one.conditions)
    starts = [int(start[0]) for start in found if start is not None]
    return EPOCH + timedelta(microseconds=min(starts)) if starts else None


def _span(found: Survey, roles: tuple[str, ...]) -> Span | None:
    """The times of all files of some roles, if those of each that has rows are known."""
    files = [
        seen
        for seen in found.files
        if seen.role in roles and seen.problem is None and seen.rows != 0
    ]
    firsts = [seen.first_event_time for seen in files]
    lasts = [seen.last_event_time for seen in files]
    if not files or None in firsts or None in lasts:
        return None
    return Span(first=min(filter(None, firsts)), last=max(filter(None, lasts)))
