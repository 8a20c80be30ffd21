"""Which construct carries which rule of other systems: the tables of docs/catalogue.md.

python tests/yardstick/table.py    rewrites them
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from txmon.language.nodes import (
    Aggregate,
    Bucket,
    Call,
    ListMember,
    Lookup,
    Point,
    Span,
    This,
    walk,
)
from txmon.packs import load_pack

if TYPE_CHECKING:
    from collections.abc import Iterator

    from txmon.language.checked import Pack, Rule
    from txmon.language.nodes import Expr, FeatureNode

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "catalogue.md"
PACKS = ("catalogue", "tazama")
GROUPS = {
    "A": 11, "B": 10, "C": 10, "D": 9, "E": 6, "F": 9,
    "G": 11, "H": 8, "I": 8, "J": 5, "K": 9, "L": 3,
}  # fmt: skip
"""How many rows each group of the catalogue has."""

NOTES = {
    "D9": "said as payers who share payees; an all-to-all block of a given shape is not offered",
    "E2": "said as cycles of at most six hops; strongly connected components are not offered",
    "J5": "said as a hub whose counterparties know nobody else; account networks are not offered",
    "G11": "no rule: the row states what a bank has to repay",
}
"""Rows that are said in other words, or not at all."""

_BY_FUNCTION = ("median", "percentile", "benford", "legs", "distinct", "is_first")
_CALLS = ("edit_distance", "distance_km", "years_between", "is_multiple", "hour", "weekday")


def rows() -> tuple[str, ...]:
    """The catalogue's rows: A1 to L3."""
    return tuple(f"{group}{n}" for group, count in GROUPS.items() for n in range(1, count + 1))


def pack(name: str) -> Pack:
    """A yardstick's pack."""
    return load_pack(HERE / name)


def constructs(rule: Rule) -> tuple[str, ...]:
    """The constructs that a rule is made of, plainest first."""
    found = dict.fromkeys(_of_rule(rule), True)
    for node in rule.features.values():
        found |= dict.fromkeys(_of_feature(node, rule), True)
    return tuple(found) or ("condition",)


def _of_rule(rule: Rule) -> Iterator[str]:
    if rule.sided:
        yield "two-sided timeline"
    if len(rule.levels) > 1:
        yield "levels"
    if rule.events:
        yield "events"
    if rule.needs is not None:
        yield "needs"
    if rule.sequence is not None:
        absent = any(step.absent for step in rule.sequence.steps)
        yield "sequence with an absent step" if absent else "sequence"
    if rule.graph is not None:
        yield "graph pattern"
    if rule.sources:
        yield "rule over alerts"
    for level in rule.levels:
        yield from _of_expression(level.when)


def _of_feature(node: FeatureNode, rule: Rule) -> Iterator[str]:
    if not isinstance(node, Aggregate | Point):
        yield from _of_expression(node)
        return
    if any(probe is not None for probe in node.probes):
        yield "another timeline (by KEY = EXPR)"
    elif set(node.keys) != set(rule.by):
        yield "feature of another key"
    plain = "points" if isinstance(node, Point) else "aggregates"
    yield node.function if node.function in _BY_FUNCTION else plain
    if node.window is not None:
        yield from _of_window(node.window.span, calendar=node.window.unit is not None)
    arguments = node.arguments if isinstance(node, Aggregate) else (node.argument,)
    for part in (*arguments, node.where):
        if part is not None:
            yield from _of_expression(part)
    if isinstance(node, Aggregate) and node.inner is not None:
        yield _of_bucket(node.inner.bucket)


def _of_window(span: Span, *, calendar: bool) -> Iterator[str]:
    if calendar:
        yield "calendar window"
    elif span is Span.ROWS:
        yield "last n rows"


def _of_bucket(bucket: Bucket) -> str:
    if bucket.column:
        return "per column"
    return "per block" if bucket.unit is None else f"per {bucket.unit}"


def _of_expression(node: Expr) -> Iterator[str]:
    for part in walk(node):
        if isinstance(part, This):
            yield "this"
        elif isinstance(part, ListMember | Lookup):
            yield "lists"
        elif isinstance(part, Call) and part.function in _CALLS:
            yield part.function


def tables() -> str:
    """Both tables in Markdown."""
    catalogue, tazama = (pack(name) for name in PACKS)
    return "\n".join(
        [
            "## The catalogue",
            "",
            "| row | rule | carried by |",
            "|:---|:---|:---|",
            *(line for row in rows() for line in _lines(row, catalogue)),
            "",
            "## Tazama's rules",
            "",
            "| rule | as a rule here | carried by |",
            "|:---|:---|:---|",
            *(_line(rule.references[0].removeprefix("Tazama "), rule) for rule in tazama.rules),
            "",
        ]
    )


def _lines(row: str, catalogue: Pack) -> Iterator[str]:
    found = [rule for rule in catalogue.rules if row in rule.references]
    for rule in found:
        yield _line(row, rule)
    if not found:
        yield f"| {row} | | {NOTES[row]} |"


def _line(row: str, rule: Rule) -> str:
    note = f"; {NOTES[row]}" if row in NOTES else ""
    return f"| {row} | `{rule.id}`: {rule.title} | {', '.join(constructs(rule))}{note} |"


def page() -> str:
    """The page with its tables made anew."""
    head = re.split(r"^## The catalogue$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[0]
    return head + tables()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
