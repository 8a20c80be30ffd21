"""``txmon diff``: two versions of a rule or a pack."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

import txmon
from txmon.cli.options import (
    Format,
    Gate,
    History,
    Mapping,
    Quiet,
    Shape,
    SkipBadFiles,
    Verbose,
    existing,
    read_gate,
    wrong,
)
from txmon.cli.screen import complain, progress, show, show_json, width
from txmon.errors import OutputError
from txmon.report import diff_report
from txmon.report.words import several

if TYPE_CHECKING:
    import polars as pl

    from txmon.authoring import Diff

FINDINGS = 1
_SAMPLE = 20
"""Alerts of each table in the JSON; the files of --out have all."""

Payments = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[INPUT...]",
        help="Payments; without any, a stream on which the versions differ is looked for.",
    ),
]
_GATE = "Exit with 1 if more alerts are {}; P% is of the alerts before."
_TABLES = ("gained", "lost", "changed")


def diff(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A pack or a rule file.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Another version of it.")],
    inputs: Payments = None,
    *,
    by: Annotated[
        str | None,
        typer.Option("--by", metavar="COLUMN", help="Count by it too: channel, severity ..."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Where gained, lost and changed are written."),
    ] = None,
    max_gained: Annotated[
        str | None,
        typer.Option("--max-gained", metavar="N|P%", help=_GATE.format("gained")),
    ] = None,
    max_lost: Annotated[
        str | None,
        typer.Option("--max-lost", metavar="N|P%", help=_GATE.format("lost")),
    ] = None,
    mapping: Mapping = None,
    history: History = None,
    skip_bad_files: SkipBadFiles = False,
    shape: Shape = Format.TEXT,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Compare two versions of a rule or a pack: their rules, and their alerts on payments."""
    limits = ("gained", max_gained), ("lost", max_lost)
    gates = [(name, read_gate(text, f"--max-{name}")) for name, text in limits]
    if not inputs:
        _refuse([("--out", out), ("--by", by), *((f"--max-{name}", gate) for name, gate in gates)])
    paths = existing(old, "OLD"), existing(new, "NEW")
    with progress(quiet=quiet or shape is Format.JSON, verbose=verbose) as tell:
        tell("load rules")
        before, after = (txmon.load_pack(path) for path in paths)
        from txmon.authoring import diff as compare  # noqa: PLC0415 - start-up time

        found = compare(
            before,
            after,
            inputs or None,
            by=by,
            history=history,
            mapping=mapping,
            skip_bad_files=skip_bad_files,
            progress=tell,
        )
        if out is not None:
            _write(found, out)
    if shape is Format.JSON:
        show_json(_plain(found))
    elif not quiet:
        show(diff_report(found, width=width()))
    return _judged(found, gates)


def _refuse(options: list[tuple[str, object]]) -> None:
    """Refuse the options that ask something of alerts."""
    for option, given in options:
        if given is not None:
            raise wrong(option, "there are no alerts without payments: name an input")


def _judged(found: "Diff", gates: list[tuple[str, Gate | None]]) -> int:
    code = 0
    for name, gate in gates:
        number = getattr(found, name).height
        if gate is not None and not gate.holds(number, found.total.old):
            allowed = f"--max-{name} allows {gate.text}"
            complain(
                f"txmon: {several(number, 'alert')} {name}, {found.total.old:,} before; {allowed}"
            )
            code = FINDINGS
    return code


def _write(found: "Diff", out: Path) -> None:
    """Write the three tables."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name in _TABLES:
            getattr(found, name).write_parquet(out / f"{name}.parquet")
    except OSError as error:
        raise OutputError(f"the tables cannot be written to {out}: {error}") from error


def _plain(found: "Diff") -> dict[str, Any]:
    """The comparison as JSON has it, with the first alerts of each table."""
    content: dict[str, Any] = {
        "old": found.old,
        "new": found.new,
        "rules": [asdict(rule) for rule in found.rules],
        "compared": list(found.compared),
        "alerts": {name: asdict(one) for name, one in found.alerts.items()},
        "total": asdict(found.total),
        "by": found.by,
        "segments": {name: asdict(one) for name, one in found.segments.items()},
        "apart": {
            name: {
                "tries": one.tries,
                "cases": one.cases,
                "events": None if one.stream is None else one.stream.events(),
                "old": None if one.stream is None else one.stream.expected(one.stream.old),
                "new": None if one.stream is None else one.stream.expected(one.stream.new),
            }
            for name, one in found.apart.items()
        },
    }
    return content | {name: _sample(getattr(found, name)) for name in _TABLES}


def _sample(table: "pl.DataFrame") -> list[dict[str, Any]]:
    kept = [
        name
        for name in (
            "rule_id",
            "event_time",
            "transaction_id",
            "subject",
            "reason",
            "because",
            "fields",
        )
        if name in table.columns
    ]
    rows = table.select(kept).head(_SAMPLE).to_dicts() if kept else []
    return [{**row, "event_time": row["event_time"].isoformat()} for row in rows]
