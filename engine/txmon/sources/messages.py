"""Files of ISO 20022 XML: every transaction of their messages a row of canonical columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO
from xml.parsers import expat

import polars as pl

from txmon.errors import InputError
from txmon.schema import STANDARD
from txmon.sources.content import telling, unpacked
from txmon.sources.elements import Walk
from txmon.sources.facts import COLUMNS, Message
from txmon.sources.faults import Reason
from txmon.sources.tables import Mark, TextTable, Unread

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.sources.files import Piece

_SIDES = ("DBIT", "CRDT")
_BLOCK = 1 << 16
_ROWS = 1 << 13
_ALWAYS = ("transaction_id", "event_time", "debtor_account", "creditor_account")
_MONEY = ("amount", "currency")


@dataclass(frozen=True, slots=True)
class MessageFile:
    """The transactions of a file of messages."""

    header: tuple[str, ...]
    frame: pl.DataFrame


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
    walk = Walk()
    try:
        while block := stream.read(_BLOCK):
            walk.feed(block)
            if len(walk.rows) >= _ROWS:
                yield _frame(walk)
        walk.close()
    except InputError as error:
        raise InputError(f"{name} {error}") from error
    except (expat.ExpatError, ValueError, LookupError) as error:
        raise InputError(f"{name} is no well-formed XML: {error}") from error
    if not walk.found:
        known = ", ".join(Message)
        raise InputError(f"{name} is XML without a message of {known}; its root is {walk.root}")
    yield _frame(walk)


def _frame(walk: Walk) -> pl.DataFrame:
    rows = pl.DataFrame(walk.rows, schema=dict.fromkeys(COLUMNS, pl.String), orient="row")
    walk.rows.clear()
    return rows
