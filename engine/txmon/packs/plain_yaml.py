"""The YAML that packs are mostly written in, read quickly; whatever is in doubt is left to others.

Block keys and lists, texts on one line, literal blocks after ``|`` and ``[ ]`` or ``{ }`` on one
line. The tree is the one that the careful reader gives, places included; a tenth of its time is
what makes thousands of cases a second possible. Anything else (comments behind a value, folded
texts, escapes, a key that stands twice, every mistake) is not read here at all.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.packs.tree import Fields, Items, Scalar, Source, Tree

if TYPE_CHECKING:
    from collections.abc import Callable

_KEY = re.compile(r"([A-Za-z][A-Za-z0-9_]*):(?= |$)")
_FIRST = r"[^\s\-?:,\[\]{}#&*!|>'\"%@`=]"
_PLAIN = re.compile(_FIRST + r"(?:[^:#\n]|:(?=[^ \n])|(?<=[^ ])#)*")
_FLOW_PLAIN = re.compile(_FIRST + r"(?:[^:#,\[\]{}\n]|:(?=[^ ,\[\]{}\n])|(?<=[^ ])#)*")
_QUOTED = re.compile(r"\"([^\"\\\n]*)\"|'([^'\n]*)'")
_BLANKS = re.compile(r" *")
_EMPTY = re.compile(r" *(?:#.*)?$")


class _DoubtError(Exception):
    """Something that only the careful reader may read."""


def read_plainly(source: Source, values: int, depth: int, longest: int) -> Tree | None:
    """The tree of a text that is plain from end to end, else None.

    Args:
        source: the text.
        values: how many values it may have at most.
        depth: how deep they may be nested.
        longest: how many characters one of them may have.
    """
    try:
        reader = _Reader(source, values, longest)
        tree = reader.document(depth)
    except _DoubtError:
        return None
    return tree


def _doubt() -> _DoubtError:
    return _DoubtError()


class _Reader:
    """Reads line by line; ``_at`` is the line that comes next and holds something."""

    def __init__(self, source: Source, values: int, longest: int) -> None:
        self._source = source
        self._lines = source.text.split("\n")
        self._starts = source.starts
        self._left = values
        self._longest = longest
        self._at = -1
        self._indent = 0
        self._next()

    def document(self, depth: int) -> Tree:
        if self._at >= len(self._lines) or self._indent:
            raise _doubt()
        tree = self._block(depth)
        if self._at < len(self._lines):
            raise _doubt()
        return tree

    def _next(self) -> None:
        """Go to the next line that is neither empty nor a comment."""
        lines, at = self._lines, self._at + 1
        while at < len(lines) and _EMPTY.match(lines[at]):
            at += 1
        self._at = at
        # A last line that is not there ends everything that is open.
        self._indent = len(_BLANKS.match(lines[at])[0]) if at < len(lines) else -1  # type: ignore[index]

    def _take(self, depth: int) -> None:
        self._left -= 1
        if self._left < 0 or depth < 1:
            raise _doubt()

    def _block(self, depth: int) -> Tree:
        if self._lines[self._at].startswith("- ", self._indent):
            return self._items(self._indent, depth)
        return self._fields(self._indent, depth)

    def _items(self, indent: int, depth: int) -> Items:
        self._take(depth)
        start = self._starts[self._at] + indent
        found: list[Tree] = []
        while self._indent == indent and self._lines[self._at].startswith("- ", indent):
            column = indent + 2
            if _KEY.match(self._lines[self._at], column):
                self._indent = column
                found.append(self._fields(column, depth - 1))
            else:
                found.append(self._value(column, indent, depth - 1))
            if self._indent > indent:
                raise _doubt()
        return Items(self._source, start, start, tuple(found))

    def _fields(self, indent: int, depth: int) -> Fields:
        self._take(depth)
        start = self._starts[self._at] + indent
        entries: dict[str, tuple[Scalar, Tree]] = {}
        while self._indent == indent:
            line = self._lines[self._at]
            match = _KEY.match(line, indent)
            if match is None or match[1] in entries:
                raise _doubt()
            self._take(depth - 1)
            place = self._starts[self._at] + indent
            key = Scalar(self._source, place, place + len(match[1]), match[1])
            blanks = _BLANKS.match(line, match.end())
            column = match.end() if blanks is None else blanks.end()
            value = (
                self._below(indent, depth - 1)
                if column == len(line)
                else self._value(column, indent, depth - 1)
            )
            entries[match[1]] = (key, value)
        if self._indent > indent:
            raise _doubt()
        return Fields(self._source, start, start, tuple(entries.values()))

    def _below(self, indent: int, depth: int) -> Tree:
        """What stands under a key: deeper, or a list at the key's own depth."""
        self._next()
        if self._indent > indent:
            return self._block(depth)
        if self._indent == indent and self._lines[self._at].startswith("- ", indent):
            found = self._items(indent, depth)
            # The careful reader has no mark before such a list, so it takes the first dash.
            return replace(found, end=found.start + 1)
        raise _doubt()

    def _value(self, column: int, indent: int, depth: int) -> Tree:
        """A value that begins on the current line; goes to the next."""
        line = self._lines[self._at]
        if len(line) > self._longest or column >= len(line):
            raise _doubt()
        if line[column] == "|":
            return self._literal(line, column, indent, depth)
        place = self._starts[self._at]
        found: Tree
        if line[column] in "[{":
            flow = _Flow(self._source, line, place, self._take)
            found, end = flow.value(column, depth)
        else:
            self._take(depth)
            found, end = _scalar(self._source, line, place, column, _PLAIN)
        if line[end:].strip():
            raise _doubt()
        self._next()
        return found

    def _literal(self, line: str, column: int, indent: int, depth: int) -> Scalar:
        if line[column:] != "|":
            raise _doubt()
        self._take(depth)
        start, first = self._starts[self._at] + column, self._at + 1
        if first >= len(self._lines):
            raise _doubt()
        inner = len(_BLANKS.match(self._lines[first])[0])  # type: ignore[index]
        if inner <= indent or not self._lines[first].strip():
            raise _doubt()
        end = first
        margin = " " * inner
        while end < len(self._lines) and self._lines[end].startswith(margin):
            if not self._lines[end].strip():
                raise _doubt()
            end += 1
        # An empty line within or behind the text is the careful reader's.
        if end < len(self._lines) and not self._lines[end] and end != len(self._lines) - 1:
            raise _doubt()
        if end == len(self._lines):
            raise _doubt()
        text = "".join(f"{one[inner:]}\n" for one in self._lines[first:end])
        if len(text) > self._longest:
            raise _doubt()
        self._at = end - 1
        self._next()
        return Scalar(self._source, start, self._starts[end], text, "|")


