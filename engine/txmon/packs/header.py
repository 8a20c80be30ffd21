"""pack.yaml, with those of the packs below -> what every rule of the pack may name."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from txmon.language.definitions import check_definitions
from txmon.language.names import check_column_name
from txmon.language.problems import Code, Faults, did_you_mean
from txmon.language.scope import PackScope
from txmon.packs.validate import locate
from txmon.schema import DECLARABLE, Schema
from txmon.types import INT64_BITS, TEXT, Kind, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from txmon.errors import Finding
    from txmon.language.checked import ListTable
    from txmon.model import ColumnDocument, PackDocument
    from txmon.packs.family import Member

MAX_SCALE = 9
HOLIDAYS = "lists."
DEFINE = "define."


@dataclass(frozen=True, slots=True)
class Header:
    """What a family of packs says of itself.

    ``document`` is the pack's own, with the values and, where it names none, the holidays of the
    packs below it.
    """

    document: PackDocument
    scope: PackScope


def read_header(
    members: Sequence[Member], tables: Mapping[str, ListTable], broken: frozenset[str]
) -> tuple[Header, list[Finding]]:
    """The header of a family, and what is wrong with its pack.yaml files."""
    reader = _HeaderReader(members, PackScope(Schema.with_columns({}), {}, tables, broken))
    return reader.header(), reader.findings


@dataclass(slots=True)
class _HeaderReader:
    """Puts the headers of a family together, the lowest first."""

    members: Sequence[Member]
    scope: PackScope
    findings: list[Finding] = field(default_factory=list)

    def header(self) -> Header:
        values = _united(member.document for member in self.members)
        columns = self._columns()
        self.scope = replace(
            self.scope,
            schema=Schema.with_columns(columns),
            values=values,
            own_columns=frozenset(columns),
        )
        for member in self.members:
            faults = Faults()
            _values(member.document, self.scope, faults)
            _zone(member.document, faults)
            _holidays(member.document, self.scope, faults)
            self._locate(member, faults)
        self._definitions()
        holidays = [one.document.holidays for one in self.members if one.document.holidays]
        changes = {"values": values, "holidays": holidays[-1] if holidays else None}
        return Header(self.members[-1].document.model_copy(update=changes), self.scope)

    def _locate(self, member: Member, faults: Faults) -> None:
        self.findings += [locate(member.tree, fault) for fault in faults.found]

    def _columns(self) -> dict[str, Type]:
        columns: dict[str, Type] = {}
        for member in self.members:
            faults = Faults()
            for name, item in member.document.columns.items():
                type_ = _column(name, item, faults)
                if columns.setdefault(name, type_) != type_:
                    message = f"column '{name}' is of another type in a pack below"
                    faults.key(("columns", name), Code.NAME_CLASH, message)
            self._locate(member, faults)
        return columns

    def _definitions(self) -> None:
        owners: dict[str, Member] = {}
        texts: dict[str, str] = {}
        for member in self.members:
            faults = Faults()
            for name, text in member.document.define.items():
                if name in owners and f"{DEFINE}{name}" not in member.document.replaces:
                    message = f"definition '{name}' stands in pack '{owners[name].document.name}'"
                    advice = f"to put this in its place write replaces: {DEFINE}{name}"
                    faults.key(("define", name), Code.NAME_CLASH, message, advice)
                owners[name], texts[name] = member, text
            self._locate(member, faults)
        faults = Faults()
        self.scope = check_definitions(texts, self.scope, faults)
        for fault in faults.found:
            self.findings.append(locate(owners[str(fault.path[1])].tree, fault))


def _united(documents: Iterable[PackDocument]) -> dict[str, tuple[str, ...]]:
    """The declared values of every column, those of the lowest pack first."""
    values: dict[str, tuple[str, ...]] = {}
    for document in documents:
        for name, declared in document.values.items():
            values[name] = tuple(dict.fromkeys((*values.get(name, ()), *declared)))
    return values


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
    elif table is not None and table.since is not None:
        message = f"lists.{name} is dated by valid_from or valid_to, and holidays are not"
        faults.whole(("holidays",), Code.BAD_VALUE, message)
