"""The hits of many choices of one rule -> which of them raise alerts, choice by choice.

Every row that some choice hits is a candidate, with a place of its own; a choice is two sets of
candidates, those it hits and those that raise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon import kernels
from txmon.evaluate.alert_rows import kind_of_subject
from txmon.evaluate.exceptions import excepted
from txmon.evaluate.judge import HANDED_OUT, LEVEL, shown
from txmon.evaluate.outcome_rows import REF
from txmon.evaluate.suppression import (
    EXCEPTION,
    KEYS,
    RAISED,
    ROW,
    SIDE,
    TRANSACTION,
    identified,
    suppression_groups,
)
from txmon.evaluate.table import TIME

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.run import LayerRun
    from txmon.plan import Condition, Plan

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """What one choice of params finds.

    Attributes:
        hits: places of the candidates it hits, ascending; those that an exception takes out are
            none.
        raised: of these, the ones that raise an alert, ascending.
        levels: the level of each alert raised, from 0, the highest.
    """

    hits: Array
    raised: Array
    levels: Array


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """What many choices of one rule find.

    Attributes:
        candidates: one row for every row (or side) that some choice hits: ``transaction_id``,
            ``side``, ``event_time`` (of the alert it may raise), ``timeline``, ``subject`` and
            ``subject_kind``.
        choices: by rule id.
        values: at every candidate, what the rule as it is would show: its columns and features, by
            name and key as in its condition; None for sequences and graph patterns.
        condition: that of the rule as it is, likewise.
        plan: the plan that it stands in, likewise.
    """

    candidates: pl.DataFrame
    choices: Mapping[str, Choice]
    values: pl.DataFrame | None = None
    condition: Condition | None = None
    plan: Plan | None = None


class Candidates:
    """Candidates of conditions on one lane, in the order in which hits fold into each other."""

    def __init__(self, run: LayerRun, conditions: Sequence[Condition], present: Condition) -> None:
        self._run, self._conditions, self._present = run, conditions, present
        self._hits = {one.rule.id: self._refs(one) for one in conditions}
        sides = 2 if present.lane.sided else 1
        met = np.zeros(run.table.height * sides, np.bool_)
        for refs, _ in self._hits.values():
            met[refs] = True
        frame = self._described(np.flatnonzero(met))
        policy = present.rule.suppress
        by_subject = policy is not None and policy.by_subject
        groups = suppression_groups(present, frame, None, by_subject=by_subject)
        order = pl.DataFrame({"group": groups.rank("dense"), TIME: frame[TIME], REF: frame[REF]})
        index = order.select(pl.arg_sort_by(*order.columns)).to_series()
        self._frame = frame[index]
        self._groups = order["group"].gather(index).to_numpy()
        self._place = np.zeros(met.size, np.int32)
        self._place[self._frame[REF].to_numpy()] = np.arange(self._frame.height, dtype=np.int32)

    def swept(self) -> Swept:
        """Every choice with what it hits and raises."""
        frame = self._frame
        rows = frame[ROW].to_numpy()
        live = frame[EXCEPTION].is_null().to_numpy()
        emitted = self._run.table.emitted[rows]
        choices = {
            condition.rule.id: self._choice(condition, live, emitted)
            for condition in self._conditions
        }
        values = frame.select(REF, *shown(self._present))
        return Swept(_told(self._present, frame), choices, values, self._present, self._run.plan)

    def _refs(self, condition: Condition) -> tuple[Array, Array]:
        verdicts = self._run.verdicts[condition.rule.id]
        refs = np.concatenate([one.hits[REF].to_numpy() for one in verdicts])
        return refs, np.concatenate([one.hits[LEVEL].to_numpy() for one in verdicts])

    def _described(self, refs: Array) -> pl.DataFrame:
        """All that tells about candidates and that the rule as it is would show there."""
        frames = self._run.frames[self._present.lane]
        wanted = np.zeros(self._run.table.height * 2, np.bool_)
        wanted[refs] = True
        found = pl.concat([self._on(frame, wanted[frame.part.refs]) for frame in frames])
        told = identified(self._present, found, self._run.rows, None)
        zone = self._run.plan.pack.timezone
        return told.with_columns(excepted(self._present, told, zone).alias(EXCEPTION))

    def _on(self, frame: LaneFrame, wanted: Array) -> pl.DataFrame:
        at = np.flatnonzero(wanted)
        columns = [frame.some(name, at) for name in shown(self._present)]
        return pl.DataFrame([pl.Series(REF, frame.part.refs[at]), *columns])

    def _choice(self, condition: Condition, live: Array, emitted: Array) -> Choice:
        refs, levels = self._hits[condition.rule.id]
        places = self._place[refs]
        order = np.argsort(places)
        places, levels = places[order], levels[order]
        kept = live[places]
        places, levels = places[kept], levels[kept]
        raised = self._raised(condition, places, levels) & emitted[places]
        return Choice(places[emitted[places]], places[raised], levels[raised])

    def _raised(self, condition: Condition, places: Array, levels: Array) -> Array:
        policy = condition.rule.suppress
        if policy is None:
            return np.ones(places.size, np.bool_)
        groups = self._groups[places]
        begins = np.flatnonzero(np.diff(groups, prepend=0) != 0)  # dense ranks count from 1
        none = np.zeros(begins.size, np.int64)
        owner = kernels.raise_alerts(
            np.append(begins, places.size).astype(np.int32),
            self._frame[TIME].to_numpy()[places],
            levels,
            policy.span,
            none,
            none.astype(np.int32),
            none.astype(np.bool_),
        )
        raised: Array = owner == np.arange(places.size)
        return raised


def found_elsewhere(run: LayerRun, conditions: Sequence[Condition]) -> Swept:
    """What choices of a rule with a sequence or a graph pattern find, each folded by itself."""
    folded = {one.rule.id: _folded(run, one) for one in conditions}
    every = pl.concat(folded.values())
    candidates = every.unique([*_IDENTITY], maintain_order=True).with_row_index("place")
    places = candidates.select("place", *_IDENTITY)
    choices = {}
    for id_, hits in folded.items():
        found = hits.join(places, on=[*_IDENTITY], nulls_equal=True).sort("place")
        raised = found.filter(RAISED)
        choices[id_] = Choice(
            found["place"].to_numpy(), raised["place"].to_numpy(), raised[LEVEL].to_numpy()
        )
    return Swept(candidates.drop("place", "identity", LEVEL, RAISED), choices)


_IDENTITY = ("transaction_id", "side", "event_time", "identity")


def _folded(run: LayerRun, condition: Condition) -> pl.DataFrame:
    """The hits of a condition that count, as candidates with ``LEVEL`` and ``RAISED``."""
    hits, _ = run.suppressed(condition)
    late = HANDED_OUT in hits.columns
    emitted = hits[HANDED_OUT] if late else pl.Series(run.table.emitted[hits[ROW].to_numpy()])
    hits = hits.filter(emitted & hits[EXCEPTION].is_null())
    keys = hits[KEYS].list.eval(pl.element().fill_null("")).list.join("\x1e")
    return _told(condition, hits).with_columns(keys.alias("identity"), hits[LEVEL], hits[RAISED])


def _told(condition: Condition, hits: pl.DataFrame) -> pl.DataFrame:
    """What a hit is known by, in the words of an alert."""
    return hits.select(
        pl.col(TRANSACTION).alias("transaction_id"),
        pl.col(SIDE).alias("side"),
        pl.col(TIME).cast(pl.Datetime("us")).dt.replace_time_zone("UTC").alias("event_time"),
        pl.col(KEYS).alias("timeline"),
        pl.col(condition.rule.subject).cast(pl.String).alias("subject"),
        kind_of_subject(condition, hits).alias("subject_kind"),
    )
