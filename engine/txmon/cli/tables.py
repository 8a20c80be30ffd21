"""Tables that a command writes as one file: .parquet or .csv."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from txmon.cli.options import wrong
from txmon.errors import OutputError

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

_TABLES = (".parquet", ".csv")


def require_table(out: Path) -> None:
    """Refuse a name that no table can be written to."""
    if out.suffix not in _TABLES:
        raise wrong("--out", f"the name of the table ends in .parquet or .csv, found '{out}'")
    if out.is_dir():
        raise wrong("--out", f"'{out}' is a folder; the table needs a file")


def write_table(table: pl.DataFrame, out: Path) -> None:
    """Write a table whole or not at all.

    Raises:
        OutputError: it cannot be written; an earlier file of the name is untouched.
    """
    draft = out.with_name(f".{out.name}.draft")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix == ".csv":
            table.write_csv(draft)
        else:
            table.write_parquet(draft)
        draft.replace(out)
    except OSError as error:
        raise OutputError(f"the table cannot be written to {out}: {error}") from error
    finally:  # whatever happened, a signal included
        with suppress(OSError):
            draft.unlink(missing_ok=True)
