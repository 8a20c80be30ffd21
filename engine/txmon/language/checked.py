"""A checked rule and the pack it stands in: what plan, evaluation and oracle read."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

from txmon.schema import subject_kind
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from txmon.language.nodes import Expr, FeatureNode
    from txmon.language.patterns import Graph
    from txmon.types import Type


class Severity(StrEnum):
    """How grave an alert is, from least to most."""

    INFO = "info"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        """0 for info up to 4 for critical."""
        return list(Severity).index(self)


@dataclass(frozen=True, slots=True)
class Clause:
    """One comparison or Boolean leaf of a condition, with its text in the rule."""

    text: str
    node: Expr


@dataclass(frozen=True, slots=True)
class Level:
    """A condition and what its alert carries; a rule with ``when`` has exactly one.

    ``position`` counts from 0, the highest; earlier is higher.
    """

    position: int
    when: Expr
    clauses: tuple[Clause, ...]
    severity: Severity
    score: int | None
    message: Message | None


@dataclass(frozen=True, slots=True)
class Message:
    """A text with values: literal texts and expressions in turn."""

    parts: tuple[str | Expr, ...]


@dataclass(frozen=True, slots=True)
class Suppress:
    """A hit at less than ``span`` microseconds after the open alert folds into it."""

    span: int
    by_subject: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a sequence: ``least`` to ``most`` rows for which ``when`` is true.

    ``most`` is None for any number.
    ``within``: every row of the step at most so many microseconds after the last row of the step
    before it. An ``absent`` step takes no row: none may come. ``text`` is the step in the file.
    """

    name: str
    when: Expr
    text: str
    least: int = 1
    most: int | None = 1
    within: int | None = None
    absent: bool = False

    @property
    def repeated(self) -> bool:
        """Whether it may take several rows, so that its fields need ``first`` or ``last``."""
        return self.most != 1


@dataclass(frozen=True, slots=True)
class Sequence:
    """Steps in order, each strictly after the one before.

    ``within``: microseconds from the first row to the last, inclusive. ``search_limit``: a chain
    is looked for among so many rows before the one that completes it; None: among all.
    """

    steps: tuple[Step, ...]
    within: int | None
    search_limit: int | None

    @property
    def present(self) -> tuple[Step, ...]:
        """The steps that take rows."""
        return tuple(step for step in self.steps if not step.absent)

    @property
    def ending(self) -> Step | None:
        """The absent step at the end, if there is one."""
        return self.steps[-1] if self.steps[-1].absent else None

    @property
    def span(self) -> int:
        """Microseconds between the first row of a chain and its last, at most."""
        if self.within is not None:
            return self.within
        return sum(step.within or 0 for step in self.present)

    @property
    def delay(self) -> int:
        """Microseconds between the last row of a chain and its alert, at most."""
        ending = self.ending
        if ending is None:
            return 0
        return ending.within if ending.within is not None else self.span

    @property
    def length(self) -> int:
        """Microseconds between the first row of a chain and its alert, at most."""
        ending = self.ending
        return self.span + (ending.within or 0 if ending else 0)

    def barrier(self, position: int) -> Step | None:
        """The absent step before one of the present steps, counted from 0."""
        before = self.steps[self.steps.index(self.present[position]) - 1]
        return before if position and before.absent else None


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule.

    ``by`` is empty for a rule over single payments. ``sided`` rules see each payment once per
    side. A rule over alerts reads the alerts of the rules that ``sources`` name, by id or typology;
    it is empty for a rule over transactions. An ``unreversed`` rule leaves out reversals and what
    they reverse.

    ``features`` are in the file's order; ``feature_texts`` hold their source. ``where_clauses``
    and ``needs_clauses`` are the clauses of the two, as a level has those of its ``when``.
    ``events`` are the kinds of moneyless rows the rule sees. ``parameters`` are display
    texts of the values in force. With ``graph`` the subject is a role, and the levels are asked of
    each path. With ``sequence`` the one level is asked of the latest chain, at the row that
    completes it.
    """

    id: str
    version: str
    title: str
    typology: str
    severity: Severity
    status: str
    by: tuple[str, ...]
    sided: bool
    where: Expr | None
    events: tuple[str, ...]
    features: Mapping[str, FeatureNode]
    needs: Expr | None
    levels: tuple[Level, ...]
    subject: str
    suppress: Suppress | None
    exceptable: tuple[str, ...]
    parameters: Mapping[str, str] = field(default_factory=dict)
    feature_texts: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    references: tuple[str, ...] = ()
    false_positives: tuple[str, ...] = ()
    path: str = ""
    sources: tuple[str, ...] = ()
    unreversed: bool = False
    graph: Graph | None = None
    sequence: Sequence | None = None
    where_clauses: tuple[Clause, ...] = ()
    needs_clauses: tuple[Clause, ...] = ()

    @property
    def shadow(self) -> bool:
        """Whether its alerts are kept apart from those that anyone works on."""
        return self.status == "shadow"

    @property
    def named_columns(self) -> frozenset[str]:
        """Columns of its timelines, its subject and its pattern, sided names included."""
        return frozenset({*self.by, self.subject}) if self.graph is None else self.graph.columns

    @property
    def subject_kind(self) -> str:
        """What an alert's subject is; the roles of a graph pattern are accounts."""
        return subject_kind(self.subject) if self.graph is None else "account"


