"""Whatever comes in: nothing is lost, nothing is counted twice, nothing crashes."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from sources.payments import NOON, pack
from txmon.errors import TxmonError
from txmon.sources import REJECTED_SCHEMA, Intake, intake

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FIELDS = {
    "transaction_id": ["t1", "t2", "t3", "t4", "", " ", None, "x\ny", "é"],
    "event_time": [NOON, "2026-03-01T20:00:00+08:00", "2026-03-02T00:00:00.5Z", "x", None, "2026"],
    "debtor_account": ["A", "B", "", None],
    "creditor_account": ["A", "B", " ", None],
    "amount": ["1", "1.0", "2.50", "0.001", "x", "1e3", "-7", "9" * 20, None],
    "currency": ["CNY", "USD", "JPY", "EUR", "XXX", None],
    "sequence": [None, None, "1", "2", "1.5"],
    "debtor_balance": [None, None, "10", "10.001"],
    "latitude": [None, "31.2", "north"],
    "vip": [None, "true", "perhaps"],
}
rows = st.lists(st.tuples(*(st.sampled_from(values) for values in FIELDS.values())), max_size=10)


def table(given_rows: list[tuple[str | None, ...]]) -> pl.DataFrame:
    return pl.DataFrame(given_rows, schema=dict.fromkeys(FIELDS, pl.String), orient="row")


def check(result: Intake, read: int, past: int = 0) -> None:
    """What holds for every intake."""
    for counts, wanted in ((result.counts, read), (result.history_counts, past)):
        assert counts.read == wanted
        assert counts.read == counts.accepted + counts.rejected + counts.duplicate
    rejected = result.rejected
    assert rejected.schema == REJECTED_SCHEMA
    assert rejected.select("history", "source", "row").is_unique().all()
    assert rejected.filter(~pl.col("history")).height == result.counts.rejected
    assert rejected["detail"].null_count() == 0
    accepted = result.accepted
    assert accepted.height == result.counts.accepted + result.history_counts.accepted
    assert accepted["transaction_id"].is_unique().all()
    assert accepted["event_time"].is_sorted()
    for name in ("transaction_id", "event_time", "history"):
        assert accepted[name].null_count() == 0
    assert (accepted["amount"].is_null() == accepted["currency"].is_null()).all()
    assert (accepted["amount"].is_null() == accepted["original_amount"].is_null()).all()


@given(rows, rows)
def test_the_counts_add_up(
    now: list[tuple[str | None, ...]], past: list[tuple[str | None, ...]]
) -> None:
    result = intake(table(now), pack(), history=table(past))

    check(result, len(now), len(past))


@given(rows)
def test_files_of_both_kinds_and_frames_agree(
    tmp_path_factory: pytest.TempPathFactory, now: list[tuple[str | None, ...]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("files")
    # CSV knows no empty text, and there a line break in an id is a fault
    kept = [entry for entry in now if "" not in entry and "x\ny" not in entry]
    given_table = table(kept)
    given_table.write_csv(folder / "p.csv", quote_style="necessary")
    given_table.write_parquet(folder / "p.parquet")

    results = [
        intake(source, pack()) for source in (given_table, folder / "p.csv", folder / "p.parquet")
    ]

    for result in results:
        check(result, len(kept))
        assert_frame_equal(result.accepted, results[0].accepted)
        assert_frame_equal(result.rejected.drop("source"), results[0].rejected.drop("source"))


@given(rows, rows)
def test_pieces_are_one_input(
    first: list[tuple[str | None, ...]], second: list[tuple[str | None, ...]]
) -> None:
    whole = intake(table([*first, *second]), pack())
    pieces = intake([table(first), table(second)], pack())

    assert_frame_equal(pieces.accepted, whole.accepted)
    assert pieces.counts == whole.counts
    assert pieces.rejected["reason"].to_list() == whole.rejected["reason"].to_list()


@given(rows)
def test_accepted_rows_alone_give_themselves(now: list[tuple[str | None, ...]]) -> None:
    given_table = table(now).with_row_index("at", 1)
    result = intake(given_table, pack())
    bad = set(result.rejected["row"])

    again = intake(given_table.filter(~pl.col("at").is_in(bad)), pack())

    assert_frame_equal(again.accepted, result.accepted)
    assert again.rejected.is_empty()


@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_any_bytes_are_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    header = b"transaction_id,event_time,debtor_account\n"
    for number, given_bytes in enumerate((content, header + content)):
        path = tmp_path_factory.mktemp("bytes") / f"{number}.csv"
        path.write_bytes(given_bytes)
        with suppress(TxmonError):
            counts = intake(path, pack()).counts
            assert counts.read == counts.accepted + counts.rejected + counts.duplicate


@given(rows, st.sampled_from([1.5, 0.005, -3.25, float("inf"), float("nan")]))
def test_what_is_given_is_not_changed(now: list[tuple[str | None, ...]], amount: float) -> None:
    given_table = table(now).with_columns(amount=pl.lit(amount), sequence=pl.lit(1.5))
    before = given_table.clone().to_dict(as_series=False)

    intake(given_table, pack(), history=given_table)

    assert repr(given_table.to_dict(as_series=False)) == repr(before)
