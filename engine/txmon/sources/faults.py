"""What can be wrong with an input row, and the table of rejected rows made of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Reason(StrEnum):
    """The stable code of a row fault."""

    MISSING_ID = "missing_id"
    EMPTY_ID = "empty_id"
    LINE_BREAK = "line_break"
    MISSING_TIME = "missing_time"
    INVALID_TIME = "invalid_time"
    NAIVE_TIME = "naive_time"
    AMBIGUOUS_TIME = "ambiguous_time"
    NONEXISTENT_TIME = "nonexistent_time"
    TIME_PRECISION = "time_precision"
    TIME_OUT_OF_RANGE = "time_out_of_range"
    MISSING_ACCOUNT = "missing_account"
    INVALID_DIRECTION = "invalid_direction"
    INVALID_AMOUNT = "invalid_amount"
    TOO_MANY_DIGITS = "too_many_digits"
    INEXACT_FLOAT = "inexact_float"
    AMOUNT_TOO_LARGE = "amount_too_large"
    MISSING_AMOUNT = "missing_amount"
    MISSING_CURRENCY = "missing_currency"
    UNKNOWN_CURRENCY = "unknown_currency"
    MISSING_RATE = "missing_rate"
    INVALID_INTEGER = "invalid_integer"
    INVALID_NUMBER = "invalid_number"
    NUMBER_TOO_LARGE = "number_too_large"
    INVALID_BOOL = "invalid_bool"
    INVALID_DATE = "invalid_date"
    INVALID_TEXT = "invalid_text"
    INVALID_ENCODING = "invalid_encoding"
    UNMAPPED_VALUE = "unmapped_value"
    UNMATCHED_TEXT = "unmatched_text"
    RAGGED_ROW = "ragged_row"
    BROKEN_LINE = "broken_line"
    NESTED_VALUE = "nested_value"
    CONFLICTING_DUPLICATE = "conflicting_duplicate"


DETAILS: Mapping[Reason, str] = {
    Reason.MISSING_ID: "the row has no {column}",
    Reason.EMPTY_ID: '{column} is "{value}"; an id that is present may not be blank',
    Reason.LINE_BREAK: "{column} holds a line break; is a quote left open?",
    Reason.MISSING_TIME: "the row has no {column}",
    Reason.INVALID_TIME: '"{value}" is no time; write 2026-03-01T09:00:00+08:00, or map its format',
    Reason.NAIVE_TIME: '"{value}" names no zone; write an offset, or give the zone in the mapping',
    Reason.AMBIGUOUS_TIME: '"{value}" happens twice where clocks go back ({note}); write an offset',
    Reason.NONEXISTENT_TIME: '"{value}" is skipped where clocks go forward ({note})',
    Reason.TIME_PRECISION: '"{value}" is finer than a microsecond',
    Reason.TIME_OUT_OF_RANGE: '"{value}" is outside the years 1 to 9999',
    Reason.MISSING_ACCOUNT: "the row names neither a debtor_account nor a creditor_account",
    Reason.INVALID_DIRECTION: '"{value}" is neither in nor out',
    Reason.INVALID_AMOUNT: '"{value}" is no plain decimal number',
    Reason.TOO_MANY_DIGITS: '"{value}" has more decimal places than {note} allows',
    Reason.INEXACT_FLOAT: '"{value}" is a float too coarse for the decimal places of {note}',
    Reason.AMOUNT_TOO_LARGE: '{column} "{value}" is beyond ten million million {note}',
    Reason.MISSING_AMOUNT: 'the currency "{note}" stands without an amount',
    Reason.MISSING_CURRENCY: '{column} "{value}" stands without a currency',
    Reason.UNKNOWN_CURRENCY: '"{value}" is no ISO 4217 currency code',
    Reason.MISSING_RATE: 'no rate for "{value}" on or before {note}',
    Reason.INVALID_INTEGER: '"{value}" is no integer of 64 bits',
    Reason.INVALID_NUMBER: '"{value}" is no plain decimal number',
    Reason.NUMBER_TOO_LARGE: '{column} "{value}" is beyond what the column can hold',
    Reason.INVALID_BOOL: '"{value}" is neither true nor false',
    Reason.INVALID_DATE: '"{value}" is no date; write 2026-03-01',
    Reason.INVALID_TEXT: '"{value}" is a float that stands for no exact text',
    Reason.INVALID_ENCODING: "{column} is no valid text in its encoding",
    Reason.UNMAPPED_VALUE: '"{value}" is not among the values of the mapping, which has no default',
    Reason.UNMATCHED_TEXT: '"{value}" does not match the pattern of the mapping',
    Reason.RAGGED_ROW: "the row has {note}",
    Reason.BROKEN_LINE: "the line is no JSON object: {note}",
    Reason.NESTED_VALUE: "{column} is an object or a list, not one value",
    Reason.CONFLICTING_DUPLICATE: '"{value}" also stands on a row with other content',
}
"""Reason -> sentence; ``{column}``, ``{value}`` and ``{note}`` are filled in."""

CONSEQUENCES = frozenset(
    {
        Reason.MISSING_ID,
        Reason.MISSING_TIME,
        Reason.MISSING_ACCOUNT,
        Reason.MISSING_AMOUNT,
        Reason.MISSING_CURRENCY,
    }
)
"""What a row lacks because the mapping could make nothing of what it has."""

VALUE_LENGTH = 1000
"""Longest raw text kept of a wrong value, in characters."""
QUOTED_LENGTH = 80
"""Longest raw text repeated inside a sentence, in characters."""

REJECTED_SCHEMA: Mapping[str, pl.DataType] = {
    "source": pl.String(),
    "row": pl.Int64(),
    "column": pl.String(),
    "value": pl.String(),
    "reason": pl.String(),
    "detail": pl.String(),
    "others": pl.List(pl.String()),
    "history": pl.Boolean(),
}
"""Columns of the rejected table: one row per rejected input row."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The rows of one column that are wrong for one reason.

    ``rows`` are 0-based positions in the piece of input, ascending; ``values`` the raw texts and
    ``notes`` the words that the sentence needs beside them.
    """

    column: str
    reason: Reason
    rows: pl.Series
    values: pl.Series
    notes: pl.Series


@dataclass(frozen=True, slots=True)
class Parsed:
    """A column of values, null where missing or wrong, and what is wrong."""

    values: pl.Series
    faults: tuple[Fault, ...] = ()


def find(
    column: str, reason: Reason, wrong: pl.Series, raw: pl.Series, note: str | pl.Series = ""
) -> tuple[Fault, ...]:
    """The fault of every row where ``wrong`` is true: none or one.

    Args:
        column: name of the canonical column.
        reason: what is wrong.
        wrong: Boolean, null counts as false.
        raw: the values as they came in, any type.
        note: words for the sentence, one for all or one per row.
    """
    rows = wrong.fill_null(value=False).arg_true()
    if rows.is_empty():
        return ()
    if isinstance(note, str):
        notes = pl.repeat(note, len(rows), dtype=pl.String, eager=True)
    else:
        notes = as_text(note.gather(rows))
    return (Fault(column, reason, rows, as_text(raw.gather(rows)), notes),)


def as_text(values: pl.Series) -> pl.Series:
    """Any column as a person would read it."""
    if values.dtype == pl.Binary:
        texts = [None if v is None else v.decode("utf-8", "replace") for v in values.to_list()]
        return pl.Series(values.name, texts, dtype=pl.String)
    return values.cast(pl.String)


def faulty_rows(faults: Sequence[Fault]) -> pl.Series:
    """Positions with at least one fault, ascending and once each."""
    rows = [fault.rows.cast(pl.UInt32) for fault in faults]
    return pl.concat(rows).unique().sort() if rows else pl.Series([], dtype=pl.UInt32)


def own_faults(faults: Sequence[Fault], causes: Sequence[Fault]) -> tuple[Fault, ...]:
    """Faults without what a row only lacks because of an earlier fault."""
    if not causes:
        return tuple(faults)
    rows = faulty_rows(causes)
    kept = [_without(one, rows) if one.reason in CONSEQUENCES else one for one in faults]
    return tuple(fault for fault in kept if len(fault.rows))


def _without(fault: Fault, rows: pl.Series) -> Fault:
    stays = ~fault.rows.cast(pl.UInt32).is_in(rows.to_list())
    return Fault(
        fault.column,
        fault.reason,
        fault.rows.filter(stays),
        fault.values.filter(stays),
        fault.notes.filter(stays),
    )


def rejections(
    faults: Sequence[Fault], source: str, numbers: pl.Series, *, history: bool
) -> pl.DataFrame:
    """The rejected rows of one piece of input, by row.

    The first fault of a row, in the order given, is told in full; the others are named.

    Args:
        faults: what is wrong, in order of precedence.
        source: name of the file or frame.
        numbers: 1-based row number at each position.
        history: whether the piece is history.
    """
    if not faults:
        return pl.DataFrame(schema=REJECTED_SCHEMA)
    told = pl.concat([_table(rank, fault) for rank, fault in enumerate(faults)])
    rows = (
        told.sort("position", "rank", maintain_order=True)
        .group_by("position", maintain_order=True)
        .agg(
            pl.first("column", "value", "reason", "note"),
            pl.format("{}: {}", "column", "reason").slice(1).alias("others"),
        )
    )
    return rows.select(
        source=pl.lit(source),
        row=numbers.gather(rows["position"]).cast(pl.Int64),
        column="column",
        value=pl.col("value").str.slice(0, VALUE_LENGTH),
        reason="reason",
        detail=_sentence(),
        others="others",
        history=pl.lit(history),
    )


def _table(rank: int, fault: Fault) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "position": fault.rows.cast(pl.UInt32),
            "value": fault.values,
            "note": fault.notes,
        }
    ).with_columns(
        rank=pl.lit(rank, dtype=pl.Int32),
        column=pl.lit(fault.column),
        reason=pl.lit(fault.reason.value),
    )


def _sentence() -> pl.Expr:
    sentence = pl.col("reason").replace_strict({key.value: text for key, text in DETAILS.items()})
    value = pl.col("value").fill_null("").str.slice(0, QUOTED_LENGTH)
    for mark, text in (("{column}", pl.col("column")), ("{note}", pl.col("note").fill_null(""))):
        sentence = sentence.str.replace(mark, text, literal=True)
    return sentence.str.replace("{value}", value, literal=True)
