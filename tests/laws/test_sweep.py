"""A sweep over choices of a rule finds for each of them what a run of its own finds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from txmon.authoring.tuning.choices import choice_pack
from txmon.evaluate import Carry, evaluate
from txmon.evaluate.sweep import sweep
from txmon.language.nodes import Aggregate, Literal, Span, is_arithmetic, replaced
from txmon.language.strata import with_sources
from txmon.plan import compile_plan
from txmon.testing.factories import frame
from txmon.testing.random_trees import COLUMNS
from txmon.testing.strategies import graph_packs, packs, payments, rows, sequence_packs

if TYPE_CHECKING:
    from typing import Any

    from txmon.evaluate.folding import Swept
    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import Expr, FeatureNode

IDENTITY = ("transaction_id", "side", "event_time", "timeline", "subject", "subject_kind")
SHIFTS = st.lists(st.sampled_from((0, 1, -1, 30_000, -30_000)), min_size=1, max_size=2)


def shifted(rule: Rule, shift: int) -> Rule:
    """The rule with other thresholds, windows and suppression, as other params would make it."""

    def moved(part: Expr) -> Expr | None:
        if isinstance(part, Literal) and is_arithmetic(part.type):
            return replace(part, value=int(part.value) + shift)
        return None

    def feature(node: FeatureNode) -> FeatureNode:
        if not isinstance(node, Aggregate):
            return node
        window = node.window
        if window.span is Span.TIME and shift:
            window = replace(window, length=window.length * 2)
        where = None if node.where is None else replaced(node.where, moved)
        return replace(node, window=window, where=where)

    suppress = rule.suppress
    if suppress is not None and shift < 0:
        suppress = replace(suppress, span=suppress.span * 7)
    levels = tuple(replace(one, when=replaced(one.when, moved)) for one in rule.levels)
    features = {name: feature(node) for name, node in rule.features.items()}
    needs = None if rule.needs is None else replaced(rule.needs, moved)
    return replace(rule, levels=levels, features=features, needs=needs, suppress=suppress)


def swept(pack: Pack, rule: Rule, choices: list[Rule], table: pl.DataFrame) -> list[Any]:
    made, ids = choice_pack(pack, rule, choices)
    found = sweep(compile_plan(made, table.columns), table, ids, rule.id)
    return [told(found, id_) for id_ in ids]


def told(found: Swept, id_: str) -> tuple[int, list[tuple[Any, ...]]]:
    choice = found.choices[id_]
    names = found.candidates.select(IDENTITY)[choice.raised.tolist()].rows()
    levels = (choice.levels + 1).tolist()
    alerts = [(*map(hashable, name), level) for name, level in zip(names, levels, strict=True)]
    return choice.hits.size, sorted(alerts, key=str)


def hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def alone(pack: Pack, rule: Rule, table: pl.DataFrame) -> tuple[int, list[tuple[Any, ...]]]:
    others = [other for other in pack.rules if other.id != rule.id]
    used = replace(pack, rules=with_sources([rule], [*others, rule]))
    found = evaluate(compile_plan(used, table.columns), Carry(), table)
    alerts = pl.concat([found.alerts, found.shadow_alerts]).filter(pl.col("rule_id") == rule.id)
    hits = found.hits.filter((pl.col("rule_id") == rule.id) & pl.col("exception").is_null())
    told_of = [tuple(map(hashable, row)) for row in alerts.select(*IDENTITY, "level").iter_rows()]
    return hits.height, sorted(told_of, key=str)


def assert_law(table: list[dict[str, Any]], pack: Pack, shifts: list[int]) -> None:
    accepted = frame(table, columns=COLUMNS)
    for rule in pack.rules:
        choices = [shifted(rule, shift) for shift in shifts]
        expected = [alone(pack, choice, accepted) for choice in choices]
        assert swept(pack, rule, choices, accepted) == expected


@given(rows(history=True), packs(most=2), SHIFTS)
def test_each_choice_finds_what_a_run_of_its_own_finds(
    table: list[dict[str, Any]], pack: Pack, shifts: list[int]
) -> None:
    assert_law(table, pack, shifts)


@given(rows(history=True), sequence_packs(), SHIFTS)
def test_each_choice_of_a_sequence_finds_what_a_run_of_its_own_finds(
    table: list[dict[str, Any]], pack: Pack, shifts: list[int]
) -> None:
    assert_law(table, pack, shifts)


@given(payments(most=10), graph_packs(), SHIFTS)
def test_each_choice_of_a_graph_pattern_finds_what_a_run_of_its_own_finds(
    table: list[dict[str, Any]], pack: Pack, shifts: list[int]
) -> None:
    assert_law(table, pack, shifts)
