"""Wrong use and bad input: the exact words, exit code 2, nothing on stdout, no traceback."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

Run = Callable[..., Any]

TIME = "write a time with its zone like 2026-03-01T00:00:00+08:00"
ENDINGS = "the name of the table ends in .parquet or .csv"

WRONG: tuple[tuple[str, str], ...] = (
    ("scor", "No such command 'scor'. Did you mean 'score'?"),
    ("score {in}", "Missing option '--out' (env var: 'TXMON_SCORE_OUT')."),
    ("score --out {out}", "Missing argument 'INPUT...'."),
    (
        "score {in} --out {out} --hist x",
        "No such option: --hist (Possible options: --history, --hits, --set)",
    ),
    (
        "score {in} --out {out} --rules {none}",
        "Invalid value for --rules: there is no file or folder '{none}'",
    ),
    (
        "score {in} --out {out} --set limit=3",
        "Invalid value for --set: write RULE.PARAM=VALUE, found 'limit=3'",
    ),
    (
        "score {in} --out {out} --set a.b",
        "Invalid value for --set: write RULE.PARAM=VALUE, found 'a.b'",
    ),
    (
        "score {in} --out {out} --set a.b=1 --set a.b=2",
        "Invalid value for --set: 'a.b' is set twice",
    ),
    (
        "score {in} --out {out} --data-start 2026-03-01",
        f"Invalid value for --data-start: {TIME}, found '2026-03-01'",
    ),
    (
        "score {in} --out {out} --data-start soon",
        f"Invalid value for --data-start: {TIME}, found 'soon'",
    ),
    (
        "score {in} --out {out} --max-rejected few",
        "Invalid value for --max-rejected: write a number like 500 or 0.5%, found 'few'",
    ),
    (
        "score {in} --out {out} --max-rejected 101%",
        "Invalid value for --max-rejected: write a number like 500 or 0.5%, found '101%'",
    ),
    (
        "score {in} --out {in}/monday.csv",
        "Invalid value for --out: '{in}/monday.csv' is a file; a run needs a folder",
    ),
    ("score {none} --out {out}", "{none} does not exist"),
    (
        "score {in} --rules {pack} --out {out} --set large-payment.limits=1",
        """\
settings:1:15: E503 rule 'large-payment' has no param 'limits'
  1 | large-payment.limits=1
    |               ^^^^^^^^
  help: did you mean 'limit'?""",
    ),
    (
        "score {in} --rules {pack} --out {out} --select larg-payment",
        """\
select:1:1: E504 'larg-payment' matches no rule of the pack
  1 | larg-payment
    | ^^^^^^^^^^^^
  help: did you mean 'large-payment'?""",
    ),
    (
        "features {in} --out {out}.txt",
        f"Invalid value for --out: {ENDINGS}, found '{{out}}.txt'",
    ),
    (
        "features {in} --out {folder}",
        "Invalid value for --out: '{folder}' is a folder; the table needs a file",
    ),
    ("check {none}", "Invalid value for PATH: there is no file or folder '{none}'"),
    ("test {none}", "Invalid value for PATH: there is no file or folder '{none}'"),
    ("test {pack} -k nonesuch", "Invalid value for -k: no case has 'nonesuch' in its name"),
    (
        "simulate --transactions 10 --out {out}",
        "Invalid value for --transactions, --days: 90 days need at least 1800 transactions",
    ),
    (
        "simulate --transactions 2000 --out {out} --scenario heist",
        "Invalid value for --scenario: there is no scenario 'heist', only telefraud",
    ),
    (
        "simulate --transactions 2000 --out {out} --start monday",
        "Invalid value for --start: write a date like 2026-03-01, found 'monday'",
    ),
)


@pytest.mark.parametrize(("line", "message"), WRONG, ids=[line for line, _ in WRONG])
def test_wrong_use(
    txmon: Run, pack: Path, payments: Path, tmp_path: Path, line: str, message: str
) -> None:
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    names = {
        "{in}": str(payments),
        "{pack}": str(pack),
        "{out}": str(tmp_path / "out"),
        "{none}": str(tmp_path / "nowhere"),
        "{folder}": str(folder),
    }
    for name, path in names.items():
        line, message = line.replace(name, path), message.replace(name, path)
    ran = txmon(*line.split(" "))
    assert (ran.code, ran.out, ran.err) == (2, "", f"txmon: {message}\n")
    assert not (tmp_path / "out").exists()


def test_no_command_is_wrong_use(txmon: Run) -> None:
    ran = txmon()
    message = "txmon: which command? txmon --help lists them\n"
    assert (ran.code, ran.out, ran.err) == (2, "", message)


def test_a_table_that_cannot_be_written(
    txmon: Run, pack: Path, payments: Path, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("")
    ran = txmon("features", payments, "--rules", pack, "--out", file / "table.csv")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"txmon: {file} is a file, not a folder\n"
    ran = txmon("simulate", "--transactions", 2000, "--days", 7, "--out", file)
    assert ran.code == 2
    assert ran.err.startswith(f"txmon: the payments cannot be written to {file}: ")


def test_a_reader_that_stops_early_is_no_error() -> None:
    script = "import sys; from txmon.cli import main; sys.exit(main(['score', '--help']))"
    command = f"'{sys.executable}' -c \"{script}\" | true"
    ran = subprocess.run(  # noqa: S603 - a command of our own
        ["/bin/sh", "-c", command], capture_output=True, check=False
    )
    assert ran.stderr == b""
