"""What ``diff`` says: records of changed rules, of alerts gained, lost and changed, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from txmon.authoring.streams import Stream


@dataclass(frozen=True, slots=True)
class Change:
    """Something that was ``old`` and is ``new``."""

    what: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RuleChange:
    """How one rule differs.

    Attributes:
        rule: its id.
        kind: ``added``, ``removed``, ``logic`` (it computes something else), ``told`` (it computes
            the same and says it otherwise) or ``same``.
        old_version: the version it had; None if it was added.
        new_version: the version it has; None if it was removed.
        params: params with other values.
        texts: other things that are not the same: when, features, severity, title ...
        hint: what to do about the version, or that it is a draft in one of the packs, or empty.
    """

    rule: str
    kind: str
    old_version: str | None
    new_version: str | None
    params: tuple[Change, ...] = ()
    texts: tuple[Change, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Count:
    """Alerts of a rule or a segment: before, now, and those that are gained, lost and changed."""

    old: int
    new: int
    gained: int
    lost: int
    changed: int


@dataclass(frozen=True, slots=True)
class Apart:
    """The shortest stream found on which the two versions of a rule differ; None if none was.

    ``tries`` is how many streams were judged at most, ``cases`` how many cases beside the rules
    there were to begin with.
    """

    stream: Stream | None
    tries: int
    cases: int


@dataclass(frozen=True)
class Diff:
    """Two versions of a pack.

    Attributes:
        old: name and version of the old pack; ``new`` of the new one.
        zone: the new pack's zone, for showing times.
        rules: every rule of either, in order of id.
        compared: ids of the rules whose alerts were compared; those of all others are the same.
        alerts: per compared rule how many alerts there are.
        by: the column of ``segments``, or None.
        segments: alerts by the value of that column.
        gained: alerts that only the new pack raises: the alert's columns, ``reason`` in words and
            ``because``, the clauses behind it. Empty without data.
        lost: alerts that only the old one raises, likewise.
        changed: alerts of both that are not equal: ``fields`` says in what, ``old`` and ``new``
            are the two.
        apart: without data, per rule of another logic the stream that tells the versions apart.
    """

    old: str
    new: str
    zone: str
    rules: tuple[RuleChange, ...]
    compared: tuple[str, ...]
    alerts: Mapping[str, Count]
    by: str | None
    segments: Mapping[str, Count]
    gained: pl.DataFrame
    lost: pl.DataFrame
    changed: pl.DataFrame
    apart: Mapping[str, Apart] = field(default_factory=dict)
    data: bool = True

    @property
    def total(self) -> Count:
        """The alerts of all compared rules."""
        counts = self.alerts.values()
        names = ("old", "new", "gained", "lost", "changed")
        return Count(*(sum(getattr(one, name) for one in counts) for name in names))
