"""``txmon check``: every error and every lint of a pack, for people, machines and code hosts."""

from dataclasses import asdict
from datetime import date
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txmon.cli.options import existing, wrong
from txmon.cli.screen import show, show_json
from txmon.report import findings_report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.errors import Finding
    from txmon.language.checked import Pack

FINDINGS = 1


class Findings(StrEnum):
    """How findings are written."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"


def check(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="A pack, a folder of it or a rule file.")
    ],
    *,
    day: Annotated[
        str | None,
        typer.Option("--day", metavar="DATE", help="Warn of exceptions that ended before it."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option("--only", metavar="CODE", help="Of lints only these: L104, L2. Repeatable."),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="CODE", help="No such lints: L104, L2, L. Repeatable."),
    ] = None,
    fail_on_warnings: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 for warnings and lints too.")
    ] = False,
    shape: Annotated[
        Findings, typer.Option("--format", help="Text for people, JSON or SARIF for machines.")
    ] = Findings.TEXT,
) -> int:
    """Report every error of every file of a pack, and what is hardly ever meant."""
    from txmon.authoring import check_files, costs  # noqa: PLC0415 - start-up time: loads Polars

    chosen = _codes("--only", only), _codes("--ignore", ignore)
    pack, every = check_files(existing(path, "PATH"), day=_day(day))
    findings = [finding for finding in every if _told(finding.code, *chosen)]
    told = [] if pack is None else list(costs(pack))
    if shape is Findings.SARIF:
        from txmon.authoring import sarif  # noqa: PLC0415 - start-up time, likewise

        show_json(sarif(findings, version("txmon")))
    elif shape is Findings.JSON:
        known = None if pack is None else _described(pack)
        show_json({"pack": known, "findings": [*map(placed, findings)], "costs": told})
    else:
        show([*findings_report(findings, pack), *(f"note: {cost}" for cost in told)])
    passed = not findings if fail_on_warnings else all(finding.warning for finding in findings)
    return 0 if passed else FINDINGS


def placed(finding: "Finding") -> dict[str, Any]:
    """A finding with its place, as JSON has it; ``end`` is the column behind its last sign."""
    place = asdict(finding.location)
    return {
        "code": str(finding.code),
        "severity": finding.severity,
        "message": finding.message,
        **place,
        "end": finding.location.column + finding.location.length,
        "source": finding.source,
        "help": finding.help,
    }


def _described(pack: "Pack") -> dict[str, Any]:
    return {"name": pack.name, "version": pack.version, "rules": [rule.id for rule in pack.rules]}


def _told(code: str, only: "Sequence[str]", ignore: "Sequence[str]") -> bool:
    """Whether a finding is wanted; errors and warnings of the pack always are."""
    if not code.startswith("L"):
        return True
    return (not only or code.startswith(tuple(only))) and not code.startswith(tuple(ignore))


def _codes(option: str, texts: "Sequence[str] | None") -> tuple[str, ...]:
    from txmon.authoring import Lint  # noqa: PLC0415 - start-up time: loads Polars

    for text in texts or ():
        if not text.startswith("L") or not any(code.startswith(text) for code in Lint):
            raise wrong(
                option,
                f"write a lint's code such as L104, or L2 for all of a series, found '{text}'",
            )
    return tuple(texts or ())


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise wrong("--day", f"expected a day such as 2026-03-01, found '{text}'") from None
