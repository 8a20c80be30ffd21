"""Results out: run folders that appear as a whole, and tables of a lake."""

from __future__ import annotations

from txmon.sinks.delta import write_delta
from txmon.sinks.runs import (
    FORMAT,
    MANIFEST,
    Manifest,
    ManifestFile,
    Run,
    Written,
    read_run,
    write_run,
)
from txmon.sinks.tables import PARTITIONS

__all__ = [
    "FORMAT",
    "MANIFEST",
    "PARTITIONS",
    "Manifest",
    "ManifestFile",
    "Run",
    "Written",
    "read_run",
    "write_delta",
    "write_run",
]
