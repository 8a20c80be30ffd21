"""ISO 20022 XML read as a stream: each transaction of its messages a row of canonical columns.

Only the transaction at hand is kept as a tree. A DOCTYPE is refused before anything it declares is
read, so there are no entities to expand and no files to fetch.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast
from xml.etree.ElementTree import ParseError, XMLPullParser
from xml.parsers import expat

import polars as pl

from txmon.errors import InputError
from txmon.schema import STANDARD
from txmon.sources.content import telling, unpacked
from txmon.sources.entries import entry_rows
from txmon.sources.facts import COLUMNS, Facts, Message, local_name, take_facts
from txmon.sources.faults import Reason
from txmon.sources.tables import Mark, TextTable, Unread
from txmon.sources.transfers import transfer_row

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from txmon.sources.files import Piece

MESSAGES = {
    "FIToFICstmrCdtTrf": Message.PACS_008,
    "FICdtTrf": Message.PACS_009,
    "FinInstnCdtTrf": Message.PACS_009,
    "CstmrCdtTrfInitn": Message.PAIN_001,
    "BkToCstmrStmt": Message.CAMT_053,
    "BkToCstmrDbtCdtNtfctn": Message.CAMT_054,
}
"""Element that holds a message -> what it is, in any version."""

_GROUPS = frozenset({"PmtInf", "Stmt", "Ntfctn"})
_HEADER = "GrpHdr"
_TRANSFER, _ENTRY = "CdtTrfTxInf", "Ntry"
_SIDES = ("DBIT", "CRDT")
_BLOCK = 1 << 16
_ROWS = 1 << 15
_ALWAYS = ("transaction_id", "event_time", "debtor_account", "creditor_account")
_MONEY = ("amount", "currency")

Row = tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class MessageFile:
    """The transactions of a file of messages."""

    header: tuple[str, ...]
    frame: pl.DataFrame


@dataclass(slots=True)
class _Walk:
    """Where in its messages a stream stands."""

    kind: Message | None = None
    seen: bool = False
    root: str = ""
    body: Element | None = None
    group: Element | None = None
    header: Facts = field(default_factory=dict)
    context: Facts | None = None

    def enter(self, name: str, element: Element) -> None:
        """A new element begins."""
        self.root = self.root or name
        if name in MESSAGES:
            self.kind, self.body, self.seen = MESSAGES[name], element, True
            self.group, self.header, self.context = None, {}, None
        elif name in _GROUPS and self.body is not None and self.group is None:
            self.group, self.context = element, None

    def leave(self, name: str, element: Element) -> list[Row]:
        """An element is complete: the rows it makes."""
        if self.kind is None or self.body is None:
            return []
        if name == (_ENTRY if self.kind.is_statement else _TRANSFER):
            return self._record(element)
        if name == _HEADER:
            self.header = take_facts(element)
        elif element is self.group:
            self.group, self.context = None, None
            self.body.clear()
        elif element is self.body:
            self.kind, self.body = None, None
            element.clear()
        return []

    def _record(self, element: Element) -> list[Row]:
        holder = self.group if self.group is not None else self.body
        if self.kind is None or holder is None:
            return []
        if self.context is None:
            group = {} if self.group is None else take_facts(self.group, (_TRANSFER, _ENTRY))
            self.context = {**_under(_HEADER, self.header), **group}
        if self.kind.is_statement:
            rows = list(entry_rows(element, self.context))
        else:
            rows = [transfer_row(self.kind, take_facts(element), self.context)]
        holder.clear()
        return rows


def open_messages(piece: Piece) -> MessageFile:
    """Read every transaction of a file of messages.

    Raises:
        InputError: it cannot be read, is not well-formed, has a DOCTYPE or no message we know.
    """
    with telling(piece.name), unpacked(piece) as stream:
        frames = list(_frames(piece.name, stream))
    frame = pl.concat(frames)
    dropped = {
        name
        for name in frame.columns
        if name in STANDARD and name not in _ALWAYS + _MONEY
        if frame[name].null_count() == frame.height
    }
    return MessageFile(tuple(name for name in COLUMNS if name not in dropped), frame)


def read_messages(file: MessageFile, columns: tuple[str, ...]) -> TextTable:
    """The given columns of an opened file; a row is a transaction, counted from 1."""
    side = file.frame["direction"]
    wrong = (~side.is_in(_SIDES) & side.is_not_null()).arg_true()
    marks: tuple[Mark, ...] = ()
    if len(wrong):
        raw = side.gather(wrong).replace("", None)
        marks = (Mark("direction", Reason.INVALID_DIRECTION, wrong, raw, always=True),)
    numbers = pl.int_range(1, file.frame.height + 1, dtype=pl.UInt32, eager=True)
    unread = Unread.of(Reason.BROKEN_LINE, [])
    return TextTable(file.frame.select(columns), numbers, unread, marks=marks)


def _frames(name: str, stream: BinaryIO) -> Iterator[pl.DataFrame]:
    walk = _Walk()
    rows: list[Row] = []
    try:
        for event, element in _events(name, stream):
            local = local_name(element.tag)
            if event == "start":
                walk.enter(local, element)
                continue
            rows += walk.leave(local, element)
            if len(rows) >= _ROWS:
                yield _frame(rows)
                rows = []
    except (ParseError, expat.ExpatError, ValueError, LookupError) as error:
        raise InputError(f"{name} is no well-formed XML: {error}") from error
    if not walk.seen:
        known = ", ".join(Message)
        raise InputError(f"{name} is XML without a message of {known}; its root is {walk.root}")
    yield _frame(rows)


def _frame(rows: list[Row]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")


def _events(name: str, stream: BinaryIO) -> Iterator[tuple[str, Element]]:
    parser: XMLPullParser[Element] = XMLPullParser(("start", "end"))
    prolog = _Prolog(name)
    while block := stream.read(_BLOCK):
        prolog.feed(block)
        parser.feed(block)
        yield from cast("Iterator[tuple[str, Element]]", parser.read_events())
    parser.close()
    yield from cast("Iterator[tuple[str, Element]]", parser.read_events())


class _Prolog:
    """Watches what stands before the root element, where alone a DOCTYPE may stand."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._over = False
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._root

    def feed(self, block: bytes) -> None:
        """Look at the next bytes, until the root element begins."""
        if not self._over:
            self._parser.Parse(block, False)

    def _doctype(self, *_: object) -> None:
        raise InputError(
            f"{self._name} has a DOCTYPE, which no ISO 20022 message has; it could declare entities"
            " and is refused"
        )

    def _root(self, *_: object) -> None:
        self._over = True


def _under(prefix: str, facts: Facts) -> Facts:
    return {f"{prefix}/{path}": texts for path, texts in facts.items()}
