"""Which features or definitions need each other in a circle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.language import syntax
from txmon.language.parse_feature import parse_feature
from txmon.language.problems import ExpressionError

if TYPE_CHECKING:
    from collections.abc import Mapping


def circles(texts: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """For each name that needs itself, the shortest way back to it, the name first and last."""
    needs = {name: _names(text) & set(texts) for name, text in texts.items()}
    ways = {name: _way_back(name, needs) for name in texts}
    return {name: way for name, way in ways.items() if way}


def whole_circles(ways: Mapping[str, tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Each circle once, told from the first of its names."""
    seen: set[frozenset[str]] = set()
    told: list[tuple[str, ...]] = []
    for way in ways.values():
        if frozenset(way) not in seen:
            told.append(way)
        seen.add(frozenset(way))
    return tuple(told)


def _names(text: str) -> set[str]:
    try:
        tree = parse_feature(text)
    except ExpressionError:
        return set()
    return {node.name for node in syntax.walk(tree) if isinstance(node, syntax.Name | syntax.This)}


def _way_back(name: str, needs: Mapping[str, set[str]]) -> tuple[str, ...]:
    came_from: dict[str, str] = {}
    waiting = [name]
    while waiting:
        current = waiting.pop(0)
        for needed in sorted(needs[current]):
            if needed == name:
                return (*_way(name, current, came_from), name)
            if needed not in came_from:
                came_from[needed] = current
                waiting.append(needed)
    return ()


def _way(name: str, last: str, came_from: Mapping[str, str]) -> tuple[str, ...]:
    way = [last]
    while way[0] != name:
        way.insert(0, came_from[way[0]])
    return tuple(way)
