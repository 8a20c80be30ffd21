"""Which account codes belong to whom."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from txmon.simulate.population.places import CITIES, HOME_CITIES

if TYPE_CHECKING:
    from txmon.simulate.scenario import Scenario

_SHOPS_PER_CITY = 4


@dataclass(frozen=True, slots=True)
class Ranges:
    """Account codes by owner; a code is a place in every array over accounts.

    ``institutions`` are schools, hospitals and charities, ``markets`` take in for many shops,
    ``outsiders`` are people who bank elsewhere, ``rented`` are the accounts that criminals use.
    """

    persons: range
    savings: range
    shops: range
    firms: range
    utilities: range
    institutions: range
    markets: range
    lenders: range
    abroad: range
    outsiders: range
    rented: range

    @property
    def total(self) -> int:
        """How many accounts there are."""
        return self.rented.stop


def allot(scenario: Scenario) -> Ranges:
    """Account codes for everybody that a scenario of this size needs."""
    persons = scenario.persons
    sizes = {
        "persons": persons,
        "savings": persons * 2 // 5,
        "shops": max(_SHOPS_PER_CITY * HOME_CITIES, persons // 30),
        "firms": max(8, persons // 40),
        "utilities": max(3, persons // 5_000),
        "institutions": max(6, persons // 400),
        "markets": max(2, persons // 4_000),
        "lenders": max(4, persons // 3_000),
        "abroad": max(3 * (len(CITIES) - HOME_CITIES), persons // 80),
        "outsiders": max(40, persons // 2),
        "rented": scenario.rented,
    }
    ranges, edge = [], 0
    for field in fields(Ranges):
        ranges.append(range(edge, edge + sizes[field.name]))
        edge += sizes[field.name]
    return Ranges(*ranges)
