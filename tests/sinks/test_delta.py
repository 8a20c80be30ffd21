"""Alerts merged into a Delta table: told twice, they count once."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from sinks.results import Made
from txmon.errors import OutputError
from txmon.evaluate.alerts import ALERT_SCHEMA
from txmon.sinks import write_delta

if TYPE_CHECKING:
    from pathlib import Path


def alerts(*ids: str, score: int = 50, **transaction: Any) -> Made:
    rows = pl.DataFrame(
        {
            "alert_id": list(ids),
            "score": [score] * len(ids),
            "timeline": [["A", "B"]] * len(ids),
            "transaction": [{"transaction_id": one, **transaction} for one in ids],
        }
    )
    missing = [name for name in ALERT_SCHEMA if name not in rows.columns]
    nulls = [pl.lit(None, dtype=ALERT_SCHEMA[name]).alias(name) for name in missing]
    last = ["transaction"]
    return Made(rows.with_columns(nulls).select([*ALERT_SCHEMA, *last]).cast({"score": pl.Int32}))


@pytest.fixture
def lake() -> Any:
    return pytest.importorskip("deltalake", reason="the extra 'delta' is not installed")


def rows(lake: Any, table: Path) -> dict[str, int]:
    found = pl.DataFrame(lake.DeltaTable(str(table)).to_pyarrow_table())
    assert found["alert_id"].is_unique().all()
    return dict(found.select("alert_id", "score").sort("alert_id").rows())


def test_a_run_told_twice_counts_once(lake: Any, tmp_path: Path) -> None:
    for _ in range(2):
        write_delta(alerts("a", "b"), tmp_path / "t")

    assert rows(lake, tmp_path / "t") == {"a": 50, "b": 50}


def test_known_alerts_are_replaced_and_new_ones_added(lake: Any, tmp_path: Path) -> None:
    first = write_delta(alerts("a", "b"), tmp_path / "t")
    second = write_delta(alerts("b", "c", score=90), tmp_path / "t")

    assert second > first
    assert rows(lake, tmp_path / "t") == {"a": 50, "b": 90, "c": 90}


def test_a_run_without_alerts_makes_the_table(lake: Any, tmp_path: Path) -> None:
    write_delta(Made(alerts("a").alerts.clear()), tmp_path / "t")

    assert rows(lake, tmp_path / "t") == {}


def test_a_later_run_may_bring_more_columns_of_the_payment(lake: Any, tmp_path: Path) -> None:
    write_delta(alerts("a"), tmp_path / "t")
    write_delta(alerts("b", channel="mobile"), tmp_path / "t")

    found = pl.DataFrame(lake.DeltaTable(str(tmp_path / "t")).to_pyarrow_table())
    payments = dict(found.select("alert_id", "transaction").rows())
    assert payments["a"] == {"transaction_id": "a", "channel": None}
    assert payments["b"] == {"transaction_id": "b", "channel": "mobile"}


def test_a_place_that_cannot_be_written_is_told_in_words(lake: Any, tmp_path: Path) -> None:
    assert lake
    (tmp_path / "t").write_text("a file")

    with pytest.raises(OutputError, match="the alerts cannot be merged into"):
        write_delta(alerts("a"), tmp_path / "t")


def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "deltalake", None)

    with pytest.raises(OutputError, match=r"pip install 'txmon\[delta\]'"):
        write_delta(alerts("a"), tmp_path / "t")
