"""Sequences: chains of rows in order, what their alerts tell, and what did not happen in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest

from evaluate.small_packs import found, pack_of, payments, score
from txmon.evaluate import Carry, evaluate, partials
from txmon.plan import compile_plan
from txmon.testing.factories import transactions

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from txmon import Result

START = datetime(2026, 3, 1, tzinfo=UTC)
HEAD = "typology: test.sequence\nseverity: high\nstatus: stable\n"
BAIT = f"""\
id: bait-and-hook
{HEAD}by: account
sequence:
  within: 30d
  search_limit: 1000
  steps:
    - bait{{2,5}}: direction == "in" and 5 <= amount <= 20
    - hook: direction == "out" and amount >= 5 * last(bait.amount)
    - more{{2,}}: >-
        direction == "out" and counterparty == hook.counterparty and
        amount >= coalesce(last(more.amount), hook.amount)
alert:
  subject: account
  message: >-
    {{first(bait.amount)}} to {{last(bait.amount)}}, then {{hook.amount}} to {{hook.counterparty}}
"""
REFUND = f"""\
id: absent-refund
{HEAD}by: [account, counterparty]
sequence:
  steps:
    - paid: direction == "out" and amount >= 1_000
    - absent refund: {{when: direction == "in" and amount >= 90% * paid.amount, within: 7d}}
alert:
  subject: account
  message: "{{paid.amount}} to {{counterparty}} never came back"
"""


def told(result: Result) -> list[dict[str, Any]]:
    return result.alerts.to_dicts()


def test_baits_a_hook_and_more_are_told_with_their_values(tmp_path: Path) -> None:
    table = payments(
        *("0 W V 5", "1 W V 10", "2 W V 20", "3 V X 100", "4 V Y 999"),
        *("5 V X 40", "6 V X 100", "7 V X 150", "8 V X 99"),
    )

    (alert,) = told(score(table, pack_of(tmp_path, BAIT)))

    assert alert["message"] == "5.00 to 20.00, then 100.00 to X"
    assert [one["transaction_id"] for one in alert["evidence"]] == ["1", "2", "3", "4", "7", "8"]
    assert (alert["window_start"], alert["window_end"]) == (START, alert["event_time"])


def test_an_alert_tells_what_each_step_asked(tmp_path: Path) -> None:
    rule = f"""\
id: two
{HEAD}by: debtor_account
sequence:
  within: 24h
  steps:
    - small: amount < 20
    - large: amount > 5 * small.amount
when: amount < 1_000
"""
    (alert,) = told(score(payments("0 A B 10", "1 A B 60"), pack_of(tmp_path, rule)))

    texts = [(one["text"], one["result"]) for one in alert["clauses"]]
    assert texts == [
        ("small: amount < 20", True),
        ("large: amount > 5 * small.amount", True),
        ("amount < 1_000", True),
    ]


def test_a_payment_that_never_came_back_is_told_at_its_deadline(tmp_path: Path) -> None:
    table = payments(
        *("0 A B 1000", "1 A C 1100", "2 C A 990", "3 A D 1100", "4 D A 989"),
        *("168 X Y 1", "169 X Y 1", "171 X Y 1", "172 X Y 1"),
    )

    result = score(table, pack_of(tmp_path, REFUND))

    assert found(result) == [("absent-refund", "1", "A"), ("absent-refund", "4", "A")]
    assert result.alerts["event_time"].to_list() == [
        START + timedelta(days=7, hours=hours) for hours in (0, 3)
    ]
    assert result.alerts["message"].to_list() == [
        "1,000.00 to B never came back",
        "1,100.00 to D never came back",
    ]


def test_hits_at_deadlines_are_counted_beside_the_rows(tmp_path: Path) -> None:
    result = score(payments("0 A B 1000", "169 X Y 1"), pack_of(tmp_path, REFUND))
    (rule,) = result.summary.rules

    assert rule.outcomes == {
        **dict.fromkeys(("not_applicable", "insufficient_history", "unknown"), 0),
        "hit": 1,
        "no_hit": 4,
    }


def test_a_deadline_that_nothing_has_passed_is_waited_for(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, REFUND)
    first, second = payments("0 A B 1000", "168 X Y 1"), payments("0 A B 1000", "169 X Y 1")

    assert found(score(first, pack)) == []
    assert found(score(second, pack)) == [("absent-refund", "1", "A")]


def test_history_that_passes_a_deadline_keeps_its_alert(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, REFUND)
    today = payments("300 X Y 1").with_columns(transaction_id=pl.lit("t"))
    known, waiting = payments("0 A B 1000", "169 X Y 1"), payments("0 A B 1000", "168 X Y 1")

    assert found(score(today, pack, history=known)) == []
    assert found(score(today, pack, history=waiting)) == [("absent-refund", "1", "A")]


def test_an_absence_is_asked_of_the_latest_chain_with_the_rest_of_its_time(tmp_path: Path) -> None:
    rule = f"""\
