"""What ``why`` tells of each row is what the engine says of it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from txmon.authoring.reasons.entity import columns_of
from txmon.authoring.reasons.run import Asker
from txmon.authoring.reasons.telling import telling
from txmon.errors import DataError, InputError
from txmon.evaluate import Carry, evaluate
from txmon.plan import compile_plan
from txmon.testing.factories import frame
from txmon.testing.random_trees import COLUMNS
from txmon.testing.strategies import graph_packs, packs, payments, rows, sequence_packs

if TYPE_CHECKING:
    from txmon.authoring.reasons.results import Why
    from txmon.evaluate import Evaluation
    from txmon.language.checked import Pack, Rule

Rows = list[dict[str, Any]]
ENTITIES = st.sampled_from(["A", "B", "retail", "D1"])


@given(rows(history=True), packs(), ENTITIES)
def test_rows_are_told_as_the_engine_judges_them(table: Rows, pack: Pack, entity: str) -> None:
    assert_told(table, pack, entity)


@given(rows(), sequence_packs(), ENTITIES)
def test_rows_of_sequences_are_told_likewise(table: Rows, pack: Pack, entity: str) -> None:
    assert_told(table, pack, entity)


@given(payments(), graph_packs(), ENTITIES)
def test_rows_of_graph_patterns_are_told_likewise(table: Rows, pack: Pack, entity: str) -> None:
    assert_told(table, pack, entity)


@given(rows(history=True), packs())
def test_outcomes_by_row_add_up_to_the_outcomes(table: Rows, pack: Pack) -> None:
    accepted = frame(table, columns=COLUMNS)
    rules = {rule.id for rule in pack.rules}
    plan = compile_plan(pack, accepted.columns, told=rules)
    found = evaluate(plan, Carry(), accepted)
    for condition in plan.every_condition:
        mine = [row for row in found.told.to_dicts() if row["rule_id"] == condition.rule.id]
        late = condition.sequence is not None and condition.sequence.ending is not None
        said = dict(found.outcomes[condition.rule.id])
        if late:
            said["hit"] = 0  # those come at a deadline, at no row
        counted = Counter(row["outcome"] for row in mine)
        del said["not_applicable"]
        assert counted == Counter(said)
        causes = Counter(row["cause"] for row in mine if row["outcome"] == "unknown")
        assert causes == Counter(found.causes[condition.rule.id])


def assert_told(table: Rows, pack: Pack, entity: str) -> None:
    accepted = frame(table, columns=COLUMNS)
    plan = compile_plan(pack, accepted.columns, told={rule.id for rule in pack.rules})
    found = evaluate(plan, Carry(), accepted)
    for rule in pack.rules:
        try:
            answer = Asker(pack, rule, entity, accepted).why()
        except (InputError, DataError):
            assert not hits_about(found, rule, entity)
            continue
        assert_rows(answer, found, rule, entity)


def hits_about(found: Evaluation, rule: Rule, entity: str) -> set[tuple[Any, ...]]:
    return {
        key(hit)
        for hit in found.hits.to_dicts()
        if hit["rule_id"] == rule.id and entity in (hit["timeline"] or ())
    }


def key(hit: dict[str, Any]) -> tuple[Any, ...]:
    return hit["transaction_id"], hit["side"], hit["trigger_alert_id"]


def assert_rows(answer: Why, found: Evaluation, rule: Rule, entity: str) -> None:
    told = {(row.transaction_id, row.side, row.alert): row for row in answer.rows}
    assert len(told) == len(answer.rows)
    hits: dict[tuple[Any, ...], list[dict[str, Any]]] = {}
    for hit in found.hits.to_dicts():
        if hit["rule_id"] == rule.id:
            hits.setdefault(key(hit), []).append(hit)
    outcomes = {
        (row["transaction_id"], row["side"], row["alert_id"]): (row["outcome"], row["cause"])
        for row in found.told.to_dicts()
        if row["rule_id"] == rule.id
    }
    assert hits_about(found, rule, entity) <= set(told)
    asked = telling(rule)
    for spot, row in told.items():
        outcome, cause = outcomes.get(spot, ("not_applicable", None))
        assert (row.outcome == "hit") == (spot in hits)
        if spot in hits:
            assert row.hit in {kind(hit) for hit in hits[spot]}
        else:
            assert (row.outcome, row.cause) == (outcome, cause)
        if asked.plain and row.clauses:
            made = asked.outcome(row.clauses)
            assert made == outcome or (made == "hit" and "its other side" in row.reasons[0])
        if outcome != "not_applicable" and asked.plain:
            assert len(row.clauses) == len(asked.clauses)
        if row.missing is not None and asked.plain and made != "hit":
            assert row.missing > 0
    assert columns_of(rule)


def kind(hit: dict[str, Any]) -> str:
    return "raised" if hit["raised"] else "excepted" if hit["exception"] else "folded"
