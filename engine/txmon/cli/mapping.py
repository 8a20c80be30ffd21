"""``txmon map``: a mapping drafted from a file."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from txmon.cli.options import wrong
from txmon.cli.screen import complain, show_json
from txmon.errors import OutputError


def draft(
    path: Annotated[
        str | None,
        typer.Argument(metavar="FILE", help="Payments: a Parquet or CSV file.", show_default=False),
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="The mapping; by default it is printed."),
    ] = None,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of mappings instead.")
    ] = False,
) -> int:
    """Look at a file and draft its mapping: what is sure, and questions where it is not."""
    from txmon.sources import draft_mapping, mapping_schema  # noqa: PLC0415 - start-up time

    if schema:
        show_json(mapping_schema())
        return 0
    if path is None:
        raise wrong("FILE", "give the file to draft a mapping for")
    made = draft_mapping(path)
    if out is None:
        sys.stdout.write(made.text)
    else:
        _write(made.text, out)
    questions = len(made.questions)
    columns = f"{len(made.columns)} column{'' if len(made.columns) == 1 else 's'}"
    told = f"{questions} question{'' if questions == 1 else 's'} to answer"
    complain(f"txmon: {columns} mapped, {told if questions else 'nothing to ask'}")
    return 0


def _write(text: str, out: Path) -> None:
    """Write a new file; one that is there may hold answers, so it is never written over."""
    try:
        with out.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise wrong("--out", f"'{out}' is there already; give another name") from None
    except OSError as error:
        raise OutputError(f"the mapping cannot be written to {out}: {error}") from error