id: quiet
{HEAD}by: debtor_account
sequence:
  within: 24h
  steps:
    - one: amount == 1
    - two: amount == 2
    - absent three: amount == 3
"""
    table = payments("0 A B 1", "5 A B 1", "6 A B 2", "26 A B 3", "30 A B 9")

    assert found(score(table, pack_of(tmp_path, rule))) == []


def test_how_far_a_chain_could_reach_is_part_of_complete_history(tmp_path: Path) -> None:
    rule = f"""\
id: two
{HEAD}by: debtor_account
features:
  paid: sum(amount) over 24h
sequence:
  within: 24h
  steps:
    - one: amount <= 5 and paid <= 100
    - two: amount >= 10
"""
    table = payments("0 A B 1", "1 A B 2", "24 A B 20", "48 A B 3", "49 A B 20")
    complete = score(table, pack_of(tmp_path, rule)).alerts["history_complete"].to_list()

    assert complete == [False, True]


def test_the_window_of_an_alert_holds_its_chain_and_its_features_windows(tmp_path: Path) -> None:
    rule = f"""\
id: two
{HEAD}by: debtor_account
features:
  day: count() over 24h
  week: count() over 7d
sequence:
  within: 48h
  steps:
    - one: amount <= 5
    - two: amount >= 10
when: day >= 1 and (amount < 100 or week >= 4)
"""
    table = payments("0 A B 20", "96 A B 1", "134 A B 20", "143 A B 100")

    alerts = told(score(table, pack_of(tmp_path, rule)))

    hours = [(one["window_start"] - START, one["window_end"] - START) for one in alerts]
    assert hours == [(timedelta(hours=start), timedelta(hours=end)) for start, end in WINDOWS]
    assert [[row["transaction_id"] for row in one["evidence"]] for one in alerts] == [
        ["2", "3"],
        ["1", "2", "3", "4"],
    ]


WINDOWS = [(96, 134), (-25, 143)]
VICTIM_THEN_MULE = f"""\
id: victim-then-mule
{HEAD.replace("test.sequence", "case.mule")}input: alerts
from: [test, mule]
by: account
sequence:
  within: 14d
  steps:
    - victim: direction == "in" and typology == "test.sequence"
    - mule: direction == "out" and typology == "mule" and amount >= 50% * victim.amount
alert: {{subject: account}}
"""
BIG_OUT = """\
id: big-out
typology: mule
severity: low
status: stable
by: debtor_account
when: amount >= 500
"""


def test_a_sequence_of_alerts_reads_alerts_of_deadlines_too(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, REFUND, VICTIM_THEN_MULE, BIG_OUT)
    table = payments("0 A B 1000", "100 B C 600", "169 X Y 1", "170 B C 499", "171 B C 500")

    alerts = found(score(table, pack))

    assert ("absent-refund", "1", "A") in alerts
    assert [one for one in alerts if one[0] == "victim-then-mule"] == [
        ("victim-then-mule", "5", "B")
    ]


def test_an_absent_step_over_alerts_waits_for_the_transactions(tmp_path: Path) -> None:
    rule = f"""\
id: alone
{HEAD.replace("test.sequence", "case.alone")}input: alerts
from: [mule]
by: debtor_account
sequence:
  steps:
    - one: amount >= 500
    - absent another: {{when: amount >= 500, within: 24h}}
