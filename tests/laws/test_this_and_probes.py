"""``this``, other timelines and aggregates of order: the engine says what the oracle says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings

from language.rules import pack_of
from laws.engine import Rows, by_engine
from laws.test_batch_laws import CUTS, PARTITIONS
from laws.test_oracle_law import assert_agreed
from txmon.evaluate import pairs
from txmon.language import separate
from txmon.testing.strategies import packs, rows

if TYPE_CHECKING:
    from pathlib import Path

    from txmon.language.checked import Pack

FEW = 2
CHAIN = """\
by: account
features:
  idle:    time_since_previous() by counterparty = account
  theirs:  count() where direction == "in" by account = counterparty over 24h
  busiest: max(theirs) by account = counterparty over 7d
  usual:   median(busiest) where amount >= this.amount over 7d
  newest:  last(usual) by account = counterparty over last 3
  steps:   legs(amount, this.amount, 50%) by [account = counterparty, direction] over 7d
when: direction == "out" and (usual >= 2 or newest >= 2 or steps >= 2 or idle > 1h)
"""
"""Features of features of features, each on another timeline than the one before."""


@given(rows(), packs())
def test_a_search_that_is_given_up_is_given_up_alike(table: Rows, pack: Pack) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(separate, "SEARCH_ROWS", FEW)
        patch.setattr(pairs, "BATCH_PAIRS", FEW)
        assert_agreed(table, pack)


@pytest.fixture
def chain(tmp_path: Path) -> Pack:
    return pack_of(tmp_path, CHAIN)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows(), CUTS, PARTITIONS)
def test_a_chain_over_three_timelines_says_the_same_in_pieces_and_parts(
    chain: Pack, table: Rows, cuts: list[int], partitions: int
) -> None:
    assert_agreed(table, chain)
    cuts = [min(cut, len(table)) for cut in cuts]
    whole = by_engine(chain, table)
    assert whole.features
    assert by_engine(chain, table, cuts=cuts) == whole
    assert by_engine(chain, table, cuts=cuts, partitions=partitions) == whole
