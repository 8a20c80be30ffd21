"""``--dry-run``: what a command would do, told and not done."""

from __future__ import annotations

from typing import TYPE_CHECKING

import txmon
from txmon.cli.options import Format, existing, read_settings
from txmon.cli.screen import complain, progress, show, show_json, width
from txmon.report import rehearsal_report

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from pathlib import Path

    from txmon.cli.options import Asked

STOPS = 2


def rehearse(
    asked: Asked,
    outputs: Sequence[tuple[str, str | Path]],
    *,
    data_start: datetime | None = None,
    shape: Format,
    quiet: bool,
    verbose: bool,
) -> int:
    """Tell what would run; 2 where the run would stop, else 0."""
    with progress(quiet=quiet, verbose=verbose) as tell:
        found = txmon.rehearse(
            asked.inputs,
            existing(asked.rules, "--rules"),
            settings=read_settings(asked.settings or ()),
            tuning=existing(asked.tuning, "--tuning"),
            select=asked.select or (),
            history=asked.history,
            mapping=asked.mapping,
            data_start=data_start,
            strict=asked.strict,
            skip_bad_files=asked.skip_bad_files,
            outputs=outputs,
            progress=tell,
        )
    if shape is Format.JSON:
        show_json(found.model_dump(mode="json"))
    elif quiet:
        for problem in found.problems:
            complain(f"txmon: {problem}")
    else:
        show(rehearsal_report(found, width=width()))
    return 0 if found.would_run else STOPS
