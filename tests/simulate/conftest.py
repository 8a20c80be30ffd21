"""The sample, which has the natural size of its scenario, as frames."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

SAMPLE = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="session")
def payments() -> pl.DataFrame:
    return pl.read_parquet(SAMPLE / "payments" / "*.parquet")


@pytest.fixture(scope="session")
def labels() -> pl.DataFrame:
    return pl.read_parquet(SAMPLE / "labels" / "transactions.parquet")


@pytest.fixture(scope="session")
def accounts() -> pl.DataFrame:
    return pl.read_parquet(SAMPLE / "labels" / "accounts.parquet")


@pytest.fixture(scope="session")
def victims() -> pl.DataFrame:
    return pl.read_parquet(SAMPLE / "labels" / "victims.parquet")


@pytest.fixture(scope="session")
def honest() -> pl.DataFrame:
    return pl.read_parquet(SAMPLE / "labels" / "honest.parquet")
