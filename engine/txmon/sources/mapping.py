"""How the columns of somebody's file become the canonical ones: the document of a mapping.

Every scalar is its source text, as in a pack, so ``NO`` and ``010`` stay what they were.
"""

from __future__ import annotations

import zoneinfo
from datetime import datetime
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator
from pydantic_core import PydanticCustomError

from txmon.model import Document, Filled
from txmon.sources.decimals import GROUPINGS
from txmon.sources.times import STEPS, TimeForm

_UNMAPPABLE = '"\r\n'


def refuse(message: str) -> PydanticCustomError:
    """A value that its key does not take, in words."""
    return PydanticCustomError("txmon_value", "{message}", {"message": message})


def _true(value: object) -> object:
    if value not in ("true", True):
        raise refuse(f"expected true, found '{value}'")
    return True


class ColumnMap(Document):
    """Where one canonical column comes from and how its values are read.

    Exactly one of ``column``, ``constant``, ``join`` and ``row_number`` names the source.

    Attributes:
        column: a column of the source.
        constant: the same text on every row.
        join: columns of the source, joined by ``with``; null if any of them is.
        joiner: the ``with`` of a join.
        row_number: the 1-based number of the row in its file.
        values: what a source value is called here; others take ``default``.
        default: name of values not in ``values``; without it their rows are rejected.
        missing: value where the source has none.
        format: strptime format of a time or date.
        zone: zone of times that name none.
        steps: the source counts these steps from ``start``, a wall-clock time in ``zone``.
        start: the time of step 0.
        round: rounds amounts half-even to their currency's digits instead of rejecting more.
        decimal: the decimal mark of numbers, ``.`` or ``,``.
        thousands: the mark between thousands of numbers; ``space`` is any blank, broken or not.
    """

    column: Filled | None = None
    constant: Filled | None = None
    join: tuple[Filled, ...] | None = None
    joiner: str = Field(default="", alias="with")
    row_number: Annotated[bool | None, BeforeValidator(_true)] = None
    values: dict[str, str] | None = None
    default: Filled | None = None
    missing: Filled | None = None
    format: Filled | None = None
    zone: Filled | None = None
    steps: Filled | None = None
    start: Filled | None = None
    round: Filled | None = None
    decimal: Filled = "."
    thousands: Filled | None = None

    @field_validator("join")
    @classmethod
    def _several(cls, join: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if join is not None and len(join) < 2:  # noqa: PLR2004  a join of one is a column
            raise refuse("a join takes two columns or more")
        return join

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, zone: str | None) -> str | None:
        if zone is not None and zone not in zoneinfo.available_timezones():
            raise refuse(f"'{zone}' is no time zone; write one like Asia/Shanghai or UTC")
        return zone

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

    @field_validator("decimal")
    @classmethod
    def _known_mark(cls, decimal: str) -> str:
        if decimal not in {".", ","}:
            raise refuse(f"""expected "." or ",", found '{decimal}'""")
        return decimal

    @field_validator("thousands")
    @classmethod
    def _known_grouping(cls, thousands: str | None) -> str | None:
        if thousands is not None and thousands not in GROUPINGS:
            known = ", ".join(GROUPINGS)
            raise refuse(f"expected one of {known}, found '{thousands}'")
        return thousands

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        origins = (self.column, self.constant, self.join, self.row_number)
        if sum(origin is not None for origin in origins) != 1:
            raise refuse("name exactly one of column, constant, join and row_number")
        if self.join is None and self.joiner:
            raise refuse("with belongs beside join")
        if self.default is not None and self.values is None:
            raise refuse("default belongs beside values")
        if (self.steps is None) != (self.start is None):
            raise refuse("steps and start belong together")
        if self.steps is not None and (self.zone is None or self.format is not None):
            raise refuse("steps take a start and a zone, and no format")
        if self.thousands == self.decimal:
            raise refuse("decimal and thousands are the same mark")
        return self

    @property
    def sources(self) -> tuple[str, ...]:
        """The source columns it reads."""
        return (self.column,) if self.column is not None else self.join or ()

    @property
    def tells_time(self) -> bool:
        """Whether it says anything that only a time understands."""
        return self.zone is not None or self.steps is not None

    def time_form(self) -> TimeForm:
        """How it tells time."""
        start = None if self.start is None else _wall(self.start)
        return TimeForm(self.format, self.zone, self.steps, start)


def _wall(text: str) -> datetime | None:
    try:
        start = datetime.fromisoformat(text)
    except ValueError:
        return None
    return start if start.tzinfo is None else None


def _header(value: object) -> object:
    if value in ("true", True):
        return ()
    if value in ("false", False):
        raise refuse("a file without a header needs the names of its columns: header: [id, ...]")
    if isinstance(value, str):
        raise refuse(f"expected true or the names of the columns, found '{value}'")
    return value


class CsvForm(Document):
    """How a CSV file is written.

    Attributes:
        separator: one character between fields; ``tab`` may be spelt out.
        quote: one character around fields; empty (``none`` in YAML) where quotes mean nothing.
        encoding: a Python codec name.
        header: the names of all columns in order, where the file's first line is a row already.
    """

    separator: Filled = ","
    quote: Filled = '"'
    encoding: Filled = "utf-8"
    header: Annotated[tuple[Filled, ...], BeforeValidator(_header)] = ()

    @field_validator("separator")
    @classmethod
    def _one_character(cls, separator: str) -> str:
        character = "\t" if separator == "tab" else separator
        if len(character) != 1 or not character.isascii() or character in _UNMAPPABLE:
            raise refuse("a separator is one character, no quote and no line break")
        return character

    @field_validator("quote")
    @classmethod
    def _one_quote(cls, quote: str) -> str:
        character = "" if quote == "none" else quote
        if len(character) > 1 or not character.isascii() or character in {"\r", "\n"}:
            raise refuse("a quote is one character, no line break, or none")
        return character

    @model_validator(mode="after")
    def _two_marks(self) -> Self:
        if self.quote == self.separator:
            raise refuse("quote and separator are the same character")
        return self

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            b"a".decode(encoding, errors="replace")
        except LookupError:
            raise refuse(f"'{encoding}' is no text encoding; write one like gb18030") from None
        return encoding

    @field_validator("header")
    @classmethod
    def _no_name_twice(cls, header: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise refuse(f"the name '{twice[0]}' stands twice")
        return header


def _column_map(value: object) -> object:
    """A bare name is short for ``{column: name}``."""
    return {"column": value} if isinstance(value, str) else value


class InputMapping(Document):
    """A whole mapping.

    Attributes:
        columns: canonical (or sided) column -> its source.
        csv: how CSV is written.
        storage: options of an object store, by the names that Polars gives them.
    """

    columns: dict[str, Annotated[ColumnMap, BeforeValidator(_column_map)]] = Field(
        default_factory=dict
    )
    csv: CsvForm = CsvForm()
    storage: dict[str, str] = Field(default_factory=dict)

    @property
    def numbers_rows(self) -> bool:
        """Whether ``sequence`` is the row's place in its file, which is no part of its content."""
        sequence = self.columns.get("sequence")
        return sequence is not None and sequence.row_number is not None


IDENTITY = InputMapping()
"""The mapping of a source that already has canonical names."""
