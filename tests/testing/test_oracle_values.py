"""The oracle's expressions on values worked out by hand."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from testing.tables import ALWAYS, AMOUNT, BY_DEBTOR, SCHEMA, cause, expression, run
from txmon.language.checked import ListTable
from txmon.language.nodes import ListMember, Literal, Member, Negate, Not, Range, TextTest
from txmon.testing import trees as t
from txmon.types import DATE, MONEY, TEXT

if TYPE_CHECKING:
    from txmon.language.nodes import Expr, FeatureNode


@pytest.mark.parametrize(
    ("left", "right", "conjunction", "disjunction"),
    [
        (True, None, None, True),
        (False, None, False, None),
        (None, True, None, True),
        (None, False, False, None),
        (None, None, None, None),
        (True, False, False, True),
    ],
)
def test_logic_is_three_valued(
    *, left: bool | None, right: bool | None, conjunction: bool | None, disjunction: bool | None
) -> None:
    unknown = t.column("flag", SCHEMA)
    operands = [unknown if one is None else t.boolean(one) for one in (left, right)]
    assert expression(t.both(*operands)) is conjunction
    assert expression(t.either(*operands)) is disjunction


def test_a_cause_is_that_of_the_leftmost_unknown_operand() -> None:
    zero = t.arithmetic(t.number("1"), "/", t.number("0"))
    score = t.column("score", SCHEMA)
    assert cause(t.compare(zero, ">", score)) == "zero_denominator"
    assert cause(t.compare(score, ">", zero)) == "missing_value"
    assert cause(t.both(ALWAYS, t.compare(score, ">", zero))) == "missing_value"


def test_money_keeps_its_exact_edge_where_a_float_would_not() -> None:
    share = t.arithmetic(t.number("0.8"), "*", AMOUNT)
    assert expression(share, amount="0.11") == 8_800
    assert share.type.scale == 5
    edge = t.compare(t.column("debtor_balance"), ">=", share)
    assert expression(edge, amount="0.1", debtor_balance="0.08") is True


def test_a_division_is_one_float_of_ten_thousandths() -> None:
    assert expression(t.arithmetic(AMOUNT, "/", t.integer(3)), amount=1) == 10_000 / 3
    assert expression(t.arithmetic(AMOUNT, "/", AMOUNT)) == 1.0


def test_exact_sums_take_the_larger_scale() -> None:
    node = t.arithmetic(t.column("score", SCHEMA), "-", t.number("0.125"))
    assert expression(node, score="0.25") == 125


def test_a_float_that_is_not_finite_is_an_overflow() -> None:
    tenth = t.arithmetic(t.number("1"), "/", t.number("0." + "0" * 30 + "1"))
    huge: Expr = tenth
    for _ in range(11):
        huge = t.arithmetic(huge, "*", tenth)
    assert cause(t.compare(huge, ">", t.number("0"))) == "overflow"


def test_times_and_durations() -> None:
    time = t.column("event_time")
    later = t.arithmetic(time, "+", t.duration("1h"))
    assert expression(t.arithmetic(later, "-", time)) == 3_600_000_000
    assert expression(t.compare(later, ">", time)) is True


def test_if_follows_its_condition_and_raises_its_branches() -> None:
    flag, score = t.column("flag", SCHEMA), t.column("score", SCHEMA)
    node = t.choose(flag, score, t.number("0.125"))
    assert expression(node, flag=True, score="1") == 1_000
    assert expression(node, flag=False) == 125
    assert expression(node) is None


def test_vary_takes_the_default_for_a_null() -> None:
    node = t.vary("debtor_segment", {"gold": t.money("5")}, t.money("1"))
    assert expression(node, debtor_segment="gold") == 50_000
    assert expression(node, debtor_segment="tin") == 10_000
    assert expression(node) == 10_000


def test_ranges_and_members() -> None:
    held = Range(AMOUNT, t.money("10"), t.money("20"))
    opened = Range(AMOUNT, t.money("10"), t.money("20"), low_open=True, high_open=True)
    assert [expression(held, amount=a) for a in (9, 10, 20, 21)] == [False, True, True, False]
    assert [expression(opened, amount=a) for a in (10, 11, 20)] == [False, True, False]
    member = Member(t.column("score", SCHEMA), (t.number("0.5"), t.integer(2)))
    assert [expression(member, score=s) for s in ("0.5", 2, 3)] == [True, True, False]
    assert expression(member) is None


def test_list_members() -> None:
    lists = {"mules": ListTable.of(TEXT, {"B"})}
    rule = t.rule(ListMember(t.column("creditor_account"), "mules"), by=BY_DEBTOR)
    rows = [{"at": "+0h", "creditor_account": c} for c in ("B", "C", None)]
    found = [one.outcome for one in run(rows, rule, lists=lists).outcomes["r1"].values()]
    assert found == ["hit", "no_hit", "unknown"]


@pytest.mark.parametrize(
    ("op", "right", "expected"),
    [
        ("contains", "fe ac", True),
        ("contains", "Safe", False),
        ("starts_with", "safe", True),
        ("ends_with", "account", True),
        ("matches", "^s.*t$", True),
        ("matches", "^account", False),
    ],
)
def test_text_tests(op: str, right: str, *, expected: bool) -> None:
    node = TextTest(op, t.column("remittance_information"), t.text(right))
    assert expression(node, remittance_information="safe account") is expected
    assert expression(node) is None


@pytest.mark.parametrize(
    ("decimals", "amount", "expected"),
    [(2, "0.125", 1_200), (2, "0.135", 1_400), (0, "2.5", 20_000), (0, "-2.5", -20_000)],
)
def test_round_is_half_even(decimals: int, amount: str, expected: int) -> None:
    assert expression(t.call("round", AMOUNT, t.integer(decimals)), amount=amount) == expected


def test_round_makes_an_inexact_value_exact() -> None:
    third = t.arithmetic(AMOUNT, "/", t.integer(3))
    node = t.call("round", third, t.integer(2))
    assert (node.type.exact, node.type.scale) == (True, 4)
    assert expression(node, amount=1) == 3_300


def test_row_functions() -> None:
    score, tries = t.column("score", SCHEMA), t.column("tries", SCHEMA)
    assert expression(t.call("abs", Negate(MONEY, AMOUNT)), amount=3) == 30_000
    assert expression(t.call("least", tries, score), tries=1, score="0.5") == 50
    assert expression(t.call("greatest", tries, score), tries=1, score="0.5") == 100
    assert expression(t.call("greatest", tries, score), tries=1) is None
    assert expression(t.call("coalesce", score, tries), tries=1) == 100
    assert expression(t.call("is_null", score)) is True
    assert expression(Not(t.call("is_null", score))) is False
    assert expression(t.call("is_multiple", AMOUNT, t.money(5)), amount=15) is True
    assert expression(t.call("is_multiple", AMOUNT, t.money(4)), amount=15) is False
    assert expression(t.call("is_multiple", AMOUNT, t.money(0))) is None
    assert expression(t.call("lower", t.text("STRASSE ß"))) == "strasse ss"
    assert expression(t.call("length", t.text("né"))) == 2


def test_hours_weekdays_and_dates_are_those_of_the_packs_zone() -> None:
    time = t.column("event_time")
    features: dict[str, FeatureNode] = {
        name: t.call(name, time) for name in ("hour", "weekday", "date")
    }
    rule = t.rule(ALWAYS, by=BY_DEBTOR, features=features)
    row = {"at": "2026-03-01T17:30:00+00:00"}
    (found,) = run([row], rule, timezone="Asia/Shanghai").features["r1"].values()
    assert found == {"hour": 1, "weekday": 1, "date": 20_514}


@pytest.mark.parametrize(
    ("first", "last", "days", "years"),
    [
        ("2024-02-29", "2025-02-28", 365, 0),
        ("2024-02-29", "2025-03-01", 366, 1),
        ("2025-03-01", "2024-02-29", -366, -1),
    ],
)
def test_days_and_completed_years(first: str, last: str, days: int, years: int) -> None:
    literal = Literal(DATE, (date.fromisoformat(last) - date(1970, 1, 1)).days)
    opened = t.column("opened", SCHEMA)
    assert expression(t.call("days_between", opened, literal), opened=first) == days
    assert expression(t.call("years_between", opened, literal), opened=first) == years
