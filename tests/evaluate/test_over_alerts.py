"""Rules over alerts: what they read, in which order, and what their own alerts say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest

from evaluate.small_packs import BIG_IN, CASE, PASSED_ON, found, pack_of, payments, score
from txmon import PackError, features, load_pack

if TYPE_CHECKING:
    from pathlib import Path

ROWS = payments("0 V M 1000", "1 M X 950", "2 N Y 5")


def test_a_victims_alert_and_one_on_its_payee_meet_on_the_payees_timeline(tmp_path: Path) -> None:
    result = score(ROWS, pack_of(tmp_path, BIG_IN, PASSED_ON, CASE))

    assert found(result) == [
        ("big-in", "1", "M"),
        ("passed-on", "2", "M"),
        ("victim-then-mule", "2", "M"),
    ]
    alert = result.alerts.row(2, named=True)
    assert alert["message"] == "1 scams, worst high, 90 in all, account M"
    assert (alert["severity"], alert["score"], alert["timeline"]) == ("critical", 90, ["M"])
    assert alert["transaction"]["amount"] == 950


def test_the_evidence_of_an_alert_over_alerts_are_those_it_counted(tmp_path: Path) -> None:
    alerts = score(ROWS, pack_of(tmp_path, BIG_IN, PASSED_ON, CASE)).alerts

    *below, above = alerts.to_dicts()
    assert above["evidence_alerts"] == [alert["alert_id"] for alert in below]
    assert [one["transaction_id"] for one in above["evidence"]] == ["1", "2"]
    assert above["evidence_count"] == 2
    assert [alert["evidence_alerts"] for alert in below] == [None, None]


def test_a_hit_over_alerts_names_the_alert_that_was_judged(tmp_path: Path) -> None:
    result = score(ROWS, pack_of(tmp_path, BIG_IN, PASSED_ON, CASE))

    (hit,) = result.hits.filter(pl.col("rule_id") == "victim-then-mule").to_dicts()
    assert hit["trigger_alert_id"] == result.alerts["alert_id"][1]
    assert hit["alert_id"] == result.alerts["alert_id"][2]


def test_outcomes_of_a_rule_over_alerts_count_the_alerts_it_reads(tmp_path: Path) -> None:
    other = BIG_IN.replace("big-in", "unread").replace("scam.big", "other")

    summary = score(ROWS, pack_of(tmp_path, BIG_IN, PASSED_ON, CASE, other)).summary

    (case,) = (rule for rule in summary.rules if rule.rule_id == "victim-then-mule")
    assert sum(case.outcomes.values()) == 2 * 2  # two alerts, each on two sides
    assert (case.outcomes["hit"], case.alerts) == (1, 1)


def test_subjects_meet_as_kind_and_value(tmp_path: Path) -> None:
    by_account = """\
        id: by-account
        typology: one
        severity: low
        status: stable
        when: amount >= 10
        alert: {subject: debtor_account}
        """
    by_kind = by_account.replace("by-account", "by-kind").replace("debtor_account", "kind")
    both = """\
        id: both
        typology: both
        severity: low
        status: stable
        input: alerts
        from: one
        by: subject
        features: {seen: count() over 7d}
        when: seen >= 2
        """

    # The debtor bears the name of a kind: of the four alerts only those of one kind meet.
    rows = payments("0 transfer M 10", "1 transfer M 10")
    result = score(rows, pack_of(tmp_path, by_account, by_kind, both))

    alerts = result.alerts.filter(pl.col("rule_id") == "both")
    assert alerts.select("subject_kind", "subject", "transaction_id").rows() == [
        ("account", "transfer", "2"),
        ("kind", "transfer", "2"),
    ]
    assert alerts["timeline"].to_list() == [["account", "transfer"], ["kind", "transfer"]]


def test_suppression_by_subject_keeps_kinds_apart(tmp_path: Path) -> None:
    one = """\
        id: one
        typology: one
        severity: low
        status: stable
        when: amount >= 10
        alert: {subject: debtor_account}
        """
    over = """\
        id: over
        typology: over
        severity: low
        status: stable
        input: alerts
        from: one
        when: level == 1
        alert: {suppress: {for: 7d, by: subject}}
        """
    other = one.replace("id: one", "id: two").replace("debtor_account", "kind")
    rows = payments("0 transfer M 10", "1 transfer M 10")

    result = score(rows, pack_of(tmp_path, one, other, over))

    hits = result.hits.filter(pl.col("rule_id") == "over")
    assert hits["raised"].to_list() == [True, True, False, False]


def test_alerts_of_one_time_stand_in_the_order_of_their_transactions(tmp_path: Path) -> None:
    """So that a later transaction cannot come before an alert that was raised already."""
    late = """\
        id: a-first-by-name
        typology: seen
        severity: low
        status: stable
        when: amount == 2
        """
    early = late.replace("a-first-by-name", "z-last-by-name").replace("== 2", "== 1")
    order = """\
        id: order
        typology: order
        severity: low
        status: stable
        input: alerts
        from: seen
        by: rule_id
        features: {before: previous(rule_id) by typology}
        when: before == "z-last-by-name"
        """

    result = score(payments("0 A B 1", "0 A B 2"), pack_of(tmp_path, late, early, order))

    assert found(result)[-1][:2] == ("order", "2")


def test_an_alert_on_a_row_without_money_is_seen(tmp_path: Path) -> None:
    event = """\
        id: event
        typology: event
        severity: low
        status: stable
        events: [event]
        when: is_null(amount)
        """
    over = """\
        id: over
        typology: over
        severity: low
        status: stable
        input: alerts
        from: event
        by: debtor_account
        when: kind == "event"
        """

    result = score(payments("0 A - -", "1 A B 1"), pack_of(tmp_path, event, over))

    assert [row[:2] for row in found(result)] == [("event", "1"), ("over", "1")]


def test_history_is_read_and_not_handed_out(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, BIG_IN, PASSED_ON, CASE)

    result = score(ROWS[1:], pack, history=ROWS[:1])

    assert [row[0] for row in found(result)] == ["passed-on", "victim-then-mule"]
    assert len(result.alerts["evidence_alerts"][1]) == 2


@pytest.mark.parametrize(("early", "complete"), [(0, True), (1, False)])
def test_how_far_back_an_alert_looks_counts_the_rules_below(
    early: int, tmp_path: Path, *, complete: bool
) -> None:
    """Seven days of alerts, the earliest of which looked at a day of payments."""
    pack = pack_of(tmp_path, BIG_IN, PASSED_ON, CASE)
    raised = datetime(2026, 3, 1, 1, tzinfo=UTC)
    start = raised - timedelta(days=8) + timedelta(microseconds=early)

    alerts = score(ROWS, pack, data_start=start).alerts

    assert alerts["history_complete"].to_list() == [True, True, complete]


def test_adding_a_rule_below_changes_no_id_of_the_alerts_above(tmp_path: Path) -> None:
    other = BIG_IN.replace("big-in", "another").replace("scam.big", "scam.other")
    other = other.replace(">= 1000", ">= 100000")

    before = score(ROWS, pack_of(tmp_path, BIG_IN, PASSED_ON, CASE)).alerts["alert_id"]
    after = score(ROWS, pack_of(tmp_path, BIG_IN, PASSED_ON, CASE, other)).alerts["alert_id"]

    assert before.equals(after)


def test_selecting_a_rule_over_alerts_brings_what_it_reads(tmp_path: Path) -> None:
    pack_of(tmp_path, BIG_IN, PASSED_ON, CASE, BIG_IN.replace("big-in", "x").replace("scam", "y"))

    chosen = load_pack(tmp_path, select=["victim-then-mule"])
    single = load_pack(tmp_path / "r2.yaml")

    ids = ["big-in", "passed-on", "victim-then-mule"]
    assert [rule.id for rule in chosen.rules] == ids
    assert [rule.id for rule in single.rules] == ids


def test_features_of_alerts_have_rows_of_their_own(tmp_path: Path) -> None:
    table = features(ROWS, pack_of(tmp_path, BIG_IN, PASSED_ON, CASE))

    rows = table.filter(pl.col("alert_id").is_not_null(), pl.col("side") == "in")
    assert rows["victim-then-mule.worst"].to_list() == ["high", "medium"]
    assert table.filter(pl.col("alert_id").is_null()).height == 3 * 3


def test_rules_that_read_each_other_are_refused_by_name(tmp_path: Path) -> None:
    one = """\
        id: one
        typology: a.one
        severity: low
        status: stable
        input: alerts
        from: b
        by: account
        when: amount > 1
        """
    two = one.replace("id: one", "id: two").replace("a.one", "b.two").replace("from: b", "from: a")

    with pytest.raises(PackError, match="one -> two -> one"):
        pack_of(tmp_path, one, two)


def test_a_column_of_the_pack_may_not_bear_the_name_of_an_alerts(tmp_path: Path) -> None:
    pack_of(tmp_path, BIG_IN)
    with (tmp_path / "pack.yaml").open("a") as file:
        file.write("columns: {score: int}\n")
    assert load_pack(tmp_path).rules

    (tmp_path / "case.yaml").write_text(
        "id: x\nversion: 1.0.0\ntitle: x\ntypology: x\nseverity: low\nstatus: stable\n"
        "input: alerts\nfrom: scam\nwhen: level == 1\n"
    )
    with pytest.raises(PackError, match="column 'score' clashes with the alert's column"):
        load_pack(tmp_path)


def test_a_rule_that_cannot_run_raises_nothing_to_read(tmp_path: Path) -> None:
    needs = BIG_IN.replace("amount >= 1000", 'amount >= 1000 and device_id == "x"')

    result = score(ROWS, pack_of(tmp_path, needs, PASSED_ON, CASE))

    assert [row[0] for row in found(result)] == ["passed-on"]
    (case,) = (rule for rule in result.summary.rules if rule.rule_id == "victim-then-mule")
    assert case.unavailable is None
    assert case.outcomes["no_hit"] == 2


def test_a_rule_that_the_data_lacks_a_column_for_counts_the_alerts_it_would_read(
    tmp_path: Path,
) -> None:
    needs = CASE.replace("scammed >= 1", 'scammed >= 1 and device_id == "x"')

    summary = score(ROWS, pack_of(tmp_path, BIG_IN, PASSED_ON, needs)).summary

    (case,) = (rule for rule in summary.rules if rule.rule_id == "victim-then-mule")
    assert case.unavailable is not None
    assert case.outcomes["not_applicable"] == 2 * 2
