from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from txmon.testing.expectations import check_expectation, differences

START = datetime(2026, 3, 1, tzinfo=UTC)


def alert(hours: float = 0, **fields: Any) -> dict[str, Any]:
    defaults = {
        "event_time": START + timedelta(hours=hours),
        "subject": "V1",
        "severity": "high",
        "score": 80,
        "level": 0,
        "side": None,
        "evidence_count": 4,
        "history_complete": True,
        "window_start": START,
        "message": "4 transfers",
    }
    return defaults | fields


def test_silence_is_as_expected() -> None:
    assert differences([], [], START) == ()


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"subject": "V1"},
        {"at": "+2h"},
        {"at": "+120min"},
        {"score": "80", "level": "0", "evidence": "4"},
        {"side": "-"},
        {"history_complete": "true"},
        {"window_start": "2026-03-01T08:00:00+08:00"},
        {"window_start": "+0h"},
        {"message": "4 transfers"},
    ],
)
def test_only_the_named_fields_are_compared(fields: dict[str, str]) -> None:
    assert differences([fields], [alert(2)], START) == ()


def test_a_difference_names_the_field_and_both_values() -> None:
    lines = differences([{"subject": "V1", "at": "+2h", "score": "90"}], [alert(3)], START)

    assert lines == (
        "expected {subject: V1, at: +2h, score: 90}",
        "  at: expected +2h, got +3h",
        "  score: expected 90, got 80",
    )


def test_a_missing_alert_is_told() -> None:
    assert differences([{"at": "+2h"}], [], START) == (
        "expected {at: +2h}",
        "  but no such alert came",
    )


def test_an_alert_nobody_expected_is_told_with_its_message() -> None:
    assert differences([], [alert(2)], START) == (
        "not expected: an alert {subject: V1, at: +2h, severity: high}: 4 transfers",
    )


def test_the_nearest_alert_is_the_one_with_fewest_differences_then_nearest_in_time() -> None:
    alerts = [alert(9, subject="V2"), alert(5), alert(3)]

    lines = differences([{"subject": "V1", "at": "+2h"}], alerts, START)

    assert lines[1] == "  at: expected +2h, got +3h"
    assert len(lines) == 4


def test_expectations_stand_in_any_order_and_take_one_alert_each() -> None:
    alerts = [alert(1), alert(2)]

    assert differences([{"at": "+2h"}, {"subject": "V1"}], alerts, START) == ()
    assert differences([{"subject": "V1"}, {"at": "+1h"}], alerts, START) == ()
    assert differences([{"at": "+1h"}, {"at": "+1h"}], alerts, START) != ()


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("subjekt", "V1", "an alert has no 'subjekt' to compare"),
        ("severity", "grave", "expected one of info, low, medium, high, critical, found 'grave'"),
        ("score", "much", "score is a whole number, found 'much'"),
        ("history_complete", "yes", "expected one of true, false, found 'yes'"),
        ("at", "2h", "a time of a case is + and one duration, found '2h'"),
        ("event_time", "2026-03-01T09:00:00", "'2026-03-01T09:00:00' names no zone"),
    ],
)
def test_a_wrong_expectation_is_explained(name: str, text: str, message: str) -> None:
    problem = check_expectation(name, text)

    assert problem is not None
    assert problem.message == message


@pytest.mark.parametrize(("name", "text"), [("side", "out"), ("subject", "-"), ("at", "+1h")])
def test_a_right_expectation_has_no_problem(name: str, text: str) -> None:
    assert check_expectation(name, text) is None
