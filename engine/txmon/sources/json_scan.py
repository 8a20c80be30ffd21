"""Kernels over the bytes of NDJSON: where in flat objects each value stands.

Only what is beyond doubt is taken: lines of one flat object, in strict JSON, with no name twice.
Any other line is left to the parser, which knows all there is to know about it.
"""

from __future__ import annotations

import numpy as np
from numba import boolean, int32, int64, types

from txmon.kernels.compiled import I32, Array, compiled, several
from txmon.sources.spans import BYTES, ESCAPED, NEW_LINE, TABLE

_LINES = int64[:, ::1]

_LONGEST = 1 << 28
_NOTHING = -1
POSITION, ROWS, NAME, NAME_LENGTH = range(4)
"""Places in the state of a scan."""
BEGIN, END, PLAIN = range(3)
"""Places in what is known of a line."""

_QUOTE, _BACKSLASH, _COMMA, _COLON, _OPEN, _CLOSE = (ord(mark) for mark in '"\\,:{}')
_MINUS, _PLUS, _POINT, _ZERO, _NINE = (ord(mark) for mark in "-+.09")
_ESCAPES = np.zeros(256, np.bool_)
_ESCAPES[list(b'"\\/bfnrt')] = True
_SPACE = 32
_HALVES, _HALVES_END = 0xD800, 0xE000
_BLANK = np.zeros(256, np.bool_)
_BLANK[list(b" \t\r")] = True
_HEX = np.full(256, -1, np.int64)
for _digits in (b"0123456789abcdef", b"0123456789ABCDEF"):
    _HEX[list(_digits)] = range(16)
_TRUE, _FALSE, _NULL = (np.frombuffer(word, np.uint8) for word in (b"true", b"false", b"null"))


@compiled(int64(BYTES, int64, int64))
def _spaces(data: Array, at: int, stop: int) -> int:
    """Past blanks, tabs and carriage returns."""
    while at < stop and _BLANK[data[at]]:
        at += 1
    return at


@compiled(int64(BYTES, int64, int64))
def _escape(data: Array, at: int, stop: int) -> int:
    """Past what follows a backslash, or -1; halves of characters are left to the parser."""
    if at < stop and _ESCAPES[data[at]]:
        return at + 1
    if at + 5 > stop or data[at] != ord("u"):
        return _NOTHING
    code = 0
    for digit in range(at + 1, at + 5):
        if _HEX[data[digit]] < 0:
            return _NOTHING
        code = code * 16 + _HEX[data[digit]]
    return _NOTHING if _HALVES <= code < _HALVES_END else at + 5


@compiled(several(int64, int64)(BYTES, int64, int64))
def _string(data: Array, at: int, stop: int) -> tuple[int, int]:
    """The closing quote of a text whose first character stands at ``at``, or -1; its flag."""
    flag = 0
    while at < stop:
        mark = data[at]
        if mark == _QUOTE:
            return at, flag
        if mark < _SPACE:
            return _NOTHING, 0
        at += 1
        if mark == _BACKSLASH:
            flag = ESCAPED
            at = _escape(data, at, stop)
            if at < 0:
                return _NOTHING, 0
    return _NOTHING, 0


@compiled(int64(BYTES, int64, int64))
def _digits_end(data: Array, at: int, stop: int) -> int:
    """Past some digits, or -1 if there are none."""
    begin = at
    while at < stop and _ZERO <= data[at] <= _NINE:
        at += 1
    return at if at > begin else _NOTHING


@compiled(int64(BYTES, int64, int64))
def _number(data: Array, at: int, stop: int) -> int:
    """Past a number of JSON, or -1."""
    if data[at] == _MINUS:
        at += 1
    begin = at
    at = _digits_end(data, at, stop)
    if at < 0 or (data[begin] == _ZERO and at > begin + 1):
        return _NOTHING
    if at < stop and data[at] == _POINT:
        at = _digits_end(data, at + 1, stop)
    if at > 0 and at < stop and (data[at] | 32) == ord("e"):
        at += 1
        if at < stop and (data[at] == _PLUS or data[at] == _MINUS):
            at += 1
        at = _digits_end(data, at, stop)
    return at


@compiled(boolean(BYTES, int64, int64, BYTES))
def _spells(data: Array, at: int, stop: int, word: Array) -> bool:
    """Whether a word stands here."""
    if at + word.size > stop:
        return False
    for i in range(word.size):  # noqa: SIM110 - a kernel
        if data[at + i] != word[i]:
            return False
    return True


