"""Run duckdb_features.sql over a folder of Parquet and print the seconds and sums as JSON.

    python benchmarks/duckdb_features.py FOLDER

DuckDB has two threads, as many as the engine is measured with. The memory it takes is its own
choice; what it cannot hold goes to a temporary folder.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import duckdb

SQL = Path(__file__).with_suffix(".sql")
RATES = Path(__file__).parent / "pack" / "rates.csv"
THREADS = 2


def main() -> None:
    """Run every query once."""
    sums: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as spill:
        connection = duckdb.connect(config={"threads": THREADS, "temp_directory": spill})
        files = str(Path(sys.argv[1]) / "*.parquet").replace("'", "''")
        connection.execute(f"CREATE VIEW payments AS FROM read_parquet('{files}')")
        connection.execute("SET VARIABLE rates = $path", {"path": str(RATES)})
        begin = time.perf_counter()
        for statement in connection.extract_statements(SQL.read_text()):
            answer = connection.execute(statement)
            if statement.type == duckdb.StatementType.SELECT:
                names = [column[0] for column in answer.description]
                sums |= dict(zip(names, map(float, answer.fetchone() or ()), strict=True))
        total = round(time.perf_counter() - begin, 3)
    used = resource.getrusage(resource.RUSAGE_SELF)
    process = {"cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss * 1024}
    print(json.dumps({"total": total, **process, "sums": sums}))


if __name__ == "__main__":
    main()
