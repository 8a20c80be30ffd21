"""``txmon backtest``: what a pack's rules find of known cases, how early, and what they add."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txmon.cli.labels import Honest, LabelMap, Labels, Typologies, labelling
from txmon.cli.options import (
    Format,
    History,
    Inputs,
    Mapping,
    Quiet,
    Rules,
    Select,
    Settings,
    Shape,
    Tuning,
    Verbose,
    existing,
    read_settings,
    wrong,
)
from txmon.cli.screen import plain_values, progress, show, show_json, width
from txmon.cli.tables import write_table

if TYPE_CHECKING:
    import polars as pl

    from txmon.authoring.backtesting.run import Backtest

By = Annotated[
    list[str] | None,
    typer.Option("--by", metavar="COLUMN", help="Divide the cases by a label column. Repeatable."),
]
Folder = Annotated[
    Path | None, typer.Option("--out", metavar="DIR", help="A folder for the tables (Parquet).")
]


def backtest(
    inputs: Inputs,
    *,
    rules: Rules = None,
    labels: Labels = None,
    label_map: LabelMap = None,
    typologies: Typologies = None,
    honest: Honest = False,
    by: By = None,
    out: Folder = None,
    mapping: Mapping = None,
    history: History = None,
    settings: Settings = None,
    tuning: Tuning = None,
    select: Select = None,
    shape: Shape = Format.TEXT,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Hold a pack's alerts against known cases: what each rule finds, how early, what it adds."""
    from txmon.authoring import backtest as hold  # noqa: PLC0415 - start-up time: loads the engine
    from txmon.report.backtest import backtest_report  # noqa: PLC0415 - likewise

    if out is not None and out.exists() and not out.is_dir():
        raise wrong("--out", f"'{out}' is a file; the tables need a folder")
    with progress(quiet=quiet, verbose=verbose) as tell:
        found = hold(
            inputs,
            rules=existing(rules, "--rules"),
            settings=read_settings(settings or ()),
            tuning=existing(tuning, "--tuning"),
            select=select or (),
            history=history,
            mapping=mapping,
            labels=labelling(labels, label_map, typologies, honest=honest),
            by=by or (),
            progress=tell,
        )
        if out is not None:
            tell(f"write {out}")
            for name, table in _tables(found).items():
                write_table(table, out / f"{name}.parquet")
    if shape is Format.JSON:
        show_json(_content(found))
    elif not quiet:
        show(backtest_report(found, width=width()))
    return 0


def _tables(found: "Backtest") -> "dict[str, pl.DataFrame]":
    names = ("rules", "rule_typologies", "case_typologies", "overlap", "finds", "missed", "by")
    tables = {name: getattr(found, name) for name in names}
    return {name: table for name, table in tables.items() if table is not None}


def _content(found: "Backtest") -> dict[str, Any]:
    labels = found.labels
    counted = labels and {"cases": labels.cases, "outside": labels.outside, "lost": labels.lost}
    head = {
        "pack": found.pack,
        "currency": found.currency,
        "rows": found.rows,
        "rejected": found.rejected,
        "days": found.days,
        "unlabelled_is_honest": found.honest,
        "labels": counted,
        "all_rules": found.whole,
        "unavailable": found.unavailable,
        "drafts": found.drafts,
    }
    tables = {name: table.to_dicts() for name, table in _tables(found).items()}
    content: dict[str, Any] = plain_values(head | tables)
    return content
