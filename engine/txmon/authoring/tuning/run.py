"""``tune``: payments, a rule and ranges of its params -> the grid, what steps change, samples."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from txmon.authoring.known import LabelCount, known_cases
from txmon.authoring.labels import Labelling
from txmon.authoring.tuning.advice import Suggestion, frontier, step_changes, suggestions
from txmon.authoring.tuning.axes import Axis, read_axis
from txmon.authoring.tuning.choices import choice_pack
from txmon.authoring.tuning.grid import combinations, measure, settings_of
from txmon.authoring.tuning.line import near_the_line
from txmon.errors import DataError, InputError
from txmon.evaluate.sweep import sweep
from txmon.packs.variants import load_tunable
from txmon.plan import compile_plan
from txmon.sources import intake
from txmon.sources.currencies import MINOR_DIGITS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    import polars as pl

    from txmon.authoring.known import KnownCases
    from txmon.authoring.labels import Labelled
    from txmon.evaluate.folding import Swept
    from txmon.packs.variants import TunableRule
    from txmon.plan import Plan
    from txmon.scoring import Mapped
    from txmon.sources import Intake
    from txmon.sources.files import Sources

MOST_CHOICES = 10_000
"""Choices of one sweep at most."""


@dataclass(frozen=True, slots=True, eq=False)
class Tuning:
    """What a rule finds with other values of its params.

    Attributes:
        rule: its id.
        pack: the pack's name and version.
        currency: of money.
        zone: the pack's time zone.
        rows: payments that were judged; history is not among them.
        rejected: payments that were not accepted.
        axes: the params and their values, the present ones among them.
        grid: one row a choice, columns as of ``grid.measure``.
        steps: one row a step, as of ``advice.step_changes``.
        above: a sample of alerts just above the present line, as of ``line.near_the_line``.
        below: a sample of silence just below it.
        labels: the known cases, or None if there were no labels.
        front: the choices that no other beats, against known cases; else None.
        suggested: choices that are better than the present one on these cases.
        honest: whether what has no label was said to be innocent.
    """

    rule: str
    pack: str
    currency: str
    zone: str
    rows: int
    rejected: int
    axes: tuple[Axis, ...]
    grid: pl.DataFrame
    steps: pl.DataFrame
    above: pl.DataFrame
    below: pl.DataFrame
    labels: LabelCount | None = None
    front: pl.DataFrame | None = None
    suggested: tuple[Suggestion, ...] = ()
    honest: bool = False


def tune(
    source: Sources,
    rule: str,
    params: Mapping[str, str | Sequence[str]],
    *,
    rules: str | Path | None = None,
    settings: Mapping[str, str] | None = None,
    tuning: str | Path | None = None,
    history: Sources | None = None,
    mapping: Mapped = None,
    labels: Labelled | None = None,
    sample: int = 0,
    progress: Callable[[str], None] | None = None,
) -> Tuning:
    """Sweep params of a rule over payments; every choice raises the alerts of a run of its own.

    Args:
        source: payments, as ``score`` takes them; ``history`` and ``mapping`` likewise.
        rule: the id of the rule.
        params: for each param that is swept ``lo..hi``, ``lo..hi:step`` or values joined by
            commas, or the values. The present value is added where it is not among them.
        rules: a pack folder or a rule file; by default the shipped pack.
        settings: texts for params by ``rule.param``, which make the present values.
        tuning: a file like tuning.yaml, likewise.
        history: earlier payments.
        mapping: how source columns become canonical ones.
        labels: known cases to hold the choices against: files, frames or a ``Labelling``.
        sample: how many alerts above and how much silence below the line to show.
        progress: called with each step as it begins.

    Raises:
        InputError: payments or labels cannot be read, or a range is wrong.
        PackError: the pack is wrong, or the rule with some of the values.
        DataError: the payments lack a column that the rule needs.
    """
    tell = progress or _unheard
    tell(f"load rules {rules or 'shipped'}")
    tunable = load_tunable(rules, rule, settings=settings, tuning=tuning)
    axes = tuple(read_axis(name, text, tunable.document.params) for name, text in params.items())
    choices = _choices(tunable, axes)
    asked = None if labels is None else Labelling.of(labels)
    read = None if asked is None else asked.read(tunable.pack.timezone)
    taken = intake(source, tunable.pack, history=history, mapping=mapping, tell=tell)
    tell(f"sweep {len(choices):,} choices over {taken.accepted.height:,} rows")
    swept = _swept(tunable, choices, taken.accepted)
    tell("measure")
    known = None
    if asked is not None and read is not None:
        known = known_cases(read, taken.accepted, typologies=asked.typologies)
    return _told(tunable, axes, taken, swept, known, asked, sample)


def _told(
    tunable: TunableRule,
    axes: tuple[Axis, ...],
    taken: Intake,
    found: tuple[Swept, tuple[str, ...]],
    known: KnownCases | None,
    asked: Labelling | None,
    sample: int,
) -> Tuning:
    """The figures of a sweep."""
    pack, data = tunable.pack, taken.accepted
    swept, ids = found
    grid = measure(axes, swept, ids, data, known)
    above, below = near_the_line(axes, swept, ids, sample, MINOR_DIGITS[pack.currency])
    return Tuning(
        rule=tunable.rule.id,
        pack=f"{pack.name} {pack.version}",
        currency=pack.currency,
        zone=pack.timezone,
        rows=int((~data["history"]).sum()),
        rejected=taken.counts.rejected,
        axes=axes,
        grid=grid,
        steps=step_changes(axes, grid),
        above=above,
        below=below,
        labels=None if known is None else LabelCount.of(known),
        front=None if known is None else frontier(grid),
        suggested=() if known is None else suggestions(axes, grid),
        honest=asked is not None and asked.honest,
    )


def _unheard(_: str) -> None:
    """Nobody asked."""


def _choices(tunable: TunableRule, axes: Sequence[Axis]) -> list[dict[str, str]]:
    if not axes:
        raise InputError("name at least one param to sweep")
    size = 1
    for axis in axes:
        size *= len(axis.values)
    if size > MOST_CHOICES:
        raise InputError(
            f"{size:,} choices of {tunable.rule.id} are too many; {MOST_CHOICES:,} is the most: "
            "take wider steps or fewer params"
        )
    return [settings_of(axes, places) for places in combinations(axes)]


def _swept(
    tunable: TunableRule, choices: Sequence[Mapping[str, str]], data: pl.DataFrame
) -> tuple[Swept, tuple[str, ...]]:
    rule = tunable.rule
    changed = [tunable.changed(choice) for choice in choices]
    pack, ids = choice_pack(tunable.pack, rule, changed)
    plan = compile_plan(pack, data.columns)
    _require_columns(plan, rule.id)
    return sweep(plan, data, ids, rule.id), ids


def _require_columns(plan: Plan, rule: str) -> None:
    for condition in plan.every_unavailable:
        if condition.rule.id == rule:
            names = ", ".join(condition.missing)
            raise DataError(f"{rule}: the payments lack {names}; map it to tune this rule")
