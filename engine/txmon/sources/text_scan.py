"""Kernels over columns of texts: the plainest ways to write a number or a time, and no other.

What a kernel does not take is not wrong; it is left to the careful reading of ``decimals`` and
``times``, with which these agree on whatever they take.
"""

from __future__ import annotations

import numpy as np
from numba import boolean, int64, types

from txmon.kernels.compiled import I64, Array, compiled, several
from txmon.sources.spans import BYTES

PAIRS = types.Array(int64, 2, "C", readonly=True)
_READ = several(int64[::1], boolean[::1])

_MINUS, _PLUS, _POINT, _COLON, _ZERO, _NINE = (ord(mark) for mark in "-+.:09")
_T, _Z = ord("T"), ord("Z")
_WIDEST = 18
_TENS = 10 ** np.arange(_WIDEST + 1, dtype=np.int64)
_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_SECOND = 10**6
_FRACTION = 6
_SHORTEST = len("2026-03-01T09:00:00Z")
_OFFSET = len("+08:00")
_BEFORE_EPOCH = 719_468
_DAYS = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_LAST_YEAR = 9998
_A, LETTERS, _CODE = ord("A"), 26, 3


@compiled(_READ(I64, BYTES, int64, I64, int64, int64))
def decimals(  # noqa: C901 - one loop over bytes
    ends: Array, data: Array, target: int, digits: Array, limit: int, mark: int
) -> tuple[Array, Array]:
    """Texts like -12.50 as integers with ``target`` decimal places, and which rows are that.

    Args:
        ends: where each text begins, and last where the last one ends.
        data: the texts, one behind the other.
        target: decimal places of the integers.
        digits: decimal places allowed, for all rows or for each; not more than ``target``.
        limit: largest absolute value.
        mark: the decimal mark.
    """
    rows = ends.size - 1
    values = np.zeros(rows, np.int64)
    plain = np.zeros(rows, np.bool_)
    for row in range(rows):
        at, stop = ends[row], ends[row + 1]
        negative = at < stop and data[at] == _MINUS
        if negative:
            at += 1
        if stop - at > _WIDEST:
            continue
        value, whole, places, dotted = np.int64(0), 0, 0, False
        while at < stop:
            code = data[at]
            if _ZERO <= code <= _NINE:
                value = value * 10 + (np.int64(code) - _ZERO)
                if dotted:
                    places += 1
                else:
                    whole += 1
            elif code == mark and not dotted:
                dotted = True
            else:
                break
            at += 1
        if at < stop or whole == 0 or (dotted and places == 0) or places > target:
            continue
        if whole + target > _WIDEST:
            continue
        value *= _TENS[target - places]
        allowed = digits[row] if digits.size > 1 else digits[0]
        if value <= limit and value % _TENS[target - allowed] == 0:
            values[row] = -value if negative else value
            plain[row] = True
    return values, plain


@compiled(int64(BYTES, int64, int64))
def _two(data: Array, at: int, most: int) -> int:
    """A number of two digits, or a large negative one if it is none or beyond ``most``."""
    tens, ones = np.int64(data[at]) - _ZERO, np.int64(data[at + 1]) - _ZERO
    number = tens * 10 + ones
    good = 0 <= tens <= 9 and 0 <= ones <= 9 and number <= most  # noqa: PLR2004 - digits
    return int(number) if good else -(1 << 40)


@compiled(int64(int64, int64, int64))
def _day(year: int, month: int, day: int) -> int:
    """Days since 1970-01-01 of a day of the Gregorian calendar, by eras of 400 years."""
    year -= month <= 2  # noqa: PLR2004 - years begin in March here
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1  # noqa: PLR2004
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - _BEFORE_EPOCH


@compiled(int64(BYTES, int64))
def _date(data: Array, at: int) -> int:
    """Seconds since 1970 of a day like 2026-03-01, or a large negative number."""
    century, year = _two(data, at, 99), _two(data, at + 2, 99)
    month, day = _two(data, at + 5, 12), _two(data, at + 8, 31)
    year += century * 100
    if data[at + 4] != _MINUS or data[at + 7] != _MINUS or min(year, month, day) < 1:
        return -(1 << 50)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    if year > _LAST_YEAR or day > _DAYS[month - 1] + (leap and month == 2):  # noqa: PLR2004
        return -(1 << 50)
    return int(_day(year, month, day)) * _DAY


