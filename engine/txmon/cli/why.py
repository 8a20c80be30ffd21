"""``txmon why``: what a rule saw at each transaction of an entity."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txmon.cli.loading import load
from txmon.cli.options import (
    Asked,
    Format,
    History,
    Inputs,
    Mapping,
    Quiet,
    Rules,
    Settings,
    Shape,
    SkipBadFiles,
    Tuning,
    Verbose,
    wrong,
)
from txmon.cli.screen import complain, progress, show, show_json, width
from txmon.report import why_report

if TYPE_CHECKING:
    from txmon.authoring import RowSeen, Why

_PLOTS = (".png", ".svg", ".html")


def why(
    inputs: Inputs,
    *,
    rule: Annotated[str, typer.Option("--rule", metavar="ID", help="The rule to ask.")],
    entity: Annotated[
        str, typer.Option("--entity", metavar="NAME", help="An account, or whatever it goes by.")
    ],
    at: Annotated[
        str | None,
        typer.Option(
            "--at",
            metavar="ID|TIME",
            help="One transaction in full: its id, or the last one until a time.",
        ),
    ] = None,
    last: Annotated[
        int | None,
        typer.Option("--last", metavar="N", min=1, help="Only its latest N transactions."),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="A picture too: .png, .svg or .html."),
    ] = None,
    rules: Rules = None,
    mapping: Mapping = None,
    history: History = None,
    settings: Settings = None,
    tuning: Tuning = None,
    skip_bad_files: SkipBadFiles = False,
    shape: Shape = Format.TEXT,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> int:
    """Say why a rule fired at an entity or did not, and how far it was from firing."""
    _check_plot(plot)
    asked = Asked(inputs, rules, mapping, history, settings, tuning, None, False, skip_bad_files)
    with progress(quiet=quiet or shape is Format.JSON, verbose=verbose) as tell:
        pack = load(asked, tell)
        from txmon.authoring import why as ask  # noqa: PLC0415 - start-up time: loads the engine

        answer = ask(
            asked.inputs,
            pack,
            rule=rule,
            entity=entity,
            at=at,
            last=last,
            history=asked.history,
            mapping=asked.mapping,
            skip_bad_files=asked.skip_bad_files,
            progress=tell,
        )
        if plot is not None:
            tell(f"draw {plot}")
            _draw(answer, plot)
    if shape is Format.JSON:
        show_json(_plain(answer))
    elif not quiet:
        show(why_report(answer, width=width()))
    return 0


def _check_plot(plot: Path | None) -> None:
    """Tell before the work what is wrong with the name of a picture, not after it."""
    if plot is None:
        return
    if plot.suffix not in _PLOTS:
        raise wrong("--plot", f"the name ends in {', '.join(_PLOTS)}, found '{plot}'")
    if find_spec("matplotlib") is None:
        advice = "a picture needs the extra 'charts': pip install 'txmon[charts]'"
        raise wrong("--plot", advice)


def _draw(answer: "Why", plot: Path) -> None:
    from txmon.report.why_plot import plot_why  # noqa: PLC0415 - an extra that most go without

    plot_why(answer, plot)
    complain(f"txmon: {plot} is drawn")


def _plain(answer: "Why") -> dict[str, Any]:
    """The answer as JSON has it."""
    content = asdict(answer)
    content["rows"] = [_row(row) for row in answer.rows]
    content["detail"] = None if answer.detail is None else _row(answer.detail)
    return content


def _row(row: "RowSeen") -> dict[str, Any]:
    found: dict[str, Any] = _value(asdict(row))
    return found


def _value(value: Any) -> Any:
    """A value as JSON has it: times in ISO 8601, decimals as they are written."""
    if isinstance(value, dict):
        return {name: _value(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_value(part) for part in value]
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
