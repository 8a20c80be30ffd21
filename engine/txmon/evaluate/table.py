"""Ordered rows in, one encoded table out: texts as shared codes, times and money as integers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.types import Kind

if TYPE_CHECKING:
    from txmon.plan import Plan
    from txmon.types import Type

Array = np.ndarray[Any, Any]
TIME = "event_time"


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one evaluation, in the contract's order, encoded for lanes and expressions.

    ``frame`` holds the plan's columns: texts as Categorical over one shared ``texts``, the rest as
    Int64 or Boolean. ``judged`` marks rows that are judged in this evaluation (not retained from
    earlier ones), ``emitted`` those of them whose outcomes and alerts are handed out. ``kept``
    says per lane which rows (or sided rows) stand on it; None: all.
    """

    frame: pl.DataFrame
    texts: pl.Categories
    judged: Array
    emitted: Array
    kept: dict[str, Array] | None = None

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.frame.height


def encode_table(plan: Plan, rows: pl.DataFrame, retained: int) -> Table:
    """Encode the rows that a plan reads; the first ``retained`` come from earlier evaluations."""
    judged = np.arange(rows.height) >= retained
    texts = pl.Categories.random()
    names = [name for name in dict.fromkeys((TIME, *plan.columns)) if name in rows.columns]
    encoded = rows.lazy().select(_encoded(plan, name, texts) for name in names).collect()
    history = _flags(rows, "history")
    return Table(encoded, texts, judged, judged & ~history, _kept(rows))


def _kept(rows: pl.DataFrame) -> dict[str, Array] | None:
    """Per lane, the rows that stand on it: every new one, and retained ones as marked."""
    marks = [name for name in rows.columns if name.startswith("keep:")]
    if not marks:
        return None
    kept: dict[str, Array] = {}
    for name in sorted(marks):
        _, kind, keys, _ = name.split(":")
        flags = rows[name].fill_null(value=True).to_numpy()
        lane = f"{kind}:{keys}"
        kept[lane] = np.column_stack([kept[lane], flags]).ravel() if lane in kept else flags
    return kept


def _flags(rows: pl.DataFrame, name: str) -> Array:
    if name not in rows.columns:
        return np.zeros(rows.height, np.bool_)
    return rows[name].to_numpy()


def _encoded(plan: Plan, name: str, texts: pl.Categories) -> pl.Expr:
    if name == plan.case_key:
        return pl.col(name)
    return encoded(pl.col(name), plan.schema.columns[name], texts)


def encoded(value: pl.Expr, type_: Type, texts: pl.Categories) -> pl.Expr:
    """A stored column as evaluation holds it."""
    if type_.kind is Kind.TEXT:
        return value.cast(pl.Categorical(texts))
    if type_.kind in {Kind.TIME, Kind.DATE}:
        return value.to_physical().cast(pl.Int64)
    return value


def decoded(value: pl.Expr, type_: Type) -> pl.Expr:
    """An evaluated column in storage form again."""
    if type_.kind is Kind.TEXT:
        return value.cast(pl.String)
    if type_.kind is Kind.TIME:
        return value.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return value.cast(pl.Int32).cast(pl.Date) if type_.kind is Kind.DATE else value
