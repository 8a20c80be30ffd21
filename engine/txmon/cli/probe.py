"""``txmon probe``: what rules do just inside, at and just outside each of their boundaries."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from txmon.cli.check import placed
from txmon.cli.options import Format, Shape, Verbose, wrong
from txmon.cli.screen import progress, say, show, show_json, width
from txmon.report import probe_report
from txmon.report.words import several

if TYPE_CHECKING:
    from txmon.authoring.probing import Boundary, Point, Probe

FINDINGS = 1


def probe(
    rule: Annotated[
        str | None,
        typer.Argument(
            metavar="[RULE_OR_PATH]",
            help="A pack, a folder of it, a rule file, or the id of a shipped rule.",
            show_default="the shipped pack",
        ),
    ] = None,
    *,
    name: Annotated[
        str | None, typer.Option("-k", "--name", metavar="NAME", help="Only rules with this in id.")
    ] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Add the streams to the rules' case files.")
    ] = False,
    shape: Shape = Format.TEXT,
    verbose: Verbose = False,
) -> int:
    """Show what rules do just inside, at and just outside each boundary."""
    from txmon.authoring import probing  # noqa: PLC0415 - start-up time: loads the engine

    with progress(quiet=shape is Format.JSON, verbose=verbose) as tell:
        probes, findings = probing.run_probes(rule, name=name, tell=tell)
    if not probes and not findings:
        told = (
            f"no rule has '{name}' in its id" if name else f"no path and no shipped rule '{rule}'"
        )
        raise wrong("-k" if name else "RULE_OR_PATH", told)
    written = [probing.write_cases(one) for one in probes] if write and not findings else []
    if shape is Format.JSON:
        files = [{"file": str(file), "added": added} for file, added in written]
        told_findings = [placed(finding) for finding in findings]
        show_json(
            {"rules": [_rule(one) for one in probes], "written": files, "findings": told_findings}
        )
    else:
        show(probe_report(probes, findings, width()))
        for file, added in written:
            say(f"{file}: {several(added, 'case')} added" if added else f"{file}: has them all")
    return FINDINGS if findings or not all(one.fired for one in probes) else 0


def _rule(probe: "Probe") -> dict[str, Any]:
    return {
        "rule": probe.rule,
        "file": probe.path,
        "fired": probe.fired,
        "points": probe.asked,
        "reached": probe.reached,
        "boundaries": [_boundary(one) for one in probe.boundaries],
    }


def _boundary(boundary: "Boundary") -> dict[str, Any]:
    return {
        "kind": boundary.kind,
        "place": boundary.place,
        "text": boundary.text,
        "points": [_point(one) for one in boundary.points],
        "not_reached": boundary.missing,
    }


def _point(point: "Point") -> dict[str, Any]:
    return {
        "position": point.position,
        "value": point.value,
        "fires": point.fires,
        "known": point.known,
        "events": point.stream.events(),
        "expect": point.stream.expected(point.stream.old),
    }
