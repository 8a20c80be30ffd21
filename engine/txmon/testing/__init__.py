"""Tools that test the engine, and that banks may test their own rule packs with."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from txmon.testing.assertions import assert_alerts
    from txmon.testing.factories import START
    from txmon.testing.inputs import transactions
    from txmon.testing.random_streams import streams
    from txmon.testing.second_opinion import oracle
    from txmon.testing.strategies import packs

__all__ = ["START", "assert_alerts", "oracle", "packs", "streams", "transactions"]

_HOMES = {
    "START": "txmon.testing.factories",
    "assert_alerts": "txmon.testing.assertions",
    "oracle": "txmon.testing.second_opinion",
    "packs": "txmon.testing.strategies",
    "streams": "txmon.testing.random_streams",
    "transactions": "txmon.testing.inputs",
}


def __getattr__(name: str) -> object:
    """Import on first use: Hypothesis is loaded for strategies only."""
    if name not in _HOMES:
        raise AttributeError(f"module 'txmon.testing' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
