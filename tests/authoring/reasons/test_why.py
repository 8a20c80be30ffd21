"""How far a rule was from firing, in words, on packs made by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from evaluate.small_packs import BIG_IN, CASE, PASSED_ON, pack_of, payments
from txmon.authoring import why
from txmon.authoring.reasons.asked import Both, Distance, Either, distance, lacking, truth
from txmon.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.authoring import Why

FOUR = """\
id: four
typology: test.four
severity: high
status: stable
by: debtor_account
where: kind == "transfer"
features:
  paid: count() over 24h
  total: sum(amount) over 24h
  known: time_since_first()
needs: known >= 3h
when: paid >= 4 and (total >= 1000 or creditor_account == "Z")
alert: {suppress: 6h}
"""
STEPS = """\
id: steps
typology: test.steps
severity: high
status: stable
by: account
sequence:
  within: 24h
  steps:
    - bait: direction == "in" and amount <= 10
    - hook: direction == "out" and amount >= 100
"""
ROUND = """\
id: round
typology: test.round
severity: high
status: stable
graph:
  cycle: {hops: 3..3, within: 24h}
"""


def told(answer: Why) -> list[tuple[str, str, tuple[str, ...]]]:
    return [(row.transaction_id, row.hit or row.outcome, row.reasons) for row in answer.rows]


def test_counts_sums_and_windows_are_told_in_words(tmp_path: Path) -> None:
    table = payments("0 A B 1", "1 A B 600", "3 A B 300", "26 A B 90", "27 A B 10", "40 A - -")
    answer = why(table, pack_of(tmp_path, FOUR), rule="four", entity="A")

    assert told(answer)[1:] == [
        ("2", "insufficient_history", ("needs known: 2h too short", "paid: 2 of 4 payments",
                                       "total: 399.00 short")),
        ("3", "no_hit", ("paid: 3 of 4 payments", "total: 99.00 short")),
        ("4", "no_hit", (
            "paid: 2 of 4 payments; the one before lies 1h outside the window of 24h",
            "total: 610.00 short; the one before lies 1h outside the window of 24h",
        )),
        ("5", "no_hit", (
            "paid: 2 of 4 payments; the one before lies just outside the window of 24h",
            "total: 900.00 short; the one before lies just outside the window of 24h",
        )),
        ("6", "not_applicable", ("no money, and of no kind that events names",
                                 'where: kind == "transfer" is false, with event')),
    ]  # fmt: skip
    assert answer.closest is answer.rows[2]
    assert answer.outcomes["insufficient_history"] == 2


def test_alerts_and_folded_hits_name_the_alert(tmp_path: Path) -> None:
    table = payments(*(f"{hour} A B 500" for hour in (0, 3, 4, 5, 6, 12)))
    answer = why(table, pack_of(tmp_path, FOUR), rule="four", entity="A", at="5")

    assert [row.hit for row in answer.rows] == ["", "", "", "raised", "folded", "raised"]
    assert answer.rows[4].reasons == ("folded into the alert of 4",)
    assert answer.detail is not None
    counted = {one.name: one.counted for one in answer.detail.features}
    assert [one.transaction_id for one in counted["paid"] or ()] == ["1", "2", "3", "4", "5"]
    assert [one.amount for one in counted["total"] or ()] == ["500.00"] * 5


def test_a_sequence_tells_the_step_that_was_reached(tmp_path: Path) -> None:
    table = payments("0 B A 5", "2 A B 50", "30 A B 200", "31 B A 6", "33 A C 150")
    answer = why(table, pack_of(tmp_path, STEPS), rule="steps", entity="A")

    words = [row.reasons for row in answer.rows]
    hook = 'hook: direction == "out" and amount >= 100'
    assert words[0] == (f"step 1 of 2 here; missing: {hook}",)
    assert words[1] == (f"step 1 of 2 was reached 2h before; missing: {hook}",)
    assert words[2][1] == (
        "it fits the last step, but the one before was 30h ago, at most 24h allowed"
    )
    assert [row.hit for row in answer.rows] == ["", "", "", "", "raised"]


def test_a_graph_rule_tells_which_bound_keeps_the_pattern_away(tmp_path: Path) -> None:
    table = payments("0 A B 100", "10 B C 100", "30 C A 100", "31 A D 5")
    answer = why(table, pack_of(tmp_path, ROUND), rule="round", entity="A")

    assert answer.rows[1].reasons == ("it took 30h, at most 24h allowed",)
    assert answer.rows[1].gap == pytest.approx(0.2)
    assert answer.rows[2].reasons[0].startswith("no cycle ends here")
    assert answer.closest is answer.rows[1]


def test_a_rule_over_alerts_is_asked_about_alerts(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, BIG_IN, PASSED_ON, CASE)
    table = payments("0 V M 1000", "1 M X 900", "2 V N 500", "3 N X 480")
    answer = why(table, pack, rule="victim-then-mule", entity="M")

    assert [(row.source, row.hit or row.outcome) for row in answer.rows] == [
        ("big-in", "no_hit"),
        ("passed-on", "raised"),
    ]
    with pytest.raises(InputError, match="raised no alert on it"):
        why(payments("0 V M 20", "1 M X 1"), pack, rule="victim-then-mule", entity="V")


def test_who_or_what_is_not_there_is_told_with_a_proposal(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, FOUR)
    table = payments("0 A100 B 1", "1 A100 - -", "2 B A100 1")
    with pytest.raises(InputError, match="did you mean 'A100'"):
        why(table, pack, rule="four", entity="A10")
    with pytest.raises(InputError, match="did you mean 'four'"):
        why(table, pack, rule="fuor", entity="A100")
    with pytest.raises(InputError, match="no transaction of A100"):
        why(table, pack, rule="four", entity="A100", at="nine")
    with pytest.raises(InputError, match="its first is of 2026-03-01"):
        why(table, pack, rule="four", entity="A100", at="2026-02-01")
    with pytest.raises(InputError, match="in creditor_account, but four goes by"):
        why(payments("0 A Z9 1", "1 A B 1"), pack, rule="four", entity="Z9")
    assert why(table, pack, rule="four", entity="A100", at="2026-03-02").detail is not None


def test_the_distance_of_alternatives_is_that_of_the_nearest() -> None:
    of = {0: Distance(), 1: Distance(1, 0.5), 2: Distance(1, 0.25)}
    tree = Both((0, Either((1, 2))))

    assert truth(tree, [True, False, None]) is None
    assert distance(tree, of.__getitem__) == Distance(1, 0.25)
    assert lacking(tree, of) == (2,)
