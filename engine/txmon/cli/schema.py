"""``txmon schema``: JSON Schemas of the files of a pack, for editors."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from txmon.cli.options import wrong
from txmon.cli.screen import say, show_json
from txmon.errors import OutputError


class Kind(StrEnum):
    """Kinds of files that have a schema."""

    RULE = "rule"
    PACK = "pack"
    TUNING = "tuning"
    CASES = "cases"
    EXCEPTIONS = "exceptions"
    MAPPING = "mapping"


def schema(
    kind: Annotated[
        Kind | None, typer.Argument(metavar="[KIND]", help=f"One of {', '.join(Kind)}.")
    ] = None,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="A folder for the schemas; KIND, or all."),
    ] = None,
) -> int:
    """Print the JSON Schema of a kind of file, or write the schemas to a folder."""
    from txmon.authoring.schemas import schema_of, schema_text  # noqa: PLC0415 - start-up time

    if out is None:
        if kind is None:
            raise wrong("KIND", f"say of which file: {', '.join(Kind)}; or give --out for all")
        show_json(schema_of(kind))
        return 0
    for one in Kind if kind is None else (kind,):
        target = out / f"{one}.schema.json"
        try:
            out.mkdir(parents=True, exist_ok=True)
            target.write_text(schema_text(one), encoding="utf-8")
        except OSError as error:
            raise OutputError(f"the schema cannot be written to {target}: {error}") from error
        say(f"{target}: written")
    return 0
