"""What snapml's graph features get through of a file of edges in some seconds, printed as JSON.

    python benchmarks/graph_snapml.py EDGES.npy PATTERN

It needs numpy and snapml and nothing of txmon, so it can run in another environment.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np
from snapml import GraphFeaturePreprocessor

BATCH, SECONDS, THREADS, WINDOW = 2048, 20, 2, 86_400


def main() -> None:
    """Feed batches in order until the time is over."""
    edges = np.load(sys.argv[1])
    graph = GraphFeaturePreprocessor()
    parameters = dict.fromkeys(("fan", "degree", "scatter-gather", "temp-cycle"), False)
    parameters |= {"lc-cycle": False, "vertex_stats": False, sys.argv[2]: True}
    times = {"time_window": WINDOW, f"{sys.argv[2]}_tw": WINDOW}
    graph.set_params({**graph.get_params(), **parameters, **times, "num_threads": THREADS})
    begin, busy, done = time.perf_counter(), time.process_time(), 0
    while done < len(edges) and time.perf_counter() - begin < SECONDS:
        graph.transform(edges[done : done + BATCH])
        done = min(done + BATCH, len(edges))
    seconds, cpu = time.perf_counter() - begin, time.process_time() - busy
    print(json.dumps({"edges": done, "seconds": seconds, "cpu": cpu}))


if __name__ == "__main__":
    main()
