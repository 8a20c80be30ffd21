"""A piece of input conformed in stretches of its rows, each in a thread."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from txmon.sources.conform import Conformed, by_precedence, conform
from txmon.sources.raw import RawField

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.language.checked import Pack
    from txmon.schema import Schema

_LEAST = 1 << 16
"""Rows that are worth a thread."""


def conform_all(
    fields: Mapping[str, RawField],
    schema: Schema,
    pack: Pack,
    *,
    csv: bool = False,
    least: int = _LEAST,
) -> Conformed:
    """What ``conform`` gives: it looks at every row alone, so stretches can be put together.

    Args:
        fields: raw columns.
        schema: the columns of the pack.
        pack: currency, zone and rates.
        csv: whether a quote left open may have swallowed lines.
        least: rows that are worth a thread.

    Raises:
        InputError: the type of a whole column is wrong.
    """
    height = max(len(field.raw) for field in fields.values())
    count = min(os.cpu_count() or 1, height // least)
    # decimals of an amount without a currency are held against the one currency of all rows
    whole = "currency" in fields and fields["currency"].raw.null_count() > 0
    if count <= 1 or whole:
        return conform(fields, schema, pack, csv=csv)
    begins = [height * at // count for at in range(count + 1)]

    def stretch(begin: int, end: int) -> Conformed:
        rows = {
            name: RawField(field.raw.slice(begin, end - begin), field.spec)
            for name, field in fields.items()
        }
        return conform(rows, schema, pack, csv=csv)

    with ThreadPoolExecutor(max_workers=count) as pool:
        parts = list(pool.map(stretch, begins[:-1], begins[1:]))
    return _joined(parts, begins, schema)


def _joined(parts: Sequence[Conformed], begins: Sequence[int], schema: Schema) -> Conformed:
    columns = {
        name: pl.concat([part.columns[name] for part in parts], rechunk=False)
        for name in parts[0].columns
    }
    faults = [
        replace(fault, rows=fault.rows + begin)
        for part, begin in zip(parts, begins, strict=False)
        for fault in part.faults
    ]
    return Conformed(columns, by_precedence(faults, list(schema.columns)))
