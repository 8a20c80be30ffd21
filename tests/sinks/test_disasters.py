"""A full disk, a folder that may not be written and a kill in mid-write: done, not pretended.

Whatever happens to a writer in another process, the earlier run stays whole, and the next writer
goes on as if nothing had been.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

from sinks.results import Made
from txmon.sinks import MANIFEST, read_run, write_run

if TYPE_CHECKING:
    from collections.abc import Iterator

TESTS = Path(__file__).parents[1]
ROWS = 200_000
PRELUDE = """\
import os, resource, sys
import polars as pl
from sinks.results import Made
from txmon.errors import OutputError
from txmon.sinks import write_run

def large(name):
    ids = pl.Series("alert_id", range(ROWS)).cast(pl.String) + name
    return Made(pl.DataFrame([ids, pl.repeat("drip", ROWS, eager=True).alias("rule_id")]))

def attempt(name, by=None):
    try:
        write_run(large(name), sys.argv[1], partition_by=by)
    except OutputError as error:
        print("OutputError:", error)
        sys.exit(2)
"""


def script(body: str) -> list[str]:
    code = PRELUDE.replace("ROWS", str(ROWS)) + body
    return [sys.executable, "-c", code]


def environment() -> dict[str, str]:
    paths = [str(TESTS), str(TESTS.parent / "engine")]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def ran(body: str, out: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - a script of our own
        [*script(body), str(out)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def earlier(out: Path) -> None:
    write_run(Made(pl.DataFrame({"alert_id": ["old"], "rule_id": ["drip"]})), out)


def assert_earlier_run_is_whole(out: Path) -> None:
    run = read_run(out)
    assert run.alerts["alert_id"].to_list() == ["old"]
    assert {path.name for path in out.iterdir()} == {MANIFEST, run.folder.name}


@pytest.mark.parametrize("by", [None, "rule"])
@pytest.mark.parametrize("limit", [0, 100, 10_000])
def test_a_file_that_may_not_grow_leaves_the_earlier_run(
    limit: int, by: str | None, tmp_path: Path
) -> None:
    earlier(tmp_path)

    told = ran(
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\nattempt('x', {by!r})",
        tmp_path,
    )

    assert (told.returncode, told.stderr) == (2, "")
    assert "the run cannot be written to" in told.stdout
    assert_earlier_run_is_whole(tmp_path)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place, mount = tmp_path / "disk", shutil.which("mount")
    place.mkdir()
    command = [str(mount), "-t", "tmpfs", "-o", "size=96k", "tmpfs", str(place)]
    if mount is None or subprocess.run(command, check=False, capture_output=True).returncode:  # noqa: S603
        pytest.skip("no small disk can be mounted here")
    yield place
    subprocess.run([str(shutil.which("umount")), str(place)], check=True)  # noqa: S603


def test_a_full_disk_leaves_the_earlier_run(small_disk: Path) -> None:
    out = small_disk / "out"
    earlier(out)

    told = ran("attempt('x')", out)

    assert (told.returncode, told.stderr) == (2, "")
    assert "No space left" in told.stdout
    assert_earlier_run_is_whole(out)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can reach."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def test_a_folder_that_may_not_be_written_keeps_its_run(open_folder: Path) -> None:
    earlier(open_folder)
    open_folder.chmod(0o555)

    # root may write anywhere, so the writer becomes nobody once everything is imported
    told = ran("if os.geteuid() == 0: os.seteuid(65534)\nattempt('x')", open_folder)

    open_folder.chmod(0o755)
    assert (told.returncode, told.stderr) == (2, "")
    assert "Permission denied" in told.stdout
    assert_earlier_run_is_whole(open_folder)


def test_a_writer_killed_at_any_moment_leaves_a_whole_run(tmp_path: Path) -> None:
    """One process writes runs without end and is killed; what is there must always read back."""
    earlier(tmp_path)
    endless = (
        "print('ready', flush=True)\nwhile True:\n    attempt('x')\n    attempt('y', 'rule')\n"
    )
    seen = set()

    for turn in range(6):
        with subprocess.Popen(  # noqa: S603 - a script of our own
            [*script(endless), str(tmp_path)],
            env=environment(),
            stdout=subprocess.PIPE,
            text=True,
        ) as writer:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
            time.sleep(0.05 + 0.037 * turn)
            writer.kill()
        assert writer.returncode == -signal.SIGKILL
        run = read_run(tmp_path)
        assert run.alerts.height in {1, ROWS}
        seen.add(str(run.alerts["alert_id"][0]))

    assert seen <= {"old", "0x", "0y"}
    earlier(tmp_path)
    assert_earlier_run_is_whole(tmp_path)
