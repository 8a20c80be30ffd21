"""Run folders: a run's files appear as a whole, or not at all.

Everything is written to a hidden staging folder and flushed, the folder is renamed into place,
and one atomic rename of ``manifest.json`` makes it the run that readers see. Readers trust the
manifest only. One writer at a time holds a lock on the output folder.

The folder is named after its tables. ``run.json`` tells of the run, with times that differ each
time it is done, and has no part in the name: a run done again writes the same tables, stays where
it is, and its ``run.json`` is replaced by one atomic rename.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl
from pydantic import ConfigDict, ValidationError

from txmon.errors import InputError, OutputError
from txmon.results import Frozen, Summary
from txmon.sinks.tables import ALERTS, PARTITIONS, Division, is_file_name, table_files

try:
    import fcntl
except ImportError:  # pragma: no cover  no such locks there; the renames are atomic all the same
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

MANIFEST = "manifest.json"
"""Name of the file in the output folder that says which run counts."""

RECORD = "run.json"
"""Name of the file in a run's folder that tells of the run: its ``Summary``."""

FORMAT = 1
"""Version of the manifest and of the layout it describes."""

_STAGING = ".staging-"
_RUN = re.compile(r"run-[0-9a-f]{16}")
_BLOCK = 1 << 20


class Written(Protocol):
    """What a run hands to be written: ``txmon.score`` returns one."""

    @property
    def alerts(self) -> pl.DataFrame:
        """One row per alert."""

    @property
    def shadow_alerts(self) -> pl.DataFrame:
        """One row per alert of a rule in shadow."""

    @property
    def hits(self) -> pl.DataFrame:
        """One row per hit."""

    @property
    def rejected(self) -> pl.DataFrame:
        """One row per rejected input row."""

    @property
    def summary(self) -> Summary:
        """The run in numbers."""


class ManifestFile(Frozen):
    """One table of a run as a file."""

    name: str
    rows: int
    bytes: int
    sha256: str


class Manifest(Frozen):
    """Which run an output folder holds, and the tables of it."""

    model_config = ConfigDict(extra="ignore")  # a later version may say more

    format: int
    run: str
    files: tuple[ManifestFile, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """A run read back; ``hits`` is None if they were not written.

    ``shadow_alerts`` is None if no rule of the pack was in shadow.
    """

    folder: Path
    manifest: Manifest
    alerts: pl.DataFrame
    shadow_alerts: pl.DataFrame | None
    rejected: pl.DataFrame
    hits: pl.DataFrame | None
    summary: Summary


def write_run(
    result: Written,
    out: str | Path,
    *,
    hits: bool = False,
    partition_by: str | None = None,
    zone: str = "UTC",
    closing: Callable[[Summary], Summary] | None = None,
) -> Path:
    """Write a run into the folder ``out`` and make it the one that counts.

    Args:
        result: alerts, hits, rejected rows and summary. The alerts of rules in shadow go to a file
            of their own, ``shadow_alerts.parquet``.
        out: the output folder, made if it is not there.
        hits: whether to write the hits too.
        partition_by: ``date`` or ``rule`` for a folder of alerts with a file for each:
            ``alerts/date=2026-03-01/part.parquet``.
        zone: whose calendar the dates are of.
        closing: called with the summary once the tables are on disk, for what is known only
            then, such as when the run ended; what it returns is written.

    Returns:
        The path of the manifest.

    Raises:
        OutputError: it cannot be written; an earlier run in the folder is untouched.
        ValueError: ``partition_by`` is neither.
    """
    if partition_by not in (None, *PARTITIONS):
        raise ValueError(f"partition_by is one of {', '.join(PARTITIONS)}, not {partition_by!r}")
    folder, division = Path(out), Division(partition_by, zone)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(folder):
            return _written(result, folder, division, closing or _as_it_is, hits=hits)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise OutputError(f"the run cannot be written to {folder}: {error}") from error


def read_run(out: str | Path) -> Run:
    """The run that the manifest of an output folder names.

    Raises:
        InputError: there is none, or its files are not those that the manifest describes.
    """
    manifest = manifest_of(Path(out))
    if manifest is None:
        raise InputError(f"{out} holds no run: it has no readable {MANIFEST}")
    folder = Path(out) / manifest.run
    for file in manifest.files:
        _verify(folder / file.name, file)
    names = {file.name for file in manifest.files}
    return Run(
        folder=folder,
        manifest=manifest,
        alerts=_alerts(folder, manifest),
        shadow_alerts=_table(folder, "shadow_alerts.parquet", names),
        rejected=pl.read_parquet(folder / "rejected.parquet"),
        hits=_table(folder, "hits.parquet", names),
        summary=_record(folder / RECORD),
    )


def _table(folder: Path, name: str, names: Collection[str]) -> pl.DataFrame | None:
    return pl.read_parquet(folder / name) if name in names else None


def _record(path: Path) -> Summary:
    try:
        return Summary.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        raise InputError(f"{path} is missing, though the manifest names its folder") from None
    except ValidationError as error:
        raise InputError(f"{path} does not tell of a run: {error}") from error


def _as_it_is(summary: Summary) -> Summary:
    return summary


def _alerts(folder: Path, manifest: Manifest) -> pl.DataFrame:
    """The alerts of one file, or of every part."""
    names = [file.name for file in manifest.files if file.name.startswith(ALERTS)]
    paths = [folder / name for name in names]
    return pl.concat([pl.read_parquet(path, hive_partitioning=False) for path in paths])


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold the folder against other writers; the lock ends with the process at the latest."""
    if fcntl is None:  # pragma: no cover
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise OutputError(f"another run is being written to {folder}") from error
        yield
    finally:
        os.close(handle)


def _written(
    result: Written,
    folder: Path,
    division: Division,
    closing: Callable[[Summary], Summary],
    *,
    hits: bool,
) -> Path:
    if (folder / MANIFEST).exists() and manifest_of(folder) is None:
        raise OutputError(f"{folder / MANIFEST} is none of ours; give a folder of its own")
    _sweep(folder)
    staging = folder / f"{_STAGING}{os.getpid()}"
    try:
        staging.mkdir()
        manifest = _staged(result, staging, division, hits=hits)
        _tell(closing(result.summary), staging)
        _place(staging, folder / manifest.run)
        _publish(manifest, folder)
    finally:  # whatever happened, what no manifest names goes: the old run, or the new one
        _sweep(folder)
    return folder / MANIFEST


def _staged(result: Written, staging: Path, division: Division, *, hits: bool) -> Manifest:
    """Write every table of the run to the staging folder."""
    summary = result.summary
    tables = {"alerts": result.alerts, "rejected": result.rejected}
    if any(rule.status == "shadow" for rule in summary.rules):
        tables["shadow_alerts"] = result.shadow_alerts
    if hits:
        tables["hits"] = result.hits
    rows: dict[str, int] = {}
    for name, path, table in table_files(tables, division):
        if "/" in path:
            (staging / path).parent.mkdir(parents=True, exist_ok=True)
        table.write_parquet(staging / path, metadata=_metadata(name, summary))
        rows[path] = table.height
    files = tuple(_described(staging, name, count) for name, count in rows.items())
    return Manifest(format=FORMAT, run=_run_name(files), files=files)


def _tell(summary: Summary, staging: Path) -> None:
    """Write what tells of the run."""
    path = staging / RECORD
    path.write_text(summary.model_dump_json(indent=2) + "\n", encoding="utf-8")
    _flush(path)


def _metadata(name: str, summary: Summary) -> dict[str, str]:
    """What a table's file says about the run it came from."""
    inputs = [stamp.model_dump() for stamp in summary.inputs]
    return {
        "txmon.table": name,
        "txmon.engine_version": summary.versions.txmon,
        "txmon.pack": summary.pack,
        "txmon.pack_version": summary.pack_version,
        "txmon.pack_hash": summary.pack_hash,
        "txmon.parameters": _json(summary.parameters),
        "txmon.inputs": _json(inputs),
    }


def _json(value: Mapping[str, object] | list[dict[str, object]]) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False)


