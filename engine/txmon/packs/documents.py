"""YAML files -> located trees: every scalar its source text, every value its place.

Nothing is resolved or constructed, so no text turns into a number, date or false. What packs do
not use (anchors, aliases, tags, several documents, tabs) is refused.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from txmon.errors import Finding, Location
from txmon.language.problems import WHOLE, Code
from txmon.packs.positions import offsets
from txmon.packs.yaml_errors import explain

if TYPE_CHECKING:
    from enum import StrEnum

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_VALUES = 50_000
MAX_SCALAR = 100_000
MAX_SHOWN = 200
_LINE_BREAK = re.compile("\n")
_ODD = {"\x7f", "\x85", "\u2028", "\u2029", "\ufeff"}


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


# What the YAML parser lets slip on odd escapes, versions and tags instead of an error of its own.
_PARSER_SLIPS = (YAMLError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)


class DocumentError(Exception):
    """A file that cannot be read on; never leaves this package."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(finding.message)


def read_document(path: str | Path) -> tuple[Tree | None, tuple[Finding, ...]]:
    """The located tree of a YAML file, and what is wrong with the file.

    The tree is None if the file cannot be read at all; with a key that stands twice it is there.
    """
    try:
        source = read_source(path)
    except DocumentError as error:
        return None, (error.finding,)
    return read_tree(source)


def read_source(path: str | Path, most: int = MAX_BYTES) -> Source:
    """The text of a file of at most so many bytes, line breaks made plain.

    Raises:
        DocumentError: missing, too long, or not UTF-8.
    """
    nowhere = Location(str(path), 1, 1)
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        raise DocumentError(Finding(Code.UNREADABLE, message, nowhere)) from error
    if len(data) > most:
        message = f"the file has {len(data)} bytes; at most {most} are allowed"
        raise DocumentError(Finding(Code.TOO_LARGE, message, nowhere))
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        message = "the file is not UTF-8 text"
        advice = "save it as UTF-8"
        finding = Finding(Code.UNREADABLE, message, Location(str(path), line, 1), "", advice)
        raise DocumentError(finding) from error
    return Source(str(path), text.replace("\r\n", "\n").replace("\r", "\n"))


def read_tree(source: Source) -> tuple[Tree | None, tuple[Finding, ...]]:
    """The located tree of a text, and what is wrong with it."""
    builder = _Builder(source)
    try:
        _no_odd_characters(source)
        tree = builder.document()
    except DocumentError as error:
        return None, (*builder.findings, error.finding)
    except MarkedYAMLError as error:
        return None, (*builder.findings, explain(source, error))
    except _PARSER_SLIPS as error:
        finding = source.finding(Code.YAML_SYNTAX, f"this is not YAML: {error}", 0, 1)
        return None, (*builder.findings, finding)
    return tree, tuple(builder.findings)


def _is_odd(character: str) -> bool:
    surrogate = "\ud800" <= character <= "\udfff"
    return character != "\n" and (character < " " or character in _ODD or surrogate)


def _no_odd_characters(source: Source) -> None:
    for position, character in enumerate(source.text):
        if character == "\t":
            message = "a tab; YAML is indented with spaces"
        elif _is_odd(character):
            message = f"the character U+{ord(character):04X} is not allowed"
        else:
            continue
        finding = source.finding(Code.YAML_FEATURE, message, position, position + 1)
        raise DocumentError(finding)


class _Builder:
    """Builds the tree from parse events."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.findings: list[Finding] = []
        self._events = iter(YAML(typ="safe", pure=True).parse(source.text))
        self._values = 0

    def document(self) -> Tree | None:
        tree: Tree | None = None
        for event in self._events:
            if isinstance(event, yaml_events.DocumentStartEvent):
                self._refuse_directives(event)
                if tree is not None:
                    self._stop("a second document; a file holds one", event)
            elif not isinstance(event, _FRAME):
                tree = self._tree(event, 1)
        if tree is None:
            finding = self.source.finding(Code.WRONG_SHAPE, "the file is empty", 0, 1)
            self.findings.append(finding)
        return tree

    def _refuse_directives(self, event: Any) -> None:
        if event.version is not None or event.tags:
            self._stop("a YAML directive; packs use none", event)

    def _stop(self, message: str, event: Any, code: Code = Code.YAML_FEATURE) -> None:
        start, end = event.start_mark.index, event.end_mark.index
        raise DocumentError(self.source.finding(code, message, start, max(end, start + 1)))

    def _tree(self, event: Any, depth: int) -> Tree:
        self._refuse(event)
        self._values += 1
        if self._values > MAX_VALUES:
            self._stop(f"the file has more than {MAX_VALUES} values", event, Code.TOO_LARGE)
        if depth > MAX_DEPTH:
            message = f"values are nested more than {MAX_DEPTH} levels deep"
            self._stop(message, event, Code.TOO_LARGE)
        if isinstance(event, yaml_events.ScalarEvent):
            return self._scalar(event)
        if isinstance(event, yaml_events.SequenceStartEvent):
            return self._items(event, depth)
        return self._fields(event, depth)

    def _refuse(self, event: Any) -> None:
        if isinstance(event, yaml_events.AliasEvent):
            self._stop(f"an alias *{event.anchor}; packs use none: write the value out", event)
        if event.anchor is not None:
            self._stop(f"an anchor &{event.anchor}; packs use none: write the value out", event)
        if event.tag is not None:
            self._stop(f"a tag {event.tag}; packs use none: every value is text", event)

    def _scalar(self, event: Any) -> Scalar:
        if len(event.value) > MAX_SCALAR:
            message = f"a text of {len(event.value)} characters; at most {MAX_SCALAR} are allowed"
            self._stop(message, event, Code.TOO_LARGE)
        odd = next((one for one in event.value if _is_odd(one)), None)
        if odd is not None:
            self._stop(f"an escape that stands for U+{ord(odd):04X}; texts hold no such", event)
        start, end = event.start_mark.index, event.end_mark.index
        return Scalar(self.source, start, end, event.value, event.style or "")

    def _items(self, event: Any, depth: int) -> Items:
        items: list[Tree] = []
        for following in self._events:
            if isinstance(following, yaml_events.SequenceEndEvent):
                break
            items.append(self._tree(following, depth + 1))
        start = event.start_mark.index
        return Items(self.source, start, event.end_mark.index, tuple(items))

    def _fields(self, event: Any, depth: int) -> Fields:
        entries: dict[str, tuple[Scalar, Tree]] = {}
        for following in self._events:
            if isinstance(following, yaml_events.MappingEndEvent):
                break
            key = self._key(following, depth)
            value = self._tree(next(self._events), depth + 1)
            if key.text in entries:
                self._twice(key, entries[key.text][0])
            else:
                entries[key.text] = (key, value)
        flow = bool(event.flow_style)
        start, end = event.start_mark.index, event.end_mark.index
        return Fields(self.source, start, end, tuple(entries.values()), flow)

    def _key(self, event: Any, depth: int) -> Scalar:
        key = self._tree(event, depth + 1)
        if not isinstance(key, Scalar):
            raise DocumentError(
                key.source.finding(Code.WRONG_SHAPE, "a key must be a text", key.start, key.end)
            )
        return key

    def _twice(self, key: Scalar, first: Scalar) -> None:
        line = self.source.location(first.start, first.end).line
        message = f"the key '{key.text}' stands twice; the first is on line {line}"
        self.findings.append(key.finding(Code.DUPLICATE_KEY, message, 0, WHOLE))


_FRAME = (
    yaml_events.StreamStartEvent,
    yaml_events.StreamEndEvent,
    yaml_events.DocumentEndEvent,
)
