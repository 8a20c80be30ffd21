"""Measure the engine against the floor and against DuckDB, and keep the table in README.md.

    python benchmarks/run.py --rows 1000000 10000000

Every measurement is a process of its own, so that its peak of memory is its own. Nothing is
asserted about time; the sums of all features must agree with those of SQL. This process stays
small on purpose: a child starts with the peak of its parent.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
SQL_MINUTES = 15
FEATURES_ROWS = 2_000_000
READ_ROWS, READ_MESSAGES = 1_000_000, 50_000
TOLERANCE = 1e-6
"""Of a sum: SQL rounds converted money half up, and averages in floating point."""

Answer = dict[str, Any]


@dataclass
class Measured:
    """The best of some runs of each process over one data set.

    ``sql`` is None where DuckDB took too long, and empty where it was left out.
    """

    rows: int
    runs: dict[str, Answer] = field(default_factory=dict)
    sql: Answer | None = field(default_factory=dict)


def main() -> None:
    """Measure, print the table and rewrite README.md."""
    options = _options()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as temporary:
        data = options.data or Path(temporary)
        measured = [_measure(rows, data, options) for rows in options.rows]
        constructs = _measure_constructs(data / str(min(options.rows)) / "payments")
        files = _measure_reading(data / "files", min(READ_ROWS, max(options.rows)))
    parts = (_report(measured, options.date, load), _report_reading(files))
    report = "\n\n".join((*parts, _report_constructs(constructs)))
    print(report)
    _rewrite(options.out, report)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, nargs="+", default=[1_000_000, 10_000_000])
    parser.add_argument("--repeat", type=int, default=1, help="runs of each; the best counts")
    parser.add_argument("--data", type=Path, help="keep the simulated payments here")
    parser.add_argument("--out", type=Path, default=HERE / "README.md", help="file to rewrite")
    parser.add_argument("--date", default="", help="when this is, for the description")
    parser.add_argument("--no-sql", action="store_true", help="leave DuckDB out")
    return parser.parse_args()


def _measure(rows: int, data: Path, options: argparse.Namespace) -> Measured:
    folder = data / str(rows)
    payments = folder / "payments"
    if not payments.exists():
        _tell(f"simulating {rows:,} payments")
        _child("engine.py", "simulate", str(folder), str(rows))
    jobs = {"floor": ("floor.py",), "score": ("engine.py", "score")}
    jobs["shipped"] = ("engine.py", "shipped")
    if rows <= FEATURES_ROWS:
        jobs["features"] = ("engine.py", "features")
    measured = Measured(rows)
    for name, command in jobs.items():
        _tell(f"{rows:,} payments: {name}")
        measured.runs[name] = _best([*command, str(payments)], options.repeat)
    if not options.no_sql:
        _tell(f"{rows:,} payments: duckdb")
        measured.sql = _sql(str(payments))
    _compare(measured)
    return measured


def _measure_constructs(payments: Path) -> list[Answer]:
    """What each construct of the language costs over the smallest data set."""
    _tell("constructs of the language")
    command = [sys.executable, str(HERE / "constructs.py"), str(payments)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)  # noqa: S603
    return [json.loads(line) for line in done.stdout.splitlines()]


def _report_constructs(measured: list[Answer]) -> str:
    lines = [
        f"| {one['construct']} | {one['seconds']:.2f} | {one['times']:.1f} |" for one in measured
    ]
    rows = measured[0]["rows"]
    return "\n".join(
        [
            f"Evaluation of one rule with one construct, {rows:,} payments, lanes sorted anew:",
            "",
            "| construct | seconds | times a plain count |",
            "|:---|---:|---:|",
            *lines,
        ]
    )


def _measure_reading(folder: Path, rows: int) -> dict[str, Answer]:
    """Each format of file read plainly and by the engine."""
    _tell(f"writing {rows:,} payments in every format")
    folder.mkdir(parents=True, exist_ok=True)
    names = _child("reading.py", "write", str(folder), str(rows), str(READ_MESSAGES))
    measured: dict[str, Answer] = {}
    for name in names["formats"]:
        _tell(f"reading {name}")
        measured[name] = _child("reading.py", "measure", str(folder), name)
    return measured


def _report_reading(measured: dict[str, Answer]) -> str:
    return "\n".join(
        [
            "Reading and checking a file, beside a plain read of it:",
            "",
            "| file | rows | MB | plain, s | intake, s | times plain | rows/s | peak, GiB |",
            "|:---|---:|---:|---:|---:|---:|---:|---:|",
            *(
                f"| {name} | {one['rows']:,} | {one['bytes'] / 1e6:.0f} | {one['plain']:.2f} "
                f"| {one['intake']:.2f} | {one['intake'] / one['plain']:.2f} "
                f"| {one['rows'] / one['intake']:,.0f} | {one['peak'] / 2**30:.2f} |"
                for name, one in measured.items()
            ),
        ]
    )


def _best(command: list[str], repeat: int) -> Answer:
    """The fastest of some runs."""
    return min((_child(*command) for _ in range(repeat)), key=lambda answer: answer["total"])


def _sql(payments: str) -> Answer | None:
    """One run of DuckDB; None if it takes too long."""
    try:
        return _child("duckdb_features.py", payments, timeout=SQL_MINUTES * 60)
    except subprocess.TimeoutExpired:
        return None


def _child(script: str, *arguments: str, timeout: float | None = None) -> Answer:
    """What a script says."""
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(  # noqa: S603 - our own scripts
        command, check=True, stdout=subprocess.PIPE, text=True, timeout=timeout
    )
    answer: Answer = json.loads(done.stdout)
    return answer


def _compare(measured: Measured) -> None:
    """Stop if SQL and the engine do not compute the same features."""
    if "features" not in measured.runs or not measured.sql:
        return
    theirs = measured.sql["sums"]
    wrong = [
        f"{name}: {value} here, {theirs.get(name)} in SQL"
        for name, value in measured.runs["features"]["sums"].items()
        if abs(value - theirs.get(name, 0.0)) > TOLERANCE * abs(value)
    ]
    if wrong:
        sys.exit("\n".join(["the features differ from SQL:", *wrong]))


def _report(measured: list[Measured], date: str, load: float) -> str:
    scored = [(one.rows, one.runs["score"]) for one in measured]
    floors = [(one.rows, one.runs["floor"]) for one in measured]
    return "\n".join(
        [
            _machine(date, load),
            "",
            "| rows | process | seconds | times floor | million rows/s | CPU seconds | peak, GiB |",
            "|---:|:---|---:|---:|---:|---:|---:|",
            *(row for one in measured for row in _rows(one)),
            "",
            *map(_ratios, measured),
            "",
            "Seconds of each stage of `score`:",
            "",
            *_steps(scored),
            "",
            "Seconds of each step of the floor:",
            "",
            *_steps(floors),
        ]
    )


def _rows(one: Measured) -> list[str]:
    floor = one.runs["floor"]["total"]
    runs = one.runs | ({"duckdb": one.sql} if one.sql else {})
    rows = [
        f"| {one.rows:,} | {name} | {run['total']:.2f} | {run['total'] / floor:.2f} "
        f"| {one.rows / run['total'] / 1e6:.2f} | {run['cpu']:.2f} | {run['peak'] / 2**30:.2f} |"
        for name, run in runs.items()
    ]
    stopped = f"| {one.rows:,} | duckdb | more than {SQL_MINUTES * 60} | | | | |"
    return rows if one.sql is not None else [*rows, stopped]


def _ratios(one: Measured) -> str:
    score, floor = one.runs["score"]["total"], one.runs["floor"]["total"]
    text = f"- {one.rows:,} payments, {one.runs['score']['alerts']:,} alerts: "
    text += f"`score` takes {score / floor:.1f} times as long as the floor"
    if one.sql is None:
        return f"{text}, DuckDB more than {SQL_MINUTES * 60 / score:.0f} times as long as `score`."
    if one.sql:
        return f"{text}, DuckDB {one.sql['total'] / score:.1f} times as long as `score`."
    return f"{text}."


def _steps(answers: list[tuple[int, Answer]]) -> list[str]:
    names = list(answers[0][1]["seconds"])
    rows = [
        f"| {rows:,} | {' | '.join(f'{seconds:.2f}' for seconds in answer['seconds'].values())} |"
        for rows, answer in answers
    ]
    return [f"| rows | {' | '.join(names)} |", "|---:" * (len(names) + 1) + "|", *rows]


def _machine(date: str, load: float) -> str:
    """The machine, the versions, and how busy it was with other things before the run."""
    names = ("txmon", "polars", "numpy", "numba", "duckdb")
    versions = ", ".join(f"{name} {version(name)}" for name in names)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    when = f" on {date}" if date else ""
    return (
        f"Measured{when} on {cores} cores of {_processor()}, {memory:.0f} GiB of memory, "
        f"{platform.system()}, Python {platform.python_version()}, {versions}. "
        f"Load before the run: {load:.1f}."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def _rewrite(out: Path, report: str) -> None:
    """Put the report between its marks; a file without them becomes the report alone."""
    text = out.read_text() if out.exists() else f"{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    out.write_text(f"{before}{BEGIN}\n{report.strip()}\n{END}{after}")


def _tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
