"""What banks test their own packs with: transactions, the oracle, streams, assert_alerts."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings

import txmon
from txmon import testing
from txmon.packs import load_pack
from txmon.testing import START, assert_alerts, oracle, streams, transactions

if TYPE_CHECKING:
    import polars as pl

    from txmon.language.checked import Pack

ROOT = Path(__file__).parents[2]
PACK = """\
name: bank
version: 1.0.0
currency: CNY
timezone: UTC
columns: {branch: text, vip: bool}
"""
HEADER = """\
version: 1.0.0
title: A rule
typology: bank.rule
severity: low
status: stable
"""
BURST = f"""\
id: burst
{HEADER}by: [debtor_account, creditor_account]
params: {{least: {{type: int, default: 3}}}}
features:
  payments: count() where amount <= 5_000 over 24h
  total: sum(amount) over 24h
when: payments >= least and total >= 6_000 and branch == "north"
alert: {{suppress: 24h, message: "{{payments}} payments"}}
"""
FORWARD = f"""\
id: forward
{HEADER}by: account
features:
  taken: sum(amount) where direction == "in" over 24h
when: direction == "out" and taken >= 1_000 and amount >= 80% * taken
"""
AFTER = f"""\
id: after
{HEADER}input: alerts
from: [burst, forward]
by: debtor_account
features:
  seen: count() over 48h
when: seen >= 2
"""
SHADOW = BURST.replace("id: burst", "id: hidden").replace("stable", "shadow")


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    home = tmp_path_factory.mktemp("bank")
    (home / "pack.yaml").write_text(PACK)
    for name, text in (("b", BURST), ("f", FORWARD), ("a", AFTER), ("s", SHADOW)):
        (home / f"{name}.yaml").write_text(text)
    return load_pack(home)


ROWS: list[dict[str, Any]] = [
    {"at": "+0h", "amount": 2000},
    {"at": "+1h", "amount": "2000.50"},
    {"at": "+2h", "amount": Decimal(2000)},
]
COMMON = {"debtor_account": "V", "creditor_account": "S", "branch": "north"}


def test_transactions_are_a_frame_to_score(pack: Pack) -> None:
    frame = transactions(ROWS, pack=pack, vip=True, **COMMON)
    assert frame["amount"].to_list() == ["2000", "2000.50", "2000"]
    assert frame["event_time"][0] == START
    assert frame["vip"].to_list() == ["true"] * 3
    result = txmon.score(frame, pack)
    assert result.summary.counts.accepted == 3
    assert_alerts(
        result,
        [{"at": "+2h", "rule_id": "burst", "subject": "V", "evidence": 3, "timeline": ["V", "S"]}],
    )


def test_values_of_transactions_are_told_as_a_file_would(pack: Pack) -> None:
    row = {"id": "T1", "at": datetime(2026, 3, 2, tzinfo=UTC), "remittance_information": None}
    frame = transactions([row, {"at": "2026-03-03T00:00:00Z", "branch": date(2026, 1, 1)}])
    assert frame.columns == ["transaction_id", "event_time", "remittance_information", "branch"]
    assert frame["transaction_id"].to_list() == ["T1", "0002"]
    assert frame["branch"].to_list() == [None, "2026-01-01"]
    with pytest.raises(TypeError, match=r"amount is a float, 1\.5"):
        transactions([{"at": "+0h", "amount": 1.5}])
    with pytest.raises(ValueError, match="there is no column 'brunch' did you mean 'branch'"):
        transactions([{"at": "+0h", "brunch": "x"}], pack=pack)


def test_the_difference_is_told(pack: Pack) -> None:
    frame = transactions(ROWS, pack=pack, **COMMON)
    with pytest.raises(AssertionError) as told:
        assert_alerts(frame, [{"at": "+1h", "rule_id": "burst"}, {"rule_id": "forward"}], pack=pack)
    assert str(told.value).splitlines() == [
        "the alerts differ",
        "expected {at: +1h, rule_id: burst}",
        "  at: expected +1h, got +2h",
        "expected {rule_id: forward}",
        "  but no such alert came",
    ]
    with pytest.raises(AssertionError, match=r"not expected: an alert .*subject: V, at: .2h"):
        assert_alerts(frame, [], pack=pack)
    with pytest.raises(AssertionError, match=r"evidence: expected \[0001\], got \[0001, 0002"):
        assert_alerts(frame, [{"evidence": ["0001"]}], pack=pack)
    with pytest.raises(ValueError, match="no 'subjekt' to compare; did you mean 'subject'"):
        assert_alerts(frame, [{"subjekt": "V"}], pack=pack)


def test_alerts_of_other_rules_can_be_left_out(pack: Pack) -> None:
    frame = transactions(ROWS, pack=pack, **COMMON)
    assert_alerts(frame, [], pack=pack, rule="forward")
    assert_alerts(frame, [{"severity": "low"}], pack=pack, rule="burst")


def test_the_oracle_gives_alerts_as_a_frame(pack: Pack) -> None:
    through = [
        *({"at": "+0h", "debtor_account": "V", "creditor_account": "M", "amount": 1000},),
        *({"at": "+1h", "debtor_account": "M", "creditor_account": "X", "amount": 900},),
        *({"at": "+2h", "debtor_account": "M", "creditor_account": "Y", "amount": 900},),
    ]
    found = oracle(pack, transactions(through, pack=pack))
    assert found.select("rule_id", "transaction_id", "side", "evidence").rows() == [
        ("forward", "0002", "out", ["0001", "0002"]),
        ("after", "0003", None, ["0002", "0003"]),
        ("forward", "0003", "out", ["0001", "0003"]),
    ]
    assert_alerts(transactions(through, pack=pack), found, pack=pack)
    with pytest.raises(AssertionError):
        assert_alerts(transactions(through, pack=pack), found.head(2), pack=pack)


def agrees(pack: Pack, rows: list[dict[str, Any]]) -> pl.DataFrame:
    frame = transactions(rows, pack=pack)
    expected = oracle(pack, frame)
    result = txmon.score(frame, pack)
    assert result.rejected.is_empty(), "a stream holds what a bank could book"
    assert_alerts(result, expected)
    return expected


def test_streams_of_a_pack_agree_and_come_to_its_edges(pack: Pack) -> None:
    seen: set[str] = set()

    @settings(max_examples=60)
    @given(streams(pack, least=4))
    def law(rows: list[dict[str, Any]]) -> None:
        seen.update(agrees(pack, rows)["rule_id"])

    law()
    assert "forward" in seen, "random streams fire the rules"


def test_streams_of_the_shipped_pack_can_be_booked() -> None:
    shipped = load_pack(ROOT / "rules")
    read = set()

    @settings(max_examples=10)
    @given(streams(shipped, most=8))
    def law(rows: list[dict[str, Any]]) -> None:
        read.update(*rows)
        assert txmon.score(transactions(rows, pack=shipped), shipped).rejected.is_empty()

    law()
    assert {"kind", "debtor_segment", "device_id"} <= read


def test_only_strategies_load_hypothesis() -> None:
    assert sorted(testing.__all__) == dir(testing) == testing.__all__
    code = (
        "import sys\n"
        "from txmon.testing import assert_alerts, oracle, transactions\n"
        "print('hypothesis' in sys.modules)\n"
        "from txmon.testing import streams\n"
        "print('hypothesis' in sys.modules)\n"
    )
    done = subprocess.run(  # noqa: S603 - this very interpreter
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(ROOT / "engine"), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\nTrue\n"
