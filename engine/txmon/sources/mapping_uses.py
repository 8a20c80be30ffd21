"""What an option of a mapping asks of the column it stands at, and of the tables it joins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from txmon.language.problems import Code, Faults, did_you_mean
from txmon.sources.references import ACCOUNT, lookups, side_of
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.problems import Path as Place
    from txmon.schema import Schema
    from txmon.sources.column_map import ColumnMap
    from txmon.sources.mapping import InputMapping, Reference
    from txmon.types import Type

_NUMERIC = frozenset({Kind.MONEY, Kind.NUMBER})
_TIMED = frozenset({Kind.TIME, Kind.DATE})
_JOINABLE = frozenset({Kind.TEXT, *_TIMED})


def check_use(path: Place, spec: ColumnMap, type_: Type, faults: Faults) -> None:
    """Report options that the type of a column does not understand."""
    name, kind = path[-1], type_.kind
    if spec.tells_time and kind is not Kind.TIME:
        what = "zone, epoch and steps tell a time"
        faults.key(path, Code.BAD_VALUE, f"{what}, and {name} is a {type_}")
    if spec.format is not None and kind not in _TIMED:
        faults.key(path, Code.BAD_VALUE, f"a format reads a time, and {name} is a {type_}")
    if (spec.decimal != "." or spec.thousands) and kind not in _NUMERIC:
        what = "decimal and thousands read an amount"
        faults.key(path, Code.BAD_VALUE, f"{what}, and {name} is a {type_}")
    if (spec.round or spec.unit) and kind is not Kind.MONEY:
        what = "round is" if spec.round else "unit is"
        faults.key(path, Code.BAD_VALUE, f"{what} for amounts, and {name} is a {type_}")
    if spec.unit == "minor" and spec.expression is not None:
        message = "an expression makes whole units; multiply: x * 0.01"
        faults.key(path, Code.BAD_VALUE, message)
    if spec.row_number is not None and name != "sequence":
        faults.key(path, Code.BAD_VALUE, "a row number makes a sequence and nothing else")
    if spec.join is not None and kind not in _JOINABLE:
        faults.key(path, Code.BAD_VALUE, f"a join makes a text or a time, and {name} is a {type_}")
    if spec.expression is not None and spec.reads_text and kind is not Kind.TEXT:
        message = "what an expression makes is no text: write the options under source:"
        faults.key(path, Code.BAD_VALUE, message)


def check_references(mapping: InputMapping, schema: Schema, faults: Faults) -> None:
    """Report tables that are not there, and columns that they cannot make."""
    taken: set[str] = set()
    for at, reference in enumerate(mapping.join):
        place: Place = ("join", at)
        if not Path(reference.file).is_file():
            message = f"there is no file '{reference.file}'"
            faults.whole((*place, "file"), Code.UNREADABLE, message)
        _check_key(reference, schema, (*place, "on"), faults)
        for name, spec in reference.columns.items():
            made = lookups(reference.model_copy(update={"columns": {name: spec}}), schema)
            twice = sorted(made.keys() & {*taken, *mapping.columns})
            if twice:
                message = f"{twice[0]} is made twice"
                faults.key((*place, "columns", name), Code.BAD_VALUE, message)
            else:
                _check_joined((*place, "columns", name), spec, reference, schema, made, faults)
            taken |= made.keys()


def _check_key(reference: Reference, schema: Schema, place: Place, faults: Faults) -> None:
    on = reference.key[0]
    type_ = schema.columns.get(on)
    if on != ACCOUNT and (type_ is None or type_.kind is not Kind.TEXT):
        message = f"a table is joined on account or on a text of ours, and '{on}' is none"
        faults.key((*place, on), Code.UNKNOWN_NAME, message)


def _check_joined(
    place: Place,
    spec: ColumnMap,
    reference: Reference,
    schema: Schema,
    made: Mapping[str, tuple[str, ColumnMap]],
    faults: Faults,
) -> None:
    """Report what is wrong with one joined column, and the columns of ours made of it."""
    name, by_account = str(place[-1]), reference.key[0] == ACCOUNT
    unknown = [other for other in made if other not in schema.columns]
    if spec.column is None:
        faults.key(place, Code.BAD_VALUE, "a joined column names a column of the table")
    elif unknown:
        advice = did_you_mean(name, schema.columns)
        if by_account:
            advice = advice or "on account, segment fills debtor_segment and creditor_segment"
        faults.key(place, Code.UNKNOWN_NAME, f"no column is called '{unknown[0]}'", advice)
    elif by_account and name in schema.columns and not side_of(name):
        message = f"'{name}' is on no side: join it on a column of its own"
        faults.key(place, Code.BAD_VALUE, message)
    else:
        check_use(place, spec, schema.columns[next(iter(made))], faults)
