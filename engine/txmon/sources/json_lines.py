"""NDJSON read as text: one object a line, every value what is written, broken lines kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.errors import InputError
from txmon.sources.content import as_utf8, content
from txmon.sources.faults import Reason
from txmon.sources.tables import REPLACEMENT, Mark, TextTable, Unread, numbers_without

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.sources.files import Piece

_BLANK = " \t\r"
_TRUTH = {True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class LinesFile:
    """The objects of an NDJSON file, their numbers as texts, and the names found in them."""

    header: tuple[str, ...]
    rows: list[dict[str, Any]]
    lines: list[str]
    unread: Unread
    broken: bool


class _TwiceError(ValueError):
    """A name stands twice in one object."""


def open_lines(piece: Piece) -> LinesFile:
    """Read a file's lines and find the names in them.

    Raises:
        InputError: it cannot be read, is binary, or no line is an object.
    """
    data, broken = as_utf8(piece.name, content(piece))
    rows: list[dict[str, Any]] = []
    lines: list[str] = []
    unread: list[tuple[int, str, str]] = []
    for number, line in enumerate(_filled(data.to_pybytes().decode("utf-8-sig")), 1):
        row, wrong = _parsed(line)
        if row is None:
            unread.append((number, line, wrong))
        else:
            rows.append(row)
            lines.append(line)
    if not rows:
        told = f"no line that is a JSON object: {unread[0][2]}" if unread else "no line at all"
        raise InputError(f"{piece.name} has {told}")
    names = dict.fromkeys(chain.from_iterable(rows))
    header = tuple(dict.fromkeys(map(_clean, names)))
    return LinesFile(header, rows, lines, Unread.of(Reason.BROKEN_LINE, unread), broken)


def read_lines(file: LinesFile, columns: tuple[str, ...]) -> TextTable:
    """The given columns of an opened file; what is missing in a line is null there."""
    broken = file.broken
    marks: list[Mark] = []
    texts: dict[str, pl.Series] = {}
    for name in columns:
        values = [row.get(name) for row in file.rows]
        nested = _nested(values)
        if nested:
            rows = pl.Series(nested, dtype=pl.UInt32)
            raw = pl.Series([file.lines[at] for at in nested], dtype=pl.String)
            marks.append(Mark(name, Reason.NESTED_VALUE, rows, raw))
        texts[name], torn = _texts(name, values)
        broken = broken or torn
    numbers = numbers_without(len(file.rows), file.unread.numbers)
    return TextTable(pl.DataFrame(texts), numbers, file.unread, broken, tuple(marks))


def _filled(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        stripped = line.strip(_BLANK)
        if stripped:
            yield stripped


def _parsed(line: str) -> tuple[dict[str, Any] | None, str]:
    """The object of a line, or what is wrong with the line."""
    try:
        value, end = _DECODER.raw_decode(line)
    except json.JSONDecodeError as error:
        return None, f"{error.msg} at character {error.pos + 1}"
    except _TwiceError as error:
        return None, str(error)
    except RecursionError:
        return None, "it is nested too deeply"
    if end != len(line):
        return None, f"more follows at character {end + 1}"
    return (value, "") if isinstance(value, dict) else (None, "it is a single value or a list")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _TwiceError(f'"{_clean(twice)}" stands twice in it')
    return found


def _constant(text: str) -> str | None:
    return None if text == "NaN" else text


_DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=_constant, object_pairs_hook=_once
)
"""Leaves numbers as they are written."""


def _nested(values: list[Any]) -> list[int]:
    if {dict, list}.isdisjoint(map(type, values)):
        return []
    return [at for at, value in enumerate(values) if isinstance(value, dict | list)]


def _texts(name: str, values: list[Any]) -> tuple[pl.Series, bool]:
    """Values as texts, and whether one of them holds half a character (a lone surrogate)."""
    if not {bool, dict, list}.isdisjoint(map(type, values)):
        values = [_text(value) for value in values]
    try:
        return pl.Series(name, values, dtype=pl.String), False
    except UnicodeEncodeError:
        clean = [None if value is None else _clean(value, REPLACEMENT) for value in values]
        return pl.Series(name, clean, dtype=pl.String), True


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return _TRUTH[value]
    return json.dumps(value) if isinstance(value, dict | list) else value


def _clean(text: str, instead: str = "?") -> str:
    """A text without halves of characters, which no file can hold."""
    return "".join(instead if "\ud800" <= mark <= "\udfff" else mark for mark in text)
