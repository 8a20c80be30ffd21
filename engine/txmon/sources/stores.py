"""Object stores, read by Polars: Parquet as it is, texts line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Mapping

_TEXTS = tuple(
    f".{text}{packing}"
    for text in ("csv", "tsv", "ndjson", "jsonl", "xml")
    for packing in ("", ".gz", ".zst")
)


def holds_text(url: str) -> bool:
    """Whether a URL names a text by its ending; everything else is taken for Parquet."""
    return url.partition("?")[0].endswith(_TEXTS)


def scan_store(url: str, options: Mapping[str, str]) -> pl.LazyFrame:
    """A file, glob or folder of Parquet in a store.

    Args:
        url: with a scheme that Polars knows: s3, gs, az, abfss, hf, http and others.
        options: Polars' storage options; what they leave open comes from the environment.
    """
    plain = _scan(url, options, {})
    found = plain.collect_schema()
    keys = [name for name in _scan(url, options, None).collect_schema() if name not in found]
    return _scan(url, options, dict.fromkeys(keys, pl.String())) if keys else plain


def _scan(
    url: str, options: Mapping[str, str], partitions: dict[str, pl.DataType] | None
) -> pl.LazyFrame:
    """A scan with the partition columns given, whose texts stay what they are; None finds them."""
    return pl.scan_parquet(
        url,
        storage_options=dict(options) or None,
        hive_partitioning=partitions != {},
        hive_schema=partitions or None,
        missing_columns="insert",
        cast_options=pl.ScanCastOptions(integer_cast="upcast", float_cast="upcast"),
    )


def fetch_text(url: str, options: Mapping[str, str]) -> bytes:
    """The content of a text in a store, its line ends made one kind."""
    lines = pl.scan_lines(url, glob=False, storage_options=dict(options) or None).collect()
    return "\n".join(lines["line"].to_list()).encode()
