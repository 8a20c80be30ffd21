"""Alerts divided by date or rule."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import duckdb
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from sinks.results import Made
from txmon.errors import InputError
from txmon.sinks import read_run, write_run

if TYPE_CHECKING:
    from pathlib import Path


def dated_alerts() -> pl.DataFrame:
    times = [
        datetime(2026, 3, 1, 9, tzinfo=UTC),
        datetime(2026, 3, 1, 17, tzinfo=UTC),
        datetime(2026, 3, 2, 9, tzinfo=UTC),
    ]
    return pl.DataFrame(
        {"alert_id": ["a", "b", "c"], "rule_id": ["drip", "mule", "drip"], "event_time": times}
    )


def parts(out: Path) -> dict[str, list[str]]:
    folder = read_run(out).folder
    return {
        str(path.parent.relative_to(folder)): pl.read_parquet(path, hive_partitioning=False)[
            "alert_id"
        ].to_list()
        for path in sorted(folder.glob("alerts/*/part.parquet"))
    }


@pytest.mark.parametrize(
    ("by", "zone", "wanted"),
    [
        ("date", "UTC", {"alerts/date=2026-03-01": ["a", "b"], "alerts/date=2026-03-02": ["c"]}),
        (
            "date",
            "Asia/Shanghai",
            {"alerts/date=2026-03-01": ["a"], "alerts/date=2026-03-02": ["b", "c"]},
        ),
        ("rule", "UTC", {"alerts/rule=drip": ["a", "c"], "alerts/rule=mule": ["b"]}),
    ],
)
def test_alerts_are_divided(
    by: str, zone: str, wanted: dict[str, list[str]], tmp_path: Path
) -> None:
    write_run(Made(dated_alerts()), tmp_path, partition_by=by, zone=zone)

    run = read_run(tmp_path)
    assert parts(tmp_path) == wanted
    assert not (run.folder / "alerts.parquet").exists()
    assert_frame_equal(run.alerts, dated_alerts(), check_row_order=by == "date")


def test_others_read_the_parts_as_one_table(tmp_path: Path) -> None:
    write_run(Made(dated_alerts()), tmp_path, partition_by="date")
    pattern = read_run(tmp_path).folder / "alerts/**/*.parquet"

    found = duckdb.connect().execute(
        f"select alert_id from read_parquet('{pattern}', hive_partitioning=true)"  # noqa: S608
        " where date = '2026-03-02'"
    )

    assert found.fetchall() == [("c",)]


def test_a_run_without_alerts_keeps_their_columns(tmp_path: Path) -> None:
    write_run(Made(dated_alerts().clear()), tmp_path, partition_by="rule")

    assert read_run(tmp_path).alerts.schema == dated_alerts().schema


def test_a_run_divided_otherwise_replaces_the_earlier_one(tmp_path: Path) -> None:
    for by in ("date", None, "rule", "rule"):
        write_run(Made(dated_alerts()), tmp_path, partition_by=by)

        assert sorted(read_run(tmp_path).alerts["alert_id"]) == ["a", "b", "c"]
        assert len(list(tmp_path.glob("run-*"))) == 1


def test_a_damaged_part_is_mended_by_an_equal_run(tmp_path: Path) -> None:
    write_run(Made(dated_alerts()), tmp_path, partition_by="rule")
    (read_run(tmp_path).folder / "alerts/rule=mule/part.parquet").write_bytes(b"?")

    with pytest.raises(InputError, match="not the file that the manifest describes"):
        read_run(tmp_path)
    write_run(Made(dated_alerts()), tmp_path, partition_by="rule")

    assert read_run(tmp_path).alerts.height == 3


def test_a_manifest_cannot_name_files_elsewhere(tmp_path: Path) -> None:
    path = write_run(Made(dated_alerts()), tmp_path, partition_by="rule")
    (tmp_path / "part.parquet").write_bytes(b"?")
    manifest = json.loads(path.read_text())
    manifest["files"][0]["name"] = "alerts/rule=x/../../../part.parquet"
    path.write_text(json.dumps(manifest))

    with pytest.raises(InputError, match="missing"):
        read_run(tmp_path)


def test_only_dates_and_rules_divide(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="one of date, rule, not 'colour'"):
        write_run(Made(dated_alerts()), tmp_path, partition_by="colour")
