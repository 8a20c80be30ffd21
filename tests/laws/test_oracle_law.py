"""The engine says what the oracle says."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from laws.engine import Rows, by_engine, by_oracle
from txmon.testing.factories import START
from txmon.testing.strategies import packs, rows

if TYPE_CHECKING:
    from datetime import datetime

    from txmon.language.nodes import Pack


STARTS = st.sampled_from([None, START, START - timedelta(days=7), START + timedelta(days=1)])


@given(rows(history=True), packs(), STARTS)
def test_the_engine_says_what_the_oracle_says(
    table: Rows, pack: Pack, data_start: datetime | None
) -> None:
    engine = by_engine(pack, table, data_start=data_start)
    oracle = by_oracle(pack, table, data_start=data_start)
    applicable = {place: engine.features.get(place) for place in oracle.features}
    assert applicable == oracle.features
    assert engine.outcomes == oracle.outcomes
    assert engine.causes == oracle.causes
    assert engine.hits == oracle.hits
    assert engine.alerts == oracle.alerts
