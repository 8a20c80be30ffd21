"""``txmon tune``: what a rule would raise with other values of its params."""

from importlib.util import find_spec
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
    Settings,
    Shape,
    Tuning,
    Verbose,
    existing,
    read_pairs,
    read_settings,
    wrong,
)
from txmon.cli.screen import plain_values, progress, show, show_json, width
from txmon.cli.tables import require_table, write_table

if TYPE_CHECKING:
    from txmon.authoring.tuning.run import Tuning as Tuned

CHARTS = (".html", ".png", ".svg")
Rule = Annotated[str, typer.Option("--rule", metavar="ID", help="The rule.")]
Params = Annotated[
    list[str],
    typer.Option(
        "--param",
        metavar="P=LO..HI[:STEP]",
        help="A param and the values to try, or P=1,2,5. Repeatable.",
    ),
]
Sample = Annotated[
    int, typer.Option("--sample", metavar="N", min=0, help="Show N alerts near the line.")
]
Chart = Annotated[
    Path | None, typer.Option("--chart", metavar="FILE", help="A chart: .html, .png or .svg.")
]
Grid = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="The figures of every choice: .parquet or .csv."),
]


def tune(
    inputs: Inputs,
    *,
    rule: Rule,
    params: Params,
    rules: Rules = None,
    labels: Labels = None,
    label_map: LabelMap = None,
    typologies: Typologies = None,
    honest: Honest = False,
    sample: Sample = 0,
    chart: Chart = None,
    out: Grid = None,
    mapping: Mapping = None,
    history: History = None,
    settings: Settings = None,
    tuning: Tuning = None,
    shape: Shape = Format.TEXT,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Try other values of a rule's params, all in one pass: how many alerts, and which cases."""
    from txmon.authoring import tune as sweep  # noqa: PLC0415 - start-up time: loads the engine
    from txmon.report.tune import tune_report  # noqa: PLC0415 - likewise

    _require_chart(chart)
    if out is not None:
        require_table(out)
    with progress(quiet=quiet, verbose=verbose) as tell:
        found = sweep(
            inputs,
            rule,
            read_pairs("--param", params),
            rules=existing(rules, "--rules"),
            settings=read_settings(settings or ()),
            tuning=existing(tuning, "--tuning"),
            history=history,
            mapping=mapping,
            labels=labelling(labels, label_map, typologies, honest=honest),
            sample=sample,
            progress=tell,
        )
        if out is not None:
            write_table(found.grid, out)
        if chart is not None:
            tell(f"draw {chart}")
            _draw(found, chart)
    if shape is Format.JSON:
        show_json(_content(found))
    elif not quiet:
        show(tune_report(found, width=width()))
    return 0


def _require_chart(chart: Path | None) -> None:
    if chart is None:
        return
    if chart.suffix not in CHARTS:
        raise wrong(
            "--chart", f"the name of the chart ends in .html, .png or .svg, found '{chart}'"
        )
    if find_spec("matplotlib") is None:  # told before the sweep, not after
        advice = "pip install 'txmon[charts]'"
        raise wrong("--chart", f"a chart needs the extra 'charts': {advice}")


def _draw(found: "Tuned", chart: Path) -> None:
    from txmon.report.tune_chart import draw_tuning  # noqa: PLC0415 - Matplotlib is an extra

    draw_tuning(found, chart)


def _content(found: "Tuned") -> dict[str, Any]:
    axes = [
        {"param": axis.param, "values": axis.values, "present": axis.values[axis.present]}
        for axis in found.axes
    ]
    labels = found.labels
    content: dict[str, Any] = plain_values(
        {
            "rule": found.rule,
            "pack": found.pack,
            "currency": found.currency,
            "rows": found.rows,
            "rejected": found.rejected,
            "unlabelled_is_honest": found.honest,
            "params": axes,
            "labels": None
            if labels is None
            else {"cases": labels.cases, "outside": labels.outside, "lost": labels.lost},
            "choices": found.grid.to_dicts(),
            "steps": found.steps.to_dicts(),
            "front": None if found.front is None else found.front.to_dicts(),
            "suggested": [{"reason": one.reason, "params": one.params} for one in found.suggested],
            "above": found.above.to_dicts(),
            "below": found.below.to_dicts(),
        }
    )
    return content
