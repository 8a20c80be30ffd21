"""The YAML parser's complaints in plain words, with what usually causes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from txmon.language.habits import CUT_BY_COMMENT
from txmon.language.problems import Code

if TYPE_CHECKING:
    from ruamel.yaml.error import MarkedYAMLError

    from txmon.errors import Finding
    from txmon.packs.documents import Source

QUOTE_WHOLE = "put the whole value into single quotes, or into a block after >"
EXPLAINED: tuple[tuple[str, str, str], ...] = (
    (
        "mapping values are not allowed",
        "': ' inside an unquoted value, or a key at the wrong depth",
        QUOTE_WHOLE + "; or check the indentation",
    ),
    ("found unexpected end of stream", "a quoted value is not closed", CUT_BY_COMMENT),
    (
        "but found '<scalar>'",
        "more text after a value that begins with a quote or bracket",
        QUOTE_WHOLE,
    ),
    ("but found '-'", "a list item among keys", "check the indentation"),
    ("but found '<block mapping start>'", "a key at the wrong depth", "check the indentation"),
    ("but got '<stream end>'", "a bracket [ or { is not closed", ""),
    (
        "expected ',' or '}'",
        "this does not fit inside { }",
        "write the block form: each key on a line of its own",
    ),
    (
        "expected ',' or ']'",
        "this does not fit inside [ ]",
        "close the bracket, or write each item after a -",
    ),
    ("cannot start any token", "a value cannot begin with this character", QUOTE_WHOLE),
    (
        "expected a comment or a line break",
        "after > or | the text begins on the next line",
        "to compare, the value must not begin with > : " + QUOTE_WHOLE,
    ),
    ("unknown escape character", "a backslash in double quotes", "use single quotes around it"),
    ("sequence entries are not allowed", "a list begins on a line of its own", ""),
    ("could not find expected ':'", "a key without its ':'", "check the indentation"),
)
"""(what the parser says, our message, help)."""


_AFTER_VALUE = re.compile(r"[\]}\"'] *> *$")


def _before(source: Source, start: int) -> str:
    return source.text[source.text.rfind("\n", 0, start) + 1 : start]


def explain(source: Source, error: MarkedYAMLError) -> Finding:
    """The finding of a YAML error."""
    mark = error.problem_mark or error.context_mark
    start = min(mark.index, max(0, len(source.text) - 1)) if mark else 0
    said = error.problem or str(error.context or "")
    if "comment or a line break" in said and _AFTER_VALUE.search(_before(source, start)):
        said = "but found '<scalar>'"
    for part, message, advice in EXPLAINED:
        if part in said:
            return source.finding(Code.YAML_SYNTAX, message, start, start + 1, advice)
    return source.finding(Code.YAML_SYNTAX, f"this is not YAML: {said}", start, start + 1)
