"""Blocks of NDJSON scanned: plain lines by a kernel, the others one by one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.sources import json_scan
from txmon.sources.json_objects import clean, parsed, text_of
from txmon.sources.json_scan import BEGIN, END, NAME, NAME_LENGTH, PLAIN, ROWS
from txmon.sources.spans import NEW_LINE, texts_at
from txmon.sources.tables import REPLACEMENT

if TYPE_CHECKING:
    from txmon.kernels.compiled import Array

_MOST_NAMES = 256
"""Beyond so many different names in a block, lines with new ones go to the parser."""
_SPARE = 16


@dataclass(frozen=True)
class Block:
    """Some lines of a file.

    Attributes:
        data: their bytes.
        names: of the values that were scanned.
        places: where each value's text begins, by line and name.
        sizes: its length, -1 where there is none; see ``json_scan.scan``.
        lines: begin, end and plainness of each line with something in it.
        first: the first line with each name; -1 if there is none.
        objects: line -> its object, of lines that are not plain.
        broken: line -> what is wrong with it, of lines that are no object.
    """

    data: Array
    names: tuple[str, ...]
    places: Array
    sizes: Array
    lines: Array
    first: Array
    objects: dict[int, dict[str, Any]]
    broken: dict[int, str]

    @cached_property
    def header(self) -> tuple[str, ...]:
        """The names in the objects of this block, in order of appearance."""
        scanned = [
            (int(row), int(self.places[row, k]), name)
            for k, (name, row) in enumerate(zip(self.names, self.first, strict=True))
            if row >= 0
        ]
        read = [
            (row, at, name) for row, found in self.objects.items() for at, name in enumerate(found)
        ]
        return tuple(dict.fromkeys(name for _, _, name in sorted(scanned + read)))

    @cached_property
    def rows(self) -> Array:
        """The lines that are objects, ascending."""
        every = np.arange(len(self.lines), dtype=np.int64)
        return np.delete(every, list(self.broken)) if self.broken else every

    def line(self, row: int) -> str:
        """A line as it is written, blanks around it left out."""
        begin, end = self.lines[row, BEGIN], self.lines[row, END]
        return self.data[begin:end].tobytes().decode()

    def column(self, name: str) -> tuple[pl.Series, bool]:
        """The texts of a name in each object, and whether half a character had to be replaced."""
        texts = self._scanned(name)
        wanted = [(row, found[name]) for row, found in self.objects.items() if name in found]
        torn = False
        if wanted:
            rows, values = zip(*wanted, strict=True)
            read, torn = _texts(list(values))
            texts = texts.scatter(list(rows), read)
        return (texts.gather(self.rows) if self.broken else texts), torn

    def _scanned(self, name: str) -> pl.Series:
        height = len(self.lines)
        if name not in self.names:
            return pl.Series(name, [None], dtype=pl.String).new_from_index(0, height)
        k = self.names.index(name)
        return texts_at(self.data, self.places, self.sizes, k, _unescaped)

    def nested(self, name: str) -> list[int]:
        """The lines in which an object or a list stands under a name."""
        return [
            row for row, found in self.objects.items() if isinstance(found.get(name), dict | list)
        ]


def _unescaped(texts: pl.Series) -> pl.Series:
    return pl.Series([json.loads(f'"{text}"') for text in texts], dtype=pl.String)


def _texts(values: list[Any]) -> tuple[pl.Series, bool]:
    """Values as texts, and whether one of them holds half a character (a lone surrogate)."""
    written = [text_of(value) for value in values]
    try:
        return pl.Series(written, dtype=pl.String), False
    except UnicodeEncodeError:
        whole = [None if text is None else clean(text, REPLACEMENT) for text in written]
        return pl.Series(whole, dtype=pl.String), True


def scan_block(data: Array, known: tuple[str, ...]) -> Block:
    """Scan a block, names known from earlier ones tried first."""
    scan = _Scan(data, [name.encode() for name in known[:_MOST_NAMES]])
    scan.run()
    count = int(scan.state[ROWS])
    lines = scan.lines[:count]
    objects: dict[int, dict[str, Any]] = {}
    broken: dict[int, str] = {}
    for row in np.flatnonzero(lines[:, PLAIN] == 0).tolist():
        line = data[lines[row, BEGIN] : lines[row, END]].tobytes().decode()
        found, wrong = parsed(line)
        if found is None:
            broken[row] = wrong
        else:
            objects[row] = found
    names = tuple(name.decode() for name in scan.names)
    first = scan.first[: len(names)]
    return Block(
        data, names, scan.places[:count], scan.sizes[:count], lines, first, objects, broken
    )


class _Scan:
    """A scan that is stopped by each new name, and goes on when it is known."""

    def __init__(self, data: Array, names: list[bytes]) -> None:
        self.data = data
        self.names = names
        most = int(np.count_nonzero(data == NEW_LINE)) + 1
        self.lines = np.empty((most, 3), np.int64)
        self.state = np.zeros(4, np.int64)
        self.places = np.empty((most, 0), np.int32)
        self.sizes = np.empty((most, 0), np.int32)
        self.first = np.empty(0, np.int32)

    def run(self) -> None:
        """Scan to the end."""
        self.state[NAME_LENGTH] = 0
        while self.state[NAME_LENGTH] >= 0:
            self._widen()
            joined = np.frombuffer(b"".join(self.names), np.uint8)
            ends = np.cumsum([len(name) for name in self.names], dtype=np.int32)
            grows = len(self.names) < _MOST_NAMES
            json_scan.scan(
                self.data,
                joined,
                ends,
                self.places,
                self.sizes,
                self.lines,
                self.first,
                self.state,
                grows,
            )
            if self.state[NAME_LENGTH] >= 0:
                begin = self.state[NAME]
                name = self.data[begin : begin + self.state[NAME_LENGTH]]
                self.names.append(name.tobytes())

    def _widen(self) -> None:
        """Make room for more names than there are."""
        missing = len(self.names) - self.places.shape[1]
        if missing > 0:
            more = ((0, 0), (0, missing + _SPARE))
            self.places = np.pad(self.places, more, constant_values=-1)
            self.sizes = np.pad(self.sizes, more, constant_values=-1)
            self.first = np.pad(self.first, more[1], constant_values=-1)
