"""Raw canonical columns into stored ones, with everything that is wrong with the rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from txmon.schema import ACCOUNTS
from txmon.sources.decimals import DecimalColumn, Form, accepts, to_decimals
from txmon.sources.faults import Fault, Parsed, Reason, find
from txmon.sources.money import to_money
from txmon.sources.tables import REPLACEMENT
from txmon.sources.times import to_time
from txmon.sources.values import refuse_type, to_bool, to_date, to_integer, to_text
from txmon.types import Kind, Type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.language.checked import Pack
    from txmon.schema import Schema
    from txmon.sources.raw import RawField

_IDS = ("transaction_id", *ACCOUNTS)
_BLANK = " \t\n\r\x0b\x0c"
_FIRST_VISIBLE = "!"
_MONEYED = "currency"


@dataclass(frozen=True, slots=True)
class Conformed:
    """Stored columns of one piece, faulty rows included, and the faults by precedence."""

    columns: Mapping[str, pl.Series]
    faults: tuple[Fault, ...]


def conform(
    fields: Mapping[str, RawField], schema: Schema, pack: Pack, *, csv: bool = False
) -> Conformed:
    """Parse every column into its stored type and check each row.

    Args:
        fields: raw columns, ``transaction_id``, ``event_time`` and an account among them.
        schema: the columns of the pack.
        pack: currency, zone and rates.
        csv: whether a quote left open may have swallowed lines.

    Raises:
        InputError: the type of a whole column is wrong.
    """
    moneyed = {name: field for name, field in fields.items() if _is_money(name, schema)}
    values = {
        name: parsed(name, schema.columns[name], field)
        for name, field in fields.items()
        if name not in moneyed
    }
    columns = {name: column.values for name, column in values.items()}
    faults = [fault for column in values.values() for fault in column.faults]
    faults += _missing(fields, columns, faults)
    for name in _IDS:
        if name in columns:
            faults += _blank(name, columns[name], csv=csv)
    if moneyed:
        money, wrong = to_money(moneyed, columns["event_time"], pack)
        columns |= money
        faults += wrong
    ordered = {name: columns[name] for name in schema.columns if name in columns}
    return Conformed(ordered, by_precedence(faults, list(schema.columns)))


def undecoded(fields: Mapping[str, RawField]) -> tuple[Fault, ...]:
    """Texts of a file whose bytes were no valid text."""
    return tuple(
        fault
        for name, field in fields.items()
        if field.raw.dtype == pl.String
        for fault in find(
            name,
            Reason.INVALID_ENCODING,
            field.raw.str.contains(REPLACEMENT, literal=True),
            field.raw,
        )
    )


def by_precedence(faults: Sequence[Fault], columns: Sequence[str]) -> tuple[Fault, ...]:
    """Faults in the order in which a row tells them: by column, then as found."""
    rank = {name: at for at, name in enumerate(columns)}
    account = rank.get(ACCOUNTS[0], 0)
    return tuple(sorted(faults, key=lambda fault: rank.get(fault.column, account)))


def _is_money(name: str, schema: Schema) -> bool:
    return name == _MONEYED or schema.columns[name].kind is Kind.MONEY


def parsed(name: str, type_: Type, field: RawField) -> Parsed:
    """A raw column as stored values of a type other than money.

    Raises:
        InputError: the type of the whole column is wrong.
    """
    match type_.kind:
        case Kind.TIME:
            return to_time(name, field.raw, field.spec.time_form())
        case Kind.DATE:
            return to_date(name, field.raw, field.spec.format)
        case Kind.INT:
            return to_integer(name, field.raw)
        case Kind.BOOL:
            return to_bool(name, field.raw)
        case Kind.NUMBER:
            return _number(name, type_, field)
        case _:
            return to_text(name, field.raw)


def _number(name: str, type_: Type, field: RawField) -> Parsed:
    """A plain number is rounded half-even to its declared scale: it is a measure, not money."""
    if not accepts(field.raw.dtype):
        raise refuse_type(name, field.raw.dtype, "number")
    form = Form(
        target=type_.scale,
        limit=2**type_.bits - 1,
        rounded=True,
        invalid=Reason.INVALID_NUMBER,
        too_large=Reason.NUMBER_TOO_LARGE,
        decimal=field.spec.decimal,
        thousands=field.spec.thousands,
    )
    return to_decimals(DecimalColumn(name, field.raw, type_.scale, form))


def _missing(
    fields: Mapping[str, RawField], columns: Mapping[str, pl.Series], faults: Sequence[Fault]
) -> list[Fault]:
    """Rows without an id, a time or any account; a wrong value is not a missing one."""
    missing: list[Fault] = []
    for name, reason in (
        ("transaction_id", Reason.MISSING_ID),
        ("event_time", Reason.MISSING_TIME),
    ):
        if columns[name].null_count():
            absent = _absent(columns[name], name, faults)
            missing += find(name, reason, absent, fields[name].raw)
    accounts = [name for name in ACCOUNTS if name in columns]
    if all(columns[name].null_count() for name in accounts):
        nobody = _absent(columns[accounts[0]], accounts[0], faults)
        for name in accounts[1:]:
            nobody &= _absent(columns[name], name, faults)
        missing += find(accounts[0], Reason.MISSING_ACCOUNT, nobody, columns[accounts[0]])
    return missing


def _absent(values: pl.Series, name: str, faults: Sequence[Fault]) -> pl.Series:
    absent = values.is_null()
    for fault in faults:
        if fault.column == name:
            absent = absent.scatter(fault.rows, False)
    return absent


def _blank(name: str, values: pl.Series, *, csv: bool) -> tuple[Fault, ...]:
    """Ids of white space only, and in CSV those with a line break in them."""
    faults: tuple[Fault, ...] = ()
    least = values.min()
    if isinstance(least, str) and least < _FIRST_VISIBLE:
        blank = values.str.strip_chars(_BLANK) == ""
        faults = find(name, Reason.EMPTY_ID, blank, values)
    if csv:
        faults += find(name, Reason.LINE_BREAK, values.str.contains("\n", literal=True), values)
    return faults
