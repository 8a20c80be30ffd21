"""How the columns of somebody's file become the canonical ones: the document of a mapping."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from txmon.model import Document, Filled
from txmon.sources.column_map import ColumnMap, SourceColumn, refuse

_UNMAPPABLE = '"\r\n'


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


def _source_columns(value: object) -> object:
    """``debit: money`` is short for ``{column: debit, type: money}``; a column has its own name."""
    if not isinstance(value, dict):
        return value
    return {name: _source_column(name, spec) for name, spec in value.items()}


def _source_column(name: object, spec: object) -> object:
    if isinstance(spec, str):
        return {"column": name, "type": spec}
    if isinstance(spec, dict) and not {"column", "constant", "join", "expression"} & spec.keys():
        return {"column": name, **spec}
    return spec


Column = Annotated[ColumnMap, BeforeValidator(_column_map, json_schema_input_type=str | ColumnMap)]


class Reference(Document):
    """A small table beside the payments, such as the bank's accounts, whose columns are joined on.

    Attributes:
        file: CSV or Parquet; a path that is not absolute begins at the mapping's folder.
        on: the canonical column looked up -> the table's column it is looked up in; ``account``
            looks up both sides.
        columns: canonical column -> column of the table; joined on ``account``, a name without a
            side, such as ``segment``, is filled on both.
        csv: how the table is written, if it is CSV.
    """

    file: Filled
    on: dict[str, Filled] = Field(min_length=1, max_length=1)
    columns: dict[str, Column] = Field(min_length=1)
    csv: CsvForm = CsvForm()

    @field_validator("on")
    @classmethod
    def _one_key(cls, on: dict[str, str]) -> dict[str, str]:
        if len(on) != 1:
            raise refuse("a table is joined on one column: {account: id}")
        return on

    @property
    def key(self) -> tuple[str, str]:
        """The canonical column looked up, and the table's column it is looked up in."""
        return next(iter(self.on.items()))


def _as_list(value: object) -> object:
    return [value] if isinstance(value, dict) else value


class InputMapping(Document):
    """A whole mapping: canonical (or sided) column -> its source, and how CSV is written.

    Attributes:
        columns: canonical or sided column -> its source.
        source: names for expressions and joins -> the columns they read and their types.
        join: tables beside the payments.
        csv: how CSV is written.
        storage: options of an object store, by the names that Polars gives them.
    """

    columns: dict[str, Column] = Field(default_factory=dict)
    source: Annotated[
        dict[str, SourceColumn],
        BeforeValidator(_source_columns, json_schema_input_type=dict[str, SourceColumn | str]),
    ] = Field(default_factory=dict)
    join: Annotated[
        tuple[Reference, ...],
        BeforeValidator(_as_list, json_schema_input_type=Reference | tuple[Reference, ...]),
    ] = ()
    csv: CsvForm = CsvForm()
    storage: dict[str, str] = Field(default_factory=dict)

    @property
    def numbers_rows(self) -> bool:
        """Whether ``sequence`` is the row's place in its file, which is no part of its content."""
        sequence = self.columns.get("sequence")
        return sequence is not None and sequence.row_number is not None


IDENTITY = InputMapping()
"""The mapping of a source that already has canonical names."""
