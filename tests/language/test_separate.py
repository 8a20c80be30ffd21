"""How a ``where`` with ``this`` falls into keys, ranges, and what is asked row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from language.rules import rule_of
from txmon.language.nodes import Aggregate
from txmon.language.separate import one_by_one, separated
from txmon.language.text import canonical, render

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.language.separate import Separated

NEAR = "abs(amount - this.amount) <= 10% * this.amount"
SAME = "creditor_account == this.creditor_account"


def feature(folder: Path, text: str) -> Aggregate:
    rule = f"by: debtor_account\nfeatures:\n  f: >-\n    {text}\nwhen: f > 1\n"
    node = rule_of(folder, rule).features["f"]
    assert isinstance(node, Aggregate)
    return node


def parts(folder: Path, where: str, over: str = "24h", of: str = "count()") -> Separated:
    return separated(feature(folder, f"{of} where {where} over {over}"))


def test_an_equality_with_this_is_one_more_key(tmp_path: Path) -> None:
    found = parts(tmp_path, f"{SAME} and this.kind == kind and amount > 5")
    assert found.keys == ("creditor_account", "kind")
    assert found.plain is not None
    assert render(found.plain) == "amount > 5"
    assert (found.mixed, found.gate, found.scans) == (None, None, False)


def test_the_rows_of_the_last_ten_are_those_of_the_timeline_before_the_filter(
    tmp_path: Path,
) -> None:
    found = parts(tmp_path, SAME, "last 10")
    assert (found.keys, found.scans) == ((), False)
    assert [bound.op for bound in found.bounds] == ["=="]
    assert parts(tmp_path, SAME, "last 10 matching").keys == ("creditor_account",)


def test_a_key_of_the_timeline_is_equal_anyway(tmp_path: Path) -> None:
    found = parts(tmp_path, "debtor_account == this.debtor_account")
    assert (found.keys, found.mixed, found.scans) == ((), None, False)


@pytest.mark.parametrize(
    ("where", "bounds"),
    [
        ("amount >= this.amount", ["amount >= 1 amount"]),
        ("this.amount < amount", ["amount > 1 amount"]),
        ("2 * amount != this.amount", ["2 * amount != 1 amount"]),
        ("amount - this.amount <= 50", ["amount <= 1 amount 1 50"]),
        ("this.amount - amount <= 50", ["amount >= 1 amount -1 50"]),
        ("not (amount > this.amount)", ["amount <= 1 amount"]),
        (NEAR, ["amount <= 1 amount 1 0.1 * amount", "amount >= 1 amount -1 0.1 * amount"]),
        ("50 > abs(this.amount - amount)", ["amount > 1 amount -1 50", "amount < 1 amount 1 50"]),
        ("amount in this.amount..500", ["amount >= 1 amount"]),
        ("event_time > this.event_time - 2h", ["event_time > 1 event_time - 2h"]),
        ("lower(kind) == lower(this.kind)", ["lower(kind) == 1 lower(kind)"]),
        ("amount / 2 <= this.amount", ["amount / 2 <= 1 amount"]),
    ],
)
def test_comparisons_of_one_value_are_ranges(where: str, bounds: list[str], tmp_path: Path) -> None:
    found = parts(tmp_path, where)
    assert not found.scans
    assert [
        " ".join(
            [render(one.row), one.op, *(f"{sign} {render(node)}" for sign, node in one.judged)]
        )
        for one in found.bounds
    ] == bounds


@pytest.mark.parametrize(
    "where",
    [
        "amount * 2 > this.amount and debtor_balance > this.debtor_balance",
        "abs(amount - this.amount) >= 10",
        "amount != this.amount and amount > this.amount",
        "amount / this.amount <= 2",
        "amount > this.amount or kind == this.kind",
        "least(amount, this.amount) > 5",
        "lower(kind) contains this.kind",
        "amount / 3 - this.amount > 5",
    ],
)
def test_anything_else_is_looked_at_row_by_row(where: str, tmp_path: Path) -> None:
    assert parts(tmp_path, where).scans


def test_what_needs_more_than_sums_is_looked_at_row_by_row(tmp_path: Path) -> None:
    assert parts(tmp_path, NEAR, of="sum(amount)").bounds
    assert parts(tmp_path, NEAR, of="mean(amount)").bounds
    assert parts(tmp_path, NEAR, of="max(amount)").scans
    assert not parts(tmp_path, SAME, of="max(amount)").scans


def test_what_asks_this_only_is_a_gate(tmp_path: Path) -> None:
    found = parts(tmp_path, "this.amount > 500 and amount > 5")
    assert found.gate is not None
    assert render(found.gate) == "amount > 500"
    assert not found.scans


def test_this_in_an_argument_is_looked_at_row_by_row(tmp_path: Path) -> None:
    assert one_by_one(feature(tmp_path, "max(amount - this.amount) over 24h"))
    assert not one_by_one(feature(tmp_path, "legs(amount, this.amount, 1%) over 24h"))


def test_this_and_other_timelines_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    text = f"count() where {SAME} by [debtor_account = creditor_account, kind] over 24h"
    node = feature(tmp_path, text)
    assert render(node) == text
    again = feature(tmp_path, render(node))
    assert canonical(node) == canonical(again)


def test_what_means_something_else_reads_something_else(tmp_path: Path) -> None:
    texts = [
        "count() where amount > this.amount over 24h",
        "count() where this.amount > this.amount over 24h",
        "count() by debtor_account over 24h",
        "count() by debtor_account = debtor_account over 24h",
        "count() by debtor_account = creditor_account over 24h",
        "percentile(amount, 5) over 24h",
        "percentile(amount, 50) over 24h",
    ]
    assert len({canonical(feature(tmp_path, text)) for text in texts}) == len(texts)
