"""What a run tells: counts of rows, outcomes per rule, and the summary of a whole run."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, JsonValue

OUTCOMES = ("not_applicable", "insufficient_history", "unknown", "hit", "no_hit")
CAUSES = (
    "nothing_in_window",
    "missing_value",
    "zero_denominator",
    "overflow",
    "search_bound",
)


class Frozen(BaseModel):
    """Base of the immutable records below."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Counts(Frozen):
    """Rows of the input; ``read == accepted + rejected + duplicate + late`` always."""

    read: int = 0
    accepted: int = 0
    rejected: int = 0
    duplicate: int = 0
    late: int = 0


class Fingerprint(Frozen):
    """What identifies one input: its name, rows read, size in bytes and SHA-256 of its content.

    ``role`` is what it was read for: payments to score, their history, or a table joined on.
    """

    name: str
    role: Literal["input", "history", "table"] = "input"
    rows: int
    bytes: int | None = None
    sha256: str | None = None


class MappingStamp(Frozen):
    """The mapping in force: its name, and the SHA-256 of its content."""

    name: str
    sha256: str


class Versions(Frozen):
    """What computed the run."""

    txmon: str
    python: str
    polars: str
    pyarrow: str
    numba: str


class SkippedFile(Frozen):
    """A file that was left out because it cannot be read; its rows count nowhere."""

    name: str
    reason: str
    history: bool


class RuleSummary(Frozen):
    """One rule's outcomes over the rows of a run.

    ``outcomes`` and ``unknown_causes`` count rows (sided rules: a row per side). ``skipped`` counts
    per feature the rows its ``where`` could not decide. ``unavailable`` says which columns the data
    lacks, if the rule could not run at all. Hits are alerts, ``folded`` or ``excepted``; the alerts
    of a rule whose ``status`` is shadow stand apart from the others. The rows of a rule over alerts
    are the alerts that it reads.
    """

    rule_id: str
    version: str
    title: str
    typology: str
    severity: str
    outcomes: dict[str, int]
    unknown_causes: dict[str, int]
    skipped: dict[str, int]
    alerts: int
    folded: int
    excepted: int = 0
    status: str = "stable"
    unavailable: str | None = None


class ExceptionSummary(Frozen):
    """An exception of the pack, and how many hits it took out.

    It holds from day ``since`` (null: ever) to day ``until`` in the pack's zone.
    """

    id: str
    rules: tuple[str, ...]
    values: dict[str, tuple[str, ...]]
    owner: str
    reason: str
    since: date | None
    until: date
    hits: int


class Summary(Frozen):
    """A whole run: what came in, what each rule said, how long each stage took (seconds).

    ``alerts`` leaves out those of rules in shadow, which are ``shadow_alerts``; ``drafts`` are the
    ids of rules that did not run because they are drafts.

    The engine reads no clock and knows no options: ``started``, ``ended`` and ``options`` are what
    its caller says of the occasion.
    """

    started: datetime | None = None
    ended: datetime | None = None
    versions: Versions
    pack: str
    pack_version: str
    pack_hash: str
    counts: Counts
    history: Counts
    data_start: datetime | None
    first_event_time: datetime | None
    last_event_time: datetime | None
    alerts: int
    hits: int
    rules: tuple[RuleSummary, ...]
    seconds: dict[str, float]
    inputs: tuple[Fingerprint, ...]
    mapping: MappingStamp | None = None
    skipped: tuple[SkippedFile, ...] = ()
    parameters: dict[str, dict[str, str]]
    shadow_alerts: int = 0
    exceptions: tuple[ExceptionSummary, ...] = ()
    drafts: tuple[str, ...] = ()
    options: dict[str, JsonValue] = {}
