"""Where each character of a YAML scalar's text stands in the file."""

from __future__ import annotations

_BLANK = " \n"
_ESCAPED = {"x": 4, "u": 6, "U": 10}
"""Length of ``\\xHH``, ``\\uHHHH`` and ``\\UHHHHHHHH``; every other escape has two characters."""


def offsets(raw: str, value: str, style: str) -> list[int]:
    """For each character of ``value`` its offset in ``raw``, the scalar as written.

    Folding, indentation, quotes, escapes and block headers are walked over; ``style`` is that of
    the scalar: empty if plain, else one of ``' " | >``.
    """
    position = _body(raw, style)
    found: list[int] = []
    for character in value:
        position = _align(raw, position, character, style)
        found.append(min(position, len(raw) - 1))
        position += _width(raw, position, style)
    return found


def _body(raw: str, style: str) -> int:
    if style in {"|", ">"}:
        return raw.find("\n") + 1
    return 1 if style else 0


def _align(raw: str, position: int, character: str, style: str) -> int:
    """The next place that can hold the character: blanks that folding or indentation ate are
    passed over before anything else.
    """
    if character in _BLANK:
        return position
    while position < len(raw):
        if raw[position] in _BLANK:
            position += 1
        elif style == '"' and raw.startswith("\\\n", position):
            position += 2
        else:
            break
    return position


def _width(raw: str, position: int, style: str) -> int:
    if style == '"' and raw.startswith("\\", position):
        return _ESCAPED.get(raw[position + 1 : position + 2], 2)
    if style == "'" and raw.startswith("''", position):
        return 2
    return 1
