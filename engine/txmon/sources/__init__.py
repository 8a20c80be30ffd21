"""Payments in: files, globs, folders and frames, mapped, checked and put in order."""

from __future__ import annotations

from txmon.sources.faults import REJECTED_SCHEMA, Reason
from txmon.sources.intake import Intake, Skipped, intake
from txmon.sources.mapping import InputMapping
from txmon.sources.mapping_files import load_mapping

__all__ = [
    "REJECTED_SCHEMA",
    "InputMapping",
    "Intake",
    "Reason",
    "Skipped",
    "intake",
    "load_mapping",
]
