"""Two versions of a pack over the same payments, or without any: what is different, and why."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from txmon.authoring.cases.files import read_cases
from txmon.authoring.comparing.because import Other
from txmon.authoring.comparing.judged import alone, together
from txmon.authoring.comparing.matching import NEW, OLD, fields, paired
from txmon.authoring.comparing.results import Apart, Count, Diff
from txmon.authoring.comparing.rules import affected, changes, same_rows, same_world
from txmon.authoring.streams import telling_stream
from txmon.errors import InputError
from txmon.evaluate.alerts import ALERT_SCHEMA
from txmon.language.problems import did_you_mean
from txmon.packs import load_pack
from txmon.packs.cases import cases_beside
from txmon.schema import OUT, side_columns
from txmon.sources import intake

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from txmon.authoring.cases.case import Case
    from txmon.authoring.comparing.judged import Judged
    from txmon.authoring.comparing.results import RuleChange
    from txmon.language.checked import Pack
    from txmon.sources.files import Sources
    from txmon.sources.mapping import InputMapping

    Mapped = str | Path | Mapping[str, object] | InputMapping | None

TRIES = 3_000
"""Streams that are judged for one rule at most, where there is no data."""

_SIDED = ("account", "counterparty")


def diff(
    old: Pack | str | Path,
    new: Pack | str | Path,
    source: Sources | None = None,
    *,
    by: str | None = None,
    history: Sources | None = None,
    mapping: Mapped = None,
    skip_bad_files: bool = False,
    tries: int = TRIES,
    progress: Callable[[str], None] | None = None,
) -> Diff:
    """Compare two versions of a pack, or of one rule.

    Args:
        old: a loaded pack, or the path of a pack or a rule file. Two packs of one rule each are
            compared as versions of one rule, whatever their ids.
        new: another one.
        source: payments, as in ``txmon.score``; without, the shortest stream on which the versions
            of each changed rule differ is looked for.
        by: a column of the alerts or of their transactions to count by.
        history: earlier payments, as in ``txmon.score``.
        mapping: how source columns become canonical ones, as in ``txmon.score``.
        skip_bad_files: as in ``txmon.score``.
        tries: without data, how many streams are judged for one rule at most.
        progress: called with each stage as it begins.

    Raises:
        PackError: a pack is wrong.
        InputError: the input cannot be read, or there is no such column to count by.
    """
    tell = progress or (lambda _: None)
    before, after = _named_alike(*_running(_loaded(old), _loaded(new)))
    found = changes(before, after)
    if source is None:
        tell("look for streams that tell the versions apart")
        return _without_data(before, after, found, tries)
    chosen = affected(before, after, found)

    def read(pack: Pack) -> pl.DataFrame:
        return intake(
            source,
            pack,
            history=history,
            mapping=mapping,
            skip_bad_files=skip_bad_files,
            tell=tell,
        ).accepted

    new_rows = read(after)
    old_rows = new_rows if same_rows(before, after) else read(before)
    tell(f"evaluate {len(chosen)} rules of both packs")
    judged = _judged(before, after, chosen, (old_rows, new_rows))
    tell("compare the alerts")
    others = (
        Other(before, judged[0], old_rows, "before"),
        Other(after, judged[1], new_rows, "now"),
    )
    return _compared((before, after), found, chosen, others, by)


def _loaded(pack: Pack | str | Path) -> Pack:
    return load_pack(pack) if isinstance(pack, str | Path) else pack


def _running(old: Pack, new: Pack) -> tuple[Pack, Pack]:
    """What runs of each pack; a rule that is a draft in both is compared as if asked for."""
    drafts = [{rule.id for rule in pack.rules if rule.status == "draft"} for pack in (old, new)]
    asked = drafts[0] & drafts[1]
    return replace(old, asked=old.asked | asked).running(), replace(
        new, asked=new.asked | asked
    ).running()


def _named_alike(old: Pack, new: Pack) -> tuple[Pack, Pack]:
    """Two packs of one rule each hold versions of one rule, though its id may have changed."""
    if len(old.rules) != 1 or len(new.rules) != 1 or old.rules[0].sources or new.rules[0].sources:
        return old, new
    return old, replace(new, rules=(replace(new.rules[0], id=old.rules[0].id),))


def _judged(
    old: Pack, new: Pack, chosen: Sequence[str], rows: tuple[pl.DataFrame, pl.DataFrame]
) -> tuple[Judged, ...]:
    readers = any(rule.sources for pack in (old, new) for rule in pack.rules if rule.id in chosen)
    if same_world(old, new) and not readers:
        return together(old, new, chosen, rows[1])
    return alone(old, chosen, rows[0]), alone(new, chosen, rows[1])


def _compared(
    packs: tuple[Pack, Pack],
    found: tuple[RuleChange, ...],
    chosen: Sequence[str],
    others: tuple[Other, Other],
    by: str | None,
) -> Diff:
    old, new = others[0].judged.alerts, others[1].judged.alerts
    pairs = paired(old, new)
    differs = fields(old, new, pairs)
    unequal = differs.list.len() > 0
    kept = pairs.both.filter(unequal)
    changed = _changed(old, new, kept, differs.filter(unequal))
    gained = _explained(new[pairs.gained.to_list()], others[0])
    lost = _explained(old[pairs.lost.to_list()], others[1])
    tables = old, new, gained, lost, new[kept[NEW].to_list()]
    return Diff(
        old=f"{packs[0].name} {packs[0].version}",
        new=f"{packs[1].name} {packs[1].version}",
        zone=packs[1].timezone,
        rules=found,
        compared=tuple(chosen),
        alerts=_counts(tables, "rule_id", every=chosen),
        by=by,
        segments={} if by is None else _counts(tables, by),
        gained=gained,
        lost=lost,
        changed=changed,
    )


def _explained(alerts: pl.DataFrame, other: Other) -> pl.DataFrame:
    """Alerts with the reason why the other pack raised none of them."""
    names = ("rule_id", "transaction_id", "side", "timeline", "clauses")
    reasons = other.reasons(alerts.select(names).to_dicts()) if alerts.height else []
    words, because = ([reason[place] for reason in reasons] for place in (0, 1))
    return alerts.with_columns(
        pl.Series("reason", words, dtype=pl.String),
        pl.Series("because", because, dtype=pl.String),
    )


def _changed(
    old: pl.DataFrame, new: pl.DataFrame, kept: pl.DataFrame, differs: pl.Series
) -> pl.DataFrame:
    """Pairs of unequal alerts: whose they are, in what they differ, and both of them."""
    left, right = old[kept[OLD].to_list()], new[kept[NEW].to_list()]
    names = [name for name in ALERT_SCHEMA if name not in {"rule_id", "pack"}]
    return right.select("rule_id", "subject", "event_time", "transaction_id").with_columns(
        differs.alias("fields"),
        left.select(names).to_struct("old"),
        right.select(names).to_struct("new"),
    )


def _counts(
    tables: tuple[pl.DataFrame, ...], name: str, every: Sequence[str] = ()
) -> dict[str, Count]:
    """Alerts by the value of a column, in order: old, new, gained, lost and changed."""
    values = [_values(table, name).value_counts(name="count") for table in tables]
    counts = [dict(table.iter_rows()) for table in values]
    known = sorted({*every, *(value for count in counts for value in count)})
    return {value: Count(*(count.get(value, 0) for count in counts)) for value in known}


def _values(alerts: pl.DataFrame, name: str) -> pl.Series:
    """A column of the alerts, or of their transactions; sided names by the alert's side."""
    unknown = "-"
    if name in alerts.columns:
        return alerts[name].cast(pl.String).fill_null(unknown).alias("value")
    inside = alerts["transaction"].struct.unnest() if alerts.height else pl.DataFrame()
    own = name in _SIDED or name.startswith(("own_", "counterparty_"))
    sources = side_columns(name) if own else (name, name)
    if alerts.height and not set(sources) <= set(inside.columns):
        advice = did_you_mean(name, [*alerts.columns, *inside.columns])
        raise InputError(f"neither alerts nor payments have a column '{name}'{_then(advice)}")
    if not alerts.height:
        return pl.Series("value", [], dtype=pl.String)
    out, into = (inside[source].cast(pl.String) for source in sources)
    outside = (alerts["side"] == OUT).fill_null(value=True)
    chosen = pl.select(pl.when(outside).then(out).otherwise(into).alias("value")).to_series()
    return chosen.fill_null(unknown)


