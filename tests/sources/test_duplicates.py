"""One id is one payment, and the accepted rows stand in the contract's order."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sources.payments import frame, pack, row, take, told, write_csv
from txmon.sources import intake
from txmon.sources.order import in_order


def test_an_equal_row_counts_once() -> None:
    result = take(row(), row(amount="12.5"), row(), row(transaction_id="t2"))

    assert result.accepted["transaction_id"].to_list() == ["t1", "t2"]
    assert (result.counts.read, result.counts.accepted, result.counts.duplicate) == (4, 2, 2)
    assert result.rejected.is_empty()


def test_equal_rows_may_spell_their_values_otherwise() -> None:
    result = take(row(), row(event_time="2026-03-01T20:00:00+08:00", amount="12.500"))

    assert result.counts.duplicate == 1


def test_unknown_columns_are_no_content() -> None:
    assert take(row(loaded="1"), row(loaded="2")).counts.duplicate == 1


@pytest.mark.parametrize(
    "other",
    [{"amount": "12.51"}, {"currency": "USD"}, {"creditor_account": None}, {"branch": "south"}],
)
def test_rows_of_one_id_and_other_content_are_all_rejected(other: dict[str, object]) -> None:
    result = take(row(branch="x"), row(**{"branch": "x", **other}), row(branch="x"))

    assert told(result) == [("transaction_id", "t1", "conflicting_duplicate")] * 3
    assert result.rejected["row"].to_list() == [1, 2, 3]
    assert (result.counts.rejected, result.counts.duplicate) == (3, 0)


def test_a_row_that_is_wrong_itself_disputes_no_other() -> None:
    result = take(row(), row(amount="x"))

    assert told(result) == [("amount", "x", "invalid_amount")]
    assert result.counts.accepted == 1


def test_disputes_across_files_are_told_in_their_places(tmp_path: object) -> None:
    header = "transaction_id,event_time,debtor_account,amount,currency"
    line = "2026-03-01T12:00:00Z,A"
    first = write_csv(tmp_path / "1.csv", header, f"a,{line},1,CNY", "x", f"b,{line},1,CNY")  # type: ignore[operator]
    second = write_csv(tmp_path / "2.csv", header, f"c,{line},1,CNY", f"b,{line},2,CNY")  # type: ignore[operator]

    rejected = intake([first, second], pack()).rejected

    assert rejected.select("source", "row", "reason").rows() == [
        (str(first), 2, "ragged_row"),
        (str(first), 3, "conflicting_duplicate"),
        (str(second), 2, "conflicting_duplicate"),
    ]


def test_a_row_in_history_and_input_counts_as_input() -> None:
    past = frame(row(), row(transaction_id="t0"), row(transaction_id="t0"))

    result = intake(frame(row()), pack(), history=past)

    assert result.accepted.select("transaction_id", "history").rows() == [
        ("t0", True),
        ("t1", False),
    ]
    assert (result.counts.read, result.counts.accepted, result.counts.duplicate) == (1, 1, 0)
    assert result.history_counts.model_dump() == {
        "read": 3,
        "accepted": 1,
        "rejected": 0,
        "duplicate": 2,
        "late": 0,
    }


def test_history_that_says_otherwise_is_a_dispute() -> None:
    result = intake(frame(row()), pack(), history=frame(row(amount="1"), row(amount="x")))

    assert result.rejected.select("row", "reason", "history").rows() == [
        (1, "conflicting_duplicate", False),
        (1, "conflicting_duplicate", True),
        (2, "invalid_amount", True),
    ]
    assert (result.counts.rejected, result.history_counts.rejected) == (1, 2)


def test_a_row_number_is_no_content() -> None:
    mapping = {"columns": {"sequence": {"row_number": True}}}

    result = intake(frame(row(), row()), pack(), mapping=mapping)

    assert result.counts.duplicate == 1
    assert result.accepted["sequence"].to_list() == [1]


def test_ids_stand_in_order_of_their_bytes() -> None:
    ids = ["a10", "a9", "A", "é", "z", "東", "\U0001f600", "\uffee", "a"]

    result = take(*(row(transaction_id=name) for name in ids))

    assert result.accepted["transaction_id"].to_list() == sorted(ids, key=str.encode)


def test_a_null_sequence_stands_first() -> None:
    rows = [("c", 2), ("b", None), ("a", 1), ("d", -1)]

    result = take(*(row(transaction_id=name, sequence=number) for name, number in rows))

    assert result.accepted["transaction_id"].to_list() == ["b", "d", "a", "c"]


small_rows = st.lists(
    st.tuples(
        st.sampled_from(["a", "b", "c", "d", "é"]),
        st.integers(0, 3),
        st.none() | st.integers(-1, 1),
        st.sampled_from(["A", "B"]),
    ),
    max_size=12,
)


def payments(rows: list[tuple[str, int, int | None, str]]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "transaction_id": [name for name, _, _, _ in rows],
            "event_time": [hour * 3_600_000_000 for _, hour, _, _ in rows],
            "sequence": [number for _, _, number, _ in rows],
            "debtor_account": [account for _, _, _, account in rows],
        },
        schema_overrides={
            "transaction_id": pl.String,
            "event_time": pl.Datetime("us", "UTC"),
            "sequence": pl.Int64,
            "debtor_account": pl.String,
        },
    )


@given(small_rows, small_rows)
def test_rows_are_counted_and_ordered_as_one_by_one(
    now: list[tuple[str, int, int | None, str]], past: list[tuple[str, int, int | None, str]]
) -> None:
    result = intake(payments(now), pack(), history=payments(past))

    contents: dict[str, set[object]] = {}
    for name, *content in [*now, *past]:
        contents.setdefault(name, set()).add(tuple(content))
    agreed = {name for name, different in contents.items() if len(different) == 1}
    kept_now = {entry for entry in now if entry[0] in agreed}
    kept_past = {entry for entry in past if entry[0] in agreed} - kept_now
    disputed = Counter(entry[0] for entry in now if entry[0] not in agreed)
    assert result.counts.accepted == len(kept_now)
    assert result.counts.rejected == disputed.total()
    assert result.counts.duplicate == len(now) - len(kept_now) - disputed.total()
    assert result.history_counts.accepted == len(kept_past)
    assert result.accepted["transaction_id"].to_list() == [
        name
        for name, *_ in sorted(
            kept_now | kept_past,
            key=lambda entry: (entry[1], entry[2] is not None, entry[2] or 0, entry[0].encode()),
        )
    ]


@given(small_rows, st.randoms(use_true_random=False))
def test_the_order_of_input_rows_is_irrelevant(
    rows: list[tuple[str, int, int | None, str]], random: object
) -> None:
    other = list(rows)
    random.shuffle(other)  # type: ignore[attr-defined]

    one, two = (intake(payments(given), pack()) for given in (rows, other))

    assert_frame_equal(one.accepted, two.accepted)
    assert one.counts == two.counts


def test_ordered_rows_are_not_copied() -> None:
    ordered = payments([("a", 0, None, "A"), ("b", 0, None, "A"), ("a", 1, 1, "B")])

    assert in_order(ordered) is ordered
    assert in_order(ordered.head(0)).is_empty()