FIRST_DAY, LAST_DAY = -(1 << 31), (1 << 31) - 1
DAYS = 1 << 32
"""The days of a row that is valid from ever or for ever."""


@dataclass(frozen=True, eq=False)
class ListTable:
    """A named list: rows of one key each, perhaps valid for some days only, with attributes.

    In a dated list a key may have several rows, of which no two are valid on one day: they stand
    together, in order of first day. ``keys`` are texts or integers at the scale of ``key``.
    ``since`` and ``until`` (Int64 days since 1970-01-01) are the first and the last day of each
    row, both of them valid; None if the list is not dated. ``attributes`` has a column of stored
    values (texts, Booleans, else Int64) for each of ``columns``; an empty cell is null.
    """

    key: Type
    keys: pl.Series
    columns: Mapping[str, Type] = field(default_factory=dict)
    attributes: pl.DataFrame = field(default_factory=pl.DataFrame)
    since: pl.Series | None = None
    until: pl.Series | None = None

    @classmethod
    def of(cls, key: Type, values: Iterable[int | str]) -> ListTable:
        """An undated list of keys without attributes."""
        dtype = pl.String if key.kind is Kind.TEXT else pl.Int64
        return cls(key, pl.Series("key", sorted(values), dtype=dtype))

    @property
    def values(self) -> frozenset[int | str]:
        """The different keys."""
        return frozenset(self.keys)

    @cached_property
    def groups(self) -> pl.DataFrame:
        """Each different ``key`` in order and its ``first`` row; their numbers are groups."""
        rows = pl.DataFrame({"key": self.keys}).with_row_index("first")
        return rows.unique("key", keep="first", maintain_order=True).cast({"first": pl.Int64})

    @cached_property
    def hashes(self) -> pl.DataFrame:
        """The ``hash`` of each different key in ascending order, with its ``group``."""
        hashed = self.groups.select(hash=pl.col("key").hash()).with_row_index("group")
        return hashed.cast({"group": pl.Int64}).sort("hash")

    @cached_property
    def unambiguous(self) -> bool:
        """Whether every key has a hash of its own."""
        return not self.hashes["hash"].is_duplicated().any()

    @cached_property
    def begins(self) -> pl.Series:
        """Of a dated list, group and first day of each row in one ascending integer."""
        assert self.since is not None  # noqa: S101 - what is dated has it
        return self.keys.rle_id().cast(pl.Int64) * DAYS + (self.since - FIRST_DAY)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ListTable) and self._content() == other._content()

    def __hash__(self) -> int:
        return hash((self.key, self.keys.len()))

    def _content(self) -> tuple[object, ...]:
        days = tuple(None if one is None else one.to_list() for one in (self.since, self.until))
        attributes = self.attributes.to_dict(as_series=False)
        return self.key, self.keys.to_list(), self.columns, attributes, days


@dataclass(frozen=True, slots=True)
class Rate:
    """Reporting units per unit of ``currency`` from ``day`` (days since 1970-01-01) on.

    The rate is exactly ``numerator / 10**scale``.
    """

    currency: str
    day: int
    numerator: int
    scale: int


@dataclass(frozen=True, slots=True)
class ExceptionEntry:
    """Who is excepted from some rules, by whom, until when.

    ``rules`` are ids; ``values`` the stored values that every named column must have one of;
    ``since`` (None: ever) and ``until`` the first and last day, days since 1970-01-01, in the
    pack's zone.
    """

    id: str
    rules: tuple[str, ...]
    values: Mapping[str, tuple[int | str | bool, ...]]
    owner: str
    reason: str
    since: int | None
    until: int


@dataclass(frozen=True, slots=True)
class Pack:
    """A checked pack: rules in order of id, the columns they may name, lists and rates.

    ``max_rate_age`` is for how many days after its own a rate holds; None: until the next one.
    ``asked`` are ids of rules that were asked for one by one: of these, drafts run too. ``drafts``
    are ids of rules that were left out because they are drafts.
    ``holidays`` are days off beside Saturday and Sunday, as days since 1970-01-01.
    """

    name: str
    version: str
    currency: str
    timezone: str
    columns: Mapping[str, Type]
    values: Mapping[str, tuple[str, ...]]
    rules: tuple[Rule, ...]
    lists: Mapping[str, ListTable]
    rates: tuple[Rate, ...]
    content_hash: str
    path: str = ""
    max_rate_age: int | None = None
    asked: frozenset[str] = frozenset()
    drafts: tuple[str, ...] = ()
    exceptions: tuple[ExceptionEntry, ...] = ()
    holidays: frozenset[int] = frozenset()

    def running(self) -> Pack:
        """The pack without the drafts that nobody asked for, whose ids stand in ``drafts``."""
        idle = [one.id for one in self.rules if one.status == "draft" and one.id not in self.asked]
        kept = tuple(rule for rule in self.rules if rule.id not in idle)
        return replace(self, rules=kept, drafts=tuple(idle))
