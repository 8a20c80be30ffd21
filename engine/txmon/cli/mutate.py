"""``txmon mutate``: which small changes to a rule its cases would not notice."""

import re
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txmon.cli.check import placed
from txmon.cli.options import Format, Shape, Verbose, existing, wrong
from txmon.cli.screen import complain, progress, show, show_json, width
from txmon.report import mutation_report

if TYPE_CHECKING:
    from txmon.authoring import MutationReport, RuleScore, Verdict

FINDINGS = 1
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,9})?)%")


def mutate(
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[PATH]",
            help="A pack, a folder of it or a rule file.",
            show_default="the shipped pack",
        ),
    ] = None,
    *,
    name: Annotated[
        str | None, typer.Option("-k", "--name", metavar="NAME", help="Only rules with this in id.")
    ] = None,
    min_score: Annotated[
        str | None,
        typer.Option(
            "--min-score", metavar="P%", help="Exit with 1 if fewer of 100 mutants are noticed."
        ),
    ] = None,
    streams: Annotated[
        int,
        typer.Option(
            "--streams",
            metavar="N",
            min=0,
            help="For so many survivors, look for a case that would notice them.",
        ),
    ] = 10,
    write: Annotated[
        bool, typer.Option("--write", help="Add those cases to the case files.")
    ] = False,
    shape: Shape = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Change rules in one small place each, and say which changes no case notices."""
    from txmon.authoring import run_mutants, write_telling  # noqa: PLC0415 - start-up time: loads the engine

    least = _percent(min_score)
    with progress(quiet=shape is Format.JSON, verbose=verbose) as tell:
        report = run_mutants(existing(path, "PATH"), name=name, streams=streams, tell=tell)
    if name is not None and not report.rules and not report.findings:
        raise wrong("-k", f"no rule has '{name}' in its id")
    if shape is Format.JSON:
        show_json(_report(report))
    else:
        show(mutation_report(report, width()))
    for score in report.rules if write else ():
        file, number = write_telling(score)
        if number:
            complain(f"txmon: {file}: cases added: {number}; confirm what they expect")
    enough = least is None or 100 * report.killed >= least * report.counted
    if not enough:
        complain(f"txmon: --min-score asks for {min_score}")
    return 0 if enough and not report.findings else FINDINGS


def _percent(text: str | None) -> Decimal | None:
    match = None if text is None else _PERCENT.fullmatch(text)
    if text is not None and (match is None or Decimal(match[1]) > 100):  # noqa: PLR2004 - percent
        raise wrong("--min-score", f"write a percentage like 95%, found '{text}'")
    return None if match is None else Decimal(match[1])


def _report(report: "MutationReport") -> dict[str, Any]:
    return {
        "mutants": report.counted,
        "killed": report.killed,
        "score": round(report.score, 2),
        "rules": [_score(rule) for rule in report.rules],
        "findings": [placed(finding) for finding in report.findings],
    }


def _score(rule: "RuleScore") -> dict[str, Any]:
    return {
        "rule": rule.rule,
        "file": rule.file,
        "cases": rule.cases,
        "mutants": rule.counted,
        "killed": rule.killed,
        "results": [_verdict(verdict) for verdict in rule.verdicts],
    }


def _verdict(verdict: "Verdict") -> dict[str, Any]:
    return {
        "id": verdict.mutant.id,
        "change": verdict.mutant.change,
        "killed_by": verdict.killed_by,
        "claimed": verdict.claim,
        "case": verdict.case,
        "line": verdict.place.location.line,
        "column": verdict.place.location.column,
    }
