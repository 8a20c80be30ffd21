"""The laws of graph rules, on payments among so few accounts that paths really occur."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from laws.engine import Rows, Said, by_engine, by_oracle, in_order, without_outcomes
from txmon.testing.factories import START
from txmon.testing.strategies import graph_packs, payments

if TYPE_CHECKING:
    from collections.abc import Collection

    from txmon.language.checked import Pack

CUTS = st.lists(st.integers(0, 14), min_size=1, max_size=4)


def of(said: Said, transactions: Collection[str]) -> dict[Any, Any]:
    return {place: alert for place, alert in said.whole.items() if place[1] in transactions}


@given(payments(), graph_packs())
def test_the_search_finds_what_plain_enumeration_finds(table: Rows, pack: Pack) -> None:
    engine, oracle = by_engine(pack, table), by_oracle(pack, table)
    assert engine.outcomes == oracle.outcomes
    assert engine.causes == oracle.causes
    assert engine.hits == oracle.hits
    assert engine.alerts == oracle.alerts


@given(payments(), graph_packs(), CUTS, st.integers(1, 4))
def test_pieces_and_partitions_say_what_one_batch_says(
    table: Rows, pack: Pack, cuts: list[int], partitions: int
) -> None:
    cuts = [min(cut, len(table)) for cut in cuts]
    assert by_engine(pack, table, cuts=cuts, partitions=partitions) == by_engine(pack, table)


@given(payments(), graph_packs(), st.integers(1, 13))
def test_a_later_payment_never_changes_an_earlier_alert(
    table: Rows, pack: Pack, count: int
) -> None:
    earlier = in_order(table)[:count]
    before, after = by_engine(pack, earlier), by_engine(pack, table)
    ids = {row["transaction_id"] for row in earlier}
    assert of(after, ids) == before.whole


@given(payments(most=8), payments(most=8), graph_packs())
def test_accounts_that_share_no_path_never_change_each_others_alerts(
    table: Rows, others: Rows, pack: Pack
) -> None:
    strangers = [_stranger(row) for row in others]
    ids = {row["transaction_id"] for row in table}
    alone = by_engine(pack, table, data_start=START)
    together = by_engine(pack, table + strangers, data_start=START)
    assert of(together, ids) == without_outcomes(alone).whole


def _stranger(row: dict[str, Any]) -> dict[str, Any]:
    """The row of someone else: nothing that can join accounts stays the same."""
    texts = ("debtor_account", "creditor_account", "device_id", "debtor_segment")
    renamed = {name: row[name] and f"{row[name]}'" for name in (*texts, "creditor_segment")}
    tries = None if row["tries"] is None else row["tries"] + 10
    return {**row, **renamed, "tries": tries, "transaction_id": f"s{row['transaction_id']}"}
