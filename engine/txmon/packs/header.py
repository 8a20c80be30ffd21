"""pack.yaml -> what every rule of the pack may name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from txmon.language.definitions import check_definitions
from txmon.language.names import check_column_name
from txmon.language.problems import Code, Faults, did_you_mean
from txmon.language.scope import PackScope
from txmon.model import ColumnDocument, PackDocument
from txmon.packs.documents import read_document
from txmon.packs.validate import locate, validate
from txmon.schema import DECLARABLE, Schema
from txmon.types import INT64_BITS, TEXT, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from txmon.errors import Finding
    from txmon.language.checked import ListTable

MAX_SCALE = 9
HOLIDAYS = "lists."


def read_header(
    path: Path, tables: Mapping[str, ListTable], broken: frozenset[str]
) -> tuple[PackDocument | None, PackScope, list[Finding]]:
    """The document of pack.yaml, or None, the scope it gives to rules, and the findings."""
    scope = PackScope(Schema.with_columns({}), {}, tables, broken)
    tree, findings = read_document(path)
    if tree is None:
        return None, scope, list(findings)
    document, wrong = validate(tree, PackDocument)
    if document is None:
        return None, scope, [*findings, *wrong]
    faults = Faults()
    scope = _scope(document, scope, faults)
    _zone(document, faults)
    _holidays(document, scope, faults)
    if document.extends:
        faults.key(("extends",), Code.LATER, "not available yet: extends, packs upon packs")
    return document, scope, [*findings, *(locate(tree, fault) for fault in faults.found)]


def _scope(document: PackDocument, scope: PackScope, faults: Faults) -> PackScope:
    columns = {name: _column(name, item, faults) for name, item in document.columns.items()}
    schema = Schema.with_columns(columns)
    scope = replace(scope, schema=schema, values=document.values, own_columns=frozenset(columns))
    _values(document, scope, faults)
    return check_definitions(document.define, scope, faults)


def _column(name: str, document: ColumnDocument, faults: Faults) -> Type:
    path = ("columns", name)
    check_column_name(path, faults)
    known = (*DECLARABLE, "number")
    if document.type not in known:
        message = f"a column is one of {', '.join(known)}, not '{document.type}'"
        faults.whole((*path, "type"), Code.BAD_VALUE, message, did_you_mean(document.type, known))
        return TEXT
    if document.type != "number":
        if document.scale is not None:
            faults.key((*path, "scale"), Code.UNKNOWN_KEY, "only a number column has a scale")
        return DECLARABLE[document.type]
    if document.scale is None or document.scale > MAX_SCALE:
        message = f"a number column declares its decimals, 0 to {MAX_SCALE}"
        faults.whole(path, Code.BAD_VALUE, message, "write: {type: number, scale: 2}")
        return Type(Kind.NUMBER, 0, INT64_BITS)
    return Type(Kind.NUMBER, document.scale, INT64_BITS)


def _values(document: PackDocument, scope: PackScope, faults: Faults) -> None:
    for name in document.values:
        type_ = scope.schema.columns.get(name)
        if type_ is None:
            message = f"unknown column '{name}'"
            advice = did_you_mean(name, scope.schema.columns)
            faults.key(("values", name), Code.UNKNOWN_NAME, message, advice)
        elif type_.kind is not Kind.TEXT:
            message = f"only text columns declare their values, and '{name}' is {type_.kind}"
            faults.key(("values", name), Code.BAD_VALUE, message)


def _zone(document: PackDocument, faults: Faults) -> None:
    try:
        ZoneInfo(document.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        message = f"there is no time zone '{document.timezone}'"
        advice = "zones are named as in Europe/Berlin, Asia/Shanghai or UTC"
        faults.whole(("timezone",), Code.BAD_VALUE, message, advice)


def holidays(document: PackDocument, scope: PackScope) -> frozenset[int]:
    """The days off that a sound pack names, as days since 1970-01-01."""
    if document.holidays is None:
        return frozenset()
    days = scope.lists[document.holidays.removeprefix(HOLIDAYS)].values
    return frozenset(int(day) for day in days)


def _holidays(document: PackDocument, scope: PackScope, faults: Faults) -> None:
    if document.holidays is None:
        return
    name = document.holidays.removeprefix(HOLIDAYS)
    table = scope.lists.get(name)
    if not document.holidays.startswith(HOLIDAYS):
        message = "holidays names a list of the pack"
        faults.whole(("holidays",), Code.BAD_VALUE, message, "write: holidays: lists.holidays")
    elif table is None and name not in scope.broken_lists:
        advice = did_you_mean(name, scope.lists) or f"put it in lists/{name}.csv"
        message = f"the pack has no list '{name}'"
        faults.whole(("holidays",), Code.UNKNOWN_LIST, message, advice)
    elif table is not None and table.key.kind is not Kind.DATE:
        message = f"the keys of lists.{name} are {table.key}, and holidays are dates"
        advice = "begin its header with day:date"
        faults.whole(("holidays",), Code.BAD_VALUE, message, advice)
