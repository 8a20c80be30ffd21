"""The outcome of a rule with a sequence at every row, and its hits with the chains behind them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from txmon.evaluate.chains import chains, could_complete
from txmon.evaluate.endings import Ending, ended
from txmon.evaluate.judge import (
    HANDED_OUT,
    LEVEL,
    PATH,
    PATH_START,
    Verdict,
    causes_at,
    counted,
    once_a_timeline,
    ready_rows,
    shown,
    tally,
)
from txmon.evaluate.outcome_rows import REF, outcomes_at
from txmon.evaluate.partials import search, slot
from txmon.evaluate.steps import ground
from txmon.evaluate.table import TIME, true
from txmon.language.compile import evaluated, step_column
from txmon.language.links import why_searched
from txmon.language.nodes import column_names, feature_names, step_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.evaluate.chains import Chains
    from txmon.evaluate.frame import LaneFrame
    from txmon.evaluate.partials import Found
    from txmon.language.nodes import StepField
    from txmon.plan import Condition

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Matched:
    """The latest chains of a sequence on one part.

    ``bound`` says at which positions the search limit may have hidden a chain.
    """

    chains: Chains | Found
    bound: Array


def judge_sequence(frame: LaneFrame, condition: Condition) -> Verdict:
    """Judge every row of the part by one rule: does it complete a chain, and what of ``when``?"""
    base, ready = ready_rows(frame, condition)
    matched = _matched(frame, condition, base)
    complete = matched.chains.complete
    answers = _answers(frame, condition, matched.chains)
    hit, undecided = np.zeros(frame.height, np.bool_), np.zeros(frame.height, np.bool_)
    hit[complete] = true(answers)
    undecided[complete] = answers.is_null().to_numpy()
    hit = once_a_timeline(frame, hit & ready)
    unknown = ready & frame.emitted & undecided
    bound = ready & frame.emitted & matched.bound
    chosen = np.flatnonzero(hit[complete])
    hits = _hits(frame, condition, matched.chains, chosen)
    late = condition.sequence is not None and condition.sequence.ending is not None
    outcomes = counted(frame.emitted, base, ready, unknown | bound, hit & ~np.bool_(late))
    if late:
        outcomes["hit"] += int(hits[HANDED_OUT].sum())
    causes = _causes(frame, condition, matched, unknown)
    counts = tally(causes) + Counter(search_bound=int(bound.sum()))
    if not condition.told:
        return Verdict(outcomes, counts, hits)
    at = np.concatenate([np.flatnonzero(unknown), np.flatnonzero(bound)])
    every = [*causes.to_list(), *["search_bound"] * int(bound.sum())]
    reasons = at, pl.Series(every, dtype=pl.String)
    return Verdict(
        outcomes, counts, hits, outcomes_at(frame, base, ready, hit & ~np.bool_(late), reasons)
    )


def _matched(frame: LaneFrame, condition: Condition, base: Array) -> Matched:
    if condition.rule.id not in frame.chains:
        sequence = condition.sequence
        assert sequence is not None  # noqa: S101 - the caller has looked
        stands = ground(frame, sequence, base)
        ends = could_complete(stands)
        found = chains(stands) if why_searched(sequence) is None else search(stands, ends)
        bound = np.zeros(frame.height, np.bool_)
        bound[ends] = stands.cut[ends]
        bound[found.complete] = False
        frame.chains[condition.rule.id] = Matched(found, bound)
    return frame.chains[condition.rule.id]


def _answers(frame: LaneFrame, condition: Condition, found: Chains | Found) -> pl.Series:
    """What ``when`` says of the latest chain, at every position that completes one."""
    when = condition.levels[0].when
    names = sorted({TIME} | column_names(when) | feature_names(when))
    columns = [frame.some(name, found.complete) for name in names]
    columns += _fields(frame, condition, found, np.arange(found.complete.size))
    return evaluated(pl.DataFrame(columns), frame.compiler.expression(when))


def chain_fields(condition: Condition) -> list[StepField]:
    """The fields of steps that a rule's condition, clauses and message read."""
    fields = frozenset().union(*map(step_fields, condition.expressions))
    return sorted(fields, key=step_column)


