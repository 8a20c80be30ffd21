"""A graph rule's outcome at every row: its paths are searched, asked, and made hits."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.evidence import different
from txmon.evaluate.judge import (
    LEVEL,
    PATH,
    PATH_CUT,
    PATH_START,
    Verdict,
    causes_at,
    shown,
    tally,
)
from txmon.evaluate.outcome_rows import REF, outcomes_at
from txmon.evaluate.paths import Paths, measured
from txmon.evaluate.searches import Search
from txmon.evaluate.sharing import Sharing
from txmon.evaluate.table import TIME, true
from txmon.language.compile import evaluated
from txmon.language.nodes import Literal, column_names, feature_names, measure_names
from txmon.language.patterns import Shape
from txmon.schema import ACCOUNTS

if TYPE_CHECKING:
    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.searches import Batch
    from txmon.plan import Condition

Array = np.ndarray[Any, Any]
SEARCH_BOUND = "search_bound"


def judge_paths(frame: LaneFrame, condition: Condition) -> Verdict:
    """Judge every row of the part by one graph rule: does a path end there, and is it asked for?"""
    graph = condition.graph
    assert graph is not None  # noqa: S101 - the caller has looked
    searcher = Sharing if graph.shape is Shape.SHARED else Search
    search = searcher(frame, graph, frame.base(condition.base), condition.rule.subject)
    ready = search.edge
    if condition.needs is not None:
        ready = ready & true(frame.expression(condition.needs))
    tally = _Tally(frame, condition)
    for batch in search.batches(ready & frame.table.judged[frame.part.rows]):
        tally.add(batch)
    return tally.verdict(search.edge, ready)


@dataclass(frozen=True, slots=True)
class _Undecided:
    """Closing rows where a path's condition is unknown, with the cause at the latest such path."""

    at: Array
    causes: pl.Series


