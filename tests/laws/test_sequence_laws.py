"""The laws of a batch again, over packs in which every rule has a sequence that often completes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from laws.engine import Rows, by_engine, by_oracle
from txmon.language.links import why_searched
from txmon.testing.strategies import rows, sequence_packs

if TYPE_CHECKING:
    from txmon.language.checked import Pack

CUTS = st.lists(st.integers(0, 11), min_size=1, max_size=3)


@given(rows(most=11, history=True, vast=False), sequence_packs())
def test_the_engine_says_what_the_oracle_says(table: Rows, pack: Pack) -> None:
    found, expected = by_engine(pack, table), by_oracle(pack, table)
    applicable = {place: found.features.get(place) for place in expected.features}

    assert replace(found, whole={}, features=applicable) == expected


@given(rows(most=11, history=True, vast=False), sequence_packs(), CUTS, st.integers(1, 3))
def test_pieces_of_partitions_say_what_one_batch_says(
    table: Rows, pack: Pack, cuts: list[int], partitions: int
) -> None:
    cuts = [min(cut, len(table)) for cut in cuts]
    assert by_engine(pack, table, cuts=cuts, partitions=partitions) == by_engine(pack, table)


@given(rows(most=11, vast=False), sequence_packs())
def test_a_limit_that_is_never_reached_changes_nothing_but_the_ids(table: Rows, pack: Pack) -> None:
    (rule,) = pack.rules
    assert rule.sequence is not None
    if why_searched(rule.sequence) is not None or rule.sequence.search_limit is not None:
        return
    limited = replace(rule, sequence=replace(rule.sequence, search_limit=1000))
    found = by_engine(replace(pack, rules=(limited,)), table)
    assert replace(found, whole={}) == replace(by_engine(pack, table), whole={})
