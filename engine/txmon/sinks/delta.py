"""Alerts merged into a Delta Lake table by their ids, so that a run told twice counts once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from txmon.errors import OutputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import polars as pl

    from txmon.sinks.runs import Written


def write_delta(
    result: Written, table: str | Path, *, storage_options: Mapping[str, str] | None = None
) -> int:
    """Merge a run's alerts into a Delta table: known ids are replaced, new ones added.

    Args:
        result: the run.
        table: path or address of the table, made if it is not there.
        storage_options: of the object store, as deltalake takes them.

    Returns:
        The version of the table after the merge.

    Raises:
        OutputError: deltalake is not installed, or the table cannot be written; it is as before.
    """
    lake = _deltalake()
    options = None if storage_options is None else dict(storage_options)
    try:
        return _merged(lake, result.alerts, str(table), options)
    except (OSError, ValueError, lake.exceptions.DeltaError) as error:
        raise OutputError(f"the alerts cannot be merged into {table}: {error}") from error


def _deltalake() -> Any:
    try:
        import deltalake  # noqa: PLC0415 - an extra: most runs go without it
    except ImportError as error:
        message = "a Delta table needs the extra 'delta': pip install 'txmon[delta]'"
        raise OutputError(message) from error
    return deltalake


def _merged(lake: Any, alerts: pl.DataFrame, table: str, options: dict[str, str] | None) -> int:
    if not lake.DeltaTable.is_deltatable(table, storage_options=options):
        lake.write_deltalake(table, alerts.clear(), mode="ignore", storage_options=options)
    target = lake.DeltaTable(table, storage_options=options)
    merge = target.merge(
        alerts,
        predicate="old.alert_id = new.alert_id",
        source_alias="new",
        target_alias="old",
        merge_schema=True,  # a later run may bring more columns of the transaction
    )
    merge.when_matched_update_all().when_not_matched_insert_all().execute()
    version: int = target.version()
    return version
