"""``txmon check`` and ``txmon test``: what is wrong with a pack, and whether its cases hold."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txmon.cli.options import Format, Shape, Verbose, existing, wrong
from txmon.cli.screen import progress, show, show_json
from txmon.report import cases_report, findings_report

if TYPE_CHECKING:
    from txmon.authoring import CaseReport
    from txmon.errors import Finding
    from txmon.language.checked import Pack

FINDINGS = 1


def check(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A pack, a folder of it or a rule file.")
    ],
    *,
    shape: Shape = Format.TEXT,
) -> int:
    """Report every error of every file of a pack."""
    from txmon.authoring import check_files  # noqa: PLC0415 - start-up time: loads Polars

    pack, findings = check_files(existing(path, "PATH"))
    if shape is Format.JSON:
        known = None if pack is None else _described(pack)
        show_json({"pack": known, "findings": [_placed(finding) for finding in findings]})
    else:
        show(findings_report(findings, pack))
    return FINDINGS if findings else 0


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


def _described(pack: "Pack") -> dict[str, Any]:
    return {"name": pack.name, "version": pack.version, "rules": [rule.id for rule in pack.rules]}


def _placed(finding: "Finding") -> dict[str, Any]:
    place = asdict(finding.location)
    return {
        "code": str(finding.code),
        "message": finding.message,
        **place,
        "source": finding.source,
        "help": finding.help,
    }


def _report(report: "CaseReport") -> dict[str, Any]:
    return {
        "passed": len(report.results) - len(report.failed),
        "failed": len(report.failed),
        "results": [asdict(result) for result in report.results],
        "findings": [_placed(finding) for finding in report.findings],
    }
