"""What lint concludes holds: its ranges hold every value, and never and always are meant so."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from hypothesis import assume, given

from language.grammar import conditions
from laws.engine import Rows, in_order
from laws.test_expressions import compiled
from txmon.authoring import check_files
from txmon.authoring.lint.conditions import verdict
from txmon.authoring.lint.facts import facts
from txmon.authoring.lint.intervals import Interval
from txmon.authoring.lint.missing import passed
from txmon.authoring.lint.ranges import Ranges
from txmon.language.nodes import Column
from txmon.testing import trees
from txmon.testing.oracle_judge import judge
from txmon.testing.strategies import expressions, packs, rows
from txmon.types import Kind

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from txmon.language.checked import Pack
    from txmon.language.nodes import Expr
    from txmon.types import Type

EMPTY = Ranges(trees.rule(trees.boolean(value=False)))
SLACK = Fraction(1, 10**6)
PACK = """\
name: example
version: 1.0.0
currency: EUR
timezone: UTC
columns: {score: {type: number, scale: 2}, tries: int, opened: date}
values: {kind: [card, transfer], channel: [app], status: [accepted]}
"""
HEADER = """\
id: example
version: 1.0.0
title: An example
typology: test.example
severity: medium
status: draft
by: account
params:
  limit: {type: money, default: 500}
  span: {type: duration, default: 24h}
  rows: {type: int, default: 10}
  kinds: {type: list, default: [card]}
"""


def paid(table: Rows) -> Rows:
    return in_order([{**row, "amount": row["amount"] or 0} for row in table])


def exactly(value: Any, type_: Type) -> Fraction:
    scale = type_.scale if type_.exact else type_.base_scale
    return Fraction(value) / 10**scale


def lies_in(value: Any, type_: Type, range_: Interval) -> bool:
    number = exactly(value, type_)
    slack = 0 if type_.exact else SLACK * max(1, abs(number))
    return range_.low - slack <= number <= range_.high + slack


@given(rows(), expressions(kinds=(Kind.BOOL,)))
def test_never_and_always_are_meant(table: Rows, node: Expr) -> None:
    said = verdict(node, EMPTY)
    if said is not None:
        assert set(compiled(node, paid(table))) <= {said, None}


@given(rows(), expressions(kinds=(Kind.BOOL,)))
def test_what_must_be_there_is_there(table: Rows, node: Expr) -> None:
    names = passed(node)
    stored = paid(table)
    for row, value in zip(stored, compiled(node, stored), strict=True):
        if value:
            assert [name for name in names if name in row and row[name] is None] == []


@given(rows(), expressions(kinds=(Kind.BOOL,)))
def test_facts_hold_where_the_condition_is_true(table: Rows, node: Expr) -> None:
    stored = paid(table)
    known = [one for one in facts(node, EMPTY) if isinstance(one.subject, Column)]
    for fact in known:
        if not isinstance(fact.most, Interval) or " / " in fact.key:
            continue
        values = compiled(fact.subject, stored)
        for true, value in zip(compiled(node, stored), values, strict=True):
            if true:
                assert lies_in(value, fact.subject.type, fact.most)


@given(packs(), rows())
def test_every_value_of_a_feature_lies_in_its_range(pack: Pack, table: Rows) -> None:
    found = judge(pack, table).features
    for rule in pack.rules:
        ranges = Ranges(rule)
        for name, node in rule.features.items():
            if node.type.kind not in {Kind.MONEY, Kind.NUMBER, Kind.INT, Kind.DURATION}:
                continue
            values = [row[name] for row in found.get(rule.id, {}).values()]
            range_ = ranges.feature(name)
            assert all(lies_in(one, node.type, range_) for one in values if one is not None)


@given(conditions)
def test_lint_takes_every_condition(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    folder: Path = tmp_path_factory.mktemp("pack")
    (folder / "lists").mkdir()
    (folder / "lists" / "watched.csv").write_text("account\nA\n")
    (folder / "pack.yaml").write_text(PACK)
    quoted = text.replace("'", "''")
    rule = f"{HEADER}features:\n  x: 'count() where {quoted} over 7d'\nwhen: '{quoted}'\n"
    (folder / "example.yaml").write_text(rule)
    pack, findings = check_files(folder)
    assume(pack is not None)
    assert all(finding.warning and finding.source for finding in findings)
