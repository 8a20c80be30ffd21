"""A run's files appear as a whole, or the earlier ones stay."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import pandas as pd
import polars as pl
import pyarrow.parquet as pq
import pytest
from polars.testing import assert_frame_equal

from sinks.results import SUMMARY
from txmon.errors import InputError, OutputError
from txmon.sinks import MANIFEST, RECORD, read_run, runs, write_run

if TYPE_CHECKING:
    from txmon.results import Summary


def alerts(*ids: str) -> pl.DataFrame:
    count = len(ids)
    return pl.DataFrame(
        {
            "alert_id": list(ids),
            "transaction": [{"transaction_id": f"t{n}", "amount": n} for n in range(count)],
            "evidence": [[f"t{n}", "é"] for n in range(count)],
        }
    )


@dataclass(frozen=True)
class Result:
    alerts: pl.DataFrame = field(default_factory=lambda: alerts("a1", "a2"))
    hits: pl.DataFrame = field(default_factory=lambda: pl.DataFrame({"hit": [1, 2, 3]}))
    rejected: pl.DataFrame = field(default_factory=lambda: pl.DataFrame({"row": [7]}))
    summary: Summary = SUMMARY


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def run_folders(out: Path) -> list[str]:
    return [name for name in names(out) if name.startswith("run-")]


def test_a_run_reads_back_as_written(tmp_path: Path) -> None:
    result = Result()

    manifest = write_run(result, tmp_path / "deep" / "out")

    run = read_run(manifest.parent)
    assert manifest.name == MANIFEST
    assert_frame_equal(run.alerts, result.alerts)
    assert_frame_equal(run.rejected, result.rejected)
    assert run.hits is None
    assert run.summary == SUMMARY


def test_hits_are_written_when_asked_for(tmp_path: Path) -> None:
    write_run(Result(), tmp_path, hits=True)

    run = read_run(tmp_path)

    assert run.hits is not None
    assert run.hits.height == 3


def test_the_manifest_names_every_file_with_rows_and_hash(tmp_path: Path) -> None:
    path = write_run(Result(), tmp_path, hits=True)

    manifest = json.loads(path.read_text())

    rows = {file["name"]: file["rows"] for file in manifest["files"]}
    assert rows == {"alerts.parquet": 2, "rejected.parquet": 1, "hits.parquet": 3}
    assert names(tmp_path) == {MANIFEST, manifest["run"]}
    assert names(tmp_path / manifest["run"]) == {*rows, RECORD}


def test_run_json_alone_tells_of_the_run(tmp_path: Path) -> None:
    path = write_run(Result(), tmp_path)

    told = json.loads((read_run(tmp_path).folder / RECORD).read_text())

    assert told == SUMMARY.model_dump(mode="json")
    assert set(json.loads(path.read_text())) == {"format", "run", "files"}


def test_a_run_done_again_replaces_what_is_told_and_keeps_its_tables(tmp_path: Path) -> None:
    slow = SUMMARY.model_copy(update={"seconds": {"read": 99.0}})
    first = write_run(Result(), tmp_path).read_bytes()
    folder = read_run(tmp_path).folder
    inodes = {path.name: path.stat().st_ino for path in folder.glob("*.parquet")}

    second = write_run(Result(summary=slow), tmp_path).read_bytes()

    assert (first, read_run(tmp_path).folder) == (second, folder)
    assert inodes == {path.name: path.stat().st_ino for path in folder.glob("*.parquet")}
    assert read_run(tmp_path).summary.seconds == {"read": 99.0}
    assert names(folder) == {"alerts.parquet", "rejected.parquet", RECORD}


def test_what_is_known_only_at_the_end_is_told_too(tmp_path: Path) -> None:
    ended = datetime(2026, 3, 1, tzinfo=UTC)

    def closing(summary: Summary) -> Summary:
        assert list(tmp_path.glob(".staging-*/alerts.parquet")), "the tables are on disk by now"
        return summary.model_copy(update={"ended": ended})

    write_run(Result(), tmp_path, closing=closing)

    assert read_run(tmp_path).summary.ended == ended


@pytest.mark.parametrize("late", [0, 1], ids=["before", "after"])
@pytest.mark.parametrize("calls", range(4))
def test_a_crash_while_a_run_is_done_again_leaves_it_whole(
    calls: int, late: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SUMMARY.model_copy(update={"seconds": {"read": 99.0}})
    write_run(Result(), tmp_path)
    fuse = Fuse(calls, late=bool(late))
    monkeypatch.setattr(Path, "replace", fuse.around(Path.replace))

    crashed = False
    try:
        write_run(Result(summary=slow), tmp_path)
    except CrashError:
        crashed = True
    monkeypatch.undo()

    run = read_run(tmp_path)
    assert crashed == (calls < 2)
    assert run.summary.seconds in ({"read": 0.25}, {"read": 99.0})
    assert names(tmp_path) == {MANIFEST, run.folder.name}


@pytest.mark.parametrize(("content", "told"), [(None, "is missing"), ("{}", "does not tell")])
def test_a_run_without_what_tells_of_it_is_not_trusted(
    content: str | None, told: str, tmp_path: Path
) -> None:
    write_run(Result(), tmp_path)
    path = read_run(tmp_path).folder / RECORD
    path.unlink()
    if content is not None:
        path.write_text(content)

    with pytest.raises(InputError, match=rf"run\.json {told}"):
        read_run(tmp_path)

    write_run(Result(), tmp_path)
    assert read_run(tmp_path).summary == SUMMARY


def test_tables_carry_where_they_came_from(tmp_path: Path) -> None:
    write_run(Result(), tmp_path)

    found = pl.read_parquet_metadata(read_run(tmp_path).folder / "alerts.parquet")

    assert found["txmon.table"] == "alerts"
    assert found["txmon.engine_version"] == "0.1.0"
    assert (found["txmon.pack"], found["txmon.pack_version"]) == ("telefraud", "1.2.0")
    assert found["txmon.pack_hash"] == "ab" * 32
    assert json.loads(found["txmon.parameters"]) == {"drip": {"span": "24h"}}
    assert json.loads(found["txmon.inputs"])[0]["name"] == "päy.csv"


def test_others_read_the_tables(tmp_path: Path) -> None:
    write_run(Result(), tmp_path)
    path = str(read_run(tmp_path).folder / "alerts.parquet")

    by_arrow = pq.read_table(path).to_pylist()
    by_pandas = pd.read_parquet(path)
    by_duck = duckdb.connect().execute(f"select * from '{path}'").fetchall()  # noqa: S608

    assert by_arrow[1]["transaction"] == {"transaction_id": "t1", "amount": 1}
    assert list(by_pandas["evidence"][0]) == ["t0", "é"]
    assert by_duck[0] == ("a1", {"transaction_id": "t0", "amount": 0}, ["t0", "é"])


def test_equal_runs_share_their_folder(tmp_path: Path) -> None:
    first = write_run(Result(), tmp_path).read_bytes()

    second = write_run(Result(), tmp_path).read_bytes()

    assert first == second
    assert len(run_folders(tmp_path)) == 1
    read_run(tmp_path)


def test_a_new_run_replaces_the_earlier_one(tmp_path: Path) -> None:
    write_run(Result(), tmp_path)

    write_run(Result(alerts=alerts("b")), tmp_path)

    assert read_run(tmp_path).alerts["alert_id"].to_list() == ["b"]
    assert len(run_folders(tmp_path)) == 1


def test_an_equal_run_mends_a_damaged_one(tmp_path: Path) -> None:
    write_run(Result(), tmp_path)
    (read_run(tmp_path).folder / "alerts.parquet").write_bytes(b"?")

    write_run(Result(), tmp_path)

    assert read_run(tmp_path).alerts.height == 2
    assert len(names(tmp_path)) == 2


class CrashError(Exception):
    """Stands for whatever goes wrong."""


class Fuse:
    """Lets a number of calls through and crashes at the next, before or after it is done."""

    def __init__(self, calls: int, *, late: bool) -> None:
        self.left = calls
        self.late = late

    def around(self, function: object) -> object:
        def fused(*args: object, **kwargs: object) -> object:
            self.left -= 1
            blows = self.left == -1
            if blows and not self.late:
                raise CrashError
            outcome = function(*args, **kwargs)  # type: ignore[operator]
            if blows:
                raise CrashError
            return outcome

        return fused


STEPS = 40


@pytest.mark.parametrize("late", [0, 1], ids=["before", "after"])
@pytest.mark.parametrize("calls", range(STEPS))
def test_a_crash_at_any_step_leaves_a_whole_run(
    calls: int, late: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(Result(), tmp_path)
    fuse = Fuse(calls, late=bool(late))
    for owner, name in (
        (os, "fsync"),
        (Path, "mkdir"),
        (Path, "rename"),
        (Path, "replace"),
        (Path, "write_text"),
        (pl.DataFrame, "write_parquet"),
        (runs, "_sha256"),
        (runs, "_place"),
        (runs, "_publish"),
    ):
        monkeypatch.setattr(owner, name, fuse.around(getattr(owner, name)))

    crashed = False
    try:
        write_run(Result(alerts=alerts("b")), tmp_path, hits=True)
    except CrashError:
        crashed = True
    monkeypatch.undo()

    run = read_run(tmp_path)
    assert crashed == (fuse.left < 0)
    assert run.alerts["alert_id"].to_list() in (["a1", "a2"], ["b"])
    assert names(tmp_path) == {MANIFEST, run.folder.name}
    if calls == STEPS - 1:
        assert not crashed, "raise STEPS: there are more steps to crash at"
        assert run.alerts["alert_id"].to_list() == ["b"]


@pytest.mark.parametrize("calls", range(6))
def test_a_killed_writer_leaves_nothing_that_readers_see(
    calls: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(Result(), tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(runs, "_flush", Fuse(calls, late=False).around(runs._flush))  # noqa: SLF001
        patch.setattr(runs, "_sweep", lambda _folder: None)
        with pytest.raises(CrashError):
            write_run(Result(alerts=alerts("b")), tmp_path)

    assert read_run(tmp_path).alerts.height == 2

    write_run(Result(alerts=alerts("c")), tmp_path)
    assert read_run(tmp_path).alerts["alert_id"].to_list() == ["c"]
    assert len(names(tmp_path)) == 2


def test_two_writers_do_not_mix(tmp_path: Path) -> None:
    result = Result()
    with (
        runs.locked(tmp_path),
        pytest.raises(OutputError, match="another run is being written"),
    ):
        write_run(result, tmp_path)


def test_a_foreign_manifest_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text('{"name": "a web app"}')

    with pytest.raises(OutputError, match="none of ours"):
        write_run(Result(), tmp_path)

    assert names(tmp_path) == {MANIFEST}


def test_an_output_that_is_a_file_is_refused_in_words(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.write_text("")

    with pytest.raises(OutputError, match="cannot be written to"):
        write_run(Result(), out)


def test_foreign_files_beside_a_run_stay(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "run-of-luck").mkdir()

    write_run(Result(), tmp_path)

    assert {"notes.txt", "run-of-luck"} <= names(tmp_path)


def test_a_folder_without_a_run_is_said_to_be_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no run"):
        read_run(tmp_path)


def test_a_changed_file_is_not_trusted(tmp_path: Path) -> None:
    write_run(Result(), tmp_path)
    path = read_run(tmp_path).folder / "rejected.parquet"
    content = bytearray(path.read_bytes())
    content[20] ^= 1
    path.write_bytes(content)

    with pytest.raises(InputError, match="not the file that the manifest describes"):
        read_run(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    write_run(Result(), tmp_path)
    shutil.rmtree(read_run(tmp_path).folder)

    with pytest.raises(InputError, match=r"alerts\.parquet is missing"):
        read_run(tmp_path)


@pytest.mark.parametrize("run", ["../elsewhere", "/etc", "run-x"])
def test_a_manifest_cannot_point_elsewhere(run: str, tmp_path: Path) -> None:
    path = write_run(Result(), tmp_path)
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "run": run}))

    with pytest.raises(InputError, match="holds no run"):
        read_run(tmp_path)
