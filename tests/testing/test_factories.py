"""Short dicts become transactions in storage form."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from txmon.schema import TIME_DTYPE
from txmon.testing.factories import START, moment, transactions
from txmon.types import DATE, Kind, Type


def test_values_are_stored_at_their_scale_and_rows_in_order() -> None:
    frame = transactions(
        [
            {"at": "+2h", "amount": "12.5", "score": "0.25", "opened": "2026-01-02"},
            {"at": "+1h", "amount": 3, "id": "late", "kind": "card"},
        ],
        columns={"score": Type(Kind.NUMBER, 2), "opened": DATE},
        debtor_account="A",
    )
    assert frame.to_dicts() == [
        {
            "transaction_id": id_,
            "event_time": START + timedelta(hours=hours),
            "kind": kind,
            "debtor_account": "A",
            "amount": amount,
            "original_amount": amount,
            "currency": "CNY",
            "score": score,
            "opened": opened,
            "history": False,
        }
        for id_, hours, kind, amount, score, opened in [
            ("late", 1, "card", 30_000, None, None),
            ("000", 2, None, 125_000, 25, date(2026, 1, 2)),
        ]
    ]
    assert frame.schema["event_time"] == TIME_DTYPE
    assert frame.schema["amount"] == pl.Int64()


def test_rows_of_one_time_are_ordered_by_sequence_then_id() -> None:
    rows = [
        {"at": "+0h", "id": id_, "sequence": sequence}
        for id_, sequence in [("a", 2), ("c", None), ("é", 1), ("z", 1), ("b", None)]
    ]
    assert transactions(rows)["transaction_id"].to_list() == ["b", "c", "z", "é", "a"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+1d30min", START + timedelta(days=1, minutes=30)),
        ("-1us", START - timedelta(microseconds=1)),
        ("2026-03-02T08:00:00+08:00", datetime(2026, 3, 2, tzinfo=UTC)),
    ],
)
def test_times_are_offsets_or_iso(text: str, expected: datetime) -> None:
    assert moment(text) == expected


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError, match="write it as text"):
        transactions([{"at": "+0h", "amount": 0.1}])


def test_too_many_decimals_are_refused() -> None:
    with pytest.raises(ValueError, match="more than 4 decimals"):
        transactions([{"at": "+0h", "amount": "0.00001"}])
