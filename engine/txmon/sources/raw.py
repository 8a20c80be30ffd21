"""Raw columns out of a piece of input: taken, joined, made by expressions, renamed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from txmon.sources.conform import parsed
from txmon.sources.decimals import DecimalColumn, Form, accepts, to_decimals
from txmon.sources.declared import Declared, evaluate, readable
from txmon.sources.faults import Fault, Parsed, Reason, find
from txmon.sources.values import refuse_type, to_text
from txmon.types import MONEY_LIMIT, MONEY_SCALE, Kind

if TYPE_CHECKING:
    from txmon.sources.column_map import ColumnMap, SourceColumn


@dataclass(frozen=True, slots=True)
class RawField:
    """The raw values of one canonical column and how to read them."""

    raw: pl.Series
    spec: ColumnMap


@dataclass(slots=True)
class SourceReader:
    """Reads raw columns from one piece of input; each declared name is read once.

    Attributes:
        frame: the source columns.
        numbers: 1-based row numbers.
        declared: the mapping's names and expressions.
        zone: the zone of clock functions in expressions.
        faults: what is wrong with the declared names read so far.
    """

    frame: pl.DataFrame
    numbers: pl.Series
    declared: Declared
    zone: str
    faults: list[Fault] = field(default_factory=list)
    _stored: dict[str, pl.Series] = field(default_factory=dict)

    def raw(self, name: str, spec: ColumnMap) -> Parsed:
        """The raw values of a canonical column, null where the mapping cannot make one."""
        origin = self._origin(name, spec)
        if not spec.reads_text:
            return origin
        texts = to_text(name, origin.values)
        found = read_texts(name, spec, texts.values)
        return Parsed(found.values, (*origin.faults, *texts.faults, *found.faults))

    def _origin(self, name: str, spec: ColumnMap) -> Parsed:
        if spec.row_number is not None:
            return Parsed(self.numbers.alias(name))
        if spec.constant is not None:
            rows = self.frame.height
            return Parsed(pl.repeat(spec.constant, rows, dtype=pl.String, eager=True).alias(name))
        if spec.expression is not None:
            return Parsed(self._evaluated(spec.expression).alias(name))
        if spec.join is not None:
            return self._joined(name, spec.join, spec.joiner)
        return Parsed(self._column(str(spec.column)).alias(name))

    def _evaluated(self, text: str) -> pl.Series:
        expr = self.declared.expressions[text]
        names = [name for name in self.declared.columns if name in self.declared.reads(text)]
        columns = [self._declared(name).alias(name) for name in names]
        frame = pl.DataFrame([*columns, self.numbers.alias("")])  # a constant has rows too
        return evaluate(expr, frame, self.zone)

    def _joined(self, name: str, parts: tuple[str, ...], joiner: str) -> Parsed:
        read = [_part(part, self._column(part)) for part in parts]
        texts = [part.values.alias(str(at)) for at, part in enumerate(read)]
        whole = pl.concat_str(pl.all(), separator=joiner, ignore_nulls=False)
        values = pl.DataFrame(texts).select(whole.alias(name)).to_series()
        return Parsed(values, tuple(fault for part in read for fault in part.faults))

    def _column(self, name: str) -> pl.Series:
        if name in self.declared.columns:
            return readable(self._declared(name), self.declared.columns[name].value_type)
        return self.frame[name]

    def _declared(self, name: str) -> pl.Series:
        """A declared name's values, in the type that the engine stores."""
        if name not in self._stored:
            spec = self.declared.columns[name]
            raw = SourceReader(self.frame, self.numbers, Declared(), self.zone).raw(name, spec)
            values = _typed(name, spec, raw.values)
            self._stored[name] = values.values
            self.faults += [*raw.faults, *values.faults]
        return self._stored[name]


def _part(name: str, raw: pl.Series) -> Parsed:
    """A part of a join as text; days and times of day as ISO 8601 has them."""
    if raw.dtype in (pl.Date, pl.Time):
        return Parsed(raw.dt.to_string("iso"))  # a cast leaves fractions of a second out
    return to_text(name, raw)


def _typed(name: str, spec: SourceColumn, raw: pl.Series) -> Parsed:
    type_ = spec.value_type
    if type_.kind is not Kind.MONEY:
        return parsed(name, type_, RawField(raw, spec))
    if not accepts(raw.dtype):
        raise refuse_type(name, raw.dtype, "amount")
    form = Form(
        target=MONEY_SCALE,
        limit=MONEY_LIMIT,
        rounded=False,
        invalid=Reason.INVALID_AMOUNT,
        too_large=Reason.AMOUNT_TOO_LARGE,
        decimal=spec.decimal,
        thousands=spec.thousands,
    )
    return to_decimals(DecimalColumn(name, raw, MONEY_SCALE, form, "money"))


def read_texts(name: str, spec: ColumnMap, texts: pl.Series) -> Parsed:
    """Texts emptied, cut, padded and renamed as a column's spec says."""
    if spec.empty:
        texts = texts.set(texts.is_in(list(spec.empty)), None)
    faults: tuple[Fault, ...] = ()
    if spec.extract is not None:
        part = texts.str.extract(spec.extract, 1)
        faults = find(name, Reason.UNMATCHED_TEXT, part.is_null() & texts.is_not_null(), texts)
        texts = part
    if spec.width is not None:
        texts = texts.str.zfill(spec.width)
    absent = texts.is_null()
    renamed = _renamed(name, spec, texts)
    values, faults = renamed.values, faults + renamed.faults
    return Parsed(values if spec.missing is None else values.set(absent, spec.missing), faults)


def _renamed(name: str, spec: ColumnMap, texts: pl.Series) -> Parsed:
    if spec.values is None:
        return Parsed(texts)
    renamed = texts.replace_strict(dict(spec.values), default=None, return_dtype=pl.String)
    unknown = renamed.is_null() & texts.is_not_null()
    if spec.default is not None:
        return Parsed(renamed.set(unknown, spec.default))
    return Parsed(renamed, find(name, Reason.UNMAPPED_VALUE, unknown, texts))
