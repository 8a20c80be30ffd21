"""The documents of a pack as they stand in files: which keys there are, texts still unread.

Every scalar is its source text, so ``0.10`` and ``NO`` stay what they were. Unknown keys are
refused. What the texts mean is the language's business.
"""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

SEVERITIES = ("info", "low", "medium", "high", "critical")
STATUSES = ("draft", "experimental", "shadow", "stable", "deprecated")
MAX_SCORE = 1_000
PARAM_TYPES = ("money", "number", "int", "text", "bool", "duration", "date", "list")

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_VERSION = re.compile(r"\d{1,6}\.\d{1,6}\.\d{1,6}")
_TYPOLOGY = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*")
_CURRENCY = re.compile(r"[A-Z]{3}")


class Document(BaseModel):
    """Base of the documents: frozen, and nothing that is not named is accepted."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _refuse(message: str) -> PydanticCustomError:
    return PydanticCustomError("txmon_value", "{message}", {"message": message})


def _matching(pattern: re.Pattern[str], example: str) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, str) and not pattern.fullmatch(value):
            raise _refuse(f"expected {example}, found '{value}'")
        return value

    shown = WithJsonSchema({"type": "string", "pattern": f"^({pattern.pattern})$"})
    return BeforeValidator(check, json_schema_input_type=Annotated[str, shown])


def _one_of(allowed: tuple[str, ...]) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, str) and value not in allowed:
            choices = {"choices": allowed, "value": value}
            raise PydanticCustomError("txmon_choice", "not one of the choices", choices)
        return value

    shown = WithJsonSchema({"enum": list(allowed)})
    return BeforeValidator(check, json_schema_input_type=Annotated[str, shown])


def _filled(value: object) -> object:
    if isinstance(value, str) and not value.strip():
        raise _refuse("a text is needed here, and it is empty")
    return value


def _score(value: object) -> object:
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and int(value[:9]) <= MAX_SCORE):
            raise _refuse(f"expected a whole number from 0 to {MAX_SCORE}, found '{value}'")
        return int(value)
    return value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_suppress(value: object) -> object:
    return {"for": value} if isinstance(value, str) else value


Filled = Annotated[str, BeforeValidator(_filled)]
Id = Annotated[str, _matching(_ID, "a lower-case id such as safe-account-drip")]
Version = Annotated[str, _matching(_VERSION, "a version such as 1.0.0")]
Typology = Annotated[str, _matching(_TYPOLOGY, "a typology such as scam.safe-account")]
SeverityText = Annotated[str, _one_of(SEVERITIES)]
StatusText = Annotated[str, _one_of(STATUSES)]
Score = Annotated[int, BeforeValidator(_score)]
Texts = Annotated[
    tuple[Filled, ...], BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])
]


_LINT = re.compile(r"L\d{3}")


class LintDocument(Document):
    """A lint that is not to be told, and why; ``at`` is the one place that it is about."""

    code: Annotated[str, _matching(_LINT, "a lint's code such as L104")]
    at: Filled | None = None
    reason: Filled


class ParamDocument(Document):
    """One tunable value: its type, default, and other values by a column's text."""

    type: Annotated[str, _one_of(PARAM_TYPES)]
    default: str | tuple[str, ...]
    vary: dict[str, dict[str, str | tuple[str, ...]]] = Field(default_factory=dict)


class SuppressDocument(Document):
    """For how long further hits fold into an open alert, and by what."""

    span: Filled = Field(alias="for")
    by: Annotated[str, _one_of(("timeline", "subject"))] = "timeline"


class AlertDocument(Document):
    """What a rule's alert carries."""

    subject: Filled | None = None
    suppress: Annotated[
        SuppressDocument | None,
        BeforeValidator(_as_suppress, json_schema_input_type=str | SuppressDocument),
    ] = None
    score: Score | None = None
    exceptable: Texts = ()
    message: Filled | None = None


class LevelDocument(Document):
    """One band of a rule; a missing key is the rule's."""

    when: Filled
    severity: SeverityText | None = None
    score: Score | None = None
    message: Filled | None = None


class StepDocument(Document):
    """A step of a sequence with a limit of its own."""

    when: Filled
    within: Filled | None = None


def _as_step(value: object) -> object:
    if isinstance(value, dict):
        return {
            key: {"when": step} if isinstance(step, str) else step for key, step in value.items()
        }
    return value


Step = Annotated[
    dict[str, StepDocument],
    BeforeValidator(_as_step, json_schema_input_type=dict[str, str | StepDocument]),
]


class SequenceDocument(Document):
    """Steps in order; each is one key with its condition."""

    steps: tuple[Step, ...]
    within: Filled | None = None
    search_limit: Filled | None = None


class GraphDocument(Document):
    """One graph pattern with its bounds."""

    cycle: dict[str, Filled] | None = None
    chain: dict[str, Filled] | None = None
    scatter_gather: dict[str, Filled] | None = None
    shared: dict[str, Filled] | None = None


class RuleDocument(Document):
    """A rule file."""

    id: Id
    version: Version
    title: Filled
    typology: Typology
    severity: SeverityText
    status: StatusText
    description: str = ""
    references: Texts = ()
    false_positives: Texts = ()
    by: Texts = ()
    where: Filled | None = None
    events: Texts = ()
    params: dict[str, ParamDocument] = Field(default_factory=dict)
    features: dict[str, Filled] = Field(default_factory=dict)
    needs: Filled | None = None
    when: Filled | None = None
    levels: tuple[LevelDocument, ...] | None = None
    sequence: SequenceDocument | None = None
    graph: GraphDocument | None = None
    reversals: Annotated[str, _one_of(("count", "leave_out"))] = "count"
    input: Annotated[str, _one_of(("transactions", "alerts"))] | None = None
    sources: Texts = Field(default=(), alias="from")
    alert: AlertDocument = AlertDocument()
    lint: tuple[LintDocument, ...] = ()