def _then(advice: str) -> str:
    return f": {advice}" if advice else ""


def _without_data(old: Pack, new: Pack, found: tuple[RuleChange, ...], tries: int) -> Diff:
    """The stream that tells the versions of each changed rule apart."""
    empty = pl.DataFrame()
    apart = {}
    for one in found:
        if one.kind == "logic":
            apart[one.rule] = _apart(old, new, one.rule, tries)
    return Diff(
        old=f"{old.name} {old.version}",
        new=f"{new.name} {new.version}",
        zone=new.timezone,
        rules=found,
        compared=(),
        alerts={},
        by=None,
        segments={},
        gained=empty,
        lost=empty,
        changed=empty,
        apart=apart,
        data=False,
    )


def _apart(old: Pack, new: Pack, name: str, tries: int) -> Apart:
    before, after = (next(r for r in pack.rules if r.id == name) for pack in (old, new))
    seeds = [*_cases(after.path, new, name), *_cases(before.path, old, name)]
    stream = telling_stream(before, after, new, seeds, tries=tries)
    return Apart(stream, tries, len(seeds))


def _cases(path: str, pack: Pack, rule: str) -> Sequence[Case]:
    """The cases that stand beside a rule's file, to begin with."""
    beside = cases_beside(Path(path)) if path else None
    if beside is None or not beside.is_file():
        return []
    cases, _ = read_cases(beside, pack)
    return [case for case in cases if case.rule == rule]
