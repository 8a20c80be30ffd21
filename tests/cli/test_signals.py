"""A run that is told to stop in mid-write stops soon, says so, and leaves what stood there."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from txmon import read_run
from txmon.cli import main
from txmon.sinks import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Callable

ENGINE = Path(__file__).parents[2] / "engine"

SLOW = """\
import sys, time
import polars as pl
from txmon.cli import main

real = pl.DataFrame.write_parquet
def slow(*args, **kwargs):
    real(*args, **kwargs)
    print("writing", flush=True)
    time.sleep(60)
pl.DataFrame.write_parquet = slow
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def interrupted(pack: Path, payments: Path) -> Callable[..., tuple[int, str]]:
    """Run a command, send it a signal while it writes: its exit code and what it said."""

    def run(command: str, out: Path, sent: signal.Signals) -> tuple[int, str]:
        arguments = [command, str(payments), "--rules", str(pack), "--out", str(out)]
        with subprocess.Popen(  # noqa: S603 - a script of our own
            [sys.executable, "-c", SLOW, *arguments],
            env={**os.environ, "PYTHONPATH": str(ENGINE)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "writing\n"
            process.send_signal(sent)
            _, told = process.communicate(timeout=30)
        return process.returncode, told

    return run


STOPS = [
    (signal.SIGTERM, 143, "txmon: stopped by SIGTERM\n"),
    (signal.SIGINT, 130, "txmon: interrupted\n"),
]


@pytest.mark.parametrize(("sent", "code", "told"), STOPS)
def test_a_run_stopped_in_mid_write_leaves_the_earlier_one(
    sent: signal.Signals,
    code: int,
    told: str,
    interrupted: Callable[..., tuple[int, str]],
    pack: Path,
    payments: Path,
    out: Path,
) -> None:
    limit = "large-payment.limit=800"
    earlier = ["score", str(payments), "--rules", str(pack), "--set", limit, "--out", str(out)]
    assert main([*earlier, "--quiet"]) == 0

    assert interrupted("score", out, sent) == (code, told)

    run = read_run(out)
    assert run.alerts["transaction_id"].to_list() == ["T1", "T2"]
    assert {path.name for path in out.iterdir()} == {MANIFEST, run.folder.name}


@pytest.mark.parametrize(("sent", "code", "told"), STOPS)
def test_a_first_run_stopped_in_mid_write_leaves_nothing(
    sent: signal.Signals,
    code: int,
    told: str,
    interrupted: Callable[..., tuple[int, str]],
    out: Path,
) -> None:
    assert interrupted("score", out, sent) == (code, told)
    assert list(out.iterdir()) == []


@pytest.mark.parametrize(("sent", "code", "told"), STOPS)
def test_a_table_stopped_in_mid_write_leaves_the_earlier_one(
    sent: signal.Signals,
    code: int,
    told: str,
    interrupted: Callable[..., tuple[int, str]],
    tmp_path: Path,
) -> None:
    table = tmp_path / "tables" / "features.parquet"
    table.parent.mkdir()
    table.write_bytes(b"earlier")

    assert interrupted("features", table, sent) == (code, told)

    assert table.read_bytes() == b"earlier"
    assert [path.name for path in table.parent.iterdir()] == [table.name]
