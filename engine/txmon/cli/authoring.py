"""``txmon check`` and ``lock``: what is wrong with a pack, and which logic its versions are."""

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from txmon.cli.options import Format, Shape, existing, wrong
from txmon.cli.screen import say, show, show_json
from txmon.report import findings_report

if TYPE_CHECKING:
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
        placed = [placed_finding(finding) for finding in findings]
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
        placed = [placed_finding(finding) for finding in findings]
        show_json({"file": None if file is None else str(file), "findings": placed})
    elif file is None:
        show(findings_report(findings, None))
    else:
        say(f"{file}: written")
    return FINDINGS if file is None else 0


def _described(pack: "Pack") -> dict[str, Any]:
    return {"name": pack.name, "version": pack.version, "rules": [rule.id for rule in pack.rules]}


def placed_finding(finding: "Finding") -> dict[str, Any]:
    """A finding with its place, for JSON."""
    place = asdict(finding.location)
    return {
        "code": str(finding.code),
        "message": finding.message,
        **place,
        "source": finding.source,
        "help": finding.help,
    }