@compiled(several(int64, int64, int64)(BYTES, int64, int64))
def _value(  # noqa: PLR0911 - one return for each kind of value
    data: Array, at: int, stop: int
) -> tuple[int, int, int]:
    """Where a value's text begins, its length (-1 for null) with its flag, and what follows it.

    What follows is -1 where there is no flat value.
    """
    if at >= stop:
        return at, 0, _NOTHING
    mark = data[at]
    if mark == _QUOTE:
        end, flag = _string(data, at + 1, stop)
        return (at + 1, end - at - 1 + flag, end + 1) if end >= 0 else (at, 0, _NOTHING)
    if mark == _MINUS or _ZERO <= mark <= _NINE:
        end = _number(data, at, stop)
        return at, end - at, end
    if _spells(data, at, stop, _TRUE):
        return at, 4, at + 4
    if _spells(data, at, stop, _FALSE):
        return at, 5, at + 5
    if _spells(data, at, stop, _NULL):
        return at, _NOTHING, at + 4
    return at, 0, _NOTHING


@compiled(int64(BYTES, int64, int64, BYTES, I32, int64))
def _known(data: Array, at: int, size: int, names: Array, ends: Array, guess: int) -> int:
    """The number of a name, looked for from a guess on; -1 if it is new."""
    for step in range(ends.size):
        k = guess + step
        if k >= ends.size:
            k -= ends.size
        begin = ends[k - 1] if k > 0 else 0
        if ends[k] - begin == size:
            same = True
            for i in range(size):
                if data[at + i] != names[begin + i]:
                    same = False
                    break
            if same:
                return k
    return _NOTHING


@compiled(int64(BYTES, int64, int64, BYTES, I32, int32[::1], int32[::1], int64[::1]))
def _object(  # noqa: PLR0911 - one return for each way to be no flat object
    data: Array,
    at: int,
    stop: int,
    names: Array,
    ends: Array,
    places: Array,
    sizes: Array,
    state: Array,
) -> int:
    """Fill in one row: 1 if the line is a flat object, 0 if not, -1 if it has a new name."""
    if at >= stop or data[at] != _OPEN:
        return 0
    at = _spaces(data, at + 1, stop)
    if at < stop and data[at] == _CLOSE:
        return int(at + 1 == stop)
    k = _NOTHING
    while at < stop and data[at] == _QUOTE:
        close, flag = _string(data, at + 1, stop)
        if close < 0 or flag:
            return 0
        k = _known(data, at + 1, close - at - 1, names, ends, k + 1)
        if k < 0:
            state[NAME], state[NAME_LENGTH] = at + 1, close - at - 1
            return _NOTHING
        at = _spaces(data, close + 1, stop)
        if places[k] >= 0 or at >= stop or data[at] != _COLON:  # a name twice, or no pair
            return 0
        place, size, at = _value(data, _spaces(data, at + 1, stop), stop)
        if at < 0:
            return 0
        places[k], sizes[k] = place, size
        at = _spaces(data, at, stop)
        if at < stop and data[at] == _CLOSE:
            return int(at + 1 == stop)
        if at >= stop or data[at] != _COMMA:
            return 0
        at = _spaces(data, at + 1, stop)
    return 0


@compiled(types.void(BYTES, BYTES, I32, TABLE, TABLE, _LINES, int32[::1], int64[::1], boolean))
def scan(
    data: Array,
    names: Array,
    ends: Array,
    places: Array,
    sizes: Array,
    lines: Array,
    first: Array,
    state: Array,
    grows: bool,  # noqa: FBT001 - kernels take their arguments one by one
) -> None:
    """Read on until the end of the data or a name that is new, which ``state`` then tells.

    Args:
        data: some whole lines.
        names: the known names, one behind the other.
        ends: where each ends.
        places: out, by line and name, where a value's text begins; -1 if the line has no such name.
        sizes: out, likewise its length, -1 for null, ``ESCAPED`` added where it has escapes.
        lines: out, of each line with something in it where it begins and ends, blanks left out,
            and whether it is plain: one flat object. Nothing else is told of lines that are not.
        first: out, the first plain line with each name; -1 before there is one.
        state: position and count of lines to go on from; the place and length of a new name.
        grows: whether to stop at new names; else lines with one are not plain.
    """
    at = state[POSITION]
    row = state[ROWS]
    while at < data.size:
        stop = at
        while stop < data.size and data[stop] != NEW_LINE:
            stop += 1
        begin, end = _spaces(data, at, stop), stop
        while end > begin and _BLANK[data[end - 1]]:
            end -= 1
        if end > begin:
            places[row], sizes[row] = _NOTHING, _NOTHING
            found = 0
            if end - begin < _LONGEST:
                found = _object(data, begin, end, names, ends, places[row], sizes[row], state)
            if found < 0 and grows:
                state[POSITION], state[ROWS] = at, row
                return
            lines[row, BEGIN], lines[row, END], lines[row, PLAIN] = begin, end, max(found, 0)
            if found <= 0:
                places[row], sizes[row] = _NOTHING, _NOTHING
            else:
                for k in range(ends.size):
                    if first[k] < 0 and places[row, k] >= 0:
                        first[k] = row
            row += 1
        at = stop + 1
    state[POSITION], state[ROWS], state[NAME_LENGTH] = at, row, _NOTHING
