"""A run to be written, made up."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from txmon.results import Counts, Fingerprint, Summary, Versions

SUMMARY = Summary(
    versions=Versions(txmon="0.1.0", python="3.11", polars="2", pyarrow="24", numba="0.68"),
    pack="telefraud",
    pack_version="1.2.0",
    pack_hash="ab" * 32,
    counts=Counts(read=3, accepted=2, rejected=1),
    history=Counts(),
    data_start=None,
    first_event_time=None,
    last_event_time=None,
    alerts=2,
    hits=3,
    rules=(),
    seconds={"read": 0.25},
    inputs=(Fingerprint(name="päy.csv", rows=3, bytes=10, sha256="cd" * 32),),
    parameters={"drip": {"span": "24h"}},
)


@dataclass(frozen=True)
class Made:
    """A run with alerts of a test's own."""

    alerts: pl.DataFrame
    hits: pl.DataFrame = field(default_factory=lambda: pl.DataFrame({"hit": [1]}))
    rejected: pl.DataFrame = field(default_factory=lambda: pl.DataFrame({"row": [7]}))
    shadow_alerts: pl.DataFrame = field(default_factory=pl.DataFrame)
    summary: Summary = SUMMARY
