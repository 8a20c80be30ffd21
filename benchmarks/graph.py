"""Graph patterns on a graph with hubs: the engine, equi-joins, and snapml where it is installed.

    python benchmarks/graph.py                                  measures and rewrites README.md
    python benchmarks/graph.py --snapml OTHER/bin/python        snapml from another environment
    python benchmarks/graph.py measure FILE PATTERN             one pattern, as JSON

Accounts pay and are paid by a Zipf law, so that a few are hubs both ways; payments fall anywhere
in thirty days; amounts are anything. Each pattern is measured in a process of its own, from the
frame to the alerts, kernels loaded beforehand. Cycles of 2 and 3 are also found by self-joins, and
have to be the same ones. Of snapml (IBM's graph features) each pattern runs for some seconds only:
what it computes is not the same, so the figures say what kind of work is dear, not who is faster.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from txmon.evaluate import Carry, evaluate
from txmon.packs import load_pack
from txmon.plan import compile_plan

HERE = Path(__file__).parent
BEGIN, END = "<!-- graph: begin -->", "<!-- graph: end -->"
ACCOUNTS, DAYS, SKEW, SEED = 30_000, 30, 0.8, 1
DAY = 86_400_000_000
GUARD = 60
"""Seconds after which a process of snapml is stopped."""

HEAD = """\
id: graph
version: 1.0.0
title: A pattern
typology: test.graph
severity: low
status: stable
"""
PATTERNS = {
    "cycle, 2 to 3 hops, 24h": "graph: {cycle: {hops: 2..3, within: 24h}}",
    "cycle, 2 to 4 hops, 24h": "graph: {cycle: {hops: 2..4, within: 24h}}",
    "cycle, 3 to 5 hops, 72h, keep": (
        "graph: {cycle: {hops: 3..5, within: 72h, keep: 80%..100%}}\nwhen: amount_cv < 0.25"
    ),
    "chain, 3 to 6 hops, 24h, keep": (
        "graph: {chain: {hops: 3..6, within: 24h, keep: 80%..100%}}\n"
        "alert: {subject: last, suppress: 24h}"
    ),
    "chain, 3 to 6 hops, 7d, keep, through": (
        "features:\n"
        "  degree: distinct(counterparty) by account over 30d\n"
        "  uses: count() by account over 30d\n"
        "graph: {chain: {hops: 3..6, within: 7d, hold: 24h, keep: 80%..100%, "
        "through: degree <= 3 and uses <= 3}}"
    ),
    "scatter-gather, 3 middles, 24h": (
        "graph: {scatter_gather: {middles: 3.., within: 24h}}\n"
        "alert: {subject: last, suppress: 24h}"
    ),
    "scatter-gather, 3 middles, 24h, keep": (
        "graph: {scatter_gather: {middles: 3.., within: 24h, keep: 80%..100%}}"
    ),
    "shared device, 3 others, 24h": (
        "graph: {shared: {via: device_id, others: 3.., within: 24h}}\nalert: {suppress: 24h}"
    ),
}
JOINED = "cycle, 2 to 3 hops, 24h"
SNAPML = ("scatter-gather", "temp-cycle")


def main() -> None:
    """Measure, print the table and rewrite README.md."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "payments.parquet"
        payments(options.edges).write_parquet(file)
        rows = [_measured(file, name) for name in PATTERNS]
        rows += [_measured(file, "joins")]
        if rows[-1]["hits"] != rows[0]["hits"]:
            sys.exit(f"cycles differ: {rows[0]['hits']} here, {rows[-1]['hits']} by joins")
        if _has_snapml(options.snapml):
            rows += [_snapml(options.snapml, file, name) for name in SNAPML]
    report = _report(options.edges, rows)
    print(report)
    text = options.out.read_text()
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    options.out.write_text(f"{before}{BEGIN}\n{report}\n{END}{after}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--edges", type=int, default=400_000)
    parser.add_argument("--snapml", default=sys.executable, help="a Python that has snapml")
    parser.add_argument("--out", type=Path, default=HERE / "README.md", help="file to rewrite")
    return parser.parse_args()


