"""Params: from the texts of a rule file to constants, to Vary nodes, or to lists of texts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from txmon.language.algebra import joined
from txmon.language.nodes import Expr, Literal, Vary
from txmon.language.problems import Code, ExpressionError, Faults, Path, did_you_mean
from txmon.language.scope import ListParam, PackScope
from txmon.language.values import read_value
from txmon.types import Kind, Type

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.model import ParamDocument

Param = Expr | ListParam | None
Items = str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Params:
    """The values of a rule's params by name, and how they are shown."""

    values: Mapping[str, Param]
    shown: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ParamReader:
    """Reads the params of one rule."""

    pack: PackScope
    faults: Faults

    def read(self, documents: Mapping[str, ParamDocument]) -> Params:
        """Every param; a wrong one is None, and reported."""
        values = {name: self._param(("params", name), doc) for name, doc in documents.items()}
        shown = {name: _shown(document) for name, document in documents.items()}
        return Params(values, shown)

    def _param(self, path: Path, document: ParamDocument) -> Param:
        column = self._column(path, document)
        if document.vary and column is None:
            return None
        cases = document.vary.get(column, {}) if column else {}
        if document.type == Kind.LIST:
            return self._list(path, document, column or "", cases)
        return self._constant(path, document, column or "", cases)

    def _column(self, path: Path, document: ParamDocument) -> str | None:
        if not document.vary:
            return None
        where = (*path, "vary")
        if len(document.vary) > 1:
            message = "a param varies by one column"
            self.faults.whole(where, Code.PARAM, message, "write one column with its values")
            return None
        name = next(iter(document.vary))
        type_ = self.pack.column(name)
        if type_ is None:
            known = (*self.pack.schema.columns, *self.pack.schema.sided())
            message = f"unknown column '{name}'"
            advice = did_you_mean(name, known)
            self.faults.key((*where, name), Code.UNKNOWN_NAME, message, advice)
            return None
        if type_.kind is not Kind.TEXT:
            message = f"a param varies by the texts of a column, and '{name}' is {type_.kind}"
            self.faults.key((*where, name), Code.PARAM, message)
            return None
        self._declared(where, name, document)
        return name

    def _declared(self, where: Path, name: str, document: ParamDocument) -> None:
        allowed = self.pack.declared_values(name)
        for value in document.vary[name] if allowed else ():
            if value not in allowed:
                message = f"'{value}' is not a declared value of {name}"
                advice = did_you_mean(value, allowed)
                self.faults.key((*where, name, value), Code.UNKNOWN_VALUE, message, advice)

    def _constant(
        self, path: Path, document: ParamDocument, column: str, cases: Mapping[str, Items]
    ) -> Param:
        kind = Kind(document.type)
        default = self._value((*path, "default"), kind, document.default)
        base = (*path, "vary", column)
        read = [(text, self._value((*base, text), kind, item)) for text, item in cases.items()]
        if default is None or any(value is None for _, value in read):
            return None
        found = tuple((text, value) for text, value in read if value is not None)
        return default if not column else self._vary(path, column, found, default)

    def _vary(
        self, path: Path, column: str, cases: tuple[tuple[str, Literal], ...], default: Literal
    ) -> Expr | None:
        type_ = joined((default.type, *(value.type for _, value in cases)))
        if type_ is None or type_.wide:
            self.faults.key(path, Code.PARAM, "the values of this param are too far apart")
            return None
        raised = tuple((text, _raised(value, type_)) for text, value in cases)
        base = _raised(default, type_)
        bits = max(value.type.bits for value in (base, *(value for _, value in raised)))
        return Vary(replace(type_, bits=bits), column, raised, base)

    def _value(self, path: Path, kind: Kind, text: Items) -> Literal | None:
        if not isinstance(text, str):
            message = f"a {kind} param takes one value"
            advice = "a list has type: list"
            self.faults.whole(path, Code.PARAM, message, advice)
            return None
        try:
            return read_value(kind, text)
        except ExpressionError as error:
            self.faults.add(path, error.problem)
            return None

    def _list(
        self, path: Path, document: ParamDocument, column: str, cases: Mapping[str, Items]
    ) -> Param:
        default = self._items((*path, "default"), document.default)
        base = (*path, "vary", column)
        read = [(text, self._items((*base, text), items)) for text, items in cases.items()]
        if default is None or any(items is None for _, items in read):
            return None
        found = tuple((text, items) for text, items in read if items is not None)
        return ListParam(column, found, default)

    def _items(self, path: Path, items: Items) -> tuple[str, ...] | None:
        if isinstance(items, str) or not items:
            message = "a list param takes a list of at least one value"
            self.faults.whole(path, Code.PARAM, message, "write: default: [a, b]")
            return None
        return items


def _raised(literal: Literal, type_: Type) -> Literal:
    if literal.type.kind in {Kind.TEXT, Kind.BOOL, Kind.DATE}:
        return literal
    value = int(literal.value) * 10 ** (type_.scale - literal.type.scale)
    own = replace(literal.type, scale=type_.scale, bits=value.bit_length())
    return Literal(own, value)


def _shown(document: ParamDocument) -> str:
    base = _joined(document.default)
    cases = [
        f"{column} {text}: {_joined(items)}"
        for column, values in document.vary.items()
        for text, items in values.items()
    ]
    return f"{base} ({', '.join(cases)})" if cases else base


def _joined(items: Items) -> str:
    return items if isinstance(items, str) else ", ".join(items)
