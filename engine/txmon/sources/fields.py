"""The mapping applied: source columns in, one raw column per canonical name out."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from txmon.errors import InputError
from txmon.schema import (
    ACCOUNTS,
    COUNTERPARTY,
    CREDITOR,
    DEBTOR,
    IN,
    OUT,
    OWN,
    REQUIRED,
    Schema,
    side_columns,
)
from txmon.sources.column_map import ColumnMap
from txmon.sources.declared import Declared
from txmon.sources.faults import Fault, Reason, faulty_rows, find
from txmon.sources.raw import RawField, SourceReader
from txmon.sources.references import Table, join_on, lookups
from txmon.sources.suggestions import listed, near, suggest
from txmon.sources.values import to_text
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.sources.mapping import InputMapping


@dataclass(frozen=True, slots=True)
class Layout:
    """Which source columns make which canonical columns of one piece of input."""

    fields: Mapping[str, ColumnMap]
    sided: Mapping[str, ColumnMap]
    ignored: tuple[str, ...]
    declared: Declared = field(default_factory=Declared)

    @property
    def sources(self) -> tuple[str, ...]:
        """The source columns to read, each once."""
        specs = (*self.fields.values(), *self.sided.values())
        names = (name for spec in specs for name in self.declared.file_columns(spec))
        return tuple(dict.fromkeys(names))

    def made_of(self, source: str) -> tuple[str, ...]:
        """The canonical (or sided) columns that a source column goes into."""
        specs = {**self.fields, **self.sided}
        reads = self.declared.file_columns
        return tuple(name for name, spec in specs.items() if source in reads(spec))


def lay_out(name: str, found: Sequence[str], mapping: InputMapping, schema: Schema) -> Layout:
    """Decide where each canonical column of a piece comes from.

    A source column with a canonical name that the mapping does not mention is taken as it is.

    Raises:
        InputError: a column that is required, or that the mapping names, is not there.
    """
    declared = Declared.of(mapping)
    specs = mapping.columns.values()
    mapped = {source for spec in specs for source in declared.file_columns(spec)}
    joined = {made for reference in mapping.join for made in lookups(reference, schema)}
    _require(name, found, sorted(mapped - set(found)), mapped)
    own = {
        column: ColumnMap(column=column)
        for column in found
        if column in schema.columns and column not in {*mapped, *mapping.columns, *joined}
    }
    if "original_amount" in own:
        raise InputError(
            f"{name}: original_amount is made from amount, the amount as booked in its currency;"
            " map `amount: original_amount`, or leave the column out"
        )
    chosen = {**own, **mapping.columns}
    sided = {column: spec for column, spec in chosen.items() if column not in schema.columns}
    made = _made_by_sides(sided)
    fields = {
        column: chosen[column]
        for column in schema.columns
        if column in chosen and column not in made
    }
    _require_canonical(name, found, made | joined | set(fields), schema)
    used = set(Layout(fields, sided, (), declared).sources)
    ignored = tuple(column for column in found if column not in used)
    return Layout(fields, sided, ignored, declared)


def _made_by_sides(sided: Mapping[str, ColumnMap]) -> set[str]:
    return {column for name in sided if name != "direction" for column in side_columns(name)}


def _require(name: str, found: Sequence[str], absent: Sequence[str], mapped: set[str]) -> None:
    if not absent:
        return
    hints = [near(column, [other for other in found if other not in mapped]) for column in absent]
    hint = "".join(f' (did you mean "{near}"?)' for near in hints if near)
    raise InputError(
        f"{name}: the mapping names {listed(absent)}, which the input does not have{hint};"
        f" it has {listed(found)}"
    )


def _require_canonical(name: str, found: Sequence[str], made: set[str], schema: Schema) -> None:
    absent = [column for column in REQUIRED if column not in made]
    if not any(column in made for column in ACCOUNTS):
        absent.append("debtor_account or creditor_account")
    money = {column for column in made if schema.columns[column].kind is Kind.MONEY}
    if money or "currency" in made:  # amount and currency come together, or neither
        absent += [column for column in ("amount", "currency") if column not in made]
    if absent:
        raise InputError(
            f"{name} has no column {' and no '.join(absent)}; it has {listed(found)}."
            f" Give a mapping:\n{suggest(absent, found)}"
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """What a mapping needs beside a piece of input.

    Attributes:
        schema: the known columns.
        zone: the zone of clock functions in expressions.
        tables: the tables joined on.
    """

    schema: Schema
    zone: str
    tables: tuple[Table, ...] = ()


def fill(
    layout: Layout, frame: pl.DataFrame, numbers: pl.Series, beside: Beside
) -> tuple[dict[str, RawField], tuple[Fault, ...]]:
    """The raw column behind every canonical one, and the values that the mapping does not know.

    Args:
        layout: what comes from where.
        frame: the source columns.
        numbers: 1-based row numbers.
        beside: zone and tables.
    """
    reader = SourceReader(frame, numbers, layout.declared, beside.zone)
    faults: list[Fault] = []
    fields: dict[str, RawField] = {}
    for name, spec in layout.fields.items():
        raw = reader.raw(name, spec)
        fields[name] = RawField(raw.values, spec)
        faults += raw.faults
    if layout.sided:
        sided, wrong = _sides(layout.sided, reader)
        fields |= sided
        faults += wrong
    for table in beside.tables:
        joined, wrong = join_on(table, fields, beside.schema)
        fields |= joined
        faults += wrong
    return fields, (*reader.faults, *faults)


def _sides(
    sided: Mapping[str, ColumnMap], reader: SourceReader
) -> tuple[dict[str, RawField], tuple[Fault, ...]]:
    """Own and counterparty columns put on the side that the direction says."""
    direction = reader.raw("direction", sided["direction"])
    flag = to_text("direction", direction.values)
    explained = pl.repeat(value=False, n=len(flag.values), dtype=pl.Boolean, eager=True).scatter(
        faulty_rows([*reader.faults, *direction.faults, *flag.faults]), True
    )
    known = flag.values.is_in([OUT, IN]).fill_null(value=False)
    wrong = ~(known | (flag.values.is_null() & explained))
    problems = [
        *direction.faults,
        *flag.faults,
        *find("direction", Reason.INVALID_DIRECTION, wrong, flag.values),
    ]
    raws: dict[str, pl.Series] = {}
    for name, spec in sided.items():
        if name != "direction":
            raw = reader.raw(name, spec)
            raws[name] = raw.values
            problems += raw.faults
    outgoing = flag.values == OUT
    stems = dict.fromkeys(_stem(name) for name in raws)
    fields = {
        column: made
        for stem in stems
        for column, made in _pair(stem, raws, sided, outgoing).items()
    }
    return fields, tuple(problems)


def _stem(name: str) -> str:
    return side_columns(name)[0].removeprefix(DEBTOR).removeprefix(CREDITOR)


def _pair(
    stem: str,
    raws: Mapping[str, pl.Series],
    sided: Mapping[str, ColumnMap],
    outgoing: pl.Series,
) -> dict[str, RawField]:
    own_name, other_name = OWN + stem, COUNTERPARTY + stem
    if stem == "account":
        own_name, other_name = "account", "counterparty"
    own, other = raws.get(own_name), raws.get(other_name)
    if own is not None and other is not None and own.dtype != other.dtype:
        own, other = to_text(own_name, own).values, to_text(other_name, other).values
    some = own if own is not None else other
    if some is None:
        return {}
    empty = some.clear(len(some))
    own, other = empty if own is None else own, empty if other is None else other
    spec = sided[own_name] if own_name in sided else sided[other_name]
    return {
        DEBTOR + stem: RawField(own.zip_with(outgoing, other).alias(DEBTOR + stem), spec),
        CREDITOR + stem: RawField(other.zip_with(outgoing, own).alias(CREDITOR + stem), spec),
    }
