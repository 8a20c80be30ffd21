"""Transaction monitoring: payments and a pack of rules in, alerts with their evidence out.

>>> import txmon
>>> pack = txmon.load_pack("rules")
>>> result = txmon.score("payments.parquet", pack)
>>> result.alerts
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from txmon.errors import (
    DataError,
    Finding,
    InputError,
    Location,
    OutputError,
    PackError,
    TxmonError,
)

if TYPE_CHECKING:
    from txmon.packs import check_pack, load_pack
    from txmon.plan import Plan, compile_plan
    from txmon.rehearsal import rehearse
    from txmon.scoring import Result, features, score
    from txmon.sinks import read_run, target, write_delta, write_run

__all__ = [
    "DataError",
    "Finding",
    "InputError",
    "Location",
    "OutputError",
    "PackError",
    "Plan",
    "Result",
    "TxmonError",
    "check_pack",
    "compile_plan",
    "features",
    "load_pack",
    "read_run",
    "rehearse",
    "score",
    "target",
    "write_delta",
    "write_run",
]

_HOMES = {
    **dict.fromkeys(("check_pack", "load_pack"), "txmon.packs"),
    **dict.fromkeys(("Plan", "compile_plan"), "txmon.plan"),
    **dict.fromkeys(("Result", "features", "score"), "txmon.scoring"),
    "rehearse": "txmon.rehearsal",
    **dict.fromkeys(("read_run", "target", "write_delta", "write_run"), "txmon.sinks"),
}


def __getattr__(name: str) -> object:
    """Import on first use, so that ``import txmon`` is fast and kernels load when needed."""
    if name not in _HOMES:
        raise AttributeError(f"module 'txmon' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
