"""``txmon score`` and ``txmon features``: payments in, a run or a table of features out."""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import typer

import txmon
from txmon.cli.environment import in_force
from txmon.cli.loading import load
from txmon.cli.occasion import Occasion
from txmon.cli.options import (
    Asked,
    DataStart,
    DryRun,
    Format,
    Gate,
    History,
    Hits,
    Inputs,
    Mapping,
    MaxRejected,
    PartitionBy,
    Quiet,
    Rules,
    RunFolder,
    Select,
    Settings,
    Shape,
    Sink,
    SkipBadFiles,
    Strict,
    Table,
    Tuning,
    Verbose,
    read_gate,
    read_sink,
    read_time,
    wrong,
)
from txmon.cli.rehearsal import rehearse
from txmon.cli.screen import complain, progress, say, show, show_json, width
from txmon.cli.tables import require_table, write_table
from txmon.errors import OutputError
from txmon.report import run_report

if TYPE_CHECKING:
    from txmon.language.checked import Pack
    from txmon.results import Counts
    from txmon.scoring import Result

FINDINGS = 1

T = TypeVar("T")


def score(
    context: typer.Context,
    inputs: Inputs,
    *,
    out: RunFolder,
    rules: Rules = None,
    mapping: Mapping = None,
    history: History = None,
    settings: Settings = None,
    tuning: Tuning = None,
    select: Select = None,
    data_start: DataStart = None,
    max_rejected: MaxRejected = None,
    hits: Hits = False,
    partition_by: PartitionBy = None,
    sink: Sink = None,
    strict: Strict = False,
    skip_bad_files: SkipBadFiles = False,
    dry_run: DryRun = False,
    shape: Shape = Format.TEXT,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Score payments: write alerts, rejected rows and what tells of the run into a folder."""
    occasion = Occasion.begins(in_force(context))
    gate, start, table = read_gate(max_rejected), read_time(data_start), read_sink(sink)
    if out.exists() and not out.is_dir():
        raise wrong("--out", f"'{out}' is a file; a run needs a folder")
    asked = Asked(inputs, rules, mapping, history, settings, tuning, select, strict, skip_bad_files)
    places: list[tuple[str, str | Path]] = [("run", out)]
    places += [] if table is None else [("delta", table)]
    if dry_run:
        return rehearse(asked, places, data_start=start, shape=shape, quiet=quiet, verbose=verbose)
    with progress(quiet=quiet, verbose=verbose) as tell:
        _require_writable(places)
        result, pack = _evaluated(asked, start, tell)
        tell(f"write {out}")
        occasion.writes()
        by = None if partition_by is None else str(partition_by)
        manifest = txmon.write_run(
            result, out, hits=hits, partition_by=by, zone=pack.timezone, closing=occasion.close
        )
        if table is not None:
            tell(f"merge into {table}")
            txmon.write_delta(result, table)
    result = replace(result, summary=occasion.closed or result.summary)
    if shape is Format.JSON:
        show_json(result.summary.model_dump(mode="json") | {"manifest": str(manifest)})
    elif not quiet:
        show(run_report(result, pack.timezone, _files(manifest), width=width()))
    return _judged(gate, result.summary.counts, manifest)


def _evaluated(
    asked: Asked, start: datetime | None, tell: Callable[[str], None]
) -> "tuple[Result, Pack]":
    """The result, with the times of what the command itself did before the engine began."""
    pack, loading = _timed(lambda: load(asked, tell))
    tell("load engine")
    run, starting = _timed(lambda: txmon.score)
    result = run(
        asked.inputs,
        pack,
        history=asked.history,
        mapping=asked.mapping,
        data_start=start,
        strict=asked.strict,
        skip_bad_files=asked.skip_bad_files,
        progress=tell,
    )
    seconds = {"load rules": loading, "load engine": starting}
    later = {name: took for name, took in result.summary.seconds.items() if name not in seconds}
    summary = result.summary.model_copy(update={"seconds": seconds | later})
    return replace(result, summary=summary), pack


def features(
    inputs: Inputs,
    *,
    out: Table,
    rules: Rules = None,
    mapping: Mapping = None,
    history: History = None,
    settings: Settings = None,
    tuning: Tuning = None,
    select: Select = None,
    strict: Strict = False,
    skip_bad_files: SkipBadFiles = False,
    dry_run: DryRun = False,
    shape: Shape = Format.TEXT,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Write every feature of every rule at every payment the rule applies to."""
    require_table(out)
    asked = Asked(inputs, rules, mapping, history, settings, tuning, select, strict, skip_bad_files)
    places: list[tuple[str, str | Path]] = [("table", out)]
    if dry_run:
        return rehearse(asked, places, shape=shape, quiet=quiet, verbose=verbose)
    with progress(quiet=quiet, verbose=verbose) as tell:
        _require_writable(places)
        table = txmon.features(
            asked.inputs,
            load(asked, tell),
            history=asked.history,
            mapping=asked.mapping,
            strict=asked.strict,
            skip_bad_files=asked.skip_bad_files,
            progress=tell,
        )
        tell(f"write {out}")
        write_table(table, out)
    if shape is Format.JSON:
        show_json({"file": str(out), "rows": table.height, "columns": table.columns})
    elif not quiet:
        say(f"{out}: {table.height:,} rows, {table.width:,} columns")
    return 0


def _require_writable(places: Sequence[tuple[str, str | Path]]) -> None:
    """Stop before hours of work that could not be written, not after them.

    Raises:
        OutputError: one of the places cannot be written.
    """
    for kind, path in places:
        problem = txmon.target(kind, path).problem
        if problem is not None:
            raise OutputError(problem)


def _timed(action: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    done = action()
    return done, time.perf_counter() - begin


def _files(manifest: Path) -> dict[Path, int | None]:
    """The manifest, the file that tells of the run, and the tables with their rows."""
    content = json.loads(manifest.read_text(encoding="utf-8"))
    folder = manifest.parent / content["run"]
    tables = {folder / file["name"]: file["rows"] for file in content["files"]}
    return {manifest: None, **tables, folder / "run.json": None}


def _judged(gate: Gate | None, counts: "Counts", manifest: Path) -> int:
    if gate is None or gate.holds(counts.rejected, counts.read):
        return 0
    told = f"{counts.rejected:,} of {counts.read:,} rows are rejected"
    where = f"the run is written all the same: {manifest}"
    complain(f"txmon: {told}; --max-rejected allows {gate.text}; {where}")
    return FINDINGS
