"""``txmon check``, ``lock`` and ``test``: what is wrong with a pack, and whether its cases hold."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txmon.cli.options import Format, Shape, Verbose, existing, wrong
from txmon.cli.screen import progress, say, show, show_json
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
    day: Annotated[
        str | None,
        typer.Option("--day", metavar="DATE", help="Warn of exceptions that ended before it."),
    ] = None,
    shape: Shape = Format.TEXT,
) -> int:
    """Report every error of every file of a pack."""
    from txmon.authoring import check_files, costs  # noqa: PLC0415 - start-up time: loads Polars

    pack, findings = check_files(existing(path, "PATH"), day=_day(day))
    told = [] if pack is None else list(costs(pack))
    if shape is Format.JSON:
        known = None if pack is None else _described(pack)
        placed = [_placed(finding) for finding in findings]
        show_json({"pack": known, "findings": placed, "costs": told})
    else:
        show([*findings_report(findings, pack), *(f"note: {cost}" for cost in told)])
    return 0 if all(finding.warning for finding in findings) else FINDINGS


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise wrong("--day", f"expected a day such as 2026-03-01, found '{text}'") from None


def lock(
    path: Annotated[Path, typer.Argument(metavar="PACK", help="The folder of a pack.")],
    *,
    shape: Shape = Format.TEXT,
) -> int:
    """Write rules.lock: which logic each rule's version stands for."""
    from txmon.authoring import write_lock  # noqa: PLC0415 - start-up time: loads Polars

    file, findings = write_lock(existing(path, "PACK") or path)
    if shape is Format.JSON:
        placed = [_placed(finding) for finding in findings]
        show_json({"file": None if file is None else str(file), "findings": placed})
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
