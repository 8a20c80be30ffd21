from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from txmon.simulate import Simulation, simulate

SAMPLE = Path(__file__).parents[2] / "sample_data"
LARGEST = 3_000_000


@pytest.fixture(scope="module")
def again() -> Simulation:
    return simulate(transactions=60_000, seed=7)


def test_the_sample_is_what_its_command_makes(again: Simulation) -> None:
    labels = SAMPLE / "labels"

    assert_frame_equal(pl.read_parquet(SAMPLE / "payments" / "*.parquet"), again.payments)
    assert_frame_equal(pl.read_parquet(labels / "transactions.parquet"), again.labels)
    assert_frame_equal(pl.read_parquet(labels / "accounts.parquet"), again.accounts)


def test_the_sample_is_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*.parquet")) < LARGEST


def test_the_sample_holds_every_scheme(again: Simulation) -> None:
    incidents = again.accounts.group_by("scheme").agg(pl.col("incident").n_unique())

    assert dict(incidents.iter_rows()) == {"safe_account": 3, "fan_in": 3, "identity_ring": 3}
