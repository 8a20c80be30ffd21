"""One column of a mapping: where it comes from and how its values are read.

Every scalar is its source text, as in a pack, so ``NO`` and ``010`` stay what they were.
"""

from __future__ import annotations

import re
import zoneinfo
from datetime import datetime
from typing import Annotated, Any, Self

import polars as pl
from pydantic import BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from txmon.model import Document, Filled
from txmon.schema import DECLARABLE
from txmon.sources.times import EPOCHS, STEPS, TimeForm
from txmon.types import INT64_BITS, Kind, Type

ORIGINS = ("column", "constant", "join", "expression", "row_number")
"""The keys that say where a column comes from; exactly one of them stands in each."""

THOUSANDS = (",", ".", "'", " ")
"""Marks between groups of digits; a blank also stands for the blanks that do not break."""

SOURCE_TYPES = (*DECLARABLE, "number")
MAX_SCALE = 12
MAX_WIDTH = 100
MAX_PATTERN = 1_000


def refuse(message: str) -> PydanticCustomError:
    """A value that its key does not take, in words."""
    return PydanticCustomError("txmon_value", "{message}", {"message": message})


def _true(value: object) -> object:
    if value not in ("true", True):
        raise refuse(f"expected true, found '{value}'")
    return True


def _whole(most: int) -> BeforeValidator:
    def check(value: object) -> object:
        if isinstance(value, str):
            if not (value.isascii() and value.isdigit() and int(value[:9]) <= most):
                raise refuse(f"expected a whole number from 0 to {most}, found '{value}'")
            return int(value)
        return value

    return BeforeValidator(check)


