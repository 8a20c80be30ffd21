"""Made-up payments with known fraud in them: what tests, benchmarks and the sample run on."""

from txmon.simulate.generate import Part, Simulation, parts, simulate
from txmon.simulate.output import Written, write
from txmon.simulate.scenario import Scenario

__all__ = ["Part", "Scenario", "Simulation", "Written", "parts", "simulate", "write"]
