"""A line of NDJSON as an object of texts, or what is wrong with it."""

from __future__ import annotations

import json
from typing import Any

_TRUTH = {True: "true", False: "false"}


class _TwiceError(ValueError):
    """A name stands twice in one object."""


def parsed(line: str) -> tuple[dict[str, Any] | None, str]:
    """The object of a line, its numbers as they are written, or what is wrong with the line."""
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
        raise _TwiceError(f'"{clean(twice)}" stands twice in it')
    return found


def _constant(text: str) -> str | None:
    return None if text == "NaN" else text


_DECODER = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=_constant, object_pairs_hook=_once
)
"""Leaves numbers as they are written."""


def text_of(value: Any) -> str | None:
    """A value as a text; objects and lists as JSON."""
    if isinstance(value, bool):
        return _TRUTH[value]
    return json.dumps(value) if isinstance(value, dict | list) else value


def clean(text: str, instead: str = "?") -> str:
    """A text without halves of characters, which no file can hold."""
    return "".join(instead if "\ud800" <= mark <= "\udfff" else mark for mark in text)