def _one_of(key: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    if value is not None and value not in allowed:
        raise refuse(f"{key}: expected one of {', '.join(allowed)}, found '{value}'")
    return value


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _choice(*allowed: str) -> Any:
    return Field(default=None, json_schema_extra={"enum": list(allowed)})


_ONE_ORIGIN: dict[str, Any] = {"oneOf": [{"required": [origin]} for origin in ORIGINS]}


class ColumnMap(Document):
    """Where one canonical column comes from and how its values are read.

    Exactly one of ``column``, ``constant``, ``join``, ``expression`` and ``row_number`` names the
    source; a name declared under ``source:`` may stand for a column.

    Attributes:
        column: a column of the source.
        constant: the same text on every row.
        join: columns of the source, joined by ``with``; null if any of them is.
        joiner: the ``with`` of a join.
        expression: an expression of the rule language over the names under ``source:``.
        row_number: the 1-based number of the row in its file.
        empty: texts that stand for no value.
        extract: a regular expression; its first group is the value.
        width: texts shorter than this get zeros in front.
        values: what a source value is called here; others take ``default``.
        default: name of values not in ``values``; without it their rows are rejected.
        missing: value where the source has none.
        format: strptime format of a time or date.
        zone: zone of times that name none.
        epoch: the source counts these units from 1970-01-01 UTC.
        steps: the source counts these steps from ``start``, a wall-clock time in ``zone``.
        start: the time of step 0.
        round: rounds amounts half-even to their currency's digits instead of rejecting more.
        unit: ``minor`` if amounts count the currency's smallest unit, such as cents.
        decimal: the decimal mark of numbers, ``.`` or ``,``.
        thousands: the mark between groups of digits; none by default.
    """

    model_config = ConfigDict(json_schema_extra=_ONE_ORIGIN)

    column: Filled | None = None
    constant: Filled | None = None
    join: tuple[Filled, ...] | None = None
    joiner: str = Field(default="", alias="with")
    expression: Filled | None = None
    row_number: Annotated[bool | None, BeforeValidator(_true)] = None
    empty: Annotated[
        tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])
    ] = ()
    extract: Filled | None = None
    width: Annotated[int | None, _whole(MAX_WIDTH)] = None
    values: dict[str, str] | None = None
    default: Filled | None = None
    missing: Filled | None = None
    format: Filled | None = None
    zone: Filled | None = None
    epoch: Filled | None = _choice(*EPOCHS)
    steps: Filled | None = _choice(*STEPS)
    start: Filled | None = None
    round: Filled | None = _choice("half_even")
    unit: Filled | None = _choice("major", "minor")
    decimal: Filled = Field(default=".", json_schema_extra={"enum": [".", ","]})
    thousands: str | None = _choice(*THOUSANDS)

    @field_validator("join")
    @classmethod
    def _several(cls, join: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if join is not None and len(join) < 2:  # noqa: PLR2004  a join of one is a column
            raise refuse("a join takes two columns or more")
        return join

    @field_validator("extract")
    @classmethod
    def _one_group(cls, pattern: str | None) -> str | None:
        if pattern is not None and not _extracts(pattern):
            raise refuse(f"'{pattern}' is no regular expression with a group ( )")
        return pattern

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in zoneinfo.available_timezones():
            raise refuse(f"'{zone}' is no time zone; write one like Asia/Shanghai or UTC")
        return zone

    @field_validator("epoch")
    @classmethod
    def _known_epoch(cls, epoch: str | None) -> str | None:
        return _one_of("epoch", epoch, tuple(EPOCHS))

    @field_validator("steps")
    @classmethod
    def _known_step(cls, steps: str | None) -> str | None:
        if steps is not None and steps not in STEPS:
            raise refuse(f"expected one of {', '.join(STEPS)}, found '{steps}'")
        return steps

    @field_validator("start")
    @classmethod
    def _wall_clock(cls, start: str | None) -> str | None:
        if start is not None and _wall(start) is None:
            raise refuse(f"'{start}' is no wall-clock time; write 2020-01-01 or 2020-01-01T09:00")
        return start

    @field_validator("round")
    @classmethod
    def _known_rounding(cls, rounding: str | None) -> str | None:
        if rounding not in (None, "half_even"):
            raise refuse(f"expected half_even, found '{rounding}'")
        return rounding

    @field_validator("unit")
    @classmethod
    def _known_unit(cls, unit: str | None) -> str | None:
        return _one_of("unit", unit, ("major", "minor"))

    @field_validator("decimal")
    @classmethod
    def _known_mark(cls, decimal: str) -> str:
        if decimal not in {".", ","}:
            raise refuse(f"""expected "." or ",", found '{decimal}'""")
        return decimal

    @field_validator("thousands")
    @classmethod
    def _known_group_mark(cls, mark: str | None) -> str | None:
        if mark is not None and mark not in THOUSANDS:
            raise refuse(f"""expected one of "," "." "'" " ", found '{mark}'""")
        return mark

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        origins = (self.column, self.constant, self.join, self.expression, self.row_number)
        if sum(origin is not None for origin in origins) != 1:
            raise refuse("name exactly one of column, constant, join, expression and row_number")
        if self.join is None and self.joiner:
            raise refuse("with belongs beside join")
        if self.default is not None and self.values is None:
            raise refuse("default belongs beside values")
        if (self.steps is None) != (self.start is None):
            raise refuse("steps and start belong together")
        if self.steps is not None and (self.zone is None or self.format is not None):
            raise refuse("steps take a start and a zone, and no format")
        if self.epoch is not None and (self.steps or self.zone or self.format):
            raise refuse("an epoch counts from 1970 in UTC: no steps, zone or format beside it")
        if self.thousands == self.decimal:
            raise refuse("the thousands mark and the decimal mark are the same")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The columns and declared names it reads, those of an expression left out."""
        return (self.column,) if self.column is not None else self.join or ()

    @property
    def tells_time(self) -> bool:
        """Whether it says anything that only a time understands."""
        return self.zone is not None or self.steps is not None or self.epoch is not None

    @property
    def reads_text(self) -> bool:
        """Whether its values are looked at as texts before they are read."""
        texts = (self.extract, self.width, self.values, self.missing)
        return bool(self.empty) or any(option is not None for option in texts)

    def time_form(self) -> TimeForm:
        """How it tells time."""
        start = None if self.start is None else _wall(self.start)
        return TimeForm(self.format, self.zone, self.steps, start, self.epoch)


class SourceColumn(ColumnMap):
    """A name for expressions: a column of the source, its type and how its values are read.

    Attributes:
        type: what it is: text, int, bool, money, time, date or number.
        scale: decimal places of a number.
    """

    model_config = ConfigDict(json_schema_extra={})

    type: Filled = Field(json_schema_extra={"enum": list(SOURCE_TYPES)})
    scale: Annotated[int | None, _whole(MAX_SCALE)] = None

    @field_validator("type")
    @classmethod
    def _known_type(cls, name: str) -> str:
        if name not in SOURCE_TYPES:
            raise refuse(f"expected one of {', '.join(SOURCE_TYPES)}, found '{name}'")
        return name

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.expression is not None or self.row_number is not None:
            raise refuse("under source: a name reads a column, a constant or a join")
        if (self.scale is not None) != (self.type == "number"):
            raise refuse("a number needs a scale: its decimal places; other types take none")
        if self.round is not None or self.unit == "minor":
            raise refuse("round and unit depend on the currency: write them where amount is made")
        return self

    @property
    def value_type(self) -> Type:
        """The type of its values in expressions."""
        if self.type == "number":
            return Type(Kind.NUMBER, scale=self.scale or 0, bits=INT64_BITS)
        return DECLARABLE[self.type]


def _wall(text: str) -> datetime | None:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    return start if start.tzinfo is None else None


def _extracts(pattern: str) -> bool:
    """Whether a pattern is one that Polars reads too, with a group."""
    try:
        groups = re.compile(pattern).groups if len(pattern) <= MAX_PATTERN else 0
        pl.Series([""], dtype=pl.String).str.extract(pattern, 1)
    except (re.error, pl.exceptions.PolarsError):
        return False
    return groups > 0
