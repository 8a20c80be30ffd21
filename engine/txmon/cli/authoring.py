"""``txmon lock`` and ``test``: what a pack's versions stand for, whether its cases hold."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txmon.cli.check import FINDINGS, placed
from txmon.cli.options import Format, Shape, Verbose, existing, wrong
from txmon.cli.screen import progress, say, show, show_json
from txmon.report import cases_report, findings_report

if TYPE_CHECKING:
    from txmon.authoring import CaseReport


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


def run_tests(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]", help="A folder or a case file.", show_default="the shipped pack"
        ),
    ] = None,
    *,
    name: Annotated[
        str | None,
        typer.Option(
            "-k", "--name", metavar="NAME", help="Only cases with this in 'rule: case name'."
        ),
    ] = None,
    shape: Shape = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Run the cases that stand beside the rules."""
    from txmon.authoring import run_cases  # noqa: PLC0415 - start-up time: loads the engine

    with progress(quiet=shape is Format.JSON, verbose=verbose) as tell:
        tell(f"run the cases of {path or 'the shipped pack'}")
        report = run_cases(existing(path, "PATH"), name=name)
    if name is not None and not report.results and not report.findings:
        raise wrong("-k", f"no case has '{name}' in its name")
    if shape is Format.JSON:
        show_json(_report(report))
    else:
        show(cases_report(report))
    return 0 if report.passed else FINDINGS


def _report(report: "CaseReport") -> dict[str, Any]:
    return {
        "passed": len(report.results) - len(report.failed),
        "failed": len(report.failed),
        "results": [asdict(result) for result in report.results],
        "findings": [placed(finding) for finding in report.findings],
    }
