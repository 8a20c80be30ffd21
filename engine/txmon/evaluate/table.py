"""Ordered rows in, one encoded table out: texts as shared codes, times and money as integers."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.measured import compiler_of
from txmon.evaluate.reversals import reversal_columns, reversing
from txmon.language.compile import evaluated
from txmon.schema import stored_dtype
from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from txmon.language.compile import Compiler
    from txmon.plan import Base, Plan
    from txmon.types import Type

Array = np.ndarray[Any, Any]
TIME = "event_time"


@dataclass(frozen=True, slots=True)
class Clock:
    """How time passes in a run: the times of its transactions, in order.

    ``cases`` are the cases they belong to, zeros where there are none. ``judged`` and ``emitted``
    as of a table.
    """

    times: Array
    cases: Array
    judged: Array
    emitted: Array


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one evaluation, in the contract's order, encoded for lanes and expressions.

    ``frame`` holds the plan's columns: texts as Categorical over one shared ``texts``, the rest as
    Int64 or Boolean. ``judged`` marks rows that are judged in this evaluation (not retained from
    earlier ones), ``emitted`` those of them whose outcomes and alerts are handed out. ``kept``
    says per lane which rows (or sided rows) stand on it; None: all. ``bases`` says which rows each
    base sees. ``clock`` is that of the transactions, also where the rows are alerts.
    """

    frame: pl.DataFrame
    texts: pl.Categories
    judged: Array
    emitted: Array
    bases: Mapping[Base, Array]
    clock: Clock
    kept: dict[str, Array] | None = None

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.frame.height


def encode_table(
    plan: Plan, rows: pl.DataFrame, retained: int, clock: Clock | None = None
) -> Table:
    """Encode the rows that a plan reads; the first ``retained`` come from earlier evaluations.

    Without a ``clock`` the rows are its own: transactions.
    """
    judged = np.arange(rows.height) >= retained
    texts = pl.Categories.random()
    names = list(dict.fromkeys((TIME, *plan.columns)))
    with ThreadPoolExecutor() as pool:
        stored = (_stored(plan, rows, name) for name in names)
        columns = list(pool.map(lambda values: _encoded(plan, values, texts), stored))
    history = _flags(rows, "history")
    frame = pl.DataFrame([*columns, *reversal_columns(rows, plan.bases)])
    compiler = compiler_of(plan.pack)
    bases = {base: _seen(base, frame, compiler) for base in plan.bases}
    apart = reversing(rows).to_numpy()
    bases = {base: seen & ~apart if base.unreversed else seen for base, seen in bases.items()}
    emitted = judged & ~history
    if clock is None:
        key = plan.case_key
        cases = np.zeros(rows.height, np.int64) if key is None else frame[key].to_numpy()
        clock = Clock(frame[TIME].to_numpy(), cases, judged, emitted)
    return Table(frame, texts, judged, emitted, bases, clock, _kept(rows))


def _seen(base: Base, frame: pl.DataFrame, compiler: Compiler) -> Array:
    """Which rows a base sees: those with money or of a named kind, that pass its ``where``."""
    visible = _of_rules(base.sources) if base.sources else pl.col("amount").is_not_null()
    for event in base.events:
        visible |= pl.col("kind") == event
    if base.where is not None:
        visible &= compiler.expression(base.where)
    return true(evaluated(frame, visible))


def named(frame: pl.DataFrame, sources: tuple[str, ...]) -> Array:
    """Which alerts of an encoded frame are of rules that the sources name."""
    return true(evaluated(frame, _of_rules(sources)))


def _of_rules(sources: tuple[str, ...]) -> pl.Expr:
    """Whether an alert is of one of the rules, or of a typology or one below it."""
    rule, typology = pl.col("rule_id").cast(pl.String), pl.col("typology").cast(pl.String)
    named = rule.is_in(sources) | typology.is_in(sources)
    return pl.any_horizontal(named, *(typology.str.starts_with(f"{word}.") for word in sources))


def true(values: pl.Series) -> Array:
    """Where a Boolean series is true, as an array; unknown is not true."""
    truth: Array = np.ascontiguousarray(values.fill_null(value=False).to_numpy())
    return truth


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


def _stored(plan: Plan, rows: pl.DataFrame, name: str) -> pl.Series:
    """A column of the rows; nulls where the data lacks one that has a default."""
    if name in rows.columns:
        return rows[name]
    dtype = stored_dtype(plan.schema.columns[name])
    return pl.Series(name, [None], dtype).new_from_index(0, rows.height)


def _encoded(plan: Plan, values: pl.Series, texts: pl.Categories) -> pl.Series:
    """A stored column as evaluation holds it, in one chunk."""
    if values.name != plan.case_key:
        kind = plan.schema.columns[values.name].kind
        if kind is Kind.TEXT:
            values = _as_codes(values, texts)
        elif kind in {Kind.TIME, Kind.DATE}:
            values = values.to_physical().cast(pl.Int64)
    return values.rechunk()


def _as_codes(values: pl.Series, texts: pl.Categories) -> pl.Series:
    """Texts as Categorical: each different one is looked up once, if its hash is its own."""
    codes, first = kernels.number(values.hash().to_numpy())
    unique, index = values.gather(pl.Series(first)), pl.Series(codes)
    if not unique.gather(index).eq_missing(values).all():
        return values.cast(pl.Categorical(texts))
    return unique.cast(pl.Categorical(texts)).gather(index).alias(values.name)


def gathered(frame: pl.DataFrame, names: Iterable[str], index: pl.Series) -> pl.DataFrame:
    """Some rows of some columns, column by column, so that no column is copied whole."""
    return pl.DataFrame([frame[name].gather(index) for name in names])


def decoded(value: pl.Expr, type_: Type) -> pl.Expr:
    """An evaluated column in storage form again."""
    if type_.kind is Kind.TEXT:
        return value.cast(pl.String)
    if type_.kind is Kind.TIME:
        return value.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return value.cast(pl.Int32).cast(pl.Date) if type_.kind is Kind.DATE else value
