"""What it means for the oracle that a payment was taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from txmon.language.checked import Rule
    from txmon.testing.oracle_windows import Row, Stand, World


def is_reversal(rule: Rule, row: Row) -> bool:
    """Whether a row that the rule could see takes another back."""
    seen = row.get("amount") is not None or row.get("kind") in rule.events
    return seen and row.get("reverses") is not None


def undone(world: World, stand: Stand, judged: Stand) -> bool:
    """Whether a counted payment was taken back before the one being judged, or with it."""
    if not world.rule.unreversed:
        return False
    since = world.rows[stand.position + 1 : judged.position + 1]
    name = stand.row["transaction_id"]
    return any(is_reversal(world.rule, row) and row["reverses"] == name for row in since)