def payments(edges: int) -> pl.DataFrame:
    """Payments in storage form and in order."""
    random = np.random.default_rng(SEED)
    weights = 1 / np.arange(1, ACCOUNTS + 1) ** SKEW
    sides = [random.choice(ACCOUNTS, edges, p=weights / weights.sum()) for _ in range(2)]
    differ = sides[0] != sides[1]
    debtor, creditor = (side[differ] for side in sides)
    size = debtor.size
    seconds = np.sort(random.integers(0, DAYS * 86_400, size))
    amount = random.integers(100, 100_000, size) * 10_000
    names = pl.Series([f"a{number:06d}" for number in range(ACCOUNTS)])
    devices = pl.Series([f"d{number:06d}" for number in range(ACCOUNTS // 2)])
    times = pl.Series(1_770_000_000_000_000 + seconds * 1_000_000).cast(pl.Datetime("us"))
    return pl.DataFrame(
        {
            "transaction_id": pl.Series([f"t{number:08d}" for number in range(size)]),
            "event_time": times.dt.replace_time_zone("UTC"),
            "debtor_account": names.gather(debtor),
            "creditor_account": names.gather(creditor),
            "amount": amount,
            "original_amount": amount,
            "device_id": devices.gather(random.integers(0, ACCOUNTS // 2, size)),
        }
    ).with_columns(currency=pl.lit("EUR"), kind=pl.lit("transfer"), history=pl.lit(value=False))


def measure(file: str, name: str) -> dict[str, Any]:
    """One pattern by the engine, or cycles by joins: seconds, hits, rows whose search was cut."""
    frame = pl.read_parquet(file)
    if name == "joins":
        begin = time.perf_counter()
        return {"hits": _joins(frame), "cut": 0, "seconds": time.perf_counter() - begin}
    with tempfile.TemporaryDirectory() as folder:
        pack = Path(folder)
        (pack / "pack.yaml").write_text(
            "name: bench\nversion: 1.0.0\ncurrency: EUR\ntimezone: UTC\n"
        )
        (pack / "rule.yaml").write_text(HEAD + PATTERNS[name])
        plan = compile_plan(load_pack(pack), frame.columns)
    evaluate(plan, Carry(), frame[:1000])
    begin, busy = time.perf_counter(), time.process_time()
    said = evaluate(plan, Carry(), frame)
    seconds, cpu = time.perf_counter() - begin, time.process_time() - busy
    hits, cut = said.outcomes["graph"]["hit"], said.causes["graph"].get("search_bound", 0)
    return {"hits": hits, "cut": cut, "seconds": seconds, "cpu": cpu}


def _joins(frame: pl.DataFrame) -> int:
    """How many payments close a cycle of 2 or 3 hops within 24 hours, by self-joins."""
    edges = frame.select(
        pl.int_range(pl.len()).alias("n"),
        pl.col("event_time").to_physical().alias("t"),
        pl.col("debtor_account").cast(pl.Categorical).to_physical().alias("a"),
        pl.col("creditor_account").cast(pl.Categorical).to_physical().alias("b"),
    ).lazy()
    later = pl.col("n_2") > pl.col("n"), pl.col("t_2") - pl.col("t") <= DAY
    two = edges.join(edges, left_on="b", right_on="a", suffix="_2", coalesce=False).filter(*later)
    closed = two.filter(pl.col("b_2") == pl.col("a")).select(pl.col("n_2").alias("closing"))
    third = two.filter(pl.col("b_2") != pl.col("a")).join(
        edges, left_on=["b_2", "a"], right_on=["a", "b"], suffix="_3"
    )
    after = pl.col("n_3") > pl.col("n_2"), pl.col("t_3") - pl.col("t") <= DAY
    three = third.filter(*after).select(pl.col("n_3").alias("closing"))
    return pl.concat([closed, three]).unique().collect().height


def _measured(file: Path, name: str) -> dict[str, Any]:
    print(name, file=sys.stderr, flush=True)
    command = [sys.executable, __file__, "measure", str(file), name]
    return {"name": name, **_child(command)}


def _has_snapml(python: str) -> bool:
    """Whether a Python has snapml; says so where it has not."""
    found = subprocess.run([python, "-c", "import snapml"], check=False, capture_output=True)  # noqa: S603
    if found.returncode:
        print("snapml is not installed and is left out", file=sys.stderr, flush=True)
    return found.returncode == 0


def _snapml(python: str, file: Path, name: str) -> dict[str, Any]:
    """What snapml gets through in a while; nothing where it is missing or hangs."""
    print("snapml", name, file=sys.stderr, flush=True)
    edges = file.with_suffix(".npy")
    frame = pl.read_parquet(file)
    accounts = pl.concat([frame["debtor_account"], frame["creditor_account"]]).rank("dense")
    columns = (np.arange(frame.height), *np.split(accounts.to_numpy(), 2))
    seconds = frame["event_time"].to_physical().to_numpy() // 1_000_000
    np.save(edges, np.column_stack([*columns, seconds]).astype(np.float64))
    try:
        done = _child([python, str(HERE / "graph_snapml.py"), str(edges), name], timeout=GUARD)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError):
        return {"name": f"snapml {name}", "failed": True}
    return {"name": f"snapml {name}", **done}


def _child(command: list[str], timeout: float | None = None) -> dict[str, Any]:
    done = subprocess.run(  # noqa: S603 - our own scripts
        command, check=True, stdout=subprocess.PIPE, text=True, timeout=timeout
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _report(edges: int, rows: list[dict[str, Any]]) -> str:
    lines = [
        f"{edges:,} payments among {ACCOUNTS:,} accounts in {DAYS} days:",
        "",
        "| pattern | seconds | CPU seconds | payments/s | payments/CPU s | closing | cut |",
        "|:---|---:|---:|---:|---:|---:|---:|",
    ]
    return "\n".join([*lines, *(_line(edges, row) for row in rows)])


def _line(edges: int, row: dict[str, Any]) -> str:
    if row.get("failed"):
        return f"| {row['name']} | not there, or over {GUARD} s | | | | | |"
    done = row.get("edges", edges)
    counts = [f"{row[key]:,}" if key in row else "" for key in ("hits", "cut")]
    return (
        f"| {row['name']} | {row['seconds']:.2f} | {row['cpu']:.2f} "
        f"| {done / row['seconds']:,.0f} | {done / row['cpu']:,.0f} | {counts[0]} | {counts[1]} |"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        answer = measure(*sys.argv[2:])
        answer.setdefault("cpu", resource.getrusage(resource.RUSAGE_SELF).ru_utime)
        print(json.dumps(answer))
    else:
        main()
