"""Every rule of the yardstick packs is asked, and its answer put into words, without a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from txmon.authoring.cases.bench import lay_out
from txmon.authoring.cases.files import read_cases
from txmon.authoring.reasons.entity import columns_of
from txmon.authoring.reasons.run import Asker
from txmon.errors import InputError
from txmon.report import plain, why_report
from yardstick import table

if TYPE_CHECKING:
    from txmon.language.checked import Pack, Rule


@pytest.mark.parametrize("name", table.PACKS)
def test_every_rule_says_why(name: str) -> None:
    pack = table.pack(name)
    asked, fired = 0, 0
    for rule in pack.rules:
        rows = rows_of(pack, rule)
        for entity in entities(rule, rows):
            try:
                answer = Asker(pack, rule, entity, rows).why()
            except InputError:
                continue
            asked += 1
            fired += any(row.hit for row in answer.rows)
            assert plain(why_report(answer)).startswith(rule.id)
            judged = [row for row in answer.rows if row.outcome == "no_hit"]
            assert all(row.reasons for row in judged)
    assert asked >= len(pack.rules)
    assert fired >= len(pack.rules) // 2


def rows_of(pack: Pack, rule: Rule) -> pl.DataFrame:
    """The rows of the rule's first case that expects an alert."""
    path = table.HERE / rule_file(rule)
    cases, findings = read_cases(path, pack)
    assert not findings
    case = next(case for case in cases if case.expected)
    bench = lay_out([case], pack)
    return bench.rows.drop("__case")


def rule_file(rule: Rule) -> str:
    return rule.path.removesuffix(".yaml") + ".cases.yaml"


def entities(rule: Rule, rows: pl.DataFrame) -> list[str]:
    names = [name for name in columns_of(rule) if name in rows.columns] or [
        "debtor_account",
        "creditor_account",
    ]
    found = pl.concat([rows[name].cast(pl.String).alias("value") for name in names])
    return found.drop_nulls().unique().sort().to_list()[:2]
