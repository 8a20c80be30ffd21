"""Which rows stand behind an alert, and where the windows that counted them begin and end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language.nodes import Span
from txmon.testing.oracle_values import is_true
from txmon.testing.oracle_windows import aggregates_behind, bounds_of_periods, counted, in_window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from txmon.language.checked import Level
    from txmon.language.nodes import Aggregate
    from txmon.testing.oracle_windows import RowPlace, Stand, World


def evidence_features(world: World, level: Level, place: RowPlace) -> list[Aggregate]:
    """The aggregates over finite windows that the true clauses of a level read."""
    true = [one.node for one in level.clauses if is_true(one.node, place)]
    behind = [aggregates_behind(world.rule, node) for node in true]
    features = {name: feature for one in behind for name, feature in one.items()}
    return [feature for feature in features.values() if feature.window.finite]


def evidence_of(
    world: World, behind: Sequence[Aggregate], stand: Stand, taken: Sequence[Stand]
) -> tuple[str, ...]:
    """The trigger, rows that paths took, and all that count; each transaction once, in order."""
    stands = {one.position: one for one in (stand, *taken)}
    for feature in behind:
        stands |= {one.position: one for one in counted(world, feature, stand) or ()}
    return tuple(stands[position].name for position in sorted(stands))


def window_bounds(world: World, feature: Aggregate, stand: Stand) -> list[tuple[int, int]]:
    """Where a finite window starts and ends; nothing if it has no timeline or holds no rows."""
    timeline = world.timeline(feature, stand)
    if timeline is None:
        return []
    window = feature.window
    if window.span is Span.TIME:
        end = stand.time - window.ending
        return [(end - window.length, end)]
    if window.span is Span.PERIODS:
        since, until = bounds_of_periods(world, window, stand.time)
        return [(since, until if window.previous else stand.time)]
    inside = in_window(world, window, feature.where, *timeline)
    return [(inside[0].time, stand.time)] if inside else []
