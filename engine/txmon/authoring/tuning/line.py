"""Alerts just above the present line and silence just below it, for people to look at.

What a tighter choice of the grid would no longer hit lies just above the line, what a looser one
would raise just below it; the fewer steps away that choice is, the nearer it lies. Samples take in
turn from each distance, there first what misses by least, and one row a subject; below the line
only subjects of whom there is no alert at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.authoring.tuning.grid import combinations, settings_of
from txmon.evaluate.alerts import Values
from txmon.evaluate.judge import LEVEL
from txmon.evaluate.measured import compiler_of
from txmon.language.compile import evaluated
from txmon.language.display import Display
from txmon.language.nodes import Compare, is_arithmetic
from txmon.language.numbers import plain_numbers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from txmon.authoring.tuning.axes import Axis
    from txmon.evaluate.folding import Swept
    from txmon.language.checked import Level
    from txmon.language.nodes import Expr

Array = np.ndarray[Any, Any]
_FAR = np.iinfo(np.int32).max


def near_the_line(
    axes: Sequence[Axis], swept: Swept, ids: Sequence[str], size: int, digits: int
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Samples of alerts just above the present line, and of silence just below it.

    Columns: ``transaction_id``, ``side``, ``event_time``, ``subject``, ``subject_kind``,
    ``timeline``; ``steps``, how many steps of the grid away it changes; ``choice``, the params with
    which it does; ``short``, by what share the clauses of the rule as it is are missed or kept
    (null where nobody can say), and ``message``, ``features`` and ``clauses`` as of an alert, but
    for sequences and graph patterns.
    """
    places = combinations(axes)
    present = next(p for p, at in enumerate(places) if at == tuple(a.present for a in axes))
    steps = np.abs(np.array(places) - np.array(places[present])).sum(axis=1)
    order = [int(at) for at in np.argsort(steps, kind="stable") if at != present]
    now = swept.choices[ids[present]]
    above, below = (_Nearest(swept.candidates.height) for _ in range(2))
    raised = _mask(now.raised, swept)
    quiet = ~(_mask(now.hits, swept) | _alerted(swept, now.raised))
    for at in order:
        choice = swept.choices[ids[at]]
        above.meet(raised & ~_mask(choice.hits, swept), at)
        below.meet(_mask(choice.raised, swept) & quiet, at)
    levels = np.zeros(swept.candidates.height, np.int32)
    levels[now.raised] = now.levels
    told = [", ".join(f"{k}={v}" for k, v in settings_of(axes, at).items()) for at in places]
    return tuple(  # type: ignore[return-value]
        _sample(swept, nearest.choice, (steps, told), size, lowered, digits)
        for nearest, lowered in ((above, levels), (below, None))
    )


class _Nearest:
    """For each candidate the first choice that changes what becomes of it, -1 for none."""

    def __init__(self, size: int) -> None:
        self.choice = np.full(size, -1, np.int64)

    def meet(self, changed: Array, choice: int) -> None:
        """A choice that changes some candidates."""
        self.choice[changed & (self.choice < 0)] = choice


def _mask(places: Array, swept: Swept) -> Array:
    mask = np.zeros(swept.candidates.height, np.bool_)
    mask[places] = True
    return mask


def _alerted(swept: Swept, raised: Array) -> Array:
    """Which candidates are about a subject that is alerted anyway."""
    names = ["subject_kind", "subject"]
    told = swept.candidates.select(pl.struct(names)).to_series()
    alerted: Array = told.is_in(told.gather(pl.Series(raised)).unique().implode()).to_numpy()
    return alerted


def _sample(
    swept: Swept,
    choice: Array,
    told: tuple[Array, Sequence[str]],
    size: int,
    levels: Array | None,
    digits: int,
) -> pl.DataFrame:
    """Some of the candidates that a choice changes; ``levels`` are None below the line."""
    at = np.flatnonzero(choice >= 0)
    steps, names = told
    frame = swept.candidates[at.tolist()].with_columns(
        pl.Series("steps", steps[choice[at]], pl.Int32),
        pl.Series("choice", [names[place] for place in choice[at]], pl.String),
        pl.Series("short", _shortfalls(swept, at, levels), pl.Float64),
        pl.Series("#at", at, pl.Int64),
    )
    ranked = frame.sort("steps", "short", "event_time", "transaction_id", nulls_last=True)
    single = ranked.unique(["subject_kind", "subject"], keep="first", maintain_order=True)
    turn = pl.int_range(pl.len()).over("steps")
    chosen = single.sort(turn, "steps", maintain_order=True).head(size)
    chosen = chosen.sort("steps", "short", maintain_order=True, nulls_last=True)
    return _shown(swept, chosen, levels, digits).drop("#at")


def _shown(swept: Swept, chosen: pl.DataFrame, levels: Array | None, digits: int) -> pl.DataFrame:
    """The sample with what the rule as it is says of it."""
    if swept.values is None or swept.condition is None or swept.plan is None:
        return chosen
    at = chosen["#at"].to_numpy()
    lowest = len(swept.condition.levels) - 1
    level = np.full(at.size, lowest) if levels is None else levels[at]
    hits = swept.values[at.tolist()].with_columns(pl.Series(LEVEL, level, pl.Int32))
    display = Display(digits, swept.plan.pack.timezone)
    return chosen.with_columns(**Values(swept.plan, swept.condition, hits, display).described())


def _shortfalls(swept: Swept, at: Array, levels: Array | None) -> Array:
    """By what share candidates miss the line, or above it keep clear of it; else NaN for null.

    Below, the sum of the shares by which comparisons are missed, at the level where that is least;
    above, the smallest share by which one is kept at the level that raised.
    """
    if swept.values is None or swept.condition is None:
        return np.full(at.size, np.nan)
    values = swept.values[at.tolist()]
    found = [_of_level(swept, values, level, missed=levels is None) for level in _levels(swept)]
    if levels is not None:
        return np.choose(levels[at], found)
    least: Array = np.fmin.reduce(found)
    return least


def _levels(swept: Swept) -> tuple[Level, ...]:
    assert swept.condition is not None  # noqa: S101 - the caller has looked
    return swept.condition.levels


def _of_level(swept: Swept, values: pl.DataFrame, level: Level, *, missed: bool) -> Array:
    shares = np.array(
        [share for clause in level.clauses for share in _shares(swept, values, clause.node)]
    )
    if not shares.size:
        return np.full(values.height, np.nan)
    if missed:
        short: Array = np.where(shares < 0, -shares, 0).sum(axis=0)
        return short
    least: Array = np.fmin.reduce(np.where(shares >= 0, shares, np.nan))
    return least


def _shares(swept: Swept, values: pl.DataFrame, node: Expr) -> Iterator[Array]:
    """By what share of its larger side a comparison is kept; negative where it is missed."""
    if (
        not isinstance(node, Compare)
        or node.op in {"==", "!="}
        or not is_arithmetic(node.left.type)
    ):
        return
    assert swept.plan is not None  # noqa: S101 - the caller has looked
    compiler = compiler_of(swept.plan.pack)
    left, right = (
        plain_numbers(evaluated(values, compiler.expression(side)), side.type).to_numpy()
        for side in (node.left, node.right)
    )
    margin = left - right if node.op in {">", ">="} else right - left
    larger = np.maximum(np.abs(left), np.abs(right))
    yield margin / np.where(larger == 0, 1, larger)
