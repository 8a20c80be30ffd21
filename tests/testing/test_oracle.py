"""The oracle's verdicts on tables worked out by hand, so that it may judge the engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from testing.tables import (
    ALWAYS,
    AMOUNT,
    BY_ACCOUNT,
    BY_DEBTOR,
    SCHEMA,
    at,
    counting,
    microseconds,
    run,
)
from txmon.language.checked import Suppress
from txmon.testing import trees as t
from txmon.testing.factories import moment

if TYPE_CHECKING:
    from testing.tables import Rows
    from txmon.language.nodes import Expr, FeatureNode


def test_events_are_invisible_unless_named() -> None:
    rows: Rows = [{"at": "+0h", "kind": "login", "amount": None}, {"at": "+1h"}]
    feature = counting(t.over("24h"))
    blind = t.rule(ALWAYS, by=BY_DEBTOR, features={"x": feature})
    assert run(rows, blind).features["r1"] == {("001", None): {"x": 1}}
    sighted = t.rule(ALWAYS, by=BY_DEBTOR, features={"x": feature}, events=["login"])
    verdicts = run(rows, sighted)
    assert verdicts.features["r1"] == {("000", None): {"x": 1}, ("001", None): {"x": 2}}
    assert verdicts.causes("r1") == {"missing_value": 1}


def test_outcomes_take_precedence_in_order() -> None:
    rows: Rows = [
        {"at": "+0h", "kind": "card"},
        {"at": "+1h", "debtor_account": None},
        {"at": "+2h", "flag": False},
        {"at": "+3h"},
        {"at": "+4h", "flag": True},
        {"at": "+5h", "flag": True, "score": "1"},
        {"at": "+6h", "flag": True, "score": "2"},
    ]
    rule = t.rule(
        t.compare(t.column("score", SCHEMA), ">", t.number("1")),
        by=BY_DEBTOR,
        where=t.compare(t.column("kind"), "==", t.text("transfer")),
        needs=t.column("flag", SCHEMA),
    )
    found = [one.outcome for one in run(rows, rule).outcomes["r1"].values()]
    insufficient = "insufficient_history"
    assert found == [
        *("not_applicable", "not_applicable"),
        *(insufficient, insufficient),
        *("unknown", "no_hit", "hit"),
    ]


def test_an_unknown_level_does_not_block_a_lower_one() -> None:
    above = t.compare(t.column("score", SCHEMA), ">", t.number("1"))
    below = t.compare(AMOUNT, ">", t.money("5"))
    rule = t.rule(above, below, by=BY_DEBTOR)
    rows = [{"at": "+0h", "amount": "6"}, {"at": "+1h", "amount": "5"}, {"at": "+2h", "score": "2"}]
    found = [(one.outcome, one.level) for one in run(rows, rule).outcomes["r1"].values()]
    assert found == [("hit", 1), ("unknown", None), ("hit", 0)]


def test_a_column_that_the_data_lacks_makes_a_rule_not_applicable() -> None:
    rule = t.rule(t.compare(t.column("region"), "==", t.text("x")), by=BY_DEBTOR)
    assert run(at("+0h"), rule).counts("r1") == {"not_applicable": 1}


def raised(rows: Rows, *whens: Expr, **rule: Any) -> list[bool]:
    rule = {"by": BY_DEBTOR, **rule}
    return [hit.raised for hit in run(rows, t.rule(*whens, **rule)).hits]


def test_without_suppress_every_hit_raises() -> None:
    assert raised(at("+0h", "+0h", "+1h"), ALWAYS) == [True, True, True]


def test_a_hit_folds_into_the_alert_not_into_the_hit_before() -> None:
    rows = at("+0h", "+23h", "+24h", "+47h")
    assert raised(rows, ALWAYS, suppress=Suppress(t.span("24h"))) == [True, False, True, False]


def test_a_folded_hit_carries_its_alert() -> None:
    rule = t.rule(ALWAYS, by=BY_DEBTOR, suppress=Suppress(t.span("24h")))
    hits = run(at("+0h", "+1h", "+24h"), rule).hits
    assert [hit.alert[0] for hit in hits] == ["000", "000", "002"]


def test_timelines_are_suppressed_apart_but_a_subject_together() -> None:
    rows = [{"at": "+0h", "creditor_account": c} for c in "BCB"]
    pair = ("debtor_account", "creditor_account")
    apart, together = Suppress(t.span("24h")), Suppress(t.span("24h"), by_subject=True)
    assert raised(rows, ALWAYS, by=pair, suppress=apart) == [True, True, False]
    assert raised(rows, ALWAYS, by=pair, suppress=together) == [True, False, False]


def test_a_null_subject_is_suppressed_by_its_timeline() -> None:
    rows = [{"at": "+0h", "device_id": d, "debtor_account": a} for d, a in (
        (None, "A"), (None, "C"), (None, "A"), ("d", "A"), ("d", "C"),
    )]  # fmt: skip
    suppress = Suppress(t.span("24h"), by_subject=True)
    found = raised(rows, ALWAYS, suppress=suppress, subject="device_id")
    assert found == [True, True, False, True, False]


def test_a_higher_level_raises_again_and_becomes_the_open_alert() -> None:
    levels = [t.compare(AMOUNT, ">", t.money(limit)) for limit in ("100", "50", "10")]
    amounts = ["20", "60", "30", "60", "200", "60", "200"]
    rows = [{"at": f"+{n}h", "amount": amount} for n, amount in enumerate(amounts)]
    found = raised(rows, *levels, suppress=Suppress(t.span("24h")))
    assert found == [True, True, False, False, True, False, False]


def test_after_the_span_a_lower_level_raises_too() -> None:
    levels = [t.compare(AMOUNT, ">", t.money(limit)) for limit in ("100", "10")]
    rows = [{"at": "+0h", "amount": "200"}, {"at": "+24h", "amount": "20"}]
    assert raised(rows, *levels, suppress=Suppress(t.span("24h"))) == [True, True]


def test_history_suppresses_but_is_not_emitted() -> None:
    rows: Rows = [{"at": "+0h", "history": True}, {"at": "+1h"}, {"at": "+24h"}]
    rule = t.rule(ALWAYS, by=BY_DEBTOR, suppress=Suppress(t.span("24h")))
    verdicts = run(rows, rule)
    assert [alert.transaction_id for alert in verdicts.alerts] == ["002"]
    assert [(hit.transaction_id, hit.alert[0]) for hit in verdicts.hits] == [
        ("001", "000"),
        ("002", "002"),
    ]
    assert verdicts.counts("r1") == {"hit": 2}


def test_evidence_is_the_trigger_and_the_rows_counted_by_true_clauses() -> None:
    small = counting(t.over("3h"), where=t.compare(AMOUNT, "<", t.money("5")))
    big = counting(t.over("9h"), where=t.compare(AMOUNT, ">", t.money("5")))
    features: dict[str, FeatureNode] = {"small": small, "big": big}
    when = t.either(
        t.compare(t.ref("small", features), ">=", t.integer(2)),
        t.compare(t.ref("big", features), ">=", t.integer(9)),
    )
    rows = [{"at": f"+{n}h", "amount": amount} for n, amount in enumerate("19119")]
    (_, _, alert) = run(rows, t.rule(when, by=BY_DEBTOR, features=features)).alerts
    assert alert.evidence == ("002", "003", "004")
    assert (alert.evidence_count, alert.evidence_cut) == (3, False)
    assert (alert.window_start, alert.window_end) == (microseconds("+1h"), microseconds("+4h"))


def test_evidence_reaches_through_expression_features() -> None:
    count = counting(t.last(2))
    twice = t.arithmetic(t.ref("count", {"count": count}), "*", t.integer(2))
    features: dict[str, FeatureNode] = {"count": count, "twice": twice}
    when = t.compare(t.ref("twice", features), ">", t.integer(3))
    alerts = run(at("+0h", "+1h", "+2h"), t.rule(when, by=BY_DEBTOR, features=features)).alerts
    assert [alert.evidence for alert in alerts] == [("000", "001"), ("001", "002")]
    assert [alert.window_start for alert in alerts] == [microseconds("+0h"), microseconds("+1h")]


def test_evidence_counts_a_self_transfer_once_and_skips_endless_windows() -> None:
    recent, ever = counting(t.over("2h"), BY_ACCOUNT), counting(t.ALL_TIME, BY_ACCOUNT)
    features: dict[str, FeatureNode] = {"recent": recent, "ever": ever}
    when = t.both(
        t.compare(t.ref("recent", features), ">", t.integer(2)),
        t.compare(t.ref("ever", features), ">", t.integer(0)),
    )
    rows = at("+0h", "+5h", "+6h", creditor_account="A")
    alerts = run(rows, t.rule(when, by=BY_ACCOUNT, features=features)).alerts
    assert [(a.evidence, a.evidence_count) for a in alerts] == [(("001", "002"), 2)]


def test_evidence_is_cut_to_the_latest_hundred() -> None:
    features: dict[str, FeatureNode] = {"n": counting(t.over("24h"))}
    when = t.compare(t.ref("n", features), ">", t.integer(101))
    rows = [{"at": f"+{n}s"} for n in range(102)]
    (alert,) = run(rows, t.rule(when, by=BY_DEBTOR, features=features)).alerts
    assert alert.evidence == tuple(f"{n:03d}" for n in range(2, 102))
    assert (alert.evidence_count, alert.evidence_cut) == (102, True)


def test_an_alert_without_windows_has_the_trigger_alone() -> None:
    (alert,) = run(at("+0h"), t.rule(ALWAYS, by=BY_DEBTOR)).alerts
    assert (alert.evidence, alert.window_start, alert.window_end) == (("000",), None, None)
    assert alert.history_complete


def test_history_is_complete_once_the_windows_fit_summed_along_the_chain() -> None:
    idle = counting(t.over("2h"))
    features: dict[str, FeatureNode] = {
        "n": idle,
        "most": t.aggregate(
            "max", t.ref("n", {"n": idle}), by=BY_DEBTOR, window=t.over("3h", "1h")
        ),
        "unused": counting(t.over("99d")),
    }
    when = t.compare(t.ref("most", features), ">=", t.integer(0))
    rows = at("+0h", "+1h", "+5h59min", "+6h")
    rule = t.rule(t.either(ALWAYS, when), by=BY_DEBTOR, features=features)
    found = [alert.history_complete for alert in run(rows, rule).alerts]
    assert found == [False, False, False, True]
    declared = [a.history_complete for a in run(rows, rule, data_start=moment("-5h")).alerts]
    assert declared == [False, True, True, True]
