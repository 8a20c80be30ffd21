"""What rules of a pack cost more than others, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.nodes import Aggregate
from txmon.language.separate import one_by_one

if TYPE_CHECKING:
    from txmon.language.checked import Pack


def costs(pack: Pack) -> tuple[str, ...]:
    """One line a feature whose rows are looked at one by one: which, and how many at most."""
    return tuple(
        f"{rule.id}.{name} {why}"
        for rule in pack.rules
        for name, feature in rule.features.items()
        if isinstance(feature, Aggregate) and (why := one_by_one(feature))
    )
