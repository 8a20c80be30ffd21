"""Transaction monitoring: payments and a pack of rules in, alerts with their evidence out.

>>> import txmon
>>> pack = txmon.load_pack("rules")
>>> result = txmon.score("payments.parquet", pack)
>>> result.alerts
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
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
    from txmon.evaluate import Carry, Evaluation, evaluate
    from txmon.packs import check_pack, load_pack
    from txmon.plan import Plan, compile_plan
    from txmon.score import Result, features, score
    from txmon.sinks import read_run, write_run

__all__ = [
    "Carry",
    "DataError",
    "Evaluation",
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
    "evaluate",
    "features",
    "load_pack",
    "read_run",
    "score",
    "write_run",
]

_HOMES = {
    **dict.fromkeys(("Carry", "Evaluation", "evaluate"), "txmon.evaluate"),
    **dict.fromkeys(("check_pack", "load_pack"), "txmon.packs"),
    **dict.fromkeys(("Plan", "compile_plan"), "txmon.plan"),
    **dict.fromkeys(("Result", "features", "score"), "txmon.score"),
    **dict.fromkeys(("read_run", "write_run"), "txmon.sinks"),
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


class _Package(ModuleType):
    """Keeps ``txmon.score`` and ``txmon.evaluate`` the functions.

    Importing a sub-module sets it as an attribute of its package, and two of ours bear the name
    of the function within.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _HOMES and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
