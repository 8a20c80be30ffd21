"""What an alert row holds, and that it is the same whenever and wherever it is made."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pytest

from txmon.evaluate import Carry, evaluate
from txmon.evaluate.alerts import ALERT_SCHEMA
from txmon.evaluate.evidence import EVIDENCE_LIMIT
from txmon.packs import load_pack
from txmon.plan import compile_plan
from txmon.testing.factories import transactions

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.evaluate import Evaluation
    from txmon.language.checked import Pack

PACK = """\
name: small
version: 1.0.0
currency: CNY
timezone: Asia/Shanghai
"""
RULE = """\
id: drip
version: 1.2.0
title: Repeated transfers to one account
typology: scam.safe-account
severity: high
status: stable
by: [debtor_account, creditor_account]
where: kind == "transfer"
params:
  least: {type: int, default: 3}
  span: {type: duration, default: 24h}
features:
  payments: count() over span
  total: sum(amount) over span
  usual: mean(amount) over span
when: payments >= least and total >= 300
alert:
  subject: debtor_account
  score: 80
  message: "{payments} payments, {total} in all, about {usual} each, to {creditor_account}"
"""


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    (tmp_path / "pack.yaml").write_text(PACK)
    (tmp_path / "drip.yaml").write_text(RULE)
    return load_pack(tmp_path)


def found(pack: Pack, rows: list[dict[str, object]]) -> Evaluation:
    table = transactions(rows, kind="transfer", debtor_account="V", creditor_account="S")
    return evaluate(compile_plan(pack, table.columns), Carry(), table)


def hourly(count: int, amount: str = "100.00") -> list[dict[str, object]]:
    return [{"event_time": f"+{hour}min", "amount": amount} for hour in range(count)]


def test_an_alert_says_what_was_seen_in_words_and_in_numbers(pack: Pack) -> None:
    (alert,) = found(pack, hourly(3, "133.335")).alerts.to_dicts()

    assert alert["message"] == "3 payments, 400.00 in all, about 133.34 each, to S"
    assert alert["features"] == [
        {"name": "payments", "value": "3", "number": 3.0},
        {"name": "total", "value": "400.00", "number": 400.005},
        {"name": "usual", "value": "133.34", "number": 133.335},
    ]
    assert alert["clauses"] == [
        {
            "text": "payments >= least",
            "result": True,
            "value": "3",
            "threshold": "3",
            "margin": 0.0,
        },
        {
            "text": "total >= 300",
            "result": True,
            "value": "400.00",
            "threshold": "300.00",
            "margin": pytest.approx(100.005),
        },
    ]


def test_an_alert_names_its_rule_subject_timeline_and_evidence(pack: Pack) -> None:
    evaluation = found(pack, hourly(3))
    (alert,) = evaluation.alerts.to_dicts()

    assert (alert["rule_id"], alert["rule_version"], alert["pack"]) == (
        "drip",
        "1.2.0",
        "small 1.0.0",
    )
    assert (alert["typology"], alert["severity"], alert["score"]) == (
        "scam.safe-account",
        "high",
        80,
    )
    assert (alert["subject"], alert["subject_kind"]) == ("V", "account")
    assert (alert["timeline"], alert["side"], alert["level"]) == (["V", "S"], None, 1)
    ids = [row["transaction_id"] for row in alert["evidence"]]
    assert ids[-1] == alert["transaction_id"]
    assert (len(ids), alert["evidence_count"], alert["evidence_cut"]) == (3, 3, False)
    assert alert["transaction"]["creditor_account"] == "S"
    assert str(alert["transaction"]["amount"]) == "100.0000"


def test_evidence_lists_the_latest_hundred_and_the_true_count(pack: Pack) -> None:
    alerts = found(pack, hourly(EVIDENCE_LIMIT + 7)).alerts

    last = alerts.to_dicts()[-1]
    assert len(last["evidence"]) == EVIDENCE_LIMIT
    assert (last["evidence_count"], last["evidence_cut"]) == (EVIDENCE_LIMIT + 7, True)
    times = [row["event_time"] for row in last["evidence"]]
    assert times == sorted(times)
    assert times[-1] == last["event_time"]


def test_no_alert_is_an_empty_table_of_the_same_columns(pack: Pack) -> None:
    silent, loud = found(pack, hourly(1)).alerts, found(pack, hourly(3)).alerts

    assert silent.height == 0
    assert silent.schema == loud.schema
    assert list(silent.columns) == [*ALERT_SCHEMA, "transaction"]


def test_no_rows_at_all_are_no_alerts_and_a_carry_to_go_on_from(pack: Pack) -> None:
    rows = transactions(hourly(3), kind="transfer", debtor_account="V", creditor_account="S")
    plan = compile_plan(pack, rows.columns)

    nothing = evaluate(plan, Carry(), rows.clear(), keep_carry=True)

    assert nothing.alerts.height == nothing.hits.height == 0
    assert nothing.carry is not None
    assert evaluate(plan, nothing.carry, rows).alerts.height == 1


def test_alert_ids_hold_from_release_to_release(pack: Pack) -> None:
    (alert,) = found(pack, hourly(3)).alerts.to_dicts()

    assert alert["alert_id"] == "124b8c80391c1afe8825de2a8a1057ca"


def test_the_order_is_that_of_time(pack: Pack) -> None:
    alerts = found(pack, hourly(6)).alerts

    assert alerts["event_time"].is_sorted()
    assert alerts["event_time"].dtype == pl.Datetime("us", "UTC")
    assert alerts["window_end"].to_list() == alerts["event_time"].to_list()
    assert isinstance(alerts["window_start"][0], datetime)
    assert alerts["window_start"][0].tzinfo is not None
    assert alerts["event_time"][0].astimezone(UTC) == alerts["event_time"][0]
