"""Located trees: the values of a YAML file, each with its place, and the file's text."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from txmon.errors import Finding, Location
from txmon.language.problems import WHOLE
from txmon.packs.positions import offsets

if TYPE_CHECKING:
    from enum import StrEnum

MAX_SHOWN = 200
_LINE_BREAK = re.compile("\n")


@dataclass(frozen=True)
class Source:
    """A file's text."""

    path: str
    text: str = field(repr=False)

    @cached_property
    def starts(self) -> list[int]:
        """Where its lines start."""
        return [0, *(found.end() for found in _LINE_BREAK.finditer(self.text))]

    def location(self, start: int, end: int) -> Location:
        """The place of a piece of the text, cut at the end of its first line."""
        line = bisect_right(self.starts, start)
        first = self.starts[line - 1]
        length = min(end, first + len(self.line(line))) - start
        return Location(self.path, line, start - first + 1, max(1, length))

    def line(self, number: int) -> str:
        """A line without its break; lines count from 1."""
        start = self.starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def finding(
        self, code: StrEnum, message: str, start: int, end: int, advice: str = ""
    ) -> Finding:
        """A finding about a piece of the text."""
        location = self.location(start, end)
        line = self.line(location.line)
        if len(line) > MAX_SHOWN:
            # A line of a megabyte helps nobody: show its beginning, or nothing of it.
            seen = MAX_SHOWN + 1 - location.column
            location = replace(location, length=max(1, min(location.length, seen)))
            line = f"{line[:MAX_SHOWN]} ..." if seen > 0 else ""
        return Finding(code.value, message, location, line, advice)


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text with its place; ``style`` is ``''`` if plain, else one of ``' " | >``."""

    source: Source
    start: int
    end: int
    text: str
    style: str = ""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The piece of the file that holds ``text[start:end]``."""
        if not self.text or end >= WHOLE:
            return self.start, max(self.end, self.start + 1)
        places = offsets(self.source.text[self.start : self.end], self.text, self.style)
        last = len(self.text) - 1
        if start > last:
            after = self.start + places[last] + 1
            return after, after + 1
        first = self.start + places[max(0, start)]
        final = self.start + places[min(max(start, end - 1), last)]
        return first, final + 1

    def finding(
        self, code: StrEnum, message: str, start: int, end: int, advice: str = ""
    ) -> Finding:
        """A finding about ``text[start:end]``."""
        return self.source.finding(code, message, *self.span(start, end), advice)


@dataclass(frozen=True, slots=True)
class Items:
    """A list with its place."""

    source: Source
    start: int
    end: int
    items: tuple[Tree, ...] = ()


@dataclass(frozen=True, slots=True)
class Fields:
    """Keys and values with their place; ``flow`` if written in ``{ }``."""

    source: Source
    start: int
    end: int
    entries: tuple[tuple[Scalar, Tree], ...] = ()
    flow: bool = False

    def get(self, key: str) -> Tree | None:
        """The value of a key."""
        return next((value for name, value in self.entries if name.text == key), None)

    def key(self, key: str) -> Scalar | None:
        """Where a key stands."""
        return next((name for name, _ in self.entries if name.text == key), None)


Tree = Scalar | Items | Fields
