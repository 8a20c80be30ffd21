"""The options of known cases, shared by the commands that hold alerts against them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from txmon.cli.options import existing, read_pairs

if TYPE_CHECKING:
    from txmon.authoring.labels import Labelling

Labels = Annotated[
    list[Path] | None,
    typer.Option("--labels", metavar="FILE", help="Known cases: .parquet or .csv. Repeatable."),
]
LabelMap = Annotated[
    str | None,
    typer.Option(
        "--label-map", metavar="OURS=THEIRS,...", help="Names of the columns of the labels."
    ),
]
Typologies = Annotated[
    list[str] | None,
    typer.Option("--typology", metavar="WORD", help="Only known cases of this one. Repeatable."),
]
Honest = Annotated[
    bool,
    typer.Option(
        "--unlabelled-is-honest", help="What has no label is innocent, as in simulated payments."
    ),
]


def labelling(
    files: Sequence[Path] | None,
    names: str | None,
    typologies: Sequence[str] | None,
    *,
    honest: bool,
) -> "Labelling | None":
    """The known cases that the options ask for; ``case=incident`` names a column of theirs."""
    from txmon.authoring.labels import Labelling  # noqa: PLC0415 - start-up time: loads Polars

    if not files:
        return None
    columns = read_pairs("--label-map", [] if names is None else names.split(","))
    found = [existing(file, "--labels") or file for file in files]
    return Labelling(found, columns, tuple(typologies or ()), honest)
