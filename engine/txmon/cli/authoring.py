"""``txmon lock``: which logic the versions of a pack's rules stand for."""

from pathlib import Path
from typing import Annotated

import typer

from txmon.cli.check import FINDINGS, placed
from txmon.cli.options import Format, Shape, existing
from txmon.cli.screen import say, show, show_json
from txmon.report import findings_report


def lock(
    path: Annotated[Path, typer.Argument(metavar="PACK", help="The folder of a pack.")],
    *,
    shape: Shape = Format.TEXT,
) -> int:
    """Write rules.lock: which logic each rule's version stands for."""
    from txmon.authoring import write_lock  # noqa: PLC0415 - start-up time: loads Polars

    file, findings = write_lock(existing(path, "PACK") or path)
    if shape is Format.JSON:
        found = [placed(finding) for finding in findings]
        show_json({"file": None if file is None else str(file), "findings": found})
    elif file is None:
        show(findings_report(findings, None))
    else:
        say(f"{file}: written")
    return FINDINGS if file is None else 0
