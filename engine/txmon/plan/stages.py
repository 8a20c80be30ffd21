"""In which order lanes are visited, so that every visit finds what it reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from txmon.plan.parts import Condition, Feature, Lane, Stage, Windowed, closure

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def foreign(features: Mapping[str, Feature], lane: Lane, keys: Iterable[str]) -> frozenset[str]:
    """Keys of other lanes' features that must be there before ``keys`` are computed on a lane."""
    found: set[str] = set()
    seen: set[str] = set()
    pending = list(keys)
    while pending:
        key = pending.pop()
        if key in seen:
            continue
        seen.add(key)
        feature = features[key]
        if isinstance(feature, Windowed) and (feature.lane != lane or lane.probes):
            found.add(key)
        else:
            pending.extend(feature.inputs)
    return frozenset(found)


def stages(features: Mapping[str, Feature], conditions: tuple[Condition, ...]) -> list[Stage]:
    """Visits to lanes in an order in which every visit finds what it reads."""
    needed = {condition.rule.id: _judged(features, condition) for condition in conditions}
    exported = _exported(features, needed.values())
    waiting, pending, done = list(conditions), list(exported), set[str]()
    stages = []
    while waiting or pending:
        lanes = dict.fromkeys(_lanes(features, waiting, pending))
        stage = max(
            (_ready(features, lane, waiting, pending, needed, done) for lane in lanes),
            key=lambda stage: _preference(features, stage, waiting, pending),
        )
        done.update(stage.features)
        pending = [key for key in pending if key not in stage.features]
        waiting = [condition for condition in waiting if condition not in stage.rules]
        stages.append(stage)
    return stages


def _preference(
    features: Mapping[str, Feature], stage: Stage, waiting: list[Condition], pending: list[str]
) -> tuple[bool, int]:
    """A lane that needs no second visit first, then the one that does most."""
    mine = [lane for lane in _lanes(features, waiting, pending) if lane == stage.lane]
    done = len(stage.features) + len(stage.rules)
    return done == len(mine), done


def _lanes(
    features: Mapping[str, Feature], waiting: list[Condition], pending: list[str]
) -> list[Lane]:
    homes = [feature.lane for key in pending if isinstance(feature := features[key], Windowed)]
    return homes + [condition.lane for condition in waiting]


def _judged(features: Mapping[str, Feature], condition: Condition) -> frozenset[str]:
    return foreign(features, condition.lane, condition.features.values())


def _exported(features: Mapping[str, Feature], judged: Iterable[frozenset[str]]) -> list[str]:
    """Features that another lane reads, inputs first."""
    wanted = set().union(*judged)
    for feature in features.values():
        if isinstance(feature, Windowed):
            wanted |= foreign(features, feature.lane, feature.inputs)
    return [key for key in closure(features, features) if key in wanted]


def _ready(
    features: Mapping[str, Feature],
    lane: Lane,
    waiting: list[Condition],
    pending: list[str],
    needed: Mapping[str, frozenset[str]],
    done: set[str],
) -> Stage:
    """The stage that a visit to the lane could be now."""
    mine = [key for key in pending if getattr(features[key], "lane", None) == lane]
    keys = tuple(key for key in mine if foreign(features, lane, features[key].inputs) <= done)
    rules = tuple(
        condition
        for condition in waiting
        if condition.lane == lane and needed[condition.rule.id] <= done
    )
    return Stage(lane, keys, rules)
