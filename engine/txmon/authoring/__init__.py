"""Tools for rule authors: checking and locking a pack, and running the cases beside its rules."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from txmon.authoring.check import check_files
from txmon.authoring.costs import costs
from txmon.authoring.lint.codes import Lint
from txmon.authoring.lock import write_lock
from txmon.authoring.sarif import sarif

if TYPE_CHECKING:
    from txmon.authoring.backtesting.run import Backtest, backtest
    from txmon.authoring.cases.coverage import PartCoverage, RuleCoverage
    from txmon.authoring.cases.run import CaseReport, CaseResult, run_cases
    from txmon.authoring.comparing.results import Diff, RuleChange
    from txmon.authoring.comparing.run import diff
    from txmon.authoring.labels import Labelling
    from txmon.authoring.mutation.run import MutationReport, RuleScore, Verdict, run_mutants
    from txmon.authoring.mutation.telling import write_telling
    from txmon.authoring.reasons.results import ClauseSeen, FeatureSeen, RowSeen, Why
    from txmon.authoring.reasons.run import why
    from txmon.authoring.tuning.run import Tuning, tune

__all__ = [
    "Backtest",
    "CaseReport",
    "CaseResult",
    "ClauseSeen",
    "Diff",
    "FeatureSeen",
    "Labelling",
    "Lint",
    "MutationReport",
    "PartCoverage",
    "RowSeen",
    "RuleChange",
    "RuleCoverage",
    "RuleScore",
    "Tuning",
    "Verdict",
    "Why",
    "backtest",
    "check_files",
    "costs",
    "diff",
    "run_cases",
    "run_mutants",
    "sarif",
    "tune",
    "why",
    "write_lock",
    "write_telling",
]

_HOMES = {
    **dict.fromkeys(("Backtest", "backtest"), "txmon.authoring.backtesting.run"),
    **dict.fromkeys(("PartCoverage", "RuleCoverage"), "txmon.authoring.cases.coverage"),
    "Labelling": "txmon.authoring.labels",
    **dict.fromkeys(("CaseReport", "CaseResult", "run_cases"), "txmon.authoring.cases.run"),
    **dict.fromkeys(
        ("MutationReport", "RuleScore", "Verdict", "run_mutants"), "txmon.authoring.mutation.run"
    ),
    "write_telling": "txmon.authoring.mutation.telling",
    **dict.fromkeys(("Tuning", "tune"), "txmon.authoring.tuning.run"),
    **dict.fromkeys(
        ("ClauseSeen", "FeatureSeen", "RowSeen", "Why"), "txmon.authoring.reasons.results"
    ),
    **dict.fromkeys(("Diff", "RuleChange"), "txmon.authoring.comparing.results"),
    "diff": "txmon.authoring.comparing.run",
    "why": "txmon.authoring.reasons.run",
}


def __getattr__(name: str) -> object:
    """Import on first use: running cases loads the kernels, checking a pack needs none."""
    if name not in _HOMES:
        raise AttributeError(f"module 'txmon.authoring' has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
