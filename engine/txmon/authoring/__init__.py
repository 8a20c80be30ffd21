"""Tools for rule authors: running the cases that stand beside the rules."""

from txmon.authoring.cases import CaseReport, CaseResult, run_cases

__all__ = ["CaseReport", "CaseResult", "run_cases"]
