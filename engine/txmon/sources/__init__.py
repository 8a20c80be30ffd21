"""Payments in: files, globs, folders and frames, mapped, checked and put in order."""

from __future__ import annotations

from txmon.sources.drafting import draft_mapping
from txmon.sources.faults import REJECTED_SCHEMA, Reason
from txmon.sources.intake import Intake, Skipped, intake
from txmon.sources.mapping import InputMapping
from txmon.sources.mapping_files import load_mapping, mapping_stamp
from txmon.sources.mapping_schema import mapping_schema
from txmon.sources.sketch import Draft
from txmon.sources.survey import FileSeen, Survey, survey

__all__ = [
    "REJECTED_SCHEMA",
    "Draft",
    "FileSeen",
    "InputMapping",
    "Intake",
    "Reason",
    "Skipped",
    "Survey",
    "draft_mapping",
    "intake",
    "load_mapping",
    "mapping_schema",
    "mapping_stamp",
    "survey",
]
