"""A sweep -> the figures of each choice: volume, and against known cases what it finds and when."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.authoring.known import FIGURES, figures, places_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.authoring.known import KnownCases, Meetings
    from txmon.authoring.tuning.axes import Axis
    from txmon.evaluate.folding import Choice, Swept

Array = np.ndarray[Any, Any]


def combinations(axes: Sequence[Axis]) -> list[tuple[int, ...]]:
    """The places of the values of every choice, the last axis fastest."""
    return list(product(*(range(len(axis.values)) for axis in axes)))


def settings_of(axes: Sequence[Axis], places: Sequence[int]) -> dict[str, str]:
    """The params of a choice as texts."""
    return {axis.param: axis.values[place] for axis, place in zip(axes, places, strict=True)}


def measure(
    axes: Sequence[Axis],
    swept: Swept,
    ids: Sequence[str],
    data: pl.DataFrame,
    known: KnownCases | None,
) -> pl.DataFrame:
    """The figures of every choice, a row each.

    Columns: each param as text, and as ``PARAM.number``; ``present``; ``alerts``, ``hits``,
    ``subjects``. Against known cases also ``labelled`` (alerts that belong to one), ``precision``,
    ``found`` (cases), ``recall``, and in units of money ``lost_before``, ``lost_at`` and
    ``lost_after`` the first alert of each case that is found.
    """
    candidates = swept.candidates.with_columns(places_of(swept.candidates, data))
    subjects = _codes(candidates)
    meetings = None if known is None else known.meet(candidates)
    rows = []
    for id_, places in zip(ids, combinations(axes), strict=True):
        row = _params(axes, places) | _volume(swept.choices[id_], subjects)
        if known is not None and meetings is not None:
            row |= _against(known, meetings, swept.choices[id_], candidates.height)
        rows.append(row)
    return pl.DataFrame(rows, infer_schema_length=None, schema_overrides=FIGURES)


def _params(axes: Sequence[Axis], places: Sequence[int]) -> dict[str, Any]:
    row: dict[str, Any] = dict(settings_of(axes, places))
    for axis, place in zip(axes, places, strict=True):
        row[f"{axis.param}.number"] = axis.numbers[place]
    there = all(axis.present == place for axis, place in zip(axes, places, strict=True))
    return row | {"present": there}


def _codes(candidates: pl.DataFrame) -> Array:
    """A number for each different subject, -1 for none."""
    subject = candidates.select(pl.struct("subject_kind", "subject").rank("dense")).to_series()
    known = candidates["subject"].is_not_null().to_numpy()
    return np.where(known, subject.to_numpy().astype(np.int64), -1)


def _volume(choice: Choice, subjects: Array) -> dict[str, int]:
    different = np.unique(subjects[choice.raised])
    return {
        "alerts": choice.raised.size,
        "hits": choice.hits.size,
        "subjects": int(np.count_nonzero(different >= 0)),
    }


def _against(
    known: KnownCases, meetings: Meetings, choice: Choice, candidates: int
) -> dict[str, Any]:
    chosen = np.zeros(candidates, np.bool_)
    chosen[choice.raised] = True
    return figures(known, meetings.of(chosen), choice.raised.size)
