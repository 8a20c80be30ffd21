"""YAML files -> located trees: every scalar its source text, every value its place.

Nothing is resolved or constructed, so no text turns into a number, date or false. What packs do
not use (anchors, aliases, tags, several documents, tabs) is refused.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from txmon.errors import Finding, Location
from txmon.language.problems import WHOLE, Code
from txmon.packs.plain_yaml import read_plainly
from txmon.packs.tree import Fields, Items, Scalar, Source, Tree
from txmon.packs.yaml_errors import explain

__all__ = [
    "DocumentError",
    "Fields",
    "Items",
    "Scalar",
    "Source",
    "Tree",
    "read_carefully",
    "read_document",
    "read_source",
    "read_tree",
]

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_VALUES = 50_000
MAX_SCALAR = 100_000
_ODD = {"\x7f", "\x85", "\u2028", "\u2029", "\ufeff"}
_SUSPECT = re.compile("[\x00-\x09\x0b-\x1f\x7f\x85\u2028\u2029\ufeff\ud800-\udfff]")
"""A tab, or a character that no pack may hold."""

LIMITS = {"values": MAX_VALUES, "depth": MAX_DEPTH, "longest": MAX_SCALAR}

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
    plain = None if _SUSPECT.search(source.text) else read_plainly(source, **LIMITS)
    return read_carefully(source) if plain is None else (plain, ())


def read_carefully(source: Source) -> tuple[Tree | None, tuple[Finding, ...]]:
    """As ``read_tree``, by a parser of all YAML."""
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
    found = _SUSPECT.search(source.text)
    if found is None:
        return
    message = f"the character U+{ord(found[0]):04X} is not allowed"
    if found[0] == "\t":
        message = "a tab; YAML is indented with spaces"
    raise DocumentError(source.finding(Code.YAML_FEATURE, message, found.start(), found.end()))


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