class _Flow:
    """Reads ``[ ]`` and ``{ }`` on one line."""

    def __init__(self, source: Source, line: str, place: int, take: Callable[[int], None]) -> None:
        self._source = source
        self._line = line
        self._place = place
        self._take = take

    def value(self, column: int, depth: int) -> tuple[Tree, int]:
        """A value and the column behind it."""
        self._take(depth)
        letter = self._letter(column)
        if letter == "[":
            return self._items(column, depth)
        if letter == "{":
            return self._fields(column, depth)
        return _scalar(self._source, self._line, self._place, column, _FLOW_PLAIN)

    def _letter(self, column: int) -> str:
        if column >= len(self._line):
            raise _doubt()
        return self._line[column]

    def _blanks(self, column: int) -> int:
        match = _BLANKS.match(self._line, column)
        return column if match is None else match.end()

    def _items(self, column: int, depth: int) -> tuple[Items, int]:
        start = self._place + column
        found: list[Tree] = []
        at = self._blanks(column + 1)
        while self._letter(at) != "]":
            value, at = self.value(at, depth - 1)
            found.append(value)
            at = self._separated(at, "]")
        return Items(self._source, start, start + 1, tuple(found)), at + 1

    def _fields(self, column: int, depth: int) -> tuple[Fields, int]:
        start = self._place + column
        entries: dict[str, tuple[Scalar, Tree]] = {}
        at = self._blanks(column + 1)
        while self._letter(at) != "}":
            match = _KEY.match(self._line, at)
            if match is None or match[1] in entries:
                raise _doubt()
            self._take(depth - 1)
            place = self._place + at
            key = Scalar(self._source, place, place + len(match[1]), match[1])
            value, at = self.value(self._blanks(match.end()), depth - 1)
            entries[match[1]] = (key, value)
            at = self._separated(at, "}")
        fields = Fields(self._source, start, start + 1, tuple(entries.values()), flow=True)
        return fields, at + 1

    def _separated(self, column: int, closing: str) -> int:
        """Where the next value begins, or the closing bracket stands."""
        at = self._blanks(column)
        if self._letter(at) == closing:
            return at
        if self._letter(at) != ",":
            raise _doubt()
        at = self._blanks(at + 1)
        if self._letter(at) == closing:
            raise _doubt()
        return at


def _scalar(
    source: Source, line: str, place: int, column: int, plain: re.Pattern[str]
) -> tuple[Scalar, int]:
    """A text on one line and the column behind it."""
    match = _QUOTED.match(line, column)
    if match is not None:
        text = match[1] if match[1] is not None else match[2]
        style = line[column]
        return Scalar(source, place + column, place + match.end(), text, style), match.end()
    match = plain.match(line, column)
    if match is None:
        raise _doubt()
    text = match[0].rstrip(" ")
    end = column + len(text)
    return Scalar(source, place + column, place + end, text), end
