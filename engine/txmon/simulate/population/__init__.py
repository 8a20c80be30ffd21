"""Who pays whom: customers, shops, firms, people at other banks, and accounts that are rented."""

from txmon.simulate.population.people import CIRCLE, Population, populate
from txmon.simulate.population.ranges import Ranges

__all__ = ["CIRCLE", "Population", "Ranges", "populate"]
