"""The oracle's features on tables worked out by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from testing.tables import ALWAYS, AMOUNT, BY_ACCOUNT, BY_DEBTOR, at, counting, run, values
from txmon.testing import trees as t

if TYPE_CHECKING:
    from txmon.language.nodes import Expr, FeatureNode


def test_a_row_exactly_as_old_as_the_window_is_out() -> None:
    assert values(at("+0h", "+24h"), BY_DEBTOR, counting(t.over("24h"))) == [1, 1]
    assert values(at("+1us", "+24h"), BY_DEBTOR, counting(t.over("24h"))) == [1, 2]


def test_rows_of_one_time_see_only_those_before_them_in_order() -> None:
    rows = [{"at": "+0h", "id": id_, "sequence": n} for id_, n in (("a", 2), ("c", 1), ("b", None))]
    rule = t.rule(ALWAYS, by=BY_DEBTOR, features={"x": counting(t.over("24h"))})
    features = run(rows, rule).features["r1"]
    assert {spot[0]: row["x"] for spot, row in features.items()} == {"b": 1, "c": 2, "a": 3}


def test_ids_are_ordered_by_their_bytes() -> None:
    rows = [{"at": "+0h", "id": id_} for id_ in ("é", "z", "B", "a", "10", "9")]
    verdicts = run(rows, t.rule(ALWAYS, by=BY_DEBTOR))
    assert [spot[0] for spot in verdicts.outcomes["r1"]] == ["10", "9", "B", "a", "z", "é"]


def test_a_window_that_ended_earlier_holds_both_its_edges_right() -> None:
    window = t.over("1h", ending="1h")
    rows = at("+0h", "+1us", "+1h", "+2h", "+2h1us")
    assert values(rows, BY_DEBTOR, counting(window)) == [0, 0, 1, 2, 1]


def test_excluding_this_leaves_out_both_sides_of_a_self_transfer() -> None:
    rows = [{"at": "+0h"}, {"at": "+0h", "creditor_account": "A"}]
    all_rows = counting(t.over("24h"), BY_ACCOUNT)
    others = counting(t.over("24h", excluding_this=True), BY_ACCOUNT)
    assert values(rows, BY_ACCOUNT, all_rows) == [1, 1, 2, 3]
    assert values(rows, BY_ACCOUNT, others) == [0, 0, 1, 1]


def test_last_takes_rows_then_where_but_matching_takes_where_then_rows() -> None:
    small = t.compare(AMOUNT, "<", t.money("5"))
    rows = [{"at": f"+{n}h", "amount": amount} for n, amount in enumerate("1922911")]
    assert values(rows, BY_DEBTOR, counting(t.last(3), where=small)) == [1, 1, 2, 2, 2, 2, 2]
    matching = t.aggregate(
        "sum", AMOUNT, by=BY_DEBTOR, window=t.last(3, matching=True), where=small
    )
    units = [1, 1, 3, 5, 5, 5, 4]
    assert values(rows, BY_DEBTOR, matching) == [unit * 10_000 for unit in units]


def test_last_excluding_this_takes_the_rows_before_it() -> None:
    rows = at("+0h", "+1h", "+2h", "+3h")
    assert values(rows, BY_DEBTOR, counting(t.last(2, excluding_this=True))) == [0, 1, 2, 2]


def test_all_time_holds_every_row_so_far() -> None:
    assert values(at("+0h", "+9d", "+99d"), BY_DEBTOR, counting(t.ALL_TIME)) == [1, 2, 3]


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("sum", [0, 20_000, 20_000, 60_000]),
        ("mean", [None, 20_000.0, 20_000.0, 30_000.0]),
        ("min", [None, 20_000, 20_000, 20_000]),
        ("max", [None, 20_000, 20_000, 40_000]),
        ("std", [None, None, None, 14142.13562373095]),
        ("first", [None, None, None, None]),
        ("last", [None, 20_000, None, 40_000]),
        ("distinct", [0, 1, 1, 2]),
    ],
)
def test_aggregates_skip_null_arguments_but_first_and_last_keep_them(
    function: str, expected: list[Any]
) -> None:
    rows = [{"at": f"+{n}h", "debtor_balance": x} for n, x in enumerate([None, "2", None, "4"])]
    feature = t.aggregate(function, t.column("debtor_balance"), by=BY_DEBTOR, window=t.over("24h"))
    assert values(rows, BY_DEBTOR, feature) == expected


def test_distinct_counts_tuples_without_nulls() -> None:
    pairs = [("a", "x"), ("a", "x"), ("a", None), ("a", "y"), (None, "y")]
    rows = [
        {"at": f"+{n}h", "device_id": one, "debtor_segment": two}
        for n, (one, two) in enumerate(pairs)
    ]
    columns = t.column("device_id"), t.column("debtor_segment")
    feature = t.aggregate("distinct", *columns, by=BY_DEBTOR, window=t.over("24h"))
    assert values(rows, BY_DEBTOR, feature) == [1, 1, 1, 2, 2]


def test_a_sum_that_does_not_fit_is_unknown_by_overflow() -> None:
    rows = [{"at": f"+{n}h", "amount": 10**13} for n in range(93)]
    feature = t.aggregate("sum", AMOUNT, by=BY_DEBTOR, window=t.ALL_TIME)
    when = t.compare(t.ref("x", {"x": feature}), ">", t.money("0"))
    verdicts = run(rows, t.rule(when, by=BY_DEBTOR, features={"x": feature}))
    assert verdicts.counts("r1") == {"hit": 92, "unknown": 1}
    assert verdicts.causes("r1") == {"overflow": 1}


def test_a_deviation_of_huge_amounts_is_unknown_by_overflow() -> None:
    rows = [{"at": "+0h", "amount": 10**13}, {"at": "+1h", "amount": -(10**13)}]
    feature = t.aggregate("std", AMOUNT, by=BY_DEBTOR, window=t.ALL_TIME)
    assert values(rows, BY_DEBTOR, feature) == [None, 1.4142135623730951e17]
    many = [{"at": f"+{n}h", "amount": 10**13} for n in range(93)]
    assert values(many, BY_DEBTOR, feature)[1:] == [0.0] * 91 + [None]


def test_an_empty_window_is_nothing_in_window() -> None:
    feature = t.aggregate("max", AMOUNT, by=BY_DEBTOR, window=t.over("1h", "1h"))
    when = t.compare(t.ref("x", {"x": feature}), ">", t.money("0"))
    verdicts = run(at("+0h"), t.rule(when, by=BY_DEBTOR, features={"x": feature}))
    assert verdicts.causes("r1") == {"nothing_in_window": 1}


def test_a_feature_with_a_null_key_of_its_own_is_a_missing_value() -> None:
    feature = counting(t.over("1h"), ("device_id",))
    when = t.compare(t.ref("x", {"x": feature}), ">", t.integer(0))
    rows = [{"at": "+0h"}, {"at": "+0h", "device_id": "d"}]
    verdicts = run(rows, t.rule(when, by=BY_DEBTOR, features={"x": feature}))
    assert verdicts.causes("r1") == {"missing_value": 1}
    assert verdicts.counts("r1") == {"unknown": 1, "hit": 1}


def test_a_feature_by_another_key_sees_the_rows_that_pass_the_rules_where() -> None:
    rows = [
        {"at": "+0h", "kind": "card"},
        {"at": "+1h", "debtor_account": "C"},
        {"at": "+2h"},
    ]
    feature = counting(t.over("24h"), ("creditor_account",))
    where = t.compare(t.column("kind"), "==", t.text("transfer"))
    verdicts = run(rows, t.rule(ALWAYS, by=BY_DEBTOR, where=where, features={"x": feature}))
    assert verdicts.features["r1"] == {("001", None): {"x": 1}, ("002", None): {"x": 2}}


def test_a_feature_of_a_feature_takes_the_value_it_had_at_the_past_row() -> None:
    idle = t.point("time_since_previous", by=BY_DEBTOR)
    slept = t.aggregate("max", t.ref("idle", {"idle": idle}), by=BY_DEBTOR, window=t.over("2h"))
    features: dict[str, FeatureNode] = {"idle": idle, "slept": slept}
    rows = at("+0h", "+5h", "+6h", "+8h")
    verdicts = run(rows, t.rule(ALWAYS, by=BY_DEBTOR, features=features))
    hour = 3_600_000_000
    found = [(row["idle"], row["slept"]) for row in verdicts.features["r1"].values()]
    assert found == [(None, None), (5 * hour, 5 * hour), (hour, 5 * hour), (2 * hour, 2 * hour)]


def test_points_look_at_earlier_rows_that_pass() -> None:
    rows = [{"at": f"+{n}h", "amount": amount} for n, amount in enumerate("1952")]
    small = t.compare(AMOUNT, "<", t.money("6"))
    hour = 3_600_000_000

    def column(function: str, argument: Expr | None = None) -> list[Any]:
        return values(rows, BY_DEBTOR, t.point(function, argument, by=BY_DEBTOR, where=small))

    assert column("previous", AMOUNT) == [None, 10_000, 10_000, 50_000]
    assert column("time_since_previous") == [None, hour, 2 * hour, hour]
    assert column("time_since_first") == [0, hour, 2 * hour, 3 * hour]


def test_previous_keeps_a_null() -> None:
    rows = [{"at": "+0h", "device_id": "d"}, {"at": "+1h"}, {"at": "+2h"}]
    feature = t.point("previous", t.column("device_id"), by=BY_DEBTOR)
    assert values(rows, BY_DEBTOR, feature) == [None, "d", None]


def test_is_first_looks_for_an_equal_value_in_its_window() -> None:
    rows = [{"at": f"+{n}h", "device_id": one} for n, one in enumerate(["d", None, "d", "e", "d"])]
    device = t.column("device_id")
    ever = t.point("is_first", device, by=BY_DEBTOR)
    lately = t.point("is_first", device, by=BY_DEBTOR, window=t.over("2h"))
    assert values(rows, BY_DEBTOR, ever) == [True, None, False, True, False]
    assert values(rows, BY_DEBTOR, lately) == [True, None, True, True, True]


def test_the_other_side_of_a_self_transfer_is_an_earlier_row() -> None:
    rows = [{"at": "+0h", "creditor_account": "A"}]
    feature = t.point("previous", t.column("direction"), by=BY_ACCOUNT)
    assert values(rows, BY_ACCOUNT, feature) == [None, "out"]


def test_sided_names_read_the_side_they_stand_on() -> None:
    row = {"at": "+0h", "debtor_segment": "gold", "creditor_segment": "tin"}
    names = ("account", "counterparty", "direction", "own_segment", "counterparty_segment")
    features: dict[str, FeatureNode] = {name: t.column(name) for name in names}
    found = run([row], t.rule(ALWAYS, by=BY_ACCOUNT, features=features)).features["r1"]
    assert found == {
        ("000", "out"): dict(zip(names, ("A", "B", "out", "gold", "tin"), strict=True)),
        ("000", "in"): dict(zip(names, ("B", "A", "in", "tin", "gold"), strict=True)),
    }


def test_cash_stands_on_one_side_only() -> None:
    verdicts = run([{"at": "+0h", "creditor_account": None}], t.rule(ALWAYS, by=BY_ACCOUNT))
    assert verdicts.counts("r1") == {"hit": 1, "not_applicable": 1}
    assert [hit.side for hit in verdicts.hits] == ["out"]


def test_a_pair_needs_both_accounts() -> None:
    rule = t.rule(ALWAYS, by=("account", "counterparty"))
    verdicts = run([{"at": "+0h", "creditor_account": None}], rule)
    assert verdicts.counts("r1") == {"not_applicable": 2}


def test_a_self_transfer_hits_once_on_a_timeline() -> None:
    verdicts = run([{"at": "+0h", "creditor_account": "A"}], t.rule(ALWAYS, by=BY_ACCOUNT))
    assert verdicts.counts("r1") == {"hit": 1, "no_hit": 1}
    assert [(alert.side, alert.timeline) for alert in verdicts.alerts] == [("out", ("A",))]


def test_both_sides_of_a_payment_can_hit() -> None:
    verdicts = run([{"at": "+0h"}], t.rule(ALWAYS, by=BY_ACCOUNT))
    assert [alert.timeline for alert in verdicts.alerts] == [("A",), ("B",)]
