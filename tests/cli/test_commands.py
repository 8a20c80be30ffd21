"""The command itself: version, help, start-up, simulate, warm, and what a terminal is told."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from txmon.cli import screen

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Any]
HEAVY = {"numba", "pyarrow", "pandas", "duckdb", "numpy"}


def test_version(txmon: Run) -> None:
    ran = txmon("--version")
    assert (ran.code, ran.out) == (0, f"txmon {version('txmon')}\n")


def test_the_package_runs_as_a_module() -> None:
    command = [sys.executable, "-m", "txmon", "--version"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    assert (ran.returncode, ran.stdout) == (0, f"txmon {version('txmon')}\n")


@pytest.mark.parametrize(
    "command", ["score", "features", "check", "test", "simulate", "map", "warm"]
)
def test_every_command_has_help(txmon: Run, command: str) -> None:
    ran = txmon(command, "--help")
    assert (ran.code, ran.err) == (0, "")
    assert f"Usage: txmon {command}" in ran.out


@pytest.mark.parametrize(
    ("arguments", "spared"),
    [
        (["--version"], HEAVY | {"polars"}),
        (["--help"], HEAVY | {"polars"}),
        (["score", "--help"], HEAVY | {"polars"}),
        (["check", "{pack}"], HEAVY - {"numpy"}),  # the lock hashes what plans compute
    ],
)
def test_light_commands_load_no_engine(pack: Path, arguments: list[str], spared: set[str]) -> None:
    asked = [argument.replace("{pack}", str(pack)) for argument in arguments]
    script = f"""
import sys
from txmon.cli import main
assert main({asked!r}) == 0
loaded = {spared!r} & set(sys.modules)
assert not loaded, loaded
"""
    ran = subprocess.run(  # noqa: S603 - a script of our own
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr


def test_simulate_writes_payments_and_labels(txmon: Run, tmp_path: Path) -> None:
    arguments = ("--transactions", 2000, "--seed", 3, "--days", 7, "--start", "2026-05-01")
    ran = txmon("simulate", *arguments, "--out", tmp_path)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith(f"{tmp_path / 'payments'}: 2,000 transactions, ")
    assert pl.read_parquet(tmp_path / "payments").height == 2000
    assert txmon("simulate", *arguments, "--out", tmp_path, "--quiet").out == ""


def test_warm_makes_the_kernels_ready(txmon: Run) -> None:
    ran = txmon("warm")
    assert ran.code == 0
    assert ran.out.startswith("kernels ready after ")
    assert txmon("warm", "--quiet").out == ""


def test_warnings_are_plain_lines_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    with screen.warnings_in_words():
        warnings.simplefilter("always")
        warnings.warn("txmon: mind the gap", RuntimeWarning, stacklevel=1)
    assert capsys.readouterr() == ("", "txmon: warning: mind the gap\n")


def test_an_interrupted_command_says_so_by_its_code(
    txmon: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("txmon.simulate.write", interrupted)
    ran = txmon("simulate", "--transactions", 2000, "--out", tmp_path)
    assert (ran.code, ran.out, ran.err) == (130, "", "txmon: interrupted\n")


def _in_a_terminal(arguments: list[str], columns: int) -> str:
    """What a command shows where stdout and stderr are a terminal."""
    import pty  # noqa: PLC0415 - there are systems without it

    ours, theirs = pty.openpty()
    environment = {**os.environ, "COLUMNS": str(columns), "TERM": "xterm-256color"}
    environment.pop("NO_COLOR", None)
    script = "import sys; from txmon.cli import main; sys.exit(main())"
    with subprocess.Popen(  # noqa: S603 - a script of our own
        [sys.executable, "-c", script, *arguments],
        stdout=theirs,
        stderr=theirs,
        env=environment,
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                piece = os.read(ours, 65_536)
            except OSError:
                break
            if not piece:
                break
            shown += piece
        assert process.wait() == 0
    os.close(ours)
    return shown.decode()


def test_a_terminal_gets_colour_and_progress(pack: Path, payments: Path, out: Path) -> None:
    arguments = ["score", str(payments), "--rules", str(pack), "--out", str(out)]
    shown = _in_a_terminal(arguments, 80)
    assert "\x1b[1;31mhigh" in shown
    assert "evaluate" in shown
    quiet = _in_a_terminal([*arguments, "--quiet"], 80)
    assert quiet == ""


def test_a_fault_of_ours_is_not_taken_for_findings(
    txmon: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("unheard of")

    monkeypatch.setattr("txmon.simulate.write", broken)
    ran = txmon("simulate", "--transactions", 2000, "--out", tmp_path)
    assert (ran.code, ran.out) == (3, "")
    assert "RuntimeError: unheard of\n" in ran.err
    assert ran.err.endswith(
        "this is a fault of txmon, not of what it was given; please report it\n"
    )