class ColumnDocument(Document):
    """A column that a pack adds: its type, and the scale of a number."""

    type: Filled
    scale: Annotated[int | None, BeforeValidator(_score)] = None


def _as_column(value: object) -> object:
    return {"type": value} if isinstance(value, str) else value


class RatesDocument(Document):
    """How old a rate may be."""

    max_age: Filled


class PackDocument(Document):
    """pack.yaml."""

    name: Id
    version: Version
    currency: Annotated[str, _matching(_CURRENCY, "a currency code such as EUR")]
    timezone: Filled
    description: str = ""
    extends: Texts = ()
    replaces: Texts = ()
    columns: dict[
        str,
        Annotated[
            ColumnDocument, BeforeValidator(_as_column, json_schema_input_type=str | ColumnDocument)
        ],
    ] = Field(default_factory=dict)
    values: dict[str, Texts] = Field(default_factory=dict)
    holidays: Filled | None = None
    rates: RatesDocument | None = None
    define: dict[str, Filled] = Field(default_factory=dict)
    lint: tuple[LintDocument, ...] = ()


class TunedParamDocument(Document):
    """Other values of a param: its default, its cases, or both."""

    default: str | tuple[str, ...] | None = None
    vary: dict[str, dict[str, str | tuple[str, ...]]] | None = None


class TunedRuleDocument(Document):
    """What is different about one rule, whose choice it is and why."""

    params: dict[str, str | tuple[str, ...] | TunedParamDocument] = Field(default_factory=dict)
    severity: SeverityText | None = None
    score: Score | None = None
    status: StatusText | None = None
    enabled: Annotated[str, _one_of(("true", "false"))] = "true"
    owner: Filled | None = None
    reason: Filled | None = None


class TuningDocument(Document):
    """tuning.yaml."""

    rules: dict[str, TunedRuleDocument]


class ExceptionDocument(Document):
    """One exception: from which rule or typology, for whom, by whom and until when."""

    rule: Filled
    values: dict[str, Texts] = Field(alias="for")
    owner: Filled
    reason: Filled
    since: Filled | None = Field(default=None, alias="from")
    until: Filled
    id: Id | None = None


class ExceptionsDocument(Document):
    """exceptions.yaml."""

    exceptions: tuple[ExceptionDocument, ...]


class LockedDocument(Document):
    """What a version of a rule stands for."""

    version: Version
    logic: Filled


class LockDocument(Document):
    """rules.lock."""

    rules: dict[str, LockedDocument]


class BecauseDocument(Document):
    """Which part of the rule keeps a row from raising an alert."""

    clause: Filled = Field(
        description=(
            "The clause as the rule writes it, in when, needs, where or a level; or the name of a "
            "sequence's step; or suppressed. Behind a clause 'is unknown' says that it is neither "
            "true nor false there."
        )
    )
    at: Filled | None = Field(
        default=None, description="When the row is, such as +406h; by default the last row."
    )


def _as_because(value: object) -> object:
    return {"clause": value} if isinstance(value, str) else value


class CaseDocument(Document):
    """One case: rows in an aligned table or a data file, and the alerts that they must give."""

    name: Filled = Field(description="What the case shows; unique in the file.")
    events: Filled | None = Field(
        default=None,
        description=(
            "The rows, an aligned table: at and columns, a line a row. +0h..+5h/20min or "
            "+0h/20min*6 in the place of a time makes a line many rows, with {n}, {100+20n} and "
            "{A|B} in its cells. - is no value."
        ),
    )
    data: Filled | None = Field(
        default=None,
        description="A .csv or .parquet file of rows, from this file's folder, instead of events.",
    )
    expect: tuple[dict[str, str], ...] = Field(
        description="The alerts, each with the fields that matter; [] is silence."
    )
    because: Annotated[
        BecauseDocument | None,
        BeforeValidator(_as_because, json_schema_input_type=str | BecauseDocument),
    ] = Field(
        default=None,
        description="The part of the rule that must be what keeps the last row silent.",
    )
    todo: Filled | None = Field(
        default=None, description="Why the case may fail for now; it is run and told all the same."
    )
    settings: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict, alias="set", description="Params of the rule with other values."
    )
    data_start: Filled | None = Field(
        default=None, description="When the data begins, with its zone; by default the first row."
    )


class CaseFileDocument(Document):
    """A ``.cases.yaml`` file: the cases of one rule.

    ``row`` holds the defaults of every row; ``start`` is the time that ``at`` counts from.
    """

    rule: Id
    start: Filled
    row: dict[str, str] = Field(default_factory=dict)
    cases: tuple[CaseDocument, ...]


class ClaimDocument(Document):
    """A mutant of a rule that means the same as the rule, and why."""

    id: Filled = Field(description="The mutant's id, as txmon mutate tells it.")
    change: Filled = Field(description="What it changes, as txmon mutate tells it.")
    reason: Filled = Field(description="Why no payments can tell it from the rule.")


class ClaimFileDocument(Document):
    """A ``.mutants.yaml`` file: the mutants of one rule that mean the same as the rule."""

    rule: Id
    equivalent: tuple[ClaimDocument, ...]


Plain = str | list[Any] | dict[str, Any]
"""What a document is validated from: texts, lists and maps."""
