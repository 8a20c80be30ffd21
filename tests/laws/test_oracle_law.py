"""The engine says what the oracle says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given

from laws.engine import Rows, by_engine, by_oracle
from txmon.testing.strategies import packs, rows

if TYPE_CHECKING:
    from txmon.language.nodes import Pack


@given(rows(history=True), packs())
def test_the_engine_says_what_the_oracle_says(table: Rows, pack: Pack) -> None:
    engine, oracle = by_engine(pack, table), by_oracle(pack, table)
    applicable = {place: engine.features.get(place) for place in oracle.features}
    assert applicable == oracle.features
    assert engine.outcomes == oracle.outcomes
    assert engine.causes == oracle.causes
    assert engine.hits == oracle.hits
    assert engine.alerts == oracle.alerts
