"""A walk through the elements of ISO 20022 XML that keeps one transaction at a time.

A DOCTYPE is refused before anything it declares is read, so there are no entities to expand and no
files to fetch.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, TypeAlias
from xml.parsers import expat

from txmon.errors import InputError
from txmon.sources.entries import entry_rows
from txmon.sources.facts import Message
from txmon.sources.transfers import transfer_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    Found: TypeAlias = dict[str, list[str]]

_MESSAGES = {
    "FIToFICstmrCdtTrf": Message.PACS_008,
    "FICdtTrf": Message.PACS_009,
    "FinInstnCdtTrf": Message.PACS_009,
    "CstmrCdtTrfInitn": Message.PAIN_001,
    "BkToCstmrStmt": Message.CAMT_053,
    "BkToCstmrDbtCdtNtfctn": Message.CAMT_054,
}
_GROUPS = frozenset({"PmtInf", "Stmt", "Ntfctn"})
_TRANSFER, _ENTRY, _DETAIL, _DETAILS = "CdtTrfTxInf", "Ntry", "TxDtls", "NtryDtls"
_SPECIAL = frozenset({*_MESSAGES, *_GROUPS, _TRANSFER, _ENTRY, _DETAIL})
_DEPTH = 100
_MOST_KEPT = 4096
"""Places that are kept: more than any message has, and no file of made-up names fills memory."""


class _Scope(Enum):
    """An element whose texts are kept apart from those around it."""

    MESSAGE = auto()
    GROUP = auto()
    RECORD = auto()
    DETAIL = auto()


class _Place:
    """Where an element stands within its scope; places are made once and then found by tag.

    Attributes:
        name: of the element without its namespace, and so of any version.
        path: names from the scope down, joined by ``/``.
        special: whether a scope may begin here.
    """

    __slots__ = ("_below", "_kept", "name", "path", "special")

    def __init__(self, name: str, path: str, kept: list[str]) -> None:
        self.name = name
        self.path = path
        self.special = name in _SPECIAL
        self._below: dict[str, _Place] = {}
        self._kept = kept

    def below(self, tag: str) -> _Place:
        """The place of an element in this one."""
        found = self._below.get(tag)
        if found is None:
            name = tag.rpartition("}")[2]
            found = _Place(name, f"{self.path}/{name}" if self.path else name, self._kept)
            if len(self._kept) < _MOST_KEPT:
                self._kept.append(found.path)
                self._below[tag] = found
        return found


class Walk:
    """What a stream of XML has said so far.

    Attributes:
        rows: the rows of the transactions that are complete; the caller takes them away.
        found: whether there was a message that is read.
        root: name of the first element.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[str | None, ...]] = []
        self.found = False
        self.root = ""
        self._kind = Message.PACS_008
        self._facts: Found | None = None
        self._top = self._place = _Place("", "", [])
        self._outer: list[tuple[Found | None, _Place]] = []
        self._scopes: list[tuple[int, _Scope]] = []
        self._watched = -1
        self._header: Found = {}
        self._group: Found = {}
        self._details: list[Found] = []
        self._text: list[str] = []
        self._parser = self._new_parser()

    def _new_parser(self) -> expat.XMLParserType:
        parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        return parser

    def feed(self, block: bytes) -> None:
        """Read on.

        Raises:
            InputError: there is a DOCTYPE.
            ExpatError: it is not well-formed.
            ValueError: it is nested too deeply, or in an encoding of several bytes.
        """
        self._parser.Parse(block, False)

    def close(self) -> None:
        """The stream is at its end.

        Raises:
            ExpatError: the root element is not.
        """
        self._parser.Parse(b"", True)

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        outer, around = self._outer, self._place
        outer.append((self._facts, around))
        if len(outer) > _DEPTH:
            raise ValueError("it is nested deeper than any ISO 20022 message")
        place = around.below(tag)
        if place.special and self._opens(place.name):
            self._place = self._top
        else:
            self._place = place
            if attributes and "Ccy" in attributes and self._facts is not None:
                self._facts.setdefault(f"{place.path}@Ccy", []).append(attributes["Ccy"])
        if not self.root:
            self.root = place.name
        self._text.clear()

    def _end(self, _tag: str) -> None:
        outer, texts = self._outer, self._text
        if texts:
            text = "".join(texts).strip() if self._facts is not None else ""
            if text and self._facts is not None:
                self._facts.setdefault(self._place.path, []).append(text)
            texts.clear()
        if len(outer) == self._watched:
            self._complete()
        self._facts, self._place = outer.pop()

    def _opens(self, name: str) -> bool:
        """Whether an element begins a scope of its own, which it then has."""
        depth = len(self._outer)
        around, scope = self._scopes[-1] if self._scopes else (-1, None)
        inside = depth == around + 1
        record = _ENTRY if self._kind.is_statement else _TRANSFER
        if scope is None and name in _MESSAGES:
            self._kind, self.found = _MESSAGES[name], True
            self._header, self._group = {}, {}
            self._enter(depth, _Scope.MESSAGE, self._header)
        elif scope is _Scope.MESSAGE and inside and name in _GROUPS:
            self._group = {}
            self._enter(depth, _Scope.GROUP, self._group)
        elif scope in {_Scope.MESSAGE, _Scope.GROUP} and inside and name == record:
            self._details = []
            self._enter(depth, _Scope.RECORD, {})
        elif scope is _Scope.RECORD and name == _DETAIL and self._place.path == _DETAILS:
            self._details.append({})
            self._enter(depth, _Scope.DETAIL, self._details[-1])
        else:
            return False
        return True

    def _enter(self, depth: int, scope: _Scope, facts: Found) -> None:
        self._scopes.append((depth, scope))
        self._watched = depth
        self._facts = facts

    def _complete(self) -> None:
        """The innermost scope ends; a record makes its rows."""
        _, scope = self._scopes.pop()
        self._watched = self._scopes[-1][0] if self._scopes else -1
        if scope is _Scope.RECORD and self._facts is not None:
            context = {**self._header, **self._group}
            if self._kind.is_statement:
                self.rows += entry_rows(self._facts, self._details, context)
            else:
                self.rows.append(transfer_row(self._kind, self._facts, context))
        elif scope is _Scope.GROUP:
            self._group = {}


def _refuse(*_: object) -> None:
    raise InputError(
        "has a DOCTYPE, which no ISO 20022 message has; it could declare entities and is refused"
    )
