"""What a grid says: what each step changes, and which choices find as much with less work."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.types import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from txmon.authoring.tuning.axes import Axis

FIGURES = ("alerts", "hits", "subjects", "labelled", "found", "lost_after")
"""What a step changes; the last three against known cases only."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A choice that is better on these labels than the rule as it is.

    Attributes:
        reason: ``fewer alerts`` for no fewer cases, or ``more cases`` for no more alerts.
        params: its params.
        figures: its row of the grid.
    """

    reason: str
    params: Mapping[str, str]
    figures: Mapping[str, Any]


def step_changes(axes: Sequence[Axis], grid: pl.DataFrame) -> pl.DataFrame:
    """What each step of one param changes while the others stay: a row a step.

    Columns: ``param``, ``from``, ``to``, and for each figure of the grid by how much it grows.
    """
    names = [name for name in FIGURES if name in grid.columns]
    rows = [row for axis in axes for row in _along(axis, _line(axis, axes, grid), names)]
    kinds = {name: grid.schema[name] for name in names}
    schema = pl.Schema({**dict.fromkeys(("param", "from", "to"), pl.String()), **kinds})
    return pl.DataFrame(rows, schema)


def _line(axis: Axis, axes: Sequence[Axis], grid: pl.DataFrame) -> pl.DataFrame:
    """The rows of the grid in which only one param is not at its present value."""
    others = [
        pl.col(other.param) == other.values[other.present] for other in axes if other is not axis
    ]
    return grid.filter(others) if others else grid


def _along(axis: Axis, line: pl.DataFrame, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    rows = line.to_dicts()
    for before, after in pairwise(rows):
        ends = {"param": axis.param, "from": before[axis.param], "to": after[axis.param]}
        yield ends | {name: after[name] - before[name] for name in names}


def frontier(grid: pl.DataFrame) -> pl.DataFrame:
    """The choices that no other beats: none finds as many cases with fewer alerts.

    In order of alerts; of equal choices the first.
    """
    ranked = grid.sort("alerts", pl.col("found").neg(), maintain_order=True)
    before = ranked["found"].cum_max().shift(1).fill_null(-1)
    return ranked.filter(ranked["found"] > before)


def suggestions(axes: Sequence[Axis], grid: pl.DataFrame) -> tuple[Suggestion, ...]:
    """Choices that are better than the present one on the labels; none if it finds no case."""
    (now,) = grid.filter("present").to_dicts()
    fewer = grid.filter(pl.col("found") >= now["found"], pl.col("alerts") < now["alerts"])
    more = grid.filter(pl.col("found") > now["found"], pl.col("alerts") <= now["alerts"])
    order = {
        "fewer alerts": fewer.sort("alerts", pl.col("lost_after").neg(), maintain_order=True),
        "more cases": more.sort(pl.col("found").neg(), "alerts", maintain_order=True),
    }
    found = []
    for reason, ranked in order.items() if now["found"] else ():
        for row in ranked.head(1).to_dicts():
            params = {axis.param: row[axis.param] for axis in axes}
            found.append(Suggestion(reason, params, row))
    different = {tuple(one.params.items()): one for one in reversed(found)}
    return tuple(reversed(different.values()))


def tuning_lines(
    rule: str, axes: Sequence[Axis], params: Mapping[str, str], reason: str
) -> tuple[str, ...]:
    """The lines of tuning.yaml that adopt a choice of the params of these axes."""
    values = (f"      {axis.param}: {_scalar(axis, params[axis.param])}" for axis in axes)
    head = ("rules:", f"  {rule}:", "    params:")
    return (*head, *values, "    owner: your name", f"    reason: {reason}")


def _scalar(axis: Axis, text: str) -> str:
    return f"[{', '.join(text.split(','))}]" if axis.kind is Kind.LIST else text
