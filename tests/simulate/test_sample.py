"""The sample is what its command makes, and small."""

from __future__ import annotations

from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from txmon.simulate import simulate

SAMPLE = Path(__file__).parents[2] / "sample_data"
LARGEST = 8_000_000


def test_the_sample_is_what_its_command_makes() -> None:
    again = simulate(transactions=250_000, seed=7)
    labels = SAMPLE / "labels"

    assert_frame_equal(pl.read_parquet(SAMPLE / "payments" / "*.parquet"), again.payments)
    assert_frame_equal(pl.read_parquet(labels / "transactions.parquet"), again.labels)
    assert_frame_equal(pl.read_parquet(labels / "accounts.parquet"), again.accounts)
    assert_frame_equal(pl.read_parquet(labels / "victims.parquet"), again.victims)
    assert_frame_equal(pl.read_parquet(labels / "honest.parquet"), again.honest)


def test_the_sample_is_small() -> None:
    sizes = [path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()]

    assert 0 < sum(sizes) < LARGEST