@dataclass(slots=True)
class _Tally:
    """What the batches of a search said so far, by position of the closing row."""

    frame: LaneFrame
    condition: Condition
    hit: Array = field(init=False)
    cut: Array = field(init=False)
    undecided: list[_Undecided] = field(default_factory=list)
    hits: list[pl.DataFrame] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.hit, self.cut = (np.zeros(self.frame.height, np.bool_) for _ in range(2))

    def add(self, batch: Batch) -> None:
        """Ask the rule's condition of each path of a batch."""
        self.cut[batch.cut] = True
        paths = batch.paths
        if not paths.closing.size:
            return
        answers = self._asked(paths)
        yes = true(answers)
        self.hit[paths.closing[yes]] = True
        self._note_undecided(paths, answers.is_null().to_numpy())
        if yes.any():
            self.hits.append(self._hits(paths, yes))

    def _asked(self, paths: Paths) -> pl.Series:
        when = self.condition.levels[0].when
        if isinstance(when, Literal):
            return pl.repeat(value=True, n=paths.closing.size, eager=True)
        names = sorted({TIME} | column_names(when) | feature_names(when))
        columns = [self.frame.some(name, paths.closing) for name in names]
        values = measured(self.frame, paths, measure_names(when))
        compiled = self.frame.compiler.expression(when)
        return evaluated(pl.DataFrame([*columns, *values]), compiled)

    def _note_undecided(self, paths: Paths, unknown: Array) -> None:
        """Note the cause at each row's latest path whose condition is unknown."""
        index = np.flatnonzero(unknown)
        closing, first = np.unique(paths.closing[index], return_index=True)
        shown_rows = self.frame.emitted[closing]
        at, index = closing[shown_rows], index[first[shown_rows]]
        if at.size:
            whens = (self.condition.levels[0].when,)
            values = measured(self.frame, paths, measure_names(whens[0]))
            chosen = [value.gather(pl.Series(index)) for value in values]
            self.undecided.append(_Undecided(at, causes_at(self.frame, whens, at, chosen)))

    def _hits(self, paths: Paths, yes: Array) -> pl.DataFrame:
        """A hit for each closing row and account in the subject's role of a path that says yes."""
        mine = np.flatnonzero(yes[paths.owner])
        owner, account = paths.owner[mine], paths.account[mine]
        order = np.lexsort((owner, account, paths.closing[owner]))
        owner, account, mine = owner[order], account[order], mine[order]
        closing = paths.closing[owner]
        new = np.ones(owner.size, np.bool_)
        new[1:] = (closing[1:] != closing[:-1]) | (account[1:] != account[:-1])
        rows = self._rows(paths, owner, np.cumsum(new) - 1)
        measures = self._measures(paths, owner[new])
        return self._columns(closing[new], paths.ref[mine[new]], measures, rows)

    def _rows(self, paths: Paths, owner: Array, hit: Array) -> pl.Series:
        """The row numbers of all paths of each hit, as lists."""
        sizes = np.diff(paths.offsets)[owner]
        begins = np.cumsum(sizes) - sizes
        index = np.arange(sizes.sum()) + np.repeat(paths.offsets[owner] - begins, sizes)
        rows = self.frame.part.rows[paths.members[index]].astype(np.int64)
        packed = different(np.repeat(hit.astype(np.int64), sizes) << 32 | rows)
        listed = pl.DataFrame({"hit": packed >> 32, PATH: packed & 0xFFFFFFFF})
        return listed.group_by("hit", maintain_order=True).agg(PATH)[PATH]

    def _measures(self, paths: Paths, chosen: Array) -> list[pl.Series]:
        names = self.condition.measures
        index = pl.Series(chosen)
        return [values.gather(index) for values in measured(self.frame, paths, names)]

    def _columns(
        self, at: Array, refs: Array, measures: list[pl.Series], rows: pl.Series
    ) -> pl.DataFrame:
        frame = self.frame
        columns = [frame.some(name, at) for name in shown(self.condition)]
        starts = frame.table.frame[TIME].gather(rows.list.first()).alias(PATH_START)
        head = [
            pl.Series(REF, frame.part.refs[at]),
            pl.Series(LEVEL, np.zeros(at.size, np.int32)),
            self._subject(refs),
            pl.Series(PATH_CUT, self.cut[at]),
        ]
        return pl.DataFrame([*head, *columns, *measures, starts, rows])

    def _subject(self, refs: Array) -> pl.Series:
        table = self.frame.table.frame
        both = pl.concat([table[name].alias("account") for name in ACCOUNTS], rechunk=True)
        index = (refs >> 1) + (refs & 1) * table.height
        return both.gather(pl.Series(index)).alias(self.condition.rule.subject)

    def verdict(self, applicable: Array, ready: Array) -> Verdict:
        """The outcomes and the hits of all batches."""
        emitted = self.frame.emitted
        cut = self.cut & ~self.hit & emitted
        at, reasons = self._causes()
        causes = tally(reasons) + Counter({SEARCH_BOUND: int(np.count_nonzero(cut))})
        counts = [np.count_nonzero(each & emitted) for each in (applicable, ready, self.hit)]
        standing, prepared, hits = map(int, counts)
        unknown = causes.total()
        outcomes = Counter(
            applicable=standing,
            insufficient_history=standing - prepared,
            unknown=unknown,
            hit=hits,
            no_hit=prepared - unknown - hits,
        )
        found = self.hits or [self._hits(Paths.none(), np.zeros(0, np.bool_))]
        if not self.condition.told:
            return Verdict(outcomes, +causes, pl.concat(found))
        every = [*reasons.to_list(), *[SEARCH_BOUND] * int(np.count_nonzero(cut))]
        unsure = np.concatenate([at, np.flatnonzero(cut)]), pl.Series(every, dtype=pl.String)
        told = outcomes_at(self.frame, applicable, ready, self.hit, unsure)
        return Verdict(outcomes, +causes, pl.concat(found), told)

    def _causes(self) -> tuple[Array, pl.Series]:
        """The rows where no path says yes and none is missing but some is unknown, and the cause
        at each.
        """
        if not self.undecided:
            return np.empty(0, np.int64), pl.Series([], dtype=pl.String)
        at, first = np.unique(
            np.concatenate([each.at for each in self.undecided]), return_index=True
        )
        open_ = ~self.hit[at] & ~self.cut[at]
        causes = pl.concat([each.causes for each in self.undecided])
        return at[open_], causes.gather(pl.Series(first[open_]))