def _fields(
    frame: LaneFrame, condition: Condition, found: Chains | Found, chosen: Array
) -> list[pl.Series]:
    assert condition.sequence is not None  # noqa: S101 - the caller has looked
    rows = _rows_read(condition, found)
    return [
        frame.some(field.name, rows[slot((field.step, field.edge))][chosen]).alias(
            step_column(field)
        )
        for field in chain_fields(condition)
    ]


def _rows_read(condition: Condition, found: Chains | Found) -> dict[str, Array]:
    """By slot, the row of each chain that a field of a step is read at."""
    assert condition.sequence is not None  # noqa: S101 - the caller has looked
    rows: dict[str, Array] = {}
    for step, first, last in zip(
        condition.sequence.present, found.firsts, found.lasts, strict=True
    ):
        rows |= {slot((step.name, edge)): last for edge in ("", "last")}
        rows[slot((step.name, "first"))] = first
    return rows


def _hits(
    frame: LaneFrame, condition: Condition, found: Chains | Found, chosen: Array
) -> pl.DataFrame:
    sequence = condition.sequence
    assert sequence is not None  # noqa: S101 - the caller has looked
    ending = None
    if sequence.ending is None:
        chosen = chosen[frame.table.judged[frame.part.rows[found.complete[chosen]]]]
    else:
        ending, chosen = _ended(frame, condition, found, chosen)
    at = found.complete[chosen]
    columns = [frame.some(name, at) for name in shown(condition)]
    columns += _fields(frame, condition, found, chosen)
    levels = np.zeros(at.size, np.int32)
    head = [pl.Series(REF, frame.part.refs[at]), pl.Series(LEVEL, levels)]
    hits = pl.DataFrame([*head, *columns])
    if ending is None:
        return hits
    handed_out = frame.table.clock.emitted[ending.passed]
    return hits.with_columns(
        pl.Series(TIME, ending.deadline), pl.Series(HANDED_OUT, handed_out, pl.Boolean)
    )


def _ended(
    frame: LaneFrame, condition: Condition, found: Chains | Found, chosen: Array
) -> tuple[Ending, Array]:
    """The chains whose deadline was passed in quiet by a row that is judged now."""
    sequence = condition.sequence
    assert sequence is not None  # noqa: S101 - the caller has looked
    assert sequence.ending is not None  # noqa: S101 - the caller has looked
    rows = {name: at[chosen] for name, at in _rows_read(condition, found).items()}
    stands = ground(frame, sequence, frame.base(condition.base))
    ending = ended(stands, sequence.ending, found.complete[chosen], found.firsts[0][chosen], rows)
    due = ending.quiet & np.append(frame.table.clock.judged, False)[ending.passed]
    kept = Ending(ending.deadline[due], ending.quiet[due], ending.passed[due])
    return kept, chosen[due]


def _causes(frame: LaneFrame, condition: Condition, matched: Matched, unknown: Array) -> pl.Series:
    """The cause at each row at which ``when`` is unknown."""
    if not unknown.any():
        return pl.Series([], dtype=pl.String)
    found = matched.chains
    index = np.flatnonzero(unknown)
    chosen = np.searchsorted(found.complete, index)
    fields = _fields(frame, condition, found, chosen)
    return causes_at(frame, (condition.levels[0].when,), index, fields)


def with_chains(
    condition: Condition, hits: pl.DataFrame, frames: Sequence[LaneFrame]
) -> pl.DataFrame:
    """The hits with the rows that their latest chains took, and when the first of them was."""
    refs = hits[REF].to_numpy()
    owners, rows = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    starts = np.zeros(hits.height, np.int64)
    for frame in frames:
        order = np.argsort(frame.part.refs)
        place = np.searchsorted(frame.part.refs, refs, sorter=order)
        at = np.append(order, 0)[place]
        mine = np.flatnonzero(np.append(frame.part.refs, -1)[np.minimum(at, order.size)] == refs)
        found = frame.chains[condition.rule.id].chains
        chosen = np.searchsorted(found.complete, at[mine])
        taken, sizes = found.paths(chosen)
        starts[mine] = frame.times[found.firsts[0][chosen]]
        owners.append(np.repeat(mine, sizes))
        rows.append(frame.part.rows[taken].astype(np.int64))
    owner, row = np.concatenate(owners), np.concatenate(rows)
    listed = pl.DataFrame({"owner": owner, PATH: row}).sort("owner", PATH)
    paths = listed.group_by("owner", maintain_order=True).agg(PATH)[PATH]
    return hits.with_columns(paths, pl.Series(PATH_START, starts))
