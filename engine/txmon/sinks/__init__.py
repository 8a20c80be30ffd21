"""Results out: run folders that appear as a whole, and tables of a lake."""

from __future__ import annotations

from txmon.sinks.delta import write_delta
from txmon.sinks.runs import (
    FORMAT,
    MANIFEST,
    RECORD,
    Manifest,
    ManifestFile,
    Run,
    Written,
    read_run,
    write_run,
)
from txmon.sinks.tables import PARTITIONS
from txmon.sinks.targets import Target, target

__all__ = [
    "FORMAT",
    "MANIFEST",
    "PARTITIONS",
    "RECORD",
    "Manifest",
    "ManifestFile",
    "Run",
    "Target",
    "Written",
    "read_run",
    "target",
    "write_delta",
    "write_run",
]
