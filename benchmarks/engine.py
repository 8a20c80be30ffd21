"""One measurement of the engine in a process of its own, printed as JSON.

    python benchmarks/engine.py simulate FOLDER ROWS    writes the payments, measures nothing
    python benchmarks/engine.py score FOLDER            payments in, alerts out
    python benchmarks/engine.py shipped FOLDER          the same by the shipped rules
    python benchmarks/engine.py features FOLDER         every feature at every payment, and its sum

The rules are those of benchmarks/pack, which stay as they are, so that versions can be compared.
Kernels are compiled and loaded before the clock starts.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from txmon import features, kernels, load_pack, score
from txmon.simulate import write

if TYPE_CHECKING:
    from collections.abc import Callable

PACK = Path(__file__).parent / "pack"


def run_simulate(folder: str, rows: str) -> dict[str, object]:
    """Write payments into a folder."""
    return {"folder": str(write(folder, transactions=int(rows)).payments)}


def run_score(folder: str, rules: Path | None = PACK) -> dict[str, object]:
    """Seconds in total and per stage, and the number of alerts."""
    begin = time.perf_counter()
    result = score(folder, load_pack(rules))
    total = time.perf_counter() - begin
    return {
        "total": total,
        "seconds": dict(result.summary.seconds),
        "alerts": result.alerts.height,
    }


def run_features(folder: str) -> dict[str, object]:
    """Seconds in total, and the sum of each feature."""
    begin = time.perf_counter()
    frame = features(folder, load_pack(PACK))
    total = time.perf_counter() - begin
    return {"total": total, "sums": {name: _sum(frame[name]) for name in frame.columns[2:]}}


def run_shipped(folder: str) -> dict[str, object]:
    """As ``run_score`` with the shipped rules."""
    return run_score(folder, None)


def _sum(values: pl.Series) -> float:
    if values.dtype.is_temporal():
        values = values.to_physical()
    return float(values.cast(pl.Float64).sum())


def main() -> None:
    """Run what the first argument says."""
    kernels.compile_all()
    actions: dict[str, Callable[..., dict[str, object]]] = {
        "simulate": run_simulate,
        "score": run_score,
        "shipped": run_shipped,
        "features": run_features,
    }
    answer = actions[sys.argv[1]](*sys.argv[2:])
    used = resource.getrusage(resource.RUSAGE_SELF)
    process = {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}
    print(json.dumps(answer | process))


if __name__ == "__main__":
    main()