@compiled(int64(BYTES, int64, int64))
def _offset(data: Array, at: int, stop: int) -> int:
    """Seconds east of Greenwich of Z or +08:00, or a large number."""
    if stop - at == 1 and data[at] == _Z:
        return 0
    if stop - at != _OFFSET or data[at + 3] != _COLON:
        return 1 << 50
    seconds = int(_two(data, at + 1, 23) * _HOUR + _two(data, at + 4, 59) * _MINUTE)
    if seconds < 0:
        return 1 << 50
    if data[at] == _PLUS:
        return seconds
    return -seconds if data[at] == _MINUS else 1 << 50


@compiled(_READ(I64, BYTES))
def times(ends: Array, data: Array) -> tuple[Array, Array]:
    """Texts like 2026-03-01T09:00:00.123+08:00 as UTC microseconds, and which rows are that.

    Args:
        ends: where each text begins, and last where the last one ends.
        data: the texts, one behind the other.
    """
    rows = ends.size - 1
    values = np.zeros(rows, np.int64)
    plain = np.zeros(rows, np.bool_)
    for row in range(rows):
        at, stop = ends[row], ends[row + 1]
        if stop - at < _SHORTEST or data[at + 10] != _T:
            continue
        if data[at + 13] != _COLON or data[at + 16] != _COLON:
            continue
        seconds = _date(data, at) + _two(data, at + 11, 23) * _HOUR
        seconds += _two(data, at + 14, 59) * _MINUTE + _two(data, at + 17, 59)
        at += 19
        fraction, places = np.int64(0), 0
        if data[at] == _POINT:
            at += 1
            while at < stop and places < _FRACTION and _ZERO <= data[at] <= _NINE:
                fraction = fraction * 10 + (np.int64(data[at]) - _ZERO)
                places += 1
                at += 1
            if places == 0:
                continue
        seconds -= _offset(data, at, stop)
        if seconds > -(1 << 38):
            values[row] = seconds * _SECOND + fraction * _TENS[_FRACTION - places]
            plain[row] = True
    return values, plain


@compiled(_READ(PAIRS, int64, I64, int64))
def shifted(pairs: Array, shift: int, zeros: Array, limit: int) -> tuple[Array, Array]:
    """Integers of 128 bits raised by ``shift`` decimal places, and at which rows that holds.

    Args:
        pairs: lower and upper half of each integer.
        shift: decimal places to add, from 0 to 18.
        zeros: decimal places that must be zero once raised, for all rows or for each.
        limit: largest absolute value once raised.
    """
    rows = pairs.shape[0]
    values = np.zeros(rows, np.int64)
    plain = np.zeros(rows, np.bool_)
    factor = _TENS[shift]
    for row in range(rows):
        value = pairs[row, 0]
        fits = pairs[row, 1] == (value >> 63) and -(limit // factor) <= value <= limit // factor
        step = _TENS[zeros[row] if zeros.size > 1 else zeros[0]]
        if fits and (value * factor) % step == 0:
            values[row] = value * factor
            plain[row] = True
    return values, plain


@compiled(several(int64[::1], boolean[::1])(I64, BYTES, I64))
def codes(ends: Array, data: Array, known: Array) -> tuple[Array, Array]:
    """What is known of each text of three capital letters, and which rows are that.

    Args:
        ends: where each text begins, and last where the last one ends.
        data: the texts, one behind the other.
        known: for AAA, AAB and so on a number, or a negative one where the code is none.
    """
    rows = ends.size - 1
    values = np.zeros(rows, np.int64)
    plain = np.zeros(rows, np.bool_)
    for row in range(rows):
        if ends[row + 1] - ends[row] != _CODE:
            continue
        place, good = np.int64(0), True
        for at in range(ends[row], ends[row + 1]):
            letter = np.int64(data[at]) - _A
            if not 0 <= letter < LETTERS:
                good = False
            place = place * LETTERS + letter
        if good and known[place] >= 0:
            values[row] = known[place]
            plain[row] = True
    return values, plain
