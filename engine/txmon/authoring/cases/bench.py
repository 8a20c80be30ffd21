"""Many cases laid out in one frame, and many rules judged over them in one evaluation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from txmon.evaluate import Carry, evaluate
from txmon.language.reversals import REVERSES
from txmon.language.strata import with_sources
from txmon.plan import compile_plan
from txmon.schema import TIME_DTYPE, Schema
from txmon.sources import intake

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from txmon.authoring.cases.case import Case, CaseRow
    from txmon.errors import Finding
    from txmon.language.checked import Pack, Rule

CASE_KEY = "__case"
"""The column that parts the timelines of the cases; no column of a pack begins like that."""

CASE, VARIANT = "case", "variant"
"""The columns that say whose an alert, a hit or a feature is."""

_MARK = "/"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ROW_DIGITS = 4
_MADE = frozenset({"transaction_id", "event_time", "original_amount"})
_WHOLE_ID = "#transaction_id"
_UNHEARD = "~"
"""The typology of a variant while it is judged: no rule over alerts can name it."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Cases laid out for judging.

    ``rows`` are the accepted rows of all sound cases as the engine holds them, each with the place
    of its case in ``CASE_KEY``. ``refused`` has the findings of cases with a row that no bank
    could book, by their place; their rows are left out.
    """

    cases: tuple[Case, ...]
    rows: pl.DataFrame
    refused: Mapping[int, tuple[Finding, ...]]

    @property
    def sound(self) -> tuple[int, ...]:
        """The places of the cases that can be judged."""
        return tuple(place for place in range(len(self.cases)) if place not in self.refused)

    def some(self, places: Collection[int]) -> Bench:
        """The same cases with only the rows of some of them."""
        return replace(self, rows=self.rows.filter(pl.col(CASE_KEY).is_in(list(places))))


@dataclass(frozen=True, slots=True)
class Judged:
    """What was found, a row each: columns of the alerts, hits and features of an evaluation.

    Beside them stand ``VARIANT``, the name under which the rule was given, and ``CASE``, the place
    of the case; ids and messages are those of the case alone, rule ids and typologies those of the
    rule that was varied. ``features`` is None if nobody asked for them.
    """

    alerts: pl.DataFrame
    hits: pl.DataFrame
    features: pl.DataFrame | None

    def by_case(self, table: pl.DataFrame) -> dict[tuple[str, int], list[dict[str, Any]]]:
        """Rows of alerts or hits by variant and case, in order of time."""
        found: dict[tuple[str, int], list[dict[str, Any]]] = {}
        for row in table.to_dicts():
            found.setdefault((row[VARIANT], row[CASE]), []).append(row)
        return found


def lay_out(cases: Sequence[Case], pack: Pack) -> Bench:
    """All rows of all cases as the engine holds them."""
    rows = [(place, row) for place, case in enumerate(cases) for row in case.rows]
    taken = intake(_frame(cases, rows, pack), pack)
    refused: dict[int, tuple[Finding, ...]] = {}
    for fault in taken.rejected.to_dicts():
        place, row = rows[fault["row"] - 1]
        message = f"no bank could book this row: {fault['detail']}"
        refused[place] = (*refused.get(place, ()), cases[place].row_finding(row, message))
    columns = [name for name in taken.accepted.columns if name != "history"]
    accepted = taken.accepted.select(*columns, _place().alias(CASE_KEY), "history")
    return Bench(tuple(cases), accepted.filter(~pl.col(CASE_KEY).is_in(list(refused))), refused)


def _place() -> pl.Expr:
    return pl.col("transaction_id").str.split(_MARK).list.first().cast(pl.Int64)


def _frame(cases: Sequence[Case], rows: Sequence[tuple[int, CaseRow]], pack: Pack) -> pl.DataFrame:
    """The input frame of all cases. It has every column a rule may need, so that a case which
    leaves one out says null there and no rule is set aside.
    """
    ids = [
        _row_id(place, number, _digits(case))
        for place, case in enumerate(cases)
        for number in range(1, len(case.rows) + 1)
    ]
    names = [name for name in Schema.with_columns(pack.columns).columns if name not in _MADE]
    named = {name for _, row in rows for name in row.texts}
    nulls = pl.Series([None], dtype=pl.String).new_from_index(0, len(rows))
    texts = {
        name: pl.Series(name, [row.texts.get(name) for _, row in rows], dtype=pl.String)
        if name in named
        else nulls.alias(name)
        for name in names
    }
    reversed_ids = [_named_row(place, row, cases[place]) for place, row in rows]
    texts[REVERSES] = pl.Series(REVERSES, reversed_ids, dtype=pl.String)
    times = pl.Series("event_time", [row.event_time for _, row in rows], dtype=TIME_DTYPE)
    return pl.DataFrame([pl.Series("transaction_id", ids, dtype=pl.String), times, *texts.values()])


def _digits(case: Case) -> int:
    return max(_ROW_DIGITS, len(str(len(case.rows))))


def _row_id(place: int, number: int, digits: int) -> str:
    return f"{place}{_MARK}{number:0{digits}}"


def _named_row(place: int, row: CaseRow, case: Case) -> str | None:
    """The id of the row of the same case that a row reverses, which is named by its number."""
    number = row.texts.get(REVERSES)
    if number is None or not (number.isascii() and number.isdigit()):
        return number
    return _row_id(place, int(number), _digits(case))


def judge(bench: Bench, rules: Mapping[str, Rule], pack: Pack, *, features: bool = False) -> Judged:
    """Judge many rules, or many variants of one, over all cases in one evaluation.

    What the rules have in common is computed once: equal features are one feature.

    Args:
        bench: the cases.
        rules: the rules by a name of the caller's choice, which is what ``VARIANT`` tells. They
            may be rules of the pack, or changed ones, which keep their id: alerts and hits have
            that, and exceptions for it hold.
        pack: the pack; rules over alerts read the alerts of its rules, never those of variants.
        features: whether to hand out every feature at every row.
    """
    named = _named(rules, pack)
    plan = compile_plan(_with(pack, rules, named), bench.rows.columns, case_key=CASE_KEY)
    starts = _data_starts(bench)
    found = evaluate(plan, Carry(), bench.rows, data_start=starts, features=features)
    alerts = _owned(pl.concat([found.alerts, found.shadow_alerts]), rules, named)
    typologies = {name: rule.typology for name, rule in rules.items()}
    own = pl.col(VARIANT).replace_strict(typologies, return_dtype=pl.String)
    return Judged(
        alerts.with_columns(own.alias("typology"), _messages(alerts)),
        _owned(found.hits, rules, named),
        None if found.features is None else _features(found.features, named),
    )


def _named(rules: Mapping[str, Rule], pack: Pack) -> dict[str, Rule]:
    """The rules under the ids they are judged by: a rule of the pack has its own."""
    known = {rule.id: rule for rule in pack.rules}
    return {
        name: rule
        if known.get(rule.id) is rule
        else replace(rule, id=f"{rule.id}{_UNHEARD}{number}", typology=_UNHEARD)
        for number, (name, rule) in enumerate(rules.items())
    }


def _with(pack: Pack, rules: Mapping[str, Rule], named: Mapping[str, Rule]) -> Pack:
    """The pack of the rules to be judged and of what they read; exceptions hold for variants."""
    used = {rule.id: rule for rule in with_sources(list(named.values()), pack.rules)}
    used |= {rule.id: rule for rule in named.values()}
    exceptions = tuple(
        replace(
            one,
            rules=(*one.rules, *(named[name].id for name in rules if rules[name].id in one.rules)),
        )
        for one in pack.exceptions
    )
    return replace(pack, rules=tuple(used.values()), exceptions=exceptions)


def _owned(
    table: pl.DataFrame, rules: Mapping[str, Rule], named: Mapping[str, Rule]
) -> pl.DataFrame:
    """The rows of the judged rules with whose they are, rules and rows under their own names."""
    names = {rule.id: name for name, rule in named.items()}
    ids = {rule.id: rules[name].id for name, rule in named.items()}
    rule, row = pl.col("rule_id"), pl.col("transaction_id")
    return table.filter(rule.is_in(list(names))).with_columns(
        rule.replace_strict(names, return_dtype=pl.String).alias(VARIANT),
        _place().alias(CASE),
        rule.replace_strict(ids, return_dtype=pl.String),
        row.str.split(_MARK).list.last(),
        row.alias(_WHOLE_ID),
    )


def _messages(alerts: pl.DataFrame) -> pl.Series:
    """The messages, in which the ids of rows are those of the case."""
    whole, own = alerts[_WHOLE_ID].to_list(), alerts["transaction_id"].to_list()
    texts = [
        text and text.replace(old, new)
        for text, old, new in zip(alerts["message"], whole, own, strict=True)
    ]
    return pl.Series("message", texts, dtype=pl.String)


def _features(table: pl.DataFrame, named: Mapping[str, Rule]) -> pl.DataFrame:
    """The features of the judged rules under ``VARIANT.FEATURE``."""
    columns = [
        pl.col(f"{rule.id}.{feature}").alias(f"{name}.{feature}")
        for name, rule in named.items()
        for feature in rule.features
    ]
    row = pl.col("transaction_id")
    heads = [row.str.split(_MARK).list.last(), pl.col("side"), _place().alias(CASE)]
    return table.select(*heads, *columns)


def _data_starts(bench: Bench) -> dict[int, int]:
    """Where the data of a case begins (microseconds), for the cases that say so."""
    named = {place: bench.cases[place].data_start for place in bench.sound}
    return {
        place: (start - _EPOCH) // timedelta(microseconds=1)
        for place, start in named.items()
        if start is not None
    }
