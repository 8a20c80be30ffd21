"""What a backtest says of rules, of cases, and of rules beside each other."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from txmon import InputError, PackError, load_pack, score
from txmon.authoring import Labelling, backtest, tune
from txmon.report import plain
from txmon.report.backtest import backtest_report

if TYPE_CHECKING:
    from pathlib import Path

PACK = """
name: bank
version: 1.0.0
currency: CNY
timezone: UTC
"""
RULE = """
id: {id}
version: 1.0.0
title: Large
typology: scam.{typology}
severity: high
status: {status}
by: {by}
params:
  limit: {{type: money, default: {limit}}}
when: amount >= limit
alert:
  suppress: 2d
"""
RULES = {
    "large": {"typology": "large", "by": "debtor_account", "limit": "500", "status": "stable"},
    "larger": {"typology": "large", "by": "debtor_account", "limit": "800", "status": "shadow"},
    "payee": {"typology": "payee", "by": "creditor_account", "limit": "100", "status": "stable"},
    "never": {"typology": "never", "by": "debtor_account", "limit": "9_999", "status": "stable"},
}
PAYMENTS = pl.DataFrame(
    {
        "transaction_id": ["a1", "a2", "a3", "h1", "b1", "b2", "c1", "h2"],
        "event_time": [
            *("2026-03-01T00:00:00Z", "2026-03-01T06:00:00Z", "2026-03-01T12:00:00Z"),
            *("2026-03-05T00:00:00Z", "2026-03-10T00:00:00Z", "2026-03-11T00:00:00Z"),
            *("2026-03-20T00:00:00Z", "2026-03-31T00:00:00Z"),
        ],
        "debtor_account": ["V", "V", "V", "H", "W", "W", "X", "H"],
        "creditor_account": ["M", "M", "M", "S", "N", "N", "O", "S"],
        "amount": ["50", "600", "900", "700", "850", "90", "10", "20"],
        "currency": ["CNY"] * 8,
    }
)
LABELS = pl.DataFrame(
    {
        "transaction_id": ["a1", "a2", "a3", "b1", "b2", "c1"],
        "case": ["a", "a", "a", "b", "b", "c"],
        "scheme": ["drain", "drain", "drain", "drain", "drain", "drip"],
        "role": ["probe", "loss", "loss", "loss", "loss", "loss"],
        "lost": ["50", "600", "900", "850", "90", "10"],
    }
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "pack"
    home.mkdir()
    (home / "pack.yaml").write_text(PACK, encoding="utf-8")
    for id_, keys in RULES.items():
        (home / f"{id_}.yaml").write_text(RULE.format(id=id_, **keys), encoding="utf-8")
    return home


def by_rule(table: pl.DataFrame) -> dict[str, dict[str, Any]]:
    return {row["rule_id"]: row for row in table.to_dicts()}


def test_without_labels_it_tells_volume_and_overlap_only(home: Path) -> None:
    found = backtest(PAYMENTS, rules=home)
    assert (found.rows, found.rejected, found.days) == (8, 0, 30.0)
    told = by_rule(found.rules)
    volumes = {id_: (row["alerts"], row["hits"], row["subjects"]) for id_, row in told.items()}
    assert volumes == {
        "large": (3, 4, 3),
        "larger": (2, 2, 2),
        "payee": (3, 4, 3),
        "never": (0, 0, 0),
    }
    assert told["large"]["per_1000"] == pytest.approx(3 / 4 * 1_000)
    assert not {"precision", "labelled", "recall", "found"} & {*found.rules.columns, *found.whole}
    assert (found.labels, found.finds, found.missed, found.case_typologies) == (None,) * 4
    pairs = {(row["rule_id"], row["other"]): row for row in found.overlap.to_dicts()}
    assert pairs["larger", "large"]["subjects"] == 2
    assert pairs["larger", "large"]["share"] == 1.0
    assert pairs["large", "larger"]["share"] == pytest.approx(2 / 3)
    assert pairs["large", "payee"]["transactions"] == 3
    assert "cases" not in found.overlap.columns


def test_what_rules_find_and_how_early(home: Path) -> None:
    found = backtest(PAYMENTS, rules=home, labels=LABELS)
    assert found.labels is not None
    assert (found.labels.cases, found.labels.lost) == (3, 2_500.0)
    told = by_rule(found.rules)
    large, larger = told["large"], told["larger"]
    assert (large["labelled"], large["precision"], large["found"]) == (2, 2 / 3, 2)
    assert large["recall"] == 2 / 3
    assert (large["lost_before"], large["lost_at"], large["lost_after"]) == (50, 1_450, 990)
    assert large["lead"] == (timedelta(hours=6) + timedelta(days=1)) / 2
    assert large["gone"] == pytest.approx((50 / 1_550 + 0) / 2)
    assert (larger["lost_before"], larger["lost_at"], larger["lost_after"]) == (650, 1_750, 90)
    assert (told["never"]["found"], told["never"]["precision"], told["never"]["lead"]) == (
        0,
        None,
        None,
    )
    assert (found.whole["found"], found.whole["alerts"], found.whole["labelled"]) == (2, 8, 6)


def test_what_rules_add(home: Path) -> None:
    told = by_rule(backtest(PAYMENTS, rules=home, labels=LABELS).rules)
    assert {id_: (row["first"], row["alone"], row["adds"]) for id_, row in told.items()} == {
        "large": (0, 0, False),
        "larger": (0, 0, False),
        "payee": (0, 0, False),
        "never": (0, 0, None),
    }
    chosen = backtest(PAYMENTS, rules=home, labels=LABELS, select=["large", "larger"])
    told = by_rule(chosen.rules)
    assert (told["large"]["first"], told["large"]["adds"]) == (1, True)
    assert (told["larger"]["first"], told["larger"]["adds"]) == (0, False)
    alone = by_rule(backtest(PAYMENTS, rules=home, labels=LABELS, select=["larger"]).rules)
    assert (alone["larger"]["first"], alone["larger"]["alone"]) == (2, 2)


def test_cases_found_and_missed(home: Path) -> None:
    found = backtest(PAYMENTS, rules=home, labels=LABELS, by=["role"])
    assert found.finds is not None
    assert found.finds.select("case", "transaction_id", "lost_before").rows() == [
        ("a", "a2", 50.0),
        ("b", "b1", 0.0),
    ]
    assert found.missed is not None
    assert found.missed.select("case", "typology", "lost").rows() == [("c", "drip", 10.0)]
    assert found.case_typologies is not None
    names = ("typology", "cases", "found", "lost", "lost_after")
    assert found.case_typologies.select(names).rows() == [
        ("drain", 2, 2, 2_490.0, 990.0),
        ("drip", 1, 0, 10.0, 0.0),
    ]
    assert found.by is not None
    assert found.by.select("column", "value", "cases", "found").rows() == [
        ("role", "loss", 3, 2),
        ("role", "probe", 1, 0),
    ]


def test_typologies_of_rules_hold_those_below(home: Path) -> None:
    table = backtest(PAYMENTS, rules=home, labels=LABELS).rule_typologies
    assert table.select("typology", "alerts", "subjects", "labelled", "found").rows() == [
        ("scam", 8, 6, 6, 2),
        ("scam.large", 5, 3, 4, 2),
        ("scam.payee", 3, 3, 2, 2),
    ]


def test_false_alarms_are_counted_only_where_the_rest_is_innocent(home: Path) -> None:
    honest = backtest(PAYMENTS, rules=home, labels=Labelling(LABELS, honest=True))
    assert by_rule(honest.rules)["large"]["false_per_1000"] == pytest.approx(1 / 4 * 1_000)
    assert by_rule(honest.rules)["never"]["false_per_1000"] == 0
    assert honest.whole["false_per_1000"] == pytest.approx(2 / 8 * honest.whole["per_1000"])
    other = backtest(PAYMENTS, rules=home, labels=LABELS)
    assert not {"false_per_1000"} & {*other.rules.columns, *other.whole}


def test_typologies_of_cases_can_be_chosen(home: Path) -> None:
    labels = Labelling(LABELS, typologies=["drip"], honest=True)
    found = backtest(PAYMENTS, rules=home, labels=labels)
    assert found.labels is not None
    assert (found.labels.cases, found.whole["found"], found.honest) == (1, 0, True)


def test_a_sweep_says_of_the_present_values_what_a_backtest_says(home: Path) -> None:
    swept = tune(PAYMENTS, "large", {"limit": "100..900:100"}, rules=home, labels=LABELS)
    for limit in ("100", "500", "900"):
        settings = {"large.limit": limit}
        told = by_rule(backtest(PAYMENTS, rules=home, labels=LABELS, settings=settings).rules)
        row = swept.grid.filter(pl.col("limit") == limit).to_dicts()[0]
        names = ("alerts", "hits", "subjects", "labelled", "precision", "found", "recall")
        money = ("lost_before", "lost_at", "lost_after")
        for name in (*names, *money):
            assert row[name] == told["large"][name], (limit, name)
    assert swept.front is not None
    fewest = swept.front.to_dicts()[0]
    assert fewest["alerts"] == swept.grid["alerts"].min()
    assert {one.reason for one in swept.suggested} <= {"fewer alerts", "more cases"}


def test_volumes_are_those_of_a_run(home: Path) -> None:
    found = by_rule(backtest(PAYMENTS, rules=home).rules)
    for rule in score(PAYMENTS, load_pack(home)).summary.rules:
        row = found[rule.rule_id]
        assert (row["alerts"], row["hits"]) == (rule.alerts, rule.alerts + rule.folded)


def test_no_alerts_at_all(home: Path) -> None:
    found = backtest(PAYMENTS, rules=home, labels=LABELS, select=["never"])
    assert by_rule(found.rules)["never"]["recall"] == 0
    assert found.overlap.is_empty()
    assert found.missed is not None
    assert found.missed["case"].to_list() == ["a", "b", "c"]


def test_labels_lack_a_column(home: Path) -> None:
    with pytest.raises(InputError, match="no column 'rank'"):
        backtest(PAYMENTS, rules=home, labels=LABELS, by=["rank"])


def test_drafts_are_told_and_a_pack_of_nothing_else_is_refused(home: Path) -> None:
    for id_ in ("large", "never"):
        (home / f"{id_}.yaml").write_text(RULE.format(id=id_, **RULES[id_] | {"status": "draft"}))
    found = backtest(PAYMENTS, rules=home)
    assert found.rules["rule_id"].to_list() == ["larger", "payee"]
    assert "Did not run: 2 drafts: large, never; a draft runs" in plain(backtest_report(found))
    assert backtest(PAYMENTS, rules=home, select=["large"]).rules["alerts"].to_list() == [3]
    (home / "larger.yaml").unlink()
    (home / "payee.yaml").unlink()
    with pytest.raises(PackError, match=r"all are drafts: large, never(.|\n)*--select large"):
        backtest(PAYMENTS, rules=home)
    with pytest.raises(PackError, match="all are drafts"):
        backtest(PAYMENTS, rules=home, select=["scam"])
