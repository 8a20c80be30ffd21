"""Mutants of random rules: they can be evaluated, and what is called the same behaves the same."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import assume, given, settings

from laws.engine import Rows, by_engine
from txmon.authoring.mutation.changes import changes
from txmon.authoring.mutation.meaning import meaning
from txmon.authoring.mutation.mutants import context_of, schema_of
from txmon.authoring.mutation.retype import retyped
from txmon.testing.strategies import graph_packs, packs, payments, rows, sequence_packs

if TYPE_CHECKING:
    from txmon.language.checked import Pack, Rule

MOST = 20
"""Changed rules of one example at most: of many, some from every part of the rule."""


def changed(pack: Pack, rule: Rule) -> list[Rule]:
    found = [retyped(one.node) for one in changes(rule, context_of(pack, schema_of(rule, pack)))]
    typed = [one for one in found if one is not None]
    return typed[:: len(typed) // MOST + 1]


def together(pack: Pack, rules: list[Rule]) -> Pack:
    """The pack with many rules under ids of their own, the first of them as it is."""
    named = (replace(rule, id=f"{rule.id}-m{n:03}") for n, rule in enumerate(rules))
    return replace(pack, rules=tuple(named), exceptions=())


def assert_alike(pack: Pack, table: Rows) -> None:
    plain = [rule for rule in pack.rules if not rule.sources]
    assume(plain)
    rule = plain[0]
    schema = schema_of(rule, pack)
    rules = [rule, *changed(pack, rule)]

    said = by_engine(together(pack, rules), table)

    told: dict[str, object] = {}
    for number, one in enumerate(rules):
        name = f"{rule.id}-m{number:03}"
        hits = {place[1:]: hit[:2] for place, hit in said.hits.items() if place[0] == name}
        assert told.setdefault(meaning(one, schema), hits) == hits


@settings(max_examples=8)
@given(packs(most=1), rows())
def test_changed_rules_of_one_meaning_behave_alike(pack: Pack, table: Rows) -> None:
    assert_alike(pack, table)


@settings(max_examples=6)
@given(sequence_packs(), rows())
def test_changed_sequences_of_one_meaning_behave_alike(pack: Pack, table: Rows) -> None:
    assert_alike(pack, table)


@settings(max_examples=6)
@given(graph_packs(), payments())
def test_changed_patterns_of_one_meaning_behave_alike(pack: Pack, table: Rows) -> None:
    assert_alike(pack, table)