"""
    pack = pack_of(tmp_path, BIG_OUT, rule)

    table = payments("0 A B 500", "5 C B 600", "20 C B 700", "24 X Y 1")
    more = payments("0 A B 500", "5 C B 600", "20 C B 700", "25 X Y 1")

    assert [one[0] for one in found(score(table, pack))] == ["big-out"] * 3
    assert [one[:2] for one in found(score(more, pack))][-1:] == [("alone", "1")]


def hashed(folder: Path, rule: str) -> str:
    table = transactions(
        [{"at": "+0h", "debtor_account": "A", "creditor_account": "B", "amount": 1}]
    )
    (condition,) = compile_plan(pack_of(folder, rule), table.columns).conditions
    return condition.logic_hash


TWO = f"""\
id: two
{HEAD}by: debtor_account
sequence:
  within: 24h
  steps:
    - one: amount == 1
    - two: amount == 2 and creditor_account == one.creditor_account
when: amount > one.amount
"""


def test_the_names_of_steps_are_no_part_of_the_logic(tmp_path: Path) -> None:
    renamed = TWO.replace("one", "first_of_all")

    assert hashed(tmp_path, renamed) == hashed(tmp_path, TWO)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("within: 24h", "within: 25h"),
        ("steps:", "search_limit: 50\n  steps:"),
        ("- two:", "- two{1,2}:"),
        ("- two:", "- absent other: amount == 9\n    - two:"),
        ("amount == 1", "amount == 10"),
        ("== one.creditor_account", "== one.debtor_account"),
        ("when: amount > one", "when: amount >= one"),
    ],
)
def test_whatever_changes_a_sequence_changes_its_logic(
    tmp_path: Path, before: str, after: str
) -> None:
    assert before in TWO
    assert hashed(tmp_path, TWO.replace(before, after)) != hashed(tmp_path, TWO)


HOT = 20_000
SEARCHED = f"""\
id: hot
{HEAD}by: debtor_account
sequence:
  within: 30d
  search_limit: 100
  steps:
    - bait{{2,5}}: amount <= 20
    - hook: amount >= 100 and abs(amount - 5 * last(bait.amount)) <= 100
"""


def hot(amounts: np.ndarray[Any, Any]) -> pl.DataFrame:
    """One account that pays every second."""
    rows = [{"at": f"+{second}s", "amount": int(amount)} for second, amount in enumerate(amounts)]
    return transactions(rows, debtor_account="A", creditor_account="B")


@pytest.fixture
def pairs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pairs of a partial chain and a row were looked at, batch by batch."""
    counts: list[int] = []
    ranges = partials.ranges

    def counting(low: Any, high: Any) -> Iterator[Any]:
        for owners, places in ranges(low, high):
            counts.append(owners.size)
            yield owners, places

    monkeypatch.setattr(partials, "ranges", counting)
    return counts


def searched(folder: Path, table: pl.DataFrame) -> dict[str, int]:
    found = evaluate(compile_plan(pack_of(folder, SEARCHED), table.columns), Carry(), table)
    return {name: count for name, count in found.outcomes["hot"].items() if count}


def test_first_steps_that_nothing_follows_are_not_searched(
    tmp_path: Path, pairs: list[int]
) -> None:
    assert searched(tmp_path, hot(np.full(HOT, 10))) == {"no_hit": HOT}
    assert sum(pairs) == 0


def test_a_search_looks_at_as_many_rows_as_its_limit_allows(
    tmp_path: Path, pairs: list[int]
) -> None:
    amounts = np.full(HOT, 10)
    amounts[::1000] = 5000

    outcomes = searched(tmp_path, hot(amounts))

    ends, limit, counts = HOT // 1000, 100, 5
    assert outcomes == {"no_hit": HOT - ends + 1, "unknown": ends - 1}
    assert 0 < sum(pairs) <= ends * limit * limit * counts


def test_a_hot_account_of_chains_is_done_at_once(tmp_path: Path) -> None:
    rule = f"""\
id: hot
{HEAD}by: debtor_account
sequence:
  within: 30d
  steps:
    - bait{{2,5}}: amount <= 20
    - hook: amount >= 100 and creditor_account == last(bait.creditor_account)
alert: {{suppress: 30d}}
"""
    table = hot(np.where(np.arange(HOT) % 2, 500, 10))
    plan = compile_plan(pack_of(tmp_path, rule), table.columns)

    found = evaluate(plan, Carry(), table)

    assert found.outcomes["hot"]["hit"] == HOT // 2 - 1
    assert found.alerts["evidence_count"].to_list() == [3]
