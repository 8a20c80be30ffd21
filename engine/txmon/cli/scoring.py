"""``txmon score`` and ``txmon features``: payments in, a run or a table of features out."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import txmon
from txmon.cli.options import (
    DataStart,
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
    existing,
    read_gate,
    read_settings,
    read_sink,
    read_time,
    wrong,
)
from txmon.cli.screen import complain, progress, say, show, show_json, width
from txmon.errors import OutputError
from txmon.report import run_report

if TYPE_CHECKING:
    import polars as pl

    from txmon.language.checked import Pack
    from txmon.results import Counts
    from txmon.scoring import Result

FINDINGS = 1
_TABLES = (".parquet", ".csv")

T = TypeVar("T")


def score(
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
    shape: Shape = Format.TEXT,
    quiet: Quiet = False,
) -> int:
    """Score payments: write alerts, rejected rows and a summary into a folder."""
    gate, start, table = read_gate(max_rejected), read_time(data_start), read_sink(sink)
    if out.exists() and not out.is_dir():
        raise wrong("--out", f"'{out}' is a file; a run needs a folder")
    with progress(quiet=quiet) as tell:
        pack, loading = _timed(lambda: _load(rules, settings, tuning, select, tell))
        tell("load engine")
        run, starting = _timed(lambda: txmon.score)
        result = run(
            inputs,
            pack,
            history=history,
            mapping=mapping,
            data_start=start,
            strict=strict,
            skip_bad_files=skip_bad_files,
            progress=tell,
        )
        result = _with_seconds(result, before={"load rules": loading, "load engine": starting})
        tell("write")
        manifest, writing = _timed(
            lambda: txmon.write_run(
                result, out, hits=hits, partition_by=partition_by, zone=pack.timezone
            )
        )
        if table is not None:
            txmon.write_delta(result, table)
    result = _with_seconds(result, after={"write": writing})
    if shape is Format.JSON:
        show_json(result.summary.model_dump(mode="json") | {"manifest": str(manifest)})
    elif not quiet:
        show(run_report(result, pack.timezone, _files(manifest), width=width()))
    return _judged(gate, result.summary.counts)


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
    quiet: Quiet = False,
) -> int:
    """Write every feature of every rule at every payment the rule applies to."""
    if out.suffix not in _TABLES:
        raise wrong("--out", f"the name of the table ends in .parquet or .csv, found '{out}'")
    if out.is_dir():
        raise wrong("--out", f"'{out}' is a folder; the table needs a file")
    with progress(quiet=quiet) as tell:
        pack = _load(rules, settings, tuning, select, tell)
        table = txmon.features(
            inputs,
            pack,
            history=history,
            mapping=mapping,
            strict=strict,
            skip_bad_files=skip_bad_files,
            progress=tell,
        )
        tell("write")
        _write_table(table, out)
    if not quiet:
        say(f"{out}: {table.height:,} rows, {table.width:,} columns")
    return 0


def _load(
    rules: Path | None,
    settings: Sequence[str] | None,
    tuning: Path | None,
    select: Sequence[str] | None,
    tell: Callable[[str], None],
) -> "Pack":
    tell("load rules")
    params = read_settings(settings or ())
    return txmon.load_pack(
        existing(rules, "--rules"),
        settings=params,
        tuning=existing(tuning, "--tuning"),
        select=select or (),
    )


def _timed(action: Callable[[], T]) -> tuple[T, float]:
    begin = time.perf_counter()
    done = action()
    return done, time.perf_counter() - begin


def _with_seconds(
    result: "Result",
    *,
    before: dict[str, float] | None = None,
    after: dict[str, float] | None = None,
) -> "Result":
    """The result with the times of stages that the command itself ran; its own times count."""
    first = before or {}
    known = {name: took for name, took in result.summary.seconds.items() if name not in first}
    stages = first | known | (after or {})
    return replace(result, summary=result.summary.model_copy(update={"seconds": stages}))


def _files(manifest: Path) -> dict[Path, int | None]:
    """The manifest and the files it names, with their rows."""
    content = json.loads(manifest.read_text(encoding="utf-8"))
    folder = manifest.parent / content["run"]
    return {manifest: None} | {folder / file["name"]: file["rows"] for file in content["files"]}


def _judged(gate: Gate | None, counts: "Counts") -> int:
    if gate is None or gate.holds(counts.rejected, counts.read):
        return 0
    told = f"{counts.rejected:,} of {counts.read:,} rows are rejected"
    complain(f"txmon: {told}; --max-rejected allows {gate.text}")
    return FINDINGS


def _write_table(table: "pl.DataFrame", out: Path) -> None:
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
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise OutputError(f"the table cannot be written to {out}: {error}") from error
