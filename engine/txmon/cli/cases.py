"""``txmon test``: whether the cases beside the rules hold, and what of the rules they show."""

import re
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txmon.cli.check import FINDINGS, placed
from txmon.cli.options import Format, Shape, Verbose, existing, wrong
from txmon.cli.screen import complain, progress, show, show_json, width
from txmon.errors import OutputError
from txmon.report import cases_report, junit_report

if TYPE_CHECKING:
    from txmon.authoring import CaseReport

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)%?")
_ALL = 100


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
    coverage: Annotated[
        bool,
        typer.Option("--coverage", help="Tell which clauses were seen true, false and unknown."),
    ] = False,
    min_coverage: Annotated[
        str | None,
        typer.Option(
            "--min-coverage",
            metavar="P%",
            help="Exit with 1 if less of the outcomes was seen; tells the coverage, too.",
        ),
    ] = None,
    junit: Annotated[
        Path | None,
        typer.Option("--junit", metavar="FILE", help="Write the results as JUnit XML as well."),
    ] = None,
    shape: Shape = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Run the cases that stand beside the rules."""
    from txmon.authoring import run_cases  # noqa: PLC0415 - start-up time: loads the engine

    least = _least(min_coverage)
    asked = coverage or least is not None
    with progress(quiet=shape is Format.JSON, verbose=verbose) as tell:
        tell(f"run the cases of {path or 'the shipped pack'}")
        report = run_cases(existing(path, "PATH"), name=name, coverage=asked)
    if name is not None and not report.results and not report.findings:
        raise wrong("-k", f"no case has '{name}' in its name")
    if junit is not None:
        _write(junit, junit_report(report))
    if shape is Format.JSON:
        show_json(_report(report))
    else:
        show(cases_report(report, width=width()))
    if least is not None and (report.covered or 0) < least:
        complain(f"txmon: coverage {report.covered:.1f} %, below --min-coverage {min_coverage}")
        return FINDINGS
    return 0 if report.passed else FINDINGS


def _least(text: str | None) -> Decimal | None:
    if text is None:
        return None
    match = _PERCENT.fullmatch(text)
    if match is None or Decimal(match[1]) > _ALL:
        raise wrong("--min-coverage", f"write a percentage like 90%, found '{text}'")
    return Decimal(match[1])


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise OutputError(f"{file} cannot be written: {error.strerror or error}") from error


def _report(report: "CaseReport") -> dict[str, Any]:
    covered = report.coverage
    told = None
    if covered is not None:
        rules = [
            {"rule": rule.rule, "cases": rule.cases, "seen": rule.seen, "possible": rule.possible}
            | {"parts": [asdict(part) for part in rule.parts]}
            for rule in covered
        ]
        told = {"percent": round(report.covered or 0, 2), "rules": rules}
    return {
        "passed": sum(result.passed and result.todo is None for result in report.results),
        "failed": len(report.failed),
        "todo": len(report.todo),
        "results": [asdict(result) for result in report.results],
        "findings": [placed(finding) for finding in report.findings],
        "coverage": told,
    }
