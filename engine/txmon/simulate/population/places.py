"""Where people live, shop and travel: cities with their coordinates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

CASH_MACHINES = 6
"""Cash machines in each city, before branches."""


@dataclass(frozen=True, slots=True)
class City:
    """A city: its region, country code, degrees of latitude and longitude, and how many live there
    (in any unit; 0 abroad, where only travellers are).
    """

    region: str
    country: int
    latitude: float
    longitude: float
    weight: float = 0.0


CITIES = (
    City("Shanghai", 0, 31.23, 121.47, 9),
    City("Beijing", 0, 39.90, 116.40, 8),
    City("Guangdong", 0, 23.13, 113.26, 11),
    City("Shenzhen", 0, 22.54, 114.06, 7),
    City("Sichuan", 0, 30.57, 104.07, 7),
    City("Hubei", 0, 30.59, 114.31, 6),
    City("Zhejiang", 0, 30.27, 120.15, 7),
    City("Jiangsu", 0, 32.06, 118.80, 8),
    City("Shandong", 0, 36.65, 117.12, 7),
    City("Henan", 0, 34.75, 113.63, 6),
    City("Fujian", 0, 24.48, 118.09, 4),
    City("Hunan", 0, 28.23, 112.94, 5),
    City("Yunnan", 0, 25.04, 102.71, 3),
    City("Guangxi", 0, 22.82, 108.32, 3),
    City("Liaoning", 0, 41.80, 123.43, 4),
    City("Shaanxi", 0, 34.34, 108.94, 4),
    City("Hong Kong", 1, 22.32, 114.17),
    City("New York", 2, 40.71, -74.01),
    City("London", 3, 51.51, -0.13),
    City("Singapore", 4, 1.35, 103.82),
    City("Berlin", 5, 52.52, 13.40),
    City("Sydney", 6, -33.87, 151.21),
    City("Tokyo", 7, 35.68, 139.69),
    City("Macao", 8, 22.20, 113.54),
    City("Bangkok", 9, 13.76, 100.50),
    City("Phnom Penh", 10, 11.56, 104.92),
    City("Kuala Lumpur", 11, 3.14, 101.69),
    City("Manila", 12, 14.60, 120.98),
)
"""Those at home first; then one in each country abroad, in the order of their codes."""

HOME_CITIES = sum(city.country == 0 for city in CITIES)


def abroad_city(country: int) -> int:
    """The code of the one city of a foreign country."""
    return HOME_CITIES + country - 1


def coordinates(
    rng: np.random.Generator, city: NDArray[np.int8]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Latitudes and longitudes scattered around cities, to a hundredth of a degree."""
    latitude = np.array([one.latitude for one in CITIES])[city]
    longitude = np.array([one.longitude for one in CITIES])[city]
    scatter = rng.normal(0.0, 0.09, (2, len(city)))
    return np.round(latitude + scatter[0], 2), np.round(longitude + scatter[1], 2)
