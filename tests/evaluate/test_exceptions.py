"""Exceptions take hits out before suppression, at event time, and every one is counted."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest

from evaluate.small_packs import BIG_IN, CASE, PASSED_ON, found, pack_of, payments, score
from txmon import PackError
from txmon.authoring import check_files

if TYPE_CHECKING:
    from pathlib import Path

ROWS = payments("0 V M 1000", "1 M X 950", "2 V N 1000")
SUPPRESSED = BIG_IN.replace("score: 40", "score: 40, suppress: {for: 30d, by: subject}")


def exceptions(*entries: str) -> str:
    fields = "    owner: payments\n    reason: our own account\n"
    return "exceptions:\n" + "".join(f"  - {entry}\n{fields}" for entry in entries)


OWN = exceptions("rule: big-in\n    for: {account: M}\n    until: 2026-12-31")


def test_an_excepted_hit_raises_nothing_and_says_which_exception(tmp_path: Path) -> None:
    result = score(ROWS, pack_of(tmp_path, BIG_IN, exceptions=OWN))

    assert found(result) == [("big-in", "3", "N")]
    assert result.hits.select("transaction_id", "raised", "exception").rows() == [
        ("1", False, "exception-1"),
        ("3", True, None),
    ]
    assert result.hits["alert_id"].null_count() == 1


def test_every_excepted_hit_is_counted(tmp_path: Path) -> None:
    summary = score(ROWS, pack_of(tmp_path, BIG_IN, exceptions=OWN)).summary

    (rule,), (entry,) = summary.rules, summary.exceptions
    assert (rule.outcomes["hit"], rule.alerts, rule.folded, rule.excepted) == (2, 1, 0, 1)
    assert (entry.id, entry.hits, entry.owner) == ("exception-1", 1, "payments")
    assert entry.values == {"account": ("M",)}
    assert str(entry.until) == "2026-12-31"


def test_an_excepted_hit_opens_no_alert_for_others_to_fold_into(tmp_path: Path) -> None:
    rows = payments("0 V M 1000", "1 W M 1000", "2 V M 1000")
    victim = exceptions("rule: big-in\n    for: {counterparty: V}\n    until: 2026-12-31")

    result = score(rows, pack_of(tmp_path, SUPPRESSED, exceptions=victim))

    assert found(result) == [("big-in", "2", "M")]
    assert result.hits["exception"].to_list() == ["exception-1", None, "exception-1"]


def test_an_excepted_hit_reaches_no_rule_over_alerts(tmp_path: Path) -> None:
    result = score(ROWS, pack_of(tmp_path, BIG_IN, PASSED_ON, CASE, exceptions=OWN))

    assert [row[0] for row in found(result)] == ["passed-on", "big-in"]


@pytest.mark.parametrize(
    ("days", "excepted"),
    [
        ("from: 2026-03-01\n    until: 2026-03-01", [True, False]),
        ("from: 2026-03-02\n    until: 2026-03-02", [False, True]),
        ("until: 2026-02-28", [False, False]),
        ("from: 2026-03-03\n    until: 2026-04-01", [False, False]),
        ("until: 2026-03-02", [True, True]),
    ],
)
def test_both_days_hold_in_the_packs_zone(days: str, excepted: list[bool], tmp_path: Path) -> None:
    # In Shanghai the second payment is on the second of March.
    rows = payments("15 V M 1000", "16 V M 1000")
    text = exceptions(f"rule: big-in\n    for: {{account: M}}\n    {days}")

    result = score(rows, pack_of(tmp_path, BIG_IN, exceptions=text))

    assert result.hits["exception"].is_not_null().to_list() == excepted


def test_every_column_must_have_one_of_its_values_and_the_first_exception_counts(
    tmp_path: Path,
) -> None:
    rows = payments("0 V M 1000", "1 W M 1000", "2 U M 1000")
    text = exceptions(
        "id: pair\n    rule: scam\n    for: {account: [M, N], counterparty: [V, W]}"
        "\n    until: 2026-12-31",
        "id: later\n    rule: scam.big\n    for: {counterparty: W}\n    until: 2026-12-31",
    )

    result = score(rows, pack_of(tmp_path, BIG_IN, exceptions=text))

    assert result.hits["exception"].to_list() == ["pair", "pair", None]
    assert [entry.hits for entry in result.summary.exceptions] == [2, 0]


def test_an_exception_from_a_typology_is_from_the_rules_that_allow_it(tmp_path: Path) -> None:
    strict = BIG_IN.replace("big-in", "strict").replace(
        "exceptable: [account, counterparty]", "exceptable: []"
    )
    text = exceptions("rule: scam\n    for: {account: M}\n    until: 2026-12-31")

    result = score(ROWS[:1], pack_of(tmp_path, BIG_IN, strict, exceptions=text))

    assert found(result) == [("strict", "1", "M")]


def test_two_exceptions_of_one_name_are_refused(tmp_path: Path) -> None:
    entry = "id: own\n    rule: big-in\n    for: {account: M}\n    until: 2026-12-31"

    with pytest.raises(PackError, match="a second exception 'own'"):
        pack_of(tmp_path, BIG_IN, exceptions=exceptions(entry, entry))


def test_an_exception_that_ended_is_warned_of_on_a_day(tmp_path: Path) -> None:
    pack_of(tmp_path, BIG_IN, exceptions=OWN)

    for day, codes in ((None, []), (31, []), (1, ["W102"])):
        on = None if day is None else date(2026 if day == 31 else 2027, 12 if day == 31 else 1, day)
        pack, findings = check_files(tmp_path, day=on, lint=False)
        assert pack is not None
        assert [finding.code for finding in findings] == codes


def test_the_pack_hash_covers_the_exceptions(tmp_path: Path) -> None:
    without = pack_of(tmp_path, BIG_IN).content_hash

    assert pack_of(tmp_path, BIG_IN, exceptions=OWN).content_hash != without


def test_a_column_that_the_data_lacks_excepts_nobody(tmp_path: Path) -> None:
    rule = BIG_IN.replace("counterparty]", "device_id]")
    text = exceptions("rule: big-in\n    for: {device_id: D}\n    until: 2026-12-31")

    assert len(found(score(ROWS, pack_of(tmp_path, rule, exceptions=text)))) == 2
    with_device = ROWS.with_columns(device_id=pl.lit("D"))
    assert found(score(with_device, pack_of(tmp_path, rule, exceptions=text))) == []
