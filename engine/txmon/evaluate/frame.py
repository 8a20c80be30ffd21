"""One part of a lane as columns, expressions and windows, each computed once and on demand."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.exports import REASON
from txmon.evaluate.measured import compiler_of
from txmon.evaluate.table import TIME, true
from txmon.language.calendar import Calendar
from txmon.language.compile import evaluated
from txmon.language.nodes import Expr, Span, Window, column_names, feature_names
from txmon.plan import Derived
from txmon.schema import IN, OUT, is_sided, side_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from txmon.evaluate.carry import Carry
    from txmon.evaluate.exports import Exports
    from txmon.evaluate.lanes import Part
    from txmon.evaluate.probing import Asking
    from txmon.evaluate.sequences import Matched
    from txmon.evaluate.table import Table
    from txmon.plan import Base, Plan, Windowed

Array = np.ndarray[Any, Any]
Sources = tuple["Exports", "Carry"]
"""Where values of other lanes and of earlier evaluations come from."""


class LaneFrame:
    """A part of a lane with everything that has been computed on it.

    Series stand in the part's order. A frame belongs to one thread; table, exports and carry are
    only read.
    """

    def __init__(
        self,
        plan: Plan,
        table: Table,
        part: Part,
        sources: Sources,
        windowed: Callable[[LaneFrame, Windowed], pl.Series],
    ) -> None:
        self.plan = plan
        self.table = table
        self.part = part
        self.exports, self.carry = sources
        self._windowed = windowed
        self.calendar = Calendar(plan.pack.timezone, plan.pack.holidays)
        self.compiler = compiler_of(plan.pack)
        self.skipped: dict[str, int] = {}
        self.reasons: dict[str, pl.Series] = {}
        self.chains: dict[str, Matched] = {}
        self.asking_frame: Asking | None = None
        self._timelines: pl.Series | None = None
        self._series: dict[str, pl.Series] = {}
        self._answers: dict[str, pl.Series] = {}
        self._masks: dict[object, Array] = {}
        self._bounds: dict[object, tuple[Array, Array]] = {}

    @property
    def height(self) -> int:
        """Rows of the part."""
        return int(self.part.refs.size)

    @property
    def times(self) -> Array:
        """Event times, microseconds."""
        times: Array = self.column(TIME).to_numpy()
        return times

    @cached_property
    def positions(self) -> Array:
        """0, 1, 2 ... as int32."""
        return np.arange(self.height, dtype=np.int32)

    @property
    def stands(self) -> Array:
        """Whether each position is a row of its timeline, not a payment that asks."""
        asked = self.part.asked
        return np.ones(self.height, np.bool_) if asked is None else asked < 0

    @cached_property
    def emitted(self) -> Array:
        """Whether each row's outcome is handed out."""
        emitted: Array = self.table.emitted[self.part.rows]
        return emitted

    @property
    def timelines(self) -> pl.Series:
        """One text a timeline that tells it apart by its key, whatever the run."""
        if self._timelines is None:
            first = pl.Series(self.part.starts[:-1])
            keys = self.part.keys or [self.column(key).gather(first) for key in self.part.lane.keys]
            self._timelines = joined_text(list(keys), first.len())
        return self._timelines

    def column(self, name: str) -> pl.Series:
        """A column, a sided name or a feature's key, as a series of that name."""
        if name not in self._series:
            self._series[name] = self._compute(name).alias(name)
        return self._series[name]

    def _compute(self, name: str) -> pl.Series:
        if name in self.plan.features:
            return self._feature(name)
        return self._read(name, self.part.refs)

    def answered(self, key: str) -> pl.Series:
        """A feature of this lane as it is computed here, for others to read."""
        if not self.part.lane.probes:
            return self.ungated(key)
        if key not in self._answers:
            self._answers[key] = self._windowed(self, self.plan.windowed(key))
        return self._answers[key]

    def some(self, name: str, index: Array) -> pl.Series:
        """A column or feature at some positions only; a column is not read elsewhere for it."""
        if name in self._series or name in self.plan.features:
            return self.column(name).gather(pl.Series(index))
        return self._read(name, self.part.refs[index]).alias(name)

    def _read(self, name: str, refs: Array) -> pl.Series:
        """A column or sided name at rows named by their references."""
        frame = self.table.frame
        # Whole payments are read by side in graph rules only, and there where an account pays on.
        rows, side = (refs >> 1, refs & 1) if self.part.lane.sided else (refs, refs * 0)
        if name == "direction":
            sides = pl.Series([OUT, IN]).cast(pl.Categorical(self.table.texts))
            return sides.gather(pl.Series(side))
        if not is_sided(name, self.plan.schema):
            return frame[name].gather(pl.Series(rows))
        both = pl.concat([frame[source].alias(name) for source in side_columns(name)], rechunk=True)
        return both.gather(pl.Series(rows + side * np.int32(frame.height)))

    def _feature(self, key: str) -> pl.Series:
        feature = self.plan.features[key]
        if isinstance(feature, Derived):
            return self.expression(feature.node)
        values = self.ungated(key)
        if feature.gate is None:
            return values
        return self._gated(feature, values)

    def ungated(self, key: str) -> pl.Series:
        """An aggregate or point at every row, as if every payment that asks passed its gate."""
        if f"ungated:{key}" not in self._series:
            feature: Windowed = self.plan.features[key]  # type: ignore[assignment]
            lane = self.part.lane
            elsewhere = feature.lane != lane or lane.probes
            values = (
                self.exports.read(key, self.part) if elsewhere else self._windowed(self, feature)
            )
            self._series[f"ungated:{key}"] = self.carry.overlay(feature, self.part, values)
        return self._series[f"ungated:{key}"]

    def _gated(self, feature: Windowed, values: pl.Series) -> pl.Series:
        """Where the judged payment does not pass the gate, what the aggregate says of no rows."""
        assert feature.gate is not None  # noqa: S101 - asked of gated features only
        shut = self.on_timeline(feature) & ~true(self.expression(feature.gate))
        nothing = 0 if feature.node.function in {"count", "sum", "distinct"} else None
        empty = pl.lit(nothing, values.dtype)
        return pl.select(pl.when(pl.Series(shut)).then(empty).otherwise(values)).to_series()

    def on_timeline(self, feature: Windowed) -> Array:
        """Whether each row has a timeline of the feature to ask: no part of its key is null."""
        known = [self.expression(node).is_not_null().to_numpy() for node in feature.key_values]
        stands: Array = np.logical_and.reduce(known)
        return stands

    def asked(self, node: Expr) -> pl.Series:
        """The value of a node at the payment that each row's window is asked for.

        On a lane with probes it is null at rows that do not ask.
        """
        asked = self.part.asked
        if asked is None or self.asking_frame is None:
            return self.expression(node)
        index = pl.Series(asked)
        values = self.asking_frame.value(node)
        return values.gather(pl.select(pl.when(index >= 0).then(index)).to_series())

    def both(self, node: Expr) -> pl.Series:
        """The value of a node at the rows, and at those who ask as they see it themselves."""
        values = self.expression(node)
        if self.part.asked is None:
            return values
        asks = pl.Series(self.part.asked >= 0)
        asked = self.asked(node).cast(values.dtype)
        return pl.select(pl.when(asks).then(asked).otherwise(values)).to_series()

    def asking(self, base: Base) -> Array:
        """Which positions ask: new rows that a rule sees."""
        if self.part.asked is not None:
            return self.part.asked >= 0
        asking: Array = self.base(base) & self.table.judged[self.part.rows]
        return asking

    def because(self, key: str, cause: str, flags: Array | None) -> None:
        """Remember why a feature is unknown at some rows, for the count of causes."""
        if flags is None or not flags.any():
            return
        before = self.reasons.get(key, pl.repeat(None, self.height, dtype=REASON, eager=True))
        named = pl.when(pl.Series(flags)).then(pl.lit(cause, REASON)).otherwise(before)
        self.reasons[key] = pl.select(named).to_series()

    def evaluated(self, expression: pl.Expr, names: Iterable[str]) -> pl.Series:
        """The value of an expression over the named columns and features at every row."""
        columns = [self.column(name) for name in dict.fromkeys((TIME, *names))]
        return evaluated(pl.DataFrame(columns), expression)

    def expression(self, node: Expr) -> pl.Series:
        """The value of a node at every row."""
        names = sorted(column_names(node) | feature_names(node))
        return self.evaluated(self.compiler.expression(node), names)

    def release(self) -> None:
        """Free columns and windows; masks stay for the evidence. All can be computed again."""
        self._series.clear()
        self._answers.clear()
        self._bounds.clear()
        self.__dict__.pop("positions", None)

    def base(self, base: Base) -> Array:
        """Whether each row is one that a rule sees."""
        if base not in self._masks:
            mask = self.table.bases[base][self.part.rows]
            self._masks[base] = mask if self.part.asked is None else mask & (self.part.asked < 0)
        return self._masks[base]

    def counted(self, feature: Windowed) -> Array:
        """Whether each row passes a feature's ``where`` and is one its rule sees."""
        base, where = self.base(feature.base), feature.where
        if where is None:
            return base
        if (feature.base, where) not in self._masks:
            passes = self.expression(where)
            self._masks[feature.base, where] = base & true(passes)
            undecided = base & passes.is_null().to_numpy() & self.emitted
            self.skipped[feature.key] = int(np.count_nonzero(undecided))
        return self._masks[feature.base, where]

    def high(self, *, excluding: bool) -> Array:
        """The end of windows that hold this row, or leave out its transaction."""
        if not excluding:
            return self.positions + np.int32(1)
        rows, starts = self.part.rows, self.part.starts
        first = np.ones(self.height, np.bool_)
        first[1:] = rows[1:] != rows[:-1]
        first[starts[:-1]] = True
        return np.maximum.accumulate(np.where(first, self.positions, 0))

    def bounds(self, window: Window, feature: Windowed) -> tuple[Array, Array]:
        """The lower and upper bounds of a feature's window at every row."""
        filled = window.span is Span.ROWS
        rows = (feature.base, feature.where if window.matching else None) if filled else None
        if (window, rows) not in self._bounds:
            self._bounds[window, rows] = self._window(window, feature)
        return self._bounds[window, rows]

    def _window(self, window: Window, feature: Windowed) -> tuple[Array, Array]:
        starts = self.part.starts
        high = self.high(excluding=window.excluding_this)
        if window.span is Span.ALL:
            return np.zeros(self.height, np.int32), high
        if window.span is Span.ROWS:
            filling = self.counted(feature) if window.matching else self.base(feature.base)
            return kernels.row_bounds(starts, high, filling, window.length), high
        if window.span is Span.PERIODS:
            since, this = self.calendar.bounds(window, self.times)
            if window.previous:
                high = kernels.edge_bounds(starts, self.times, this)
            return kernels.edge_bounds(starts, self.times, since), high
        if window.ending:
            high = kernels.time_bounds(starts, self.times, window.ending)
        return kernels.time_bounds(starts, self.times, window.ending + window.length), high


def joined_text(keys: list[pl.Series], height: int) -> pl.Series:
    """Several key columns as one text; equal only where every key is equal."""
    parts = []
    for key in keys:
        text = key.cast(pl.String).fill_null("")
        parts += [text.str.len_bytes().cast(pl.String), pl.Series([":"]), text]
    if not parts:
        return pl.Series([""]).new_from_index(0, height)
    return pl.select(pl.concat_str([pl.lit(part) for part in parts])).to_series()
