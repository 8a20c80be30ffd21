"""Rules in shadow raise no alert that anyone works on; drafts do not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
import pytest

from evaluate.small_packs import BIG_IN, CASE, PASSED_ON, found, pack_of, payments, score
from txmon import check_pack, load_pack, read_run, write_run

if TYPE_CHECKING:
    from pathlib import Path

ROWS = payments("0 V M 1000", "1 M X 950")


def in_status(rule: str, status: str) -> str:
    return rule.replace("status: stable", f"status: {status}")


def test_a_shadow_rule_is_evaluated_and_its_alerts_stand_apart(tmp_path: Path) -> None:
    result = score(ROWS, pack_of(tmp_path, in_status(BIG_IN, "shadow"), PASSED_ON))

    assert found(result) == [("passed-on", "2", "M")]
    assert result.shadow_alerts.select("rule_id", "subject").rows() == [("big-in", "M")]
    assert result.shadow_alerts.schema == result.alerts.schema
    assert (result.summary.alerts, result.summary.shadow_alerts) == (1, 1)
    assert result.hits.select("rule_id", "shadow").rows() == [
        ("big-in", True),
        ("passed-on", False),
    ]
    (shadow,) = (rule for rule in result.summary.rules if rule.status == "shadow")
    assert (shadow.rule_id, shadow.alerts) == ("big-in", 1)


def test_shadow_alerts_have_the_ids_that_they_would_have_live(tmp_path: Path) -> None:
    live = score(ROWS, pack_of(tmp_path, BIG_IN)).alerts
    shadow = score(ROWS, pack_of(tmp_path, in_status(BIG_IN, "shadow"))).shadow_alerts

    assert shadow.equals(live)


def test_shadow_alerts_are_written_to_a_file_of_their_own(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    result = score(ROWS, pack_of(rules, in_status(BIG_IN, "shadow"), PASSED_ON))
    write_run(result, tmp_path / "out")

    run = read_run(tmp_path / "out")

    assert run.alerts["rule_id"].to_list() == ["passed-on"]
    assert run.shadow_alerts is not None
    assert run.shadow_alerts["rule_id"].to_list() == ["big-in"]
    assert pl.read_parquet(run.folder / "shadow_alerts.parquet").equals(run.shadow_alerts)


def test_without_rules_in_shadow_there_is_no_such_file(tmp_path: Path) -> None:
    rules = tmp_path / "rules"
    rules.mkdir()
    write_run(score(ROWS, pack_of(rules, PASSED_ON)), tmp_path / "out")

    assert read_run(tmp_path / "out").shadow_alerts is None


def test_a_live_rule_hears_nothing_of_shadow_alerts(tmp_path: Path) -> None:
    result = score(ROWS, pack_of(tmp_path, in_status(BIG_IN, "shadow"), PASSED_ON, CASE))

    assert found(result) == [("passed-on", "2", "M")]


def test_a_rule_in_shadow_hears_shadow_and_live_alerts(tmp_path: Path) -> None:
    shadow = [in_status(rule, "shadow") for rule in (BIG_IN, CASE)]
    result = score(ROWS, pack_of(tmp_path, *shadow, PASSED_ON))

    assert found(result) == [("passed-on", "2", "M")]
    assert result.shadow_alerts["rule_id"].to_list() == ["big-in", "victim-then-mule"]


def test_a_name_that_only_shadow_rules_have_is_warned_of(tmp_path: Path) -> None:
    pack_of(tmp_path, in_status(BIG_IN, "shadow"), PASSED_ON, CASE)

    pack, findings = check_pack(tmp_path)

    assert pack is not None
    assert [(finding.code, finding.warning) for finding in findings] == [("W101", True)]


def test_a_draft_runs_only_if_it_is_asked_for(tmp_path: Path) -> None:
    pack = pack_of(tmp_path, in_status(BIG_IN, "draft"), PASSED_ON)

    assert found(score(ROWS, pack)) == [("passed-on", "2", "M")]
    for asked in (
        load_pack(tmp_path, select=["big-in"]),
        load_pack(tmp_path / "r0.yaml"),
    ):
        assert found(score(ROWS, asked)) == [("big-in", "1", "M")]
    assert found(score(ROWS, load_pack(tmp_path, select=["scam"]))) == []


@pytest.mark.parametrize("status", ["experimental", "stable", "deprecated"])
def test_other_statuses_run(status: str, tmp_path: Path) -> None:
    assert found(score(ROWS, pack_of(tmp_path, in_status(BIG_IN, status)))) == [
        ("big-in", "1", "M")
    ]
