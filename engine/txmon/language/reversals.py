"""Rules that leave out reversed payments: what may be asked of them, and what that means.

A reversal leaves with what it reverses: the rule does not see it, and from its place on no window
of an aggregate counts the payment that it names. What was judged before stays as it was judged.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from txmon.language.nodes import Aggregate, Column, Compare, Expr, Logic, Span, This
from txmon.language.problems import Code
from txmon.types import INT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from txmon.language.nodes import FeatureNode
    from txmon.language.problems import Faults
    from txmon.model import RuleDocument

COUNT, LEAVE_OUT = "count", "leave_out"
REVERSES = "reverses"
PLACE = "#place"
"""The number of a row in the order of all rows; names with # are the engine's own."""

UNDONE = "#undone:"
"""How the column begins that has the place of a row's reversal, beyond all places without one.
Behind it stand the kinds of rows without money that may be one."""


def undone_name(events: tuple[str, ...]) -> str:
    """The column of the places of reversals, for rules that see rows without money of kinds."""
    return UNDONE + ",".join(sorted(events))


def standing(node: Aggregate, events: tuple[str, ...]) -> Aggregate:
    """The aggregate over rows that are not reversed before the payment being judged."""
    undone: Expr = Column(INT, undone_name(events))
    stands = Compare("<", This(INT, Column(INT, PLACE)), undone)
    where = stands if node.where is None else Logic("and", (node.where, stands))
    return replace(node, where=where)


def check_reversals(
    document: RuleDocument, features: Mapping[str, FeatureNode], faults: Faults
) -> None:
    """Report what cannot leave out reversed payments."""
    if document.reversals != LEAVE_OUT:
        return
    if document.sources:
        message = "an alert is never taken back, so a rule over alerts has none to leave out"
        faults.key(("reversals",), Code.REVERSALS, message)
    for key in ("sequence", "graph"):
        if getattr(document, key) is not None:
            message = f"a {key} takes payments as they were made, reversed later or not"
            advice = "to leave out the reversals alone write where: is_null(reverses)"
            faults.key(("reversals",), Code.REVERSALS, message, advice)
    for name, node in features.items():
        problem = _problem(node)
        if problem:
            faults.whole(("features", name), Code.REVERSALS, *problem)


def _problem(node: FeatureNode) -> tuple[str, str] | None:
    if not isinstance(node, Aggregate):
        return None
    if node.inner is not None:
        return "reversed payments cannot be left out of groups", "aggregate without per"
    if node.window.span is Span.ALL:
        message = "all time keeps no payments, so none can be left out later"
        return message, "give it a window such as over 365d"
    if node.window.matching:
        return "which payments match changes with reversals, so the latest cannot be kept", (
            "write over last n, or a window of time"
        )
    return None