def _described(staging: Path, name: str, rows: int) -> ManifestFile:
    path = staging / name
    _flush(path)
    return ManifestFile(name=name, rows=rows, bytes=path.stat().st_size, sha256=_sha256(path))


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _run_name(files: tuple[ManifestFile, ...]) -> str:
    """A name made of the tables, so that equal runs share a folder."""
    content = "\n".join(f"{file.name} {file.sha256}" for file in files)
    return f"run-{hashlib.sha256(content.encode()).hexdigest()[:16]}"


def _place(staging: Path, target: Path) -> None:
    """Move the staged files to the run's folder; equal tables may be there already."""
    for inner in (path for path in staging.rglob("*") if path.is_dir()):
        _flush(inner)
    _flush(staging)
    if target.exists() and _same(staging, target):
        (staging / RECORD).replace(target / RECORD)
        _flush(target)
        return
    if target.exists():  # damaged from outside: out of the way, to be swept
        target.rename(staging.with_name(f"{staging.name}-damaged"))
    staging.rename(target)
    _flush(target.parent)


def _same(staging: Path, target: Path) -> bool:
    ours, theirs = (
        {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        for folder in (staging, target)
    )
    tables = ours - {Path(RECORD)}
    return tables == theirs - {Path(RECORD)} and all(
        _sha256(staging / name) == _sha256(target / name) for name in tables
    )


def _publish(manifest: Manifest, folder: Path) -> None:
    """The one atomic step: from here on readers see this run."""
    draft = folder / f"{_STAGING}{os.getpid()}.json"
    draft.write_text(manifest.model_dump_json(indent=2) + "\n", encoding="utf-8")
    _flush(draft)
    draft.replace(folder / MANIFEST)
    _flush(folder)


def _flush(path: Path) -> None:
    """Have the system put a file, or a folder's entries, on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Remove what the manifest does not name: other runs, and the staging of runs that died."""
    manifest = manifest_of(folder)
    for path in folder.iterdir():
        stale = _RUN.fullmatch(path.name) and (manifest is None or path.name != manifest.run)
        if stale or path.name.startswith(_STAGING):
            _remove(path)


def _remove(path: Path) -> None:
    """Leftovers that cannot be removed stay for the next run: nobody reads them."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink()


def manifest_of(folder: Path) -> Manifest | None:
    """The manifest of an output folder, if there is one of ours."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValidationError):
        return None
    return manifest if _RUN.fullmatch(manifest.run) else None


def _verify(path: Path, file: ManifestFile) -> None:
    if not is_file_name(file.name) or not path.is_file():
        raise InputError(f"{path} is missing, though the manifest names it")
    if path.stat().st_size != file.bytes or _sha256(path) != file.sha256:
        raise InputError(f"{path} is not the file that the manifest describes")
