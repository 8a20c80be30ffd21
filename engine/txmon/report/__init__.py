"""What people look at: runs, findings and case results as text that someone else prints."""

from __future__ import annotations

from txmon.report.cases import cases_report
from txmon.report.diff import diff_report
from txmon.report.findings import findings_report
from txmon.report.junit import junit_report
from txmon.report.mutate import mutation_report
from txmon.report.probe import probe_report
from txmon.report.rehearsal import rehearsal_report
from txmon.report.summary import run_report
from txmon.report.tables import WIDTH, page_of, plain
from txmon.report.why import why_report

__all__ = [
    "WIDTH",
    "cases_report",
    "diff_report",
    "findings_report",
    "junit_report",
    "mutation_report",
    "page_of",
    "plain",
    "probe_report",
    "rehearsal_report",
    "run_report",
    "why_report",
]
