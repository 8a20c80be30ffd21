"""Boundary tests made from a rule itself: what it does just inside, at and just outside."""

from txmon.authoring.probing.probe import Boundary, Point, Probe, probe_rules
from txmon.authoring.probing.run import run_probes
from txmon.authoring.probing.write import write_cases

__all__ = ["Boundary", "Point", "Probe", "probe_rules", "run_probes", "write_cases"]
